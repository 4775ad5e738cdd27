"""Questions of notebook 09, "DDC awake"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hmlib.binary import Array
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers
from hmlib.check.slips import wrong_sign
from hmlib.check.varying import varied
from hmlib.course.nb09 import variants
from hmlib.course.nb09.solutions import ANSWERS

split, moments, weights, nearby = (ANSWERS[id] for id in ("09.3", "09.4", "09.5", "09.8"))

SIZES = ((6, 2), (9, 3), (12, 4))
"""(rows, functions) of every trial."""


def _layers(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """As many statistics as parameters, so that either index of J can be summed over."""
    for n, k in SIZES:
        yield {
            "S": rng.normal(size=(n, k)),
            "J": rng.normal(size=(n, k, k)),
            "mu": rng.normal(size=(n, k)),
        }


def _codes(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Codes and observations of data and of dreams; more dreams than data."""
    for n, K in SIZES:
        yield {
            "r_data": rng.normal(size=(n, K)),
            "x_data": rng.normal(1.0, 1.0, (n, 1)),
            "r_dream": rng.normal(size=(2 * n, K)),
            "x_dream": rng.normal(size=(2 * n, 1)),
        }


def _features(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Features of dreams and of data, which differ in number, and a ridge that is felt."""
    for n, K in SIZES:
        yield {
            "phi_dream": rng.normal(size=(2 * n, K)),
            "phi_data": rng.normal(0.5, 1.0, size=(n, K)),
            "rho": rng.uniform(0.2, 0.5),
        }


def _averages(r: Array, x: Array) -> Array:
    return np.array([(r * f).mean(axis=0) for f in (x**0, x, x**2)])


def _products(r: Array, x: Array) -> Array:
    """Averages of r and of x, multiplied afterwards."""
    return np.array([r.mean(axis=0) * f.mean() for f in (x**0, x, x**2)])


def _sums(r: Array, x: Array) -> Array:
    return len(x) * _averages(r, x)


def _solved(phi_dream: Array, rho: float, gap: Array) -> Array:
    M, K = phi_dream.shape
    return phi_dream @ np.linalg.solve(phi_dream.T @ phi_dream / M + rho * np.eye(K), gap) / M


def _gap(phi_dream: Array, phi_data: Array) -> Array:
    return phi_data.mean(axis=0) - phi_dream.mean(axis=0)


def _nights(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Observations and dreams near them, in one, two and three dimensions."""
    for d, (n, M) in enumerate(SIZES, start=1):
        yield {
            "x": rng.normal(size=(n, d)),
            "x_dream": rng.normal(size=(M + 4, d)),
            "v": float(rng.uniform(0.3, 0.6)),
            "kappa": float(rng.uniform(0.55, 0.8)),
        }


def _near(x: Array, x_dream: Array, width: float, power: int = 2) -> Array:
    """exp(-distance^power / (2 width)), a row an observation."""
    far = np.linalg.norm(x[:, None] - x_dream, axis=2)
    return np.asarray(np.exp(-(far**power) / (2 * width)))


def _shares(q: Array, axis: int = 1) -> Array:
    return np.asarray(q / q.sum(axis=axis, keepdims=True))


QUESTIONS = (
    Choice(id="09.1", answer=ANSWERS["09.1"]),
    Choice(id="09.2", answer=ANSWERS["09.2"]),
    Function(
        id="09.3",
        answer=split,
        cases=_layers,
        slips={
            "wrong sign": wrong_sign(split),
            "wrong index": lambda S, J, mu: np.einsum("nk,nsk->ns", S - mu, J),
            "mean left out": lambda S, J, mu: np.einsum("ns,nsk->nk", S, J),
            "summed over the rows": lambda S, J, mu: np.einsum("ns,nsk->k", S - mu, J),
            "mean without J": lambda S, J, mu: np.einsum("ns,nsk->nk", S, J) - mu,
        },
    ),
    Function(
        id="09.4",
        answer=moments,
        cases=_codes,
        may_not_call=("ddc.seen", "ddc.seen_in_dreams"),
        slips={
            "wrong sign": wrong_sign(moments),
            "dreams left out": lambda r_data, x_data, r_dream, x_dream: _averages(r_data, x_data),
            "data left out": lambda r_data, x_data, r_dream, x_dream: _averages(r_dream, x_dream),
            "product of averages": lambda r_data, x_data, r_dream, x_dream: (
                _products(r_data, x_data) - _products(r_dream, x_dream)
            ),
            "sums": lambda r_data, x_data, r_dream, x_dream: (
                _sums(r_data, x_data) - _sums(r_dream, x_dream)
            ),
        },
    ),
    Function(
        id="09.5",
        answer=weights,
        cases=_features,
        may_not_call=("ddc.readout", "ddc.readouts.solve", "ddc.Night.particles"),
        slips={
            "wrong sign": wrong_sign(weights),
            "dreams left out": lambda phi_dream, phi_data, rho: _solved(
                phi_dream, rho, phi_data.mean(axis=0)
            ),
            "not divided by M": lambda phi_dream, phi_data, rho: (
                len(phi_dream) * _solved(phi_dream, rho, _gap(phi_dream, phi_data))
            ),
            "ridge left out": lambda phi_dream, phi_data, rho: _solved(
                phi_dream, 0.0, _gap(phi_dream, phi_data)
            ),
            "not solved": lambda phi_dream, phi_data, rho: (
                phi_dream @ _gap(phi_dream, phi_data) / len(phi_dream)
            ),
            "weights of the features": lambda phi_dream, phi_data, rho: np.linalg.solve(
                phi_dream.T @ phi_dream / len(phi_dream) + rho * np.eye(phi_dream.shape[1]),
                _gap(phi_dream, phi_data),
            ),
        },
    ),
    Choice(id="09.6", answer=ANSWERS["09.6"]),
    Choice(id="09.7", answer=ANSWERS["09.7"]),
    Function(
        id="09.8",
        answer=nearby,
        cases=_nights,
        may_not_call=("ddc.local_night", "ddc.LocalNight.weights"),
        slips={
            "all of the noise": lambda x, x_dream, v, kappa: _shares(_near(x, x_dream, v)),
            "the other part": lambda x, x_dream, v, kappa: _shares(
                _near(x, x_dream, (1 - kappa) * v)
            ),
            "a standard deviation": lambda x, x_dream, v, kappa: _shares(
                _near(x, x_dream, (kappa * v) ** 2)
            ),
            "without the half": lambda x, x_dream, v, kappa: _shares(
                _near(x, x_dream, kappa * v / 2)
            ),
            "not normalised": lambda x, x_dream, v, kappa: _near(x, x_dream, kappa * v),
            "normalised over the data": lambda x, x_dream, v, kappa: _shares(
                _near(x, x_dream, kappa * v), axis=0
            ),
            "distance not squared": lambda x, x_dream, v, kappa: _shares(
                _near(x, x_dream, kappa * v, power=1)
            ),
        },
    ),
    Numbers(
        id="09.9",
        names=("dream of A", "dream of B"),
        answer=ANSWERS["09.9"],
        unit="",
        **varied(variants.weights, variants.PRINTED, variants.pictures_of),
    ),
    Choice(id="09.10", answer=ANSWERS["09.10"]),
)
