"""Questions whose answer is a value: numbers, a letter, lines in order."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hmlib import check
from hmlib.check import grade
from hmlib.check.kinds import Choice, Number, Numbers, Order
from hmlib.check.prose import Prose
from hmlib.check.text import wrap


def number(**changes):
    fields = {
        "id": "00.2",
        "answer": 2.0,
        "slips": {"half": 1.0},
        "prose": Prose(why="Two.", otherwise="Count.", slips={"half": "Twice that."}),
    }
    return Number(**{**fields, **changes})


@pytest.mark.parametrize(
    "two", [2, 2.0, 2.0009, 1.9991, np.float32(2), np.array(2.0), np.array([2])]
)
def test_a_number_within_the_tolerance_is_correct(two):
    assert number().grade(two).outcome == "correct"


def test_a_number_is_judged():
    assert number().grade(1.0004).slip == "half"
    near = number().grade(2.01).message
    assert "Close" in near
    assert "0.001 nats" in near
    assert number().grade(7).message == "7 nats is not it. Count."
    assert "0.02 bits" in number(rtol=0.01, atol=0, unit="bits").grade(2.1).message
    assert number(rtol=0.01, atol=0).grade(2.019).outcome == "correct"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("0.5", 'text ("0.5"). A number stands without quotes, and with a point: 0.5.'),
        (" -0,77 ", "without quotes, and with a point: -0.77."),
        ("a half", 'this is text ("a half").'),
        (
            (0, 5),
            "a tuple of 2. If the comma was meant as the decimal point: Python writes a point",
        ),
        ((0.1, 5), "this is a tuple of 2."),
    ],
)
def test_a_number_in_quotes_or_with_a_comma_is_told_what_python_writes(given, said):
    message = number().grade(given).message
    assert said in message
    assert ("point" in message) == ("point" in said)


@pytest.mark.parametrize(("off", "close"), [(19.9, True), (20.1, False)])
def test_a_number_within_twenty_tolerances_is_called_close(off, close):
    assert ("Close" in number(atol=0.01).grade(2 + off * 0.01).message) is close


@pytest.mark.parametrize(
    "masked",
    [np.ma.array([1.0, 2.0]), np.ma.array([1.0, 2.0], mask=[False, True]), np.ma.masked],
)
def test_a_masked_array_is_refused_in_words(masked):
    pair = Numbers(id="00.3", names=("a", "b"), answer=(1.0, 2.0))
    for verdict in (number().grade(masked), pair.grade(masked), pair.grade((1.0, np.ma.masked))):
        assert verdict.outcome == "not yet"
        assert "This is a masked array" in verdict.message


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2", 'text ("2")'),
        (True, "truth value"),
        ([1, 2], "a list of 2"),
        (np.zeros((2, 3)), "an array of shape (2, 3)"),
        (math.nan, "not a number"),
        (-math.inf, "infinite"),
        (2j, "complex"),
        (len, "a function"),
        (dict, "a class"),
        (range(2_000_000), "holds 2000000 values"),
        (np.zeros(2_000_000), "holds 2000000 values"),
    ],
)
def test_what_is_no_number_is_said(given, said):
    verdict = number().grade(given)
    assert verdict.outcome == "not yet"
    assert said in verdict.message


@pytest.mark.parametrize(
    ("atol", "given", "more"),
    [(1e-3, 2.01, " Give 3 decimals."), (5e-2, 2.3, " Give 1 decimal."), (2.0, 5.0, "")],
)
def test_who_is_close_is_told_how_many_decimals_are_wanted(atol, given, more):
    question = Number(id="00.3", answer=2.0, atol=atol, unit="", prose=Prose(why="So."))
    accepted = f"Close: accepted is a difference of at most {atol:g}."
    assert question.grade(given).message == accepted + more


def test_several_numbers_are_judged_one_by_one():
    question = Numbers(
        id="00.3",
        names=("a", "b"),
        answer=(1.0, 2.0),
        slips={"swapped": (2.0, 1.0)},
        prose=Prose(why="So.", otherwise="Count.", slips={"swapped": "Swapped."}),
    )
    arrays = np.array([1, 2]), np.array([[1, 2]]), np.array([[1], [2]])
    for right in ((1, 2), [1.0, 2.0], {"b": 2, "a": 1}, *arrays):
        assert question.grade(right).outcome == "correct"
    assert question.grade((2, 1)).slip == "swapped"
    turned = replace(question, slips={}).grade((2, 1))
    assert turned.message == "The right numbers in another order: (a, b) is wanted."
    half = question.grade((1, 5))
    assert (half.score, half.message) == (0.5, "Right: a. Look again at b. Count.")
    assert "Close" in question.grade((1, 2.01)).message
    assert question.grade((..., ...)).outcome == "not attempted"
    assert "still to be filled in" in question.grade((1, ...)).message
    assert question.grade((1, "x")).message.startswith("b: Numbers are wanted")
    assert "2 numbers are wanted, (a, b)" in question.grade((1, 2, 3)).message


@pytest.mark.parametrize("given", ["B", "b", " b ", "(b)", "B.", "b)"])
def test_a_letter_may_be_written_in_many_ways(given):
    assert grade("02.3", given).outcome == "correct"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("E", 'The options are A, B, C or D; "E" is none of them.'),
        ("AB", '"AB" is none of them'),
        (2, "A letter in quotes is wanted"),
        ("", '"" is none of them'),
    ],
)
def test_an_unknown_option_is_said(given, said):
    verdict = grade("02.3", given)
    assert verdict.outcome == "not yet"
    assert said in verdict.message
    assert verdict.slip == ""


def order():
    return Order(
        id="00.4",
        answer="CAB",
        decoys={"D": "A"},
        slips={"backwards": "BAC"},
        prose=Prose(
            lines={"A": "second", "B": "third", "C": "first", "D": "not so"},
            why="So.",
            otherwise="Count.",
            slips={"line D": "D does not belong.", "backwards": "Backwards."},
        ),
    )


@pytest.mark.parametrize(
    "given", ["CAB", "c a b", "C, A, B", "C->A->B", "C/A/B", ["C", "A", "B"], ("C", "AB")]
)
def test_an_order_may_be_written_in_many_ways(given):
    assert order().grade(given).outcome == "correct"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("CDB", "D does not belong."),
        ("BAC", "Backwards."),
        ("CBA", "The first line is right. Look again at line 2, B. Count."),
        ("ACB", "Look again at line 1, A. Count."),
        ("CA", "The first 2 lines are right. 3 lines are needed; carry on from here."),
        ("CAA", "Line A is used more than once."),
        ("CAX", 'The lines are A, B, C and D; "X" is none of them.'),
        ("", "there are none here"),
        (3, "this is the number 3"),
        ([1, 2], "this is a list of 2"),
    ],
)
def test_an_order_is_judged(given, said):
    verdict = order().grade(given)
    assert verdict.outcome == "not yet"
    assert said in verdict.message


@pytest.mark.parametrize("question", [q for q in check.questions() if isinstance(q, Choice)])
def test_an_option_may_be_given_in_its_own_words(question):
    for letter, option in question.prose.options.items():
        words = wrap(option)
        for given in (words, words.upper(), f"{letter}) {words}", f"option {letter}"):
            verdict = question.grade(given)
            assert verdict.slip == ("" if letter == question.answer else letter)
            assert (verdict.outcome == "correct") == (letter == question.answer)
