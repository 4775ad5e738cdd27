"""The delta rules of wake and sleep on drawn causes and dreams, quick enough to watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from hmlib.binary import log_bernoulli
from hmlib.learning.optimisers import Adam, Optimiser, Rate, rates_of
from hmlib.learning.places import Model, layer_of, places
from hmlib.learning.step import Step, optimisers, present
from hmlib.learning.walking import workable

Array = NDArray[np.float64]

M = TypeVar("M", bound=Model)

_ZERO, _ONE = np.zeros(()), np.ones(())
"""Arrays take part in small sums faster than Python numbers."""


class Matrices(Generic[M]):
    """The parameters of one model as one vector, and in it one matrix for each layer.

    A bias is the last column of its layer's matrix and meets a unit that is always on.

    Attributes:
        vector: all parameters, changed in place.
        matrices: views into the vector.
        gradient, gradients: a sum over examples, as a vector and as its matrices.
        share: 1 / n, of each example in the mean.
    """

    def __init__(self, model: M, n: int) -> None:
        weights, biases = places(model)
        blocks = [bias[:, None] for bias in biases]
        for l, block in enumerate(weights):
            blocks[l] = np.hstack([block, blocks[l]])
        self.share = np.array(1 / n)
        self.model, self.order = model, np.concatenate([block.ravel() for block in blocks])
        self.vector = self.from_model(model.ravel())
        self.gradient = np.zeros_like(self.vector)
        self.rates = np.zeros_like(self.vector)
        self.layers = layer_of(model)[self.order]
        ends = np.cumsum([block.size for block in blocks])[:-1]

        def cut(vector: Array) -> list[Array]:
            parts = np.split(vector, ends)
            return [part.reshape(b.shape) for part, b in zip(parts, blocks, strict=True)]

        self.matrices, self.gradients = cut(self.vector), cut(self.gradient)

    def from_model(self, ravelled: Array) -> Array:
        """A vector in the order of `model.ravel()` as one in the order of the matrices."""
        return np.asarray(ravelled[self.order])

    def to_model(self, vector: Array) -> Array:
        """The inverse of `from_model`."""
        ravelled = np.empty_like(vector)
        ravelled[self.order] = vector
        return ravelled

    def move(self, optimiser: Optimiser) -> Optimiser:
        """Move along the gradient, a mean over examples; returns the optimiser after it."""
        np.multiply(self.gradient, self.share, self.gradient)
        move, optimiser = optimiser.move(self.gradient, self.rates)
        self.vector += move
        return optimiser

    def now(self) -> M:
        """The model as it is now; raises NotFinite if it is none."""
        return cast(M, self.model.like(self.to_model(workable(self.vector))))


class Units:
    """The units of all layers for n examples, one a column, and what drives them.

    Under every layer stands a unit that is always on.

    Attributes:
        state, error: one row a unit, shape (rows, n).
        unit, missed: the rows of each layer in `state` and in `error`.
        source: the rows of each layer with the unit under it, and last that unit alone, from
            which the top layer gets its bias; `turned` is the same, one row an example.
        from_above, from_below: what the generative and the recognition model send to the units;
            x and y are the rows of each layer.
        causes: the rows of `state`, `from_below` and `error` that are not inputs.
    """

    def __init__(self, sizes: tuple[int, ...], n: int) -> None:
        starts = np.cumsum([0, *(size + 1 for size in sizes)])
        layers = [slice(s, s + size) for s, size in zip(starts, sizes, strict=False)]
        self.state, self.error = np.ones((2, starts[-1], n))
        self.from_above, self.from_below = np.zeros((2, starts[-1], n))
        self.unit = [self.state[layer] for layer in layers]
        self.missed = [self.error[layer] for layer in layers]
        self.source = [self.state[layer.start : layer.stop + 1] for layer in layers]
        self.source.append(self.state[-1:])
        self.turned = [source.T for source in self.source]
        self.x = [self.from_above[layer] for layer in layers]
        self.y = [self.from_below[layer] for layer in layers]
        self.causes = [rows[starts[1] :] for rows in (self.state, self.from_below, self.error)]


class Sampled:
    """Both delta rules on drawn causes and dreams, in arrays that are made once.

    A unit is on if its drive x is above logistic noise, which has probability f(x).
    """

    def __init__(
        self,
        step: Step,
        rng: np.random.Generator,
        u: Array,
        weights: Array,
        rate: Rate,
        minibatch: int | None,
        nonnegative: bool,
        k: int,
        theta: bool,
        phi: str,
        reweighted: bool = False,
    ) -> None:
        sizes, n = step.gen.sizes, minibatch or len(u)
        self.count, self.n, self.k = step.count, n, k
        self.bound: float | None = None
        self.tries = step.tries
        self.phase = "sleep" if not theta else "wake" if phi == "none" else "wake-sleep"
        self.theta, self.phi, self.reweighted = theta, phi, reweighted
        self.rng, self.rates = rng, rates_of(rate, len(sizes))
        self.rates_now: tuple[float, ...] | None = None
        self.gen, self.rec = Matrices(step.gen, n), Matrices(present(step.rec), n)
        for_gen, for_rec = optimisers(step)
        self.for_gen = _map_state(for_gen, self.gen.from_model)
        self.for_rec = _map_state(for_rec, self.rec.from_model)
        self.bottom = self.gen.matrices[0][:, :-1] if nonnegative else None
        self.data, self.up_to, self.minibatch = (
            np.ascontiguousarray(u.T),
            weights.cumsum(),
            minibatch,
        )
        awake, asleep = Units(sizes, n * k), Units(sizes, n)
        self.awake, self.asleep, self.share = awake, asleep, None
        if minibatch is None:
            awake.unit[0][:] = self.data.repeat(k, axis=1)
            if np.ptp(weights) > 0:
                self.share = (weights * n).repeat(k)

        drawn_awake = awake.unit[1:] if theta else []
        drawn_asleep = asleep.unit if phi in ("sleep", "both") else []
        picks = n if theta and minibatch else 0
        self.drawn = np.empty(picks + sum(unit.size for unit in (*drawn_awake, *drawn_asleep)))
        self.pick, self.noise = self.drawn[:picks], self.drawn[picks:]
        self.room, left = np.empty_like(self.noise), self.noise

        def noise_for(units: list[Array]) -> list[Array]:
            nonlocal left
            parts = []
            for unit in units:
                parts.append(left[: unit.size].reshape(unit.shape))
                left = left[unit.size :]
            return parts

        def passes(*arrays: list[Array]) -> list[tuple[Array, ...]]:
            return list(zip(*arrays, strict=False))

        # What each pass needs, layer by layer.
        W, G = self.rec.matrices, self.gen.matrices
        self.guess = passes(W, awake.source, awake.y[1:], noise_for(drawn_awake), awake.unit[1:])
        self.explain = passes(G, awake.source[1:], awake.x)
        self.wake_rule = passes(awake.missed, awake.turned[1:], self.gen.gradients)
        self.phi_rule = passes(awake.missed[1:], awake.turned, self.rec.gradients)
        noise = noise_for(drawn_asleep)
        self.dream = passes(G, asleep.source[1:], asleep.x, noise, asleep.unit)[::-1]
        self.recognise = passes(W, asleep.source, asleep.y[1:])
        self.sleep_rule = passes(asleep.missed[1:], asleep.turned, self.rec.gradients)

    def advance(self, n: int) -> None:
        for _ in range(n):
            self._draw()
            self._set_rates()
            if self.theta:
                self._wake()
            if self.phi != "none":
                self._learn_recognition()
            self.count += 1

    def _draw(self) -> None:
        """All numbers of a step at once: which data, and log(r / (1 - r)), logistic noise."""
        self.rng.random(out=self.drawn)
        noise, room = self.noise, self.room
        np.subtract(_ONE, noise, room)
        np.divide(noise, room, noise)
        np.log(noise, noise)
        if self.pick.size:
            data = self.up_to.searchsorted(self.pick, side="right")
            if self.k > 1:
                data = data.repeat(self.k)
            self.data.take(data, axis=1, out=self.awake.unit[0], mode="clip")

    def _set_rates(self) -> None:
        rates = self.rates(self.count)
        if rates is not self.rates_now:
            self.rates_now = rates
            self.gen.rates = np.array(rates)[self.gen.layers]
            self.rec.rates = np.array(rates)[self.rec.layers]

    def _wake(self) -> None:
        """v ~ Q for data u; then G moves by (s - f(x)) times what drove x, layer by layer."""
        units = self.awake
        for W, below, y, noise, unit in self.guess:
            np.dot(W, below, y)
            unit[...] = noise < y
        for G, above, x in self.explain:
            np.dot(G, above, x)
        if self.reweighted:
            self._compare()
        _miss(units.state, units.from_above, units.error)
        self._weigh(units.error)
        for missed, above, gradient in self.wake_rule:
            np.dot(missed, above, gradient)
        self.for_gen = self.gen.move(self.for_gen)
        if self.bottom is not None:
            np.maximum(self.bottom, _ZERO, out=self.bottom)

    def _learn_recognition(self) -> None:
        """W moves by (v - f(y)) times what drove y: on dreams, on weighted guesses, or on both."""
        if self.phi in ("wake", "both"):
            units = self.awake
            _miss(*units.causes)
            self._weigh(units.error)
            for missed, below, gradient in self.phi_rule:
                np.dot(missed, below, gradient)
            awake = self.rec.gradient.copy()
        if self.phi in ("sleep", "both"):
            self._sleep()
        if self.phi == "both":
            self.rec.gradient += awake
            self.rec.gradient /= 2
        self.for_rec = self.rec.move(self.for_rec)

    def _sleep(self) -> None:
        """v, u ~ P; then the delta rule of W on them."""
        for G, above, x, noise, unit in self.dream:
            np.dot(G, above, x)
            unit[...] = noise < x
        for W, below, y in self.recognise:
            np.dot(W, below, y)
        _miss(*self.asleep.causes)
        for missed, below, gradient in self.sleep_rule:
            np.dot(missed, below, gradient)

    def _compare(self) -> None:
        """omega_k in proportion to P[v_k, u] / Q[v_k|u], and L_K, the log of their mean."""
        units = self.awake
        zero = np.zeros(self.n * self.k)
        explained = zip(units.unit, units.x, strict=True)
        guessed = zip(units.unit[1:], units.y[1:], strict=True)
        log_p = sum((log_bernoulli(s.T, x.T) for s, x in explained), start=zero)
        log_q = sum((log_bernoulli(v.T, y.T) for v, y in guessed), start=zero)
        log_ratio = (log_p - log_q).reshape(self.n, self.k)
        log_sum = logsumexp(log_ratio, axis=1, keepdims=True)
        self.omega = np.exp(log_ratio - log_sum).ravel()
        share = None if self.share is None else self.share[:: self.k]
        self.bound = float(np.average(log_sum.ravel(), weights=share) - np.log(self.k))

    def _weigh(self, error: Array) -> None:
        """Give every guess its weight among those of its datum, and every datum its own."""
        if self.reweighted:
            error *= self.omega
        if self.share is not None:
            error *= self.share

    def step(self) -> Step:
        gen, rec = self.gen.now(), self.rec.now()
        optimiser = (
            _map_state(self.for_gen, self.gen.to_model),
            _map_state(self.for_rec, self.rec.to_model),
        )
        state = self.rng.bit_generator.state
        return Step(
            gen, rec, None, self.phase, self.count, optimiser, state, self.bound, self.tries
        )


def _miss(state: Array, drive: Array, error: Array) -> None:
    """error = state - f(drive)."""
    np.negative(drive, error)
    np.exp(error, error)
    np.add(error, _ONE, error)
    np.reciprocal(error, error)
    np.subtract(state, error, error)


def _map_state(optimiser: Optimiser, change: Callable[[Array], Array]) -> Optimiser:
    """The optimiser with its running means in another order."""
    if not isinstance(optimiser, Adam) or not optimiser.count:
        return optimiser
    mean, square = np.asarray(optimiser.mean), np.asarray(optimiser.square)
    return replace(optimiser, mean=change(mean), square=change(square))
