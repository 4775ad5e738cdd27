"""Edges of small rules of the mathematics, each of them a line that could be off by a limit."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import metrics


def test_rounding_leaves_parallel_vectors_an_angle() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        a = rng.normal(size=7)
        assert metrics.angle(a, 3 * a) == pytest.approx(0, abs=1e-5)
        assert metrics.angle(a, -0.7 * a) == pytest.approx(180, abs=1e-5)


def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.array([[np.exp(-((p - q) ** 2).sum() / 2) for q in y] for p in x])


def pairs_within(k: np.ndarray) -> float:
    """Mean square of the U-centred matrix: what no single point accounts for."""
    n, k = len(k), k - np.eye(len(k))
    row = k.sum(axis=1) / (n - 2)
    centred = k - row[:, None] - row + k.sum() / ((n - 1) * (n - 2))
    return (centred[~np.eye(n, dtype=bool)] ** 2).sum() / (n * (n - 3))


def pairs_across(k: np.ndarray) -> float:
    centred = k - k.mean(axis=0) - k.mean(axis=1)[:, None] + k.mean()
    return (centred**2).sum() / ((len(k) - 1) * (len(k[0]) - 1))


def spread(values: np.ndarray) -> float:
    return ((values - values.mean()) ** 2).sum() / (len(values) - 1)


@pytest.mark.parametrize("sizes", [(9, 7, 5), (12, 6, 11)])
@pytest.mark.parametrize("means", [(0.0, 0.0, 0.0), (0.0, 0.5, 2.0)])
def test_the_statistic_from_its_definition(
    sizes: tuple[int, int, int], means: tuple[float, ...]
) -> None:
    rng = np.random.default_rng(3)
    x, a, b = (rng.normal(m, 1, size=(n, 2)) for m, n in zip(means, sizes, strict=True))
    n = len(x)
    to_x, first, second, difference = np.zeros(n), 0.0, 0.0, 0.0
    for y, sign in ((a, 1), (b, -1)):
        m, within, across = len(y), kernel(y, y), kernel(x, y)
        rows = (within.sum(axis=1) - 1) / (m - 2)
        own, other = pairs_within(within), pairs_across(across)
        first += 4 * (spread(rows - across.mean(axis=0)) - own / (m - 2) - other / n) / m
        first -= 4 * other / m / n
        second += 4 * other / (m * n) + 2 * own / (m * (m - 1))
        to_x += sign * across.mean(axis=1)
        difference += sign * ((within.sum() - m) / (m * (m - 1)) - 2 * across.mean())
    first += 4 * spread(to_x) / n
    expected = difference / np.sqrt(max(first, 0) + second)
    assert metrics.relative_mmd_test(x, a, b, 1.0).statistic == pytest.approx(expected, rel=1e-9)
