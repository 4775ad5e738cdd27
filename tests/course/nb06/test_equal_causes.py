"""Many causes of one wet lawn, against all patterns and slow minimisation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from oracles import factorised, log_f, patterns
from scipy.optimize import minimize
from scipy.special import expit

from hmlib.course.nb06 import equal_causes, labs


def slow_posterior(n: int, s: float) -> dict[tuple[int, ...], float]:
    """P[v | wet] of every pattern, coin by coin."""
    joint = {}
    for v in patterns(n):
        log_p = sum(log_f(-s) if on else log_f(s) for on in v)
        joint[v] = math.exp(log_p + log_f(2 * s * sum(v) - 2 * s))
    total = math.fsum(joint.values())
    return {v: p / total for v, p in joint.items()}


def slow_exclusive(q: np.ndarray, p: dict[tuple[int, ...], float]) -> float:
    return sum(w * (math.log(w) - math.log(p[v])) for v, w in factorised(q).items() if w > 0)


def slow_inclusive(q: np.ndarray, p: dict[tuple[int, ...], float]) -> float:
    return sum(w * (math.log(w) - math.log(factorised(q)[v])) for v, w in p.items())


@pytest.mark.parametrize(("n", "s"), [(1, 4.0), (2, 2.0), (4, 3.0), (5, 8.0)])
def test_how_many_causes_are_on(n: int, s: float) -> None:
    counts = np.zeros(n + 1)
    for v, p in slow_posterior(n, s).items():
        counts[sum(v)] += p
    assert equal_causes.count_posterior(n, s) == pytest.approx(counts, abs=1e-12)


@pytest.mark.parametrize(("n", "s"), [(2, 2.0), (3, 10.0), (4, 3.0), (5, 4.0)])
def test_no_factorised_guess_beats_the_least_divergences(n: int, s: float) -> None:
    p, rng = slow_posterior(n, s), np.random.default_rng(0)
    starts = [*rng.normal(0, 2, (4, n)), np.array([2.0] + [-2.0] * (n - 1))]

    def least(cost, starts) -> float:
        ends = [minimize(lambda y: cost(expit(np.clip(y, -30, 30)), p), y).fun for y in starts]
        return min(ends)

    assert equal_causes.least_exclusive(n, s)[0] == pytest.approx(
        least(slow_exclusive, starts), abs=1e-4
    )
    assert equal_causes.least_inclusive(n, s) == pytest.approx(
        least(slow_inclusive, starts[:1]), abs=1e-4
    )


@pytest.mark.parametrize(("n", "s"), [(2, 3.0), (6, 4.5)])
def test_the_guess_that_decides_has_the_divergence_said(n: int, s: float) -> None:
    divergence, lead, other = equal_causes.least_exclusive(n, s)
    q = np.array([lead] + [other] * (n - 1))
    assert slow_exclusive(q, slow_posterior(n, s)) == pytest.approx(divergence, abs=1e-5)
    decides = labs.many_causes_values(n, s).exclusive.counts
    counts = np.zeros(n + 1)
    for v, weight in factorised(q).items():
        counts[sum(v)] += weight
    assert decides == pytest.approx(counts, abs=1e-9)


def test_a_strong_lawn_of_few_causes_costs_ln_n_and_less_than_a_nat() -> None:
    record = labs.many_causes_values(40, 10.0)
    few = record.path_n <= 40
    n = record.path_n[few]
    assert record.exclusive.path[few] == pytest.approx(np.log(n), abs=5e-3)
    hedging = np.array([0.0] + [(k - 1) * math.log(k / (k - 1)) for k in n[1:]])
    assert record.inclusive.path[few] == pytest.approx(hedging, abs=0.02)
    assert record.inclusive.counts[0] > 1 / 3
    assert record.inclusive.counts[2:].sum() == pytest.approx(0.25, abs=0.03)
    assert labs.many_causes_values(40, 2.0).exclusive.least < 0.03
