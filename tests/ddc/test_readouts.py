"""Read-outs: least squares against slow ways, the delta rule, R^2 and running averages."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from hmlib import ddc
from hmlib.ddc import Averages, delta_rule, r_squared, readout
from hmlib.ddc.readouts import solve


def example(n: int = 40, K: int = 5, m: int = 3, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Features, targets and weights of the rows."""
    rng = np.random.default_rng(seed)
    features = np.column_stack([rng.standard_normal((n, K - 1)), np.ones(n)])
    targets = features @ rng.standard_normal((K, m)) + rng.standard_normal((n, m))
    return features, targets, rng.random(n) + 0.1


def augmented(F: np.ndarray, Y: np.ndarray, ridge: float, share: np.ndarray) -> np.ndarray:
    """The same minimum as plain least squares, with a row more for every weight."""
    root = np.sqrt(share)[:, None]
    rows = np.vstack([root * F, math.sqrt(ridge) * np.eye(F.shape[1])])
    wanted = np.vstack([root * Y, np.zeros((F.shape[1], Y.shape[1]))])
    return np.linalg.lstsq(rows, wanted, rcond=None)[0]


@pytest.mark.parametrize("ridge", [1e-8, 1e-3, 0.7])
@pytest.mark.parametrize("weighted", [False, True])
def test_readout_against_least_squares(ridge: float, weighted: bool) -> None:
    F, Y, weights = example()
    share = weights / weights.sum() if weighted else np.full(len(F), 1 / len(F))
    found = readout(F, Y, ridge, weights if weighted else None)
    assert found.shape == (5, 3)
    np.testing.assert_allclose(found, augmented(F, Y, ridge, share), atol=1e-9)


def test_readout_solves_its_own_equations_in_loops() -> None:
    F, Y, weights = example(n=9, K=3, m=2)
    A, ridge, total = readout(F, Y, 0.2, weights), 0.2, sum(weights)
    for i in range(3):
        for j in range(2):
            # d/dA_ij of sum_s w_s |Y_s - A^T F_s|^2 + rho |A|^2, halved
            slope = ridge * A[i, j]
            for s in range(9):
                guess = sum(A[k, j] * F[s, k] for k in range(3))
                slope -= weights[s] / total * F[s, i] * (Y[s, j] - guess)
            assert slope == pytest.approx(0, abs=1e-12)


def test_a_row_of_weight_3_is_three_rows() -> None:
    F, Y, _ = example(n=12)
    weights = np.tile([1.0, 3.0, 0.0], 4)
    repeated = np.repeat(np.arange(12), weights.astype(int))
    np.testing.assert_allclose(
        readout(F, Y, weights=weights), readout(F[repeated], Y[repeated]), atol=1e-12
    )


def test_reads_expectations_off_a_code() -> None:
    """E[f] is code @ readout for any f that the features span (equation 5)."""
    rng = np.random.default_rng(3)
    z, q = rng.standard_normal((200, 2)), rng.random(200)
    encoding = ddc.Encoding.random(rng, z, 20)
    T, q = encoding(z), q / q.sum()
    f = T @ rng.standard_normal((encoding.size, 1))
    assert (q @ T) @ readout(T, f, 1e-12) == pytest.approx(q @ f, abs=1e-6)


@pytest.mark.parametrize("ridge", [1e-12, 1e-200])
def test_a_ridge_below_rounding_still_gives_the_best_fit(ridge: float) -> None:
    F, Y, _ = example(n=20, K=50)
    with pytest.warns(RuntimeWarning, match="20 rows for 50 functions"):
        A = readout(100 * F, Y, ridge)
    np.testing.assert_allclose(100 * F @ A, Y, atol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_products_that_have_left_the_numbers_are_not_solved(value: float) -> None:
    square = np.eye(4)
    square[2, 2] = value
    with pytest.raises(np.linalg.LinAlgError, match="not finite"):
        solve(square, np.ones((4, 1)), 1e-3)


def test_delta_rule_against_a_loop() -> None:
    F, Y, _ = example(n=8, K=3, m=2)
    start = np.random.default_rng(4).standard_normal((3, 2))
    order = np.random.default_rng(5)
    A = start.copy()
    for s in [*order.permutation(8), *order.permutation(8)]:
        error = [Y[s, j] - sum(A[k, j] * F[s, k] for k in range(3)) for j in range(2)]
        length = sum(F[s, k] ** 2 for k in range(3))
        for k in range(3):
            for j in range(2):
                A[k, j] += 0.3 * F[s, k] * error[j] / length
    found = delta_rule(F, Y, np.random.default_rng(5), rate=0.3, sweeps=2, start=start)
    np.testing.assert_allclose(found, A, atol=1e-12)
    assert not np.array_equal(found, start)


def test_delta_rule_finds_what_can_be_found_without_error() -> None:
    F, _, _ = example(n=60)
    truth = np.random.default_rng(6).standard_normal((5, 3))
    found = delta_rule(F, F @ truth, np.random.default_rng(7), rate=1.0, sweeps=60)
    np.testing.assert_allclose(found, truth, atol=1e-8)


def test_slow_delta_rule_comes_to_least_squares() -> None:
    rng = np.random.default_rng(8)
    F = np.sign(rng.standard_normal((2000, 4)))
    Y = F @ rng.standard_normal((4, 2)) + rng.standard_normal((2000, 2))
    best = np.linalg.lstsq(F, Y, rcond=None)[0]
    fast = delta_rule(F, Y, np.random.default_rng(9), rate=0.5, sweeps=1)
    slow = delta_rule(F, Y, np.random.default_rng(9), rate=0.01, sweeps=4)
    assert np.abs(slow - best).max() < 0.05 < np.abs(fast - best).max()


def test_delta_rule_is_seeded_and_leaves_its_start_alone() -> None:
    F, Y, _ = example()
    start = np.zeros((5, 3))
    one, two, other = (
        delta_rule(F, Y, np.random.default_rng(seed), start=start) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)
    assert not start.any()


@pytest.mark.parametrize("weighted", [False, True])
def test_r_squared_in_loops(weighted: bool) -> None:
    _, Y, weights = example()
    guess = Y + np.random.default_rng(10).standard_normal(Y.shape) * [0.1, 1, 0.5]
    w = weights if weighted else np.ones(len(Y))
    error = variance = 0.0
    for j in range(Y.shape[1]):
        mean = sum(w[s] * Y[s, j] for s in range(len(Y))) / sum(w)
        error += sum(w[s] * (guess[s, j] - Y[s, j]) ** 2 for s in range(len(Y)))
        variance += sum(w[s] * (Y[s, j] - mean) ** 2 for s in range(len(Y)))
    found = r_squared(guess, Y, weights if weighted else None)
    assert found == pytest.approx(1 - error / variance, abs=1e-12)
    assert found < 0.95


def test_r_squared_of_all_right_of_the_mean_and_of_worse() -> None:
    _, Y, _ = example()
    assert r_squared(Y, Y) == 1
    assert r_squared(np.tile(Y.mean(axis=0), (len(Y), 1)), Y) == pytest.approx(0, abs=1e-12)
    assert r_squared(-Y, Y) < 0


@pytest.mark.parametrize("still", [0.0, 0.1, 1e6 / 3])
def test_r_squared_of_targets_that_never_change_is_nan(still: float) -> None:
    Y = np.full((1000, 2), still)
    assert math.isnan(r_squared(Y, Y))
    assert math.isnan(r_squared(Y + 1, Y))


def test_memory_0_keeps_the_latest_products_only() -> None:
    averages = Averages()
    for t in range(3):
        averages = averages.with_latest({"a": np.full((2, 2), float(t))})
    np.testing.assert_array_equal(averages["a"], 2.0)


@pytest.mark.parametrize("memory", [0.5, 0.9])
def test_averages_are_the_weighted_sum_corrected_for_their_start(memory: float) -> None:
    rng = np.random.default_rng(11)
    history = [rng.standard_normal((2, 3)) for _ in range(6)]
    averages = Averages(memory)
    for t, product in enumerate(history, start=1):
        averages = averages.with_latest({"a": product, "b": 2 * product})
        total, mass = np.zeros((2, 3)), 0.0
        for age, old in enumerate(reversed(history[:t])):
            total += memory**age * old
            mass += memory**age
        np.testing.assert_allclose(averages["a"], total / mass, atol=1e-12)
        np.testing.assert_allclose(averages["b"], 2 * total / mass, atol=1e-12)


def test_averages_of_a_product_that_never_changes_are_that_product_at_once() -> None:
    P = np.random.default_rng(12).standard_normal((3, 3))
    averages = Averages(0.99)
    for _ in range(4):
        averages = averages.with_latest({"a": P})
        np.testing.assert_allclose(averages["a"], P, atol=1e-12)


@pytest.mark.parametrize("memory", [-0.1, 1, 1.5, math.nan, "half", None])
def test_memory_is_checked(memory: object) -> None:
    with pytest.raises(ValueError, match=f"memory is {memory!r}; accepted: a number from 0"):
        Averages(memory)


def test_fewer_rows_than_functions_warns_with_the_numbers_and_gives_a_result() -> None:
    F, Y, _ = example(n=5, K=6)
    with pytest.warns(RuntimeWarning, match="features: 5 rows for 6 functions") as caught:
        A = readout(F, Y)
    assert caught[0].filename == __file__
    np.testing.assert_allclose(A, augmented(F, Y, 1e-3, np.full(5, 0.2)), atol=1e-9)


def test_columns_that_never_change_warn_with_their_number_and_give_a_result() -> None:
    F, Y, _ = example()
    poor = np.column_stack([F, np.full(len(F), 0.1)])
    with pytest.warns(RuntimeWarning, match="2 of 6 functions never change"):
        A = readout(poor, Y)
    np.testing.assert_allclose(A, augmented(poor, Y, 1e-3, np.full(40, 1 / 40)), atol=1e-9)


def test_one_constant_and_as_many_rows_as_functions_are_no_reason_to_warn() -> None:
    F, Y, _ = example(n=5, K=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        readout(F, Y)


F, Y, _ = example()
RNG = np.random.default_rng(0)
NAN = np.where(np.arange(Y.size).reshape(Y.shape) == 4, np.nan, Y)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: readout(F, Y, 0), ("ridge", "0", "> 0")),
        (lambda: readout(F, Y, -1e-3), ("ridge", "-0.001", "> 0")),
        (lambda: readout(F, Y, math.nan), ("ridge", "nan", "> 0")),
        (lambda: readout(F, Y, "small"), ("ridge", "small", "> 0")),
        (lambda: readout(F[:0], Y[:0]), ("features", "(0, 5)", "at least one row")),
        (lambda: readout(F, Y[:, :0]), ("targets", "(40, 0)", "column")),
        (lambda: readout(F, Y[:7]), ("features", "40", "7")),
        (lambda: readout(F, Y[:, 0]), ("targets", "(40,)", "2 dim")),
        (lambda: readout(F, NAN), ("targets", "nan", "finite")),
        (lambda: readout(NAN, Y), ("features", "nan", "finite")),
        (lambda: readout(F, Y, weights=np.ones(7)), ("weights", "7", "40")),
        (lambda: readout(F, Y, weights=-np.ones(40)), ("weights", "-1", ">= 0")),
        (lambda: readout(F, Y, weights=np.zeros(40)), ("weights", "sum 0", "not all 0")),
        (lambda: r_squared(Y[:, :2], Y), ("predicted", "(40, 2)", "(40, 3)")),
        (lambda: r_squared(Y[:5], Y), ("predicted", "5", "40")),
        (lambda: r_squared(Y[:0], Y[:0]), ("predicted", "(0, 3)", "at least one row")),
        (lambda: r_squared(NAN, Y), ("predicted", "nan", "finite")),
        (lambda: delta_rule(F, Y, 7), ("rng", "7", "default_rng")),
        (lambda: delta_rule(F, Y, RNG, rate=0), ("rate", "0", "> 0")),
        (lambda: delta_rule(F, Y, RNG, sweeps=0), ("sweeps", "0", ">= 1")),
        (lambda: delta_rule(F, Y, RNG, start=np.zeros((3, 5))), ("start", "(3, 5)", "(5, 3)")),
        (lambda: delta_rule(F[:0], Y[:0], RNG), ("features", "(0, 5)", "at least one row")),
    ],
)
def test_bad_input_is_named(call: Callable, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="accepted") as caught:
        call()
    assert all(word in str(caught.value) for word in words), caught.value
