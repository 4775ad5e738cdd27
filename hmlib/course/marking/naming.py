"""By whose numbers a hand-in is judged: what it was made under, and what its file says."""

from __future__ import annotations

import unicodedata

from hmlib.check.varying import variant_of, words
from hmlib.course.marking.noticing import FOREIGN, OTHERWISE

NAMES = ("fitting", "typed", "file")
"""Which name says whose numbers they are."""

NOBODY = "no name typed: judged by the shared numbers"
NONE = "made under no name: judged by the numbers of {student!r}"

_LATER = "\u01c3"
"""A letter of no alphabet that has umlauts: it stands where one of them may have an e behind it."""
_UMLAUTS = str.maketrans({umlaut: umlaut + _LATER for umlaut in "\u00e4\u00f6\u00fc"})


def whose(typed: str, student: str, names: str, asked: bool = False) -> tuple[int, str]:
    """Which variant a hand-in is judged by, and what is to be noticed about it.

    Args:
        typed: the name in its `check.student(name)`; empty if there is none.
        student: whose it is by its file or folder.
        names: "fitting": the typed name, if its words are among those of the file's name or the
            other way round, ö being o or oe, else the file's; a hand-in without a name has the
            printed numbers.
            "typed": the typed name, whatever it is. "file": the name of the file.
        asked: whether the hand-in has a cell that asks for a name.

    Returns:
        The number of the variant, 0 for the numbers that are printed, and a flag in words.
    """
    own, given = _words(student), _words(typed)
    if names == "file" or (names == "fitting" and given and not _fit(typed, student)):
        if not own:
            return 0, f"no name can be read from {student!r}: judged by the printed numbers"
        if not given:
            return variant_of(student), NONE.format(student=student)
        same = _fit(typed, student) and variant_of(typed) == variant_of(student)
        return variant_of(student), "" if same else FOREIGN.format(typed=typed, student=student)
    if not given:
        return 0, NOBODY if asked else ""
    return variant_of(typed), "" if given == own else OTHERWISE.format(typed=typed)


def _words(name: str) -> set[str]:
    try:
        return set(words(name))
    except ValueError:
        return set()


def _spellings(name: str) -> list[set[str]]:
    """Of each word of a name how it may be written: "Möller" is `moller` or `moeller`.

    Without its umlaut "Moeller" has one spelling, so that "Moller" is somebody else.
    """
    small = unicodedata.normalize("NFC", name).casefold()
    found = _words(small.translate(_UMLAUTS))
    return [{word.replace(_LATER, ""), word.replace(_LATER, "e")} for word in found]


def _fit(typed: str, student: str) -> bool:
    """Whether all words of one name are among those of the other."""
    given, own = _spellings(typed), _spellings(student)
    return bool(own) and (_among(given, own) or _among(own, given))


def _among(few: list[set[str]], many: list[set[str]]) -> bool:
    return all(any(one & other for other in many) for one in few)
