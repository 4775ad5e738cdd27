"""Controls: their values, their tokens, and what they refuse."""

from __future__ import annotations

import re

import numpy as np
import pytest
from lab.one_bar import K, X

from hmlib.lab import Choice, LogSlider, Slider, Steps


def test_a_slider_lists_its_values_without_rounding_dust():
    assert Slider("a", "a", 0.0, 0.3, 0.1, 0.1).values == (0.0, 0.1, 0.2, 0.3)
    assert Slider("a", "a", -1, 1, 1, 0).values == (-1, 0, 1)
    assert all(isinstance(value, int) for value in Slider("a", "a", -1, 1, 1, 0).values)


@pytest.mark.parametrize(
    "control",
    [
        X, K, Slider("n", "n", -3, 40, 1, 0), LogSlider("r", "r", 0.01, 10, 0.1),
        Steps("w", "w", {"E": "E", "M": "M"}, 4),
    ],
)  # fmt: skip
def test_a_value_comes_back_from_its_token(control):
    for value in control.sweep(np.random.default_rng(0), 20):
        assert control.value(control.token(value)) == value


def test_a_slider_starts_and_ends_its_sweep_at_its_ends():
    values = list(X.sweep(np.random.default_rng(0), 3))
    assert values[:2] == [0.0, 2.0]
    assert len(values) == 5


def test_steps_sweep_to_their_longest_words():
    control = Steps("w", "w", {"E": "E-phase", "M": "M-phase"}, 3)
    words = list(control.sweep(np.random.default_rng(0), 4))
    assert {"", "EEE", "MMM", "EME"} <= set(words)
    assert all(len(word) <= 3 for word in words)


@pytest.mark.parametrize(
    ("slider", "words"),
    [
        ((1.0, 0.0, 0.1, 0.5), "low, high, step"),
        ((0.0, 1.0, 0.0, 0.5), "low, high, step"),
        ((0.0, 1.0, 0.3, 0.3), "step is 0.3"),
        ((0.0, 1.0, 0.5, 0.2), "x is 0.2; accepted: 0 to 1 in steps of 0.5"),
        ((0.0, float("nan"), 0.5, 0.5), "low, high, step, start"),
    ],
)
def test_a_slider_that_does_not_fit_is_refused(slider, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Slider("x", "x", *slider)


def test_a_log_slider_multiplies_from_power_to_power_and_repeats_nothing():
    values = LogSlider("r", "r", 0.001, 100, 1.0).values
    assert (values[0], values[-1], len(values)) == (0.001, 100.0, 101)
    assert {0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 0.2, 5.0} <= set(values)
    ratios = np.divide(values[1:], values[:-1])
    assert ratios.min() > 1.05
    assert ratios.max() < 1.2
    assert LogSlider("r", "r", 1, 100, 10.0, per_decade=1).values == (1.0, 10.0, 100.0)


@pytest.mark.parametrize(
    ("slider", "words"),
    [
        ((0.0, 1.0, 0.1), "low is 0.0"),
        ((1.0, 0.1, 0.1), "low, high are 1, 0.1"),
        ((0.02, 1.0, 0.1), "low, high are 0.02, 1; accepted: two powers of ten"),
        ((0.1, 1.0, 0.15), "r is 0.15; accepted: 0.1 to 1, one of 0.1, 0.11"),
        ((0.1, 1.0, 0.1, 21), "per_decade is 21"),
        ((0.1, 1.0, 0.1, 0), "per_decade is 0"),
    ],
)
def test_a_log_slider_that_does_not_fit_is_refused(slider, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        LogSlider("r", "r", *slider)


@pytest.mark.parametrize("name", ["two words", "", "1st", 3])
def test_a_control_needs_a_name_that_python_can_use(name):
    with pytest.raises(ValueError, match="name is"):
        Slider(name, "x", 0, 1, 1, 0)


@pytest.mark.parametrize(
    ("control", "value"),
    [
        (LogSlider("r", "r", 0.1, 1, 0.1), 0.15), (LogSlider("r", "r", 0.1, 1, 0.1), "1"),
        (X, 0.25), (X, 3.0), (X, "much"), (X, None), (X, float("nan")), (K, "thrice"), (K, 1),
        (Steps("w", "w", {"E": "E"}, 2), "EEE"), (Steps("w", "w", {"E": "E"}, 2), "X"),
        (Steps("w", "w", {"E": "E"}, 2), 1),
    ],
)  # fmt: skip
def test_a_value_off_the_list_is_refused_by_name(control, value):
    with pytest.raises(ValueError, match=rf"{control.name} is .*accepted"):
        control.token(value)


@pytest.mark.parametrize("token", [-1, 5, 1.0, True, "1", None, [1], float("nan")])
@pytest.mark.parametrize("control", [X, K])
def test_a_place_off_the_list_is_refused_by_name(control, token):
    with pytest.raises(ValueError, match=rf"{control.name} has place"):
        control.value(token)


@pytest.mark.parametrize("options", [("one",), (), ("one", "one")])
def test_a_choice_needs_something_to_choose_from(options):
    with pytest.raises(ValueError, match="options are"):
        Choice("k", "k", options, "one")


@pytest.mark.parametrize("actions", [{}, {"EM": "both"}])
def test_steps_need_single_letters(actions):
    with pytest.raises(ValueError, match="actions are"):
        Steps("w", "w", actions, 3)


def test_a_browser_is_told_numbers_of_equal_length():
    spec = Slider("a", "a", 0.0, 1.0, 0.25, 0.5).spec()
    assert spec["values"] == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert spec["start"] == 2
    spec = LogSlider("a", "a", 0.1, 1.0, 0.25, 10).spec()
    assert spec["values"][:4] == ["0.1", "0.13", "0.16", "0.2"]
    assert spec["start"] == 4
