"""What a function may be off by: an honest one passes whatever cases are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from hmlib import check
from hmlib.check.function import Function
from hmlib.check.question import Verdict
from hmlib.check.slips import _after

FUNCTIONS = [question for question in check.questions() if isinstance(question, Function)]
each = pytest.mark.parametrize("question", FUNCTIONS, ids=lambda question: question.id)


def single(value: Any) -> Any:
    """The same in single precision, records and all."""
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        return value.astype(np.float32)
    if is_dataclass(value) and not isinstance(value, type):
        made = object.__new__(type(value))
        for one in fields(value):
            object.__setattr__(made, one.name, single(getattr(value, one.name)))
        return made
    return value


def outcomes(
    question: Function, function: Callable[..., Any], seeds: range
) -> list[tuple[int, Verdict]]:
    """The seeds on which a function is not right, with what is said."""
    graded = ((seed, question.grade(function, seed)) for seed in seeds)
    return [(seed, verdict) for seed, verdict in graded if verdict.outcome != "correct"]


@each
def test_single_precision_is_right_on_every_seed(question):
    def rough(*given: Any) -> Any:
        return question.answer(*map(single, given))

    assert outcomes(question, rough, range(50)) == []


@pytest.mark.parametrize("eps", [1e-12, 1e-10, 1e-8])
def test_a_small_number_under_the_logarithm_is_right_on_every_seed(eps):
    [question] = [one for one in FUNCTIONS if one.id == "02.7"]

    def both(q, p):
        return np.sum(q * np.log((q + eps) / (p + eps)), axis=1)

    def below(q, p):
        return np.sum(q * np.log(q / (p + eps)), axis=1)

    for function in (both, below):
        assert outcomes(question, function, range(50)) == []


@each
def test_nothing_and_one_part_in_a_thousand_too_much_are_wrong_on_every_seed(question):
    for change in (lambda x: 0.0 * x, lambda x: 1.001 * x):
        wrong = _after(question.answer, change)
        assert len(outcomes(question, wrong, range(20))) == 20


@each
def test_a_shift_by_a_thousandth_of_the_usual_size_is_wrong_on_every_seed(question):
    parts = [part for trial in question._parts(question.answer, 0) for part in trial.values()]
    sizes = np.abs(np.concatenate([part.ravel() for part in parts]))
    shift = 1e-3 * float(np.median(sizes[sizes > 0]))
    wrong = _after(question.answer, lambda x: x + shift * np.ones(np.shape(x)))
    assert len(outcomes(question, wrong, range(20))) == 20
