"""Answers to the questions of notebook 09, right and wrong, as students type them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from labelled import Labelled
from lettered import letters
from scipy.spatial.distance import cdist
from scipy.special import softmax
from scipy.stats import norm
from single import in_float32

from hmlib import ddc
from hmlib.ddc.readouts import solve


def split_by_loop(S, J, mu):
    n, s, k = J.shape
    return [
        [sum((S[a, i] - mu[a, i]) * J[a, i, j] for i in range(s)) for j in range(k)]
        for a in range(n)
    ]


def split_in_two_terms(S, J, mu):
    return np.einsum("ns,nsk->nk", S, J) - np.einsum("ns,nsk->nk", mu, J)


def split_by_rows(S, J, mu):
    return np.array([s @ j - m @ j for s, j, m in zip(S, J, mu, strict=True)])


def split_by_matmul(S, J, mu):
    return ((S - mu)[:, None, :] @ J)[:, 0]


def moments_by_loop(r_data, x_data, r_dream, x_dream):
    def average(r, x, power):
        total = np.zeros(r.shape[1])
        for row, value in zip(r, x, strict=True):
            total += row * value.item() ** power / len(r)
        return total

    return [average(r_data, x_data, p) - average(r_dream, x_dream, p) for p in range(3)]


def moments_by_products(r_data, x_data, r_dream, x_dream):
    data, dream = (np.hstack([np.ones_like(x), x, x * x]) for x in (x_data, x_dream))
    return data.T @ r_data / len(data) - dream.T @ r_dream / len(dream)


def moments_by_einsum(r_data, x_data, r_dream, x_dream):
    powers = np.arange(3)
    data, dream = x_data[:, 0, None] ** powers, x_dream[:, 0, None] ** powers
    return np.einsum("np,nk->pk", data, r_data) / len(data) - np.einsum(
        "np,nk->pk", dream, r_dream
    ) / len(dream)


def moments_by_average(r_data, x_data, r_dream, x_dream):
    rows = []
    for power in (0, 1, 2):
        awake = np.mean(x_data**power * r_data, axis=0)
        asleep = np.mean(x_dream**power * r_dream, axis=0)
        rows.append(awake - asleep)
    return tuple(rows)


def weights_by_dreams(phi_dream, phi_data, rho):
    """Through a matrix of the dreams."""
    M = len(phi_dream)
    gap = phi_data.mean(axis=0) - phi_dream.mean(axis=0)
    return np.linalg.solve(
        phi_dream @ phi_dream.T + M * rho * np.eye(M, dtype=gap.dtype), phi_dream @ gap
    )


def weights_by_inverse(phi_dream, phi_data, rho):
    M, K = phi_dream.shape
    inverse = np.linalg.inv(phi_dream.T @ phi_dream / M + rho * np.eye(K))
    return [row @ inverse @ (phi_data.mean(0) - phi_dream.mean(0)) / M for row in phi_dream]


def weights_in_two_steps(phi_dream, phi_data, rho):
    """Of the data, less of the dreams: linear in the averages."""
    M, K = phi_dream.shape
    map_ = phi_dream @ np.linalg.pinv(phi_dream.T @ phi_dream + M * rho * np.eye(K))
    return map_ @ phi_data.mean(axis=0) - map_ @ phi_dream.mean(axis=0)


def weights_by_least_squares(phi_dream, phi_data, rho):
    """The ratio of densities, minus 1, by least squares over the dreams."""
    M = len(phi_dream)
    gap = phi_data.mean(axis=0) - phi_dream.mean(axis=0)
    values, vectors = np.linalg.eigh(phi_dream.T @ phi_dream / M)
    a = vectors @ ((vectors.T @ gap) / (values + rho))
    return (phi_dream * a).sum(axis=1) / M


def weights_by_library(phi_dream, phi_data, rho):
    M = len(phi_dream)
    gap = (phi_data.mean(axis=0) - phi_dream.mean(axis=0))[:, None]
    return (phi_dream @ solve(phi_dream.T @ phi_dream / M, gap, rho))[:, 0] / M


def weights_by_night(phi_dream, phi_data, rho):
    night = ddc.sleep((phi_dream, phi_dream), lambda x: x, [lambda z: z], rho)
    gap = phi_data.mean(axis=0) - phi_dream.mean(axis=0)
    return night.particles(0, gap[:, None])[:, 0]


def nearby_by_loop(x, x_dream, v, kappa):
    rows = []
    for row in x:
        q = [np.exp(-sum((a - b) ** 2 for a, b in zip(row, s, strict=True)) / (2 * kappa * v))
             for s in x_dream]  # fmt: skip
        rows.append([value / sum(q) for value in q])
    return rows


def nearby_by_distances(x, x_dream, v, kappa):
    return softmax(-(cdist(x, x_dream) ** 2) / (2 * kappa * v), axis=1)


def nearby_by_products(x, x_dream, v, kappa):
    """|x_s|^2 - 2 x.x_s is enough: |x|^2 is the same for all dreams."""
    log_q = (x @ x_dream.T - (x_dream**2).sum(1) / 2) / (kappa * v)
    q = np.exp(log_q - log_q.max(1, keepdims=True))
    return q / q.sum(1)[:, None]


def nearby_by_densities(x, x_dream, v, kappa):
    """Densities of a Gaussian about each dream; their constant cancels."""
    sd = np.sqrt(kappa * v)
    p = np.prod(norm.pdf(x[:, None], x_dream, sd), axis=2)
    return p / p.sum(axis=1, keepdims=True)


def nearest(x, x_dream, v, kappa):
    """All weight on the nearest dream."""
    return np.eye(len(x_dream))[cdist(x, x_dream).argmin(axis=1)]


def nearby_by_library(x, x_dream, v, kappa):
    d = x.shape[1]
    bottom = ddc.Gaussian(np.eye(d), np.zeros(d), np.full(d, np.log(v)))
    chain = ddc.Chain((bottom, ddc.StandardNormal(d)))
    return ddc.LocalNight(chain, (x_dream, x_dream), kappa).weights(x)


ANSWERS = [
    *letters("09.1", "A"),
    *letters("09.2", "B"),
    Labelled("09.3", "a loop, as lists", split_by_loop, True),
    Labelled("09.3", "two terms", split_in_two_terms, True),
    Labelled("09.3", "row by row", split_by_rows, True),
    Labelled("09.3", "matrix products", split_by_matmul, True),
    Labelled("09.3", "sum over an axis", lambda S, J, mu: (J * (S - mu)[..., None]).sum(1), True),
    Labelled(
        "09.3", "products the other way", lambda S, J, mu: (J @ (S - mu)[..., None])[..., 0], False
    ),
    Labelled("09.3", "float32", in_float32(split_in_two_terms), True),
    Labelled("09.3", "zeros", lambda S, J, mu: np.zeros_like(S), False),
    Labelled("09.3", "J of the first row", lambda S, J, mu: (S - mu) @ J[0], False),
    Labelled("09.4", "a loop, as a list", moments_by_loop, True),
    Labelled("09.4", "matrix products", moments_by_products, True),
    Labelled("09.4", "einsum", moments_by_einsum, True),
    Labelled("09.4", "averages, as a tuple", moments_by_average, True),
    Labelled(
        "09.4", "float32", lambda *given: moments_by_products(*given).astype(np.float32), True
    ),
    Labelled("09.4", "shape (K, 3)", lambda *given: moments_by_products(*given).T, False),
    Labelled("09.4", "zeros", lambda r_data, *rest: np.zeros((3, r_data.shape[1])), False),
    Labelled(
        "09.4",
        "dreams cut to the data",
        lambda r_data, x_data, r_dream, x_dream: moments_by_products(
            r_data, x_data, r_dream[: len(r_data)], x_dream[: len(x_data)]
        ),
        False,
    ),
    Labelled("09.5", "a matrix of dreams", weights_by_dreams, True),
    Labelled("09.5", "an inverse, as a list", weights_by_inverse, True),
    Labelled("09.5", "data less dreams", weights_in_two_steps, True),
    Labelled("09.5", "float32", in_float32(weights_by_dreams), True),
    Labelled("09.5", "eigenvectors", weights_by_least_squares, True),
    Labelled("09.5", "the library's regression", weights_by_library, False),
    Labelled("09.5", "the library's night", weights_by_night, False),
    Labelled(
        "09.5",
        "all alike",
        lambda phi_dream, phi_data, rho: np.full(len(phi_dream), 1 / len(phi_dream)),
        False,
    ),
    Labelled(
        "09.5", "none below 0", lambda *given: np.maximum(weights_by_dreams(*given), 0), False
    ),
    *letters("09.6", "C"),
    *letters("09.7", "C"),
    Labelled("09.8", "a loop, as lists", nearby_by_loop, True),
    Labelled("09.8", "distances of scipy", nearby_by_distances, True),
    Labelled("09.8", "products alone", nearby_by_products, True),
    Labelled("09.8", "densities", nearby_by_densities, True),
    Labelled("09.8", "float32", in_float32(nearby_by_products), True),
    Labelled("09.8", "the nearest dream", nearest, False),
    Labelled("09.8", "the library's night", nearby_by_library, False),
    Labelled("09.8", "shape (M, n)", lambda *given: nearby_by_products(*given).T, False),
    Labelled(
        "09.8", "all alike", lambda x, d, v, kappa: np.full((len(x), len(d)), 1 / len(d)), False
    ),
    Labelled("09.9", "ratios minus 1", (0.6 / 0.75 - 1, 0.4 / 0.25 - 1), True),
    Labelled("09.9", "Fractions", (Fraction(-1, 5), Fraction(3, 5)), True),
    Labelled("09.9", "an array", np.divide([-0.15, 0.15], [0.75, 0.25]), True),
    Labelled("09.9", "by name", {"dream of B": 0.6, "dream of A": -0.2}, True),
    Labelled("09.9", "turned round", (0.6, -0.2), False),
    Labelled("09.9", "the data", (0.6, 0.4), False),
    Labelled("09.9", "logarithms of the ratios", np.log([0.8, 1.6]), False),
    *letters("09.10", "D"),
]
