"""Homework: ask, answer, and be told why.

    from hmlib import check
    check("02.8", free_energy)      # a verdict on an answer, here a function
    check.ask("02.8")               # the question
    check.hint("02.8", 1)           # the first of its hints
    check.questions("02")           # the questions of notebook 02
    check.grade("02.8", answer)     # the verdict as a record; shows nothing
    check.student("anna")           # from here on, numbers of anna's own

An unattempted answer is `...`, or a function whose body is `...`.

Questions with numbers have variants (`varying.py`). Until somebody says a name, all have the
numbers that are printed. A name says which variant is asked, and on which machines a function is
tried. Letters and orders are the same for everybody.

In a notebook the words are rendered, mathematics and code with them; without one they are printed.

Questions stand in `hmlib/course/nbNN/`, where NN is the notebook: all that a student reads in
`questions.md`, cases and slips in `checks.py`, the answers in `solutions.py`, what can be asked
with other numbers in `variants.py`. New folders of these
names are found by themselves, and `tests/check` tries every question: the solution passes, the
stub is not attempted, and every slip gets its own sentence.
"""

from __future__ import annotations

import sys
from types import EllipsisType, ModuleType

from hmlib.check.asking import Student, ask_for, called, now
from hmlib.check.bank import bank, find, notebooks
from hmlib.check.question import Question, Verdict
from hmlib.check.text import Text, marked, show, wrap
from hmlib.check.words import listed

__all__ = ["Question", "Verdict", "ask", "check", "grade", "hint", "questions", "student"]


def check(id: str, answer: object = ...) -> None:
    """Show a verdict on an answer: not attempted, not yet with the reason, or correct.

    Args:
        id: name of the question, such as "02.8".
        answer: a number, text, list or function, as the question asks.

    Raises:
        ValueError: if there is no such question. Nothing else is ever raised, except when a
            running function is interrupted from the keyboard.
    """
    asked = now()
    show(grade(id, answer, asked.seed, asked.variant).text())


def grade(id: str, answer: object, seed: int = 0, variant: int = 0) -> Verdict:
    """Grade an answer and show nothing; the same arguments give the same verdict.

    Args:
        id: name of the question, such as "02.8".
        answer: the answer.
        seed: of the random machines on which a function is tried.
        variant: which numbers the question has; 0 for those that are printed.

    Raises:
        ValueError: if there is no such question.
    """
    return find(id, variant).grade(answer, seed)


def ask(id: str) -> None:
    """Show a question, with the numbers of whoever is asked.

    Raises:
        ValueError: if there is no such question.
    """
    asked = now()
    question = find(id, asked.variant)
    show(question.text(question.own if asked.variant else ""))


def hint(id: str, level: int = 1) -> None:
    """Show one rung of a question's ladder of hints.

    Args:
        id: name of the question.
        level: 1 for the first hint; each further one says more.

    Raises:
        ValueError: if there is no such question.
    """
    question = find(id, now().variant)
    levels = range(1, len(question.prose.hints) + 1)
    if level not in levels:
        print(f"{question.id} has {len(levels)} hints: ask for {listed(map(str, levels), 'or')}.")
        return
    show(question.hint(level))


def _told(source: str) -> Text:
    said = marked(source)
    return Text(wrap(said), said.markdown)


NO_NAME = _told(
    "No name yet: put the name under which you hand in, in quotes, in place of the ... and run the "
    "cell again. Until then the numbers are those that are printed."
)
OWN = _told(
    "From here on questions with numbers have numbers of your own, and the marking knows them by "
    "this name: `check.ask` shows them."
)
ALIKE = _told("In this copy of the course the numbers are the same for everybody.")


def student(name: str | int | EllipsisType = ...) -> None:
    """Say who is asked: from here on, questions with numbers have numbers of this student's own.

    Args:
        name: a name or a number, as it will be written on what is handed in; `...` for nobody in
            particular, with the numbers that are printed.

    Raises:
        ValueError: if it is neither, or has no letter and no digit.
    """
    chosen = Student() if name is ... else called(name)
    ask_for(chosen)
    varies = any(one.varies for known in notebooks() for one in bank(known).values())
    show((OWN if varies else ALIKE) if chosen.variant else NO_NAME)


def questions(notebook: str | None = None) -> tuple[Question, ...]:
    """The questions of one notebook, such as "02", or of all.

    Raises:
        ValueError: if the notebook has no questions.
    """
    known = notebooks()
    if notebook is not None and notebook not in known:
        raise ValueError(f"notebook is {notebook!r}; accepted: {listed(map(repr, known), 'or')}")
    chosen = known if notebook is None else (notebook,)
    return tuple(question for name in chosen for question in bank(name).values())


class _CallableModule(ModuleType):
    """Lets the module itself be called: `from hmlib import check; check("02.8", answer)`.

    Source: Python reference, "Customizing module attribute access".
    """

    def __call__(self, id: str, answer: object = ...) -> None:
        check(id, answer)


sys.modules[__name__].__class__ = _CallableModule
