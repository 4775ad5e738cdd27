"""The right option, of a question or of a prediction, cannot be told by its place or its length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from hmlib import check
from hmlib.check.kinds import Choice
from tools.labs import lab_makers


@dataclass(frozen=True)
class Options:
    """What can be chosen, and the place of what is right."""

    where: str
    texts: tuple[str, ...]
    right: int


def in_checks() -> list[Options]:
    found = []
    for question in check.questions():
        if isinstance(question, Choice):
            letters = list(question.prose.options)
            texts = tuple(question.prose.options.values())
            found.append(Options(question.id, texts, letters.index(question.answer)))
    return found


def in_labs() -> list[Options]:
    found = []
    for name, make in lab_makers().items():
        question = make()._question
        right = question.options.index(question.answer)
        found.append(Options(name, question.options, right))
    return found


def too_many(hits: int, chances: Sequence[float]) -> bool:
    """Whether so many hits are more than two standard deviations above what chance gives."""
    spread = math.sqrt(sum(p * (1 - p) for p in chances))
    return hits > sum(chances) + 2 * spread


@pytest.fixture(params=[in_checks, in_labs], ids=["checks", "labs"], scope="module")
def everything(request) -> list[Options]:
    return request.param()


def test_the_right_option_has_no_place_of_its_own(everything):
    for place in range(4):
        there = [each for each in everything if len(each.texts) > place]
        hits = sum(each.right == place for each in there)
        chances = [1 / len(each.texts) for each in there]
        assert not too_many(hits, chances), f"{hits} of {len(there)} stand at place {place}"
        assert not too_many(len(there) - hits, [1 - p for p in chances]), (
            f"only {hits} of {len(there)} stand at place {place}"
        )


def test_the_right_option_is_the_longest_no_more_often_than_another(everything):
    lengths = [([len(text) for text in each.texts], each.right) for each in everything]
    hits = sum(length[right] == max(length) for length, right in lengths)
    assert not too_many(hits, [1 / len(length) for length, _ in lengths]), f"{hits}"


def test_options_are_of_like_length(everything):
    uneven = [
        each.where
        for each in everything
        if max(map(len, each.texts)) > 2 * min(map(len, each.texts)) + 12
    ]
    assert not uneven


def test_every_wrong_prediction_of_the_course_is_answered():
    for name, make in lab_makers().items():
        question = make()._question
        wrong = set(question.options) - {question.answer}
        assert set(question.replies) == wrong, name
        assert all(reply.endswith((".", "?")) for reply in question.replies.values()), name
