"""The machines that questions speak of, and random ones to try functions on.

Nothing here gives an answer away: notebooks may import it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmlib.binary import Generative, Recognition

SIZES = ((2, 3, 5), (3, 4, 6), (1, 4, 3), (4, 5, 2), (3, 2, 1))
"""(causes, inputs, data) of every trial; no two alike, nor equal to the number of states."""


def tiny() -> tuple[Generative, Recognition, NDArray[np.float64]]:
    """Two causes and one input, with probabilities that are round numbers.

    P[v] = 1/4 for each of the four patterns; P[u=1|v] = 1/2, 1/4, 3/4, 1/2 for v = 00, 01, 10, 11;
    Q[v_1=1] = 3/4 and Q[v_2=1] = 1/4, whatever the input.

    Returns:
        (gen, rec, u) with u = [[1.]].
    """
    ln3 = np.log(3)
    gen = Generative(g=np.zeros(2), G=np.array([[ln3, -ln3]]), h=np.zeros(1))
    rec = Recognition(w=np.array([ln3, -ln3]), W=np.zeros((2, 1)))
    return gen, rec, np.ones((1, 1))


def machines(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random pairs of models with random inputs: {"gen": ..., "rec": ..., "u": ...}."""
    for n_v, n_u, n in SIZES:
        yield {
            "gen": Generative.random(rng, n_u, n_v, 1.0),
            "rec": Recognition.random(rng, n_u, n_v, 1.0),
            "u": rng.integers(0, 2, (n, n_u)).astype(np.float64),
        }


def tables(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Random pairs of tables whose rows are distributions: {"q": ..., "p": ...}."""
    for n_v, _, n in SIZES:
        yield {name: rng.dirichlet(np.full(2**n_v, 2.0), n) for name in ("q", "p")}
