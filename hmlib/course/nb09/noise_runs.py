"""Where the noise of the painting labs comes to rest, over twenty starts that no page shows.

`RUNS` are the machines of the two labs, and the same without the blur: what holds the noise up, and
what becomes of it where nothing does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib.course.nb09 import painting
from hmlib.datasets.files import load, read_only
from hmlib.ddc.nightly import SHARPEST

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Painted:
    """What one of the machines learns, and how.

    Attributes:
        name: in words.
        data: "ring" or "pinwheel".
        wake: "code" or "score".
        blur: of the data, in units of their spread.
    """

    name: str
    data: str
    wake: str
    blur: float

    @property
    def floor(self) -> float:
        """The least noise that can be shown, over the spread of the data."""
        return SHARPEST * self.blur


RUNS = (
    Painted("ring, code", "ring", "code", 0.25),
    Painted("pinwheel, score", "pinwheel", "score", 0.25),
    Painted("pinwheel, score, no blur", "pinwheel", "score", 0.0),
    Painted("pinwheel, code, no blur", "pinwheel", "code", 0.0),
)

SEEDS, STEPS, EVERY, RATE = range(20, 40), 2000, 100, 0.005
"""Starts, steps of a run, steps from one record to the next, and the rate of the labs."""


def noise_of(run: Painted, seed: int, steps: int = STEPS) -> Array:
    """Noise of both coordinates over the data's spread, as the lab shows it.

    Returns:
        Before learning and after every `EVERY` steps, shape (1 + steps / EVERY, 2).
    """
    x, _ = painting.points(run.data)
    begun = painting.begun(x, run.wake, run.blur, seed)
    # No instrument is read: a run that they would stop is followed to its end.
    learning = ddc.fit(
        None, x, rate=RATE, steps=steps, n_dreams=painting.DREAMS, watch=steps + 1, every=EVERY,
        start=begun,
    )  # fmt: skip
    return np.array([painting.noise(step, x) for step in (begun, *painting.regressed(learning))])


@dataclass(frozen=True, eq=False, repr=False)
class Resting:
    """Noise along the runs.

    Attributes:
        noise: by the name of the run, shape (20, 1 + STEPS / EVERY, 2).
    """

    noise: dict[str, Array]

    def on_the_floor(self, run: Painted, step: int) -> int:
        """Of how many starts the noise of both coordinates lies on its floor after some steps."""
        at: Array = self.noise[run.name][:, step // EVERY]
        return int((at <= 1.001 * run.floor).all(axis=1).sum())

    def table(self, steps: tuple[int, ...] = (500, 1000, 1500, 2000)) -> str:
        """A line a run: how many starts lie on the floor, and the noise in the end."""
        head = f"{len(SEEDS)} starts"
        lines = [f"{head:26}floor   on it at step" + "".join(f"{step:6}" for step in steps)]
        for run in RUNS:
            end = self.noise[run.name][:, -1].mean(axis=1)
            counts = "".join(f"{self.on_the_floor(run, k) if run.blur else '-':>6}" for k in steps)
            floor = f"{run.floor:.2f}" if run.blur else "none"
            lines.append(
                f"{run.name:26}{floor:>5}{'':16}{counts}   noise then "
                f"{end.min():.2f} to {end.max():.2f}, middle {np.median(end):.2f}"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Resting: {len(self.noise)} machines, {len(SEEDS)} starts each"


@cache
def kept_noise() -> Resting:
    """The runs that `python -m tools.run_noise` made.

    Raises:
        FileNotFoundError: if data/noise.npz is missing.
        ValueError: if it is damaged.
    """
    noise = load("noise.npz")["noise"].astype(np.float64)
    return Resting({run.name: read_only(runs) for run, runs in zip(RUNS, noise, strict=True)})
