"""Homework: ask, answer, and be told why.

    from hmlib import check
    check("02.8", free_energy)      # prints a verdict on an answer, here a function
    check.ask("02.8")               # prints the question
    check.hint("02.8", 1)           # prints the first of its hints
    check.questions("02")           # the questions of notebook 02
    check.grade("02.8", answer)     # the verdict as a record; prints nothing

An unattempted answer is `...`, or a function whose body is `...`.

Questions stand in `hmlib/course/nbNN/`, where NN is the notebook: one record in `QUESTIONS` of
`checks.py`, and its answer in `solutions.py`. New folders of these names are found by themselves,
and `tests/check` tries every question: the solution passes, the stub is not attempted, and every
recognised wrong answer gets its own sentence.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from functools import cache
from types import ModuleType

from hmlib.check.question import Question, Verdict, wrap
from hmlib.check.words import listed

_COURSE = "hmlib.course"
"""Where the questions stand: a package nbNN for each notebook."""

__all__ = ["Question", "Verdict", "ask", "check", "grade", "hint", "questions"]


def check(id: str, answer: object = ...) -> None:
    """Print a verdict on an answer: not attempted, not yet with the reason, or correct.

    Args:
        id: name of the question, such as "02.8".
        answer: a number, text, list or function, as the question asks.

    Raises:
        ValueError: if there is no such question. Nothing else is ever raised, except when a
            running function is interrupted from the keyboard.
    """
    verdict = grade(id, answer)
    print(verdict)
    if verdict.outcome == "not yet":
        print(f'For a hint: check.hint("{verdict.id}", 1)')


def grade(id: str, answer: object, seed: int = 0) -> Verdict:
    """Judge an answer and print nothing; the same arguments give the same verdict.

    Args:
        id: name of the question, such as "02.8".
        answer: the answer.
        seed: of the random machines on which a function is tried.

    Raises:
        ValueError: if there is no such question.
    """
    return _question(id).grade(answer, seed)


def ask(id: str) -> None:
    """Print a question.

    Raises:
        ValueError: if there is no such question.
    """
    print(_question(id).text())


def hint(id: str, level: int = 1) -> None:
    """Print one rung of a question's ladder of hints.

    Args:
        id: name of the question.
        level: 1 for the first hint; each further one says more.

    Raises:
        ValueError: if there is no such question.
    """
    question = _question(id)
    levels = range(1, len(question.hints) + 1)
    if level not in levels:
        print(f"{question.id} has {len(levels)} hints: ask for {listed(map(str, levels), 'or')}.")
        return
    print(wrap(f"{question.id}, hint {level} of {len(levels)}: {question.hints[level - 1]}"))


def questions(notebook: str | None = None) -> tuple[Question, ...]:
    """The questions of one notebook, such as "02", or of all.

    Raises:
        ValueError: if the notebook has no questions.
    """
    known = _notebooks()
    if notebook is not None and notebook not in known:
        raise ValueError(f"notebook is {notebook!r}; accepted: {listed(map(repr, known), 'or')}")
    chosen = known if notebook is None else (notebook,)
    return tuple(question for name in chosen for question in _bank(name).values())


def _question(id: str) -> Question:
    notebook = id.partition(".")[0] if isinstance(id, str) else ""
    bank = _bank(notebook) if notebook in _notebooks() else {}
    if not isinstance(id, str) or id not in bank:
        known = bank or [question.id for question in questions()]
        raise ValueError(f"id is {id!r}; accepted: {listed(known, 'or')}")
    return bank[id]


@cache
def _notebooks() -> tuple[str, ...]:
    course = importlib.import_module(_COURSE)
    names = (module.name for module in pkgutil.iter_modules(course.__path__))
    return tuple(sorted(name[2:] for name in names if re.fullmatch(r"nb\d\d", name)))


@cache
def _bank(notebook: str) -> dict[str, Question]:
    module = importlib.import_module(f"{_COURSE}.nb{notebook}.checks")
    return {question.id: question for question in module.QUESTIONS}


class _CallableModule(ModuleType):
    """Lets the module itself be called: `from hmlib import check; check("02.8", answer)`.

    Source: Python reference, "Customizing module attribute access".
    """

    def __call__(self, id: str, answer: object = ...) -> None:
        check(id, answer)


sys.modules[__name__].__class__ = _CallableModule
