"""Answers labelled by hand, in many forms, are judged as they are labelled."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from hmlib.check import grade, questions
from hmlib.check.bank import notebooks

COURSE = Path(__file__).parent.parent / "course"
BANKS = sorted(path.parent.name for path in COURSE.glob("nb*/answers.py"))
ANSWERS = [each for nb in BANKS for each in import_module(f"course.{nb}.answers").ANSWERS]


@pytest.mark.parametrize("each", ANSWERS, ids=lambda each: f"{each.id} {each.how}")
def test_an_answer_is_judged_as_it_is_labelled(each):
    verdict = grade(each.id, each.answer, seed=11)
    assert (verdict.outcome == "correct") is each.right, verdict
    assert verdict.outcome != "not attempted"


@pytest.mark.parametrize("bank", BANKS)
def test_every_question_was_answered_in_many_forms(bank):
    """Four right ones besides the solution, and two that only look like answers."""
    count = Counter((each.id, each.right) for each in ANSWERS)
    short = {
        question.id: (count[question.id, True], count[question.id, False])
        for question in questions(bank[2:])
        if count[question.id, True] < 4 or count[question.id, False] < 2
    }
    assert not short, f"(right, wrong) forms: {short}"


def test_no_form_stands_twice():
    names = Counter((each.id, each.how) for each in ANSWERS)
    assert max(names.values(), default=1) == 1, names.most_common(3)


def test_all_questions_of_the_course_were_answered():
    assert [f"nb{name}" for name in notebooks()] == BANKS
    assert len(ANSWERS) >= 300
