"""Questions of notebook 08, "DDC asleep"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hmlib.binary import Array
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers
from hmlib.check.slips import wrong_sign
from hmlib.course.nb08.solutions import ANSWERS

learn_R, delta_step, read_off = (ANSWERS[id] for id in ("08.3", "08.4", "08.9"))
BY_HAND, READ_OUT = ANSWERS["08.2"], ANSWERS["08.8"]

RIDGE = 0.3
"""Large, so that every way to misplace it shows."""

M, RHO = 5000, 1e-4
"""Dreams and ridge of the notebook's own cells, which are easily copied along."""


def dreams(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Features and encodings of some dreams; all sizes differ."""
    for n, m, K in ((9, 3, 2), (14, 5, 4), (11, 2, 6)):
        yield {
            "phi": np.column_stack([rng.normal(0.4, 1, (n, m - 1)), np.ones(n)]),
            "T": np.tanh(rng.normal(0.3, 1, (n, K))),
            "ridge": RIDGE,
        }


def one_dream(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Weights, and the features and encodings of one dream."""
    for m, K in ((3, 2), (5, 4), (2, 6)):
        yield {
            "R": rng.normal(0, 1, (K, m)),
            "phi": rng.normal(0.4, 1, m),
            "T": np.tanh(rng.normal(0.3, 1, K)),
            "rate": 0.35,
        }


def codes(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Encodings of some dreams, a function of them, and codes to read it off."""
    for n, K, asked in ((9, 3, 4), (14, 5, 2), (11, 2, 6)):
        yield {
            "T": np.column_stack([rng.normal(0.4, 1, (n, K - 1)), np.ones(n)]),
            "f": rng.normal(0.5, 1, n),
            "r": rng.normal(0.2, 0.5, (asked, K)),
            "ridge": RIDGE,
        }


def _regression(A: Array, B: Array, ridge: float, n: int) -> Array:
    """(A^T A / n + ridge I)^-1 A^T B / n."""
    square, cross = A.T @ A / n, A.T @ B / n
    return np.linalg.solve(square + ridge * np.eye(len(square)), cross).astype(np.float64)


def _ridge_on_sums(A: Array, B: Array, ridge: float) -> Array:
    return _regression(A, B, ridge / len(A), len(A))


def _no_ridge(A: Array, B: Array, ridge: float) -> Array:
    return _regression(A, B, 0.0, len(A))


def _not_inverted(A: Array, B: Array, ridge: float) -> Array:
    return A.T @ B / len(A)


def _turned_round(A: Array, B: Array, ridge: float) -> Array:
    return _regression(B, A, ridge, len(A))


QUESTIONS = (
    Choice(id="08.1", answer=ANSWERS["08.1"]),
    Numbers(
        id="08.2",
        names=("near", "far", "error"),
        answer=BY_HAND,
        unit="",
        atol=2e-3,
        slips={
            "most frequent place": (1.0, 2.0, (2 * 4 + 16) / 8),
            "middle of the two places": (0.0, 0.0, (5 + 12) / 8),
            "one average for all": (3 / 8, 3 / 8, 17 / 8 - 9 / 64),
            "sum of squares": (0.2, 2 / 3, 4.8 + 96 / 9),
            "mean of the two groups": (0.2, 2 / 3, (4.8 / 5 + 96 / 27) / 2),
            "groups swapped": (2 / 3, 0.2, BY_HAND[2]),
            "root of the mean square": (0.2, 2 / 3, BY_HAND[2] ** 0.5),
            "error of zero": (0.2, 2 / 3, 0.0),
        },
    ),
    Function(
        id="08.3",
        answer=learn_R,
        cases=dreams,
        rtol=1e-4,
        atol=1e-6,
        may_not_call=("ddc.readout", "ddc.readouts.solve", "ddc.recognise"),
        slips={
            "transposed": lambda phi, T, ridge: learn_R(phi, T, ridge).T,
            "ridge beside sums": lambda phi, T, ridge: _ridge_on_sums(phi, T, ridge).T,
            "no ridge": lambda phi, T, ridge: _no_ridge(phi, T, ridge).T,
            "not solved": lambda phi, T, ridge: _not_inverted(phi, T, ridge).T,
            "regressed the other way": lambda phi, T, ridge: _turned_round(phi, T, ridge).T,
            "M of the notebook": lambda phi, T, ridge: _regression(phi, T, ridge, M).T,
            "rho of the notebook": lambda phi, T, ridge: _regression(phi, T, RHO, len(phi)).T,
            "M and rho of the notebook": lambda phi, T, ridge: _regression(phi, T, RHO, M).T,
            "wrong sign": wrong_sign(learn_R),
            "ridge subtracted": lambda phi, T, ridge: _regression(phi, T, -ridge, len(phi)).T,
            "cross product not averaged": lambda phi, T, ridge: len(phi) * learn_R(phi, T, ridge),
        },
    ),
    Function(
        id="08.4",
        answer=delta_step,
        cases=one_dream,
        rtol=1e-4,
        atol=1e-6,
        may_not_call=("ddc.delta_rule",),
        slips={
            "wrong direction": lambda R, phi, T, rate: 2 * R - delta_step(R, phi, T, rate),
            "step alone": lambda R, phi, T, rate: delta_step(R, phi, T, rate) - R,
            "not divided": lambda R, phi, T, rate: R + rate * np.outer(T - R @ phi, phi),
            "divided by the length": lambda R, phi, T, rate: (
                R + rate * np.outer(T - R @ phi, phi) / np.linalg.norm(phi)
            ),
            "prediction left out": lambda R, phi, T, rate: (
                R + rate * np.outer(T, phi) / (phi @ phi)
            ),
            "rate left out": lambda R, phi, T, rate: delta_step(R, phi, T, 1.0),
            "twice the rate": lambda R, phi, T, rate: delta_step(R, phi, T, 2 * rate),
        },
    ),
    Choice(id="08.5", answer=ANSWERS["08.5"]),
    Choice(id="08.6", answer=ANSWERS["08.6"]),
    Choice(id="08.7", answer=ANSWERS["08.7"]),
    Numbers(
        id="08.8",
        names=("slope", "intercept", "read off"),
        answer=READ_OUT,
        unit="",
        slips={
            "function of the average": (7.0, -6.0, 1.4**3),
            "intercept left out": (7.0, -6.0, 9.8),
            "average over the dreams": (7.0, -6.0, 4.5),
            "the worked example again": (3.0, -2.0, 2.2),
            "through the origin": (3.4, 0.0, 4.76),
            "sign lost": (0.0, 0.0, 0.0),
        },
    ),
    Function(
        id="08.9",
        answer=read_off,
        cases=codes,
        rtol=1e-4,
        atol=1e-6,
        may_not_call=("ddc.readout", "ddc.readouts.solve"),
        slips={
            "ridge beside sums": lambda T, f, r, ridge: r @ _ridge_on_sums(T, f, ridge),
            "no ridge": lambda T, f, r, ridge: r @ _no_ridge(T, f, ridge),
            "not solved": lambda T, f, r, ridge: r @ _not_inverted(T, f, ridge),
            "M of the notebook": lambda T, f, r, ridge: r @ _regression(T, f, ridge, M),
            "rho of the notebook": lambda T, f, r, ridge: r @ _regression(T, f, RHO, len(T)),
            "M and rho of the notebook": lambda T, f, r, ridge: r @ _regression(T, f, RHO, M),
            "alpha alone": lambda T, f, r, ridge: _regression(T, f, ridge, len(T)),
            "wrong sign": wrong_sign(read_off),
            "average over the dreams": lambda T, f, r, ridge: np.full(len(r), f.mean()),
            "codes in the regression": lambda T, f, r, ridge: (
                r @ np.linalg.solve(r.T @ r / len(r) + ridge * np.eye(r.shape[1]), T.T @ f / len(f))
            ),
            "prediction for the dreams": lambda T, f, r, ridge: (
                T @ _regression(T, f, ridge, len(T))
            ),
        },
    ),
)
