"""What mends the machine of exercise 09.7: one change at a time, over twenty starts.

`CHANGES` are what the options of the exercise stand for, each part by itself, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib.course.nb09 import painting
from hmlib.datasets.files import load, read_only
from hmlib.learning import anneal
from hmlib.learning.optimisers import Rate
from hmlib.metrics import mmd2

Array = NDArray[np.float64]

SEEDS, STEPS, EVERY = range(60, 80), 2000, 100
"""Starts, steps of a run, and steps from one record to the next."""

WELL = 0.01
"""Squared MMD at the width of the rule, below which a run ends well."""

RATE = 0.005


@dataclass(frozen=True)
class Change:
    """What is done otherwise than by the pinwheel's machine with `code`, regressions and no blur.

    Attributes:
        name: in words.
        given: arguments of `ddc.fit`.
        larger: how much more the start's dreams spread.
    """

    name: str
    given: dict[str, Any] = field(default_factory=dict)
    larger: float = 1.0


def falling() -> Rate:
    """The rate of the lab, down in a straight line to 0 at the end of the run."""
    return anneal(RATE, STEPS, start=0.0)


CHANGES = (
    Change("as it is"),
    Change("a larger start", larger=2.0),
    Change("a larger rate", {"rate": 3 * RATE}),
    Change("sharper encodings", {"gain": 4.0}),
    Change(
        "finer functions",
        {"gain": 4.0, "features": 200, "encodings": 120, "n_dreams": 1000},
    ),
    Change("a floor", {"floor": 0.2}),
    Change("a rate that falls", {"rate": falling()}),
    Change("blur", {"blur": 0.25}),
    Change("blur, and a rate that falls", {"blur": 0.25, "rate": falling()}),
)


def one(change: Change, seed: int, steps: int = STEPS) -> Array:
    """One run.

    Returns:
        Squared MMD of dreams from data that nobody learnt from, and the noise over the data's
        spread: before learning and after every `EVERY` steps, shape (1 + steps / EVERY, 2).
    """
    x, tested = painting.points("pinwheel")
    rng = np.random.default_rng(seed)
    start = ddc.fresh(x, rng, bend=False)
    bottom = start.layers[0]
    assert isinstance(bottom, ddc.Network)
    bottom = replace(bottom, U=change.larger * bottom.U)
    given: dict[str, Any] = {
        "rate": RATE, "blur": 0.0, "floor": 0.0, "n_dreams": painting.DREAMS,
        "features": painting.FEATURES, "encodings": painting.ENCODINGS,
    }  # fmt: skip
    # No instrument is read: a run that they would stop is followed to its end.
    learning = ddc.fit(
        ddc.Chain((bottom, *start.layers[1:])), x, rng, wake="code", recognition="regression",
        steps=steps, watch=steps + 1, every=EVERY, **given | change.given,
    )  # fmt: skip
    return np.array([_told(step, x, tested) for step in painting.regressed(learning)])


def _told(step: ddc.RegressionStep, x: Array, tested: Array) -> tuple[float, float]:
    dreams = step.model.sample(np.random.default_rng(step.count), painting.N_TESTED)[0]
    return mmd2(tested, dreams), float(painting.noise(step, x).mean())


@dataclass(frozen=True, eq=False, repr=False)
class Mended:
    """The kept runs.

    Attributes:
        mmd2: shape (changes, starts, 1 + STEPS / EVERY).
        noise: likewise.
    """

    mmd2: Array
    noise: Array

    def ended_well(self) -> dict[str, int]:
        """Of how many starts the last MMD^2 is below `WELL`, by the name of the change."""
        well = (self.mmd2[:, :, -1] < WELL).sum(axis=1)
        return {change.name: int(n) for change, n in zip(CHANGES, well, strict=True)}

    def table(self) -> str:
        """A line a change: MMD^2 at its least and in the end, and how many starts ended well."""
        lines = [f"{len(SEEDS)} starts, middle ones{'':11}MMD^2 least   at the end   noise   well"]
        for k, (name, well) in enumerate(self.ended_well().items()):
            least, end = self.mmd2[k].min(axis=1), self.mmd2[k, :, -1]
            lines.append(
                f"{name:36}{np.median(least):8.4f}{np.median(end):13.4f}"
                f"{np.median(self.noise[k, :, -1]):8.2f}{well:7}"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Mended: {len(CHANGES)} changes, {len(SEEDS)} starts each"


@cache
def kept_mended() -> Mended:
    """The runs that `python -m tools.run_mends` made.

    Raises:
        FileNotFoundError: if data/mends.npz is missing.
        ValueError: if it is damaged.
    """
    kept = load("mends.npz")
    mmd2, noise = (read_only(kept[name].astype(np.float64)) for name in ("mmd2", "noise"))
    return Mended(mmd2, noise)
