"""What a teacher corrects by hand: one file, a line a correction, heeded at every marking."""

from __future__ import annotations

import difflib
import json
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hmlib.check.words import listed
from hmlib.course.marking.counting import Mark, Rule
from hmlib.course.marking.handins import HandIn, number_of
from hmlib.course.marking.judging import Result
from hmlib.course.marking.markup import amount
from hmlib.course.marking.noticing import CORRECTED

NAME = "corrections.toml"
FORM = '"STUDENT"."QUESTION" = { points = 1, reason = "why" }'
NEAR = 3
"""Names like an unknown one that are said."""

HEAD = f"""\
# Corrections by hand, a line each. Write them below and mark again: nothing is run again for them,
# and they stay in the table, on all pages and in Moodle's grades at every later marking.
#
# {FORM}
#
# STUDENT   as in the column `student` of marks.csv
# QUESTION  such as 02.6
# points    what it gives now: from 0 to what counts.toml says of the question
# reason    stands on the student's page

"""


@dataclass(frozen=True)
class Correction:
    """What one student gets for one question, whatever was marked.

    Attributes:
        points: that it gives.
        reason: for the student.
    """

    points: float
    reason: str

    def of(self, mark: Mark, id: str, rule: Rule) -> tuple[Mark, str]:
        """The mark as it is now, and a flag that says so."""
        if self.points and self.points >= rule.points:
            state = "correct"
        else:
            # Whoever attempted nothing still has not, if no points are given for it.
            state = "not yet" if self.points or mark.state == "correct" else mark.state
        before = amount(mark.points)
        words = f"Corrected by hand, {before} points before: {self.reason}"
        if state == mark.state:
            words = f"{words}\n{mark.message}"
        flag = CORRECTED.format(
            id=id, points=amount(self.points), before=before, reason=self.reason
        )
        slip = "" if state == "correct" else mark.slip
        return replace(mark, state=state, points=self.points, message=words, slip=slip), flag


Corrections = Mapping[tuple[str, str], Correction]
"""Student, with the number if there is one, and question -> what was corrected."""


def corrections(
    folder: Path,
    rules: Mapping[str, Rule],
    handins: Sequence[HandIn],
    kept: Iterable[Result] = (),
) -> Corrections:
    """The corrections that stand in the file; writes it, without any, where there is none.

    Args:
        folder: where the file is, or is to be.
        rules: what counts.
        handins: what is there to be marked.
        kept: what was marked before: whoever has vanished may still be named.

    Raises:
        ValueError: if something in it is not accepted; names the student and the question.
    """
    path = folder / NAME
    if not path.exists():
        path.write_text(HEAD, encoding="utf-8")
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} cannot be read: {error}; accepted, once a student and question: {FORM}"
        ) from None
    whose = _whose(handins, kept)
    found = {}
    for name, questions in told.items():
        student = unicodedata.normalize("NFC", name)
        if student not in whose:
            # The name alone, where there are several of it, is like all of them.
            near = sorted(difflib.get_close_matches(student, whose, NEAR, 0))
            such = listed(map(_quoted, near), "or") if near else "one that was marked"
            raise ValueError(
                f"{path}: {_quoted(name)} handed in nothing; accepted: a student as in the column "
                f"`student` of marks.csv, such as {such}"
            )
        if not isinstance(questions, Mapping):
            raise ValueError(f"{path}, {_quoted(name)}: {questions!r}; accepted: {FORM}")
        for id, one in questions.items():
            found[student, id] = _correction(path, name, id, one, rules, whose[student])
    return found


def _whose(handins: Sequence[HandIn], kept: Iterable[Result]) -> dict[str, set[str]]:
    """Who can be named, and which notebooks they handed in."""
    found: dict[str, set[str]] = {}
    for one in handins:
        if not one.trouble:
            found.setdefault(one.who, set()).add(one.notebook)
    now = {(one.student, one.notebook, number_of(one.file)): one.who for one in handins}
    for result in kept:
        who, notebook, number = result["student"], result["notebook"], number_of(result["file"])
        name = who.removesuffix(f" {number}")
        # Who is there and told apart by the number since, or no more, would not be corrected.
        if now.get((name, notebook, number), who) == who:
            found.setdefault(who, set()).add(notebook)
    return found


def _correction(
    path: Path, name: str, id: str, told: Any, rules: Mapping[str, Rule], notebooks: set[str]
) -> Correction:
    def wrong(what: str, accepted: str) -> ValueError:
        return ValueError(f"{path}, {_quoted(name)}, question {id}: {what}; accepted: {accepted}")

    known = [one for one in rules if one[:2] in notebooks]
    if id not in known:
        what = "it is of another notebook than was handed in" if id in rules else "there is none"
        raise wrong(what, f"in quotes, one of {', '.join(known)}")
    if not isinstance(told, Mapping):
        raise wrong(f"{told!r}", FORM)
    for field in told:
        if field not in ("points", "reason"):
            raise wrong(f"{field!r}", "points, reason")
    points: Any = told.get("points")
    most, number = rules[id].points, isinstance(points, int | float)
    if not number or isinstance(points, bool) or not 0 <= points <= most:
        said = "no points" if points is None else f"points = {points!r}"
        raise wrong(said, f"a number from 0 to {most:g}, what counts.toml says of it")
    reason = told.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise wrong("no reason" if reason is None else f"reason = {reason!r}", "some words")
    return Correction(float(points), " ".join(reason.split()))


def _quoted(name: str) -> str:
    """A name as it stands in the file."""
    return json.dumps(name, ensure_ascii=False)
