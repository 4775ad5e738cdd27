"""Questions of notebook 10, "Does it work?"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hmlib.binary import Array
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number, Numbers, Order
from hmlib.check.slips import wrong_sign
from hmlib.check.varying import varied
from hmlib.course.nb10 import variants
from hmlib.course.nb10.solutions import ANSWERS

contract, mmd2 = ANSWERS["10.3"], ANSWERS["10.4"]


def _jacobians(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Statistics (n, n_y, s) and Jacobians (n, n_y, s, s): no shape gives a wrong sum away."""
    for n, n_y, s, k in ((5, 3, 2, 2), (4, 2, 3, 3), (6, 4, 2, 2), (3, 5, 4, 4), (7, 3, 2, 2)):
        yield {"S": rng.standard_normal((n, n_y, s)), "J": rng.standard_normal((n, n_y, s, k))}


def _samples(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Two samples of different sizes, and a width of the kernel."""
    for n, m, d in ((6, 9, 2), (12, 5, 3), (8, 7, 1), (10, 14, 2)):
        x, y = rng.standard_normal((n, d)), 0.5 + 1.5 * rng.standard_normal((m, d))
        yield {"x": x, "y": y, "s": float(rng.uniform(0.6, 1.4))}


def _kernel(a: Array, b: Array, s: float, square: float = 2.0) -> Array:
    return np.exp(-((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2) / (square * s**2))


def _within(a: Array, s: float, square: float = 2.0) -> float:
    k = _kernel(a, a, s, square)
    return (k.sum() - np.trace(k)) / (len(a) * (len(a) - 1))


def _by_distance(x: Array, y: Array, s: float) -> float:
    def kernel(a: Array, b: Array) -> Array:
        return np.exp(-np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)) / (2 * s**2))

    def within(a: Array) -> float:
        k = kernel(a, a)
        return (k.sum() - len(a)) / (len(a) * (len(a) - 1))

    return within(x) + within(y) - 2 * kernel(x, y).mean()


def _wrong_index(S: Array, J: Array) -> Array:
    """Summed over the last index of J, which is that of the parameters."""
    return np.einsum("nik,nisk->nis", S, J)


QUESTIONS = (
    Numbers(
        id="10.1",
        names=("r(0)", "r(1)", "r(5)"),
        answer=ANSWERS["10.1"],
        unit="",
        **varied(variants.constant, variants.PLACES, variants.places_of),
    ),
    Choice(id="10.2", answer=ANSWERS["10.2"]),
    Function(
        id="10.3",
        answer=contract,
        cases=_jacobians,
        slips={
            "the wrong index": _wrong_index,
            "units summed": lambda S, J: np.einsum("nis,nisk->nk", S, J),
            "rows averaged": lambda S, J: np.einsum("nis,nisk->ik", S, J) / len(S),
            "mean for sum": lambda S, J: np.einsum("nis,nisk->nik", S, J) / S.shape[2],
            "not summed": lambda S, J: S[..., None] * J,
            "wrong sign": wrong_sign(contract),
        },
    ),
    Function(
        id="10.4",
        answer=mmd2,
        cases=_samples,
        may_not_call=("metrics.mmd2", "metrics.mmd2_at_widths", "metrics.relative_mmd_test"),
        slips={
            "points paired with themselves": lambda x, y, s: (
                _kernel(x, x, s).mean() + _kernel(y, y, s).mean() - 2 * _kernel(x, y, s).mean()
            ),
            "diagonal out, divisor kept": lambda x, y, s: (
                _within(x, s) * (len(x) - 1) / len(x)
                + _within(y, s) * (len(y) - 1) / len(y)
                - 2 * _kernel(x, y, s).mean()
            ),
            "across once": lambda x, y, s: _within(x, s) + _within(y, s) - _kernel(x, y, s).mean(),
            "kernel without the 2": lambda x, y, s: (
                _within(x, s, 1.0) + _within(y, s, 1.0) - 2 * _kernel(x, y, s, 1.0).mean()
            ),
            "square of s forgotten": lambda x, y, s: (
                _within(x, np.sqrt(s))
                + _within(y, np.sqrt(s))
                - 2 * _kernel(x, y, np.sqrt(s)).mean()
            ),
            "distance not squared": _by_distance,
            "wrong sign": wrong_sign(mmd2),
        },
    ),
    Choice(id="10.5", answer=ANSWERS["10.5"]),
    Number(
        id="10.6",
        answer=ANSWERS["10.6"],
        unit="",
        atol=3e-3,
        **varied(variants.any_false, variants.TRIES, variants.tries_of),
    ),
    Numbers(
        id="10.7",
        names=("statistic", "times as many points"),
        answer=ANSWERS["10.7"],
        unit="",
        **varied(variants.difference, variants.REPORT, variants.report_of),
    ),
    Order(
        id="10.8",
        answer=ANSWERS["10.8"],
        decoys={"E": "C", "G": "A"},
        slips={
            "tuned on the seeds that count": "DFBAC",
            "written down last": "BFACD",
        },
    ),
)
