"""Closed-form densities against integrals, counts and the sampler's own formula."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import datasets

WORLDS = {
    "ring": (datasets.ring, datasets.ring_log_density, -1.3575),
    "pinwheel": (datasets.pinwheel, datasets.pinwheel_log_density, -1.0552),
}
STEP = 0.06
"""Of the grid: a plain sum errs by 4e-5, at the folds of the pinwheel; with .02 by 6e-10."""


def grid() -> np.ndarray:
    axis = np.arange(-4.5, 4.5, STEP) + STEP / 2
    points = np.array(np.meshgrid(axis, axis)).reshape(2, -1).T
    return points[np.hypot(*points.T) < 4.5]


@pytest.mark.parametrize("world", WORLDS)
def test_a_density_integrates_to_one_and_to_the_known_mean(world) -> None:
    sampled, log_density, mean = WORLDS[world]
    log_p = log_density(grid())
    p = np.exp(log_p) * STEP**2
    assert p.sum() == pytest.approx(1, abs=2e-4)
    seen = p > 0
    by_integral = p[seen] @ log_p[seen]
    assert by_integral == pytest.approx(mean, abs=1e-3)
    drawn = log_density(sampled(np.random.default_rng(0), 5000))
    assert abs(drawn.mean() - by_integral) < 4 * drawn.std() / np.sqrt(5000)


@pytest.mark.parametrize("world", WORLDS)
def test_as_many_points_fall_into_a_cell_as_the_density_says(world) -> None:
    sampled, log_density, _ = WORLDS[world]
    n, side = 40_000, 0.3
    x = sampled(np.random.default_rng(1), n)
    cells, counts = np.unique(np.floor(x / side), axis=0, return_counts=True)
    cells, counts = cells[counts > 100], counts[counts > 100]
    inner = (np.array(np.meshgrid(*[np.arange(20)] * 2)).reshape(2, -1).T + 0.5) / 20
    expected = [np.exp(log_density((cell + inner) * side)).mean() * side**2 * n for cell in cells]
    z = (counts - expected) / np.sqrt(expected)
    assert len(z) > 30
    assert np.abs(z).max() < 5
    assert 0.6 < np.mean(z**2) < 1.6


def test_one_place_of_a_pinwheel_by_hand() -> None:
    """A place (a, r, s) is turned and stretched by the formula of the docstring of `pinwheel`."""
    r, s, a = 1.2, 0.03, 2
    angle = 2 * np.pi * a / 5 + 0.25 * np.exp(r)
    x = 1.5 * np.array(
        [r * np.cos(angle) - s * np.sin(angle), r * np.sin(angle) + s * np.cos(angle)]
    )
    normal = np.exp(-((r - 1) ** 2) / 0.18 - s**2 / 0.005) / (2 * np.pi * 0.3 * 0.05)
    p = normal / (5 * 1.5**2 * (1 - 0.25 * np.exp(r) * s))
    # The other arms are more than ten standard deviations away.
    assert datasets.pinwheel_log_density([x]) == pytest.approx(np.log(p), abs=1e-9)


def test_both_are_round_in_their_own_way() -> None:
    x = datasets.pinwheel(np.random.default_rng(0), 50)
    turn = 2 * np.pi / 5
    turned = x @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    here, there = (datasets.pinwheel_log_density(y) for y in (x, turned))
    np.testing.assert_allclose(here, there, atol=1e-8)
    ring = datasets.ring_log_density(np.array([[1.4, 0.0], [0.0, -1.4]]))
    assert ring[0] == pytest.approx(ring[1])


def test_far_away_nothing_is() -> None:
    assert datasets.pinwheel_log_density([[30.0, 0.0]])[0] == -np.inf
    assert datasets.ring_log_density([[30.0, 0.0]])[0] < -30_000
    assert datasets.ring_log_density([[0.0, 0.0]])[0] == np.inf


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("x", [np.ones((3, 3)), np.ones(2), [[np.nan, 0.0]], np.ones((0, 2))])
def test_other_points_are_refused(world, x) -> None:
    with pytest.raises(ValueError, match="x "):
        WORLDS[world][1](x)
