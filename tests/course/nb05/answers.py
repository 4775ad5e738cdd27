"""Answers to the questions of notebook 05 in many forms, right and wrong."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
from labelled import Labelled
from scipy.special import expit, rel_entr

from hmlib import exact, learning
from hmlib.binary import Generative, Recognition, sigmoid
from hmlib.course.nb05.solutions import distance, sleep, wake


def wake_by_rows(gen, rec, u, rng):
    v = rec.sample(rng, u)
    rows = [
        (
            c - expit(gen.g),
            np.outer(row - expit(gen.G @ c + gen.h), c),
            row - expit(gen.G @ c + gen.h),
        )
        for row, c in zip(u, v, strict=True)
    ]
    g, G, h = (sum(part) / len(u) for part in zip(*rows, strict=True))
    return Generative(g=g, G=G, h=h)


def wake_by_einsum(gen, rec, u, rng):
    v = rec.sample(rng, u)
    error = u - 1 / (1 + np.exp(-(v @ gen.G.T + gen.h)))
    return Generative(
        np.mean(v, axis=0) - sigmoid(gen.g), np.einsum("nb,na->ba", error, v) / len(v),
        np.average(error, axis=0),
    )  # fmt: skip


def wake_by_scores(gen, rec, u, rng):
    """Slopes of log P[v, u] at tables that know the drawn causes."""
    v = rec.sample(rng, u)
    table = (v[:, None] == exact.states(gen.n_v)[None]).all(axis=2).astype(float)
    return exact.expected_score(gen, table / len(u), u)


def wake_as_a_tuple(gen, rec, u, rng):
    change = wake(gen, rec, u, rng)
    return change.g, change.G, change.h


def wake_by_the_library(gen, rec, u, rng):
    *_, step = learning.wake_sleep(gen, rec, u, rate=1.0, steps=1, rng=rng, phases="wake")
    return step.gen + (-1) * gen


def wake_with_its_own_coins(gen, rec, u, rng):
    """The recogniser's draw written out, from the generator that was given."""
    v = (rng.random((len(u), gen.n_v)) < expit(rec.drive(u))).astype(float)
    error = u - expit(gen.drive(v))
    change = (v - expit(gen.g)).mean(0), error.T @ v / len(u), error.mean(0)
    return dict(zip("gGh", change, strict=True))


def wake_drawn_twice(gen, rec, u, rng):
    """One draw for G and h, another one for g."""
    v, again = rec.sample(rng, u), rec.sample(rng, u)
    error = u - expit(gen.drive(v))
    return Generative((again - expit(gen.g)).mean(0), error.T @ v / len(u), error.mean(0))


def wake_turned(gen, rec, u, rng):
    change = wake(gen, rec, u, rng)
    return change.g, change.G.T, change.h


def sleep_one_at_a_time(gen, rec, u, rng):
    """As many dreams, each by a call of its own: other dreams than those that were asked for."""
    pairs = [gen.sample(rng, 1) for _ in u]
    v, dream = (np.vstack(part) for part in zip(*pairs, strict=True))
    error = v - expit(rec.drive(dream))
    return Recognition(error.mean(0), error.T @ dream / len(u))


def sleep_rounded(gen, rec, u, rng):
    v, dream = gen.sample(rng, len(u))
    error = v - (rec.drive(dream) > 0)
    return Recognition(error.mean(0), error.T @ dream / len(u))


def sleep_by_names(gen, rec, u, rng):
    v, dream = gen.sample(rng, len(u))
    error = v - expit(dream @ rec.W.T + rec.w)
    return {"W": error.T @ dream / len(u), "w": error.mean(axis=0)}


def sleep_by_rows(gen, rec, u, rng):
    w, W = np.zeros(gen.n_v), np.zeros((gen.n_v, gen.n_u))
    for v, dream in zip(*gen.sample(rng, len(u)), strict=True):
        error = v - expit(rec.W @ dream + rec.w)
        w, W = w + error / len(u), W + np.outer(error, dream) / len(u)
    return Recognition(w=w, W=W)


def sleep_by_einsum(gen, rec, u, rng):
    v, dream = gen.sample(rng, u.shape[0])
    error = v - 0.5 * (1 + np.tanh(rec.drive(dream) / 2))
    return Recognition(error.mean(0), np.einsum("na,nb->ab", error, dream) / u.shape[0])


def sleep_as_a_tuple(gen, rec, u, rng):
    change = sleep(gen, rec, u, rng)
    return change.w, change.W


def sleep_as_lists(gen, rec, u, rng):
    change = sleep(gen, rec, u, rng)
    return [change.w.tolist(), change.W.tolist()]


def sleep_by_the_library(gen, rec, u, rng):
    *_, step = learning.wake_sleep(gen, rec, u, rate=1.0, steps=1, rng=rng, phases="sleep")
    return step.rec + (-1) * rec


def distance_by_a_loop(gen, u, weights):
    total = 0.0
    for p, log_p in zip(weights, exact.log_likelihood(gen, u), strict=True):
        total += p * (np.log2(p) - log_p / np.log(2))
    return total


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


F_CHANGE, DREAMT_CHANGE = -0.005, 0.017

ANSWERS = [
    Labelled("05.1", "small letters", "bdaf", True),
    Labelled("05.1", "with arrows", "B -> D -> A -> F", True),
    Labelled("05.1", "with commas", "B, D, A, F", True),
    Labelled("05.1", "a list", ["B", "D", "A", "F"], True),
    Labelled("05.1", "sleep first", "AFBD", False),
    Labelled("05.1", "the other draw", "BDCF", False),
    Labelled("05.1", "all lines", "ABCDFH", False),
    Labelled("05.1", "a tuple", ("B", "D", "A", "F"), True),
    Labelled("05.1", "both draws first", "BADF", False),
    Labelled("05.2", "its own coins, by name", wake_with_its_own_coins, True),
    Labelled("05.2", "drawn twice", wake_drawn_twice, False),
    Labelled("05.2", "G turned", wake_turned, False),
    Labelled("05.3", "by name", sleep_by_names, True),
    Labelled("05.3", "one at a time", sleep_one_at_a_time, False),
    Labelled("05.3", "guesses rounded", sleep_rounded, False),
    Labelled("05.2", "row by row", wake_by_rows, True),
    Labelled("05.2", "einsum", wake_by_einsum, True),
    Labelled("05.2", "slopes at the drawn causes", wake_by_scores, True),
    Labelled("05.2", "a tuple", wake_as_a_tuple, True),
    Labelled(
        "05.2",
        "the model after the step",
        lambda gen, rec, u, rng: gen + wake(gen, rec, u, rng),
        False,
    ),
    Labelled(
        "05.2",
        "a generator of its own",
        lambda gen, rec, u, rng: wake(gen, rec, u, np.random.default_rng()),
        False,
    ),
    Labelled("05.2", "the library's step", wake_by_the_library, False),
    Labelled("05.2", "no change", lambda gen, rec, u, rng: gen.like(0 * gen.ravel()), False),
    Labelled(
        "05.2",
        "the exact slope",
        lambda gen, rec, u, rng: exact.grad_free_energy(gen, rec, u)[0],
        False,
    ),
    Labelled("05.3", "dream by dream", sleep_by_rows, True),
    Labelled("05.3", "einsum and tanh", sleep_by_einsum, True),
    Labelled("05.3", "a tuple", sleep_as_a_tuple, True),
    Labelled("05.3", "lists", sleep_as_lists, True),
    Labelled(
        "05.3",
        "the model after the step",
        lambda gen, rec, u, rng: rec + sleep(gen, rec, u, rng),
        False,
    ),
    Labelled(
        "05.3",
        "one dream more",
        lambda gen, rec, u, rng: sleep(gen, rec, np.vstack([u, u[:1]]), rng),
        False,
    ),
    Labelled("05.3", "the library's step", sleep_by_the_library, False),
    Labelled(
        "05.3", "the exact slope", lambda gen, rec, u, rng: exact.grad_dream(gen, rec, u)[1], False
    ),
    *letters("05.4", "C"),
    Labelled("05.5", "fractions", (Fraction(-1, 200), Fraction(17, 1000)), True),
    Labelled("05.5", "decimals", (Decimal("-0.005"), Decimal("0.017")), True),
    Labelled("05.5", "one of the two", (F_CHANGE, F_CHANGE), False),
    Labelled("05.5", "a list", [F_CHANGE, DREAMT_CHANGE], True),
    Labelled("05.5", "an array", np.array([F_CHANGE, DREAMT_CHANGE], dtype=np.float32), True),
    Labelled("05.5", "an expression", (0.1 * (0.03 - 0.08), 0.1 * (0.01 + 0.16)), True),
    Labelled("05.5", "zeros", (0.0, 0.0), False),
    Labelled("05.5", "one number", F_CHANGE, False),
    Labelled("05.5", "first order in neither", (0.005, 0.017), False),
    *letters("05.6", "D"),
    Labelled("05.7", "a loop", distance_by_a_loop, True),
    Labelled(
        "05.7",
        "rel_entr",
        lambda gen, u, weights: (
            rel_entr(weights, np.exp(exact.log_likelihood(gen, u))).sum() / np.log(2)
        ),
        True,
    ),
    Labelled(
        "05.7", "a 0-d array", lambda gen, u, weights: np.array(distance(gen, u, weights)), True
    ),
    Labelled(
        "05.7",
        "entropies",
        lambda gen, u, weights: (
            weights @ np.log2(weights) - weights @ exact.log_likelihood(gen, u) / np.log(2)
        ),
        True,
    ),
    Labelled(
        "05.7",
        "one number in an array",
        lambda gen, u, weights: np.atleast_1d(distance(gen, u, weights)),
        True,
    ),
    Labelled(
        "05.7",
        "one number a picture",
        lambda gen, u, weights: weights * (np.log2(weights) - exact.log_likelihood(gen, u)),
        False,
    ),
    Labelled("05.7", "zero", lambda gen, u, weights: 0.0, False),
    Labelled("05.7", "clipped", lambda gen, u, weights: min(distance(gen, u, weights), 1.0), False),
    Labelled(
        "05.7",
        "symmetric",
        lambda gen, u, weights: (
            rel_entr(np.exp(exact.log_likelihood(gen, u)), weights).sum() / np.log(2)
        ),
        False,
    ),
    *letters("05.8", "D"),
]
