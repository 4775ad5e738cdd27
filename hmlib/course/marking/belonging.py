"""Whether hand-ins belong to the marks that a folder has: others would replace them unseen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hmlib.course.marking.handins import HandIn, number_of, per_notebook
from hmlib.course.marking.judging import Result

TABLE = "marks.csv"
"""The table of marks, in the folder of the marks."""


@dataclass(frozen=True)
class _Known:
    """Whose hand-ins of which notebook are kept, by Moodle's number and by name."""

    numbers: frozenset[tuple[str, str]]
    names: frozenset[tuple[str, str]]
    unnumbered: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, kept: Iterable[Result]) -> _Known:
        numbers, names, unnumbered = set(), set(), set()
        for one in kept:
            number, notebook = number_of(one["file"]), one["notebook"]
            name = one["student"].removesuffix(f" {number}"), notebook
            names.add(name)
            if number:
                numbers.add((number, notebook))
            else:
                unnumbered.add(name)
        return cls(frozenset(numbers), frozenset(names), frozenset(unnumbered))

    def has(self, one: HandIn) -> bool:
        """Whether a hand-in of the same student is kept.

        Moodle numbers students anew in every assignment: with another number it is somebody else,
        or another assignment, though the name is the same.
        """
        name, number = (one.student, one.notebook), number_of(one.file)
        if not number:
            return name in self.names
        return (number, one.notebook) in self.numbers or name in self.unnumbered


def refuse_others(
    out: Path, folder: Path, handins: Sequence[HandIn], kept: Sequence[Result]
) -> None:
    """Refuse hand-ins of which none was marked into a folder that has marks.

    One in common is enough: others may have come late, changed, or vanished.

    Args:
        out: where the marks are, or are to be.
        folder: where the hand-ins are.
        handins: what is in it.
        kept: what was run for the marks that are there.

    Raises:
        ValueError: names what is there and what was given.
    """
    if not kept or not (out / TABLE).exists():
        return
    known, given = _Known.of(kept), [one for one in handins if not one.trouble]
    if any(known.has(one) for one in given):
        return
    there = per_notebook({one["file"]: one["notebook"] for one in kept})
    here = per_notebook({one.file: one.notebook for one in given}) or "nothing that can be marked"
    raise ValueError(
        f"--out is {str(out)!r}, which has the marks of notebook {there}. FOLDER is "
        f"{str(folder)!r}, and has none of these hand-ins but {here}; accepted: another folder for "
        "--out, so that no marks are replaced, or the hand-ins that were marked there"
    )
