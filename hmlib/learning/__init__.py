"""Learning rules, each an iterator of `Step` records.

EM on the free energy F, exact ascent on F or L, wake-sleep and reweighted wake-sleep. A step
holds all that the next one needs, so that a run stopped at step k and continued from it equals,
bit for bit, the run that never stopped.
"""

from hmlib.learning.ascent import OBJECTIVES, ascend
from hmlib.learning.delta_rules import EXPECTATIONS, PHASES, PHI, reweighted_wake_sleep, wake_sleep
from hmlib.learning.em_phases import Q_FORMS, e_phase, em, first_step, m_phase
from hmlib.learning.optimisers import OPTIMISERS, Adam, Sgd, anneal, two_stage
from hmlib.learning.runs import Run, fresh, restarting, train
from hmlib.learning.step import Step
from hmlib.learning.walking import Diverged, Steps

__all__ = [
    "EXPECTATIONS",
    "OBJECTIVES",
    "OPTIMISERS",
    "PHASES",
    "PHI",
    "Q_FORMS",
    "Adam",
    "Diverged",
    "Run",
    "Sgd",
    "Step",
    "Steps",
    "anneal",
    "ascend",
    "e_phase",
    "em",
    "first_step",
    "fresh",
    "m_phase",
    "restarting",
    "reweighted_wake_sleep",
    "train",
    "two_stage",
    "wake_sleep",
]
