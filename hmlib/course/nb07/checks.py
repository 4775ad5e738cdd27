"""Questions of notebook 07, "Say a distribution in shadows"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hmlib.binary import Array
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers
from hmlib.check.slips import wrong_sign
from hmlib.check.varying import varied
from hmlib.course.nb07 import variants
from hmlib.course.nb07.solutions import ANSWERS

mismatch, read_off, bound = (ANSWERS[id] for id in ("07.3", "07.6", "07.8"))

SIZES = ((9, 4), (12, 5), (7, 3))
"""(places, functions) of every trial."""


def _families(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Functions on a few places, a base measure, weights and a code."""
    for n, K in SIZES:
        T = rng.normal(size=(n, K))
        yield {
            "eta": rng.normal(size=K),
            "T": T,
            "base": rng.dirichlet(np.full(n, 2.0)),
            "code": rng.dirichlet(np.full(n, 2.0)) @ T,
        }


def _regressions(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Functions and a target on a few places, a code and a ridge that is felt."""
    for n, K in SIZES:
        T = rng.normal(size=(n, K))
        code = rng.dirichlet(np.full(n, 2.0)) @ T
        yield {"T": T, "f": rng.normal(1.0, 1.0, n), "code": code, "rho": rng.uniform(0.05, 0.2)}


def _fits(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """A target on a few places, functions, and weights that are not the best ones."""
    for n, K in SIZES:
        T, f = rng.normal(size=(n, K)), rng.normal(1.0, 1.0, n)
        alpha = _best(T, f) + rng.normal(0.0, 0.5, K)
        # The largest miss is one where the functions give too much.
        rest = f - T @ alpha
        sign = -np.sign(rest[np.abs(rest).argmax()])
        yield {"f": sign * f, "T": T, "alpha": sign * alpha}


def _heights(eta: Array, T: Array, base: Array) -> Array:
    return base * np.exp(T @ eta)


def _scaled(q: Array) -> Array:
    return q / q.sum()


def _weights(T: Array, f: Array, rho: float) -> Array:
    n, K = T.shape
    return np.linalg.solve(T.T @ T / n + rho * np.eye(K), T.T @ f / n)


def _best(T: Array, f: Array) -> Array:
    return np.linalg.lstsq(T, f, rcond=None)[0].astype(np.float64)


def _rest(f: Array, T: Array, alpha: Array) -> Array:
    return f - T @ alpha


QUESTIONS = (
    Numbers(
        id="07.1",
        names=("average of z", "average of z^2", "average of 1"),
        answer=ANSWERS["07.1"],
        unit="",
        **varied(variants.code, variants.CODE, variants.code_of),
    ),
    Choice(id="07.2", answer=ANSWERS["07.2"]),
    Function(
        id="07.3",
        answer=mismatch,
        cases=_families,
        slips={
            "wrong sign": wrong_sign(mismatch),
            "eta with the wrong sign": lambda eta, T, base, code: (
                _scaled(_heights(-eta, T, base)) @ T - code
            ),
            "no slope taken": lambda eta, T, base, code: (
                np.log(_heights(eta, T, base).sum()) - eta @ code
            ),
            "base left out": lambda eta, T, base, code: _scaled(np.exp(T @ eta)) @ T - code,
            "not normalised": lambda eta, T, base, code: _heights(eta, T, base) @ T - code,
            "code not subtracted": lambda eta, T, base, code: _scaled(_heights(eta, T, base)) @ T,
            "q alone": lambda eta, T, base, code: _scaled(_heights(eta, T, base)),
            "added up over the functions": lambda *given: np.sum(mismatch(*given)),
            "eta left out": lambda eta, T, base, code: base @ T - code,
            "mean over the places": lambda eta, T, base, code: T.mean(axis=0) - code,
        },
    ),
    Choice(id="07.4", answer=ANSWERS["07.4"]),
    Numbers(
        id="07.5",
        names=("decoded 11", "decoded 00"),
        answer=ANSWERS["07.5"],
        unit="",
        **varied(variants.pair, variants.POSTERIOR, variants.posterior_of),
    ),
    Function(
        id="07.6",
        answer=read_off,
        cases=_regressions,
        may_not_call=("ddc.readout", "ddc.readouts.solve"),
        slips={
            "regression left out": lambda T, f, code, rho: code @ (T.T @ f) / len(T),
            "ridge left out": lambda T, f, code, rho: code @ _best(T, f),
            "ridge not to scale": lambda T, f, code, rho: code @ _weights(T, f, rho / len(T)),
            "n of the notebook": lambda T, f, code, rho: (
                code @ np.linalg.solve(T.T @ T / 2000 + rho * np.eye(T.shape[1]), T.T @ f / 2000)
            ),
            "f not averaged": lambda T, f, code, rho: len(T) * (code @ _weights(T, f, rho)),
            "average over the values": lambda T, f, code, rho: f.mean(),
            "code left out": lambda T, f, code, rho: _weights(T, f, rho),
            "not added up": lambda T, f, code, rho: _weights(T, f, rho) * code,
            "ridge off the diagonal": lambda T, f, code, rho: (
                code @ np.linalg.solve(T.T @ T / len(T) + rho, T.T @ f / len(T))
            ),
            "f out of encodings": lambda T, f, code, rho: T @ _weights(T, f, rho),
        },
    ),
    Numbers(
        id="07.7",
        names=("first entry", "second entry"),
        answer=ANSWERS["07.7"],
        unit="",
        **varied(variants.mixed, variants.MIXTURE, variants.mixture_of),
    ),
    Function(
        id="07.8",
        answer=bound,
        cases=_fits,
        slips={
            "once for twice": lambda f, T, alpha: np.abs(_rest(f, T, alpha)).max(),
            "mean for max": lambda f, T, alpha: 2 * np.abs(_rest(f, T, alpha)).mean(),
            "root mean square": lambda f, T, alpha: 2 * np.sqrt((_rest(f, T, alpha) ** 2).mean()),
            "range of the rest": lambda f, T, alpha: np.ptp(_rest(f, T, alpha)),
            "added up over the places": lambda f, T, alpha: 2 * np.abs(_rest(f, T, alpha)).sum(),
            "no largest taken": lambda f, T, alpha: 2 * np.abs(_rest(f, T, alpha)),
            "the rest alone": _rest,
            "the size of the rest alone": lambda f, T, alpha: np.abs(_rest(f, T, alpha)),
            "sign kept": lambda f, T, alpha: 2 * _rest(f, T, alpha).max(),
            "weights of its own": lambda f, T, alpha: 2 * np.abs(_rest(f, T, _best(T, f))).max(),
            "f itself": lambda f, T, alpha: 2 * np.abs(f).max(),
        },
    ),
    Choice(id="07.9", answer=ANSWERS["07.9"]),
    Numbers(
        id="07.10",
        names=("read off", "bound"),
        answer=ANSWERS["07.10"],
        unit="",
        **varied(variants.read_off, variants.JUMP, variants.jump_of),
    ),
)
