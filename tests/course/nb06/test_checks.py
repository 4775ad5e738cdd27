"""The questions of notebook 06, against oracles that share no code with hmlib."""

import math

import numpy as np
import oracles
import pytest
from oracles import central_differences, factorised, mean, patterns

from hmlib import check
from hmlib.check import grade

# Three causes, one of them on.
ONE_OF_THREE = {(0, 0, 1): 1 / 3, (0, 1, 0): 1 / 3, (1, 0, 0): 1 / 3}
HEDGE = factorised([1 / 3, 1 / 3, 1 / 3])
DECIDES = -math.log(ONE_OF_THREE[1, 0, 0])
HEDGES = sum(p * math.log(p / HEDGE[v]) for v, p in ONE_OF_THREE.items())

RATIOS = (1.0, 0.125, 0.125, 0.25)
L_4 = math.log(math.fsum(RATIOS) / 4)
F_4 = math.fsum(math.log(r) for r in RATIOS) / 4


@pytest.mark.parametrize(("id", "value"), [("06.1", (DECIDES, HEDGES)), ("06.9", (L_4, F_4))])
def test_the_numbers_by_hand(id, value):
    assert grade(id, value).outcome == "correct"
    assert grade(id, [round(x, 3) for x in value]).outcome == "correct"


@pytest.mark.parametrize(
    ("id", "slip", "value"),
    [
        ("06.1", "swapped", (HEDGES, DECIDES)),
        ("06.1", "all causes on", (DECIDES, math.log((1 / 3) / (1 / 27)))),
        ("06.1", "causes off forgotten", (DECIDES, math.log((1 / 3) / (1 / 3)))),
        ("06.1", "one term for three", (DECIDES, math.log((1 / 3) / (4 / 27)) / 3)),
        ("06.9", "log K forgotten", (math.log(1.5), F_4)),
        ("06.9", "sums for means", (math.log(1.5), 4 * F_4)),
        ("06.9", "best guess alone", (0.0, F_4)),
        ("06.9", "counted by its size", (L_4, sum(r * math.log(r) for r in RATIOS))),
    ],
)
def test_a_wrong_number_worked_out_by_hand_is_recognised(id, slip, value):
    assert grade(id, value).slip == slip
    assert grade(id, tuple(round(x, 3) for x in value)).slip == slip


def marginals(row, n_v):
    """Probability that each cause is on, pattern by pattern."""
    return [sum(p for p, v in zip(row, patterns(n_v), strict=True) if v[a]) for a in range(n_v)]


def slow_price(p, n_v):
    """KL(P || Q) at the Q with the posterior's own means, as a divergence and not by entropies."""
    prices = []
    for row in p:
        q = factorised(marginals(row, n_v))
        prices.append(sum(x * math.log(x / q[v]) for x, v in zip(row, patterns(n_v), strict=True)))
    return prices


def slow_l_k(log_r):
    return [oracles.log_sum(list(row)) - math.log(len(row)) for row in log_r]


def slow_cosine(gen, rec, u):
    """F by loops and central differences; sleep by listing dreams."""

    def free(rec):
        return mean(lambda row: oracles.free_energy(gen, rec, row), u)

    slopes = central_differences(free, rec, ("w", "W"))
    update_w, update_W = np.zeros(rec.w.shape), np.zeros(rec.W.shape)
    for v in patterns(len(gen.g)):
        for row in patterns(len(gen.h)):
            chance = math.exp(oracles.log_joint(gen, v, row))
            guess = [oracles.f(y) for y in oracles.drive(rec.W, rec.w, row)]
            error = np.array(v) - guess
            update_w += chance * error
            update_W += chance * np.outer(error, row)
    up = np.concatenate([slopes["w"], slopes["W"].ravel()])
    sleep = np.concatenate([update_w, update_W.ravel()])
    return up @ sleep / math.sqrt((up @ up) * (sleep @ sleep))


@pytest.mark.parametrize(
    ("id", "slow"), [("06.2", slow_price), ("06.6", slow_l_k), ("06.10", slow_cosine)]
)
def test_slow_loops_are_accepted(id, slow):
    for seed in range(3):
        assert grade(id, slow, seed).outcome == "correct"


def test_no_factorised_guess_is_cheaper_than_the_price():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(8), 1)
    [least] = slow_price(p, 3)
    for _ in range(200):
        q = list(factorised(rng.uniform(0.01, 0.99, 3)).values())
        assert sum(x * math.log(x / y) for x, y in zip(p[0], q, strict=True)) >= least


@pytest.mark.parametrize(
    ("id", "slip", "wrong"),
    [
        ("06.6", "mean of the logs", lambda log_r: [sum(row) / len(row) for row in log_r]),
        ("06.6", "overflow", lambda log_r: np.log(np.mean(np.exp(log_r), axis=1))),
        ("06.6", "best guess", lambda log_r: [max(row) for row in log_r]),
        ("06.6", "log K forgotten", lambda log_r: [oracles.log_sum(list(row)) for row in log_r]),
        (
            "06.2",
            "only the causes that are on",
            lambda p, n_v: [
                sum(-m * math.log(m) for m in marginals(row, n_v))
                + sum(x * math.log(x) for x in row)
                for row in p
            ],
        ),
        ("06.2", "mean over the data", lambda p, n_v: sum(slow_price(p, n_v)) / len(p)),
        ("06.10", "wrong sign", lambda gen, rec, u: -slow_cosine(gen, rec, u)),
        ("06.10", "the angle itself", lambda gen, rec, u: math.acos(slow_cosine(gen, rec, u))),
    ],
)
def test_a_slip_made_by_hand_is_recognised(id, slip, wrong):
    assert grade(id, wrong).slip == slip


def test_the_ratios_of_06_7_need_the_stable_way():
    [question] = [question for question in check.questions("06") if question.id == "06.6"]
    with np.errstate(all="ignore"):
        naive = [np.exp(case["log_r"]).sum() for case in question.draw(0)]
    assert 0 in naive
    assert np.inf in naive
