"""Answers to the questions of notebook 04 in many forms, and lazy ones."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
from labelled import Labelled

from hmlib import Recognition, exact
from hmlib.binary import sigmoid
from hmlib.course.nb04.solutions import ANSWERS as SOLVED
from hmlib.course.nb04.solutions import EXCLUSIVE, INCLUSIVE, SLEEP

grad_W, sleep_W = SOLVED["04.4"], SOLVED["04.9"]


def f(x):
    return 1 / (1 + math.exp(-x))


def row_by_row(gen, rec, u):
    grad = [[0.0] * gen.n_u for _ in range(gen.n_v)]
    for row in u:
        p = exact.posterior(gen, row[None])[0]
        for a in range(gen.n_v):
            mean = sum(p[k] * v[a] for k, v in enumerate(exact.states(gen.n_v)))
            guess = f(sum(rec.W[a, b] * row[b] for b in range(gen.n_u)) + rec.w[a])
            for b in range(gen.n_u):
                grad[a][b] += (mean - guess) * row[b] / len(u)
    return grad


def one_sum(gen, rec, u):
    target = exact.posterior(gen, u) @ exact.states(gen.n_v)
    return np.einsum("na,nb->ab", target - sigmoid(u @ rec.W.T + rec.w), u) / u.shape[0]


def small_steps(height):
    """The slope in W of a function of the recognition model, by central differences."""

    def slope(gen, rec, u):
        grad = np.zeros_like(rec.W)
        for place in np.ndindex(*rec.W.shape):
            heights = []
            for move in (1e-5, -1e-5):
                W = rec.W.copy()
                W[place] += move
                heights.append(height(gen, Recognition(rec.w, W), u))
            grad[place] = (heights[0] - heights[1]) / 2e-5
        return grad

    return slope


def reversed_height(gen, rec, u):
    return np.mean(exact.reversed_free_energy(gen, rec, u))


def dreamt_height(gen, rec, u):
    return exact.dream_free_energy(gen, rec, u)


def tables_of_dreams(gen, rec, u):
    inputs = exact.states(gen.n_u)
    joint = np.exp(exact.log_joint(gen, inputs))
    error = joint @ exact.states(gen.n_v) - joint.sum(axis=1)[:, None] * sigmoid(rec.drive(inputs))
    return error.T @ inputs


def dream_by_dream(gen, rec, u):
    update = np.zeros((gen.n_v, gen.n_u))
    for v in itertools.product((0, 1), repeat=gen.n_v):
        for seen in itertools.product((0, 1), repeat=gen.n_u):
            p = math.prod(f(g if s else -g) for g, s in zip(gen.g, v, strict=True))
            x = gen.G @ v + gen.h
            p *= math.prod(f(drive if s else -drive) for drive, s in zip(x, seen, strict=True))
            update += p * np.outer(np.array(v) - sigmoid(rec.W @ seen + rec.w), seen)
    return update


def library_step_2(gen, rec, u):
    return -exact.grad_kl_p_q(gen, rec, u)[1].W


def library_sleep(gen, rec, u):
    return exact.grad_dream(gen, rec, u)[1].W


def drawn_dreams(gen, rec, u):
    v, dream = gen.sample(np.random.default_rng(0), 1000)
    return (v - sigmoid(rec.drive(dream))).T @ dream / 1000


def posterior_of_dreams(gen, rec, u):
    dreams = exact.states(gen.n_u)
    error = exact.posterior(gen, dreams) @ exact.states(gen.n_v) - sigmoid(rec.drive(dreams))
    return (np.exp(exact.log_likelihood(gen, dreams))[:, None] * error).T @ dreams


def data_alone(gen, rec, u):
    return np.mean(u) * np.ones((gen.n_v, gen.n_u))


def fraction(x: float) -> Fraction:
    return Fraction(x).limit_denominator(10**6)


def letters(name: str, right: str, wrong: str) -> list[Labelled]:
    forms = (right, right.lower(), f" {right} ", f"{right}.", f"({right})")
    return [
        *(Labelled(name, f"as {form!r}", form, True) for form in forms),
        *(Labelled(name, f"as {letter!r}", letter, False) for letter in wrong),
        Labelled(name, "all letters", "ABCD", False),
    ]


def numbers(name: str, right: tuple[float, ...], *wrong: tuple[str, object]) -> list[Labelled]:
    return [
        Labelled(name, "a list", list(right), True),
        Labelled(name, "an array", np.array(right), True),
        Labelled(name, "a row", np.array([right]), True),
        Labelled(name, "a column", np.array(right)[:, None], True),
        Labelled(name, "float32", tuple(np.float32(right)), True),
        Labelled(name, "three decimals", tuple(round(x, 3) for x in right), True),
        Labelled(name, "fractions", tuple(map(fraction, right)), True),
        Labelled(name, "zeros", (0.0,) * len(right), False),
        *(Labelled(name, how, answer, False) for how, answer in wrong),
    ]


ANSWERS = [
    *numbers(
        "04.1",
        (EXCLUSIVE, INCLUSIVE),
        ("the first twice", (EXCLUSIVE, EXCLUSIVE)),
        ("the second twice", (INCLUSIVE, INCLUSIVE)),
        ("both halves of their sum", ((EXCLUSIVE + INCLUSIVE) / 2,) * 2),
    ),
    *letters("04.2", "A", "BCD"),
    *letters("04.3", "A", "BCD"),
    *letters("04.5", "D", "ABC"),
    *letters("04.7", "D", "ABC"),
    Labelled("04.4", "row by row, a list", row_by_row, True),
    Labelled("04.4", "one sum", one_sum, True),
    Labelled("04.4", "small steps", small_steps(reversed_height), True),
    Labelled("04.4", "float32", lambda *m: grad_W(*m).astype(np.float32), True),
    Labelled("04.4", "tuples", lambda *m: tuple(map(tuple, grad_W(*m))), True),
    Labelled("04.4", "half of it", lambda *m: grad_W(*m) / 2, False),
    Labelled("04.4", "zeros", lambda gen, rec, u: np.zeros_like(rec.W), False),
    Labelled("04.4", "a copy of W", lambda gen, rec, u: rec.W, False),
    Labelled("04.4", "G lying on its side", lambda gen, rec, u: gen.G.T, False),
    Labelled("04.4", "the library's own", library_step_2, False),
    Labelled("04.6", "a product", 50 * 100, True),
    Labelled("04.6", "a float", 5e3, True),
    Labelled("04.6", "a fraction", 50 * Fraction(6, 60) ** -2, True),
    Labelled("04.6", "a 0-d array", np.array(5000), True),
    Labelled("04.6", "one dream too many", 5001, True),
    Labelled("04.6", "ten times as many", 500, False),
    Labelled("04.6", "as many", 50, False),
    Labelled("04.6", "a great many", 1e6, False),
    *numbers("04.8", SLEEP, ("the first twice", (SLEEP[0], SLEEP[0])), ("sizes", (0.16, 0.08))),
    Labelled("04.9", "dream by dream", dream_by_dream, True),
    Labelled("04.9", "tables", tables_of_dreams, True),
    Labelled("04.9", "small steps", small_steps(dreamt_height), True),
    Labelled("04.9", "a list of rows", lambda *m: sleep_W(*m).tolist(), True),
    Labelled("04.9", "drawn, not expected", drawn_dreams, False),
    Labelled("04.9", "posterior of each dream", posterior_of_dreams, True),
    Labelled("04.9", "zeros", lambda gen, rec, u: np.zeros_like(rec.W), False),
    Labelled("04.9", "a copy of W", lambda gen, rec, u: rec.W, False),
    Labelled("04.9", "the data alone", data_alone, False),
    Labelled("04.9", "the library's own", library_sleep, False),
]
