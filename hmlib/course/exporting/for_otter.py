"""Assignments of Otter 7: a master notebook that `otter assign` turns into all the rest.

A question with several numbers has a hidden test for each of them, so that every number that is
right gives its part of the points.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hmlib.course.exporting import splitting
from hmlib.course.exporting.splitting import Asked, code_cell
from hmlib.course.handing_out.filling import Cell
from hmlib.course.marking.counting import Rule

CONFIG = """\
# ASSIGNMENT CONFIG
name: {name}
init_cell: true
check_all_cell: false
export_cell: false
run_tests: true
generate:
    pdf: false
    show_hidden: true
"""


def write(
    out: Path,
    notebooks: tuple[str, ...],
    rules: Mapping[str, Rule],
    seed: int,
    questions_only: bool = False,
) -> list[Path]:
    """Write `NAME/NAME.ipynb` for each notebook: `otter assign` takes it."""
    return splitting.write(
        out, notebooks, seed, questions_only,
        lambda asked: _split(asked, rules),
        lambda name: [_raw(CONFIG.format(name=name), "assignment")],
    )  # fmt: skip


def _split(asked: Asked, rules: Mapping[str, Rule]) -> list[Cell]:
    """What Otter wants of a question, and below it the cell that shows the verdict."""
    rule, name = rules[asked.id], asked.name
    points = rule.points if rule.counts else 0.0
    answer = f"{asked.stub}\n# BEGIN SOLUTION NO PROMPT\n{asked.solution}\n# END SOLUTION"
    about = f"# BEGIN QUESTION\nname: q{name}\npoints: {points:g}\ncheck_cell: false"
    return [
        _raw(about, f"begin-{name}"),
        _raw("# BEGIN SOLUTION", f"begin-solution-{name}"),
        code_cell(answer, f"answer-{name}"),
        _raw("# END SOLUTION", f"end-solution-{name}"),
        _raw("# BEGIN TESTS", f"begin-tests-{name}"),
        *[
            code_cell(_test(asked, part, points), f"test-{name}-{part}")
            for part in range(1, asked.parts + 1)
        ],
        _raw("# END TESTS", f"end-tests-{name}"),
        _raw("# END QUESTION", f"end-{name}"),
        code_cell(asked.check, f"check-{name}"),
    ]


def _test(asked: Asked, part: int, points: float) -> str:
    """A hidden test: so many parts of the answer are right."""
    return (
        '""" # BEGIN TEST CONFIG\n'
        f"points: {points / asked.parts!r}\n"
        "hidden: true\n"
        '""" # END TEST CONFIG\n'
        "from hmlib.check import grade as grade_\n"
        f'score_ = grade_("{asked.id}", {asked.given}, {asked.seed}).score\n'
        f"assert score_ > {(part - 0.5) / asked.parts!r}"
    )


def _raw(source: str, id: str) -> Cell:
    return {
        "cell_type": "raw",
        "id": id,
        "metadata": {},
        "source": source.rstrip().splitlines(keepends=True),
    }
