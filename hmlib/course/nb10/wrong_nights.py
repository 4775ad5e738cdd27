"""Two sleep phases with something wrong: one too slow, and one that forgets a read-out.

Both do what `ddc.sleep` does: dreams, features, encodings and ridge in, a `Night` out.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib.ddc.chain import Values
from hmlib.ddc.encodings import Features
from hmlib.ddc.sleep import Night, Recogniser

Array = NDArray[np.float64]
Functions = tuple[Features, ...]


class SlowSleep:
    """Regressions by gradient descent: one step a night, from where the night before left them."""

    def __init__(self) -> None:
        self.weights: dict[object, Array] = {}

    def __call__(
        self, dreams: Values, features: Features, encodings: Functions, ridge: float
    ) -> Night:
        return _SlowNight(self, dreams, features, encodings, ridge)

    def step(self, name: object, F: Array, Y: Array) -> Array:
        """A <- A + F^T (Y - F A) / |F|^2, as long as it can be without running away."""
        A = self.weights.get(name, np.zeros((F.shape[1], Y.shape[1])))
        A = A + F.T @ (Y - F @ A) / float(np.linalg.eigvalsh(F.T @ F)[-1])
        self.weights[name] = A
        return A


def unfitted_sleep(dreams: Values, features: Features, encodings: Functions, ridge: float) -> Night:
    """A sleep whose read-outs of the top code keep their random first values."""
    return _UnfittedNight(dreams, features, encodings, ridge)


class _PlainNight(Night):
    """A night of equal dreams, with no night before it."""

    def __init__(
        self, dreams: Values, features: Features, encodings: Functions, ridge: float
    ) -> None:
        share = np.full(len(dreams[0]), 1 / len(dreams[0]))
        super().__init__(dreams, features, encodings, (ridge, ridge), share, ddc.Averages())


class _SlowNight(_PlainNight):
    def __init__(
        self,
        slow: SlowSleep,
        dreams: Values,
        features: Features,
        encodings: Functions,
        ridge: float,
    ) -> None:
        super().__init__(dreams, features, encodings, ridge)
        self._slow, self._asked = slow, 0

    @cached_property
    def recogniser(self) -> Recogniser:
        pairs = enumerate(zip((self.phi, *self.encoded), self.encoded, strict=False))
        maps = tuple(self._slow.step(("R", l), F, T).T for l, (F, T) in pairs)
        return Recogniser(self._features, maps)

    def readout(self, l: int, targets: Array) -> Array:
        # Wake asks for its read-outs in the same order every night.
        self._asked += 1
        return self._slow.step((l, self._asked), self.functions(l)[0], targets)


class _UnfittedNight(_PlainNight):
    def readout(self, l: int, targets: Array) -> Array:
        if l < len(self.encoded):
            return super().readout(l, targets)
        K = self.functions(l)[0].shape[1]
        return np.random.default_rng(K).standard_normal((K, targets.shape[1])) / math.sqrt(K)
