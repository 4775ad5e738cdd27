"""The labs of notebook 07 against quadrature, slow sums and identities."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import norm, skewnorm

from hmlib.course.nb07 import densities, labs, telling
from hmlib.course.nb07.densities import GRID, STEP
from hmlib.course.nb07.pictures import CodeAndDecode, ReadOff, Unseen, _small
from hmlib.course.nb07.records import KINDS
from hmlib.ddc import readout

Z = GRID[:, 0]


def slow_average(p: np.ndarray, values: np.ndarray) -> float:
    return sum(float(a) * float(b) for a, b in zip(p, values, strict=True))


def scaled(heights: np.ndarray) -> np.ndarray:
    return heights / heights.sum()


def furthest(T: np.ndarray, f: np.ndarray) -> float:
    """The most by which averages of f differ between two distributions with one code."""
    n, K = T.shape
    same = np.hstack([T.T, -T.T])
    ones = np.hstack([np.ones(n), np.zeros(n)])[None]
    most = linprog(
        np.r_[-f, f], A_eq=np.vstack([same, ones]), b_eq=np.r_[np.zeros(K), 1],
        bounds=[(0, None)] * (2 * n),
    )  # fmt: skip
    return float(-most.fun)


# Densities


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
def test_every_shape_is_what_it_says(amount: float) -> None:
    expected = {
        "one bump": scaled(norm.pdf(Z, 3 * amount, 0.6)),
        "leaning bump": scaled(skewnorm.pdf(Z, 8 * amount, -1.5 * amount, 1.5)),
        "two bumps": 0.6 * scaled(norm.pdf(Z, -3 * amount, 0.5))
        + 0.4 * scaled(norm.pdf(Z, 3 * amount, 0.5)),
        "three bumps": 0.3 * scaled(norm.pdf(Z, -3.5 * amount, 0.4))
        + 0.3 * scaled(norm.pdf(Z, 3.5 * amount, 0.4))
        + 0.4 * scaled(norm.pdf(Z, 0, 0.4)),
    }
    assert set(expected) == set(densities.SHAPES)
    for shape, density in expected.items():
        found = densities.density(shape, amount)
        assert found.sum() == pytest.approx(1)
        np.testing.assert_allclose(found, density, atol=1e-9)


def test_many_densities_are_densities() -> None:
    rows = densities.many_densities()
    assert rows.shape == (200, len(Z))
    np.testing.assert_allclose(rows.sum(axis=1), 1)
    assert rows.min() >= 0
    assert (rows @ Z).std() > 1


# A code and what it stands for


@pytest.mark.parametrize(
    ("shape", "amount", "K"),
    [("two bumps", 0.8, 7), ("leaning bump", 1.0, 0), ("one bump", 0.5, 30)],
)
def test_the_code_is_averages_and_the_decode_has_them(shape: str, amount: float, K: int) -> None:
    record = labs.code_values(shape, amount, K)
    T = telling.encoding(K)(GRID)
    p, q = record.p * STEP, record.decoded * STEP
    assert record.code.size == K + 2
    for k in range(K + 2):
        assert record.code[k] == pytest.approx(slow_average(p, T[:, k]), abs=1e-10)
        assert record.code[k] == pytest.approx(slow_average(q, T[:, k]), abs=1e-7)
    assert record.code[-1] == pytest.approx(1)
    wrong = sum(max(a - b, 0) for a, b in zip(p, q, strict=True))
    assert record.missed == pytest.approx(wrong, abs=1e-9)
    assert record.mean == pytest.approx(slow_average(p, Z), abs=1e-10)
    # base exp(eta . T): the logarithm of the ratio is a sum of encodings.
    inside = q > 1e-12
    log_ratio = np.log(q[inside] / scaled(norm.pdf(Z, 0, 2))[inside])
    left = log_ratio - T[inside] @ np.linalg.lstsq(T[inside], log_ratio, rcond=None)[0]
    assert np.abs(left).max() < 1e-4


@pytest.mark.parametrize("amount", [0.0, 0.5, 1.0])
def test_the_bar_of_z_agrees_with_the_mean_below_it(amount: float) -> None:
    for shape in densities.SHAPES:
        record = labs.code_values(shape, amount, 5)
        assert record.code[-2] == pytest.approx(record.mean / densities.SPREAD, abs=1e-12)


def test_the_legend_stands_beside_the_axis_and_not_on_it() -> None:
    lab = labs.codes()
    picture = lab._picture("light")
    picture.png(lab.record)
    axes = picture.figure.axes[0]
    box, inside = axes.get_legend().get_window_extent(), axes.get_window_extent()
    assert inside.x0 < box.x0
    assert box.x1 < inside.x1


def test_the_mean_alone_stands_for_the_base_moved() -> None:
    record = labs.code_values("two bumps", 0.8, 0)
    tilts = [scaled(norm.pdf(Z, m, 2)) for m in (-0.6, -0.48, -0.4)]
    apart = [0.5 * np.abs(record.decoded * STEP - tilt).sum() for tilt in tilts]
    assert np.argmin(apart) == 1
    assert min(apart) < 0.01
    assert record.missed > 0.5


def test_more_functions_show_more() -> None:
    for shape in densities.SHAPES:
        missed = [labs.code_values(shape, 1.0, K).missed for K in (0, 5, 12, 50)]
        assert missed == sorted(missed, reverse=True)
        assert missed[-1] < 0.002


def test_every_code_of_the_lab_is_found() -> None:
    for shape in densities.SHAPES:
        for amount in (0.0, 0.5, 1.0):
            for K in (0, 1, 2, 10, 50):
                assert labs.code_values(shape, amount, K).feasible


def test_the_first_functions_are_the_first_of_more() -> None:
    few, many = telling.encoding(5)(GRID), telling.encoding(40)(GRID)
    np.testing.assert_array_equal(few[:, :5], many[:, :5])
    np.testing.assert_array_equal(few[:, -2:], many[:, -2:])
    np.testing.assert_array_equal(telling.encoding(0)(GRID), many[:, -2:])


# Averages read off a code


@pytest.mark.parametrize(
    ("error", "shown"),
    [(0.00998, "0.010"), (0.0798, "0.080"), (0.5, "0.50"), (0.9999, "1.0"), (0.000017, "0.000017")],
)
def test_an_error_is_shown_with_two_digits(error: float, shown: str) -> None:
    assert _small(error) == shown


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("K", "gain"), [(0, 2.0), (4, 0.1), (30, 2.0), (100, 10.0)])
def test_all_K_at_once_are_the_read_outs_one_by_one(kind: str, K: int, gain: float) -> None:
    T = telling.encoding(K, kind, gain)(GRID)
    base = scaled(norm.pdf(Z, 0, 2))
    for name, f in telling.FUNCTIONS.items():
        record = labs.read_off_values(name, K, gain)
        row = KINDS.index(kind)
        alpha = readout(T, f(GRID), 1e-6, base)[:, 0]
        lowest, reach = f(Z).min(), f(Z).max() - f(Z).min()
        np.testing.assert_allclose(lowest + reach * record.target, f(Z), atol=1e-12)
        np.testing.assert_allclose(lowest + reach * record.built[row], T @ alpha, atol=2e-3)
        truth, told = [], []
        for p in densities.many_densities():
            truth.append(slow_average(p, f(Z)))
            told.append(float(p @ T @ alpha))
        squares = [(a - b) ** 2 for a, b in zip(truth, told, strict=True)]
        spread = math.sqrt(sum((a - sum(truth) / 200) ** 2 for a in truth) / 200)
        error = math.sqrt(sum(squares) / 200) / spread
        assert record.errors[row] == pytest.approx(error, rel=1e-3, abs=1e-6)
        assert record.path_errors[row, K] == record.errors[row]


def test_what_the_text_says_of_reading_off() -> None:
    tanh, _, relu, fourier = range(4)
    errors = {name: labs.read_off_values(name, 100, 2.0).errors for name in telling.FUNCTIONS}
    assert errors["|z|"].argmin() == relu
    assert errors["z squared"].argmin() == fourier
    gentle = [labs.read_off_values("narrow bump at 1", K, 0.2).errors[tanh] for K in (20, 100)]
    assert gentle[0] == pytest.approx(0.7, abs=0.03)
    assert 0.5 < gentle[1] < gentle[0]
    bump = [labs.read_off_values("narrow bump at 1", 100, g).errors[tanh] for g in (0.2, 2.0, 10.0)]
    assert bump[0] > 50 * bump[1] > 50 * bump[2]
    square = [labs.read_off_values("z squared", 100, g).errors[tanh] for g in (0.2, 2.0, 10.0)]
    assert np.argmin(square) == 1


# What a code cannot see


@pytest.mark.parametrize(
    ("K", "gain", "width"), [(0, 2.0, 1.0), (8, 2.0, 0.4), (50, 10.0, 0.1), (50, 1.0, 10.0)]
)
def test_two_densities_with_one_code(K: int, gain: float, width: float) -> None:
    record = labs.unseen_values(K, gain, width)
    T, f = telling.encoding(K, "tanh", gain)(GRID), norm.pdf(Z, 1, width)
    first, second = record.densities * STEP
    for p in (first, second):
        assert p.min() >= 0
        assert p.sum() == pytest.approx(1)
    assert min(first.min(), second.min()) < 1e-12
    for k in range(K + 2):
        assert slow_average(first, T[:, k]) == pytest.approx(
            slow_average(second, T[:, k]), abs=1e-9
        )
    np.testing.assert_allclose(record.codes, record.densities * STEP @ T, atol=1e-12)
    f = f / norm.pdf(0, 0, width)
    for p, average in zip((first, second), record.averages, strict=True):
        assert average == pytest.approx(slow_average(p, f))
    assert record.averages[0] - record.averages[1] <= record.bound + 1e-12
    assert record.bound <= 2 * np.abs(f - record.built).max() + 1e-7
    # Where functions are sharp, read-outs are large and magnify what a linear programme leaves.
    assert record.bound == pytest.approx(furthest(T, f), abs=5e-3 if gain > 5 else 1e-6)
    assert record.difference == record.averages[0] - record.averages[1]
    assert record.codes_apart == np.abs(np.diff(record.codes, axis=0)).max()
    wrong = sum(max(a - b, 0) for a, b in zip(first, second, strict=True))
    assert record.missed == pytest.approx(wrong)
    # The mixture of both halves is the density they came from.
    middle = 0.4 / len(Z) + 0.6 * densities.density("two bumps", 0.6)
    np.testing.assert_allclose((first + second) / 2, middle, atol=1e-12)


def test_no_pair_with_one_code_differs_by_more_than_the_bound() -> None:
    """A linear programme looks for the pair that differs most."""
    K, gain, width = 3, 2.0, 1.0
    record = labs.unseen_values(K, gain, width)
    T, f = telling.encoding(K, "tanh", gain)(GRID), np.exp(-0.5 * ((Z - 1) / width) ** 2)
    assert record.averages[0] - record.averages[1] < furthest(T, f) <= record.bound + 1e-9


def test_a_wider_bump_is_seen_better() -> None:
    apart = [labs.unseen_values(8, 2.0, w).difference for w in (0.4, 1.0, 4.0, 10.0)]
    assert apart[0] > 5 * max(apart[1:])


# The words


def test_words_and_numbers_of_the_pictures() -> None:
    record = labs.code_values("three bumps", 1.0, 1)
    picture = CodeAndDecode("light")
    assert "1 random function," in picture.alt(record)
    assert "1 peak" in picture.alt(record)
    assert "3 peaks" in picture.alt(labs.code_values("three bumps", 1.0, 40))
    assert f"{record.missed:.4f}" in picture.readout(record)
    record = labs.read_off_values("|z|", 12, 2.0)
    assert f"relu {record.errors[2]:.4f}" in ReadOff("light").alt(record)
    sharp = labs.read_off_values("|z|", 100, 2.0)
    assert re.search(r"relu 0\.0000\d\d?,", ReadOff("light").readout(sharp))
    none = replace(sharp, errors=np.array([1.0, 1e-7, 0.00061, 12.0]))
    said = "tanh 1.0, sigmoid under 0.00001, relu 0.00061, fourier 12"
    assert ReadOff("light").readout(none).endswith(said)
    assert "|z|" in ReadOff("light").alt(record)
    record = labs.unseen_values(8, 2.0, 0.4)
    assert "agree to nine digits" in Unseen("light").alt(record)
    assert f"{record.averages[1]:.4f}" in Unseen("light").readout(record)
    moved = replace(record, codes_apart=0.01)
    assert "differ by up to 0.01" in Unseen("light").alt(moved)


def test_peaks_are_counted() -> None:
    three = densities.density("three bumps", 1.0)
    assert densities.peaks(three) == 3
    assert densities.peaks(densities.base()) == 1
    assert densities.peaks(0.995 * three + 0.005 * densities.gaussian(5.5, 0.2)) == 4
    assert densities.peaks(0.9999 * three + 0.0001 * densities.gaussian(5.5, 0.2)) == 3


def test_only_what_is_there_can_be_asked() -> None:
    with pytest.raises(ValueError, match="shape is 'four bumps'; accepted: 'one bump'"):
        labs.code_values("four bumps", 1.0, 3)
    with pytest.raises(ValueError, match="f is 'z cubed'; accepted: 'z'"):
        labs.read_off_values("z cubed", 3, 2.0)
