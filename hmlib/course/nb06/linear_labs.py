"""The lab of linear factor analysis, where wake-sleep is exact."""

from __future__ import annotations

import numpy as np

from hmlib import linear
from hmlib.course.nb06.linear_pictures import WakeSleepIsExact
from hmlib.course.nb06.records import FactorAnalysisRecord
from hmlib.course.nb06.six_instruments import (
    MACHINES,
    MOST_STEPS,
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


def wake_sleep_is_exact() -> Lab[FactorAnalysisRecord]:
    """Wake-sleep on linear factor analysis: L, F and the maximum, and both sets of weights."""
    right = "At the maximum of L, with F touching L"
    return Lab(
        [
            _STEPS,
            Choice("machine", "machine at first", tuple(MACHINES), "one cause"),
            Choice("averages", "averages of the delta rules", tuple(AVERAGES), "drawn"),
        ],
        exact_values,
        WakeSleepIsExact,
        Question(
            "Six instruments read one hidden cause; all is linear and Gaussian. Wake climbs F, "
            "sleep climbs something else, the dreamt F-tilde. Where does wake-sleep end?",
            (
                "Below the maximum of L: the two phases pull apart",
                right,
                "At the maximum of L, with F well below it",
            ),
            right,
            "With one cause the true posterior is linear, too, and Q can be it. Once sleep has "
            "found it, F touches L, and wake climbs L itself; what is left comes from the draws. "
            "Two causes may be correlated given the input, which Q cannot say: then wake-sleep "
            "leaves even the best machine, but here it turns until the correlation is gone, and "
            "comes back.",
        ),
        title="Where wake-sleep is exact",
        legend="Left, above: L and F, and the maximum of L. Left, below: how far L is below its "
        "maximum, and F below L. Right: weights from the six instruments to each cause, squares "
        "in the true posterior of this machine, triangles in Q.",
    )
