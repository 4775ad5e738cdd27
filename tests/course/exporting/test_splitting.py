"""An exported assignment has every question once, split, and no answer where students look."""

from __future__ import annotations

import json
import re

import pytest

from hmlib import check
from hmlib.check.bank import notebooks
from hmlib.check.kinds import Numbers
from hmlib.course.__main__ import main
from hmlib.course.exporting import splitting
from hmlib.course.exporting.splitting import Asked
from hmlib.course.handing_out.filling import ids


def exported(tmp_path, tool, *more):
    out = tmp_path / tool
    assert main(["export", tool, "--out", str(out), "--notebooks", "02", "--seed", "1", *more]) == 0
    [path] = out.rglob("*.ipynb")
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("notebook", notebooks())
def test_every_question_is_split_and_its_solution_is_right(notebook):
    found = [one for one in splitting.cells(notebook, 1) if isinstance(one, Asked)]
    assert [one.id for one in found] == ids(notebook)
    for one in found:
        assert one.check.startswith(f'check("{one.id}", {one.given})')
        assert "..." in one.stub
        assert "check(" not in one.stub + one.solution
        space: dict = {}
        exec(one.solution, space)
        verdict = check.grade(one.id, space[one.given], one.seed)
        assert verdict.outcome == "correct", one.id
    assert len({one.seed for one in found}) == len(found)


def test_other_cells_are_as_they_were_and_names_of_cells_are_their_own(tmp_path):
    whole, few = (
        exported(tmp_path / "a", "nbgrader"),
        exported(tmp_path / "b", "nbgrader", "--questions-only"),
    )
    assert len(few) < len(whole) / 2
    for cells in (whole, few):
        assert len({cell["id"] for cell in cells}) == len(cells)
        assert sum("nbgrader" in cell["metadata"] for cell in cells) == 2 * len(ids("02"))


def test_points_are_those_of_the_table(tmp_path):
    cells = exported(tmp_path, "nbgrader")
    table = tmp_path / "nbgrader" / "counts.toml"
    about = [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell["metadata"]]
    assert {one["points"] for one in about if one["grade"]} == {1.0}
    changed = re.sub(r'"02.6" = \{ points = 1', '"02.6" = { points = 4', table.read_text())
    table.write_text(
        changed.replace(
            '"02.9" = { points = 1, counts = true', '"02.9" = { points = 1, counts = false'
        )
    )
    again = exported(tmp_path / "again", "otter", "--counts", str(tmp_path / "nbgrader"))
    raw = ["".join(cell["source"]) for cell in again if cell["cell_type"] == "raw"]
    points = {one.split("\n")[1]: one.split("\n")[2] for one in raw if "BEGIN QUESTION" in one}
    assert points["name: q02_6"] == "points: 4"
    assert points["name: q02_9"] == "points: 0"
    assert points["name: q02_5"] == "points: 1"


def test_each_number_of_several_has_a_test_of_its_own(tmp_path):
    sources = ["".join(cell["source"]) for cell in exported(tmp_path, "otter")]
    for question in check.questions("02"):
        parts = len(question.names) if isinstance(question, Numbers) else 1
        tests = [s for s in sources if "BEGIN TEST CONFIG" in s and f'"{question.id}"' in s]
        assert len(tests) == parts
        assert all(f"points: {1 / parts!r}" in test for test in tests)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--notebooks", "77"], "--notebooks has '77'"),
        (["--counts", "nowhere"], "accepted: a folder with counts.toml"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path, capsys, more, words):
    assert main(["export", "otter", "--out", str(tmp_path / "out"), *more]) == 1
    assert words in capsys.readouterr().err
    (tmp_path / "there").write_text("x")
    assert main(["export", "otter", "--out", str(tmp_path)]) == 1
    assert "is not empty" in capsys.readouterr().err
