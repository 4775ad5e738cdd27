"""Homework checks: every question of every notebook, and the framework under them."""

import dataclasses
import importlib
import itertools
import math
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hmlib.check as module
from hmlib import check
from hmlib.binary import Generative, Recognition
from hmlib.check import grade
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Decoy, Number, Numbers, Order
from hmlib.check.question import Wrong
from hmlib.check.slips import averaged, in_bits, summed, wrong_sign
from hmlib.course.machines import SIZES, machines, tiny

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
    [(question, slip) for question in QUESTIONS for slip in question.wrong_answers()],
    ids=lambda value: named(value) if hasattr(value, "id") else value.name,
)


# Every question of every notebook


@every_question
def test_the_record_is_complete(question):
    assert re.fullmatch(r"\d\d\.\d+", question.id)
    assert question.title
    assert "\n" not in question.title
    assert question.prompt
    assert question.why.endswith(".")
    assert 2 <= len(question.hints) <= 4
    assert all(hint.endswith((".", "?")) for hint in question.hints)
    sentences = [slip.sentence for slip in question.wrong_answers()]
    names = [slip.name for slip in question.wrong_answers()]
    assert len(set(sentences)) == len(sentences) >= 3
    assert len(set(names)) == len(names)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_ids_are_numbered_from_one_in_every_notebook():
    for notebook in {question.id[:2] for question in QUESTIONS}:
        ids = [question.id for question in check.questions(notebook)]
        assert ids == [f"{notebook}.{k + 1}" for k in range(len(ids))]


@pytest.mark.parametrize("question", of_kind(Choice), ids=named)
def test_every_wrong_option_has_its_reply(question):
    assert set(question.replies) == set(question.options) - {question.answer}


@pytest.mark.parametrize("question", of_kind(Order), ids=named)
def test_every_line_is_used_or_a_decoy(question):
    assert sorted([*question.answer, *question.decoys]) == sorted(question.lines)


@every_question
def test_the_solution_is_correct_and_told_why(question):
    for seed in SEEDS:
        verdict = grade(question.id, solution(question), seed)
        assert verdict.outcome == "correct"
        assert verdict.score == 1.0
        assert verdict.message == question.why


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
def test_a_recognised_wrong_answer_gets_its_own_sentence_and_no_other(question, slip):
    for seed in SEEDS:
        verdict = grade(question.id, slip.answer, seed)
        assert verdict.outcome == "not yet"
        assert verdict.message == slip.sentence
        assert verdict.slip == slip.name
        assert [w.name for w in question.recognise(slip.answer, seed)] == [slip.name]


@every_question
def test_hints_print_the_same_every_time_and_do_not_fail_past_the_top(question, capsys):
    for level in range(1, len(question.hints) + 1):
        check.hint(question.id, level)
        once = capsys.readouterr().out
        check.hint(question.id, level)
        assert capsys.readouterr().out == once
        assert f"hint {level} of {len(question.hints)}" in once
    for level in (0, len(question.hints) + 1, "first", None, [1]):
        check.hint(question.id, level)
        assert f"has {len(question.hints)} hints" in capsys.readouterr().out


@every_question
def test_ask_prints_the_prompt_with_its_options_and_the_repr_keeps_the_answer(question, capsys):
    check.ask(question.id)
    out = capsys.readouterr().out
    assert out.split("\n")[0] == f"{question.id} {question.title}" == repr(question)
    assert " ".join(question.prompt.split()) in " ".join(out.split())
    for letter in getattr(question, "options", getattr(question, "lines", {})):
        assert f"\n{letter}. " in out


@every_question
def test_words_are_plain_ascii_without_escape_codes(question):
    texts = [question.text(), question.why, question.otherwise, *question.hints]
    texts += [slip.sentence for slip in question.wrong_answers()]
    assert all(text.isascii() and text.replace("\n", " ").isprintable() for text in texts)


# Junk: whatever is given, check prints words


class Evil:
    """Everything that can be asked of it fails."""

    def __getattr__(self, name):
        raise RuntimeError("no")

    def __float__(self):
        raise RuntimeError("no")

    def __len__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    def __iter__(self):
        raise RuntimeError("no")


class EvilError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def raiser(error):
    def function(*args):
        raise error

    return function


def endless(*args):
    return endless(*args)


def generates(*args):
    yield 1


JUNK = [
    True,
    "",
    "F",
    "0.5",
    "\x00\ud800",
    "\x1b[31mred",
    b"B",
    "A" * 100_000,
    [],
    (),
    {},
    set(),
    [1, [2, 3]],
    [None, ...],
    [...],
    (..., ...),
    {"average log joint": 1},
    range(10**12),
    10**400,
    -(10**400),
    1j,
    math.nan,
    math.inf,
    np.nan,
    np.zeros(0),
    np.zeros((1000, 1000)),
    np.broadcast_to(1.0, (10**5, 10**5)),
    np.array(["a"]),
    np.array([None, ...], dtype=object),
    np.datetime64("2020-01-01"),
    np.float32(1),
    object(),
    Evil(),
    Evil,
    type,
    dict,
    int,
    print,
    len,
    np.sum,
    np,
    iter([1]),
    sys.stdout,
    Generative.zeros(2, 2),
    check,
    endless,
    generates,
    raiser(ValueError("bad\nvalue")),
    raiser(EvilError()),
    raiser(ValueError("\ud800\x1b[31m")),
    raiser(KeyError("x")),
    raiser(SystemExit(3)),
    raiser(Warning("w")),
    raiser(ValueError("cannot use <object at 0x7f00aa11>")),
    lambda: 1,
    lambda *a: None,
    lambda *a: "text",
    lambda *a: Evil(),
    lambda *a: a,
    lambda *a: math.nan,
    lambda *a: [...],
    lambda *a: np.zeros((500, 500, 5)),
    lambda *a: np.full(len(a[-1]), 1j),
    lambda *a: print("x" * 10_000),
]


@pytest.mark.parametrize("junk", range(len(JUNK)))
def test_check_never_raises_on_junk(junk, capsys):
    answer = JUNK[junk]
    for question in QUESTIONS:
        check(question.id, answer)
        out, err = capsys.readouterr()
        assert re.match(rf"{question.id}: (not yet|not attempted|correct)\. \S", out)
        assert len(out) < 1500
        assert "Traceback" not in out
        assert out.replace("\n", " ").isprintable()
        assert not re.search(r"0x[0-9a-f]{4}", out)
        assert err == ""


scalars = st.one_of(
    st.none(),
    st.just(...),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.complex_numbers(),
)
junk = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=8),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        inner.map(lambda value: lambda *args: value),
        st.lists(inner, max_size=4).map(lambda v: np.array([*v, None], dtype=object)),
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(answer=junk, index=st.integers(0, len(QUESTIONS) - 1))
def test_grade_turns_random_junk_into_words(answer, index):
    verdict = grade(QUESTIONS[index].id, answer)
    assert verdict.outcome in ("not attempted", "not yet", "correct")
    assert verdict.message
    assert str(verdict).startswith(f"{verdict.id}: {verdict.outcome}. ")


# The surface


def test_the_module_can_be_called_however_it_is_imported(capsys):
    module("02.3", "b")
    called = capsys.readouterr().out
    check("02.3", answer="b")
    assert capsys.readouterr().out == called
    check.check("02.3", "b")
    assert capsys.readouterr().out == called
    assert called.startswith("02.3: correct. ")
    assert module.grade is grade is check.grade
    check("02.3")
    assert capsys.readouterr().out.startswith("02.3: not attempted. ")


def test_a_question_is_found_without_loading_the_others():
    code = (
        "import sys; from hmlib import check; "
        "banks = lambda: [m for m in sorted(sys.modules) if m.startswith('hmlib.course.nb')]; "
        "before = banks(); check('02.3', 'b'); print(before, banks())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert lines[0].startswith("02.3: correct.")
    rooms = ["hmlib.course.nb02", "hmlib.course.nb02.checks", "hmlib.course.nb02.solutions"]
    assert lines[-1] == f"[] {rooms}"


def test_a_verdict_not_yet_points_to_the_hints(capsys):
    check("02.3", "A")
    assert capsys.readouterr().out.endswith('\nFor a hint: check.hint("02.3", 1)\n')


@pytest.mark.parametrize("unknown", ["02.99", "99.1", "02", "", "x", 2.3, None, ["02.6"], ...])
def test_an_unknown_question_lists_the_known_ones(unknown):
    for ask in (check, check.ask, check.hint, lambda id: grade(id, 1)):
        with pytest.raises(ValueError, match=r"id is .*accepted: .*02\.1, .*02\.3"):
            ask(unknown)


def test_an_unknown_notebook_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"notebook is '77'; accepted: .*'02'"):
        check.questions("77")


def test_a_function_that_forgets_to_return_was_attempted():
    def forgetful(x):
        """Computes, and hands nothing back."""
        1 / (1 + np.exp(-x))

    def printing(x):
        print(1 / (1 + np.exp(-x)))

    for function in (forgetful, printing):
        verdict = grade("00.2", function)
        assert verdict.outcome == "not yet"
        assert "end it with return" in verdict.message

    def stub(x):
        """Nothing yet."""
        ...

    assert grade("00.2", stub).outcome == "not attempted"
    assert grade("00.2", lambda x: ...).outcome == "not attempted"


def test_questions_are_listed_by_notebook():
    assert [question.id for question in check.questions("02")][:2] == ["02.1", "02.2"]
    assert set(check.questions("02")) <= set(check.questions())


def test_a_verdict_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        grade("02.3", "A").outcome = "correct"


def test_grade_prints_nothing_and_says_the_same_every_time(capsys):
    def loud(gen, rec, u):
        print("debug", u)
        print("more", file=sys.stderr)
        return u.sum(axis=1)

    first = grade("02.8", loud, 5)
    assert grade("02.8", loud, 5) == first
    assert capsys.readouterr() == ("", "")
    assert "printed" in first.message
    assert grade("02.8", loud, 6).message != first.message


def test_global_state_changed_by_a_student_changes_no_verdict():
    def wild(gen, rec, u):
        np.random.seed(0)  # noqa: NPY002
        np.seterr(all="raise")
        np.set_printoptions(precision=1)
        return u.sum(axis=1) - 1e-300 * 1e-300

    def tame(gen, rec, u):
        return u.sum(axis=1)

    before = np.geterr(), np.get_printoptions()
    assert grade("02.8", wild).message == grade("02.8", tame).message
    assert (np.geterr(), np.get_printoptions()) == before


# Functions: how they are tried


def rows_sum(a, b):
    return (a * b).sum(axis=1)


def pairs(rng):
    for n, m in ((3, 2), (1, 4), (5, 3)):
        yield {"a": rng.normal(size=(n, m)), "b": rng.normal(size=(n, m))}


def function(**changes):
    fields = {
        "id": "00.1",
        "title": "Sum of products",
        "prompt": "Write it.",
        "answer": rows_sum,
        "why": "Right.",
        "hints": ("One.",),
        "cases": pairs,
        "otherwise": "Look again.",
        "wrong": (wrong_sign(rows_sum), in_bits(rows_sum), averaged(rows_sum), summed(rows_sum)),
    }
    return Function(**{**fields, **changes})


def test_a_student_cannot_change_what_the_solution_sees():
    def greedy(a, b):
        result = (a * b).sum(axis=1)
        a[:], b[:] = 0, 0
        return result

    assert function().grade(greedy).outcome == "correct"

    def zeroing(a, b):
        a[:] = 0
        return np.zeros(len(a))

    verdict = function().grade(zeroing)
    assert (verdict.outcome, verdict.slip) == ("not yet", "")


def test_a_warning_of_numpy_is_no_error():
    def careless(a, b):
        return np.where(a[:, 0] > 1e9, np.log(0 * a[:, 0]), (a * b).sum(axis=1))

    assert function().grade(careless).outcome == "correct"


def test_a_dot_dot_dot_elsewhere_is_no_gap():
    def helper(a):
        place = ...
        return a[place] + [1, 2, 3][10]

    assert "IndexError" in function().grade(lambda a, b: helper(a)).message


def test_results_kept_in_one_array_are_read_at_once():
    store = np.zeros(10)

    def reusing(a, b):
        store[: len(a)] = (a * b).sum(axis=1)
        return store[: len(a)]

    assert function().grade(reusing).outcome == "correct"


def test_every_trial_is_drawn_afresh_and_the_same():
    question = function()
    one, two = question.draw(3), question.draw(3)
    for x, y in zip(one, two, strict=True):
        assert np.array_equal(x["a"], y["a"])
        assert not np.shares_memory(x["a"], y["a"])


def test_an_error_is_told_in_words_with_its_line_and_the_shapes():
    def broken(a, b):
        total = a.sum()
        return total + undefined  # noqa: F821

    message = function().grade(broken).message
    assert "NameError" in message
    assert "name 'undefined' is not defined" in message
    assert "line 3 (return total + undefined" in message
    assert "a of shape (3, 2) and b of shape (3, 2)" in message


def test_a_machine_is_described_by_its_causes_and_inputs():
    message = grade("02.8", lambda gen, rec, u: 1 / 0).message
    assert "gen (2 causes, 3 inputs), rec (2 causes, 3 inputs) and u of shape (5, 3)" in message
    assert "divided by zero" in message


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda a, b: rows_sum(a, b)[:, None], "shape (3, 1), and shape (3,) is wanted"),
        (lambda a, b: rows_sum(a, b) * np.nan, "nan"),
        (lambda a, b: "text", 'text ("text")'),
        (lambda a, b: rows_sum(a, b) > 0, "an array of shape (3,)"),
        (lambda a, b: rows_sum(a, b) + 1j, "complex"),
        (lambda a, b: [1, "x", None], "a list of 3"),
        (lambda a, b: iter(a), "an object"),
        (lambda a, b: rows_sum, "a function"),
        (lambda a, b: rows_sum(a, b) * (1 + 1e-4), "close"),
        (lambda a, b: rows_sum(a, b) + 3, "at index 0 is"),
        (lambda a, b: rows_sum(a, b) + 3, "Look again."),
        (lambda a, b: rows_sum(a, b) if len(a) > 1 else 0.0, "Right in 2 of 3 trials"),
        (lambda a, b: rows_sum(a, b) if len(a) > 1 else None, "hands nothing back"),
        (lambda a: 0, "positional argument"),
    ],
)
def test_a_wrong_result_is_described(wrong, said):
    verdict = function().grade(wrong)
    assert verdict.outcome == "not yet"
    assert said in verdict.message


def test_lists_and_single_precision_are_fine():
    assert function().grade(lambda a, b: rows_sum(a, b).tolist()).outcome == "correct"
    single = function(rtol=1e-4, atol=1e-4)
    assert single.grade(lambda a, b: rows_sum(a, b).astype(np.float32)).outcome == "correct"


def test_a_result_instead_of_a_function_is_noticed():
    verdict = function().grade(np.zeros(3))
    assert "A function is wanted, and this is an array of shape (3,)" in verdict.message


def test_the_same_slip_made_with_other_code_is_recognised():
    def by_loop(a, b):
        return [-sum(x * y for x, y in zip(r, s, strict=True)) for r, s in zip(a, b, strict=True)]

    assert function().grade(by_loop).slip == "wrong sign"
    assert function().grade(lambda a, b: np.mean(rows_sum(a, b))).slip == "mean over the data"
    assert function().grade(lambda a, b: sum(rows_sum(a, b))).slip == "sum over the data"
    assert function().grade(lambda a, b: rows_sum(a, b) / math.log(2)).slip == "log2 for ln"


def test_a_keyboard_interrupt_stops_the_check():
    with pytest.raises(KeyboardInterrupt):
        function().grade(raiser(KeyboardInterrupt()))


def doubled(gen, u):
    return Generative(2 * gen.g, 2 * gen.G, 2 * gen.h)


def some_machines(rng):
    for case in machines(rng):
        yield {"gen": case["gen"], "u": case["u"]}


def test_a_record_may_be_returned_whole_or_in_parts():
    question = function(answer=doubled, cases=some_machines, wrong=(wrong_sign(doubled),))
    assert question.grade(doubled).outcome == "correct"
    assert question.grade(lambda gen, u: (2 * gen.g, 2 * gen.G, 2 * gen.h)).outcome == "correct"
    by_name = question.grade(lambda gen, u: {"g": 2 * gen.g, "G": 2 * gen.G, "h": 2 * gen.h})
    assert by_name.outcome == "correct"
    assert question.grade(lambda gen, u: -2.0 * gen).slip == "wrong sign"
    one_wrong = question.grade(lambda gen, u: (2 * gen.g, gen.G, 2 * gen.h))
    assert "the result for G at index (0, 0)" in one_wrong.message
    transposed = question.grade(lambda gen, u: (2 * gen.g, gen.G.T, 2 * gen.h))
    assert "the result for G has shape (2, 3), and shape (3, 2)" in transposed.message
    short = question.grade(lambda gen, u: (gen.g, gen.h))
    assert "a Generative, or the tuple (g, G, h), and this is a tuple of 2" in short.message


def test_a_tuple_may_be_returned():
    def both(a, b):
        return a.sum(axis=1), b.sum()

    question = function(answer=both, wrong=(wrong_sign(both),))
    assert question.grade(lambda a, b: [a.sum(axis=1), b.sum()]).outcome == "correct"
    assert question.grade(lambda a, b: (-a.sum(axis=1), -b.sum())).slip == "wrong sign"
    assert "value 2" in question.grade(lambda a, b: (a.sum(axis=1), 7.0)).message
    assert "a tuple of 2 values" in question.grade(lambda a, b: 7.0).message


# Values


def number(**changes):
    fields = {
        "id": "00.2",
        "title": "A number",
        "prompt": "Which?",
        "answer": 2.0,
        "why": "Two.",
        "hints": ("One.",),
        "wrong": (Wrong("half", 1.0, "Twice that."),),
        "otherwise": "Count.",
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


def test_several_numbers_are_judged_one_by_one():
    question = Numbers(
        id="00.3",
        title="Two",
        prompt="Which?",
        names=("a", "b"),
        answer=(1.0, 2.0),
        why="So.",
        hints=("One.",),
        wrong=(Wrong("swapped", (2.0, 1.0), "Swapped."),),
        otherwise="Count.",
    )
    for right in ((1, 2), [1.0, 2.0], {"b": 2, "a": 1}, np.array([1, 2])):
        assert question.grade(right).outcome == "correct"
    assert question.grade((2, 1)).slip == "swapped"
    half = question.grade((1, 5))
    assert (half.score, half.message) == (0.5, "Right: a. Not yet: b. Count.")
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
        title="Order",
        prompt="Which?",
        lines={"A": "second", "B": "third", "C": "first", "D": "not so"},
        answer="CAB",
        why="So.",
        hints=("One.",),
        decoys={"D": Decoy("A", "D does not belong.")},
        wrong=(Wrong("backwards", "BAC", "Backwards."),),
        otherwise="Count.",
    )


@pytest.mark.parametrize(
    "given", ["CAB", "c a b", "C, A, B", "C->A->B", ["C", "A", "B"], ("C", "AB")]
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


# Notebook 02, against oracles that share no code with hmlib


def probability(x, on):
    return 1 / (1 + math.exp(-x)) if on else 1 / (1 + math.exp(x))


def joint(gen, v, u):
    p = math.prod(probability(g, s) for g, s in zip(gen.g, v, strict=True))
    for b, s in enumerate(u):
        x = gen.h[b] + sum(gen.G[b, a] * v[a] for a in range(len(v)))
        p *= probability(x, s)
    return p


def guess(rec, v, u):
    q = 1.0
    for a, s in enumerate(v):
        y = rec.w[a] + sum(rec.W[a, b] * u[b] for b in range(len(u)))
        q *= probability(y, s)
    return q


def tables(gen, rec, u):
    """P[v, u] and Q[v|u] of one input, for every pattern of causes."""
    patterns = list(itertools.product((0, 1), repeat=len(gen.g)))
    return [joint(gen, v, u) for v in patterns], [guess(rec, v, u) for v in patterns]


def slow_free_energy(gen, rec, u):
    rows = [tables(gen, rec, row) for row in u]
    return [sum(b * math.log(a / b) for a, b in zip(p, q, strict=True)) for p, q in rows]


def slow_kl(q, p):
    return [
        sum(float(a) * math.log(a / b) for a, b in zip(x, y, strict=True))
        for x, y in zip(q, p, strict=True)
    ]


def test_the_solutions_agree_with_slow_sums():
    answers = {question.id: solution(question) for question in check.questions("02")}
    for case in machines(np.random.default_rng(11)):
        np.testing.assert_allclose(
            answers["02.8"](*case.values()), slow_free_energy(*case.values()), rtol=0, atol=1e-10
        )
    q, p = np.random.default_rng(12).dirichlet(np.ones(6), (2, 9))
    np.testing.assert_allclose(answers["02.7"](q, p), slow_kl(q, p), rtol=0, atol=1e-10)


def test_slow_sums_are_accepted():
    assert grade("02.8", slow_free_energy).outcome == "correct"
    assert grade("02.7", slow_kl).outcome == "correct"


def by_input(total):
    """A student's function: one number a row of u, from P[v, u] and Q[v|u] of every pattern."""
    return lambda gen, rec, u: [total(*map(np.array, tables(gen, rec, row))) for row in u]


@pytest.mark.parametrize(
    ("slip", "total"),
    [
        ("entropy dropped", lambda p, q: sum(q * np.log(p))),
        ("entropy subtracted", lambda p, q: sum(q * np.log(p)) + sum(q * np.log(q))),
        ("entropy only", lambda p, q: -sum(q * np.log(q))),
        ("wrong sign", lambda p, q: sum(q * np.log(q / p))),
        ("log2 for ln", lambda p, q: sum(q * np.log2(p / q))),
        (
            "KL turned around",
            lambda p, q: np.log(sum(p)) - sum(p * np.log(p / sum(p) / q)) / sum(p),
        ),
        ("L for F", lambda p, q: np.log(sum(p))),
        ("gap for F", lambda p, q: sum(q * np.log(q / (p / sum(p))))),
        ("gap added", lambda p, q: np.log(sum(p)) + sum(q * np.log(q / (p / sum(p))))),
        ("Q left out of the average", lambda p, q: sum(np.log(p / q))),
        ("log Q as the weight", lambda p, q: sum(np.log(q) * np.log(p / q))),
        ("mean over the states", lambda p, q: np.mean(q * np.log(p / q))),
    ],
)
def test_a_slip_in_f_made_by_hand_is_recognised(slip, total):
    assert grade("02.8", by_input(total)).slip == slip


def test_a_slip_of_axis_or_prior_in_f_made_by_hand_is_recognised():
    def terms(gen, rec, u):
        rows = [map(np.array, tables(gen, rec, row)) for row in u]
        return np.array([q * np.log(p / q) for p, q in rows])

    def no_prior(gen, rec, u):
        flat = dataclasses.replace(gen, G=0 * gen.G, h=0 * gen.h)
        priors = [np.array(tables(flat, rec, row)[0]) * 2.0 ** len(row) for row in u]
        rows = [map(np.array, tables(gen, rec, row)) for row in u]
        pairs = zip(rows, priors, strict=True)
        return [sum(q * np.log(p / prior / q)) for (p, q), prior in pairs]

    assert grade("02.8", lambda *m: terms(*m).sum(axis=0)).slip == "sum over the wrong axis"
    assert grade("02.8", lambda *m: terms(*m).sum()).slip == "sum over the data"
    assert grade("02.8", lambda *m: terms(*m).sum(axis=1).mean()).slip == "mean over the data"
    assert grade("02.8", no_prior).slip == "prior left out"


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("KL turned around", lambda q, p: slow_kl(p, q)),
        ("wrong sign", lambda q, p: -np.array(slow_kl(q, p))),
        ("log2 for ln", lambda q, p: (q * np.log2(q / p)).sum(axis=1)),
        ("mean over the data", lambda q, p: np.mean(slow_kl(q, p))),
        ("sum over the data", lambda q, p: (q * np.log(q / p)).sum()),
        ("sum over the wrong axis", lambda q, p: (q * np.log(q / p)).sum(axis=0)),
        ("cross entropy", lambda q, p: (q * np.log(1 / p)).sum(axis=1)),
        ("p left out", lambda q, p: (q * np.log(q)).sum(axis=1)),
    ],
)
def test_a_slip_in_kl_made_by_hand_is_recognised(slip, wrong):
    assert grade("02.7", wrong).slip == slip


def test_the_tiny_machine_is_the_one_of_the_question():
    gen, rec, u = tiny()
    assert isinstance(gen, Generative)
    assert isinstance(rec, Recognition)
    p, q = tables(gen, rec, u[0])
    np.testing.assert_allclose(p, [1 / 8, 1 / 16, 3 / 16, 1 / 8], rtol=1e-12)
    np.testing.assert_allclose(q, [3 / 16, 1 / 16, 9 / 16, 3 / 16], rtol=1e-12)


def test_the_numbers_of_the_tiny_machine():
    p, q = tables(*tiny()[:2], [1])
    average = sum(b * math.log(a) for a, b in zip(p, q, strict=True))
    entropy = -sum(b * math.log(b) for b in q)
    assert grade("02.6", average + entropy).outcome == "correct"
    assert grade("02.6", round(average + entropy, 3)).outcome == "correct"
    assert grade("02.5", (average, entropy)).outcome == "correct"
    post = [a / sum(p) for a in p]
    inclusive = sum(a * math.log(a / b) for a, b in zip(post, q, strict=True))
    slips = {
        "entropy dropped": average,
        "log2 for ln": (average + entropy) / math.log(2),
        "L for F": math.log(sum(p)),
        "KL turned around": math.log(sum(p)) - inclusive,
        "prior left out": average + math.log(4) + entropy,
        "Q left out of the average": sum(map(math.log, p)) / 4 + entropy,
        "input off": sum(
            b * math.log(a / b) for a, b in zip(*tables(*tiny()[:2], [0]), strict=True)
        ),
    }
    for slip, value in slips.items():
        assert grade("02.6", value).slip == slip


def test_the_lines_of_the_derivation_are_equal_and_the_decoys_are_not():
    case = next(machines(np.random.default_rng(13)))
    gen, rec, u = case["gen"], case["rec"], case["u"][0]
    p, q = (np.array(table) for table in tables(gen, rec, u))
    p_u, post = p.sum(), p / p.sum()
    prior = np.array([math.prod(probability(g, s) for g, s in zip(gen.g, v, strict=True))
                      for v in itertools.product((0, 1), repeat=len(gen.g))])  # fmt: skip
    given_v = p / prior
    values = {
        "A": np.log(p_u) - np.sum(q * np.log(q / post)),
        "B": np.sum(q * np.log(given_v * p_u / q)),
        "C": np.sum(q * np.log(post * p_u / q)),
        "D": np.log(p_u) - slow_kl([q], [post])[0],
        "E": np.sum(q * np.log(p / q)),
        "J": np.log(p_u) - np.sum(post * np.log(post / q)),
        "K": np.log(p_u) + np.sum(q * np.log(post / q)),
        "N": np.sum(q * np.log(p_u)) + np.sum(q * np.log(post / q)),
    }
    [question] = [question for question in check.questions("02") if question.id == "02.1"]
    right = {letter for letter, value in values.items() if abs(value - values["E"]) < 1e-10}
    assert right == set(question.answer)
    assert set(values) == set(question.lines)


def test_no_two_sizes_of_a_trial_can_be_confused():
    for n_v, n_u, n in SIZES:
        assert len({n_v, n_u, n, 2**n_v}) == 4
