"""The best bound, and the pair that meets it, against a search and each other."""

import numpy as np
import pytest
from scipy.optimize import minimize

from hmlib.course.nb07.limits import best_weights, furthest_pair


def functions(seed, g=12, K=3):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(size=(g, K)), np.ones(g)]), rng.normal(size=g)


@pytest.mark.parametrize("seed", range(5))
def test_no_search_finds_weights_with_a_smaller_largest_miss(seed):
    T, f = functions(seed)
    best = np.abs(f - T @ best_weights(T, f)).max()
    start = np.linalg.lstsq(T, f, rcond=None)[0]
    found = minimize(
        lambda a: np.abs(f - T @ a).max(), start, method="Nelder-Mead",
        options={"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-10, "fatol": 1e-12},
    )  # fmt: skip
    assert best <= found.fun + 1e-9
    assert best == pytest.approx(found.fun, rel=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_the_furthest_pair_has_one_code_and_meets_the_best_bound(seed):
    T, f = functions(seed)
    pair = furthest_pair(T, f)
    assert pair.min() >= 0
    assert pair.sum(axis=1) == pytest.approx([1, 1])
    assert pair[0] @ T == pytest.approx(pair[1] @ T, abs=1e-9)
    assert (pair[0] - pair[1]) @ f == pytest.approx(2 * np.abs(f - T @ best_weights(T, f)).max())


def test_three_places_and_a_line_by_hand():
    T, f = np.column_stack([[-1.0, 0, 1], np.ones(3)]), np.array([0.0, 0, 1])
    assert best_weights(T, f) == pytest.approx([1 / 2, 1 / 4])
    assert furthest_pair(T, f) == pytest.approx(np.array([[1 / 2, 0, 1 / 2], [0, 1, 0]]))


def test_functions_that_depend_on_each_other_are_borne():
    T, f = functions(0)
    twice = np.column_stack([T, T[:, 0] + 1e-13, 3 * T[:, 1]])
    one, other = (2 * np.abs(f - X @ best_weights(X, f)).max() for X in (T, twice))
    assert one == pytest.approx(other)
