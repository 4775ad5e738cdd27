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


def off_by_rows(T, f, r, ridge):
    m, K = T.shape
    rows = np.vstack([T, np.sqrt(m * ridge) * np.eye(K)])
    alpha = np.linalg.lstsq(rows, np.r_[f, np.zeros(K)], rcond=None)[0]
    return [float(np.dot(row, alpha)) for row in r]


def off_by_weights(T, f, r, ridge):
    """Signed weights on the dreams, seen from the code."""
    m, K = T.shape
    w = r @ np.linalg.inv(T.T @ T / m + ridge * np.eye(K)) @ T.T / m
    return (w * f).sum(axis=1)


def off_by_dreams(T, f, r, ridge):
    m = len(T)
    return r @ (T.T @ np.linalg.solve(T @ T.T + m * ridge * np.eye(m, dtype=T.dtype), f))


def off_by_loop(T, f, r, ridge):
    m, K = T.shape
    square = sum(np.outer(t, t) for t in T) / m + ridge * np.identity(K)
    cross = sum(t * y for t, y in zip(T, f, strict=True)) / m
    alpha = np.linalg.inv(square).dot(cross)
    return tuple(sum(a * c for a, c in zip(alpha, code, strict=True)) for code in r)


def off_by_library(T, f, r, ridge):
    return r @ ddc.readout(T, f[:, None], ridge)[:, 0]


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
    *letters("08.5", "D"),
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
    Labelled("08.9", "more rows, as a list", off_by_rows, True),
    Labelled("08.9", "weights on dreams", off_by_weights, True),
    Labelled("08.9", "a matrix of dreams", off_by_dreams, True),
    Labelled("08.9", "float32", in_float32(off_by_dreams), True),
    Labelled("08.9", "a loop, as a tuple", off_by_loop, True),
    Labelled("08.9", "the library's own", off_by_library, False),
    Labelled("08.9", "first function of the code", lambda T, f, r, ridge: r[:, 0], False),
    Labelled("08.9", "the mean, for all", lambda T, f, r, ridge: [f.mean()] * len(r), False),
    Labelled(
        "08.9",
        "cut to what f was",
        lambda T, f, r, ridge: np.clip(off_by_dreams(T, f, r, ridge), 0.2, 0.6),
        False,
    ),
]
