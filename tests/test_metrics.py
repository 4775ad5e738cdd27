"""The distance between samples, against slow loops."""

import math

import numpy as np
import pytest

from hmlib import metrics


def slow_mmd2(x, y, s):
    """Every pair by itself, a point with itself left out."""

    def k(a, b):
        return math.exp(-sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) / (2 * s * s))

    def within(z):
        pairs = [(i, j) for i in range(len(z)) for j in range(len(z)) if i != j]
        return sum(k(z[i], z[j]) for i, j in pairs) / len(pairs)

    across = sum(k(a, b) for a in x for b in y) / (len(x) * len(y))
    return within(x) + within(y) - 2 * across


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bandwidth", [0.3, 1.0, 4.0])
def test_mmd2_is_the_sum_over_pairs(seed, bandwidth):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(9, 3)), rng.normal(0.5, 1.5, size=(7, 3))
    assert metrics.mmd2(x, y, bandwidth) == pytest.approx(
        slow_mmd2(x.tolist(), y.tolist(), bandwidth), abs=1e-12
    )


def test_the_default_bandwidth_is_half_the_median_distance_in_the_data():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(10, 2)), rng.normal(size=(8, 2))
    distances = sorted(math.dist(x[i], x[j]) for i in range(len(x)) for j in range(i + 1, len(x)))
    half_median = distances[len(distances) // 2] / 2
    assert len(distances) % 2 == 1
    assert metrics.median_bandwidth(x) == pytest.approx(half_median)
    assert metrics.mmd2(x, y) == pytest.approx(slow_mmd2(x.tolist(), y.tolist(), half_median))


def test_it_is_unbiased_for_equal_distributions_and_sees_a_shift():
    rng = np.random.default_rng(4)
    equal = [
        metrics.mmd2(rng.normal(size=(40, 2)), rng.normal(size=(40, 2)), 1.0) for _ in range(200)
    ]
    assert abs(np.mean(equal)) < 4 * np.std(equal, ddof=1) / math.sqrt(len(equal))
    assert min(equal) < 0
    assert metrics.mmd2(rng.normal(size=(200, 2)), rng.normal(1.0, 1.0, size=(200, 2)), 1.0) > 0.05


@pytest.mark.parametrize(
    ("x", "y", "bandwidth", "words"),
    [
        (np.zeros((3, 2)), np.ones((3, 2)), 0, "bandwidth is 0"),
        (np.zeros((3, 2)), np.ones((3, 2)), -1.0, "bandwidth is -1.0"),
        (np.zeros((3, 2)), np.ones((3, 2)), math.nan, "bandwidth is nan"),
        (np.zeros((3, 2)), np.ones((3, 2)), None, "x has median distance 0"),
        (np.zeros((1, 2)), np.ones((3, 2)), 1.0, r"x has shape \(1, 2\)"),
        (np.zeros((3, 2)), np.ones((3, 3)), 1.0, "y has width 3"),
        (np.zeros((3, 2)), np.full((3, 2), np.nan), 1.0, "y contains nan"),
        (np.zeros(3), np.ones((3, 2)), 1.0, r"x has shape \(3,\)"),
    ],
)
def test_bad_input_is_named(x, y, bandwidth, words):
    with pytest.raises(ValueError, match=words):
        metrics.mmd2(x, y, bandwidth)
