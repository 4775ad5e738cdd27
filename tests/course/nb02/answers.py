"""Answers to the questions of notebook 02, right and wrong, as students type them."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
from labelled import Labelled
from lettered import letters
from scipy.special import entr, rel_entr
from scipy.stats import entropy

from hmlib import exact, tables

P = [1 / 8, 1 / 16, 3 / 16, 1 / 8]
Q = [3 / 16, 1 / 16, 9 / 16, 3 / 16]
AVERAGE = sum(q * math.log(p) for p, q in zip(P, Q, strict=True))
ENTROPY = -sum(q * math.log(q) for q in Q)


def kl_by_loop(q, p):
    rows = zip(q, p, strict=True)
    return [sum(a * math.log(a / b) for a, b in zip(x, y, strict=True)) for x, y in rows]


def kl_by_rows(q, p):
    return np.array(kl_by_loop(q, p))


def one_pattern(gen, rec, u):
    v = (u @ rec.W.T + rec.w > 0).astype(float)
    return gen.log_prob(v, u) - rec.log_prob(v, u)


def logs(gen, rec, u):
    """log P[v, u] and log Q[v|u] of every pattern, from the parameters alone."""
    v = np.array(list(itertools.product((0.0, 1.0), repeat=gen.n_v)))
    x, y = v @ gen.G.T + gen.h, u @ rec.W.T + rec.w
    log_p = v @ gen.g - np.logaddexp(0, gen.g).sum() + u @ x.T - np.logaddexp(0, x).sum(axis=1)
    log_q = y @ v.T - np.logaddexp(0, y).sum(axis=1, keepdims=True)
    return log_p, log_q


def f_by_hand(gen, rec, u):
    log_p, log_q = logs(gen, rec, u)
    return (np.exp(log_q) * (log_p - log_q)).sum(axis=1)


def f_by_gap(gen, rec, u):
    log_p, log_q = logs(gen, rec, u)
    log_l = np.log(np.exp(log_p).sum(axis=1))
    return log_l - (np.exp(log_q) * (log_q - log_p + log_l[:, None])).sum(axis=1)


def f_by_rows(gen, rec, u):
    v, values = exact.states(gen.n_v), []
    for row in u:
        rows = np.tile(row, (len(v), 1))
        log_q = rec.log_prob(v, rows)
        values.append(float(np.sum(np.exp(log_q) * (gen.log_prob(v, rows) - log_q))))
    return values


def f_by_entropy(gen, rec, u):
    log_p, log_q = logs(gen, rec, u)
    return np.sum(np.exp(log_q) * log_p, axis=1) + entr(np.exp(log_q)).sum(axis=1)


def f_by_draws(gen, rec, u):
    rng, rows = np.random.default_rng(0), np.repeat(u, 200, axis=0)
    v = rec.sample(rng, rows)
    return (gen.log_prob(v, rows) - rec.log_prob(v, rows)).reshape(len(u), -1).mean(axis=1)


ANSWERS = [
    *(
        Labelled("02.1", how, order, True)
        for how, order in (
            ("a word", "ECNKAD"), ("small", "ecnkad"), ("arrows", "E->C->N->K->A->D"),
            ("slashes", "E/C/N/K/A/D"), ("a list", list("ECNKAD")),
        )
    ),
    Labelled("02.1", "with line J", "ECNKJD", False),
    Labelled("02.1", "a line left out", "ECNAD", False),
    Labelled("02.1", "in the order of the letters", "ACDEKN", False),
    *letters("02.2", "D"),
    *letters("02.3", "B"),
    *letters("02.4", "A"),
    Labelled("02.5", "a tuple", (AVERAGE, ENTROPY), True),
    Labelled("02.5", "three decimals, as a list", [round(AVERAGE, 3), round(ENTROPY, 3)], True),
    Labelled("02.5", "an array of one row", np.array([[AVERAGE, ENTROPY]]), True),
    Labelled("02.5", "an array of one column", np.array([[AVERAGE], [ENTROPY]]), True),
    Labelled("02.5", "numbers in arrays", (np.array([AVERAGE]), np.array(ENTROPY)), True),
    Labelled("02.5", "both the same", (AVERAGE, AVERAGE), False),
    Labelled("02.5", "their sum twice", (AVERAGE + ENTROPY, AVERAGE + ENTROPY), False),
    Labelled("02.5", "entropy of four alike", (AVERAGE, math.log(4)), False),
    Labelled("02.5", "Decimals", (Decimal("-1.895"), Decimal("1.125")), True),
    Labelled("02.5", "two decimals", (round(AVERAGE, 2), round(ENTROPY, 2)), False),
    Labelled("02.5", "F beside them", (AVERAGE, ENTROPY, AVERAGE + ENTROPY), False),
    Labelled("02.6", "a Decimal", Decimal("-0.77"), True),
    Labelled("02.6", "the pair of 02.5", (AVERAGE, ENTROPY), False),
    Labelled("02.6", "a float", AVERAGE + ENTROPY, True),
    Labelled("02.6", "three decimals", round(AVERAGE + ENTROPY, 3), True),
    Labelled("02.6", "a Fraction", Fraction(AVERAGE + ENTROPY), True),
    Labelled("02.6", "one number in an array", np.array([[AVERAGE + ENTROPY]]), True),
    Labelled("02.6", "L", math.log(0.5), False),
    Labelled("02.6", "one decimal", round(AVERAGE + ENTROPY, 1), False),
    Labelled("02.6", "zero", 0, False),
    Labelled("02.7", "a loop, as a list", kl_by_loop, True),
    Labelled("02.7", "scipy's terms", lambda q, p: rel_entr(q, p).sum(axis=1), True),
    Labelled("02.7", "einsum", lambda q, p: np.einsum("ns,ns->n", q, np.log(q) - np.log(p)), True),
    Labelled("02.7", "cross entropy less entropy", lambda q, p: -np.sum(
        q * np.log(p), axis=1) - entr(q).sum(axis=1), True),
    Labelled("02.7", "the library's own", lambda q, p: tables.divergences(q, p)[0], False),
    Labelled("02.7", "both directions", lambda q, p: np.sum(
        (q - p) * np.log(q / p), axis=1), False),
    Labelled("02.7", "Jensen-Shannon", lambda q, p: (
        rel_entr(q, (q + p) / 2) + rel_entr(p, (q + p) / 2)).sum(axis=1) / 2, False),
    Labelled("02.7", "total variation", lambda q, p: np.abs(q - p).sum(axis=1) / 2, False),
    Labelled("02.7", "squares", lambda q, p: ((q - p) ** 2).sum(axis=1), False),
    Labelled("02.7", "chi-square", lambda q, p: ((q - p) ** 2 / p).sum(axis=1) / 2, False),
    Labelled("02.7", "the diagonal of all pairs", lambda q, p: np.diag(q @ np.log(q / p).T), True),
    Labelled("02.7", "scipy on its side", lambda q, p: entropy(q.T, p.T), True),
    Labelled("02.7", "all pairs", lambda q, p: q @ np.log(q / p).T, False),
    Labelled("02.7", "sizes of terms", lambda q, p: np.abs(q * np.log(q / p)).sum(axis=1), False),
    Labelled("02.7", "zeros", lambda q, p: np.zeros(len(q)), False),
    Labelled("02.8", "from the parameters", f_by_hand, True),
    Labelled("02.8", "L less the gap", f_by_gap, True),
    Labelled("02.8", "row by row, as a list", f_by_rows, True),
    Labelled("02.8", "average plus entropy", f_by_entropy, True),
    Labelled("02.8", "the library's own", exact.free_energy, False),
    Labelled("02.8", "the library's tables", lambda gen, rec, u: exact.table_free_energy(
        gen, exact.recognition_table(rec, u), u), False),
    Labelled("02.8", "the library's record", lambda gen, rec, u: exact.objectives(
        gen, rec, u).free_energy, False),
    Labelled("02.8", "the library's L less its gap", lambda gen, rec, u: exact.log_likelihood(
        gen, u) - exact.kl_q_p(gen, rec, u), False),
    Labelled("02.8", "from 200 draws", f_by_draws, False),
    Labelled("02.8", "L less a gap of tables", lambda gen, rec, u: exact.log_likelihood(
        gen, u) - kl_by_rows(exact.recognition_table(rec, u), exact.posterior(gen, u)), True),
    Labelled("02.8", "the same for every row", lambda gen, rec, u: np.full(
        len(u), f_by_hand(gen, rec, u).mean()), False),
    Labelled("02.8", "one pattern alone", one_pattern, False),
    Labelled("02.8", "zeros", lambda gen, rec, u: np.zeros(len(u)), False),
    Labelled("02.9", "a whole number", 48, True),
    Labelled("02.9", "a float", 48.0, True),
    Labelled("02.9", "counted", math.factorial(3) * 2**3, True),
    Labelled("02.9", "numpy's integer", np.int64(48), True),
    Labelled("02.9", "in a list", [48], True),
    Labelled("02.9", "all patterns of six", 2**6, False),
    Labelled("02.9", "half of them", 24, False),
    Labelled("02.9", "orders", 6, False),
    Labelled("02.9", "patterns", 8, False),
    Labelled("02.9", "infinitely many", 10**6, False),
]  # fmt: skip
