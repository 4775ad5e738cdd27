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


OTHER_STARTS = np.array(
    (
        (0.383, 0.084, 0.358, 0.346),
        (0.499, 0.094, 0.383, 0.356),
        (0.512, 0.122, 0.410, 0.427),
        (0.330, 0.097, 0.357, 0.381),
        (0.435, 0.087, 0.356, 0.337),
        (0.617, 0.087, 0.359, 0.370),
        (0.606, 0.082, 0.349, 0.311),
        (0.419, 0.097, 0.404, 0.439),
        (0.527, 0.122, 0.405, 0.374),
        (0.455, 0.081, 0.371, 0.319),
        (0.434, 0.105, 0.301, 0.259),
        (0.342, 0.104, 0.401, 0.365),
        (0.250, 0.112, 0.384, 0.368),
        (0.640, 0.086, 0.380, 0.378),
        (0.335, 0.114, 0.387, 0.351),
        (0.438, 0.107, 0.410, 0.358),
        (0.666, 0.093, 0.372, 0.395),
        (0.382, 0.120, 0.381, 0.313),
        (0.285, 0.095, 0.384, 0.428),
        (0.384, 0.095, 0.360, 0.358),
    )
)
"""The same training from the seeds 1 to 20: L - F of the test digits before it and after 50, 128
and 300 steps, means in nats, shape (20, 4). `tests/claims/test_nb02.py` makes some of it again."""

LEARNT_OR_NOT = np.array(
    (
        (0.105, 0.190),
        (0.118, 0.208),
        (0.152, 0.210),
        (0.136, 0.252),
        (0.112, 0.229),
        (0.182, 0.191),
        (0.135, 0.185),
        (0.127, 0.219),
        (0.121, 0.307),
        (0.153, 0.197),
        (0.122, 0.217),
        (0.143, 0.225),
        (0.126, 0.159),
        (0.115, 0.206),
        (0.123, 0.227),
        (0.132, 0.172),
        (0.128, 0.253),
        (0.157, 0.211),
        (0.143, 0.196),
        (0.136, 0.228),
    )
)
"""What sharing the weights W adds to L - F, mean in nats, of twenty groups of 297 digits: where the
machine had learnt them and where it had not, shape (20, 2).

For deal k of 0 to 9 all 1797 digits are put into the order `default_rng(1000 + k).permutation`.
Two machines learn as `tools.train_digits` does, from the seed k: both all but the first 594 digits,
one also the first 297 of those, the other the second. A row is one group. The same test makes one
of the deals again."""
