"""The verdict on one hand-in: made out here, by the questions with their answers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hmlib.check import border
from hmlib.check.bank import bank
from hmlib.check.function import Function
from hmlib.check.question import Question, Verdict
from hmlib.check.trial import Recorded
from hmlib.check.words import kind, plain
from hmlib.course.marking.library import hand_in_library
from hmlib.course.marking.naming import whose
from hmlib.course.marking.sandbox import Limits
from hmlib.course.marking.warden import Check, Warden

MOST_TRIES = 20
"""Different answers to one question that are judged: the first and the last of them."""

TAMPERED = (
    "While it was tried, the function switched off what watches which functions it calls. "
    "Leave `sys.setprofile` and `sys.settrace` out of it."
)

ROOM = 5
"""So many times wider are the limits for functions than in the student's copy."""

NOT_READ = ("SyntaxError", "IndentationError", "TabError", "ImportError", "ModuleNotFoundError")
"""Errors that stop a whole cell, whatever else is right in it: they are flagged."""

Result = dict[str, Any]
"""What is kept of one hand-in, as JSON can say it."""


@dataclass(frozen=True)
class Job:
    """One hand-in to mark; it can be sent to another process or computer.

    Attributes:
        file: its name below the folder that is marked.
        student: whose it is, as far as the name tells.
        notebook: its two digits.
        cells: source of every code cell.
        before: cells to run first.
        seed: of the cases on which functions are tried; nobody who hands in knows it.
        limits: what it may use.
        sandboxed: False to run it as an ordinary process.
        names: which name says by whose numbers it is judged; see `naming.whose`.
        called: the student's name alone, where `student` has a number too.
    """

    file: str
    student: str
    notebook: str
    cells: tuple[str, ...]
    before: tuple[str, ...]
    seed: int
    limits: Limits
    sandboxed: bool = True
    names: str = "fitting"
    called: str = ""


def mark_one(job: Job) -> Result:
    """Run one hand-in in its sandbox and judge what it told."""
    warden = Warden(hand_in_library(), list(job.cells), list(job.before), job.limits, job.sandboxed)
    with warden.open() as told:
        asked = any("check.student(" in source for source in job.cells)
        variant, noticed = whose(told.student, job.called or job.student, job.names, asked)
        if noticed:
            told.flag(noticed)
        questions = bank(job.notebook, variant).values()
        made: dict[str, list[Check]] = {question.id: [] for question in questions}
        for one in told.checks:
            if one.id in made:
                made[one.id].append(one)
        judged = {q.id: judge(q, made[q.id], warden, job) for q in questions}
        for cell, error in sorted(told.errors.items()):
            if error.partition(":")[0] in NOT_READ:
                told.flag(f"cell {cell + 1}: {error}")
    return {
        "file": job.file,
        "student": job.student,
        "notebook": job.notebook,
        "name": told.student,
        "variant": variant,
        "flags": told.flags,
        "errors": {str(cell + 1): error for cell, error in sorted(told.errors.items())},
        "questions": judged,
    }


def judge(question: Question, checks: Sequence[Check], warden: Warden, job: Job) -> Result:
    """The tries at one question that can be judged, in their order, and how many there were."""
    different: dict[str, Check] = {}
    for one in checks:
        key = json.dumps(one.value, sort_keys=True)
        different.setdefault(one.serial if one.value == {"is": "function"} else key, one)
    seed = secret_seed(job.seed, job.student, question.id)
    order = list(different.values())
    if isinstance(question, Function):
        tries = last_attempt(question, order, warden, seed)
    else:
        half = MOST_TRIES // 2
        few = order if len(order) <= MOST_TRIES else order[:half] + order[-half:]
        tries = [told(question, one, warden, seed) for one in few]
    attempted = [one for one in tries if one["outcome"] != "not attempted"]
    many = sum(one.value not in ({"is": "..."}, None) for one in order)
    return {
        "checked": bool(checks),
        "tries": attempted,
        "made": max(many, len(attempted)) if attempted else 0,
        "untouched": tries[-1]["message"] if tries and not attempted else "",
        "stopped": "" if checks else stopped(question.id, job.cells, warden.told.errors),
    }


def stopped(id: str, cells: Sequence[str], errors: Mapping[int, str]) -> str:
    """Why a check was never made: the cell that it stands in stopped. Empty if none did."""
    check = re.compile(rf"""\(\s*(["']){re.escape(id)}\1""")
    for cell, error in sorted(errors.items(), reverse=True):
        if check.search(cells[cell]):
            return f"The cell with its check, code cell {cell + 1}, stopped: {error}."
    return ""


def last_attempt(
    question: Function, checks: Sequence[Check], warden: Warden, seed: int
) -> list[Result]:
    """The last function that was more than an untouched one."""
    found: list[Result] = []
    for one in reversed(checks[-MOST_TRIES:]):
        found = [told(question, one, warden, seed)]
        if found[0]["outcome"] != "not attempted":
            break
    return found


def told(question: Question, one: Check, warden: Warden, seed: int) -> Result:
    """The verdict on one try, as JSON can say it."""
    said = "a function"
    try:
        if one.value == {"is": "function"} and isinstance(question, Function):
            verdict = tried(question, one, warden, seed)
        else:
            value = border.decode(one.value)
            said = plain(value)[:200] if isinstance(value, str) else kind(value)
            verdict = question.grade(value, seed)
    except Exception as error:
        # What crossed is forged if it cannot be read: it has earned nothing.
        verdict = question.not_yet(f"This answer could not be read ({type(error).__name__}).")
    return {
        "cell": one.cell + 1,
        "said": said,
        "outcome": verdict.outcome,
        "score": round(float(verdict.score), 6),
        "slip": verdict.slip,
        "message": str(verdict.message),
    }


def tried(question: Function, one: Check, warden: Warden, seed: int) -> Verdict:
    """The verdict on a kept function."""
    calls = warden.call(one.serial, question.draw(seed), question.may_not_call)
    if any(trial.called == "sys.setprofile" for _, trial in calls):
        return question.not_yet(TAMPERED)
    return with_room(question, Recorded(calls), seed)


def with_room(question: Function, function: object, seed: int) -> Verdict:
    """The verdict on a function, with wider limits than in the student's copy.

    What is just within them on the cases of the copy may be just outside on others. Slips are
    recognised first, so that none comes in by this.
    """
    verdict = question.grade(function, seed)
    if verdict.outcome != "not yet" or verdict.slip:
        return verdict
    wide = replace(question, rtol=ROOM * question.rtol, atol=ROOM * question.atol)
    again = wide.grade(function, seed)
    return again if again.outcome == "correct" else verdict


def secret_seed(seed: int, student: str, id: str) -> int:
    """The seed of the cases of one question for one student."""
    said = f"{seed}/{student}/{id}".encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:8], "big")
