"""One walk for every kind of learning: steps that can be watched, stopped and continued."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from hmlib._checks import count

Array = NDArray[np.float64]


class Counted(Protocol):
    """A record of where learning stands: whatever else it holds, it counts its moves."""

    @property
    def count(self) -> int:
        """Moves made so far."""


S = TypeVar("S", bound=Counted)
S_co = TypeVar("S_co", bound=Counted, covariant=True)

_LARGEST = 1e100
"""Parameters beyond this have no finite L; NaN is beyond it too."""


def generator_at(rng_state: Mapping[str, Any]) -> np.random.Generator:
    """A random generator in this state."""
    bits = getattr(np.random, rng_state["bit_generator"])()
    bits.state = rng_state
    return np.random.Generator(bits)


class Diverged(ArithmeticError):
    """Learning has left the numbers that can be worked with: most often the rate is too high.

    Attributes:
        step: the last good step.
    """

    def __init__(self, step: Any, why: str) -> None:
        super().__init__(f"{why}. Step {step.count} is the last good one and is kept")
        self.step = step


class NotFinite(ArithmeticError):
    """A move that leaves the numbers that can be worked with."""

    def __init__(self) -> None:
        super().__init__("learning gave infinite parameters or none at all; lower the rate")


class Learner(Protocol[S_co]):
    """What a learning rule is to the walk: some moves in a row, then a record of where it is."""

    def advance(self, n: int) -> None:
        """Make n moves."""

    def step(self) -> S_co:
        """Where learning stands; raises NotFinite if no longer among finite numbers."""


class Steps(Iterator[S], Generic[S]):
    """The steps of a run, one by one.

    Attributes:
        total: count of the last step, if it is known.
    """

    def __init__(self, steps: Iterator[S], total: int | None) -> None:
        self._steps, self.total = steps, total

    def __next__(self) -> S:
        return next(self._steps)


def walk(learner: Learner[S], start: S, steps: int, every: int, fresh: bool) -> Steps[S]:
    """The walk of one learner: its start if that is fresh, then a step every so many moves."""
    steps, every = count("steps", steps), count("every", every)
    return Steps(_walk(learner, start, steps, every, fresh), start.count + steps)


def _walk(learner: Learner[S], step: S, steps: int, every: int, fresh: bool) -> Iterator[S]:
    if fresh:
        yield step
    end = step.count + steps
    while step.count < end:
        try:
            # A learner that runs away is caught here, in words, and not by a warning.
            with np.errstate(all="ignore"):
                learner.advance(min(every, end - step.count))
                step = learner.step()
        except (NotFinite, ValueError) as error:
            raise Diverged(step, str(error)) from error
        yield step


def workable(vector: Array) -> Array:
    """Parameters that can be worked with; raises NotFinite otherwise."""
    if not (np.abs(vector) <= _LARGEST).all():
        raise NotFinite
    return vector
