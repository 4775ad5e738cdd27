"""What the course calls: check, ask, hint, grade, questions."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

import hmlib.check as module
from hmlib import check
from hmlib.check import grade


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
    room = "hmlib.course.nb02"
    rooms = [room, *(f"{room}.{name}" for name in ("checks", "solutions", "variants"))]
    assert lines[-1] == f"[] {rooms}"


def test_asking_and_grading_load_neither_plots_nor_widgets_nor_ipython():
    code = (
        "import importlib, sys; from hmlib import check\n"
        "for q in check.questions():\n"
        "    room = importlib.import_module(f'hmlib.course.nb{q.id[:2]}.solutions')\n"
        "    check.ask(q.id); check.hint(q.id)\n"
        "    assert check.grade(q.id, room.ANSWERS[q.id]).outcome == 'correct'\n"
        "heavy = {'matplotlib', 'IPython', 'ipywidgets', 'anywidget', 'PIL'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


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
