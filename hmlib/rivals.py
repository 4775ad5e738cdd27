"""What DDC is compared with: the variational and the importance-weighted autoencoder.

Both have the generative model of a `ddc.Chain` and an encoder, a network that turns x into a
Gaussian guess q(z|x) of all latents. With K guesses z_k ~ q(z|x) a datum they climb

L_K(x) = E log (1/K) sum_k p(x, z_k) / q(z_k|x) <= log p(x)

in the model and the encoder together: K = 1 is the variational autoencoder, whose L_1 is the free
energy F; larger K is the importance-weighted one, and L_K comes up to log p(x) as K grows. The
guess is written z = m(x) + sd(x) e with e ~ N(0, I), so that the gradient goes through it.

Sources: Kingma & Welling 2014; Rezende, Mohamed & Wierstra 2014; Burda, Grosse & Salakhutdinov
2016.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import singledispatch
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import binary_rows, count, finite_array, generator, rows
from hmlib._memory import keep_freed_memory
from hmlib.binary import Parameters, log_bernoulli, sigmoid, softplus
from hmlib.ddc import (
    Bernoulli,
    Chain,
    Family,
    Gaussian,
    GaussianScale,
    Laplace,
    Mixture,
    Network,
    StandardNormal,
    fresh,
)
from hmlib.ddc.families import log_normal
from hmlib.ddc.instruments import spread_about
from hmlib.learning import Adam, Steps
from hmlib.learning.optimisers import Rate, rates_of
from hmlib.learning.step import generator_at, walk, with_generator, workable

__all__ = ["Encoder", "Estimate", "Step", "bound", "estimate", "fit"]

Array = NDArray[np.float64]
Back = Callable[[Array], tuple[Array, Array, Array | None]]
"""From weights w of the rows to the gradient of sum_s w_s log p(y_s|z_s): in the parameters, as
one vector, in each y_s and in each z_s."""

CONTINUOUS = (Gaussian, GaussianScale, Laplace, Mixture, Network, StandardNormal)
"""Families whose log density has a gradient in what is drawn, so that latents may be of them."""

_NUMBERS = 2_000_000
"""Numbers in one array of an estimate, at most."""


@dataclass(frozen=True, eq=False, repr=False)
class Encoder(Parameters):
    """q(z|x) = N(m(x), diag exp(log_var(x))): a network of tanh layers with two outputs a latent.

    All latents z = (z_1, ..., z_D) of a chain are guessed side by side and at once: given x they
    are independent under q. A guess of each layer from the one below would cost a network more.

    Attributes:
        weights: one matrix a layer, shapes (n_h, n_x), (n_h, n_h), ..., (2 n_z, n_h).
        biases: one vector a layer, shapes (n_h,), ..., (2 n_z,); the last layer gives m(x), then
            log_var(x).

    Raises:
        ValueError: if a parameter is not finite or the shapes do not fit together.
    """

    weights: tuple[Array, ...] = field(metadata={"ndim": 2, "by_layer": True})
    biases: tuple[Array, ...] = field(metadata={"ndim": 1, "by_layer": True})

    def __post_init__(self) -> None:
        super().__post_init__()
        shapes = [weights.shape for weights in self.weights]
        fit = [shape[0] for shape in shapes] == [bias.size for bias in self.biases]
        chained = all(below[0] == above[1] for below, above in pairwise(shapes))
        if not shapes or not fit or not chained or shapes[-1][0] % 2 or 0 in shapes[-1]:
            raise ValueError(
                f"weights have shapes {shapes} beside biases of {[b.size for b in self.biases]}; "
                "accepted: (n_h, n_x), ..., (2 n_z, n_h), each with its bias"
            )

    @classmethod
    def random(
        cls, rng: np.random.Generator, points: ArrayLike, n_z: int, units: int = 100
    ) -> Encoder:
        """Two hidden layers of random weights that see unit scale; guesses of about N(0, I).

        Args:
            rng: random generator.
            points: values that x takes, shape (m, n_x).
            n_z: units of all latents together.
            units: of each hidden layer.

        Raises:
            ValueError: for bad points or no units.
        """
        rng, n_z, units = generator("rng", rng), count("n_z", n_z), count("encoder_units", units)
        points = finite_array("points", points, 2)
        if not points.size:
            raise ValueError(f"points has shape {points.shape}; accepted: (m, n_x), both >= 1")
        # A coordinate that never moves has no scale of its own, whatever rounding makes of it.
        scale = spread_about(points) * np.sqrt(points.shape[1])
        first = rng.standard_normal((units, points.shape[1])) / scale
        second = rng.standard_normal((units, units)) / np.sqrt(units)
        last = 0.1 * rng.standard_normal((2 * n_z, units)) / np.sqrt(units)
        biases = (-first @ points.mean(axis=0), np.zeros(units), np.zeros(2 * n_z))
        return cls((first, second, last), biases)

    @property
    def n_x(self) -> int:
        """Width of x."""
        return self.weights[0].shape[1]

    @property
    def n_z(self) -> int:
        """Units of all latents together."""
        return self.biases[-1].size // 2

    @property
    def units(self) -> str:
        """The numbers of units in words."""
        hidden = "-".join(str(bias.size) for bias in self.biases[:-1])
        return f"{self.n_x} input(s), {hidden} hidden units, {self.n_z} latent(s)"

    def moments(self, x: ArrayLike) -> tuple[Array, Array]:
        """m(x) and log_var(x), shapes (n, n_z)."""
        return self.forward(rows("x", x, self.n_x))[:2]

    def sample(self, rng: np.random.Generator, x: ArrayLike) -> Array:
        """Draw a guess z for each row of x, shape (n, n_z)."""
        mean, log_var = self.moments(x)
        return mean + np.exp(log_var / 2) * generator("rng", rng).standard_normal(mean.shape)

    def log_prob(self, z: ArrayLike, x: ArrayLike) -> Array:
        """log q(z|x) of each row, shape (n,), in nats."""
        mean, log_var = self.moments(x)
        return log_normal(rows("z", z, self.n_z) - mean, log_var)

    def forward(self, x: Array) -> tuple[Array, Array, Callable[[Array, Array], Array]]:
        """m(x), log_var(x), and the way back.

        The way back takes the gradients in m and log_var, shapes (n, n_z), to the gradient in the
        parameters, as one vector.
        """
        *hidden, last = zip(self.weights, self.biases, strict=True)
        values = [x]
        for W, b in hidden:
            values.append(np.tanh(values[-1] @ W.T + b))
        out = values[-1] @ last[0].T + last[1]

        def back(d_mean: Array, d_log_var: Array) -> Array:
            error, d_weights, d_biases = np.hstack([d_mean, d_log_var]), [], []
            for W, below in zip(self.weights[::-1], values[::-1], strict=True):
                d_weights.append(error.T @ below)
                d_biases.append(error.sum(axis=0))
                if below is not x:
                    error = (error @ W) * (1 - below**2)
            return _vector(*d_weights[::-1], *d_biases[::-1])

        return out[:, : self.n_z], out[:, self.n_z :], back


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """Where learning stands.

    Attributes:
        model: the generative model.
        encoder: q(z|x).
        count: steps done.
        optimiser: state of Adam for the model, and for the encoder.
        rng_state: state of the random generator.
        bound: mean of L_K over the last minibatch, in nats.
    """

    model: Chain
    encoder: Encoder
    count: int = 0
    optimiser: tuple[Adam, Adam] = (Adam(), Adam())
    rng_state: dict[str, Any] | None = None
    bound: float | None = None

    @property
    def gen(self) -> Chain:
        """The generative model, under the name that it has in all kinds of learning."""
        return self.model

    def generator(self) -> np.random.Generator:
        """A random generator that draws what would have been drawn after this step."""
        return generator_at(self.rng_state)

    def __repr__(self) -> str:
        reached = "" if self.bound is None else f", L_K {self.bound:.4f}"
        return f"Step {self.count}: {self.model.units}{reached}"


def fit(
    model: Chain | None,
    x: ArrayLike,
    rng: np.random.Generator | None = None,
    k: int = 1,
    steps: int = 3000,
    rate: Rate = 0.002,
    minibatch: int | None = 200,
    encoder_units: int = 100,
    every: int = 1,
    start: Step | None = None,
) -> Steps:
    """Climb L_K in the generative model and the encoder: K = 1 a VAE, larger K an IWAE.

    Begin with noise well below the variance of the data: a tenth of it, say. While the noise
    explains all of the data, a VAE finds nothing that latents would be good for.

    Args:
        model: chain to start from; its latents must be continuous. Where it has Gaussian noise,
            that is learnt, too. None: the network that `ddc.fresh(x, rng)` gives, with a tenth of
            its noise.
        x: data, shape (n, n_x), of about unit scale.
        rng: random generator; needed unless the run is continued.
        k: guesses a datum, K >= 1.
        steps: number of steps.
        rate: of Adam, above 0; or two, the model's and the encoder's; or a function of the steps
            done that gives either, and may give 0: with `lambda done: (0.0, 0.002)` the model
            stays as it is and only the encoder learns, to judge a model learnt in another way.
        minibatch: data drawn for each step, with replacement; None: all data in every step.
        encoder_units: units of each of the encoder's two hidden layers.
        every: steps from one record to the next.
        start: a step to continue from; model, encoder, Adam's state and the random generator are
            then its own.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted.
        Diverged: on the way, if a parameter is no longer finite; it keeps the last good step.
    """
    if start is None:
        rng = generator("rng", rng)
        model = _quiet(fresh(x, rng)) if model is None else model
        x = _checked(model, x)
        step = Step(model, Encoder.random(rng, x, _latents(model), encoder_units))
    elif isinstance(start, Step):
        step, x = start, _checked(start.model, x)
    else:
        raise ValueError(f"start is of type {type(start).__name__}; accepted: a rivals.Step")
    minibatch = None if minibatch is None else count("minibatch", minibatch)
    step, rng = with_generator(step, rng)
    keep_freed_memory()
    learner = _Autoencoder(step, rng, x, count("k", k), rates_of(rate, 2), minibatch)
    return walk(learner, step, steps, every, fresh=start is None)


def _quiet(model: Chain) -> Chain:
    """The model with a tenth of the noise of its bottom layer."""
    bottom = model.layers[0]
    return Chain((replace(bottom, log_var=bottom.log_var - np.log(10)), *model.layers[1:]))


class _Autoencoder:
    """Moves up the gradient of L_K on fresh guesses."""

    def __init__(
        self,
        step: Step,
        rng: np.random.Generator,
        x: Array,
        k: int,
        rates: Callable[[int], tuple[float, ...]],
        minibatch: int | None,
    ) -> None:
        self.now, self.rng, self.x, self.k = step, rng, x, k
        self.rates, self.minibatch = rates, minibatch

    def advance(self, n: int) -> None:
        for _ in range(n):
            self._move()

    def _move(self) -> None:
        model, encoder, x = self.now.model, self.now.encoder, self.x
        if self.minibatch is not None:
            x = x[self.rng.integers(len(x), size=self.minibatch)]
        noise = self.rng.standard_normal((len(x), self.k, encoder.n_z))
        reached, d_model, d_encoder = bound(model, encoder, x, noise)
        rates, (for_model, for_encoder) = self.rates(self.now.count), self.now.optimiser
        move_model, for_model = for_model.move(d_model, rates[0])
        move_encoder, for_encoder = for_encoder.move(d_encoder, rates[1])
        self.now = Step(
            model.like(workable(model.ravel() + move_model)),
            encoder.like(workable(encoder.ravel() + move_encoder)),
            self.now.count + 1,
            (for_model, for_encoder),
            bound=float(reached.mean()),
        )

    def step(self) -> Step:
        return replace(self.now, rng_state=self.rng.bit_generator.state)


def bound(model: Chain, encoder: Encoder, x: Array, noise: Array) -> tuple[Array, Array, Array]:
    """L_K of each datum for given noise e, and the gradient of its mean.

    With the weights w_k = p(x, z_k) / q(z_k|x), normalised over the K guesses of a datum, the
    gradient of log (1/K) sum_k w_k is sum_k w_k grad log w_k; with z_k = m + sd e_k it is
    sum_k w_k grad_z log p(x, z_k) in m, and sd / 2 sum_k w_k e_k grad_z log p(x, z_k) + 1 / 2 in
    log_var.

    Args:
        x: data, shape (n, n_x).
        noise: e, standard normal, shape (n, K, n_z).

    Returns:
        L_K, shape (n,), in nats; the gradients of its mean in the parameters of the model and of
        the encoder, as vectors.

    Raises:
        ValueError: if x or noise does not fit the model and the encoder.

    Source: Burda, Grosse & Salakhutdinov 2016, section 3.
    """
    x = rows("x", x, model.n_x)
    _check_fit(model, encoder)
    shape = np.shape(noise)
    if len(shape) != 3 or not shape[1] or (shape[0], shape[2]) != (len(x), encoder.n_z):
        raise ValueError(f"noise has shape {shape}; accepted: ({len(x)}, K, {encoder.n_z})")
    noise = finite_array("noise", noise, 3)
    mean, log_var, encoder_back = encoder.forward(x)
    log_w, model_back = _log_weights(model, mean, log_var, x, noise)
    log_sum = np.logaddexp.reduce(log_w, axis=1)
    w = np.exp(log_w - log_sum[:, None]) / len(x)
    d_model, d_z = model_back(w.ravel())
    d_z = d_z.reshape(noise.shape)
    d_log_var = np.exp(log_var / 2) / 2 * (d_z * noise).sum(axis=1) + 1 / (2 * len(x))
    d_encoder = encoder_back(d_z.sum(axis=1), d_log_var)
    return log_sum - np.log(noise.shape[1]), d_model, d_encoder


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """The log likelihood of data, estimated with K guesses a datum.

    Attributes:
        each: L_K of each datum, shape (n,), in nats: on average a little below log p(x).
        effective: how many of its K guesses count, shape (n,): 1 / sum_k w_k^2 with normalised
            weights w. Where it is close to 1, L_K may be far too low.
        k: K.
    """

    each: Array
    effective: Array
    k: int

    @property
    def mean(self) -> float:
        """Mean of L_K over the data, in nats."""
        return float(self.each.mean())

    @property
    def error(self) -> float:
        """Standard error of the mean that is due to the draws; the data are taken as given.

        The variance of log mean w is that of w over K times its mean squared, 1/effective - 1/K.
        """
        return float(np.sqrt((1 / self.effective - 1 / self.k).clip(0).sum()) / len(self.each))

    def __repr__(self) -> str:
        return (
            f"Estimate: L_{self.k} {self.mean:.4f}, standard error {self.error:.4f}, "
            f"{np.median(self.effective):.1f} of {self.k} guesses count"
        )


def estimate(
    model: Chain,
    encoder: Encoder,
    x: ArrayLike,
    rng: np.random.Generator,
    k: int = 1000,
    dreamt: float = 0.1,
) -> Estimate:
    """Estimate log p(x) by importance sampling, with the encoder's guesses as proposals.

    A Gaussian guess sees one peak of a posterior with several, and then neither L_K nor its
    standard error shows what is missed. So some guesses are dreams, drawn from p(z), and the
    proposal is the mixture q(z) = (1 - dreamt) q(z|x) + dreamt p(z): no weight p(x, z) / q(z) is
    then above p(x|z) / dreamt.

    Args:
        model: any chain of continuous latents.
        encoder: q(z|x), which should have been fitted to this model.
        x: data, shape (n, n_x).
        rng: random generator.
        k: guesses a datum.
        dreamt: the part of them drawn from p(z), 0 to below 1.

    Raises:
        ValueError: if an argument is not accepted or the encoder does not fit the model.

    Source: Owen & Zhou 2000, Safe and effective importance sampling, for the mixture.
    """
    x, rng, k = _checked(model, x), generator("rng", rng), count("k", k)
    if not isinstance(dreamt, numbers.Real) or not 0 <= dreamt < 1:
        raise ValueError(f"dreamt is {dreamt!r}; accepted: a part of the guesses, 0 to below 1")
    _check_fit(model, encoder)
    keep_freed_memory()
    at_once = max(1, _NUMBERS // max(model.n_x, 100))
    parts = []
    for start in range(0, len(x), max(1, at_once // k)):
        here = x[start : start + max(1, at_once // k)]
        parts.append(_log_sums(model, encoder, here, rng, k, min(k, at_once), dreamt))
    log_sum, log_squares = np.concatenate(parts, axis=1)
    return Estimate(log_sum - np.log(k), np.exp(2 * log_sum - log_squares), k)


def _log_sums(
    model: Chain,
    encoder: Encoder,
    x: Array,
    rng: np.random.Generator,
    k: int,
    at_once: int,
    dreamt: float,
) -> Array:
    """log sum_k w_k and log sum_k w_k^2 of each datum, shape (2, n)."""
    mean, log_var, _ = encoder.forward(x)
    sums = np.full((2, len(x)), -np.inf)
    for first in range(0, k, at_once):
        noise = rng.standard_normal((len(x), min(at_once, k - first), encoder.n_z))
        log_w = _mixed_log_weights(model, mean, log_var, x, noise, rng, dreamt)
        for sum_, power in zip(sums, (1, 2), strict=True):
            np.logaddexp(sum_, np.logaddexp.reduce(power * log_w, axis=1), out=sum_)
    return sums


def _mixed_log_weights(
    model: Chain,
    mean: Array,
    log_var: Array,
    x: Array,
    noise: Array,
    rng: np.random.Generator,
    dreamt: float,
) -> Array:
    """log p(x, z_k) / q(z_k) of guesses and dreams z_k, shape (n, K)."""
    n, k, n_z = noise.shape
    z = mean[:, None] + np.exp(log_var / 2)[:, None] * noise
    is_dream = rng.random((n, k)) < dreamt
    if is_dream.any():
        z[is_dream] = np.hstack(model.sample(rng, int(is_dream.sum()))[1:])
    log_guess = log_normal(z - mean[:, None], log_var[:, None]).ravel()
    values = [x.repeat(k, axis=0), *_by_layer(model, z.reshape(n * k, n_z)), None]
    log_seen, *log_above = (
        layer.log_prob(y, above)
        for layer, y, above in zip(model.layers, values, values[1:], strict=False)
    )
    log_prior = sum(log_above)
    with np.errstate(divide="ignore"):
        parts = np.log1p(-dreamt) + log_guess, np.log(dreamt) + log_prior
    return (log_seen + log_prior - np.logaddexp(*parts)).reshape(n, k)


def _log_weights(
    model: Chain, mean: Array, log_var: Array, x: Array, noise: Array
) -> tuple[Array, Callable[[Array], tuple[Array, Array]]]:
    """log p(x, z_k) / q(z_k|x), shape (n, K), and the way back through log p(x, z)."""
    n, k, n_z = noise.shape
    z = mean[:, None] + np.exp(log_var / 2)[:, None] * noise
    log_q = log_normal(noise, np.zeros(n_z)) - log_var.sum(axis=1)[:, None] / 2
    log_p, back = _log_joint(model, x.repeat(k, axis=0), z.reshape(n * k, n_z))
    return log_p.reshape(n, k) - log_q, back


def _log_joint(
    model: Chain, x: Array, z: Array
) -> tuple[Array, Callable[[Array], tuple[Array, Array]]]:
    """log p(x, z) of rows of all latents side by side, and the way back.

    The way back takes weights of the rows to the gradients in the parameters and in z.
    """
    values = [x, *_by_layer(model, z), None]
    passes = [
        _log_prob(layer, y, above)
        for layer, y, above in zip(model.layers, values, values[1:], strict=False)
    ]

    def back(w: Array) -> tuple[Array, Array]:
        d_layers, d_below, d_above = zip(*(pass_back(w) for _, pass_back in passes), strict=True)
        # Every latent is driven by the layer above it and drives the one below it.
        d_z = [own + driven for own, driven in zip(d_below[1:], d_above[:-1], strict=True)]
        return np.concatenate(d_layers), np.hstack(d_z)

    return sum(log_p for log_p, _ in passes), back


@singledispatch
def _log_prob(family: Family, y: Array, z: Array | None) -> tuple[Array, Back]:
    """log p(y|z) of each row, and the way back."""
    raise ValueError(f"no gradient for {type(family).__name__}; accepted: {_names(CONTINUOUS)}")


@_log_prob.register
def _(family: Gaussian, y: Array, z: Array) -> tuple[Array, Back]:
    precision, miss = np.exp(-family.log_var), y - z @ family.A.T - family.b

    def back(w: Array) -> tuple[Array, Array, Array]:
        d_m = w[:, None] * miss * precision
        d_log_var = (w @ miss**2 * precision - w.sum()) / 2
        return _vector(d_m.T @ z, d_m.sum(axis=0), d_log_var), -d_m, d_m @ family.A

    return log_normal(miss, family.log_var), back


@_log_prob.register
def _(family: Network, y: Array, z: Array) -> tuple[Array, Back]:
    precision, hidden = np.exp(-family.log_var), np.tanh(z @ family.V.T + family.a)
    miss = y - hidden @ family.U.T - family.b

    def back(w: Array) -> tuple[Array, Array, Array]:
        d_m = w[:, None] * miss * precision
        d_log_var = (w @ miss**2 * precision - w.sum()) / 2
        d_inner = (d_m @ family.U) * (1 - hidden**2)
        d_inner_all, d_m_all = d_inner.sum(axis=0), d_m.sum(axis=0)
        d_family = _vector(d_inner.T @ z, d_inner_all, d_m.T @ hidden, d_m_all, d_log_var)
        return d_family, -d_m, d_inner @ family.V

    return log_normal(miss, family.log_var), back


@_log_prob.register
def _(family: GaussianScale, y: Array, z: Array) -> tuple[Array, Back]:
    log_var = z @ family.B.T + family.c

    def back(w: Array) -> tuple[Array, Array, Array]:
        precision = np.exp(-log_var)
        d_log_var = w[:, None] * (y**2 * precision - 1) / 2
        d_family = _vector(d_log_var.T @ z, d_log_var.sum(axis=0))
        return d_family, -w[:, None] * y * precision, d_log_var @ family.B

    return log_normal(y, log_var), back


@_log_prob.register
def _(family: Laplace, y: Array, z: Array) -> tuple[Array, Back]:
    drive = z @ family.B.T
    # Far below 0, softplus has no digits left to divide by.
    scale = np.maximum(softplus(drive), 1e-12)

    def back(w: Array) -> tuple[Array, Array, Array]:
        d_drive = w[:, None] * (np.abs(y) / scale - 1) / scale * sigmoid(drive)
        return _vector(d_drive.T @ z), -w[:, None] * np.sign(y) / scale, d_drive @ family.B

    return -(np.abs(y) / scale + np.log(2 * scale)).sum(axis=1), back


@_log_prob.register
def _(family: Bernoulli, y: Array, z: Array) -> tuple[Array, Back]:
    drive = z @ family.G.T + family.h

    def back(w: Array) -> tuple[Array, Array, Array]:
        d_drive = w[:, None] * (y - sigmoid(drive))
        return _vector(d_drive.T @ z, d_drive.sum(axis=0)), w[:, None] * drive, d_drive @ family.G

    return log_bernoulli(y, drive), back


@_log_prob.register
def _(family: StandardNormal, y: Array, z: None) -> tuple[Array, Back]:
    def back(w: Array) -> tuple[Array, Array, None]:
        return np.zeros(0), -w[:, None] * y, None

    return log_normal(y, np.zeros(family.n)), back


@_log_prob.register
def _(family: Mixture, y: Array, z: None) -> tuple[Array, Back]:
    miss = y[:, None, :] - family.means
    log_each = log_normal(miss, np.full(family.n_y, 2 * np.log(family.sd)))
    with np.errstate(divide="ignore"):
        log_each = log_each + np.log(family.shares)
    log_sum = np.logaddexp.reduce(log_each, axis=1)

    def back(w: Array) -> tuple[Array, Array, None]:
        owner = w[:, None] * np.exp(log_each - log_sum[:, None])
        return np.zeros(0), -np.einsum("nm,nmi->ni", owner, miss) / family.sd**2, None

    return log_sum, back


def _vector(*parts: Array) -> Array:
    return np.concatenate([part.ravel() for part in parts])


def _by_layer(model: Chain, z: Array) -> list[Array]:
    """z_1, ..., z_D of rows of all latents side by side."""
    widths = [layer.n_y for layer in model.layers[1:]]
    return np.split(z, np.cumsum(widths)[:-1], axis=1)


def _latents(model: Chain) -> int:
    """Units of all latents together."""
    return sum(layer.n_y for layer in model.layers[1:])


def _checked(model: Chain, x: ArrayLike) -> Array:
    """The data, once they and the model are known to be such as an autoencoder can learn from."""
    if not isinstance(model, Chain):
        raise ValueError(f"model is of type {type(model).__name__}; accepted: a ddc.Chain")
    for l, layer in enumerate(model.layers):
        accepted = CONTINUOUS if l else (*CONTINUOUS, Bernoulli)
        if not isinstance(layer, accepted):
            raise ValueError(
                f"layers[{l}] of the model is {type(layer).__name__}; accepted: "
                f"{_names(accepted)}, since the gradient goes through the latents"
            )
    check = binary_rows if isinstance(model.layers[0], Bernoulli) else rows
    return check("x", x, model.n_x)


def _check_fit(model: Chain, encoder: Encoder) -> None:
    """Raise ValueError unless the encoder guesses the latents of the model from its x."""
    if not isinstance(encoder, Encoder):
        raise ValueError(f"encoder is of type {type(encoder).__name__}; accepted: Encoder")
    if (encoder.n_x, encoder.n_z) != (model.n_x, _latents(model)):
        raise ValueError(
            f"encoder has {encoder.units}; accepted: {model.n_x} input(s) and "
            f"{_latents(model)} latent(s), as the model has"
        )


def _names(families: tuple[type, ...]) -> str:
    return ", ".join(family.__name__ for family in families)
