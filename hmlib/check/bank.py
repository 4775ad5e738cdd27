"""Finding a question by its name: its code and its prose, in the folder of its notebook."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from functools import cache
from importlib import resources

from hmlib.check.prose import read
from hmlib.check.question import Question
from hmlib.check.sealed import questions
from hmlib.check.words import listed

COURSE = "hmlib.course"
"""Where the questions stand: a package nbNN for each notebook."""

SEALED = "sealed.json"
"""The questions in the student's edition, in place of all three files of the full one."""


def find(id: str, variant: int = 0) -> Question:
    """The question of this name, with the numbers of a variant; 0 for those that are printed.

    Raises:
        ValueError: if there is no such question.
    """
    notebook = id.partition(".")[0] if isinstance(id, str) else ""
    known = bank(notebook, variant) if notebook in notebooks() else {}
    if not isinstance(id, str) or id not in known:
        accepted = known or [id for notebook in notebooks() for id in bank(notebook)]
        raise ValueError(f"id is {id!r}; accepted: {listed(accepted, 'or')}")
    return known[id]


@cache
def notebooks() -> tuple[str, ...]:
    """The numbers of the notebooks that have a folder, such as "02"."""
    course = importlib.import_module(COURSE)
    names = (module.name for module in pkgutil.iter_modules(course.__path__))
    return tuple(sorted(name[2:] for name in names if re.fullmatch(r"nb\d\d", name)))


@cache
def bank(notebook: str, variant: int = 0) -> dict[str, Question]:
    """The questions of one notebook by id, each with its prose; sealed in a student's edition.

    Args:
        notebook: its two digits.
        variant: which numbers they have; 0 for those that are printed.

    Raises:
        ValueError: if code and prose do not belong together; names file and line.
    """
    room = f"{COURSE}.nb{notebook}"
    sealed = resources.files(room).joinpath(SEALED)
    if sealed.is_file():
        return questions(json.loads(sealed.read_text(encoding="utf-8")), variant)
    asked = importlib.import_module(f"{room}.checks").QUESTIONS
    asked = tuple(question.variant(variant) for question in asked)
    source = resources.files(room).joinpath("questions.md").read_text(encoding="utf-8")
    return put_together(asked, source, f"{room.replace('.', '/')}/questions.md")


def put_together(questions: tuple[Question, ...], source: str, file: str) -> dict[str, Question]:
    """Questions by id, each with its prose.

    Args:
        questions: as `checks.py` has them, without prose.
        source: text of `questions.md`.
        file: its name, for errors.

    Raises:
        ValueError: if code and prose do not belong together; names file and line.
    """
    prose = read(source, file, {question.id: question.values for question in questions})
    ids = [question.id for question in questions]
    for id in prose:
        if id not in ids:
            raise ValueError(f"{prose[id].place}: question {id} is not in checks.py")
    for id in ids:
        if id not in prose:
            raise ValueError(f"{file}: question {id} of checks.py is not there")
    if ids != list(prose):
        first = next(id for id, other in zip(prose, ids, strict=True) if id != other)
        raise ValueError(
            f"{prose[first].place}: {first} stands elsewhere in checks.py; order alike"
        )
    return {question.id: question.told(prose[question.id]) for question in questions}
