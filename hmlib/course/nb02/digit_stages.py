"""How a machine of the digits stands at every stage of its training."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, exact
from hmlib.course import kept_runs

Array = NDArray[np.float64]


@cache
def held_out_curves() -> tuple[Array, Array]:
    """Means of L and F over all test digits at every stage, each of shape (k,), in nats."""
    machine, u = kept_runs.digits_machine(), datasets.digits().test
    stages = [exact.objectives(*pair, u) for pair in zip(machine.gen, machine.rec, strict=True)]
    log_likelihood = np.array([stage.log_likelihood.mean() for stage in stages])
    return log_likelihood, np.array([stage.free_energy.mean() for stage in stages])
