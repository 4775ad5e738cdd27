"""What the picture of a machine that learns is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

M = TypeVar("M")
S = TypeVar("S")


@dataclass(frozen=True)
class Progress(Generic[M, S]):
    """How far a machine has learnt: numbers of many steps, and what is seen of the last.

    Both types are frozen dataclasses of a notebook's own, for instance

        @dataclass(frozen=True)
        class Measured:
            free_energy: float  # nats

        @dataclass(frozen=True)
        class Shown:
            dreams: Array  # (n, height, width)

    and then a picture reads `record.curve(lambda step: step.free_energy)`, shape (k,),
    `record.now.free_energy` and `record.shown.dreams`.
    """

    count: int
    """Steps made so far."""

    rate: float
    """The learning rate at which the controls stand."""

    seed: int
    """What this run began with."""

    counts: NDArray[np.int64]
    """Steps at which numbers were measured, shape (k,); the last is `count`."""

    measured: tuple[M, ...]
    """The numbers of these steps, k of them."""

    shown: S
    """What else the picture shows of the last step."""

    @property
    def first(self) -> M:
        """The numbers before learning."""
        return self.measured[0]

    @property
    def now(self) -> M:
        """The numbers of the last step."""
        return self.measured[-1]

    def curve(self, number: Callable[[M], float]) -> NDArray[np.float64]:
        """One of the numbers at every one of `counts`, shape (k,)."""
        return np.array([number(step) for step in self.measured], dtype=np.float64)
