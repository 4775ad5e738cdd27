"""Questions of notebook 02, against oracles that share no code with hmlib."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from hmlib import check
from hmlib.binary import Generative, Recognition
from hmlib.check import grade
from hmlib.course.machines import SIZES, machines, tiny
from hmlib.course.nb02.solutions import ANSWERS


def probability(x, on):
    return 1 / (1 + math.exp(-x)) if on else 1 / (1 + math.exp(x))


def joint(gen, v, u):
    p = math.prod(probability(g, s) for g, s in zip(gen.g, v, strict=True))
    for b, s in enumerate(u):
        x = gen.h[b] + sum(gen.G[b, a] * v[a] for a in range(len(v)))
        p *= probability(x, s)
    return p


def guess(rec, v, u):
    q = 1.0
    for a, s in enumerate(v):
        y = rec.w[a] + sum(rec.W[a, b] * u[b] for b in range(len(u)))
        q *= probability(y, s)
    return q


def tables(gen, rec, u):
    """P[v, u] and Q[v|u] of one input, for every pattern of causes."""
    patterns = list(itertools.product((0, 1), repeat=len(gen.g)))
    return [joint(gen, v, u) for v in patterns], [guess(rec, v, u) for v in patterns]


def slow_free_energy(gen, rec, u):
    rows = [tables(gen, rec, row) for row in u]
    return [sum(b * math.log(a / b) for a, b in zip(p, q, strict=True)) for p, q in rows]


def slow_kl(q, p):
    return [
        sum(float(a) * math.log(a / b) for a, b in zip(x, y, strict=True))
        for x, y in zip(q, p, strict=True)
    ]


def test_the_solutions_agree_with_slow_sums():
    for case in machines(np.random.default_rng(11)):
        np.testing.assert_allclose(
            ANSWERS["02.8"](*case.values()), slow_free_energy(*case.values()), rtol=0, atol=1e-10
        )
    q, p = np.random.default_rng(12).dirichlet(np.ones(6), (2, 9))
    np.testing.assert_allclose(ANSWERS["02.7"](q, p), slow_kl(q, p), rtol=0, atol=1e-10)


def test_slow_sums_are_accepted():
    assert grade("02.8", slow_free_energy).outcome == "correct"
    assert grade("02.7", slow_kl).outcome == "correct"


def by_input(total):
    """A student's function: one number a row of u, from P[v, u] and Q[v|u] of every pattern."""
    return lambda gen, rec, u: [total(*map(np.array, tables(gen, rec, row))) for row in u]


@pytest.mark.parametrize(
    ("slip", "total"),
    [
        ("entropy dropped", lambda p, q: sum(q * np.log(p))),
        ("entropy subtracted", lambda p, q: sum(q * np.log(p)) + sum(q * np.log(q))),
        ("entropy only", lambda p, q: -sum(q * np.log(q))),
        ("wrong sign", lambda p, q: sum(q * np.log(q / p))),
        ("log2 for ln", lambda p, q: sum(q * np.log2(p / q))),
        (
            "KL turned around",
            lambda p, q: np.log(sum(p)) - sum(p * np.log(p / sum(p) / q)) / sum(p),
        ),
        ("L for F", lambda p, q: np.log(sum(p))),
        ("gap for F", lambda p, q: sum(q * np.log(q / (p / sum(p))))),
        ("gap added", lambda p, q: np.log(sum(p)) + sum(q * np.log(q / (p / sum(p))))),
        ("Q left out of the average", lambda p, q: sum(np.log(p / q))),
        ("log Q as the weight", lambda p, q: sum(np.log(q) * np.log(p / q))),
        ("mean over the states", lambda p, q: np.mean(q * np.log(p / q))),
    ],
)
def test_a_slip_in_f_made_by_hand_is_recognised(slip, total):
    assert grade("02.8", by_input(total)).slip == slip


def test_a_slip_of_axis_or_prior_in_f_made_by_hand_is_recognised():
    def terms(gen, rec, u):
        rows = [map(np.array, tables(gen, rec, row)) for row in u]
        return np.array([q * np.log(p / q) for p, q in rows])

    def no_prior(gen, rec, u):
        flat = dataclasses.replace(gen, G=0 * gen.G, h=0 * gen.h)
        priors = [np.array(tables(flat, rec, row)[0]) * 2.0 ** len(row) for row in u]
        rows = [map(np.array, tables(gen, rec, row)) for row in u]
        pairs = zip(rows, priors, strict=True)
        return [sum(q * np.log(p / prior / q)) for (p, q), prior in pairs]

    assert grade("02.8", lambda *m: terms(*m).sum(axis=0)).slip == "sum over the wrong axis"
    assert grade("02.8", lambda *m: terms(*m).sum()).slip == "sum over the data"
    assert grade("02.8", lambda *m: terms(*m).sum(axis=1).mean()).slip == "mean over the data"
    assert grade("02.8", no_prior).slip == "prior left out"


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("KL turned around", lambda q, p: slow_kl(p, q)),
        ("wrong sign", lambda q, p: -np.array(slow_kl(q, p))),
        ("log2 for ln", lambda q, p: (q * np.log2(q / p)).sum(axis=1)),
        ("mean over the data", lambda q, p: np.mean(slow_kl(q, p))),
        ("sum over the data", lambda q, p: (q * np.log(q / p)).sum()),
        ("sum over the wrong axis", lambda q, p: (q * np.log(q / p)).sum(axis=0)),
        ("cross entropy", lambda q, p: (q * np.log(1 / p)).sum(axis=1)),
        ("p left out", lambda q, p: (q * np.log(q)).sum(axis=1)),
    ],
)
def test_a_slip_in_kl_made_by_hand_is_recognised(slip, wrong):
    assert grade("02.7", wrong).slip == slip


def test_the_tiny_machine_is_the_one_of_the_question():
    gen, rec, u = tiny()
    assert isinstance(gen, Generative)
    assert isinstance(rec, Recognition)
    p, q = tables(gen, rec, u[0])
    np.testing.assert_allclose(p, [1 / 8, 1 / 16, 3 / 16, 1 / 8], rtol=1e-12)
    np.testing.assert_allclose(q, [3 / 16, 1 / 16, 9 / 16, 3 / 16], rtol=1e-12)


def test_the_numbers_of_the_tiny_machine():
    p, q = tables(*tiny()[:2], [1])
    average = sum(b * math.log(a) for a, b in zip(p, q, strict=True))
    entropy = -sum(b * math.log(b) for b in q)
    assert grade("02.6", average + entropy).outcome == "correct"
    assert grade("02.6", round(average + entropy, 3)).outcome == "correct"
    assert grade("02.5", (average, entropy)).outcome == "correct"
    post = [a / sum(p) for a in p]
    inclusive = sum(a * math.log(a / b) for a, b in zip(post, q, strict=True))
    slips = {
        "entropy dropped": average,
        "log2 for ln": (average + entropy) / math.log(2),
        "L for F": math.log(sum(p)),
        "KL turned around": math.log(sum(p)) - inclusive,
        "prior left out": average + math.log(4) + entropy,
        "Q left out of the average": sum(map(math.log, p)) / 4 + entropy,
        "input off": sum(
            b * math.log(a / b) for a, b in zip(*tables(*tiny()[:2], [0]), strict=True)
        ),
    }
    for slip, value in slips.items():
        assert grade("02.6", value).slip == slip


def test_the_lines_of_the_derivation_are_equal_and_the_decoys_are_not():
    case = next(machines(np.random.default_rng(13)))
    gen, rec, u = case["gen"], case["rec"], case["u"][0]
    p, q = (np.array(table) for table in tables(gen, rec, u))
    p_u, post = p.sum(), p / p.sum()
    prior = np.array([math.prod(probability(g, s) for g, s in zip(gen.g, v, strict=True))
                      for v in itertools.product((0, 1), repeat=len(gen.g))])  # fmt: skip
    given_v = p / prior
    values = {
        "A": np.log(p_u) - np.sum(q * np.log(q / post)),
        "B": np.sum(q * np.log(given_v * p_u / q)),
        "C": np.sum(q * np.log(post * p_u / q)),
        "D": np.log(p_u) - slow_kl([q], [post])[0],
        "E": np.sum(q * np.log(p / q)),
        "J": np.log(p_u) - np.sum(post * np.log(post / q)),
        "K": np.log(p_u) + np.sum(q * np.log(post / q)),
        "N": np.sum(q * np.log(p_u)) + np.sum(q * np.log(post / q)),
    }
    [question] = [question for question in check.questions("02") if question.id == "02.1"]
    right = {letter for letter, value in values.items() if abs(value - values["E"]) < 1e-10}
    assert right == set(question.answer)
    assert set(values) == set(question.prose.lines)


def test_no_two_sizes_of_a_trial_can_be_confused():
    for n_v, n_u, n in SIZES:
        assert len({n_v, n_u, n, 2**n_v}) == 4
