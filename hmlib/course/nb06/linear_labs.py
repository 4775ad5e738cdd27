"""The lab of linear factor analysis, where wake-sleep is exact."""

from __future__ import annotations

import numpy as np

from hmlib import linear
from hmlib.course.nb06.linear_pictures import WakeSleepIsExact
from hmlib.course.nb06.records import FactorAnalysisRecord
from hmlib.course.nb06.six_instruments import (
    MACHINES,
    MOST_STEPS,
    TURNED,
    correlation,
    curves,
    maximum,
    run,
)
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, LogSlider

AVERAGES = {"drawn": "sampled", "exact": "exact"}
"""How the delta rules are averaged, as a student and as `linear.wake_sleep` name it."""

_STEPS = LogSlider("steps", "steps of wake-sleep", 10, MOST_STEPS, 10)
COUNTS = (1, 2, 3, 5, 7, *(int(count) for count in _STEPS.values))
"""Steps at which the curves are known."""


def exact_values(steps: float, machine: str, averages: str) -> FactorAnalysisRecord:
    """Numbers of the lab: L, F and their ceiling up to here, and the weights now.

    Args:
        steps: steps of wake-sleep, one of the slider's values.
        machine: one of `MACHINES`.
        averages: one of `AVERAGES`.
    """
    causes, here = MACHINES[machine], COUNTS.index(int(steps))
    now, top = run(machine, AVERAGES[averages], COUNTS)[here], maximum(causes)
    log_l, gap = (curve[: here + 1] for curve in curves(machine, AVERAGES[averages], COUNTS))
    W, posterior_W = now.rec.W, linear.best_recognition(now.gen).W
    return FactorAnalysisRecord(
        machine=machine,
        averages=averages,
        causes=causes,
        counts=np.array(COUNTS[: here + 1]),
        log_likelihood=log_l,
        free_energy=log_l - gap,
        maximum=top,
        # EM gives the maximum to about 1e-12 nats, so that the difference may be just below 0.
        below=np.maximum(top - log_l, 0.0),
        gap=gap,
        W=W,
        posterior_W=posterior_W,
        apart=float(np.abs(W - posterior_W).max()),
        correlation=correlation(now.gen),
    )


def turned() -> Lab[FactorAnalysisRecord]:
    """Wake-sleep on linear factor analysis: L, F and the maximum, and both sets of weights."""
    back = "It falls at first, and comes back to the maximum"
    return Lab(
        [
            _STEPS,
            Choice("machine", "machine at first", tuple(MACHINES), TURNED),
            Choice("averages", "averages of the delta rules", tuple(AVERAGES), "exact"),
        ],
        exact_values,
        WakeSleepIsExact,
        Question(
            "Six instruments read two hidden causes; all is linear and Gaussian. The machine is at "
            "the maximum of L, but its causes are correlated given a reading, which Q cannot say. "
            "Wake-sleep goes on from there. What will L do?",
            (
                "It stays: no machine has a higher L",
                back,
                "It falls, and stays below, as it did with the stripes",
            ),
            back,
            "Wake leaves the maximum for a posterior that Q can say, as with the stripes. But here "
            "the two causes can be turned into each other at no cost in L. The machine turns until "
            "the correlation is gone; then Q can be the posterior, and wake climbs L itself.",
            {
                "It stays: no machine has a higher L": "No machine has a higher L, and some have a "
                "higher F: the gap at the start is not 0.",
                "It falls, and stays below, as it did with the stripes": "So it begins. Go on to "
                "ten thousand steps, and look at the correlation in the last line.",
            },
        ),
        title="Six instruments and a turn",
        legend="Left, above: L and F, and the maximum of L. Left, below: how far L is below its "
        "maximum, and F below L. Right: weights from the six instruments to each cause, squares "
        "in the true posterior of this machine, triangles in Q. Correlation: of the two causes, "
        "given a reading; a factorised Q has 0.",
        hides=(
            "log_l",
            "free",
            "log_l_now",
            "free_now",
            "below",
            "gap",
            "below_now",
            "gap_now",
            "true",
            "guess",
        ),
    )
