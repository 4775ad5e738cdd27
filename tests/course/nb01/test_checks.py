"""The questions of notebook 01, against oracles that share no code with hmlib."""

import itertools
import math

import numpy as np
import pytest
from oracles import drive, f, log_f, log_joint, log_posterior, patterns

from hmlib import check
from hmlib.check import grade
from hmlib.course.machines import machines

# The lawn with round numbers, written out: (rain, sprinkler) -> P[v, wet].
PRIOR = {(r, s): (0.4 if r else 0.6) * (0.2 if s else 0.8) for r, s in patterns(2)}
P_WET = {(0, 0): 0.1, (0, 1): 0.5, (1, 0): 0.5, (1, 1): 0.9}
JOINT = {v: PRIOR[v] * P_WET[v] for v in PRIOR}


def total(table, event):
    return sum(p for v, p in table.items() if event(*v))


def slow_probabilities(rec, u):
    return [[f(y) for y in drive(rec.W, rec.w, row)] for row in u]


def slow_joint(gen, v, u):
    return [log_joint(gen, a, b) for a, b in zip(v, u, strict=True)]


def slow_posterior(gen, u):
    return [[math.exp(log_p) for log_p in log_posterior(gen, row).values()] for row in u]


def slow_sprinkler(s):
    wet = {}
    for rain, sprinkler in patterns(2):
        prior = f(-s if rain else s) * f(-s if sprinkler else s)
        wet[rain, sprinkler] = prior * f(2 * s * (rain + sprinkler) - 2 * s)
    return wet[1, 1] / (wet[1, 0] + wet[1, 1])


@pytest.mark.parametrize(
    ("id", "slow"),
    [
        ("01.3", slow_probabilities),
        ("01.7", slow_sprinkler),
        ("01.10", slow_joint),
        ("01.11", slow_posterior),
    ],
)
def test_slow_loops_are_accepted(id, slow):
    for seed in range(3):
        assert grade(id, slow, seed).outcome == "correct"


def test_the_numbers_of_the_round_lawn():
    if_wet = total(JOINT, lambda r, s: s) / sum(JOINT.values())
    if_rain = JOINT[1, 1] / (JOINT[1, 0] + JOINT[1, 1])
    for value in (if_wet, round(if_wet, 3)):
        assert grade("01.8", value).outcome == "correct"
    for value in (if_rain, round(if_rain, 3)):
        assert grade("01.9", value).outcome == "correct"
    assert if_rain < if_wet


@pytest.mark.parametrize(
    ("id", "slip", "value"),
    [
        ("01.8", "not normalised", total(JOINT, lambda r, s: s)),
        ("01.8", "one pattern forgotten", JOINT[0, 1] / sum(JOINT.values())),
        ("01.8", "prior for the posterior", 0.2),
        ("01.8", "prior forgotten", (0.5 + 0.9) / (0.1 + 0.5 + 0.5 + 0.9)),
        ("01.8", "condition turned around", 0.6 * 0.5 + 0.4 * 0.9),
        ("01.8", "the other cause", total(JOINT, lambda r, s: r) / sum(JOINT.values())),
        ("01.9", "rain not used", total(JOINT, lambda r, s: s) / sum(JOINT.values())),
        ("01.9", "not normalised", JOINT[1, 1]),
        ("01.9", "divided by the wrong sum", JOINT[1, 1] / sum(JOINT.values())),
        ("01.9", "lawn not used", 0.2),
        ("01.9", "prior forgotten", 0.9 / (0.5 + 0.9)),
        ("01.9", "causes swapped", JOINT[1, 1] / (JOINT[0, 1] + JOINT[1, 1])),
        ("01.9", "told that it did not rain", JOINT[0, 1] / (JOINT[0, 0] + JOINT[0, 1])),
    ],
)
def test_a_wrong_number_worked_out_by_hand_is_recognised(id, slip, value):
    assert grade(id, value).slip == slip
    assert grade(id, round(value, 3)).slip == slip


def by_row(value):
    """A student's function of (gen, v, u), from a value of one row."""
    return lambda gen, v, u: [value(gen, a, b) for a, b in zip(v, u, strict=True)]


def log_units(s, x):
    return sum(log_f(b) if a else log_f(-b) for a, b in zip(s, x, strict=True))


@pytest.mark.parametrize(
    ("slip", "value"),
    [
        ("probability for its logarithm", lambda gen, v, u: math.exp(log_joint(gen, v, u))),
        ("log2 for ln", lambda gen, v, u: log_joint(gen, v, u) / math.log(2)),
        ("prior forgotten", lambda gen, v, u: log_units(u, drive(gen.G, gen.h, v))),
        ("likelihood forgotten", lambda gen, v, u: log_units(v, gen.g)),
        (
            "h forgotten",
            lambda gen, v, u: log_units(v, gen.g) + log_units(u, drive(gen.G, 0 * gen.h, v)),
        ),
        (
            "f and 1 - f swapped",
            lambda gen, v, u: log_units(1 - v, gen.g) + log_units(1 - u, drive(gen.G, gen.h, v)),
        ),
    ],
)
def test_a_slip_in_the_joint_made_by_hand_is_recognised(slip, value):
    assert grade("01.10", by_row(value)).slip == slip


def joint_table(gen, u):
    states = patterns(len(gen.g))
    return np.array([[math.exp(log_joint(gen, v, row)) for v in states] for row in u])


def prior_table(gen, u):
    return np.array([[math.exp(log_units(v, gen.g)) for v in patterns(len(gen.g))] for _ in u])


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("not normalised", joint_table),
        (
            "normalised over the data",
            lambda gen, u: joint_table(gen, u) / joint_table(gen, u).sum(0),
        ),
        ("prior for the posterior", prior_table),
        ("likelihood for the posterior", lambda gen, u: joint_table(gen, u) / prior_table(gen, u)),
        ("log of the posterior", lambda gen, u: np.log(slow_posterior(gen, u))),
        ("transposed", lambda gen, u: np.transpose(slow_posterior(gen, u))),
        (
            "first cause least significant",
            lambda gen, u: [
                [math.exp(log_posterior(gen, row)[v[::-1]]) for v in patterns(len(gen.g))]
                for row in u
            ],
        ),
    ],
)
def test_a_slip_in_the_posterior_made_by_hand_is_recognised(slip, wrong):
    assert grade("01.11", wrong).slip == slip


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("w forgotten", lambda rec, u: 1 / (1 + np.exp(-u @ rec.W.T))),
        ("f forgotten", lambda rec, u: u @ rec.W.T + rec.w),
        ("probability of being off", lambda rec, u: 1 / (1 + np.exp(u @ rec.W.T + rec.w))),
        ("transposed", lambda rec, u: np.transpose(slow_probabilities(rec, u))),
    ],
)
def test_a_slip_in_recognition_made_by_hand_is_recognised(slip, wrong):
    assert grade("01.3", wrong).slip == slip


def test_the_lines_of_the_dream_run_in_one_order_only():
    [question] = [question for question in check.questions("01") if question.id == "01.1"]
    lines = {
        letter: line for letter, line in question.prose.lines.items() if letter in question.answer
    }
    gen = next(machines(np.random.default_rng(5)))["gen"]
    known = {"n": 4, "f": lambda x: 1 / (1 + np.exp(-x)), "gen": gen}
    runs = []
    for order in itertools.permutations(lines):
        names = known | {"rng": np.random.default_rng(0)}
        try:
            for letter in order:
                exec(lines[letter], names)
        except NameError:
            continue
        runs.append("".join(order))
        v, u = gen.sample(np.random.default_rng(0), 4)
        np.testing.assert_array_equal(names["v"], v)
        np.testing.assert_array_equal(names["u"], u)
    assert runs == [question.answer]
