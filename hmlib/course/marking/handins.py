"""Finding hand-ins and reading them: which notebook, whose, and the source of its code cells.

Nothing of a hand-in is run here. A file that cannot be read is told in words and stops nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from hmlib.check.bank import notebooks
from hmlib.check.words import listed
from hmlib.course.marking.library import ROOT
from hmlib.course.marking.noticing import NAMESAKE
from hmlib.lab.foreseen import kept

LARGEST = 100 * 2**20
"""Bytes of a notebook that is read."""
MOST_CELLS = 1000
MOST_LABS = 100

_CHECKED = re.compile(r"""\(\s*["'](\d\d)\.\d+["']\s*,""")
_MOODLE = re.compile(r"_(\d+)_assignsubmission_.*$")
_COPY = re.compile(r"(?:[ _-]*(?:\(\d+\)|-Copy\d*))+$")
"""What browsers and Jupyter put behind the name of a copy."""


NO_NOTEBOOK = "no notebook: a file that ends in .ipynb is wanted"
ZIPPED = "no notebook but a zip: unpack it where it is, and mark again"
NO_NAME = "no name: neither the file nor a folder says whose it is"


@dataclass(frozen=True)
class HandIn:
    """One file that was handed in.

    Attributes:
        file: its name below the folder, with slashes.
        student: whose it is, as far as the name tells.
        notebook: its two digits; empty if it cannot be told.
        cells: source of every code cell.
        digest: of its bytes.
        predictions: title of a lab and what was predicted there.
        trouble: why it cannot be marked, in words; empty if it can.
        time: when it was last changed, in seconds.
        noticed: what a teacher should know of its name; empty if nothing.
        number: Moodle's for the student, if others of that name have another; else empty.
    """

    file: str
    student: str
    notebook: str = ""
    cells: tuple[str, ...] = ()
    digest: str = ""
    trouble: str = ""
    predictions: tuple[tuple[str, str], ...] = ()
    time: float = 0.0
    noticed: str = ""
    number: str = ""

    @property
    def who(self) -> str:
        """The student's name, and the number if the name alone is not enough."""
        return f"{self.student} {self.number}".strip()

    @property
    def is_other(self) -> bool:
        """Whether it is a file in a folder that is no notebook."""
        return "/" in self.file and not self.file.endswith(".ipynb")

    @property
    def place(self) -> str:
        """Its folder; Moodle's two of one student, for files and for text, are one."""
        return _MOODLE.sub(r"_\1", place_of(self.file))


def place_of(file: str) -> str:
    """The folder of a hand-in among the others, or its name without the end if it has none."""
    first, _, rest = file.partition("/")
    return first if rest else first.removesuffix(".ipynb")


def find(folder: Path, notebook: str | None = None) -> list[HandIn]:
    """All hand-ins below a folder, the oldest first; what is as old as another, by its name.

    Args:
        folder: each file in it is a hand-in, or each folder in it is a student's.
        notebook: its two digits, for files that do not say it.

    Raises:
        ValueError: if there is no such folder, nothing in it, or no such notebook.
    """
    if not folder.is_dir():
        raise ValueError(f"FOLDER is {str(folder)!r}; accepted: a folder with hand-ins")
    if notebook is not None and notebook not in notebooks():
        known = listed(map(repr, notebooks()), "or")
        raise ValueError(f"--notebook is {notebook!r}; accepted: {known}")
    paths = sorted(path for path in folder.rglob("*") if _counts(path.relative_to(folder)))
    found = [read(path, folder, notebook) for path in paths if path.is_file()]
    if not found:
        raise ValueError(f"FOLDER is {str(folder)!r}, and no file is in it")
    return sorted(told_apart(found), key=lambda one: one.time)


def told_apart(found: Sequence[HandIn]) -> list[HandIn]:
    """Give students of one name their numbers: two of a name, or all in an anonymous download."""
    numbers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in found:
        if not one.trouble:
            numbers[one.student, one.notebook].add(number_of(one.file))
    apart = []
    for one in found:
        number = number_of(one.file)
        if number and len(numbers[one.student, one.notebook] - {""}) > 1:
            noticed = NAMESAKE.format(student=one.student, number=number)
            one = replace(one, number=number, noticed=noticed)
        apart.append(one)
    return apart


def number_of(file: str) -> str:
    """Moodle's number of whoever handed it in; empty if there is none."""
    found = _MOODLE.search(file.partition("/")[0])
    return found[1] if found else ""


def per_notebook(files: Mapping[str, str]) -> str:
    """How many files there are of each notebook, with the name of one; empty if there is none.

    Args:
        files: name of a file -> the two digits of its notebook.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for file, notebook in files.items():
        found[notebook].append(file)
    told = [f"{one} ({len(all)}, such as {all[0]})" for one, all in sorted(found.items())]
    return listed(told) if told else ""


def _counts(path: Path) -> bool:
    return not any(part.startswith((".", "__MACOSX")) for part in path.parts)


def read(path: Path, folder: Path, notebook: str | None = None) -> HandIn:
    """One hand-in; what is wrong with it stands in `trouble`."""
    file = path.relative_to(folder).as_posix()
    student = student_of(path.relative_to(folder))
    if path.is_symlink() or path.suffix != ".ipynb":
        zipped = path.suffix.lower() == ".zip" and not path.is_symlink()
        return HandIn(file, student, trouble=ZIPPED if zipped else NO_NOTEBOOK)
    if path.stat().st_size > LARGEST:
        return HandIn(file, student, trouble=f"larger than {LARGEST // 2**20} MiB")
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    try:
        document = json.loads(content)
        cells = code_cells(document)
    except (ValueError, RecursionError) as error:
        said = error if type(error) is ValueError else "it is no JSON"
        return HandIn(file, student, digest=digest, trouble=f"cannot be read as a notebook: {said}")
    which = notebook or notebook_of(path.name, cells)
    if not which:
        trouble = "which notebook it is cannot be told; give --notebook"
        return HandIn(file, student, "", cells, digest, trouble)
    told, time = predicted(document), path.stat().st_mtime
    noticed = "" if _named(path.relative_to(folder)) else NO_NAME
    return HandIn(file, student, which, cells, digest, "", told, time, noticed)


def code_cells(document: Any) -> tuple[str, ...]:
    """The source of every code cell.

    Raises:
        ValueError: if this is not laid out as a notebook.
    """
    cells = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it has no list of cells")
    found = []
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        lines = source if isinstance(source, list) else [source]
        if not all(isinstance(line, str) for line in lines):
            raise ValueError("the source of a cell is no text")
        found.append("".join(lines).encode("utf-8", "replace").decode("utf-8"))
    if len(found) > MOST_CELLS:
        raise ValueError(f"it has {len(found)} code cells; accepted: up to {MOST_CELLS}")
    return tuple(found)


def predicted(document: Any) -> tuple[tuple[str, str], ...]:
    """What was predicted in labs, as the metadata of the cells say; it may be forged."""
    told: dict[str, str] = {}
    for cell in document["cells"]:
        told |= kept(cell)
    return tuple((title[:200], said[:200]) for title, said in list(told.items())[:MOST_LABS])


def notebook_of(name: str, cells: Sequence[str]) -> str:
    """Which notebook this is: by what it checks, or by its name; empty if neither tells."""
    known = set(notebooks())
    checked = Counter(n for source in cells for n in _CHECKED.findall(source) if n in known)
    if checked:
        return str(checked.most_common(1)[0][0])
    named = re.search(r"(?<!\d)(\d\d)_", name)
    return named[1] if named and named[1] in known else ""


def student_of(path: Path) -> str:
    """Whose it is: the folder that it lies in, or what its name says besides the notebook's."""
    return _named(path) or (path.parts[0] if len(path.parts) > 1 else _composed(path.stem))


def _named(path: Path) -> str:
    """The name that a path says; empty if it says none. A letter and its accent are one."""
    if len(path.parts) > 1:
        return _MOODLE.sub("", _composed(path.parts[0])).strip()
    stem = _composed(path.stem)
    if _MOODLE.search(stem):
        return _MOODLE.sub("", stem).strip()
    stem = _COPY.sub("", stem)
    for own in published():
        if own in stem:
            before, _, after = stem.partition(own)
            return before.strip(" _-.") or after.strip(" _-.")
    return re.sub(r"^\d\d([ _-]+|$)", "", stem).strip(" _-.")


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


@cache
def published() -> dict[str, tuple[str, ...]]:
    """The course's own notebooks: name without its end -> source of every code cell."""
    return {
        path.stem: code_cells(json.loads(path.read_bytes()))
        for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    }


def first_cell(notebook: str) -> tuple[str, ...]:
    """The imports of the course's own notebook, which stand in its first code cell."""
    found = [cells[:1] for name, cells in published().items() if name.startswith(notebook + "_")]
    return found[0] if found else ()
