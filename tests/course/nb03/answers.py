"""Answers to the questions of notebook 03 in many forms, and lazy ones."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
from labelled import Labelled

from hmlib import Generative, Recognition, exact, learning
from hmlib.binary import sigmoid
from hmlib.course.nb03.solutions import ANSWERS as SOLVED
from hmlib.course.nb03.solutions import SLOPES

grad_G, update, grad_y = (SOLVED[name] for name in ("03.6", "03.7", "03.8"))
BIAS = math.log(0.4 / 0.6)


def one_matrix_product(gen, q, u):
    v = exact.states(gen.n_v)
    error = u[:, None, :] - sigmoid(v @ gen.G.T + gen.h)[None]
    return np.einsum("nk,nkb,ka->ba", q, error, v) / len(u)


def many_loops(gen, q, u):
    grad = [[0.0] * gen.n_v for _ in range(gen.n_u)]
    for n, row in enumerate(u):
        for k, v in enumerate(itertools.product((0, 1), repeat=gen.n_v)):
            for b in range(gen.n_u):
                x = gen.h[b] + sum(gen.G[b, c] * v[c] for c in range(gen.n_v))
                for a in range(gen.n_v):
                    grad[b][a] += q[n, k] * (row[b] - 1 / (1 + math.exp(-x))) * v[a] / len(u)
    return grad


def by_small_steps_in_G(gen, q, u):
    grad = np.zeros_like(gen.G)
    for place in np.ndindex(*gen.G.shape):
        heights = []
        for move in (1e-5, -1e-5):
            G = gen.G.copy()
            G[place] += move
            heights.append(exact.table_free_energy(Generative(gen.g, G, gen.h), q, u).mean())
        grad[place] = (heights[0] - heights[1]) / 2e-5
    return grad


def update_pattern_by_pattern(gen, q, u, a):
    log_joint, new = exact.log_joint(gen, u), []
    for n in range(len(u)):
        odds = 0.0
        for k, v in enumerate(exact.states(gen.n_v)):
            others = [q[n, c] if v[c] else 1 - q[n, c] for c in range(gen.n_v) if c != a]
            rest = np.prod(others)
            odds += (1 if v[a] else -1) * rest * log_joint[n, k]
        new.append(1 / (1 + math.exp(-odds)))
    return new


def update_by_two_averages(gen, q, u, a):
    def average(side):
        whole = q.copy()
        whole[:, a] = side
        return np.sum(exact.factorised_table(whole) * exact.log_joint(gen, u), axis=1)

    high, low = average(1.0), average(0.0)
    return 1 / (1 + np.exp(low - high))


def update_in_place(gen, q, u, a):
    q[:, a] = update(gen, q, u, a)
    return q[:, a]


def update_half_way(gen, q, u, a):
    return (q[:, a] + update(gen, q, u, a)) / 2


def update_by_small_steps(gen, q, u, a):
    """Small steps of the log odds towards their top."""
    y = np.zeros(len(u))
    for _ in range(200):
        y += 0.5 * (np.log(update(gen, q, u, a) / (1 - update(gen, q, u, a))) - y)
    return sigmoid(y)


def update_by_tanh(gen, q, u, a):
    p = update(gen, q, u, a)
    return 0.5 + 0.5 * np.tanh(0.5 * np.log(p / (1 - p)))


def by_product_rule(gen, q, u):
    """q (1 - q) (the log odds that q should have, minus y)."""
    wanted = np.column_stack([update(gen, q, u, a) for a in range(gen.n_v)])
    return q * (1 - q) * (np.log(wanted / (1 - wanted)) - np.log(q / (1 - q)))


def by_small_steps_in_y(gen, q, u):
    y, grad = np.log(q / (1 - q)), np.zeros_like(q)
    for a in range(gen.n_v):
        up, down = y.copy(), y.copy()
        up[:, a] += 1e-5
        down[:, a] -= 1e-5
        f_up, f_down = (
            exact.table_free_energy(gen, exact.factorised_table(sigmoid(there)), u)
            for there in (up, down)
        )
        grad[:, a] = (f_up - f_down) / 2e-5
    return grad


def with_a_baseline(gen, q, u):
    table = exact.factorised_table(q)
    reward = exact.log_joint(gen, u) - np.log(table)
    reward = reward - (table * reward).sum(axis=1, keepdims=True)
    return np.einsum("nk,nka->na", table * reward, exact.states(gen.n_v)[None] - q[:, None])


def library_row_by_row(gen, q, u):
    rows = []
    for row, p in zip(u, q, strict=True):
        rec = Recognition(np.log(p / (1 - p)), np.zeros((gen.n_v, gen.n_u)))
        rows.append(exact.grad_free_energy(gen, rec, row[None])[1].w)
    return np.array(rows)


def fraction(x: float) -> Fraction:
    return Fraction(x).limit_denominator(10**6)


def library_score(gen, q, u):
    return exact.expected_score(gen, q / len(u), u).G


def library_slope_of_l(gen, q, u):
    return exact.grad_log_likelihood(gen, u).G


def bracket_alone(gen, q, u):
    return by_product_rule(gen, q, u) / (q * (1 - q))


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
        Labelled(
            name, "fractions", tuple(Fraction(x).limit_denominator(10**6) for x in right), True
        ),
        Labelled(name, "zeros", (0.0,) * len(right), False),
        *(Labelled(name, how, answer, False) for how, answer in wrong),
    ]


ANSWERS = [
    *letters("03.1", "D", "ABC"),
    *letters("03.3", "A", "BCD"),
    Labelled("03.2", "spaces", "D A H C F", True),
    Labelled("03.2", "lower case", "dahcf", True),
    Labelled("03.2", "a list", ["D", "A", "H", "C", "F"], True),
    Labelled("03.2", "arrows", "D -> A -> H -> C -> F", True),
    Labelled("03.2", "commas", "D, A, H, C, F", True),
    Labelled("03.2", "without the first", "AHCF", False),
    Labelled("03.2", "with a line too many", "DAHCFB", False),
    Labelled("03.2", "the slope of L", "DKHCF", False),
    *numbers("03.4", SLOPES, ("sizes", tuple(map(abs, SLOPES))), ("one twice", SLOPES[:1] * 2)),
    Labelled("03.5", "a formula", np.log(0.4) - np.log(0.6), True),
    Labelled("03.5", "three decimals", -0.405, True),
    Labelled("03.5", "a 0-d array", np.array(BIAS), True),
    Labelled("03.5", "float32", np.float32(BIAS), True),
    Labelled("03.5", "a fraction", Fraction(BIAS).limit_denominator(10**6), True),
    Labelled("03.5", "the mean", 0.4, False),
    Labelled("03.5", "the size alone", -BIAS, False),
    Labelled("03.5", "zero", 0, False),
    Labelled("03.6", "one matrix product", one_matrix_product, True),
    Labelled("03.6", "loops and lists", many_loops, True),
    Labelled("03.6", "small steps", by_small_steps_in_G, True),
    Labelled("03.6", "tuples", lambda *m: tuple(map(tuple, grad_G(*m))), True),
    Labelled("03.6", "to three decimals", lambda *m: np.round(grad_G(*m), 3), False),
    Labelled("03.6", "float32", lambda *m: grad_G(*m).astype(np.float32), True),
    Labelled("03.6", "zeros", lambda gen, q, u: np.zeros_like(gen.G), False),
    Labelled("03.6", "a copy of G", lambda gen, q, u: gen.G, False),
    Labelled(
        "03.6",
        "the library's own",
        library_score,
        False,
    ),
    Labelled("03.6", "the slope of L", library_slope_of_l, False),
    Labelled("03.7", "pattern by pattern", update_pattern_by_pattern, True),
    Labelled("03.7", "two averages", update_by_two_averages, True),
    Labelled("03.7", "tanh", update_by_tanh, True),
    Labelled("03.7", "written into q", update_in_place, True),
    Labelled("03.7", "by small steps", update_by_small_steps, True),
    Labelled("03.7", "half way", update_half_way, False),
    Labelled("03.7", "a list", lambda *m: list(update(*m)), True),
    Labelled("03.7", "float32", lambda *m: update(*m).astype(np.float32), True),
    Labelled("03.7", "one half", lambda gen, q, u, a: np.full(len(u), 0.5), False),
    Labelled("03.7", "the old value", lambda gen, q, u, a: q[:, a], False),
    Labelled("03.7", "clipped to [.02, .98]", lambda *m: np.clip(update(*m), 0.02, 0.98), False),
    Labelled("03.7", "rounded", lambda *m: np.round(update(*m)), False),
    Labelled(
        "03.7",
        "the library's own, swept once",
        lambda gen, q, u, a: learning.e_phase(learning.Step(gen, q=q), u, e_steps=1).q[:, a],
        False,
    ),
    Labelled("03.8", "product rule", by_product_rule, True),
    Labelled("03.8", "small steps", by_small_steps_in_y, True),
    Labelled("03.8", "with a baseline", with_a_baseline, True),
    Labelled("03.8", "a list of rows", lambda *m: grad_y(*m).tolist(), True),
    Labelled("03.8", "its sign", lambda *m: np.sign(grad_y(*m)), False),
    Labelled("03.8", "zeros", lambda gen, q, u: np.zeros_like(q), False),
    Labelled("03.8", "a copy of q", lambda gen, q, u: q, False),
    Labelled("03.8", "the library's own", library_row_by_row, False),
    Labelled(
        "03.8",
        "without q (1 - q)",
        bracket_alone,
        False,
    ),
]
