"""By whose numbers a hand-in is judged: what it was made under, and what its file says."""

from __future__ import annotations

from hmlib.check.varying import variant_of, words
from hmlib.course.marking.noticing import FOREIGN, OTHERWISE

NAMES = ("fitting", "typed", "file")
"""Which name says whose numbers they are."""

NOBODY = "no name typed: judged by the shared numbers"
NONE = "made under no name: judged by the numbers of {student!r}"


def whose(typed: str, student: str, names: str, asked: bool = False) -> tuple[int, str]:
    """Which variant a hand-in is judged by, and what is to be noticed about it.

    Args:
        typed: the name in its `check.student(name)`; empty if there is none.
        student: whose it is by its file or folder.
        names: "fitting": the typed name, if its words are among those of the file's name or the
            other way round, else the file's; a hand-in without a name has the printed numbers.
            "typed": the typed name, whatever it is. "file": the name of the file.
        asked: whether the hand-in has a cell that asks for a name.

    Returns:
        The number of the variant, 0 for the numbers that are printed, and a flag in words.
    """
    own, given = _words(student), _words(typed)
    if names == "file" or (names == "fitting" and given and not _fit(given, own)):
        if not own:
            return 0, f"no name can be read from {student!r}: judged by the printed numbers"
        if not given:
            return variant_of(student), NONE.format(student=student)
        same = _fit(given, own) and variant_of(typed) == variant_of(student)
        return variant_of(student), "" if same else FOREIGN.format(typed=typed, student=student)
    if not given:
        return 0, NOBODY if asked else ""
    return variant_of(typed), "" if given == own else OTHERWISE.format(typed=typed)


def _words(name: str) -> set[str]:
    try:
        return set(words(name))
    except ValueError:
        return set()


def _fit(given: set[str], own: set[str]) -> bool:
    return bool(own) and (given <= own or own <= given)
