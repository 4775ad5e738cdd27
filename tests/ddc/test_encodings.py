"""Encodings T(z): their values, where they are placed, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from hmlib.ddc import KINDS, Encoding

each_kind = pytest.mark.parametrize("kind", ["tanh", "sigmoid", "relu", "fourier"])

SLOW: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "relu": lambda a: a if a > 0 else 0.0,
    "fourier": math.cos,
}


def drawn(kind: str = "tanh", n: int = 7, seed: int = 0, **more: object) -> Encoding:
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((50, 3)) * [1, 5, 0.2] + [0, 10, -1]
    return Encoding.random(rng, points, n, kind, **more)


def slow_row(encoding: Encoding, z: np.ndarray) -> list[float]:
    """T(z) of one z, one function after the other."""
    values = []
    for k in range(len(encoding.bias)):
        a = sum(float(encoding.weights[i, k]) * float(z[i]) for i in range(len(z)))
        values.append(SLOW[encoding.kind](a + float(encoding.bias[k])))
    if encoding.linear:
        values += [(float(z[i]) - encoding.centre[i]) / encoding.scale[i] for i in range(len(z))]
    return [*values, 1.0]


def test_the_kinds_are_the_four_named() -> None:
    assert set(KINDS) == set(SLOW)


@each_kind
@pytest.mark.parametrize("linear", [True, False])
def test_values_against_a_slow_loop(kind: str, linear: bool) -> None:
    encoding = drawn(kind, linear=linear)
    z = np.random.default_rng(1).standard_normal((20, 3)) * 3
    values = encoding(z)
    assert values.shape == (20, encoding.size) == (20, 7 + 3 * linear + 1)
    np.testing.assert_allclose(values, [slow_row(encoding, row) for row in z], atol=1e-12)


def test_without_centre_and_scale_z_stands_as_it_is() -> None:
    encoding = Encoding([[2.0], [0.0]], [1.0])
    np.testing.assert_allclose(encoding([[0.5, 7.0]]), [[math.tanh(2.0), 0.5, 7.0, 1.0]])


@each_kind
def test_the_constant_is_there_and_last(kind: str) -> None:
    values = drawn(kind)(np.random.default_rng(2).standard_normal((9, 3)))
    np.testing.assert_array_equal(values[:, -1], 1.0)
    assert (np.ptp(values[:, :-1], axis=0) > 0).sum() >= 5


def test_z_stands_in_units_of_its_own_spread() -> None:
    points = np.random.default_rng(3).standard_normal((400, 2)) * [0.01, 30] + [5, -80]
    linear = Encoding.random(np.random.default_rng(4), points, 5)(points)[:, 5:7]
    np.testing.assert_allclose(linear.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(linear.std(axis=0), 1, atol=1e-9)


@pytest.mark.parametrize("kind", ["tanh", "sigmoid", "relu"])
def test_every_kink_lies_at_one_of_the_points(kind: str) -> None:
    rng = np.random.default_rng(5)
    points = 4 + rng.standard_normal((30, 2))
    encoding = Encoding.random(rng, points, 200, kind)
    inner = np.array([[w @ c for w in encoding.weights.T] for c in points]) + encoding.bias
    nearest = np.abs(inner).argmin(axis=0)
    assert np.abs(inner).min(axis=0).max() < 1e-9
    # All over the points: 200 kinks miss a given one of 30 with a chance of .1 %.
    assert len(set(nearest)) >= 27


@pytest.mark.parametrize("points", [[[-1.0], [0.0], [2.0]], [[0.0, 0.0], [1.0, 3.0], [2.0, -1.0]]])
def test_every_kink_is_passed_by_a_point(points: list[list[float]]) -> None:
    """One that lies at an outermost point looks back at all the others."""
    encoding = Encoding.random(np.random.default_rng(6), points, 100, "relu", linear=False)
    assert (encoding(points)[:, :-1].max(axis=0) > 0).all()
    # Nothing else is turned.
    drawn = np.random.default_rng(6).standard_normal((len(points[0]), 100))
    turned = np.sign(encoding.weights) != np.sign(drawn)
    inner = encoding.weights.T @ np.transpose(points) + encoding.bias[:, None]
    outermost = (inner > -1e-12).all(axis=1)
    np.testing.assert_array_equal(turned.all(axis=0), turned.any(axis=0))
    assert outermost[turned.any(axis=0)].all()
    assert 10 < turned.any(axis=0).sum() < outermost.sum()


def test_cosines_have_every_phase_at_their_point() -> None:
    encoding = Encoding.random(np.random.default_rng(6), [[2.0, -1.0]], 2000, "fourier")
    phase = encoding.bias + encoding.weights.T @ [2.0, -1.0]
    counts, _ = np.histogram(phase, bins=8, range=(0, 2 * math.pi))
    assert counts.sum() == 2000
    assert np.abs(counts - 250).max() < 4.5 * math.sqrt(2000 * 7 / 64)


@pytest.mark.parametrize("gain", [0.3, 1.0, 4.0])
def test_gain_is_the_spread_of_the_slopes_on_points_of_unit_spread(gain: float) -> None:
    rng = np.random.default_rng(7)
    points = rng.standard_normal((500, 2)) * [0.1, 20]
    encoding = Encoding.random(rng, points, 3000, gain=gain)
    slopes = (encoding.weights * points.std(axis=0)[:, None]).std(axis=1)
    np.testing.assert_allclose(slopes, gain, rtol=4 / math.sqrt(2 * 3000))


@pytest.mark.parametrize("still", [0.0, 0.1, -3.7])
def test_a_coordinate_that_never_moves_is_left_as_it_is(still: float) -> None:
    rng = np.random.default_rng(8)
    points = np.column_stack([np.full(1000, still), rng.standard_normal(1000)])
    encoding = Encoding.random(rng, points, 50)
    assert np.abs(encoding.weights).max() < 10
    assert np.abs(encoding(points)).max() < 10


def test_same_seed_same_functions() -> None:
    one, two, other = drawn(seed=1), drawn(seed=1), drawn(seed=2)
    z = np.random.default_rng(9).standard_normal((5, 3))
    np.testing.assert_array_equal(one(z), two(z))
    assert not np.array_equal(one(z), other(z))


def test_an_encoding_cannot_be_changed_and_keeps_nothing_of_what_it_was_given() -> None:
    weights = np.ones((1, 2))
    encoding = Encoding(weights, [0.0, 0.0])
    weights[:] = 5
    np.testing.assert_array_equal(encoding.weights, 1.0)
    with pytest.raises(ValueError, match="read-only"):
        encoding.weights[0, 0] = 2


def test_repr_says_what_it_is() -> None:
    assert repr(drawn("relu")) == "Encoding: 7 x relu, z and 1, 11 functions of 3 coordinate(s)"
    assert repr(drawn(linear=False)) == "Encoding: 7 x tanh and 1, 8 functions of 3 coordinate(s)"


RNG = np.random.default_rng(0)
POINTS = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Encoding.random(0, POINTS, 3), ("rng", "0", "default_rng")),
        (lambda: Encoding.random(RNG, POINTS, 0), ("n ", "0", ">= 1")),
        (lambda: Encoding.random(RNG, POINTS, 2.5), ("n ", "2.5", "whole")),
        (lambda: Encoding.random(RNG, POINTS, 3, "Tanh"), ("kind", "Tanh", "'relu'", "'fourier'")),
        (lambda: Encoding.random(RNG, POINTS, 3, gain=0), ("gain", "0", "> 0")),
        (lambda: Encoding.random(RNG, POINTS, 3, gain=math.nan), ("gain", "nan", "> 0")),
        (lambda: Encoding.random(RNG, np.zeros((0, 2)), 3), ("points", "(0, 2)", ">= 1")),
        (lambda: Encoding.random(RNG, [1.0, 2.0], 3), ("points", "(2,)", "2 dim")),
        (lambda: Encoding.random(RNG, [[1.0, math.nan]], 3), ("points", "nan", "finite")),
        (lambda: Encoding(np.ones((2, 3)), np.ones(2)), ("weights", "(2, 3)", "k = 2")),
        (lambda: Encoding(np.ones((2, 0)), np.ones(0)), ("weights", "(2, 0)", "at least 1")),
        (lambda: Encoding(np.ones((2, 3)), np.ones(3), "cos"), ("kind", "cos", "'tanh'")),
        (lambda: Encoding([[math.inf]], [0.0]), ("weights", "inf", "finite")),
        (lambda: Encoding([[1.0]], [math.nan]), ("bias", "nan", "finite")),
        (lambda: Encoding([[1.0]], [0.0], scale=[0.0]), ("scale", "0", "above 0")),
        (lambda: Encoding([[1.0]], [0.0], centre=[0.0, 1.0]), ("centre", "(2,)", "1 number")),
        (lambda: drawn()([[1.0, 2.0]]), ("z", "(1, 2)", "(n, 3)")),
        (lambda: drawn()([1.0, 2.0, 3.0]), ("z", "(3,)", "(n, 3)")),
        (lambda: drawn()([[1.0, 2.0, math.nan]]), ("z", "nan", "finite")),
        (lambda: drawn()(np.zeros((0, 3))), ("z", "(0, 3)", "at least one row")),
    ],
)
def test_bad_input_is_named(call: Callable, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="accepted") as caught:
        call()
    assert all(word in str(caught.value) for word in words), caught.value
