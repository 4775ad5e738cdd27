"""Other numbers for the questions of notebook 00."""

from __future__ import annotations

import numpy as np

from hmlib import exact
from hmlib.check.varying import Posed, draw, one_of
from hmlib.course.lawn import WET, wet_lawn

STRENGTH = 1.0
STRENGTHS = tuple(k / 10 for k in range(5, 19) if k != 10)
"""Below 2, that of the worked example, so that the lawn is wet more often than there."""


def read_off(s: float) -> Posed:
    """00.4: P[wet] from L, for a machine of this strength."""
    log_p = float(exact.log_likelihood(wet_lawn(s), WET)[0])
    return Posed(
        answer=np.exp(log_p),
        slips={
            "logarithm left on": log_p,
            "power of 2": 2.0**log_p,
            "power of 10": 10.0**log_p,
            "percentage": 100 * np.exp(log_p),
            "dry": 1 - np.exp(log_p),
            "other strength": float(np.exp(exact.log_likelihood(wet_lawn(2.0), WET)[0])),
        },
        values={"strength": f"{s:g}", "typed": f"{s:.1f}"},
    )


def strength_of(variant: int) -> float:
    return draw(variant, lambda rng: one_of(rng, STRENGTHS), [read_off], STRENGTH)
