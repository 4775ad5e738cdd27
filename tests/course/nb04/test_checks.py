"""The questions of notebook 04, against oracles that share no code with hmlib."""

import math

import numpy as np
import pytest
from oracles import (
    central_differences,
    dream_free_energy,
    drive,
    f,
    factorised,
    kl_p_q,
    log_joint,
    log_posterior,
    mean,
    patterns,
)

from hmlib.binary import Generative, Recognition
from hmlib.check import grade
from hmlib.course.machines import machines

P = [1 / 8, 3 / 8, 3 / 8, 1 / 8]
Q = list(factorised([3 / 4, 1 / 4]).values())

# The dreams of exercise 04.8: (v, u) -> P[v, u], with the guess for each input.
DREAMS = {(0, 0): 0.60, (0, 1): 0.15, (1, 0): 0.05, (1, 1): 0.20}
GUESS = {0: 0.2, 1: 0.8}


def slow_target(gen, u):
    """The mean of every cause under the posterior of one input."""
    log_p = log_posterior(gen, u)
    return [sum(math.exp(p) for v, p in log_p.items() if v[a]) for a in range(len(gen.g))]


def outer(error, u):
    return np.array([[e * b for b in u] for e in error])


def slow_grad_W(gen, rec, u):
    rows = []
    for row in u:
        y = drive(rec.W, rec.w, row)
        error = [t - f(a) for t, a in zip(slow_target(gen, row), y, strict=True)]
        rows.append(outer(error, row))
    return sum(rows) / len(rows)


def by_dreams(gen, rec, term):
    """Sum over all dreams of P[v, u] term(v, u, y)."""
    total = 0.0
    for u in patterns(len(gen.h)):
        for v in patterns(len(gen.g)):
            total = total + math.exp(log_joint(gen, v, u)) * term(v, u, drive(rec.W, rec.w, u))
    return total


def slow_sleep_W(gen, rec, u):
    return by_dreams(
        gen, rec, lambda v, d, y: outer([s - f(a) for s, a in zip(v, y, strict=True)], d)
    )


@pytest.mark.parametrize(("id", "slow"), [("04.4", slow_grad_W), ("04.9", slow_sleep_W)])
def test_slow_loops_are_accepted(id, slow):
    for seed in range(3):
        assert grade(id, slow, seed).outcome == "correct"


@pytest.mark.parametrize("trial", [0, 1, 2])
def test_both_updates_are_the_slopes_of_their_objectives(trial):
    gen, rec, u = list(machines(np.random.default_rng(5)))[trial].values()
    step_2 = central_differences(
        lambda r: -mean(lambda row: kl_p_q(gen, r, row), u), rec, ["w", "W"]
    )
    assert slow_grad_W(gen, rec, u) == pytest.approx(step_2["W"], abs=1e-7)
    step_3 = central_differences(lambda r: dream_free_energy(gen, r, u), rec, ["w", "W"])
    assert slow_sleep_W(gen, rec, u) == pytest.approx(step_3["W"], abs=1e-7)


def test_the_numbers_of_both_directions():
    exclusive = sum(q * math.log(q / p) for p, q in zip(P, Q, strict=True))
    inclusive = sum(p * math.log(p / q) for p, q in zip(P, Q, strict=True))
    assert grade("04.1", (exclusive, inclusive)).outcome == "correct"
    assert grade("04.1", (round(exclusive, 3), round(inclusive, 3))).outcome == "correct"
    slips = {
        "swapped": (inclusive, exclusive),
        "log2 for ln": (exclusive / math.log(2), inclusive / math.log(2)),
        "fraction not turned over": (
            exclusive,
            sum(p * math.log(q / p) for p, q in zip(P, Q, strict=True)),
        ),
        "fraction turned over, weights kept": (
            exclusive,
            sum(q * math.log(p / q) for p, q in zip(P, Q, strict=True)),
        ),
        "weights left out": (
            sum(math.log(q / p) for p, q in zip(P, Q, strict=True)),
            sum(math.log(p / q) for p, q in zip(P, Q, strict=True)),
        ),
    }
    for slip, pair in slips.items():
        assert grade("04.1", pair).slip == slip


def test_the_dreams_of_exercise_8_are_those_of_the_worked_example():
    gen = Generative(g=[-math.log(3)], G=[[2 * math.log(4)]], h=[-math.log(4)])
    for (v, u), chance in DREAMS.items():
        assert math.exp(log_joint(gen, [v], [u])) == pytest.approx(chance)


def test_the_numbers_of_the_sleep_update():
    update_w = sum(p * (v - GUESS[u]) for (v, u), p in DREAMS.items())
    update_W = sum(p * (v - GUESS[u]) * u for (v, u), p in DREAMS.items())
    gen = Generative(g=[-math.log(3)], G=[[2 * math.log(4)]], h=[-math.log(4)])
    rec = Recognition(w=[-math.log(4)], W=[[2 * math.log(4)]])
    assert slow_sleep_W(gen, rec, None)[0, 0] == pytest.approx(update_W)
    assert grade("04.8", (update_w, update_W)).outcome == "correct"
    posterior = {u: DREAMS[1, u] / (DREAMS[0, u] + DREAMS[1, u]) for u in (0, 1)}
    step_2 = {u: share * (posterior[u] - GUESS[u]) for u, share in ((0, 0.1), (1, 0.9))}
    slips = {
        "swapped": (update_W, update_w),
        "wrong sign": (-update_w, -update_W),
        "data where dreams belong": (step_2[0] + step_2[1], step_2[1]),
        "guess left out": (0.25, 0.20),
        "guess of one half": (-0.25, 0.025),
    }
    for slip, pair in slips.items():
        assert grade("04.8", pair).slip == slip


def test_a_hundred_times_the_dreams_for_a_tenth_of_the_error():
    variance = 0.06**2 * 50
    assert grade("04.6", variance / 0.006**2).outcome == "correct"
    assert grade("04.6", 500).slip == "1/n for 1/sqrt(n)"


def rows_of(term):
    """A student's function of (gen, rec, u): the mean over the rows of u of a term."""
    return lambda gen, rec, u: sum(term(gen, rec, row) for row in u) / len(u)


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("sum over the data", lambda gen, rec, u: len(u) * slow_grad_W(gen, rec, u)),
        ("wrong sign", lambda *m: -slow_grad_W(*m)),
        ("transposed", lambda *m: slow_grad_W(*m).T),
        ("guess left out", rows_of(lambda g, r, row: outer(slow_target(g, row), row))),
        (
            "f left out",
            rows_of(
                lambda g, r, row: outer(np.array(slow_target(g, row)) - drive(r.W, r.w, row), row)
            ),
        ),
        (
            "prior for the posterior",
            rows_of(
                lambda g, r, row: outer(
                    [f(a) - f(y) for a, y in zip(g.g, drive(r.W, r.w, row), strict=True)], row
                )
            ),
        ),
        ("dreams for data", slow_sleep_W),
    ],
)
def test_a_slip_in_step_2_made_by_hand_is_recognised(slip, wrong):
    assert grade("04.4", wrong).slip == slip


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("data where dreams belong", slow_grad_W),
        (
            "rows of the data in the loop",
            lambda g, r, u: sum(
                math.exp(log_joint(g, v, row))
                * outer([s - f(y) for s, y in zip(v, drive(r.W, r.w, row), strict=True)], row)
                for row in u
                for v in patterns(len(g.g))
            ),
        ),
        ("wrong sign", lambda *m: -slow_sleep_W(*m)),
        (
            "f left out",
            lambda g, r, u: by_dreams(g, r, lambda v, d, y: outer(np.subtract(v, y), d)),
        ),
        ("guess left out", lambda g, r, u: by_dreams(g, r, lambda v, d, y: outer(v, d))),
        (
            "mean over the dreams",
            lambda g, r, u: slow_sleep_W(g, r, u) / (2 ** len(g.g) * 2 ** len(g.h)),
        ),
        (
            "the other network",
            lambda g, r, u: by_dreams(
                g,
                r,
                lambda v, d, y: outer(
                    v, [b - f(x) for b, x in zip(d, drive(g.G, g.h, v), strict=True)]
                ),
            ),
        ),
        (
            "inputs all alike",
            lambda g, r, u: slow_grad_W(g, r, patterns(len(g.h))),
        ),
    ],
)
def test_a_slip_in_sleep_made_by_hand_is_recognised(slip, wrong):
    assert grade("04.9", wrong).slip == slip
