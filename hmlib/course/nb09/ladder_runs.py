"""The runs of the ladder that were kept in data/."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib.course.nb09.ladder import STEPS
from hmlib.datasets.files import load, read_only

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Ladder:
    """Ten runs of every rung of `ladder.RUNGS` on each of `ladder.DATA`, in these orders.

    Attributes:
        dreams: of the first run at each of the stages, shape (6, 2, stages, 300, 2).
        log_likelihood: L at the end, or where a run was last whole, in nats, shape (6, 2, 10).
        accuracy: of a vote of 15 neighbours that tells dreams from data, there, shape (6, 2, 10).
        steps: of learning; fewer than `ladder.STEPS` if a run ran away, shape (6, 2, 10).
        stages: steps of learning before each stage.
    """

    dreams: Array
    log_likelihood: Array
    accuracy: Array
    steps: NDArray[np.int64]
    stages: tuple[int, ...]

    @property
    def ran_away(self) -> NDArray[np.bool_]:
        """Whether a run did so, shape (6, 2, 10)."""
        lost: NDArray[np.bool_] = self.steps < STEPS
        return lost

    def __repr__(self) -> str:
        rungs, data, runs = self.steps.shape
        return f"Ladder: {rungs} rungs, {data} sets of data, {runs} runs of {STEPS} steps each"


@cache
def ladder() -> Ladder:
    """The runs that `python -m tools.run_ladder` made.

    Raises:
        FileNotFoundError: if data/ladder.npz is missing.
        ValueError: if it is damaged.
    """
    kept = load("ladder.npz")
    return Ladder(
        dreams=read_only(kept["dreams"].astype(np.float64)),
        log_likelihood=read_only(kept["L"].astype(np.float64)),
        accuracy=read_only(kept["accuracy"].astype(np.float64)),
        steps=read_only(kept["steps"].astype(np.int64)),
        stages=tuple(kept["stages"].tolist()),
    )


@cache
def controls() -> Array:
    """How often dreams of `ladder.CONTROLS` are told from data, from the starts of the ladder.

    Returns:
        Accuracies of a vote of 15 neighbours at the end of the runs, shape (2, 2, 10).

    Raises:
        FileNotFoundError: if data/ladder_controls.npz, which
            `python -m tools.run_ladder --controls` made, is missing.
        ValueError: if it is damaged.
    """
    return read_only(load("ladder_controls.npz")["accuracy"].astype(np.float64))
