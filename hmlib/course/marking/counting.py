"""What counts, and how much: one file that a teacher edits."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hmlib import check
from hmlib.check.kinds import Choice

NAME = "counts.toml"
WHICH = ("first", "last", "best")

HEAD = """\
# What counts, and how much. Change it and mark again: what was run is not run again.
#
# points  what a right answer gives; part of it where a part is right
# counts  false: marked and told, and not in the total
# tries   "first": the first answer that was handed in; "last": the last one; "best": the best one
#         (then a list of guesses in a loop is worth as much as knowing)

"""


@dataclass(frozen=True)
class Rule:
    """How one question counts.

    Attributes:
        points: for a right answer.
        counts: whether it is in the total.
        tries: which of several answers it is: "first", "last" or "best".
    """

    points: float = 1.0
    counts: bool = True
    tries: str = "last"


def rules(folder: Path) -> dict[str, Rule]:
    """The rules of every question by id; writes the file where there is none.

    Args:
        folder: where the file is, or is to be.

    Raises:
        ValueError: if something in it is not accepted; names the question.
    """
    path = folder / NAME
    if not path.exists():
        path.write_text(HEAD + written(), encoding="utf-8")
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    usual = {question.id: usually(question) for question in check.questions()}
    for id in told:
        if id not in usual:
            raise ValueError(f"{path}: there is no question {id!r}")
    return {id: _rule(path, id, rule, told.get(id, {})) for id, rule in usual.items()}


def usually(question: check.Question) -> Rule:
    """A choice can be guessed until it is right, so that its first try counts."""
    return Rule(tries="first" if isinstance(question, Choice) else "last")


def written() -> str:
    """The usual rules, a line a question."""
    lines = []
    for question in check.questions():
        rule = usually(question)
        words = f'points = {rule.points:g}, counts = true, tries = "{rule.tries}"'
        lines.append(f'"{question.id}" = {{ {words} }}  # {question.prose.title}\n')
    return "".join(lines)


def _rule(path: Path, id: str, usual: Rule, told: Any) -> Rule:
    def wrong(what: str, accepted: str) -> ValueError:
        return ValueError(f"{path}, question {id}: {what}; accepted: {accepted}")

    if not isinstance(told, Mapping):
        raise wrong(f"{told!r}", "{ points = 1, counts = true }")
    for name in told:
        if name not in ("points", "counts", "tries"):
            raise wrong(f"{name!r}", "points, counts, tries")
    points = told.get("points", usual.points)
    if isinstance(points, bool) or not isinstance(points, int | float) or not _fine(points):
        raise wrong(f"points = {points!r}", "a number, 0 or more")
    counts = told.get("counts", usual.counts)
    if not isinstance(counts, bool):
        raise wrong(f"counts = {counts!r}", "true or false")
    tries = told.get("tries", usual.tries)
    if tries not in WHICH:
        raise wrong(f"tries = {tries!r}", '"first", "last" or "best"')
    return Rule(float(points), counts, tries)


def _fine(points: float) -> bool:
    return math.isfinite(points) and points >= 0


@dataclass(frozen=True)
class Mark:
    """One question of one student.

    Attributes:
        state: "correct", "not yet", "not attempted" or "not there".
        points: what it gives.
        tries: how many different answers were handed in.
        message: what is said to it.
        slip: name of a recognised slip.
        said: the answer, in a few words.
    """

    state: str
    points: float
    tries: int
    message: str
    slip: str = ""
    said: str = ""


def settle(handed_in: Iterable[Mapping[str, Any]], id: str, rule: Rule) -> Mark:
    """The mark of one question, from all that a student handed in for a notebook, oldest first."""
    told = [result["questions"][id] for result in handed_in]
    tries = [one for question in told for one in question["tries"]]
    made = sum(question["made"] for question in told)
    if not tries:
        there = any(question["checked"] for question in told)
        words = next((q["untouched"] for q in reversed(told) if q["untouched"]), "")
        # What was run by an earlier version says nothing of cells that stopped.
        why = next((q["stopped"] for q in reversed(told) if q.get("stopped")), "")
        gone = why or "There is no check of this question in what was handed in."
        return Mark("not attempted" if there else "not there", 0.0, 0, words if there else gone)
    chosen = tries[0 if rule.tries == "first" else -1]
    if rule.tries == "best":
        chosen = max(tries, key=lambda one: float(one["score"]))
    points = rule.points * float(chosen["score"])
    words = chosen["message"]
    if chosen is not tries[-1] and rule.tries == "first" and len(tries) > 1:
        words = f"The first answer counts: {chosen['said']}. {words}"
    return Mark(chosen["outcome"], points, made, words, chosen["slip"], chosen["said"])
