"""One wet lawn and n causes that are all alike: what no factorised Q can do better.

Each cause has bias -s and weight 2 s, and the lawn has bias -2 s: with n = 2 this is
`hmlib.course.lawn.wet_lawn(s)`. All patterns with k causes on are equally probable, so that sums
over 2**n patterns become sums over k.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, gammaln, logsumexp

from hmlib.binary import sigmoid

Array = NDArray[np.float64]

_Y = np.linspace(-14.0, 8.0, 441)
_FINE = np.linspace(-0.05, 0.05, 41)


def count_posterior(n: int, s: float) -> Array:
    """P[k causes are on | the lawn is wet], shape (n + 1,)."""
    log_p = _log_joint(n, s)
    p: Array = np.exp(log_p - logsumexp(log_p))
    return p


def least_inclusive(n: int, s: float) -> float:
    """The least KL(P || Q) of a factorised Q, in nats: entropies of the causes less that of P."""
    p, k = count_posterior(n, s), np.arange(n + 1)
    entropy = entr(p).sum() + p @ _log_choose(n, k)
    on = p @ k / n
    return max(float(n * (entr(on) + entr(1 - on)) - entropy), 0.0)


def least_exclusive(n: int, s: float) -> tuple[float, float, float]:
    """The least KL(Q || P) of a factorised Q in which one cause may lead and the others are alike.

    For every probability of the others the best one of the leader is known in closed form, so
    that one number has to be searched for.

    Returns:
        (divergence in nats, probability of the leading cause, probability of each other one).
    """
    drives = _Y
    for _ in range(2 if n > 1 else 1):
        free, lead = _best_leader(n, s, drives)
        best = int(free.argmax())
        drives = drives[best] + _FINE
    y = float((drives - _FINE)[0]) if n > 1 else 0.0
    log_wet = float(logsumexp(_log_joint(n, s)))
    return max(log_wet - float(free[best]), 0.0), float(lead[best]), float(sigmoid(y))


@lru_cache(maxsize=256)
def leasts(counts: tuple[int, ...], s: float) -> tuple[Array, Array]:
    """The least KL(Q || P) and KL(P || Q) for each of m numbers of causes, (m,) each, nats."""
    exclusive = np.array([least_exclusive(n, s)[0] for n in counts])
    return exclusive, np.array([least_inclusive(n, s) for n in counts])


def counts_of(n: int, lead: float, other: float) -> Array:
    """P[k causes are on] under a factorised Q with one leader, shape (n + 1,)."""
    k = np.arange(n)
    others: Array = np.exp(_log_choose(n - 1, k)) * other**k * (1 - other) ** (n - 1 - k)
    both: Array = np.append(others * (1 - lead), 0) + np.append(0, others * lead)
    return both


def _log_joint(n: int, s: float) -> Array:
    """log P[k causes are on, the lawn is wet], shape (n + 1,), in nats."""
    k = np.arange(n + 1)
    log_p: Array = _log_choose(n, k) - k * np.logaddexp(0, s) - (n - k) * np.logaddexp(0, -s)
    log_p -= np.logaddexp(0, -2 * s * (k - 1))
    return log_p


def _best_leader(n: int, s: float, y: Array) -> tuple[Array, Array]:
    """F of the wet lawn and the leader's best probability, for drives y of the other causes."""
    # With more causes on than this, the lawn is wet but for less than exp(-40).
    m, k = n - 1, np.arange(min(n, int(20 / s) + 3))
    q = sigmoid(y)
    counts = np.exp(_log_choose(m, k) + np.outer(y, k) - m * np.logaddexp(0, y)[:, None])
    fixed = -m * (q * np.logaddexp(0, s) + (1 - q) * np.logaddexp(0, -s))
    fixed += m * (np.logaddexp(0, y) - q * y)
    on = -np.logaddexp(0, s) - counts @ np.logaddexp(0, -2 * s * k)
    off = -np.logaddexp(0, -s) - counts @ np.logaddexp(0, -2 * s * (k - 1))
    return fixed + np.logaddexp(on, off), sigmoid(on - off)


def _log_choose(n: int, k: NDArray[np.int64]) -> Array:
    log_ways: Array = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return log_ways
