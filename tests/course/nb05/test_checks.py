"""The questions of notebook 05, against oracles that share no code with hmlib."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from oracles import central_differences, drive, f, log_joint, log_likelihood, log_q

from hmlib import check
from hmlib.check import grade
from hmlib.course.machines import machines


def slow_wake(gen, rec, u, rng):
    """(g, G, h): loops over rows, causes and inputs."""
    n, n_v, n_u = len(u), len(gen.g), len(gen.h)
    g, h, G = [0.0] * n_v, [0.0] * n_u, [[0.0] * n_v for _ in range(n_u)]
    for row, v in zip(u, rec.sample(rng, u), strict=True):
        x = drive(gen.G, gen.h, v)
        for a in range(n_v):
            g[a] += (v[a] - f(gen.g[a])) / n
        for b in range(n_u):
            h[b] += (row[b] - f(x[b])) / n
            for a in range(n_v):
                G[b][a] += (row[b] - f(x[b])) * v[a] / n
    return g, G, h


def slow_sleep(gen, rec, u, rng):
    """(w, W): loops over dreams, causes and inputs."""
    n, n_v, n_u = len(u), len(gen.g), len(gen.h)
    w, W = [0.0] * n_v, [[0.0] * n_u for _ in range(n_v)]
    for v, dream in zip(*gen.sample(rng, n), strict=True):
        y = drive(rec.W, rec.w, dream)
        for a in range(n_v):
            w[a] += (v[a] - f(y[a])) / n
            for b in range(n_u):
                W[a][b] += (v[a] - f(y[a])) * dream[b] / n
    return w, W


def summed(slow):
    """The same without a division by the number of rows."""
    return lambda gen, rec, u, rng: [len(u) * np.array(x) for x in slow(gen, rec, u, rng)]


def slow_distance(gen, u, weights):
    return sum(
        p * (math.log2(p) - log_likelihood(gen, row) / math.log(2))
        for row, p in zip(u, weights, strict=True)
    )


@pytest.mark.parametrize(
    ("id", "slow"), [("05.2", slow_wake), ("05.3", slow_sleep), ("05.7", slow_distance)]
)
def test_slow_loops_are_accepted(id, slow):
    for seed in range(3):
        assert grade(id, slow, seed).outcome == "correct"


def test_the_updates_of_one_pair_are_slopes():
    """Wake is the slope of log P[v, u] in G, sleep that of log Q[v|u] in W."""
    gen, rec, u = next(machines(np.random.default_rng(3))).values()
    v, u = (1.0, 0.0), u[:1]
    drawn = SimpleNamespace(sample=lambda rng, given: [v])
    slopes = central_differences(lambda m: log_joint(m, v, u[0]), gen, ["g", "G", "h"])
    for name, change in zip("gGh", slow_wake(gen, drawn, u, None), strict=True):
        assert np.array(change) == pytest.approx(slopes[name], abs=1e-7)
    dreaming = SimpleNamespace(g=gen.g, h=gen.h, sample=lambda rng, n: ([v], u))
    slopes = central_differences(lambda m: log_q(m, v, u[0]), rec, ["w", "W"])
    for name, change in zip("wW", slow_sleep(dreaming, rec, u, None), strict=True):
        assert np.array(change) == pytest.approx(slopes[name], abs=1e-7)


def rows_of_wake(error_g, target, times):
    """A student's wake from three functions of one row: (gen, rec, row, v) each."""

    def wrong(gen, rec, u, rng):
        pairs = list(zip(u, rec.sample(rng, u), strict=True))
        g = np.mean([error_g(gen, rec, row, v) for row, v in pairs], axis=0)
        e = [target(gen, rec, row, v) for row, v in pairs]
        G = np.mean(
            [np.outer(a, times(row, v)) for a, (row, v) in zip(e, pairs, strict=True)], axis=0
        )
        return g, G, np.mean(e, axis=0)

    return wrong


def predicted(gen, v):
    return np.array([f(x) for x in drive(gen.G, gen.h, v)])


def prior(gen):
    return np.array([f(x) for x in gen.g])


def guessed(rec, u):
    return np.array([f(y) for y in drive(rec.W, rec.w, u)])


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        (
            "wrong sign",
            rows_of_wake(
                lambda gen, rec, u, v: prior(gen) - v,
                lambda gen, rec, u, v: predicted(gen, v) - u,
                lambda u, v: v,
            ),
        ),
        (
            "guess for the prior",
            rows_of_wake(
                lambda gen, rec, u, v: v - guessed(rec, u),
                lambda gen, rec, u, v: u - predicted(gen, v),
                lambda u, v: v,
            ),
        ),
        (
            "prediction left out",
            rows_of_wake(lambda gen, rec, u, v: v, lambda gen, rec, u, v: u, lambda u, v: v),
        ),
        (
            "f left out",
            rows_of_wake(
                lambda gen, rec, u, v: v - gen.g,
                lambda gen, rec, u, v: u - drive(gen.G, gen.h, v),
                lambda u, v: v,
            ),
        ),
        ("sum for the mean", summed(slow_wake)),
        ("dreams where data belong", lambda g, r, u, rng: dreamt_wake(g, u, rng)),
    ],
)
def test_a_slip_in_wake_made_by_hand_is_recognised(slip, wrong):
    assert grade("05.2", wrong).slip == slip


def dreamt_wake(gen, u, rng):
    v, dream = gen.sample(rng, len(u))

    class Given:
        sample = staticmethod(lambda rng, rows: v)

    return slow_wake(gen, Given, dream, rng)


def by_pairs(pairs_of):
    """A student's sleep that learns from other pairs: pairs_of(gen, rec, u, rng) -> (v, u, at)."""

    def sleep(gen, rec, u, rng):
        rows = list(zip(*pairs_of(gen, rec, u, rng), strict=True))
        e = [v - guessed(rec, about) for v, about, _ in rows]
        W = np.mean([np.outer(a, at) for a, (_, _, at) in zip(e, rows, strict=True)], axis=0)
        return np.mean(e, axis=0), W

    return sleep


def own_guesses(gen, rec, u, rng):
    return rec.sample(rng, u), u, u


def dreamt(about, times):
    def pairs_of(gen, rec, u, rng):
        v, dream = gen.sample(rng, len(u))
        return v, dream if about == "dream" else u, dream if times == "dream" else u

    return pairs_of


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("data where dreams belong", by_pairs(own_guesses)),
        ("dreamt causes with data", by_pairs(dreamt("data", "data"))),
        ("error times data", by_pairs(dreamt("dream", "data"))),
        ("guess about the data", by_pairs(dreamt("data", "dream"))),
        ("wrong sign", lambda *m: [-np.array(x) for x in slow_sleep(*m)]),
        ("sum for the mean", summed(slow_sleep)),
    ],
)
def test_a_slip_in_sleep_made_by_hand_is_recognised(slip, wrong):
    assert grade("05.3", wrong).slip == slip


def test_a_sleep_that_draws_another_number_of_dreams_is_not_correct():
    verdict = grade("05.3", lambda gen, rec, u, rng: slow_sleep(gen, rec, range(1000), rng))
    assert verdict.outcome == "not yet"


def test_the_changes_of_both_objectives():
    slope, update = (0.3, -0.2), (0.1, 0.4)
    step = [0.1 * x for x in update]
    of_f, of_dream = (sum(a * b for a, b in zip(s, step, strict=True)) for s in (slope, update))
    assert of_f < 0 < of_dream
    assert grade("05.5", (of_f, of_dream)).outcome == "correct"
    assert grade("05.5", (round(of_f, 4), round(of_dream, 4))).outcome == "correct"
    assert grade("05.5", (of_dream, of_f)).slip == "swapped"
    assert grade("05.5", (10 * of_f, 10 * of_dream)).slip == "rate forgotten"


def total_of(term):
    """A student's distance from a term of one picture: (log2 p, log2 P, p)."""

    def value(gen, u, weights):
        return sum(
            term(math.log2(p), log_likelihood(gen, row) / math.log(2), p)
            for row, p in zip(u, weights, strict=True)
        )

    return value


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("nats for bits", total_of(lambda data, dream, p: p * (data - dream) * math.log(2))),
        ("entropy dropped", total_of(lambda data, dream, p: -p * dream)),
        ("wrong sign", total_of(lambda data, dream, p: p * (dream - data))),
        ("sum without weights", total_of(lambda data, dream, p: data - dream)),
        ("KL turned around", total_of(lambda data, dream, p: 2**dream * (dream - data))),
        ("bits less nats", total_of(lambda data, dream, p: p * (data - dream * math.log(2)))),
    ],
)
def test_a_slip_in_the_distance_made_by_hand_is_recognised(slip, wrong):
    assert grade("05.7", wrong).slip == slip


def test_a_step_with_either_decoy_is_told_why():
    right = "BDAF"
    for letter, place in (("C", "A"), ("H", "F")):
        assert grade("05.1", right.replace(place, letter)).slip == f"line {letter}"
    others = {"".join(p) for p in itertools.permutations(right)} - {right}
    assert all(grade("05.1", order).outcome == "not yet" for order in others)


def test_the_notebook_has_eight_questions():
    assert len(check.questions("05")) == 8
