"""What is noticed of a hand-in and names somebody, and how its student is told without the name.

Teachers read flags in `marks.csv` and on the class page; a student's page may name nobody else.
"""

from __future__ import annotations

import re

NAMESAKE = "somebody else has the name {student!r}: told apart by Moodle's number {number}"
FOREIGN = (
    "made under the name {typed!r}, which is not {student!r}: judged by the numbers of {student!r}"
)
OTHERWISE = "made under the name {typed!r}"
SEVERAL = "more than one file, the oldest first: {files}"

CORRECTED = "corrected by hand: {id}, {points} in place of {before}: {reason}"

SETTLED = (NAMESAKE, CORRECTED)
"""Flags of what is in order: they stand in the table, and there is nothing to look at."""

TOLD = (
    (NAMESAKE, "told apart by Moodle's number"),
    (FOREIGN, "made under another name: judged by the numbers of whoever handed it in"),
    (OTHERWISE, "made under another name"),
    (SEVERAL, "more than one file"),
)
"""Flags that can name others, and what a student reads in their place; the first that fits."""


def for_student(flag: str) -> str:
    """A flag in the words for its student, in which nobody else is named.

    Args:
        flag: as the teacher reads it.
    """
    return next((own for template, own in TOLD if _fits(template, flag)), flag)


def is_corrected(flag: str) -> bool:
    """Whether a flag says what a teacher has corrected."""
    return _fits(CORRECTED, flag)


def is_settled(flag: str) -> bool:
    """Whether nothing is left to do about what a flag says."""
    return any(_fits(template, flag) for template in SETTLED)


def _fits(template: str, flag: str) -> bool:
    parts = re.split(r"\{[^}]*\}", template)
    return re.fullmatch(".*".join(map(re.escape, parts)), flag, re.DOTALL) is not None
