"""nbgrader itself validates what is exported, releases it, and marks hand-ins as labelled."""

from __future__ import annotations

import json

import pytest
from course.exporting.graded import NOTEBOOK, NOTEBOOKS, hand_ins, handed_in, run, tools_of

from hmlib.course.__main__ import main
from hmlib.course.handing_out.filling import ids

SCORES = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        one.student.id: {grade.name: [grade.score, grade.needs_manual_grade]
                         for notebook in one.notebooks for grade in notebook.grades}
        for one in book.assignment_submissions(sys.argv[1])
    }))
"""


def asked(kind):
    """Which question a released cell answers, or checks."""

    def id_of(cell):
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        return name.removeprefix(kind).replace("-", ".") if name.startswith(kind) else ""

    return id_of


@pytest.mark.long
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_nbgrader_validates_releases_and_marks(tmp_path, notebook):
    environment = tools_of("nbgrader")
    out = tmp_path / "course"
    line = ["export", "nbgrader", "--out", str(out), "--notebooks", notebook, "--questions-only"]
    assert main([*line, "--seed", "1"]) == 0
    [source] = out.glob("source/*/*.ipynb")
    name = source.stem
    assert "Success" in run(["nbgrader", "validate", str(source)], out, environment)
    run(["nbgrader", "generate_assignment", name], out, environment)
    released = out / "release" / name / source.name
    text = released.read_text(encoding="utf-8")
    assert "HIDDEN" not in text
    assert "SOLUTION" not in text
    assert "AVERAGE_LOG_JOINT" not in text
    for one in hand_ins(notebook):
        target = out / "submitted" / one.name / name / source.name
        target.parent.mkdir(parents=True)
        content = handed_in(released, one, asked("answer-"), asked("check-"))
        target.write_text(content, encoding="utf-8")
    run(["nbgrader", "autograde", name], out, environment)
    told = json.loads(run(["python", "-c", SCORES, name], out, environment).splitlines()[-1])
    wrong = []
    for one in hand_ins(notebook):
        for id in ids(notebook):
            score, by_hand = told[one.name][f"check-{id.replace('.', '-')}"]
            if score != pytest.approx(one.scores.get(id, 0.0)) or by_hand:
                wrong.append((one.name, id, score, by_hand))
    assert wrong == []
    if notebook != NOTEBOOK:
        return
    run(["nbgrader", "generate_feedback", name], out, environment)
    [page] = out.glob(f"feedback/slip/{name}/*.html")
    assert "The entropy of Q is missing" in page.read_text(encoding="utf-8")
