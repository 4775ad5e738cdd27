"""What choosing encodings chooses, against loops."""

import math

import numpy as np
import pytest

from hmlib import ddc
from hmlib.course.nb07 import choices, densities, telling
from hmlib.course.nb07.densities import GRID

Z = GRID[:, 0]


def test_functions_of_a_seed_are_the_same_and_stand_where_the_base_is():
    one, again, other = (choices.drawn(seed, 6)(GRID) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.1
    kinks = np.concatenate([-(T := choices.drawn(s, 20)).bias / T.weights[0] for s in range(20)])
    assert kinks.std() == pytest.approx(densities.SPREAD, rel=0.15)


def test_a_member_of_the_family_is_its_own_decode():
    T = choices.drawn(5, 4)
    q = choices.BASES["wide"] * np.exp(T(GRID) @ np.array([1.0, -2.0, 0.5, 1.5, -0.3, 0.0]))
    q /= q.sum()
    decode = ddc.maximum_entropy(q @ T(GRID), T, GRID, choices.BASES["wide"]).density
    np.testing.assert_allclose(decode, q, atol=1e-7)


def test_misplaced_is_half_of_what_differs():
    (wrong,) = choices.misplaced(5, 2.0, choices.BASES["wide"], [7])
    p, T = densities.mixture(np.random.default_rng([7, 1])), choices.drawn(7, 5)
    q = ddc.maximum_entropy(p @ T(GRID), T, GRID, choices.BASES["wide"]).density
    assert wrong == pytest.approx(sum(max(a - b, 0) for a, b in zip(p, q, strict=True)), abs=1e-9)
    assert set(choices.BASES) == {"wide", "narrow"}
    assert all(m.sum() == pytest.approx(1) for m in choices.BASES.values())


@pytest.mark.parametrize("draws", [0, 500])
def test_both_errors_by_loops(draws):
    p = densities.density("two bumps", 0.7)
    read, decoded = choices.both_errors(p, 6, 9, draws)
    T, f = choices.drawn(9, 6)(GRID), np.abs(Z)
    share = np.random.default_rng([9, 2]).multinomial(draws, p) / draws if draws else p
    r = [sum(a * b for a, b in zip(share, column, strict=True)) for column in T.T]
    rows = np.vstack([np.sqrt(densities.base())[:, None] * T, math.sqrt(1e-6) * np.eye(8)])
    alpha = np.linalg.lstsq(rows, np.r_[np.sqrt(densities.base()) * f, np.zeros(8)], rcond=None)[0]
    place = list(telling.FUNCTIONS).index("|z|")
    assert read[place] == pytest.approx(np.dot(r, alpha) - p @ f, abs=1e-5)
    assert abs(decoded[list(telling.FUNCTIONS).index("z")]) == pytest.approx(
        abs((share - p) @ Z), abs=1e-3
    )


def test_pair_differences_are_those_of_lab_3():
    got = choices.pair_differences(2, 8, (0.4, 1.0))
    p, T = 0.4 / 161 + 0.6 * densities.density("two bumps", 0.6), choices.drawn(2, 8)(GRID)
    for width, apart in zip((0.4, 1.0), got, strict=True):
        f = telling.bump(Z, width)
        pair, _ = telling.same_code(T, f, p)
        assert apart == pytest.approx(pair[0] @ f - pair[1] @ f)
        assert apart > 0


def test_coordinate_errors_by_loops():
    (error,) = choices.coordinate_errors(2, 4, (7,))
    rng = np.random.default_rng(4)
    points = np.array([choices._points(rng, 2) for _ in range(60)])
    places = rng.normal(0, 2.0, (2000, 2))
    T = ddc.Encoding.random(rng, places, 7, "tanh", 2.0)

    def bump(z):
        return math.exp(-((z[0] - 1) ** 2 + z[1] ** 2) / 2)

    rows = np.vstack([T(places) / math.sqrt(2000), 1e-3 * np.eye(10)])
    target = np.r_[[bump(z) / math.sqrt(2000) for z in places], np.zeros(10)]
    alpha = np.linalg.lstsq(rows, target, rcond=None)[0]
    truth = np.array([np.mean([bump(z) for z in cloud]) for cloud in points])
    told = np.array([np.mean(T(cloud), axis=0) @ alpha for cloud in points])
    assert error == pytest.approx(math.sqrt(((told - truth) ** 2).mean()) / truth.std(), rel=1e-6)


def test_kind_errors_by_loops():
    errors = choices.kind_errors("relu", 2.0, 3, 4)
    rng = np.random.default_rng(3)
    T = ddc.Encoding.random(rng, rng.normal(0, 2.0, (500, 1)), 4, "relu", 2.0)(GRID)
    rows = np.vstack([np.sqrt(densities.base())[:, None] * T, 1e-3 * np.eye(6)])
    f = (Z > 1).astype(float)
    alpha = np.linalg.lstsq(rows, np.r_[np.sqrt(densities.base()) * f, np.zeros(6)], rcond=None)[0]
    told = [float(p @ T @ alpha) for p in densities.many_densities()]
    true = [sum(p[Z > 1]) for p in densities.many_densities()]
    slow = math.sqrt(np.mean([(a - b) ** 2 for a, b in zip(told, true, strict=True)]))
    place = list(telling.FUNCTIONS).index("is z above 1?")
    assert errors[place] == pytest.approx(slow / np.std(true), rel=1e-5)
