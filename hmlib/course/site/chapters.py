"""The notebooks, as what the pages are made of.

A page has the notebook's words, code and outputs. Where the notebook shows a lab, the page has a
place for one that moves without a kernel: its picture and its question stand there for those who
print the page or run no scripts. Where the notebook asks a question, its hints are folded below.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hmlib.check import questions
from hmlib.course.site.recording import Call

IN_THE_NOTEBOOK = re.compile(
    r"In the notebook (?:all of it moves|it learns live, with any rate and seed)(?=\.)"
)
"""How the words end that say what a page leaves out of a lab."""


@dataclass(frozen=True)
class Chapter:
    """A notebook.

    Args:
        path: its file.
        cells: as the file has them.
        calls: id of a cell that shows a lab -> how it makes it.
    """

    path: Path
    cells: tuple[dict[str, Any], ...]
    calls: dict[str, Call]

    @property
    def name(self) -> str:
        """Such as "02_watch_the_free_energy"."""
        return self.path.stem

    @property
    def title(self) -> str:
        """Such as "02 · Watch the free energy"."""
        return source_of(self.cells[0]).partition("\n")[0].removeprefix("# ")

    def said(self, what: str) -> str:
        """What the first cell says after "**The question.**" and the like."""
        found = re.search(rf"\*\*{what}\.\*\* (.*)", source_of(self.cells[0]))
        return found[1] if found else ""


def read_chapters(folder: Path) -> list[Chapter]:
    """The notebooks of a folder, in order.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if a cell shows a lab that no function of the course makes.
    """
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise FileNotFoundError(
            f"notebooks is {folder}; accepted: a folder with notebooks such as 00_start_here.ipynb"
        )
    return [read_chapter(path) for path in paths]


def read_chapter(path: Path) -> Chapter:
    """One notebook; raises ValueError as `read_chapters` does."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    rooms: dict[str, str] = {}
    calls = {}
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        rooms |= _rooms(source_of(cell))
        if any(_is_lab(output) for output in cell["outputs"]):
            call = _call(source_of(cell), rooms)
            if call is None:
                raise ValueError(
                    f"cell {cell['id']} of {path.name} shows a lab; accepted: a last line that "
                    "calls a function of the course, such as labs.ceiling()"
                )
            calls[cell["id"]] = call
    return Chapter(path, tuple(cells), calls)


def source_of(cell: dict[str, Any]) -> str:
    """The text of a cell."""
    return "".join(cell["source"])


def calls_of(chapters: Sequence[Chapter]) -> list[Call]:
    """The labs of all notebooks, each once."""
    return list(dict.fromkeys(call for one in chapters for call in one.calls.values()))


@dataclass(frozen=True)
class Leads:
    """What a page says, as HTML, of where its notebook runs and what can be taken from it.

    Args:
        top: under the first cell.
        exercise: above the first question.
        moves: after the words that in the notebook all of a lab moves.
    """

    top: str = ""
    exercise: str = ""
    moves: str = ""


NOWHERE = Leads()


def page_of(chapter: Chapter, still: dict[str, str], leads: Leads = NOWHERE) -> str:
    """A notebook for the pages, as JSON.

    Args:
        chapter: the notebook.
        still: key of a lab -> what stands on the page in its place, as HTML.
        leads: where the page leads beside other pages.
    """
    cells: list[dict[str, Any]] = []
    exercise = leads.exercise
    for cell in chapter.cells:
        hints = _hints(cell)
        if hints and exercise:
            cells.append(_words("run-exercises", exercise))
            exercise = ""
        cells.append(_for_a_page(cell, chapter, still, leads.moves))
        if leads.top and cell is chapter.cells[0]:
            cells.append(_words("run-here", leads.top))
        if hints:
            cells.append(_words(f"{cell['id']}-hints", hints))
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    metadata["language_info"] = {"name": "python"}
    about = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(about, ensure_ascii=False, indent=1)


def _words(id: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": source}


def _for_a_page(
    cell: dict[str, Any], chapter: Chapter, still: dict[str, str], moves: str
) -> dict[str, Any]:
    if cell["cell_type"] != "code":
        return cell
    call = chapter.calls.get(cell["id"])
    outputs = [
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"text/html": IN_THE_NOTEBOOK.sub(rf"\g<0>{moves}", still[call.key])},
        }
        if call and _is_lab(output)
        else output
        for output in cell["outputs"]
    ]
    return cell | {"outputs": outputs}


def _is_lab(output: dict[str, Any]) -> bool:
    data = output.get("data", {})
    return "image/png" in data and "".join(data.get("text/plain", "")).startswith("Lab ")


def _rooms(source: str) -> dict[str, str]:
    """Names by which a cell imports modules of the course -> the modules."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hmlib.course.nb"):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _call(source: str, rooms: dict[str, str]) -> Call | None:
    """The lab that a cell's last line makes; arguments that are the student's own are left out."""
    last = ast.parse(source).body[-1]
    call = last.value if isinstance(last, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    owner = call.func.value
    module = rooms.get(owner.id) if isinstance(owner, ast.Name) else None
    if module is None:
        return None
    words = [part.value for part in call.args if isinstance(part, ast.Constant)]
    return Call(module, call.func.attr, tuple(str(word) for word in words))


def _hints(cell: dict[str, Any]) -> str:
    """The hints of the question that a cell asks, folded, as Markdown; empty if it asks none."""
    if cell["cell_type"] != "code":
        return ""
    asked = re.findall(r'^check\("(\d\d\.\d+)"', source_of(cell), flags=re.MULTILINE)
    return "\n\n".join(_folded(id) for id in asked)


def _folded(id: str) -> str:
    question = next(one for one in questions(id.partition(".")[0]) if one.id == id)
    levels: Iterator[int] = iter(range(1, len(question.prose.hints) + 1))
    hints = [
        f"<details><summary>{id}, hint {level} of {len(question.prose.hints)}</summary>\n\n"
        f"{question.hint(level).markdown}\n\n</details>"
        for level in levels
    ]
    return "\n\n".join(hints)
