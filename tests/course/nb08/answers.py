"""Answers to the questions of notebook 08, right and wrong, as students type them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from labelled import Labelled
from lettered import letters
from scipy.linalg import cho_factor, cho_solve
from single import in_float32

from hmlib import ddc


def R_by_rows(phi, T, ridge):
    """Least squares with m more rows, a column at a time."""
    n, m = phi.shape
    rows = np.vstack([phi, np.sqrt(n * ridge) * np.eye(m)])
    return [list(np.linalg.lstsq(rows, np.r_[t, np.zeros(m)], rcond=None)[0]) for t in T.T]


def R_by_svd(phi, T, ridge):
    n = len(phi)
    U, s, Vt = np.linalg.svd(phi / np.sqrt(n), full_matrices=False)
    return (T.T / np.sqrt(n)) @ U @ np.diag(s / (s**2 + ridge)) @ Vt


def R_by_dreams(phi, T, ridge):
    """Through a matrix of the dreams in place of one of the features."""
    n = len(phi)
    return T.T @ np.linalg.inv(phi @ phi.T + n * ridge * np.eye(n)) @ phi


def R_in_sums(phi, T, ridge):
    """Sums, with the ridge made to weigh as much."""
    n, m = phi.shape
    return np.linalg.solve(phi.T @ phi + n * ridge * np.eye(m, dtype=phi.dtype), phi.T @ T).T


def R_by_loop(phi, T, ridge):
    n, m = phi.shape
    square, cross = ridge * np.eye(m), np.zeros((m, T.shape[1]))
    for f, t in zip(phi, T, strict=True):
        square += np.outer(f, f) / n
        cross += np.outer(f, t) / n
    return cho_solve(cho_factor(square), cross).T


def R_by_steps(phi, T, ridge):
    """Down the slope, until it is flat."""
    n = len(phi)
    R = np.zeros((T.shape[1], phi.shape[1]))
    for _ in range(4000):
        R = R + 0.1 * ((T - phi @ R.T).T @ phi / n - ridge * R)
    return R


def step_by_loop(R, phi, T, rate):
    new, length = R.tolist(), sum(f * f for f in phi)
    for i, target in enumerate(T):
        error = target - sum(r * f for r, f in zip(R[i], phi, strict=True))
        for j, f in enumerate(phi):
            new[i][j] += rate * error * f / length
    return new


def step_by_norm(R, phi, T, rate):
    error = (T - phi @ R.T)[:, None]
    return R + rate * error * phi[None, :] / np.linalg.norm(phi) ** 2


def step_by_pseudo_inverse(R, phi, T, rate):
    """phi / |phi|^2 is the pseudo-inverse of phi as a column."""
    return R - rate * (R @ phi - T)[:, None] @ np.linalg.pinv(phi[:, None])


def step_by_slope(R, phi, T, rate):
    """Half the slope of the squared error, by small steps."""

    def loss(weights):
        return np.sum((T - weights @ phi) ** 2)

    slope = np.zeros_like(R)
    for index in np.ndindex(R.shape):
        e = np.zeros_like(R)
        e[index] = 1e-4
        slope[index] = (loss(R + e) - loss(R - e)) / 2e-4
    return R - rate * slope / (2 * np.sum(phi * phi))


def step_as_a_mixture(R, phi, T, rate):
    """Part of the way to the nearest weights that make no error."""
    right = R + np.outer(T - R @ phi, phi) / phi.dot(phi)
    return (1 - rate) * R + rate * right


def step_by_library(R, phi, T, rate):
    return ddc.delta_rule(phi[None], T[None], np.random.default_rng(0), rate=rate, start=R.T).T


def slope_by_loop(T, q, target):
    """Gaussian elimination is the library's; the sums are not."""
    K = T.shape[1]
    r = [sum(p * row[k] for p, row in zip(q, T, strict=True)) for k in range(K)]
    C = [
        [sum(p * (t[i] - r[i]) * (t[j] - r[j]) for p, t in zip(q, T, strict=True))
         for j in range(K)] for i in range(K)
    ]  # fmt: skip
    return list(np.linalg.inv(C) @ (np.array(r) - target))


def slope_by_covariance(T, q, target):
    return np.linalg.solve(np.cov(T.T, aweights=q, bias=True), T.T @ q - target)


def slope_by_moments(T, q, target):
    r = T.T @ q
    C = np.einsum("g,gi,gj->ij", q, T, T) - np.outer(r, r)
    return cho_solve(cho_factor(C), r - target)


def slope_by_steps(T, q, target):
    """d KL / d r by the chain rule: small steps in eta move both."""
    step, K = 1e-5, T.shape[1]

    def member(eta):
        heights = q * np.exp(T @ eta)
        return heights / heights.sum()

    def kl(eta):
        # -<log q> under p, but for what does not depend on eta.
        return np.log(np.sum(q * np.exp(T @ eta))) - eta @ target

    up, down = step * np.eye(K), -step * np.eye(K)
    rise = [(kl(a) - kl(b)) / (2 * step) for a, b in zip(up, down, strict=True)]
    moves = [(member(a) - member(b)) @ T / (2 * step) for a, b in zip(up, down, strict=True)]
    return np.linalg.solve(np.array(moves), rise)


def both_at_once(T, J, mu_J, x, r, ridge):
    """One regression for both, side by side."""
    m, K = T.shape
    square = T.T @ T / m + ridge * np.eye(K, dtype=T.dtype)
    A = np.linalg.solve(square, T.T @ np.hstack([J, mu_J]) / m)
    read = r @ A
    p = J.shape[1]
    return np.mean(x[:, None] * read[:, :p] - read[:, p:], axis=0)


def by_moments(T, J, mu_J, x, r, ridge):
    """Averages over the data first: of x r and of r."""
    m, K = T.shape
    inverse = np.linalg.inv(T.T @ T / m + ridge * np.eye(K))
    return (x @ r / len(x)) @ inverse @ T.T @ J / m - r.mean(axis=0) @ inverse @ T.T @ mu_J / m


def by_dreams(T, J, mu_J, x, r, ridge):
    """Signed weights on the dreams."""
    m = len(T)
    w = r @ T.T @ np.linalg.inv(T @ T.T + m * ridge * np.eye(m))
    return [float(v) for v in ((x[:, None] * (w @ J)) - w @ mu_J).mean(axis=0)]


def by_rows(T, J, mu_J, x, r, ridge):
    m, K = T.shape
    rows = np.vstack([T, np.sqrt(m * ridge) * np.eye(K)])
    total = np.zeros(J.shape[1])
    for j in range(J.shape[1]):
        alpha = np.linalg.lstsq(rows, np.r_[J[:, j], np.zeros(K)], rcond=None)[0]
        beta = np.linalg.lstsq(rows, np.r_[mu_J[:, j], np.zeros(K)], rcond=None)[0]
        for seen, code in zip(x, r, strict=True):
            total[j] += (seen * (code @ alpha) - code @ beta) / len(x)
    return tuple(total)


def by_library(T, J, mu_J, x, r, ridge):
    alpha, beta = (ddc.readout(T, y, ridge) for y in (J, mu_J))
    return (x[:, None] * (r @ alpha) - r @ beta).mean(axis=0)


NEAR, FAR = np.array([-1, -1, 1, 1, 1]), np.array([-2, 2, 2])
ERROR = (5 * NEAR.var() + 3 * FAR.var()) / 8

ANSWERS = [
    *letters("08.1", "A"),
    Labelled("08.2", "Fractions", (Fraction(1, 5), Fraction(2, 3), Fraction(29, 15)), True),
    Labelled("08.2", "three decimals", [0.2, 0.667, 1.933], True),
    Labelled("08.2", "means and variances", (NEAR.mean(), FAR.mean(), ERROR), True),
    Labelled("08.2", "by name", {"near": 0.2, "far": 2 / 3, "error": 4.8 / 8 + 4 / 3}, True),
    Labelled("08.2", "float32", np.float32([0.2, 2 / 3, ERROR]), True),
    Labelled("08.2", "divided by one less", (0.2, 2 / 3, (4.8 + 32 / 3) / 7), False),
    Labelled("08.2", "zeros", (0, 0, 0), False),
    Labelled("08.2", "turned round", (ERROR, 2 / 3, 0.2), False),
    Labelled("08.3", "more rows, as lists", R_by_rows, True),
    Labelled("08.3", "singular values", R_by_svd, True),
    Labelled("08.3", "a matrix of dreams", R_by_dreams, True),
    Labelled("08.3", "sums", R_in_sums, True),
    Labelled("08.3", "float32", in_float32(R_in_sums), True),
    Labelled("08.3", "a loop and Cholesky", R_by_loop, True),
    Labelled("08.3", "down the slope", R_by_steps, True),
    Labelled(
        "08.3", "the library's own", lambda phi, T, ridge: ddc.readout(phi, T, ridge).T, False
    ),
    Labelled("08.3", "zeros", lambda phi, T, ridge: np.zeros((T.shape[1], phi.shape[1])), False),
    Labelled("08.3", "few steps down", lambda phi, T, ridge: 0.1 * T.T @ phi / len(phi), False),
    Labelled(
        "08.3",
        "constant not ridged",
        lambda phi, T, ridge: (
            np.linalg.solve(
                phi.T @ phi / len(phi) + ridge * np.diag([1.0] * (phi.shape[1] - 1) + [0.0]),
                phi.T @ T / len(phi),
            ).T
        ),
        False,
    ),
    Labelled("08.4", "a loop, as lists", step_by_loop, True),
    Labelled("08.4", "columns and rows", step_by_norm, True),
    Labelled("08.4", "a pseudo-inverse", step_by_pseudo_inverse, True),
    Labelled("08.4", "slope by small steps", step_by_slope, True),
    Labelled("08.4", "a mixture", step_as_a_mixture, True),
    Labelled("08.4", "float32", in_float32(step_by_norm), True),
    Labelled("08.4", "the library's own", step_by_library, False),
    Labelled("08.4", "R again", lambda R, phi, T, rate: R, False),
    Labelled(
        "08.4",
        "sign of the error",
        lambda R, phi, T, rate: R + rate * np.outer(np.sign(T - R @ phi), phi),
        False,
    ),
    Labelled("08.5", "a loop, as a list", slope_by_loop, True),
    Labelled("08.5", "numpy's covariance", slope_by_covariance, True),
    Labelled("08.5", "moments and Cholesky", slope_by_moments, True),
    Labelled("08.5", "small steps", slope_by_steps, True),
    Labelled("08.5", "float32", in_float32(slope_by_moments), True),
    Labelled("08.5", "zeros", lambda T, q, target: np.zeros(len(target)), False),
    Labelled("08.5", "equation 7, twice", lambda T, q, t: 2 * (q @ T - t), False),
    Labelled("08.5", "one less", lambda T, q, t: slope_by_moments(T, q, t) * (1 - 1 / 9), False),
    *letters("08.6", "D"),
    *letters("08.7", "C"),
    Labelled("08.8", "whole numbers", (7, -6, Fraction(19, 5)), True),
    Labelled("08.8", "a list", [7.0, -6.0, 3.8], True),
    Labelled(
        "08.8",
        "polyfit",
        (*np.polyfit([-2, -1, 1, 2] * np.sign([-1, -1, 1, 1]), [8, 1, 1, 8], 1), 0.6 * 1 + 0.4 * 8),
        True,
    ),
    Labelled("08.8", "an array", np.array([7, -6, 7 * 1.4 - 6]), True),
    Labelled("08.8", "by name", {"read off": 3.8, "slope": 7, "intercept": -6}, True),
    Labelled("08.8", "intercept first", (-6, 7, 3.8), False),
    Labelled("08.8", "of z^2", (3, -2, 2.2), False),
    Labelled("08.8", "intercept with plus", (7, 6, 15.8), False),
    Labelled("08.9", "side by side", both_at_once, True),
    Labelled("08.9", "float32", in_float32(both_at_once), True),
    Labelled("08.9", "averages first", by_moments, True),
    Labelled("08.9", "weights on dreams, as a list", by_dreams, True),
    Labelled("08.9", "more rows, as a tuple", by_rows, True),
    Labelled("08.9", "the library's own", by_library, False),
    Labelled("08.9", "zeros", lambda T, J, *rest: np.zeros(J.shape[1]), False),
    Labelled(
        "08.9",
        "x from its mean",
        lambda T, J, mu_J, x, r, ridge: by_moments(T, J, mu_J, x - x.mean(), r, ridge),
        False,
    ),
    Labelled(
        "08.9",
        "one row",
        lambda T, J, mu_J, x, r, g: by_moments(T, J, mu_J, x[:1], r[:1], g),
        False,
    ),
]
