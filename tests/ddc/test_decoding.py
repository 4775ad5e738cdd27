"""Maximum-entropy decoding against closed forms, slow optimisers and linear programmes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import linprog, minimize

from hmlib.ddc import Encoding, MaximumEntropy, maximum_entropy

LINE = np.linspace(-6, 6, 241)[:, None]


def powers(z: np.ndarray) -> np.ndarray:
    """z, z^2 and the constant."""
    return np.column_stack([z[:, 0], z[:, 0] ** 2, np.ones(len(z))])


def bumps(*parts: tuple[float, float, float]) -> np.ndarray:
    """Probabilities on LINE of Gaussians (weight, centre, width)."""
    density = sum(w / s * np.exp(-0.5 * ((LINE[:, 0] - m) / s) ** 2) for w, m, s in parts)
    return density / density.sum()


def drawn(kind: str = "tanh", n: int = 20, seed: int = 0) -> Encoding:
    rng = np.random.default_rng(seed)
    return Encoding.random(rng, rng.normal(0, 2.5, (300, 1)), n, kind, gain=2.0)


def entropy(p: np.ndarray) -> float:
    return -sum(x * math.log(x) for x in p.tolist() if x > 0)


def worst(density: np.ndarray, encoding: object, grid: np.ndarray, code: np.ndarray) -> float:
    """The largest difference between averages, one function after the other."""
    T = encoding(grid)
    averages = [sum(p * t for p, t in zip(density, T[:, k], strict=True)) for k in range(code.size)]
    return max(abs(a - r) for a, r in zip(averages, code, strict=True))


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 1.0), (1.2, 0.4), (-0.7, 0.8)])
def test_mean_and_second_moment_give_a_gaussian(mean: float, spread: float) -> None:
    found = maximum_entropy([mean, spread**2 + mean**2, 1.0], powers, LINE)
    assert found.feasible
    np.testing.assert_allclose(found.density, bumps((1.0, mean, spread)), atol=1e-7)
    eta = found.natural[:2]
    np.testing.assert_allclose(eta, [mean / spread**2, -0.5 / spread**2], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("mean", [0.0, 0.4, 1.5, 3.0])
def test_a_mean_alone_moves_a_gaussian_base(mean: float) -> None:
    grid = np.linspace(-20, 20, 801)[:, None]

    def gaussian(m: float) -> np.ndarray:
        heights = np.exp(-0.125 * (grid[:, 0] - m) ** 2)
        return heights / heights.sum()

    found = maximum_entropy([mean, 1.0], lambda z: np.hstack([z, z**0]), grid, gaussian(0))
    assert found.feasible
    np.testing.assert_allclose(found.density, gaussian(mean), atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_a_random_exponential_family_is_recovered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid, base = rng.normal(size=(60, 2)), rng.dirichlet(np.ones(60))
    encoding = Encoding.random(rng, grid, 6)
    eta = rng.normal(size=encoding.size)
    weights = [b * math.exp(t @ eta) for b, t in zip(base, encoding(grid), strict=True)]
    truth = np.array(weights) / sum(weights)
    found = maximum_entropy(truth @ encoding(grid), encoding, grid, base)
    np.testing.assert_allclose(found.density, truth, atol=1e-7)


@pytest.mark.parametrize("kind", ["tanh", "sigmoid", "relu", "fourier"])
@pytest.mark.parametrize("n", [3, 30, 100])
def test_the_averages_match_however_nearly_the_functions_depend_on_each_other(
    kind: str, n: int
) -> None:
    encoding = drawn(kind, n)
    for truth in (bumps((0.5, -2, 0.5), (0.5, 2, 0.5)), bumps((1, 1, 0.1)), bumps((1, 0, 2))):
        code = truth @ encoding(LINE)
        found = maximum_entropy(code, encoding, LINE)
        assert found.feasible
        assert found.direction is None
        assert found.outside == 0
        assert found.density.min() >= 0
        assert found.density.sum() == pytest.approx(1)
        assert found.residual == pytest.approx(
            worst(found.density, encoding, LINE, code), abs=1e-12
        )
        assert found.residual < 1e-8
        assert np.abs(found.natural).max() < 1e7


def test_the_same_function_twice_changes_nothing() -> None:
    encoding, truth = drawn("tanh", 5), bumps((0.3, -2, 0.5), (0.7, 1, 0.8))
    once = maximum_entropy(truth @ encoding(LINE), encoding, LINE)

    def twice(z: np.ndarray) -> np.ndarray:
        return np.hstack([encoding(z), encoding(z)])

    again = maximum_entropy(truth @ twice(LINE), twice, LINE)
    assert again.feasible
    np.testing.assert_allclose(again.density, once.density, atol=1e-6)


def test_no_other_distribution_with_the_code_has_more_entropy() -> None:
    encoding, truth = drawn("tanh", 6), bumps((0.4, -2, 0.5), (0.6, 2, 0.9))
    code, T = truth @ encoding(LINE), encoding(LINE)
    found = maximum_entropy(code, encoding, LINE)
    assert entropy(found.density) > entropy(truth) + 0.01
    rng = np.random.default_rng(0)
    for _ in range(20):
        # A change that no function sees, as far as probabilities stay above 0.
        root, change = np.sqrt(found.density), rng.normal(size=len(LINE))
        weighted = root[:, None] * T
        change -= T @ np.linalg.lstsq(weighted, root * change, rcond=1e-13)[0]
        other = found.density * (1 + 0.5 * change / np.abs(change).max())
        assert other.min() >= 0
        assert worst(other, encoding, LINE, code) < 1e-8
        assert entropy(other) < entropy(found.density) - 1e-6


# An older SciPy steps over the bounds for a moment, and says so.
@pytest.mark.filterwarnings("ignore:Values in x were outside bounds")
def test_the_nearest_to_the_base_against_a_slow_optimiser() -> None:
    rng = np.random.default_rng(5)
    grid, base = np.linspace(-1, 1, 8)[:, None], rng.dirichlet(np.ones(8))
    truth = rng.dirichlet(np.ones(8))
    T = powers(grid)
    found = maximum_entropy(truth @ T, powers, grid, base)
    slow = minimize(
        lambda q: float(np.sum(q * np.log(q / base))),
        truth,
        method="SLSQP",
        bounds=[(1e-9, 1)] * 8,
        constraints={"type": "eq", "fun": lambda q: (q - truth) @ T},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(found.density, slow.x, atol=1e-5)


def test_the_base_measure_changes_the_decode() -> None:
    code = np.array([0.5, 1.25, 1.0])
    flat = maximum_entropy(code, powers, LINE)
    base = bumps((0.5, -1.5, 0.5), (0.5, 1.5, 0.5))
    peaked = maximum_entropy(code, powers, LINE, 7 * base)
    assert flat.feasible
    assert peaked.feasible
    assert np.abs(flat.density - peaked.density).sum() > 0.3
    assert worst(peaked.density, powers, LINE, code) < 1e-8
    # base exp(eta . T) again: the ratio to the base is a parabola in the logarithm.
    log_ratio = np.log(peaked.density / base)
    assert np.ptp(np.diff(log_ratio, 2)) < 1e-6
    np.testing.assert_allclose(
        maximum_entropy(base @ powers(LINE), powers, LINE, base).density, base, atol=1e-8
    )


def test_where_the_base_is_zero_the_density_is_zero() -> None:
    base = (LINE[:, 0] > 0).astype(float)
    found = maximum_entropy([1.0, 1.5, 1.0], powers, LINE, base)
    assert found.feasible
    assert found.density[LINE[:, 0] <= 0].max() == 0
    assert worst(found.density, powers, LINE, np.array([1.0, 1.5, 1.0])) < 1e-8
    assert not maximum_entropy([-0.1, 1.5, 1.0], powers, LINE, base).feasible


@pytest.mark.parametrize(
    "code",
    [
        [0.0, -0.1, 1.0],  # a negative second moment
        [2.0, 3.9, 1.0],  # a negative variance
        [7.0, 49.0, 1.0],  # beyond the grid
        [0.0, 36.1, 1.0],
        [0.0, 1.0, 0.9],  # probabilities that do not add up to 1
    ],
)
def test_a_code_of_no_distribution_is_proved_to_be_one(code: list[float]) -> None:
    found = maximum_entropy(code, powers, LINE)
    assert not found.feasible
    assert found.message.startswith("No distribution on this grid has this code")
    d, T = found.direction, powers(LINE)
    assert np.linalg.norm(d) == pytest.approx(1)
    beyond = d @ np.array(code) - max(float(d @ row) for row in T)
    assert beyond == pytest.approx(found.outside, rel=1e-6)
    assert found.outside > 1e-3
    assert np.isfinite(found.density).all()
    assert found.density.sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_a_linear_programme_on_what_can_be(seed: int) -> None:
    """Codes around the edge of the hull of the encodings: some are averages, some are not."""
    rng = np.random.default_rng(seed)
    grid = rng.normal(size=(30, 2))
    encoding = Encoding.random(rng, grid, 4)
    T, p = encoding(grid), rng.dirichlet(np.full(30, 0.2))
    code = p @ T + np.append(rng.normal(size=encoding.size - 1), 0) * rng.choice([0.02, 0.2])
    lp = linprog(
        np.zeros(30), A_eq=T.T, b_eq=code, bounds=[(0, None)] * 30,
        options={"primal_feasibility_tolerance": 1e-10},
    )  # fmt: skip
    found = maximum_entropy(code, encoding, grid)
    assert found.feasible == (lp.status == 0)
    assert (found.direction is None) == found.feasible


def test_both_answers_occur_in_the_linear_programmes() -> None:
    answers = set()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        grid = rng.normal(size=(30, 2))
        encoding = Encoding.random(rng, grid, 4)
        p = rng.dirichlet(np.full(30, 0.2))
        move = np.append(rng.normal(size=encoding.size - 1), 0) * rng.choice([0.02, 0.2])
        answers.add(maximum_entropy(p @ encoding(grid) + move, encoding, grid).feasible)
    assert answers == {True, False}


def test_a_point_is_found_on_the_edge_of_what_can_be() -> None:
    encoding = drawn("tanh", 10)
    found = maximum_entropy(encoding(LINE)[80], encoding, LINE)
    assert found.feasible
    assert found.density[75:86].sum() > 0.99


def test_a_ridge_meets_a_code_with_an_error_nearly() -> None:
    encoding, truth = drawn("tanh", 30), bumps((0.5, -2, 0.6), (0.5, 2, 0.6))
    rng = np.random.default_rng(0)
    code = truth @ encoding(LINE)
    noisy = code + 1e-3 * np.append(rng.normal(size=code.size - 1), 0)
    assert not maximum_entropy(noisy, encoding, LINE).feasible
    for ridge in (1e-4, 1e-3, 1e-2):
        found = maximum_entropy(noisy, encoding, LINE, ridge=ridge)
        assert found.feasible
        assert found.direction is None
        off = noisy - found.density @ encoding(LINE)
        np.testing.assert_allclose(off, ridge * found.natural, atol=1e-9)
    close = maximum_entropy(noisy, encoding, LINE, ridge=1e-4)
    assert 0.5 * np.abs(close.density - truth).sum() < 0.1


def test_even_a_refused_code_has_a_density_nearby() -> None:
    encoding, truth = drawn("tanh", 60), bumps((0.5, -2, 0.6), (0.5, 2, 0.6))
    code = truth @ encoding(LINE)
    code[:-1] += 1e-6 * np.random.default_rng(0).normal(size=code.size - 1)
    found = maximum_entropy(code, encoding, LINE)
    assert not found.feasible
    assert found.residual <= 2 * found.outside
    assert 0.5 * np.abs(found.density - truth).sum() < 0.05


def test_a_grid_of_one_place_leaves_nothing_to_choose() -> None:
    here = maximum_entropy([0.5, 0.25, 1.0], lambda z: np.hstack([z, z**2, z**0]), [[0.5]])
    assert here.feasible
    np.testing.assert_array_equal(here.density, [1.0])
    elsewhere = maximum_entropy([0.6, 0.25, 1.0], lambda z: np.hstack([z, z**2, z**0]), [[0.5]])
    assert not elsewhere.feasible
    assert "No distribution" in elsewhere.message


def test_the_record_says_what_it_is() -> None:
    found = maximum_entropy([0.0, 1.0, 1.0], powers, LINE)
    assert isinstance(found, MaximumEntropy)
    assert repr(found) == f"MaximumEntropy: {found.message}"
    assert "largest entropy" in found.message
    assert "nearly" in maximum_entropy([0.0, 1.0, 1.0], powers, LINE, ridge=0.1).message


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"code": [0.0, 1.0]}, "encoding\\(grid\\) has shape"),
        ({"code": [0.0, np.nan, 1.0]}, "code contains nan"),
        ({"code": [[0.0, 1.0, 1.0]]}, "code has shape"),
        ({"grid": np.zeros((0, 1))}, "grid has shape"),
        ({"grid": np.zeros(5)}, "grid has shape"),
        ({"base": np.ones(3)}, "base has length 3"),
        ({"base": -np.ones(len(LINE))}, "base has minimum -1"),
        ({"base": np.zeros(len(LINE))}, "base has minimum 0"),
        ({"base": np.full(len(LINE), np.inf)}, "base contains inf"),
        ({"ridge": -1.0}, "ridge is -1.0"),
        ({"ridge": "much"}, "ridge is 'much'"),
        ({"encoding": None}, "encoding is None; accepted: functions"),
        ({"encoding": lambda z: np.log(z - 10)}, "encoding\\(grid\\)"),
        ({"encoding": lambda z: powers(z)[:3]}, "encoding\\(grid\\) has shape \\(3, 3\\)"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_bad_input_is_named(change: dict[str, object], named: str) -> None:
    good = {"code": [0.0, 1.0, 1.0], "encoding": powers, "grid": LINE}
    with pytest.raises(ValueError, match=named):
        maximum_entropy(**(good | change))


@pytest.mark.parametrize("n", [3, 30])
def test_single_precision_is_met_as_nearly_as_it_says(n: int) -> None:
    encoding, truth = drawn("tanh", n), bumps((0.5, -2, 0.6), (0.5, 2, 0.6))
    codes = (truth @ encoding(LINE), encoding(LINE)[80])
    for code in codes:
        found = maximum_entropy(code.astype(np.float32), encoding, LINE)
        assert found.feasible, found
        assert found.residual < 1e-5
        single = maximum_entropy(code, lambda z: encoding(z).astype(np.float32), LINE)
        assert single.feasible, single
    outside = codes[0] + 0.5 * np.eye(len(code))[-1]
    assert not maximum_entropy(outside.astype(np.float32), encoding, LINE).feasible


@pytest.mark.parametrize("scale", [1.0, 1e-290, 1e305])
@pytest.mark.parametrize("width", [0.05, 0.15, 1.0])
def test_a_base_that_underflows_or_overflows_still_gives_chances(
    width: float, scale: float
) -> None:
    with np.errstate(under="ignore"):
        base = scale * np.exp(-((LINE[:, 0] + 6) ** 2) / (2 * width**2))
    there = LINE[base > 0, 0]
    code = [there.mean(), (there**2).mean(), 1.0]
    found = maximum_entropy(code, powers, LINE, base)
    assert found.density.sum() == pytest.approx(1, abs=1e-12)
    assert found.feasible
    assert worst(found.density, powers, LINE, np.array(code)) < 1e-7


def test_functions_of_very_different_size_are_all_met() -> None:
    def uneven(z: np.ndarray) -> np.ndarray:
        return np.hstack([1e12 * z**2, np.tanh(z), np.ones_like(z)])

    truth = bumps((1, 1, 0.7))
    code = truth @ uneven(LINE)
    found = maximum_entropy(code, uneven, LINE)
    assert found.feasible
    np.testing.assert_allclose(found.density @ uneven(LINE), code, rtol=1e-6)
    lost = maximum_entropy(code + np.array([0.0, 1.5, 0.0]), uneven, LINE)
    assert not lost.feasible


def test_a_ridge_does_not_make_everything_feasible() -> None:
    far = maximum_entropy([1e3, 1e6, 1.0], powers, LINE, ridge=1e-3)
    assert not far.feasible
    assert far.residual > 1e5
    assert "too far off for this ridge" in far.message
    assert maximum_entropy([1.0, 1.5, 1.0], powers, LINE, ridge=1e-3).feasible
