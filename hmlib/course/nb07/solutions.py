"""Answers to the questions of notebook 07, "Say a distribution in shadows".

The functions are written as a student would type them in the notebook.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hmlib.binary import Array


def mismatch(eta: Array, T: Array, base: Array, code: Array) -> Array:
    """E_q[T] - code for q = base exp(eta . T) / Z: the slope of log Z - eta . code."""
    q = base * np.exp(T @ eta)
    q = q / q.sum()
    return q @ T - code


def read_off(T: Array, f: Array, code: Array, rho: float) -> float:
    """alpha . code, with alpha = (T^T T / n + rho I)^-1 T^T f / n."""
    n, K = T.shape
    alpha = np.linalg.solve(T.T @ T / n + rho * np.eye(K), T.T @ f / n)
    return float(alpha @ code)


def bound(f: Array, T: Array, alpha: Array) -> float:
    """2 max |f - alpha . T|, over the places."""
    return 2 * np.abs(f - T @ alpha).max()


# z      0    1    2
# q     1/2  1/4  1/4
CODE = (1 / 4 * 1 + 1 / 4 * 2, 1 / 4 * 1 + 1 / 4 * 4, 1.0)

# z1 is 1 with probability 0.35 + 0.15, z2 with 0.45 + 0.15; the code knows no more than that.
PAIR = (0.5 * 0.6, 0.5 * 0.4)

MIXTURE = (1 / 4 * 0.2 + 3 / 4 * 0.6, 1 / 4 * 0.8 - 3 / 4 * 0.4)

# z          -1     0    1
# f           0     0    1     least squares: slope 1/2, value at 0 1/3
# built     -1/6   1/3  5/6
# rest       1/6  -1/3  1/6
READ = (1 / 2 * -0.1 + 1 / 3, 2 / 3)

ANSWERS: dict[str, Any] = {
    "07.1": CODE,
    "07.2": "D",
    "07.3": mismatch,
    "07.4": "A",
    "07.5": PAIR,
    "07.6": read_off,
    "07.7": MIXTURE,
    "07.8": bound,
    "07.9": "A",
    "07.10": READ,
}
