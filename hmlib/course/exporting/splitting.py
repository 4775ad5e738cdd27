"""A cell that asks and checks, split: what is answered, and what is checked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hmlib.check.bank import find
from hmlib.check.kinds import Numbers
from hmlib.course.handing_out.filling import (
    ROOT,
    Cell,
    answered,
    checked,
    code,
    needed,
    published,
    typed,
)


@dataclass(frozen=True)
class Asked:
    """One question of a notebook.

    Attributes:
        id: such as "02.5".
        name: the same as a word, "02_5".
        stub: what a student starts from.
        solution: what is typed in its place.
        given: what is checked, as it is written: `answer_02_5`.
        check: the lines that show the verdict.
        seed: of the cases on which it is tried; it is hidden with the tests.
    """

    id: str
    name: str
    stub: str
    solution: str
    given: str
    check: str
    seed: int

    @property
    def parts(self) -> int:
        """Into how many parts its points fall."""
        question = find(self.id)
        return len(question.names) if isinstance(question, Numbers) else 1


def cells(notebook: str, seed: int, questions_only: bool = False) -> Iterator[Cell | Asked]:
    """The cells of a notebook in their order, with a question in place of each that checks one.

    Args:
        notebook: its two digits.
        seed: from which those of the cases are made; whoever knows it knows the cases.
        questions_only: leave out what no question needs, so that a grader has little to run.
    """
    imported = False
    for cell in json.loads(published(notebook))["cells"]:
        source = "".join(cell["source"])
        imports = cell["cell_type"] == "code" and not imported
        imported = imported or imports
        if id := checked(cell, notebook):
            yield _asked(id, notebook, source, seed)
        elif not questions_only or imports or _asks(source):
            yield cell


def write(
    base: Path,
    notebooks: tuple[str, ...],
    seed: int,
    questions_only: bool,
    split: Callable[[Asked], list[Cell]],
    first: Callable[[str], list[Cell]] = lambda name: [],
) -> list[Path]:
    """Write `base/NAME/NAME.ipynb` for each notebook, as a grader wants it.

    Args:
        base: the folder.
        notebooks, seed, questions_only: as in `cells`.
        split: from a question to its cells.
        first: from the name to the cells that stand before all others.
    """
    made = []
    for notebook in notebooks:
        [path] = (ROOT / "notebooks").glob(f"{notebook}_*.ipynb")
        folder = base / path.stem
        folder.mkdir(parents=True)
        written = first(path.stem)
        for cell in cells(notebook, seed, questions_only):
            written += split(cell) if isinstance(cell, Asked) else [cell]
        target = folder / path.name
        target.write_text(document(written, notebook), encoding="utf-8")
        made.append(target)
    return made


def _asks(source: str) -> bool:
    """Whether a cell belongs to a question: it shows it, or is its heading."""
    return source.startswith(("# ", "check.ask(")) or "### Exercise" in source


def _asked(id: str, notebook: str, source: str, seed: int) -> Asked:
    call = f'check("{id}", '
    stub, _, rest = source.partition(call)
    whole = answered(source, id, typed(notebook)[id])
    solution = whole.partition(call)[0].strip()
    if "def " in solution:
        solution = f"{needed(notebook)}\n\n\n{solution}"
    digest = hashlib.sha256(f"{seed}/{id}".encode()).digest()
    return Asked(
        id,
        id.replace(".", "_"),
        stub.strip(),
        solution,
        rest.partition(")")[0],
        f"{call}{rest}".rstrip(),
        int.from_bytes(digest[:4], "big"),
    )


def document(cells: list[Cell], notebook: str) -> str:
    """The text of a notebook with these cells; every cell gets a name that is its own."""
    shell = json.loads(published(notebook))
    named = [cell | {"id": cell.get("id", f"given-{k}")} for k, cell in enumerate(cells)]
    return json.dumps(shell | {"cells": named}, indent=1, ensure_ascii=False) + "\n"


def code_cell(source: str, id: str) -> Cell:
    """A code cell that has not been run."""
    return code(source) | {"id": re.sub(r"[^\w-]", "-", id)}
