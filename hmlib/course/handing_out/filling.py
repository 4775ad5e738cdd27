"""Fills answers into a notebook: for the teacher's edition, and to try the marking with."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from hmlib import check

Cell = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent.parent.parent
"""The checkout."""


@cache
def published(notebook: str) -> str:
    """The text of a notebook as it is handed out.

    Raises:
        ValueError: if it is not there, as in an installed package.
    """
    found = list((ROOT / "notebooks").glob(f"{notebook}_*.ipynb"))
    if len(found) != 1:
        raise ValueError(f"notebook {notebook} is not in {ROOT / 'notebooks'}: use a checkout")
    return found[0].read_text(encoding="utf-8")


def ids(notebook: str) -> list[str]:
    """The questions of a notebook by name."""
    return [question.id for question in check.questions(notebook)]


NOT_WRITTEN = "the library's (yours is not written yet)"
"""What a learner of 05 says while the student's own rule is missing."""


@cache
def solutions(notebook: str) -> Any:
    """The module with the answers."""
    return import_module(f"hmlib.course.nb{notebook}.solutions")


@cache
def typed(notebook: str) -> dict[str, str]:
    """The right answer to each question as it is typed: a value, or a function's source."""
    answers = solutions(notebook).ANSWERS
    return {
        id: inspect.getsource(answers[id]) if callable(answers[id]) else as_text(answers[id])
        for id in ids(notebook)
    }


def as_text(answer: Any) -> str:
    """A value as it is typed."""
    if isinstance(answer, str):
        return repr(answer)
    if isinstance(answer, tuple):
        return f"({', '.join(map(as_text, answer))})"
    number = float(answer)
    return str(int(number)) if number == int(number) else repr(number)


def needed(notebook: str) -> str:
    """What the functions of a solution need besides the notebook's own imports: imports, and names
    such as `Rng` that the module of the solutions defines for them."""
    source = inspect.getsource(solutions(notebook))
    typed_ones = "\n".join(text for text in typed(notebook).values() if "def " in text)
    used = {node.id for node in ast.walk(ast.parse(typed_ones)) if isinstance(node, ast.Name)}
    kept = []
    for node in ast.parse(source).body:
        text = ast.get_source_segment(source, node) or ""
        imported = isinstance(node, ast.Import | ast.ImportFrom) and "__future__" not in text
        named = isinstance(node, ast.Assign) and used & {
            target.id for target in node.targets if isinstance(target, ast.Name)
        }
        if imported or named:
            kept.append(text)
    return "\n".join(kept)


def code(source: str) -> Cell:
    """A code cell that has not been run."""
    cell: Cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    return {**cell, "source": source.splitlines(keepends=True)}


def name_cells() -> list[Cell]:
    """The cells that ask for a name, with what they print untouched."""
    cell = code("from hmlib import check\n\ncheck.student(...)") | {"execution_count": 1}
    data = {"text/markdown": check.NO_NAME.markdown, "text/plain": str(check.NO_NAME)}
    lines = {form: said.splitlines(keepends=True) for form, said in data.items()}
    cell["outputs"] = [{"data": lines, "metadata": {}, "output_type": "display_data"}]
    words = "Your name, in quotes, in place of the three dots gives you numbers of your own."
    prose: Cell = {"cell_type": "markdown", "metadata": {}, "source": [words]}
    return [{**prose, "id": "your-name-words"}, {**cell, "id": "your-name"}]


def checked(cell: Cell, notebook: str) -> str:
    """The question that a cell of the published notebook checks; empty if none."""
    source = "".join(cell["source"]) if cell["cell_type"] == "code" else ""
    return next((id for id in ids(notebook) if f'check("{id}", ' in source), "")


def filled(notebook: str, answers: Mapping[str, str], slim: bool = False) -> list[Cell]:
    """The cells of a notebook with answers in them.

    Args:
        notebook: its two digits.
        answers: question -> what is typed: a value, or a whole function or several lines.
        slim: leave out every cell that no answer needs.
    """
    cells: list[Cell] = []
    for k, cell in enumerate(json.loads(published(notebook))["cells"]):
        id, source = checked(cell, notebook), "".join(cell["source"])
        imports = cell["cell_type"] == "code" and not any(c["cell_type"] == "code" for c in cells)
        if slim and not id and not imports:
            continue
        if id in answers:
            cell = {**cell, "source": answered(source, id, answers[id]).splitlines(keepends=True)}
        cells.append({"id": f"cell-{k}", **cell})
        if imports and any("def " in answer for answer in answers.values()):
            cells.append({**code(needed(notebook)), "id": "what-the-solutions-need"})
    return cells


def answered(source: str, id: str, answer: str) -> str:
    """A cell with an answer in place of its dots."""
    head, call, tail = source.partition(f'check("{id}", ')
    name = tail.partition(")")[0]
    if name.isidentifier():
        # What is checked has the name of the notebook, whatever the solution is called.
        answer = re.sub(r"\Adef \w+\(", f"def {name}(", answer)
    if head.lstrip().startswith("def ") or "def " in answer or "\n" in answer:
        return f"{answer.rstrip()}\n\n\n{call}{tail}"
    return f"{name} = {answer}\n{call}{tail}"


def written(cells: list[Cell], like: str | None = None) -> str:
    """The text of a notebook with these cells, and the rest as in another."""
    shell = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5} if like is None else {}
    document = {**shell, **(json.loads(like) if like else {}), "cells": cells}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def with_solutions(notebook: str) -> str:
    """The teacher's notebook: every answer filled in, every verdict below it as it prints.

    Nothing below a question depends on its answer, so all other outputs stay as they are, but for
    the line in which a learner says whose rule it uses.
    """
    answers = typed(notebook)
    cells = filled(notebook, answers)
    for cell in cells:
        if id := checked(cell, notebook):
            text = check.grade(id, solutions(notebook).ANSWERS[id]).text()
            data = {"text/markdown": text.markdown, "text/plain": str(text)}
            lines = {form: said.splitlines(keepends=True) for form, said in data.items()}
            cell["outputs"] = [{"data": lines, "metadata": {}, "output_type": "display_data"}]
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = [line.replace(NOT_WRITTEN, "yours") for line in output["text"]]
    return written(cells, published(notebook))
