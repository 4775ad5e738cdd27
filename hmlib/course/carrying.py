"""Carries what was typed into a new version of a notebook: by the ids of cells, and loses nothing.

A cell that the student changed and the course did not is taken over. Where both changed, or nobody
knows who did, both texts are kept, one below the other, and it is told. What a notebook was when
it was handed out is known from the fingerprints that a handout leaves in its metadata, from git,
or from a copy of it.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Cell = dict[str, Any]
Notebook = dict[str, Any]
Given = Mapping[str, str]
"""Id of a cell -> fingerprint of its text when it was handed out."""

PLACE, FINGERPRINTS = "hmlib", "given"
"""Where a notebook's metadata have the fingerprints."""

CHECK = re.compile(r"^\s*check\(\s*[\"'](\d\d\.\d+)[\"']\s*,", re.MULTILINE)
DOTS = re.compile(r"(=\s*|^\s*)\.\.\.\s*$", re.MULTILINE)


@dataclass
class Carried:
    """What became of one notebook.

    Attributes:
        notebook: the new version, with what was typed in it.
        taken: how many cells were taken over in their places.
        own: how many cells of the student's own were put in.
        told: a sentence for each cell that somebody should look at.
    """

    notebook: Notebook
    taken: int = 0
    own: int = 0
    told: list[str] = field(default_factory=list)


def text_of(cell: Cell) -> str:
    """What stands in a cell."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def fingerprint(cell: Cell) -> str:
    """A short text that changes when the text of a cell does; white space at its end does not
    count."""
    return hashlib.sha256(text_of(cell).rstrip().encode()).hexdigest()[:16]


def fingerprints(notebook: Notebook) -> dict[str, str]:
    """Of every cell that has an id."""
    return {cell["id"]: fingerprint(cell) for cell in notebook["cells"] if "id" in cell}


def remember(notebook: Notebook) -> None:
    """Leave the fingerprints of a notebook in its metadata, in place: as it is handed out."""
    notebook.setdefault("metadata", {})[PLACE] = {FINGERPRINTS: fingerprints(notebook)}


def remembered(notebook: Notebook) -> Given:
    """The fingerprints that were left; none if it was not handed out with them."""
    left = notebook.get("metadata", {}).get(PLACE, {})
    found = left.get(FINGERPRINTS, {}) if isinstance(left, dict) else {}
    return found if isinstance(found, dict) else {}


def committed(path: Path) -> Given:
    """The fingerprints of a notebook as it was last committed; none if git does not know it."""
    try:
        made = subprocess.run(
            ["git", "show", f"HEAD:./{path.name}"],
            cwd=path.parent,
            capture_output=True,
            check=False,
        )
        return fingerprints(json.loads(made.stdout)) if made.returncode == 0 else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def question(cell: Cell) -> str:
    """The question that a cell answers; empty if none."""
    found = CHECK.search(text_of(cell)) if cell.get("cell_type") == "code" else None
    return found[1] if found else ""


def read(path: Path) -> Notebook:
    """A notebook.

    Raises:
        ValueError: if it is none; names the file.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as a notebook: {error}") from None
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ValueError(f"{path} is no notebook of format 4; accepted: a file with cells")
    return dict(found)


def carry(old: Notebook, new: Notebook, given: Given, pristine: Given | None = None) -> Carried:
    """The new version of a notebook with what was typed into the old one.

    Args:
        old: has the student's text; stays as it is.
        new: stays as it is.
        given: fingerprints of the old one when it was handed out; empty if nobody knows them.
        pristine: of the new one when it was handed out; if nobody knows, dots say where nothing was
            typed in yet.
    """
    cells = [dict(cell) for cell in new["cells"]]
    done = Carried({**new, "cells": cells})
    after: Cell | None = None
    for cell in old["cells"]:
        match = _match(cell, cells)
        if match is None:
            if _is_own(cell, given):
                after = _insert(cell, after, done)
                done.own += 1
                if cell.get("id") in given:
                    done.told.append(f"{_name(cell)} is no longer in the course; yours is kept")
            continue
        if fingerprint(cell) != fingerprint(match) and not _same(cell, given):
            match = _settle(cell, match, given, pristine or {}, done)
        after = match
    return done


def _match(cell: Cell, cells: Sequence[Cell]) -> Cell | None:
    """The cell of the new version that an old one belongs to: of its id, else of its question,
    else of its text."""
    same = [new for new in cells if "id" in cell and new.get("id") == cell["id"]]
    same = same or [new for new in cells if question(cell) and question(new) == question(cell)]
    same = same or [new for new in cells if fingerprint(new) == fingerprint(cell)]
    return same[0] if same else None


def _same(cell: Cell, given: Given) -> bool:
    """Whether a cell is known to be as it was handed out."""
    return given.get(cell.get("id", "")) == fingerprint(cell)


def _is_own(cell: Cell, given: Given) -> bool:
    """Whether the student would miss a cell: it has a text, and is not as it was handed out."""
    return bool(text_of(cell).strip()) and not _same(cell, given)


def _name(cell: Cell) -> str:
    """How a cell is called in a sentence."""
    first = text_of(cell).strip().splitlines()[0][:50]
    asked = question(cell)
    return f"the answer to {asked}" if asked else f"the cell that begins {first!r}"


def _settle(cell: Cell, match: Cell, given: Given, pristine: Given, done: Carried) -> Cell:
    """Put a changed cell where it belongs; returns the cell after which the next one comes."""
    known = cell.get("id") in given
    course_changed = given.get(cell.get("id", "")) != fingerprint(match)
    dots = bool(DOTS.search(text_of(match)))
    fresh = (
        pristine.get(match.get("id", "")) == fingerprint(match)
        if pristine
        else dots or not course_changed
    )
    answers = bool(question(cell)) and question(cell) == question(match)
    # Where nobody knows what was handed out, dots say that nothing was typed yet.
    typed = known or not DOTS.search(text_of(cell))
    if fresh and (not course_changed or (answers and typed)):
        match["source"] = cell.get("source", "")
        if "attachments" in cell:
            match["attachments"] = cell["attachments"]
        if match.get("cell_type") == "code":
            match.update(outputs=[], execution_count=None)
        done.taken += 1
        if course_changed and known:
            done.told.append(
                f"{_name(cell)} is in its place, and the course has changed that cell too: "
                "compare it with the question"
            )
        return match
    done.told.append(f"{_name(cell)} stands below the new text of its cell")
    return _insert(cell, match, done)


def _insert(cell: Cell, after: Cell | None, done: Carried) -> Cell:
    """Put a cell after another, or first; returns it as it stands there."""
    cells: list[Cell] = done.notebook["cells"]
    taken = {one.get("id") for one in cells}
    kept = dict(cell)
    if kept.get("cell_type") == "code":
        kept.update(outputs=[], execution_count=None)
    if kept.get("id") in taken:
        # The same text gets the same id, so that a second run finds it there.
        kept["id"] = f"kept-{fingerprint(cell)}"
        if kept["id"] in taken:
            return next(one for one in cells if one.get("id") == kept["id"])
    place = next((k for k, one in enumerate(cells) if one is after), -1)
    cells.insert(place + 1, kept)
    return kept
