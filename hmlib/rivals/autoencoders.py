"""The autoencoders VAE and IWAE: learning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import (
    as_start_has,
    binary_rows,
    count,
    draws_alike,
    finite_array,
    generator,
    rows,
)
from hmlib._memory import keep_freed_memory
from hmlib.ddc import Bernoulli, Chain, fresh
from hmlib.ddc.families import log_normal
from hmlib.learning import Adam, Steps
from hmlib.learning.optimisers import Rate, rates_of
from hmlib.learning.walking import generator_at, walk, workable
from hmlib.rivals.encoder import Encoder
from hmlib.rivals.gradients import CONTINUOUS, latents, log_joint, named
from hmlib.rivals.ruler import Ruler, quiet, warn_of_still_data

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class AutoencoderStep:
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
    rng_state: Mapping[str, Any] | None = None
    bound: float | None = None

    @property
    def gen(self) -> Chain:
        """The generative model, under the name that it has in all kinds of learning."""
        return self.model

    def generator(self) -> np.random.Generator:
        """A random generator that draws what would have been drawn after this step.

        Raises:
            ValueError: if the step was not made by learning, and has none.
        """
        if self.rng_state is None:
            raise ValueError("rng_state is None; accepted: a step of learning")
        return generator_at(dict(self.rng_state))

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
    encoder_units: int | None = None,
    every: int = 1,
    start: AutoencoderStep | None = None,
) -> Steps[AutoencoderStep]:
    """Climb L_K in the generative model and the encoder: K = 1 a VAE, larger K an IWAE.

    Begin with noise well below the variance of the data: a tenth of it, say. While the noise
    explains all of the data, a VAE finds nothing that latents would be good for.

    Data are learnt about their mean and in units of their spread: rescaled and shifted data give
    the same dreams, rescaled and shifted, up to rounding.

    Args:
        model: chain to start from; its latents must be continuous. Where it has Gaussian noise,
            that is learnt, too. None: the network that `ddc.fresh(x, rng)` gives, with a tenth of
            its noise.
        x: data, shape (n, n_x).
        rng: random generator; needed unless the run is continued.
        k: guesses a datum, K >= 1.
        steps: number of steps.
        rate: of Adam, above 0; or two, the model's and the encoder's; or a function of the steps
            done that gives either, and may give 0: with `lambda done: (0.0, 0.002)` the model
            stays as it is and only the encoder learns, to judge a model learnt in another way.
        minibatch: data drawn for each step, with replacement; None: all data in every step.
        encoder_units: units of each of the encoder's two hidden layers; 100 if None.
        every: steps from one record to the next.
        start: a step to continue from. model, encoder, Adam's state and the random generator are
            then its own: an argument that says otherwise is refused, and all others are as given
            here. A run that was stopped and goes on, with the same arguments, is the run that was
            never stopped, bit for bit; a rate that was planned to end at 0 after the first part
            has ended there.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted, or is not what `start` has.
        Diverged: on the way, if a parameter is no longer finite; it keeps the last good step.

    Warns:
        RuntimeWarning: for coordinates of x with Gaussian noise that never change.
    """
    if start is None:
        rng = generator("rng", rng)
        model = quiet(fresh(x, rng)) if model is None else model
        x, units = checked_data(model, x), 100 if encoder_units is None else encoder_units
        step = AutoencoderStep(model, Encoder.random(rng, x, latents(model), units))
    elif isinstance(start, AutoencoderStep):
        step, x = start, checked_data(start.model, x)
        if start.rng_state is not None:
            as_start_has("rng", rng, "its own", draws_alike(rng, start.rng_state))
            rng = start.generator()
        as_start_has("model", model, start.model, start.model.same_as(model))
        width = start.encoder.biases[0].size
        as_start_has("encoder_units", encoder_units, width, encoder_units == width)
    else:
        raise ValueError(
            f"start is of type {type(start).__name__}; accepted: a rivals.AutoencoderStep"
        )
    minibatch = None if minibatch is None else count("minibatch", minibatch)
    rng = generator("rng", rng)
    warn_of_still_data(step.model, x)
    step = replace(step, rng_state=rng.bit_generator.state)
    keep_freed_memory()
    learner = _Autoencoder(step, rng, x, count("k", k), rates_of(rate, 2), minibatch)
    return walk(learner, step, steps, every, fresh=start is None)


class _Autoencoder:
    """Moves up the gradient of L_K on fresh guesses."""

    def __init__(
        self,
        step: AutoencoderStep,
        rng: np.random.Generator,
        x: Array,
        k: int,
        rates: Callable[[int], tuple[float, ...]],
        minibatch: int | None,
    ) -> None:
        self.now, self.rng, self.x, self.k = step, rng, x, k
        self.rates, self.minibatch = rates, minibatch
        self.ruler = Ruler(step.model, x)

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
        units, ruler = self.ruler.of_model, self.ruler
        move_model, for_model = for_model.move(units * d_model, rates[0])
        move_encoder, for_encoder = for_encoder.move(ruler.of_encoder(encoder, d_encoder), rates[1])
        self.now = AutoencoderStep(
            model.like(workable(model.ravel() + units * move_model)),
            encoder.like(workable(encoder.ravel() + ruler.to_encoder(encoder, move_encoder))),
            self.now.count + 1,
            (for_model, for_encoder),
            bound=float(reached.mean()),
        )

    def step(self) -> AutoencoderStep:
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
    check_encoder(model, encoder)
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


def _log_weights(
    model: Chain, mean: Array, log_var: Array, x: Array, noise: Array
) -> tuple[Array, Callable[[Array], tuple[Array, Array]]]:
    """log p(x, z_k) / q(z_k|x), shape (n, K), and the way back through log p(x, z)."""
    n, k, n_z = noise.shape
    z = mean[:, None] + np.exp(log_var / 2)[:, None] * noise
    log_q = log_normal(noise, np.zeros(n_z)) - log_var.sum(axis=1)[:, None] / 2
    log_p, back = log_joint(model, x.repeat(k, axis=0), z.reshape(n * k, n_z))
    return log_p.reshape(n, k) - log_q, back


def checked_data(model: Chain, x: ArrayLike) -> Array:
    """The data, once they and the model are known to be such as an autoencoder can learn from."""
    if not isinstance(model, Chain):
        raise ValueError(f"model is of type {type(model).__name__}; accepted: a ddc.Chain")
    for l, layer in enumerate(model.layers):
        accepted = CONTINUOUS if l else (*CONTINUOUS, Bernoulli)
        if not isinstance(layer, accepted):
            raise ValueError(
                f"layers[{l}] of the model is {type(layer).__name__}; accepted: "
                f"{named(accepted)}, since the gradient goes through the latents"
            )
    check = binary_rows if isinstance(model.layers[0], Bernoulli) else rows
    return check("x", x, model.n_x)


def check_encoder(model: Chain, encoder: Encoder) -> None:
    """Raise ValueError unless the encoder guesses the latents of the model from its x."""
    if not isinstance(encoder, Encoder):
        raise ValueError(f"encoder is of type {type(encoder).__name__}; accepted: Encoder")
    if (encoder.n_x, encoder.n_z) != (model.n_x, latents(model)):
        raise ValueError(
            f"encoder has {encoder.units}; accepted: {model.n_x} input(s) and "
            f"{latents(model)} latent(s), as the model has"
        )
