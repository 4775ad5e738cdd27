"""Sleep updates from a number of drawn dreams, and how far they are from the expected one."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hmlib import exact
from hmlib.binary import Generative, Recognition, sigmoid
from hmlib.course.nb04.weather import lawn_and_street, recogniser

Array = NDArray[np.float64]

REPEATS = 100
"""Updates drawn for every number of dreams."""

NUMBERS = np.unique(np.round(10.0 ** np.round(np.linspace(0, 4.5, 46), 10)).astype(np.int64))
"""The numbers of dreams, from 1 to about 30 000."""


def sleep_terms(gen: Generative, rec: Recognition) -> tuple[Array, Array]:
    """Every dream, and what it adds to the sleep update of the weights W.

    Returns:
        P[v, u] of every dream, shape (m,), and (v - f(y)) u^T of every dream, (m, n_v * n_u).
    """
    u, v = exact.states(gen.n_u), exact.states(gen.n_v)
    chance = np.exp(exact.log_joint(gen, u))
    error = v[None] - sigmoid(rec.drive(u))[:, None]
    terms = error[..., None] * u[:, None, None, :]
    return chance.ravel(), terms.reshape(chance.size, -1)


@lru_cache(maxsize=64)
def draws(seed: int) -> tuple[Array, Array, Array]:
    """Sleep updates from n drawn dreams, for every n of `NUMBERS` and `REPEATS` times.

    Returns:
        The exact update (4,), its variance for a single dream (4,), and the drawn ones
        (number of n, REPEATS, 4). How often each of the 16 dreams is drawn is drawn in one go.
    """
    chance, terms = sleep_terms(lawn_and_street(), recogniser(1.0))
    mean = chance @ terms
    variance = chance @ (terms - mean) ** 2
    rng = np.random.default_rng(seed)
    counts = [rng.multinomial(n, chance / chance.sum(), REPEATS) / n for n in NUMBERS]
    return mean, variance, np.array([share @ terms for share in counts])
