"""A sealed question judges like the question that it was made from."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from hmlib import check
from hmlib.check import sealed
from hmlib.check.bank import notebooks
from hmlib.check.function import Function
from hmlib.check.kinds import Number, Numbers, Order
from hmlib.course.handing_out.filling import needed, typed
from hmlib.course.handing_out.sealing import Locksmith, seal, tells

FUNCTIONS = [q for q in check.questions() if isinstance(q, Function)]


def unsealed(question):
    """The sealed question, after a journey through JSON."""
    told = json.loads(json.dumps(seal(question, np.random.default_rng(2), rounds=1)))
    return sealed.question(told)


@pytest.mark.parametrize("question", FUNCTIONS, ids=lambda q: q.id)
def test_a_function_is_judged_alike(question):
    locked = unsealed(question)
    assert locked.grade(question.answer) == question.grade(question.answer)
    for name, slip in question.slips.items():
        assert locked.grade(slip).slip == name
        assert locked.grade(slip).message == question.grade(slip).message


@pytest.mark.parametrize("seed", range(8))
def test_slips_that_are_nearly_alike_are_told_apart_under_every_salt(seed):
    [question] = [q for q in FUNCTIONS if q.id == "08.3"]
    told = json.loads(json.dumps(seal(question, np.random.default_rng(seed), rounds=1)))
    locked = sealed.question(told)
    assert [locked.grade(slip).slip for slip in question.slips.values()] == [*question.slips]


@pytest.mark.parametrize("question", FUNCTIONS, ids=lambda q: q.id)
def test_rounding_is_forgiven_and_no_more(question):
    """As far off as the tolerance allows is right; a thousand times as far is not."""
    locked = unsealed(question)

    def off(by):
        def function(*args):
            return _shifted(question.answer(*args), by)

        return function

    assert locked.grade(off(1e-12)).outcome == "correct"
    assert locked.grade(off(0.3 * question.rtol)).outcome == "correct"
    assert locked.grade(off(1000 * question.rtol)).outcome == "not yet"


def _shifted(value, by):
    if isinstance(value, tuple):
        return tuple(_shifted(part, by) for part in value)
    return (1 + by) * value


@pytest.mark.parametrize(
    "question",
    [q for q in check.questions() if isinstance(q, Number | Numbers)],
    ids=lambda q: q.id,
)
def test_a_number_is_accepted_within_its_tolerance(question):
    locked = unsealed(question)
    values = question.answer if isinstance(question, Numbers) else (question.answer,)
    for share, outcome in ((0.0, "correct"), (0.95, "correct"), (-0.95, "correct")):
        moved = tuple(value + share * question.atol for value in values)
        given = moved if isinstance(question, Numbers) else moved[0]
        assert locked.grade(given).outcome == outcome
    for share in (1.3, -1.3, 5.0):
        moved = (values[0] + share * question.atol, *values[1:])
        given = moved if isinstance(question, Numbers) else moved[0]
        assert locked.grade(given).outcome == question.grade(given).outcome == "not yet"


@pytest.mark.parametrize(
    "question", [q for q in check.questions() if isinstance(q, Order)], ids=lambda q: q.id
)
def test_the_first_wrong_line_is_named(question):
    locked = unsealed(question)
    for given in (question.answer[:2], question.answer[::-1], question.answer[:1]):
        assert str(locked.grade(given)) == str(question.grade(given))


@pytest.mark.parametrize("notebook", notebooks())
def test_a_solution_stands_on_what_is_typed_with_it(notebook):
    """The functions of the teacher's edition run with its one cell of imports and nothing else."""
    for id, source in typed(notebook).items():
        if "def " in source:
            space: dict = {}
            exec(needed(notebook), space)
            exec(source, space)
            name = source.partition("def ")[2].partition("(")[0]
            assert check.grade(id, space[name]).outcome == "correct"


def test_an_untouched_answer_is_not_attempted():
    for question in check.questions("02"):
        assert unsealed(question).grade(...).outcome == "not attempted"


def test_what_may_not_be_called_may_not_be_called_there_either():
    from hmlib import exact

    [question] = [q for q in check.questions("02") if q.id == "02.8"]
    verdict = unsealed(question).grade(lambda gen, rec, u: exact.free_energy(gen, rec, u))
    assert "exact.free_energy" in verdict.message


def test_a_wrong_key_opens_nothing():
    smith = Locksmith(np.random.default_rng(0), rounds=1)
    smith.lock({"a": ["1"], "b": ["2"]}, {"n": 1})
    smith.lock({"a": ["1"]}, {"n": 2})
    box = smith.box(b"salt")
    assert [text["n"] for text in box.open({"a": "1"})] == [2]
    assert sorted(text["n"] for text in box.open({"a": "1", "b": "2"})) == [1, 2]
    assert list(box.open({"a": "2", "b": "1"})) == []


def test_hints_that_tell_the_number_are_left_out():
    [question] = [q for q in check.questions("02") if q.id == "02.6"]
    assert tells(question, f"it is {question.answer:.3f}")
    assert not tells(question, "it is 0.5, or 12")


def test_an_interval_is_narrow():
    for tolerance in (1e-3, 0.5, 3e-7):
        width = 2.0 ** (math.frexp(tolerance)[1] - 1) / sealed.STEP
        assert tolerance / 8 < width <= tolerance / 4
        assert sealed.interval(0.0, tolerance) != sealed.interval(1.01 * width, tolerance)
