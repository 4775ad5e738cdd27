"""Questions whose answer is a function: how it is tried, and what is said of its results."""

import itertools
import math
import sys
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from hmlib import exact
from hmlib.binary import Generative, Recognition
from hmlib.check import grade
from hmlib.check.function import Function
from hmlib.check.prose import Prose
from hmlib.check.slips import averaged, in_bits, summed, wrong_sign
from hmlib.check.words import inputs
from hmlib.course.machines import machines


def rows_sum(a, b):
    return (a * b).sum(axis=1)


def pairs(rng):
    for n, m in ((3, 2), (1, 4), (5, 3)):
        yield {"a": rng.normal(size=(n, m)), "b": rng.normal(size=(n, m))}


def function(**changes):
    fields = {
        "id": "00.1",
        "answer": rows_sum,
        "cases": pairs,
        "slips": {
            "wrong sign": wrong_sign(rows_sum),
            "log2 for ln": in_bits(rows_sum),
            "mean over the data": averaged(rows_sum),
            "sum over the data": summed(rows_sum),
        },
        "prose": Prose(
            why="Right.",
            otherwise="Look again.",
            slips={
                "wrong sign": "Sign.",
                "log2 for ln": "Bits.",
                "mean over the data": "Mean.",
                "sum over the data": "Sum.",
            },
        ),
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


def test_our_own_functions_are_tried_once_for_each_seed():
    calls = []

    def counted(a, b):
        calls.append(len(a))
        return rows_sum(a, b)

    question = function(answer=counted)
    for _ in range(3):
        assert question.grade(rows_sum, 4).outcome == "correct"
        assert question.grade(lambda a, b: 2 * a[:, 0], 4).outcome == "not yet"
    assert calls == [3, 1, 5]
    question.grade(rows_sum, 5)
    assert calls == [3, 1, 5] * 2


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
        (lambda a, b: rows_sum(a, b) * (1 + 1e-3), "close"),
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


@pytest.mark.parametrize(
    ("off", "close"), [(0.99e-2, True), (-0.99e-2, True), (1.01e-2, False), (-1.01e-2, False)]
)
def test_an_error_of_up_to_one_in_a_hundred_is_called_close(off, close):
    message = function().grade(lambda a, b: rows_sum(a, b) * (1 + off)).message
    assert ("That is close" in message) is close
    assert "is right." in message


def test_a_masked_result_is_refused_in_words():
    masked = function().grade(lambda a, b: np.ma.masked_less(rows_sum(a, b), -1e9))
    assert masked.outcome == "not yet"
    assert "This is a masked array" in masked.message
    assert "Tried on a of shape (3, 2)" in masked.message


def test_lists_and_single_precision_are_fine():
    assert function().grade(lambda a, b: rows_sum(a, b).tolist()).outcome == "correct"
    assert function().grade(lambda a, b: rows_sum(a, b).astype(np.float32)).outcome == "correct"


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
    def interrupted(a, b):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        function().grade(interrupted)


def doubled(gen, u):
    return Generative(2 * gen.g, 2 * gen.G, 2 * gen.h)


def some_machines(rng):
    for case in machines(rng):
        yield {"gen": case["gen"], "u": case["u"]}


def test_a_record_may_be_returned_whole_or_in_parts():
    question = function(
        answer=doubled, cases=some_machines, slips={"wrong sign": wrong_sign(doubled)}
    )
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

    question = function(answer=both, slips={"wrong sign": wrong_sign(both)})
    assert question.grade(lambda a, b: [a.sum(axis=1), b.sum()]).outcome == "correct"
    assert question.grade(lambda a, b: (-a.sum(axis=1), -b.sum())).slip == "wrong sign"
    assert "value 2" in question.grade(lambda a, b: (a.sum(axis=1), 7.0)).message
    assert "a tuple of 2 values" in question.grade(lambda a, b: 7.0).message


def table_question():
    return function(
        answer=exact.factorised_table,
        cases=lambda rng: [{"q": rng.uniform(size=(3, 2))}, {"q": rng.uniform(size=(1, 3))}],
        slips={},
        prose=Prose(why="Right.", otherwise="Look again."),
        may_not_call=("exact.factorised_table", "exact.log_likelihood"),
    )


def by_hand(q):
    patterns = list(itertools.product((0, 1), repeat=q.shape[1]))
    return np.array([[np.where(v, row, 1 - row).prod() for v in patterns] for row in q])


def test_what_is_to_be_written_may_not_be_called():
    under_another_name = exact.factorised_table

    def wraps(q):
        return under_another_name(q)

    def deeper(q):
        return np.concatenate([row for row in map(wraps, q[:, None])])

    def tried(q):
        return by_hand(q) if len(exact.factorised_table(q)) else None

    for lazy in (under_another_name, wraps, deeper, tried, partial(exact.factorised_table)):
        verdict = table_question().grade(lazy)
        assert verdict.outcome == "not yet"
        assert "calls `exact.factorised_table`" in verdict.message


def test_what_is_written_may_use_what_calls_it_inside():
    def written(q):
        machine = Generative.zeros(1, 2), Recognition.zeros(1, 2), np.ones((1, 1))
        exact.dream_free_energy(*machine)  # calls exact.log_likelihood by itself
        return by_hand(q)

    question = table_question()
    assert question.grade(written).outcome == "correct"
    assert question.grade(by_hand).outcome == "correct"
    assert question.grade(lambda q: 1 - by_hand(q)).outcome == "not yet"
    assert sys.getprofile() is None


def test_a_number_that_was_tried_is_told_in_six_digits():
    assert inputs({"rho": 0.06908043740877956, "n": 12}) == "rho = 0.0690804 and n = 12"


def test_a_method_may_be_barred_too():
    question = replace(table_question(), may_not_call=("binary.Recognition.log_prob",))
    rec = Recognition.zeros(n_u=1, n_v=2)

    def lazy(q):
        rec.log_prob([[0, 0]], [[0]])
        return by_hand(q)

    assert "`binary.Recognition.log_prob`" in question.grade(lazy).message
    assert question.grade(by_hand).outcome == "correct"


def test_an_array_of_one_number_will_do_where_one_number_is_wanted():
    question = replace(table_question(), answer=lambda q: float(q.sum()), may_not_call=(), slips={})
    for shape in ((), (1,), (1, 1)):
        right = question.grade(lambda q, shape=shape: np.full(shape, q.sum()))
        assert right.outcome == "correct"
    assert "shape (2,)" in question.grade(lambda q: np.full(2, q.sum())).message
