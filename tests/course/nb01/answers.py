"""Answers to the questions of notebook 01, right and wrong, as students type them."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
from labelled import Labelled
from lettered import letters

from hmlib import exact
from hmlib.binary import log_bernoulli, sigmoid
from hmlib.course.lawn import WET, wet_lawn


def guess_by_loop(rec, u):
    return [
        [1 / (1 + math.exp(-(rec.w[a] + sum(rec.W[a] * row)))) for a in range(len(rec.w))]
        for row in u
    ]


def told(s):
    """The posterior of the lawn by hand: odds of the sprinkler, once it is wet and it rained."""
    odds = math.exp(-s) * (1 / (1 + math.exp(-2 * s))) / 0.5
    return odds / (1 + odds)


def told_as_a_row(s):
    table = exact.posterior(wet_lawn(s), WET)
    return table[:, 3] / table[:, 2:].sum(axis=1)


def joint_by_loop(gen, v, u):
    total = []
    for causes, inputs in zip(v, u, strict=True):
        pairs = zip(gen.g, causes, strict=True)
        p = math.prod(sigmoid(g) if on else 1 - sigmoid(g) for g, on in pairs)
        for b, on in enumerate(inputs):
            f_x = sigmoid(gen.h[b] + gen.G[b] @ causes)
            p *= f_x if on else 1 - f_x
        total.append(math.log(p))
    return total


def joint_by_softplus(gen, v, u):
    x = v @ gen.G.T + gen.h
    return (v * gen.g - np.logaddexp(0, gen.g)).sum(1) + (u * x - np.logaddexp(0, x)).sum(1)


def posterior_by_rows(gen, u):
    table = []
    for row in u:
        v = exact.states(gen.n_v)
        p = np.exp(gen.log_prob(v, np.tile(row, (len(v), 1))))
        table.append(list(p / p.sum()))
    return table


def posterior_by_hand(gen, u):
    patterns = np.array(list(itertools.product((0.0, 1.0), repeat=gen.n_v)))
    x = patterns @ gen.G.T + gen.h
    log_p = patterns @ gen.g + u @ x.T - np.logaddexp(0, x).sum(axis=1)
    p = np.exp(log_p - log_p.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def uniform(gen, u):
    return np.full((len(u), 2**gen.n_v), 2.0**-gen.n_v)


SPRINKLER, TOLD = Fraction(132, 340), Fraction(72, 232)

ANSWERS = [
    *(
        Labelled("01.1", how, order, True)
        for how, order in (
            ("a word", "DAFB"), ("small", "dafb"), ("arrows", "D->A->F->B"),
            ("slashes", "D/A/F/B"), ("a list", ["D", "A", "F", "B"]), ("commas", "D, A, F, B"),
        )
    ),
    Labelled("01.1", "with a line that does not belong", "DACFB", False),
    Labelled("01.1", "all lines", "ABCDEF", False),
    Labelled("01.1", "unfinished", "DAF", False),
    *letters("01.2", "A"),
    Labelled("01.3", "a loop, as lists", guess_by_loop, True),
    Labelled("01.3", "einsum", lambda rec, u: sigmoid(
        np.einsum("ab,nb->na", rec.W, u) + rec.w), True),
    Labelled("01.3", "columns first", lambda rec, u: sigmoid((rec.W @ u.T).T + rec.w), True),
    Labelled("01.3", "tanh", lambda rec, u: (1 + np.tanh((u @ rec.W.T + rec.w) / 2)) / 2, True),
    Labelled("01.3", "float32", lambda rec, u: np.float32(sigmoid(u @ rec.W.T + rec.w)), True),
    Labelled("01.3", "a constant", lambda rec, u: np.full((len(u), rec.n_v), 0.5), False),
    Labelled("01.3", "weights of the first cause", lambda rec, u: np.tile(
        sigmoid(u @ rec.W[0] + rec.w[0])[:, None], (1, rec.n_v)), False),
    Labelled("01.3", "clipped", lambda rec, u: np.clip(
        sigmoid(u @ rec.W.T + rec.w), 0.3, 0.7), False),
    Labelled("01.3", "exp over sum", lambda rec, u: np.exp(rec.drive(u)) / (
        1 + np.exp(rec.drive(u))), True),
    Labelled("01.3", "mean of 200 guesses", lambda rec, u: np.mean([rec.sample(
        np.random.default_rng(seed), u) for seed in range(200)], axis=0), False),
    Labelled("01.3", "f twice", lambda rec, u: sigmoid(sigmoid(rec.drive(u))), False),
    *letters("01.4", "A"),
    *letters("01.5", "D"),
    *letters("01.6", "D"),
    Labelled("01.7", "odds by hand", told, True),
    Labelled("01.7", "shape (1,)", told_as_a_row, True),
    Labelled("01.7", "ratio of joints", lambda s: 1 / (1 + np.exp(
        exact.log_joint(wet_lawn(s), WET)[0, 2] - exact.log_joint(wet_lawn(s), WET)[0, 3])), True),
    Labelled("01.7", "cosh", lambda s: 1 / (1 + np.exp(s) * (1 + np.exp(-2 * s)) / 2), True),
    Labelled("01.7", "0-d array", lambda s: np.array(told(s)), True),
    Labelled("01.7", "a constant", lambda s: 0.21, False),
    Labelled("01.7", "the prior", lambda s: 1 / (1 + np.exp(s)), False),
    Labelled("01.7", "always one half", lambda s: 0.5, False),
    Labelled("01.7", "both less rain", lambda s: told_as_a_row(s)[0] * 2 - 1, False),
    Labelled("01.7", "the whole table", lambda s: exact.posterior(wet_lawn(s), WET)[0], False),
    Labelled("01.8", "odds", SPRINKLER / (1 - SPRINKLER), False),
    Labelled("01.9", "odds", TOLD / (1 - TOLD), False),
    Labelled("01.8", "a Fraction", SPRINKLER, True),
    Labelled("01.8", "a float", float(SPRINKLER), True),
    Labelled("01.8", "three decimals", 0.388, True),
    Labelled("01.8", "one number in an array", np.array([float(SPRINKLER)]), True),
    Labelled("01.8", "one decimal", 0.4, False),
    Labelled("01.8", "one half", 0.5, False),
    Labelled("01.9", "a Fraction", TOLD, True),
    Labelled("01.9", "a float", float(TOLD), True),
    Labelled("01.9", "three decimals", 0.310, True),
    Labelled("01.9", "0-d array", np.array(float(TOLD)), True),
    Labelled("01.9", "one decimal", 0.3, False),
    Labelled("01.9", "the answer before", 0.388, False),
    Labelled("01.10", "a loop over units", joint_by_loop, True),
    Labelled("01.10", "softplus", joint_by_softplus, True),
    Labelled("01.10", "two Bernoullis of the library", lambda gen, v, u: log_bernoulli(
        v, gen.g) + log_bernoulli(u, gen.drive(v)), True),
    Labelled("01.10", "a list", lambda gen, v, u: list(joint_by_softplus(gen, v, u)), True),
    Labelled("01.10", "the library's own", lambda gen, v, u: gen.log_prob(v, u), False),
    Labelled("01.10", "off the library's table", lambda gen, v, u: exact.log_joint(gen, u)[
        np.arange(len(u)), (v @ 2 ** np.arange(gen.n_v)[::-1]).astype(int)], False),
    Labelled("01.10", "logarithm of both products", lambda gen, v, u: np.log(np.prod(
        np.where(v == 1, sigmoid(gen.g), 1 - sigmoid(gen.g)), axis=1) * np.prod(np.where(
            u == 1, sigmoid(gen.drive(v)), 1 - sigmoid(gen.drive(v))), axis=1)), True),
    Labelled("01.10", "inputs without causes", lambda gen, v, u: log_bernoulli(
        v, gen.g) + log_bernoulli(u, gen.h), False),
    Labelled("01.10", "zeros", lambda gen, v, u: np.zeros(len(u)), False),
    Labelled("01.10", "one column", lambda gen, v, u: joint_by_softplus(gen, v, u)[:, None], False),
    Labelled("01.11", "row by row, as lists", posterior_by_rows, True),
    Labelled("01.11", "softplus by hand", posterior_by_hand, True),
    Labelled("01.11", "a list of arrays", lambda gen, u: list(posterior_by_hand(gen, u)), True),
    Labelled("01.11", "from the joint of a student", lambda gen, u: np.exp([
        joint_by_softplus(gen, exact.states(gen.n_v), np.tile(row, (2**gen.n_v, 1)))
        for row in u]) / np.sum(np.exp([
            joint_by_softplus(gen, exact.states(gen.n_v), np.tile(row, (2**gen.n_v, 1)))
            for row in u]), axis=1, keepdims=True), True),
    Labelled("01.11", "the library's own", exact.posterior, False),
    Labelled("01.11", "the library's joint", lambda gen, u: np.exp(
        exact.log_joint(gen, u) - exact.log_likelihood(gen, u)[:, None]), False),
    Labelled("01.11", "the likeliest alone", lambda gen, u: (lambda p: (
        p == p.max(axis=1, keepdims=True)).astype(float))(posterior_by_hand(gen, u)), False),
    Labelled("01.11", "all alike", uniform, False),
    Labelled("01.11", "a clip", lambda gen, u: np.clip(posterior_by_hand(gen, u), 0.05, 1), False),
    *letters("01.12", "C"),
]  # fmt: skip
