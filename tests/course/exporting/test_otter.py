"""Otter itself assigns what is exported, and marks hand-ins as labelled."""

from __future__ import annotations

import json

import pytest
from course.exporting.graded import NOTEBOOKS, hand_ins, handed_in, run, tools_of

from hmlib.course.__main__ import main
from hmlib.course.handing_out.filling import ids


def asked(kind):
    """Which question a released cell answers, or checks."""

    def id_of(cell):
        name = str(cell.get("id", ""))
        return name.removeprefix(kind).replace("_", ".") if name.startswith(kind) else ""

    return id_of


@pytest.mark.long
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_otter_assigns_and_marks(tmp_path, notebook):
    environment = tools_of("otter")
    out = tmp_path / "course"
    line = ["export", "otter", "--out", str(out), "--notebooks", notebook, "--questions-only"]
    assert main([*line, "--seed", "1"]) == 0
    [master] = out.glob("*/*.ipynb")
    folder = master.parent
    # It marks its own solutions while it does so, and fails if one of them is not right.
    run(["otter", "assign", master.name, "dist"], folder, environment)
    released = folder / "dist" / "student" / master.name
    text = released.read_text(encoding="utf-8")
    assert "AVERAGE_LOG_JOINT" not in text
    assert "grade_" not in text
    [archive] = folder.glob("dist/autograder/*.zip")
    wrong = []
    for one in hand_ins(notebook):
        target = out / "in" / one.name / master.name
        target.parent.mkdir(parents=True)
        content = handed_in(released, one, asked("answer-"), asked("check-"))
        target.write_text(content, encoding="utf-8")
        command = ["otter", "run", "-a", str(archive), str(target), "-o", str(target.parent)]
        run(command, target.parent, environment)
        results = json.loads((target.parent / "results.json").read_text(encoding="utf-8"))
        told = {test["name"]: test.get("score") for test in results["tests"]}
        for id in ids(notebook):
            score = told[f"q{id.replace('.', '_')}"]
            if score != pytest.approx(one.scores.get(id, 0.0)):
                wrong.append((one.name, id, score))
    assert wrong == []
