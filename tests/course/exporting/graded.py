"""Hand-ins of exported notebooks, each with the score that every question has to get."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from course.turns import turn

from hmlib.course.exporting import splitting
from hmlib.course.exporting.splitting import Asked
from hmlib.course.handing_out.filling import ROOT, ids, needed, typed

NOTEBOOK = "02"
"""Of this one there are ten hand-ins, of those in turn two."""

NOTEBOOKS = sorted({NOTEBOOK, *turn()})
Cell = dict[str, Any]
IdOf = Callable[[Cell], str]
"""Which question a cell answers or checks; empty if none."""


@dataclass(frozen=True)
class Graded:
    """One hand-in.

    Attributes:
        name: of the student.
        answers: question -> what is typed in the cell of its answer; None to remove the cell.
        scores: question -> what it has to get, where that is not 0.
        checks: question -> what is typed in the cell of its check.
    """

    name: str
    answers: Mapping[str, str | None]
    scores: Mapping[str, float]
    checks: Mapping[str, str] = field(default_factory=dict)


def name_of(id: str) -> str:
    return f"answer_{id.replace('.', '_')}"


def lines() -> dict[str, str]:
    """What a student types who knows everything."""
    functions = {id for id, text in typed(NOTEBOOK).items() if "def " in text}
    return {
        id: f"{needed(NOTEBOOK)}\n\n\n{text}" if id in functions else f"{name_of(id)} = {text}"
        for id, text in typed(NOTEBOOK).items()
    }


def ten() -> list[Graded]:
    right, points = lines(), dict.fromkeys(ids(NOTEBOOK), 1.0)
    half = dict(list(right.items())[:5])
    one, two = typed(NOTEBOOK)["02.5"].strip("()").split(", ")
    odd = {"02.5": f"answer_02_5 = np.array([[{one}], [{two}]])", "02.9": "answer_02_9 = 48.0"}
    return [
        Graded("right", right, points),
        Graded("untouched", {}, {}),
        Graded("half", half, dict.fromkeys(half, 1.0)),
        Graded("part", {"02.5": f"answer_02_5 = ({one}, 5.0)"}, {"02.5": 0.5}),
        Graded("odd", right | odd, points),
        Graded("slip", right | {"02.6": f"answer_02_6 = {one}"}, points | {"02.6": 0}),
        Graded("letter", right | {"02.2": "answer_02_2 = 'A'"}, points | {"02.2": 0}),
        Graded("stops", right | {"02.6": "answer_02_6 = 1 / 0"}, points | {"02.6": 0}),
        Graded(
            "fails",
            right | {"02.7": "def kl(q, p):\n    raise ValueError('no idea')\n"},
            points | {"02.7": 0},
        ),
        Graded(
            "changes the check",
            right | {"02.6": "answer_02_6 = 7", "02.9": None},
            points | {"02.6": 0, "02.9": 0},
            {"02.6": "1.0"},
        ),
    ]


def two(notebook: str) -> list[Graded]:
    """A hand-in with every solution, and one that was not touched."""
    right = {one.id: one.solution for one in splitting.cells(notebook, 1) if isinstance(one, Asked)}
    return [Graded("right", right, dict.fromkeys(right, 1.0)), Graded("untouched", {}, {})]


def hand_ins(notebook: str) -> list[Graded]:
    return ten() if notebook == NOTEBOOK else two(notebook)


def handed_in(released: Path, one: Graded, answers: IdOf, checks: IdOf) -> str:
    """The text of a hand-in, made from what was released."""
    document = json.loads(released.read_text(encoding="utf-8"))
    cells = []
    for cell in document["cells"]:
        id, checked = answers(cell), checks(cell)
        if id in one.answers:
            if one.answers[id] is None:
                continue
            cell = {**cell, "source": one.answers[id]}
        elif checked in one.checks:
            cell = {**cell, "source": one.checks[checked]}
        cells.append(cell)
    return json.dumps({**document, "cells": cells})


def tools_of(name: str) -> dict[str, str]:
    """The environment in which the commands of a grader run; without it the test is left out."""
    variable = f"HMLIB_{name.upper()}"
    folder = os.environ.get(variable, "")
    if not folder or not Path(folder, "bin", name).exists():
        pytest.skip(
            f"{name} is in an environment of its own: `python -m tools.graders FOLDER {name}` "
            f"makes it, and {variable} says where it is"
        )
    path = os.pathsep.join([str(Path(folder, "bin")), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "VIRTUAL_ENV": folder}


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run a command of the grader; all that it says."""
    made = subprocess.run(
        command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr[-3000:]
    return made.stdout + made.stderr
