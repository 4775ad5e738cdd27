"""Questions of notebook 08, "DDC asleep"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from hmlib.binary import Array
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers
from hmlib.check.slips import wrong_sign
from hmlib.check.varying import varied
from hmlib.course.nb08 import variants
from hmlib.course.nb08.solutions import ANSWERS

learn_R, delta_step, kl_slope, wake_slope = (ANSWERS[f"08.{k}"] for k in (3, 4, 5, 9))

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


def beliefs(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Functions on a few places, a belief, and the averages that it should have."""
    for g, K in ((9, 2), (12, 4), (8, 3)):
        T = rng.normal(0.4, 1, (g, K))
        yield {
            "T": T,
            "q": rng.dirichlet(np.full(g, 3.0)),
            "target": rng.dirichlet(np.full(g, 3.0)) @ T,
        }


def nights(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Encodings of some dreams, two functions of them, and data with their codes."""
    for m, K, p, n in ((9, 3, 2, 4), (14, 5, 3, 6), (11, 2, 1, 5)):
        yield {
            "T": np.column_stack([rng.normal(0.4, 1, (m, K - 1)), np.ones(m)]),
            "J": rng.normal(0.5, 1, (m, p)),
            "mu_J": rng.normal(-0.5, 1, (m, p)),
            "x": rng.normal(1.0, 1, n),
            "r": rng.normal(0.2, 0.5, (n, K)),
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


def _spread(T: Array, q: Array) -> Array:
    """The covariance of T under q."""
    away = T - q @ T
    return (away * q[:, None]).T @ away


def _read(A: Array, B: Array, x: Array, r: Array) -> Array:
    """Equation 10 with these read-outs."""
    return (x[:, None] * (r @ A) - r @ B).mean(axis=0)


def _with(learn: Callable[[Array, Array, float], Array]) -> Callable[..., Array]:
    """The gradient with another regression."""
    return lambda T, J, mu_J, x, r, ridge: _read(learn(T, J, ridge), learn(T, mu_J, ridge), x, r)


def _right(A: Array, B: Array, ridge: float) -> Array:
    return _regression(A, B, ridge, len(A))


QUESTIONS = (
    Choice(id="08.1", answer=ANSWERS["08.1"]),
    Numbers(
        id="08.2",
        names=("near", "far", "error"),
        answer=ANSWERS["08.2"],
        unit="",
        atol=2e-3,
        **varied(variants.by_hand, variants.HEARD, variants.heard_of),
    ),
    Function(
        id="08.3",
        answer=learn_R,
        cases=dreams,
        may_not_call=("ddc.readout", "ddc.readouts.solve", "ddc.recognise", "ddc.sleep"),
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
    Function(
        id="08.5",
        answer=kl_slope,
        cases=beliefs,
        slips={
            "covariance left out": lambda T, q, target: q @ T - target,
            "not inverted": lambda T, q, target: _spread(T, q) @ (q @ T - target),
            "wrong sign": wrong_sign(kl_slope),
            "second moments": lambda T, q, target: np.linalg.solve(
                (T * q[:, None]).T @ T, q @ T - target
            ),
            "variances alone": lambda T, q, target: (q @ T - target) / np.diagonal(_spread(T, q)),
            "places count the same": lambda T, q, target: np.linalg.solve(
                np.cov(T.T, bias=True), q @ T - target
            ),
            "target not subtracted": lambda T, q, target: np.linalg.solve(_spread(T, q), q @ T),
        },
    ),
    Choice(id="08.6", answer=ANSWERS["08.6"]),
    Choice(id="08.7", answer=ANSWERS["08.7"]),
    Numbers(
        id="08.8",
        names=("slope", "intercept", "read off"),
        answer=ANSWERS["08.8"],
        unit="",
        **varied(variants.read_out, variants.READ_OUT, variants.read_out_of),
    ),
    Function(
        id="08.9",
        answer=wake_slope,
        cases=nights,
        may_not_call=("ddc.readout", "ddc.readouts.solve", "ddc.sleep", "ddc.recognise"),
        slips={
            "ridge beside sums": _with(_ridge_on_sums),
            "no ridge": _with(_no_ridge),
            "not solved": _with(_not_inverted),
            "M of the notebook": _with(lambda A, B, ridge: _regression(A, B, ridge, M)),
            "rho of the notebook": _with(lambda A, B, ridge: _regression(A, B, RHO, len(A))),
            "M and rho of the notebook": _with(lambda A, B, ridge: _regression(A, B, RHO, M)),
            "second part left out": lambda T, J, mu_J, x, r, ridge: _read(
                _right(T, J, ridge), 0 * _right(T, mu_J, ridge), x, r
            ),
            "x left out": lambda T, J, mu_J, x, r, ridge: _read(
                _right(T, J, ridge), _right(T, mu_J, ridge), np.ones(len(x)), r
            ),
            "x at both": lambda T, J, mu_J, x, r, ridge: (
                x[:, None] * (r @ (_right(T, J, ridge) - _right(T, mu_J, ridge)))
            ).mean(axis=0),
            "product of averages": lambda T, J, mu_J, x, r, ridge: (
                x.mean() * (r.mean(axis=0) @ _right(T, J, ridge))
                - r.mean(axis=0) @ _right(T, mu_J, ridge)
            ),
            "sum over the data": lambda *given: len(given[3]) * wake_slope(*given),
            "a row for each datum": lambda T, J, mu_J, x, r, ridge: (
                x[:, None] * (r @ _right(T, J, ridge)) - r @ _right(T, mu_J, ridge)
            ),
            "wrong sign": wrong_sign(wake_slope),
            "dreams without data": lambda T, J, mu_J, x, r, ridge: (
                x.mean() * J.mean(axis=0) - mu_J.mean(axis=0)
            ),
        },
    ),
)
