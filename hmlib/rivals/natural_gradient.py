"""Natural reweighted wake-sleep: both models move along the steepest slope of their distribution.

A step of given length in the parameters may change a distribution much or little. The natural
gradient F^-1 g, F the Fisher information, is the steepest direction for a step of given change of
the distribution. In a belief network of logistic units F is exactly block-diagonal, with a block
for the weights and the bias of each unit i that the layer h (with a unit that is always on) drives:

F_i = E[f(x_i) (1 - f(x_i)) h h^T],  x_i the drive of unit i,

with the expectation over the model's own h. Nothing is left out by taking the blocks alone.

Source: Várady, Volpi, Malagò & Ay 2022, Natural reweighted wake-sleep.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit as sigmoid
from scipy.special import softmax

from hmlib import exact
from hmlib._checks import binary_rows, check_fit, choice, count, data_weights, positive
from hmlib.binary import Generative, Recognition, log_bernoulli
from hmlib.layered import Layered, LayeredRecognition
from hmlib.learning import Steps
from hmlib.learning.optimisers import Rate, rates_of
from hmlib.learning.places import Model, layer_of, places
from hmlib.learning.step import Step, beginning, present, with_generator
from hmlib.learning.walking import walk, workable

Array = NDArray[np.float64]

PHI = ("sleep", "wake")
EXPECTATIONS = ("sampled", "exact")

_ROWS = 64
"""Inputs at a time, where a metric is summed over all their causes."""

_MOST_CAUSES = 10
"""Causes over which an exact metric is summed, at most."""


def natural_wake_sleep(
    gen: Generative | Layered,
    rec: Recognition | LayeredRecognition,
    u: ArrayLike,
    weights: ArrayLike | None = None,
    rate: Rate = 0.1,
    steps: int = 1000,
    minibatch: int = 50,
    rng: np.random.Generator | None = None,
    k: int = 10,
    phi: str = "wake",
    damping: float = 0.05,
    metric: str = "sampled",
    n_dreams: int = 1000,
    refresh: int = 10,
    every: int = 1,
    start: Step | None = None,
) -> Steps[Step]:
    """Reweighted wake-sleep, its gradients made natural by the exact blocks of the Fisher matrix.

    Args:
        gen, rec, u, weights, rate, steps, minibatch, rng, k, every: as in
            `learning.reweighted_wake_sleep`; the moves are plain, rate times natural gradient.
        phi: recognition learns from the weighted guesses ("wake") or from dreams ("sleep").
        damping: added to the diagonal of every block, above 0, so that a unit that is never or
            always driven alike does not move without bound.
        metric: "exact", summed over all causes (at most 10), or "sampled".
        n_dreams: draws for a sampled metric.
        refresh: steps for which a metric is kept.
        start: a step to continue from, at a multiple of `refresh` steps if the run is to be the
            one that never stopped; the models and the random generator are its own.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted.
        Diverged: on the way, if a parameter is no longer finite; it keeps the last good step.
    """
    step = beginning(gen, rec, start)
    check_fit(step.gen, present(step.rec))
    u = binary_rows("u", u, step.gen.n_u)
    weights = data_weights(weights, len(u))
    choice("phi", phi, PHI)
    if choice("metric", metric, EXPECTATIONS) == "exact" and step.gen.n_v > _MOST_CAUSES:
        raise ValueError(
            f"metric is 'exact' for {step.gen.n_v} causes; accepted: 'sampled', or at most "
            f"{_MOST_CAUSES} causes"
        )
    step, rng = with_generator(step, rng)
    learner = _Natural(
        step, rng, u, weights, rates_of(rate, len(step.gen.sizes)), count("minibatch", minibatch),
        count("k", k), phi, positive("damping", damping), metric, count("n_dreams", n_dreams),
        count("refresh", refresh),
    )  # fmt: skip
    return walk(learner, step, steps, every, fresh=start is None)


def fisher(model: Model, u: Array, v: Array, weights: Array) -> list[Array]:
    """Blocks of the Fisher matrix, one a unit, for given draws of the layers that drive it.

    Args:
        model: a generative model, whose u does not matter, or a recognition model.
        u, v: inputs and causes, shapes (n, n_u) and (n, n_v).
        weights: of the draws, shape (n,), sum 1.

    Returns:
        For each layer, bottom first, shape (units, m + 1, m + 1) with m units that drive it and,
        last, the bias.
    """
    found = []
    for layer in _layers(model, u, v):
        on = sigmoid(layer.drive)
        slope = weights[:, None] * on * (1 - on)
        h = layer.source
        found.append(np.array([(h * slope_i[:, None]).T @ h for slope_i in slope.T]))
    return found


def natural(model: Model, gradient: Array, blocks: Sequence[Array], damping: float) -> Array:
    """(F + damping I)^-1 gradient, block by block, in the order of `model.ravel()`."""
    found = np.empty_like(gradient)
    for places_l, F in zip(_places(model), blocks, strict=True):
        ridged = F + damping * np.eye(F.shape[1])
        found[places_l] = np.linalg.solve(ridged, gradient[places_l][..., None])[..., 0]
    return found


def metric_of_dreams(gen: Generative | Layered) -> list[Array]:
    """The exact blocks of the generative model, summed over all causes."""
    v = exact.states(gen.n_v)
    layers = _layers(gen, np.zeros((len(v), gen.n_u)), v)
    log_prior = sum(log_bernoulli(layer.unit, layer.drive) for layer in layers[1:])
    return fisher(gen, np.zeros((len(v), gen.n_u)), v, np.exp(log_prior))


def metric_of_guesses(
    rec: Recognition | LayeredRecognition, u: Array, weights: Array
) -> list[Array]:
    """The blocks of the recognition model for these inputs, summed over all causes."""
    v, total = exact.states(rec.n_v), None
    for start in range(0, len(u), _ROWS):
        here, share = u[start : start + _ROWS], weights[start : start + _ROWS]
        p = (share[:, None] * exact.recognition_table(rec, here)).ravel()
        part = fisher(rec, here.repeat(len(v), axis=0), np.tile(v, (len(here), 1)), p)
        total = part if total is None else [a + b for a, b in zip(total, part, strict=True)]
    return total or []


def gradient(model: Model, u: Array, v: Array, weights: Array) -> Array:
    """sum_n weights_n grad log p of the rows, as one vector: the delta rule."""
    found = np.empty(model.ravel().size)
    for places_l, layer in zip(_places(model), _layers(model, u, v), strict=True):
        error = weights[:, None] * (layer.unit - sigmoid(layer.drive))
        found[places_l] = error.T @ layer.source
    return found


@dataclass(frozen=True)
class _Layer:
    """What one layer of units is in a row of draws, and what drives it.

    Attributes:
        unit: shape (n, n_l).
        source: the layer that drives it and a unit that is always on, shape (n, m + 1).
        drive: shape (n, n_l).
    """

    unit: Array
    source: Array
    drive: Array


def _layers(model: Model, u: Array, v: Array) -> list[_Layer]:
    """The layers that the model draws, bottom first."""
    causes = model.split(v) if isinstance(model, Layered | LayeredRecognition) else (v,)
    values = [u, *causes]
    if isinstance(model, Generative | Layered):
        drawn, driving = values, [*values[1:], np.zeros((len(u), 0))]
    else:
        drawn, driving = values[1:], values[:-1]
    parameters, found = model.ravel(), []
    for places_l, unit, above in zip(_places(model), drawn, driving, strict=True):
        source = np.hstack([above, np.ones((len(u), 1))])
        found.append(_Layer(unit, source, source @ parameters[places_l].T))
    return found


def _places(model: Model) -> list[Any]:
    """Places in `model.ravel()` of each layer's weights and, in the last column, biases."""
    weights, biases = places(model)
    columns = [bias[:, None] for bias in biases]
    return [np.hstack([W, b]) for W, b in zip(weights, columns, strict=False)] + columns[
        len(weights) :
    ]


class _Natural:
    """The state that changes from move to move."""

    def __init__(
        self,
        step: Step,
        rng: np.random.Generator,
        u: Array,
        weights: Array,
        rates: Callable[[int], tuple[float, ...]],
        minibatch: int,
        k: int,
        phi: str,
        damping: float,
        metric: str,
        n_dreams: int,
        refresh: int,
    ) -> None:
        self.gen, self.rec, self.count = step.gen, present(step.rec), step.count
        self.rng, self.u, self.weights, self.rates = rng, u, weights, rates
        self.n, self.k, self.phi, self.damping = minibatch, k, phi, damping
        self.exact, self.n_dreams, self.refresh = metric == "exact", n_dreams, refresh
        self.layers = layer_of(self.gen), layer_of(self.rec)
        self.metrics: tuple[list[Array], list[Array]] | None = None
        self.bound: float | None = step.bound
        self.tries = step.tries

    def advance(self, n: int) -> None:
        for _ in range(n):
            if self.metrics is None or self.count % self.refresh == 0:
                self.metrics = self._metric_of_gen(), self._metric_of_rec()
            self._move(*self.metrics)
            self.count += 1

    def _metric_of_gen(self) -> list[Array]:
        if self.exact:
            return metric_of_dreams(self.gen)
        v, u = self.gen.sample(self.rng, self.n_dreams)
        return fisher(self.gen, u, v, np.full(len(u), 1 / len(u)))

    def _metric_of_rec(self) -> list[Array]:
        """For the inputs that recognition learns from."""
        u, weights = self.u, self.weights
        if self.phi == "sleep":
            u = self.gen.sample(self.rng, self.n_dreams)[1]
        elif not self.exact:
            u = u[self.rng.choice(len(u), size=self.n_dreams, p=weights)]
        if len(u) != len(weights) or u is not self.u:
            weights = np.full(len(u), 1 / len(u))
        if self.exact:
            return metric_of_guesses(self.rec, u, weights)
        return fisher(self.rec, u, self.rec.sample(self.rng, u), weights)

    def _move(self, of_gen: list[Array], of_rec: list[Array]) -> None:
        gen, rec = self.gen, self.rec
        u = self.u[self.rng.choice(len(self.u), size=self.n, p=self.weights)]
        u = u.repeat(self.k, axis=0)
        v = rec.sample(self.rng, u)
        log_w = (gen.log_prob(v, u) - rec.log_prob(v, u)).reshape(self.n, self.k)
        self.bound = float(np.logaddexp.reduce(log_w, axis=1).mean() - np.log(self.k))
        omega = softmax(log_w, axis=1).ravel() / self.n
        d_gen = natural(gen, gradient(gen, u, v, omega), of_gen, self.damping)
        if self.phi == "sleep":
            v, u = gen.sample(self.rng, self.n)
            omega = np.full(self.n, 1 / self.n)
        d_rec = natural(rec, gradient(rec, u, v, omega), of_rec, self.damping)
        rates = np.array(self.rates(self.count))
        on_gen, on_rec = self.layers
        self.gen = gen.like(workable(gen.ravel() + rates[on_gen] * d_gen))
        self.rec = rec.like(workable(rec.ravel() + rates[on_rec] * d_rec))

    def step(self) -> Step:
        state = self.rng.bit_generator.state
        return Step(
            self.gen, self.rec, None, "wake-sleep", self.count, None, state, self.bound, self.tries
        )
