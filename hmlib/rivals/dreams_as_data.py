"""What rivals without an encoder share: dreams that stand for the data, and the climb on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import as_start_has, count, draws_alike, generator, kind
from hmlib._memory import keep_freed_memory
from hmlib.ddc import Chain, Family, fresh
from hmlib.ddc.tops import Top
from hmlib.learning import Adam, Steps, anneal
from hmlib.learning.optimisers import Rate, rates_of
from hmlib.learning.walking import generator_at, walk, workable
from hmlib.rivals.ruler import Ruler, quiet, warn_of_still_data

Array = NDArray[np.float64]

Gradient = Callable[[Chain, Array, np.random.Generator], tuple[Array, float | None]]
"""From a model, data and a generator to the gradient, as one vector, and what was reached."""

_FRESH = Adam()

_RATE = 0.02
"""Learning rate at the start."""


@dataclass(frozen=True, eq=False, repr=False)
class ModelStep:
    """Where the learning of a model without an encoder stands.

    Attributes:
        model: the generative model.
        count: steps done.
        optimiser: state of Adam.
        rng_state: state of the random generator.
        reached: estimate of the mean log likelihood of the last minibatch, in nats, if there is
            one.
    """

    model: Chain
    count: int = 0
    optimiser: Adam = _FRESH
    rng_state: Mapping[str, Any] | None = None
    reached: float | None = None

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
        reached = "" if self.reached is None else f", L about {self.reached:.4f}"
        return f"Step {self.count}: {self.model.units}{reached}"


def climb(
    gradient: Gradient,
    model: Chain | None,
    x: ArrayLike,
    rng: np.random.Generator | None,
    steps: int,
    rate: Rate | None,
    minibatch: int | None,
    every: int,
    start: ModelStep | None,
) -> Steps[ModelStep]:
    """Adam on this gradient, in units of the data's spread; arguments as in `prior_dreams`."""
    if start is None:
        rng = generator("rng", rng)
        model = quiet(fresh(x, rng)) if model is None else kind("model", model, Chain)
        step = ModelStep(model)
    else:
        step = kind("start", start, ModelStep)
        if start.rng_state is not None:
            as_start_has("rng", rng, "its own", draws_alike(rng, start.rng_state))
            rng = start.generator()
        as_start_has("model", model, start.model, start.model.same_as(model))
    x = step.model.layers[0].observed(x)
    minibatch = None if minibatch is None else count("minibatch", minibatch)
    rng, steps = generator("rng", rng), count("steps", steps)
    if rate is None:
        rate = anneal(_RATE, step.count + steps, start=0.0)
    warn_of_still_data(step.model, x)
    step = replace(step, rng_state=rng.bit_generator.state)
    keep_freed_memory()
    climber = _Climber(gradient, step, rng, x, rates_of(rate, 1), minibatch)
    return walk(climber, step, steps, every, fresh=start is None)


class _Climber:
    """Moves along the gradient of fresh dreams."""

    def __init__(
        self,
        gradient: Gradient,
        step: ModelStep,
        rng: np.random.Generator,
        x: Array,
        rates: Callable[[int], tuple[float, ...]],
        minibatch: int | None,
    ) -> None:
        self.gradient, self.now, self.rng, self.x = gradient, step, rng, x
        self.rates, self.minibatch = rates, minibatch
        self.units = Ruler(step.model, x).of_model

    def advance(self, n: int) -> None:
        for _ in range(n):
            self._move()

    def _move(self) -> None:
        model, x = self.now.model, self.x
        if self.minibatch is not None:
            x = x[self.rng.integers(len(x), size=self.minibatch)]
        gradient, reached = self.gradient(model, x, self.rng)
        (rate,) = self.rates(self.now.count)
        move, optimiser = self.now.optimiser.move(self.units * gradient, rate)
        vector = workable(model.ravel() + self.units * move)
        self.now = ModelStep(model.like(vector), self.now.count + 1, optimiser, reached=reached)

    def step(self) -> ModelStep:
        return replace(self.now, rng_state=self.rng.bit_generator.state)


def log_likelihoods(bottom: Family, x: Array, z: Array) -> Array:
    """log p(x_i | z_s) of every pair, shape (n, S), in nats, by one matrix product.

    log p(x|z) = (S(x) - S(x_0)) . eta(z) + log p(x_0|z), for any family.
    """
    bottom, x = _centred(bottom, x)
    reference = x[:1]
    stats = (bottom.suff_stats(x) - bottom.suff_stats(reference)).reshape(len(x), -1)
    at_reference = bottom.log_prob(reference.repeat(len(z), axis=0), z)
    pairs: Array = stats @ bottom.natural(z).reshape(len(z), -1).T + at_reference
    return pairs


def joint_gradient(model: Chain, x: Array, latents: Sequence[Array], weights: Array) -> Array:
    """Gradient of mean_i sum_s c_is log p(x_i, z_s) in all parameters, as one vector.

    Args:
        x: data, shape (n, n_x).
        latents: z_1, ..., z_D of the dreams, shapes (S, n_l).
        weights: c, shape (n, S); of either sign.
    """
    bottom, x = _centred(model.layers[0], x)
    c = weights.mean(axis=0)
    stats = bottom.suff_stats(x)
    t = (weights.T @ stats.reshape(len(x), -1) / len(x)).reshape(len(c), *stats.shape[1:])
    above = layer_gradients(model.layers[1:], latents, c)
    return np.concatenate([bottom.pull(latents[0], t, c), above])


def layer_gradients(layers: Sequence[Family], values: Sequence[Array], c: Array) -> Array:
    """Gradient of sum_s c_s log p(y_s, ...) of the top layer and those below it, as one vector.

    Args:
        layers: the lowest first, the top last.
        values: what each of them has drawn, shapes (S, n_l).
        c: weights, shape (S,).
    """
    *driven, top = layers
    pairs = zip(driven, pairwise(values), strict=True)
    parts = [layer.weighted_score(y, z, c) for layer, (y, z) in pairs]
    return np.concatenate([*parts, cast(Top, top).weighted_score(values[-1], None, c)])


def _centred(bottom: Family, x: Array) -> tuple[Family, Array]:
    """The layer of x minus its mean, where it has a bias to take that up.

    Squares of numbers far from 0 would take the digits away from their differences; the gradient
    is the same.
    """
    if bottom.noise is None:
        return bottom, x
    centre = x.mean(axis=0)
    return bottom.shifted(centre), x - centre
