"""What a page without a kernel shows of a lab that learns: runs that were kept, picture by picture.

The one table of them is `RUNS`. Their numbers are those of the lab itself: it is told to learn as
the table says, and what it shows is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hmlib.lab import Training
from hmlib.lab.base import Frame


@dataclass(frozen=True)
class Kept:
    """One run.

    Args:
        name: what it is called where there are several; says what is particular to it.
        seed: of the run.
        rates: (step from which it acts, learning rate), the first from step 0.
    """

    name: str
    seed: int
    rates: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Runs:
    """The runs of a lab.

    Args:
        steps: of each run, a multiple of `every`; also every change of rate falls on a picture.
        every: steps from one picture to the next.
        runs: at least one.
    """

    steps: int
    every: int
    runs: tuple[Kept, ...]

    @property
    def counts(self) -> range:
        """Steps made at each picture."""
        return range(0, self.steps + 1, self.every)


BURST = ((0, 0.5), (2_000, 10.0), (2_500, 0.5))

RUNS = {
    "Learn the stripes": Runs(
        10_000,
        250,
        (
            Kept("seed 1, rate 0.5 throughout", 1, ((0, 0.5),)),
            Kept("seed 1, rate 10 from step 2000 to 2500", 1, BURST),
            Kept("seed 2, rate 0.5 throughout", 2, ((0, 0.5),)),
            Kept("seed 2, rate 10 from step 2000 to 2500", 2, BURST),
        ),
    ),
    "Learn the bars": Runs(
        100_000, 1_250, (Kept("seed 1", 1, ((0, 1.0),)), Kept("seed 5", 5, ((0, 1.0),)))
    ),
    "Learn the digits": Runs(15_000, 250, (Kept("seed 1", 1, ((0, 0.01),)),)),
    "Learn the ring": Runs(1_000, 20, (Kept("seed 1", 1, ((0, 0.005),)),)),
    "Learn the pinwheel": Runs(1_000, 20, (Kept("seed 1", 1, ((0, 0.005),)),)),
}
"""By the title of the lab."""


def controls_of(runs: Runs) -> list[dict[str, Any]]:
    """The controls of the page, as the front end is told: the step, and which run."""
    counts = [str(count) for count in runs.counts]
    steps = {"kind": "slider", "name": "step", "label": "steps learnt", "values": counts}
    controls: list[dict[str, Any]] = [steps | {"step": f"{runs.every}", "start": 0}]
    if len(runs.runs) > 1:
        names = [run.name for run in runs.runs]
        controls.append(
            {"kind": "choice", "name": "run", "label": "run", "values": names, "start": 0}
        )
    return controls


def sentence_of(lab: Training[Any, Any, Any], runs: Runs) -> str:
    """What a reader is told of the runs."""
    rate = lab.values["rate"]
    many = f"{len(runs.runs)} runs that were" if len(runs.runs) > 1 else "a run that was"
    only = "" if len(runs.runs) > 1 else f" with {runs.runs[0].name} and rate {rate:g}"
    return (
        f"This page plays {many} kept{only}, {runs.steps:,} steps with a picture every "
        f"{runs.every:,}. In the notebook it learns live, with any rate and seed."
    )


def frames_of(
    lab: Training[Any, Any, Any], runs: Runs
) -> Iterator[tuple[tuple[int, ...], tuple[Frame, Frame]]]:
    """Every picture of every run, on a light and a dark page, with its tokens.

    The lab must have its prediction.
    """
    for place, run in enumerate(runs.runs):
        lab.set(seed=run.seed, rate=run.rates[0][1])
        lab.restart()
        for number, count in enumerate(runs.counts):
            if count:
                lab.advance(runs.every)
            for start, rate in run.rates:
                if start == count:
                    lab.set(rate=rate)
            tokens = (number, place) if len(runs.runs) > 1 else (number,)
            yield tokens, (lab.frame("light"), lab.frame("dark"))
