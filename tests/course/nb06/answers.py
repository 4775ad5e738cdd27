"""Answers to the questions of notebook 06 in many forms, right and wrong."""

from __future__ import annotations

from fractions import Fraction
from math import log

import numpy as np
from labelled import Labelled
from scipy.special import entr, expit, logsumexp

from hmlib import exact, tables
from hmlib.binary import Generative, Recognition, sigmoid
from hmlib.course.nb06.solutions import L_K, cosine, price, reweighted, score_slope


def price_by_divergence(p, n_v):
    on = p @ exact.states(n_v)
    return np.sum(p * np.log(p / exact.factorised_table(on)), axis=1)


def price_by_rows(p, n_v):
    prices = []
    for row in p:
        on = [sum(row[exact.states(n_v)[:, a] == 1]) for a in range(n_v)]
        prices.append(sum(entr(m) + entr(1 - m) for m in on) - entr(row).sum())
    return prices


def score_by_rows(gen, rec, u, v):
    w, W = np.zeros(gen.n_v), np.zeros((gen.n_v, gen.n_u))
    for row, c in zip(u, v, strict=True):
        worth = gen.log_prob(c[None], row[None])[0] - rec.log_prob(c[None], row[None])[0]
        error = worth * (c - expit(rec.W @ row + rec.w))
        w, W = w + error / len(u), W + np.outer(error, row) / len(u)
    return Recognition(w=w, W=W)


def score_by_einsum(gen, rec, u, v):
    worth = gen.log_prob(v, u) - rec.log_prob(v, u)
    error = v - sigmoid(u @ rec.W.T + rec.w)
    return Recognition(worth @ error / len(u), np.einsum("n,na,nb->ab", worth, error, u) / len(u))


def score_as_a_tuple(gen, rec, u, v):
    slope = score_slope(gen, rec, u, v)
    return slope.w, slope.W


def score_written_out(gen, rec, u, v):
    """Every logarithm by hand."""
    x, y = v @ gen.G.T + gen.h, u @ rec.W.T + rec.w
    log_p = (v * gen.g - np.logaddexp(0, gen.g)).sum(1) + (u * x - np.logaddexp(0, x)).sum(1)
    error = (log_p - (v * y - np.logaddexp(0, y)).sum(1))[:, None] * (v - expit(y))
    return Recognition(error.mean(0), (error[:, :, None] * u[:, None]).mean(0))


def with_a_one(gen, rec, u, v):
    """The slope of Q log Q with its 1: right on average."""
    worth = gen.log_prob(v, u) - rec.log_prob(v, u) - 1
    error = worth[:, None] * (v - sigmoid(rec.drive(u)))
    return Recognition(error.mean(axis=0), error.T @ u / len(u))


def with_baseline(gen, rec, u, v):
    """Right on average, and not what was asked for."""
    worth = gen.log_prob(v, u) - rec.log_prob(v, u)
    error = (worth - worth.mean())[:, None] * (v - sigmoid(rec.drive(u)))
    return Recognition(error.mean(axis=0), error.T @ u / len(u))


def reweighted_by_guesses(gen, u, v, omega):
    g, G, h = np.zeros(gen.n_v), np.zeros((gen.n_u, gen.n_v)), np.zeros(gen.n_u)
    for weight, c in zip(omega, v, strict=True):
        error = u - expit(gen.G @ c + gen.h)
        g, G, h = (
            g + weight * (c - expit(gen.g)),
            G + weight * np.outer(error, c),
            h + weight * error,
        )
    return Generative(g=g, G=G, h=h)


def reweighted_by_einsum(gen, u, v, omega):
    error = u[None] - sigmoid(v @ gen.G.T + gen.h)
    return Generative(
        omega @ v - sigmoid(gen.g), np.einsum("k,kb,ka->ba", omega, error, v), omega @ error
    )


def reweighted_as_a_tuple(gen, u, v, omega):
    change = reweighted(gen, u, v, omega)
    return change.g, change.G, change.h


def l_k_by_the_largest(log_r):
    top = log_r.max(axis=1, keepdims=True)
    return np.log(np.exp(log_r - top).mean(axis=1)) + top[:, 0]


def cosine_by_steps(gen, rec, u):
    up, sleep = exact.grad_free_energy(gen, rec, u)[1], exact.grad_dream(gen, rec, u)[1]
    product = (up.w * sleep.w).sum() + (up.W * sleep.W).sum()
    lengths = [np.sqrt((s.w**2).sum() + (s.W**2).sum()) for s in (up, sleep)]
    return product / (lengths[0] * lengths[1])


def cosine_by_distance(gen, rec, u):
    up, sleep = (f(gen, rec, u)[1].ravel() for f in (exact.grad_free_energy, exact.grad_dream))
    apart = up / np.linalg.norm(up) - sleep / np.linalg.norm(sleep)
    return 1 - (apart**2).sum() / 2


def correlation(gen, rec, u):
    up, sleep = (f(gen, rec, u)[1].ravel() for f in (exact.grad_free_energy, exact.grad_dream))
    return np.corrcoef(up, sleep)[0, 1]


def letters(id, right):
    """Forms of a letter, and the other letters."""
    forms = [
        right.lower(),
        f" {right} ",
        f"{right})",
        f"{right}.",
        f"({right.lower()})",
        f"{right}:",
    ]
    return [Labelled(id, f"as {form!r}", form, True) for form in forms] + [
        Labelled(id, f"letter {other}", other, False) for other in "ABCD" if other != right
    ]


ANSWERS = [
    Labelled("06.1", "logarithms", (log(3), log(9 / 4)), True),
    Labelled("06.1", "a list, rounded", [1.099, 0.811], True),
    Labelled("06.1", "an array", np.array([log(3), 2 * log(1.5)]), True),
    Labelled("06.1", "fractions", (Fraction(1099, 1000), Fraction(811, 1000)), True),
    Labelled("06.1", "both the first", (log(3), log(3)), False),
    Labelled("06.1", "in bits", (np.log2(3), np.log2(9 / 4)), False),
    Labelled("06.1", "one number", log(3), False),
    Labelled("06.2", "a divergence", price_by_divergence, True),
    Labelled("06.2", "row by row", price_by_rows, True),
    Labelled("06.2", "a list", lambda p, n_v: list(price(p, n_v)), True),
    Labelled(
        "06.2", "single precision at the end", lambda p, n_v: price(p, n_v).astype(np.float64), True
    ),
    Labelled("06.2", "the library's own", lambda p, n_v: tables.mutual_information(p), False),
    Labelled(
        "06.2",
        "the library's divergences",
        lambda p, n_v: tables.divergences(tables.independent(p), p)[1],
        False,
    ),
    Labelled("06.2", "zeros", lambda p, n_v: np.zeros(len(p)), False),
    Labelled("06.2", "clipped", lambda p, n_v: np.minimum(price(p, n_v), 0.1), False),
    *letters("06.3", "A"),
    Labelled("06.4", "row by row", score_by_rows, True),
    Labelled("06.4", "einsum", score_by_einsum, True),
    Labelled("06.4", "a tuple", score_as_a_tuple, True),
    Labelled("06.4", "every logarithm by hand", score_written_out, True),
    Labelled(
        "06.4",
        "the exact slope",
        lambda gen, rec, u, v: exact.grad_free_energy(gen, rec, u)[1],
        False,
    ),
    Labelled("06.4", "with a baseline", with_baseline, False),
    Labelled("06.4", "with a one", with_a_one, False),
    Labelled("06.2", "a column", lambda p, n_v: price(p, n_v)[:, None], False),
    Labelled("06.2", "a share for each cause", lambda p, n_v: price(p, n_v) / n_v, False),
    Labelled("06.6", "the wrong axis", lambda log_r: L_K(log_r.T), False),
    Labelled("06.6", "ten guesses always", lambda log_r: logsumexp(log_r, axis=1) - log(10), False),
    Labelled("06.10", "by distance", cosine_by_distance, True),
    Labelled("06.10", "a correlation", correlation, False),
    Labelled("06.4", "no slope", lambda gen, rec, u, v: rec.like(0 * rec.ravel()), False),
    *letters("06.5", "A"),
    Labelled("06.6", "the largest first", l_k_by_the_largest, True),
    Labelled(
        "06.6",
        "logaddexp",
        lambda log_r: np.logaddexp.reduce(log_r, axis=1) - np.log(log_r.shape[1]),
        True,
    ),
    Labelled(
        "06.6", "weights inside", lambda log_r: logsumexp(log_r, axis=1, b=1 / log_r.shape[1]), True
    ),
    Labelled("06.6", "a list", lambda log_r: [float(x) for x in L_K(log_r)], True),
    Labelled("06.6", "the plain formula", lambda log_r: np.log(np.exp(log_r).mean(axis=1)), False),
    Labelled("06.6", "the middle", lambda log_r: np.median(log_r, axis=1), False),
    Labelled(
        "06.6",
        "clipped",
        lambda log_r: np.log(np.exp(np.clip(log_r, -700, 700)).mean(axis=1)),
        False,
    ),
    Labelled("06.7", "guess by guess", reweighted_by_guesses, True),
    Labelled("06.7", "einsum", reweighted_by_einsum, True),
    Labelled("06.7", "a tuple", reweighted_as_a_tuple, True),
    Labelled(
        "06.7",
        "weights made to add up",
        lambda gen, u, v, omega: reweighted(gen, u, v, omega / omega.sum()),
        True,
    ),
    Labelled(
        "06.7",
        "the best guess alone",
        lambda gen, u, v, omega: reweighted(gen, u, v[[omega.argmax()]], np.ones(1)),
        False,
    ),
    Labelled(
        "06.7",
        "the posterior",
        lambda gen, u, v, omega: exact.grad_log_likelihood(gen, u[None]),
        False,
    ),
    Labelled(
        "06.7",
        "the model after the step",
        lambda gen, u, v, omega: gen + reweighted(gen, u, v, omega),
        False,
    ),
    *letters("06.8", "B"),
    Labelled("06.9", "logarithms", (log(3 / 8), -2 * log(2)), True),
    Labelled("06.9", "a list, rounded", [-0.981, -1.386], True),
    Labelled("06.9", "an array", np.log([3 / 8, 1 / 4]), True),
    Labelled("06.9", "fractions", (Fraction(-981, 1000), Fraction(-1386, 1000)), True),
    Labelled("06.9", "the mean ratio", (3 / 8, 1 / 4), False),
    Labelled("06.9", "both the first", (log(3 / 8), log(3 / 8)), False),
    Labelled("06.10", "part by part", cosine_by_steps, True),
    Labelled("06.10", "a 0-d array", lambda gen, rec, u: np.array(cosine(gen, rec, u)), True),
    Labelled(
        "06.10",
        "other weights of the data",
        lambda gen, rec, u: cosine(gen, rec, np.repeat(u, 2, axis=0)),
        True,
    ),
    Labelled(
        "06.10",
        "normed first",
        lambda gen, rec, u: float(np.prod([1.0]) * cosine_by_steps(gen, rec, u)),
        True,
    ),
    Labelled("06.10", "one", lambda gen, rec, u: 1.0, False),
    Labelled("06.10", "never below 0", lambda gen, rec, u: abs(cosine(gen, rec, u)), False),
]
