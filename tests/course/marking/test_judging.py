"""What is right in the student's copy is right in the marking, and what is wrong stays wrong."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import check
from hmlib.check.bank import find
from hmlib.check.function import Function
from hmlib.check.slips import _after
from hmlib.course.handing_out.sealing import SEED
from hmlib.course.marking.judging import with_room

FUNCTIONS = [question for question in check.questions() if isinstance(question, Function)]
each = pytest.mark.parametrize("question", FUNCTIONS, ids=lambda question: question.id)


@pytest.mark.parametrize("eps", [1e-7, 1e-6])
def test_what_is_just_right_in_the_copy_is_right_on_every_seed(eps):
    question = find("02.7")

    def kl(q, p):
        return np.sum(q * np.log((q + eps) / (p + eps)), axis=1)

    assert question.grade(kl, SEED).outcome == "correct"
    wrong = [s for s in range(1000, 1300) if with_room(question, kl, s).outcome != "correct"]
    assert wrong == []


@each
def test_slips_and_one_part_in_a_thousand_are_wrong_all_the_same(question):
    wrong = [_after(question.answer, lambda x, c=c: c * x) for c in (0.0, 0.999, 1.001)]
    for function in [*wrong, *question.slips.values()]:
        for seed in range(10):
            assert with_room(question, function, seed).outcome == "not yet"


@each
def test_a_slip_is_recognised_as_it_is_without_room(question):
    for slip in question.slips.values():
        assert with_room(question, slip, 3) == question.grade(slip, 3)
