"""Every question of every notebook: solution, stub, slips, hints and words."""

import importlib
import re

import numpy as np
import pytest

from hmlib import check
from hmlib.check import grade
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Order

QUESTIONS = check.questions()
SEEDS = (0, 1, 2)


def solution(question):
    solutions = importlib.import_module(f"hmlib.course.nb{question.id[:2]}.solutions")
    return solutions.ANSWERS[question.id]


def of_kind(*kinds):
    return [question for question in QUESTIONS if isinstance(question, kinds)]


def named(question):
    return question.id


every_question = pytest.mark.parametrize("question", QUESTIONS, ids=named)
every_slip = pytest.mark.parametrize(
    ("question", "slip"),
    [(question, slip) for question in QUESTIONS for slip in question.all_slips()],
    ids=lambda value: named(value) if hasattr(value, "id") else value,
)


@every_question
def test_the_record_is_complete(question):
    prose = question.prose
    assert re.fullmatch(r"\d\d\.\d+", question.id)
    assert prose.why.endswith(".")
    assert 2 <= len(prose.hints) <= 4
    assert all(hint.endswith((".", "?")) for hint in prose.hints)
    sentences = list(prose.slips.values())
    assert len(set(sentences)) == len(sentences) >= 3
    assert all(sentence.endswith(".") for sentence in sentences)


def test_ids_are_numbered_from_one_in_every_notebook():
    for notebook in {question.id[:2] for question in QUESTIONS}:
        ids = [question.id for question in check.questions(notebook)]
        assert ids == [f"{notebook}.{k + 1}" for k in range(len(ids))]


@pytest.mark.parametrize("question", of_kind(Choice), ids=named)
def test_every_wrong_option_has_its_reply(question):
    assert set(question.prose.slips) == set(question.prose.options) - {question.answer}


@pytest.mark.parametrize("question", of_kind(Order), ids=named)
def test_every_line_is_used_or_a_decoy(question):
    assert sorted([*question.answer, *question.decoys]) == sorted(question.prose.lines)


@every_question
def test_the_solution_is_correct_and_told_why(question):
    for seed in SEEDS:
        verdict = grade(question.id, solution(question), seed)
        assert verdict.outcome == "correct"
        assert verdict.score == 1.0
        assert verdict.message == question.prose.why


@every_question
def test_stubs_are_not_attempted(question):
    def empty(*args):
        """What it is for."""
        ...

    def dots(*args):
        return ...

    def passed(*args):
        pass

    def unwritten(*args):
        raise NotImplementedError

    def unfinished(*args):
        total = ...
        return np.exp(total) * 2

    stubs = [..., None]
    if isinstance(question, Function):
        stubs += [empty, dots, passed, unwritten, unfinished]
    for stub in stubs:
        verdict = grade(question.id, stub)
        assert verdict.outcome == "not attempted"
        assert verdict.score == 0.0
        assert "..." in verdict.message


@every_slip
def test_a_slip_gets_its_own_sentence_and_no_other(question, slip):
    answer = question.all_slips()[slip]
    for seed in SEEDS:
        verdict = grade(question.id, answer, seed)
        assert verdict.outcome == "not yet"
        assert verdict.message == question.prose.slips[slip]
        assert verdict.slip == slip
        assert question.recognise(answer, seed) == (slip,)


@every_question
def test_hints_print_the_same_every_time_and_do_not_fail_past_the_top(question, capsys):
    for level in range(1, len(question.prose.hints) + 1):
        check.hint(question.id, level)
        once = capsys.readouterr().out
        check.hint(question.id, level)
        assert capsys.readouterr().out == once
        assert f"hint {level} of {len(question.prose.hints)}" in once
    for level in (0, len(question.prose.hints) + 1, "first", None, [1]):
        check.hint(question.id, level)
        assert f"has {len(question.prose.hints)} hints" in capsys.readouterr().out


@every_question
def test_ask_prints_the_prompt_with_its_options_and_the_repr_keeps_the_answer(question, capsys):
    check.ask(question.id)
    out = capsys.readouterr().out
    assert out.split("\n")[0] == f"{question.id} {question.prose.title}" == repr(question)
    assert " ".join(question.prose.prompt.split()) in " ".join(out.split())
    for letter in [*question.prose.options, *question.prose.lines]:
        assert f"\n{letter}. " in out


@every_question
def test_words_are_plain_ascii_without_escape_codes(question):
    prose = question.prose
    texts = [question.text(), prose.why, prose.otherwise, *prose.hints, *prose.slips.values()]
    assert all(text.isascii() and text.replace("\n", " ").isprintable() for text in texts)
