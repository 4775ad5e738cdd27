"""Assignments of nbgrader 0.9: a folder that its commands understand.

An answer and its check stand in two cells. The check's cell shows the verdict, and below it, hidden
from students, stands the test: its last line is a number, which nbgrader takes for the points, so
that a part that is right gives its part.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hmlib.course.exporting import splitting
from hmlib.course.exporting.splitting import Asked, code_cell
from hmlib.course.handing_out.filling import Cell
from hmlib.course.marking.counting import Rule

CONFIG = '''\
"""Settings of nbgrader for this folder."""

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    SaveCells,
)

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "helmholtz"
# As nbgrader does it, but that pictures of labs and what cells print stay in what is released.
c.GenerateAssignment.preprocessors = [
    LockCells,
    ClearSolutions,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ComputeChecksums,
    CheckCellMetadata,
]
c.ClearSolutions.code_stub = {"python": "# Put your answer in place of the three dots."}
# Seconds for a cell; the slowest of the course take ten.
c.Execute.timeout = 120
c.Execute.interrupt_on_timeout = True
'''


def write(
    out: Path,
    notebooks: tuple[str, ...],
    rules: Mapping[str, Rule],
    seed: int,
    questions_only: bool = False,
) -> list[Path]:
    """Write the folder: `nbgrader_config.py`, and `source/NAME/NAME.ipynb` for each notebook."""
    (out / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    return splitting.write(
        out / "source", notebooks, seed, questions_only, lambda asked: _split(asked, rules)
    )


def _split(asked: Asked, rules: Mapping[str, Rule]) -> list[Cell]:
    """The answer's cell and the check's."""
    rule = rules[asked.id]
    points = rule.points if rule.counts else 0.0
    answer = f"{asked.stub}\n### BEGIN SOLUTION\n{asked.solution}\n### END SOLUTION"
    tests = (
        f"{asked.check}\n"
        "### BEGIN HIDDEN TESTS\n"
        "from hmlib.check import grade as grade_\n\n"
        f'verdict_ = grade_("{asked.id}", {asked.given}, {asked.seed})\n'
        "print(verdict_)\n"
        f"{points:g} * float(verdict_.score)\n"
        "### END HIDDEN TESTS"
    )
    word = asked.id.replace(".", "-")
    return [
        _labelled(code_cell(answer, f"answer-{word}"), solution=True),
        _labelled(code_cell(tests, f"check-{word}"), points=points),
    ]


def _labelled(cell: Cell, solution: bool = False, points: float | None = None) -> Cell:
    about = {
        "schema_version": 3,
        "grade_id": cell["id"],
        "solution": solution,
        "grade": not solution,
        "locked": not solution,
        "task": False,
    }
    if points is not None:
        about["points"] = points
    return cell | {"metadata": {"nbgrader": about}}
