"""What every run of DDC shares: it is watched while it learns, and keeps its last good step."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import finite_array
from hmlib.ddc.chain import Chain
from hmlib.ddc.instruments import first_alarm, runaway
from hmlib.ddc.nightly import DDCStep, Instruments
from hmlib.learning.walking import Diverged, NotFinite

Array = NDArray[np.float64]
S = TypeVar("S", bound=DDCStep)

_LOST = (NotFinite, ValueError, np.linalg.LinAlgError)
"""What is raised where learning has run away."""


class Learner(Generic[S]):
    """The state that changes from move to move, and the instruments that are read on the way.

    Args:
        step: where learning stands.
        watch: moves from one reading to the next.
    """

    def __init__(self, step: S, watch: int) -> None:
        self._step, self._watch, self._rng = step, watch, step.generator()
        self._good, self._trouble = step, step.alarm

    def advance(self, n: int) -> None:
        """Make n moves; raises NotFinite where learning runs away."""
        for _ in range(n):
            self._move()
            if self._step.count % self._watch == 0:
                self._read_instruments()

    def _move(self) -> None:
        """Make one move."""
        raise NotImplementedError

    def _reading(self, step: S) -> Instruments:
        """What the instruments read of a step, from dreams of their own."""
        raise NotImplementedError

    def _read_instruments(self) -> None:
        step = self._step
        reading = self._reading(step)
        alarm = first_alarm(reading, step.count)
        self._step = replace(step, instruments=reading, alarm=step.alarm or alarm)
        if alarm is None:
            self._good, self._trouble = self.step(), None
        else:
            self._trouble = self._trouble or alarm
        if runaway(reading):
            raise NotFinite

    def step(self) -> S:
        """Where learning stands."""
        return replace(self._step, rng_state=self._rng.bit_generator.state)

    def good_and_first(self, latest: S) -> tuple[S, str]:
        """After it ran away: the last step known to be good, and what went first, in words.

        Args:
            latest: the last record, after which the instruments may not have been read.
        """
        first = self._trouble
        if first is None and latest.count > self._good.count:
            try:
                first = first_alarm(self._reading(latest), latest.count)
            except _LOST:
                first = f"the parameters themselves, before step {latest.count}: lower the rate"
            if first is None:
                self._good = latest
        return self._good, first or "the parameters themselves: lower the rate"


def walk(learner: Learner[S], step: S, steps: int, every: int, begun: bool) -> Iterator[S]:
    """The steps of a run: its start if it has just begun, then one every so many moves."""
    if begun:
        yield step
    end = step.count + steps
    while step.count < end:
        try:
            # A learner that runs away is caught here, in words, and not by a warning.
            with np.errstate(all="ignore"):
                learner.advance(min(every, end - step.count))
        except _LOST as error:
            with np.errstate(all="ignore"):
                good, first = learner.good_and_first(step)
            raise Diverged(good, f"learning ran away; first to go was {first}") from error
        step = learner.step()
        yield step


def checked_data(x: ArrayLike) -> Array:
    """Data, once they are known to be a table of at least two rows."""
    x = finite_array("x", x, 2)
    if len(x) < 2 or not x.shape[1]:
        raise ValueError(f"x has shape {x.shape}; accepted: (n, n_x) with n >= 2 and n_x >= 1")
    return x


def fits(model: Chain, x: Array, mode: str) -> None:
    """Raise ValueError unless the model can have made the data, and the mode can be used."""
    if not isinstance(model, Chain):
        raise ValueError(f"model is of type {type(model).__name__}; accepted: Chain or None")
    model.layers[0].observed(x)
    if mode == "split":
        for l, layer in enumerate(model.layers):
            if not layer.splits:
                raise ValueError(
                    f"wake is 'split', and layers[{l}] is a {type(layer).__name__}, whose units "
                    "share parameters and have no Jacobian of their own; accepted: 'code', 'score'"
                )


def warn_of_still_data(model: Chain, x: Array) -> None:
    """Warn, with the count, of coordinates of x that never change, if their noise is learnt."""
    still = int((np.ptp(x, axis=0) == 0).sum())
    if still and model.layers[0].noise is not None:
        warnings.warn(
            f"x: {still} of {x.shape[1]} coordinates never change; their noise shrinks as far as "
            "floor and blur let it",
            RuntimeWarning,
            stacklevel=3,
        )


def lower_limits(model: Chain, least_sd: Array) -> Array:
    """The least value of each parameter: of the log variances of x, and none of all others."""
    limits, bottom = np.full(model.ravel().size, -np.inf), model.layers[0]
    if bottom.noise is not None and (least_sd > 0).all():
        end = bottom.ravel().size
        limits[end - bottom.noise.size : end] = 2 * np.log(least_sd)
    return limits
