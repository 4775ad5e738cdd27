"""Predictions: from a lab in a kernel into the saved notebook, and onto the class page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hmlib.course.marking import counting, predictions, reports
from hmlib.course.marking.handins import MOST_LABS, find
from hmlib.lab import foreseen
from hmlib.lab.base import UNSURE
from hmlib.lab.saving import VIEW, forget_views
from tools import hand_ins

ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """As in a kernel, with a folder of its own for what runs now."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    return shell


def cell(title=None, said=None, **more):
    metadata = {} if title is None else {"hmlib": {"predictions": {title: said}}}
    made = {"cell_type": "code", "id": "a", "metadata": metadata, "outputs": [], "source": ["1"]}
    return made | {"execution_count": None} | more


def saved(*cells):
    model = {"type": "notebook", "content": {"cells": list(cells)}}
    forget_views(model, path="a.ipynb")
    return model["content"]["cells"]


def output(view=ID):
    data = {VIEW: {"model_id": view}, "image/png": "aGk=", "text/plain": "a lab"}
    return {"output_type": "execute_result", "metadata": {}, "data": data}


def test_a_prediction_is_found_in_the_saved_cell(kernel):
    foreseen.note(ID, "A lab", "It rises")
    first, other = saved(cell(outputs=[output()]), cell(outputs=[output("f" * 32)]))
    assert foreseen.kept(first) == {"A lab": "It rises"}
    assert other["metadata"] == {}
    assert VIEW not in first["outputs"][0]["data"]
    # The page does not know what the server wrote: it sends the cell as it was, and all is there.
    assert foreseen.kept(saved(cell(outputs=[output()]))[0]) == {"A lab": "It rises"}


def test_what_was_saved_stays_until_something_else_is_predicted(kernel):
    def again():
        return foreseen.kept(saved(cell("A lab", "It falls", outputs=[output()]))[0])

    assert again() == {"A lab": "It falls"}
    foreseen.note(ID, "A lab", "It rises")
    assert again() == {"A lab": "It rises"}


def test_outside_a_kernel_nothing_is_noted(kernel, tmp_path):
    kernel.kernel = None
    foreseen.note(ID, "A lab", "It rises")
    assert not (tmp_path / "runtime").exists()


@pytest.mark.parametrize("view", [None, 1, "", "../../x", "a/b" * 8, ["x"]])
def test_no_other_file_is_read_or_written(kernel, tmp_path, view):
    foreseen.note(str(view), "A lab", "It rises")
    assert foreseen.noted(view) == {}
    assert not list(tmp_path.rglob("*.json"))


def test_where_nothing_can_be_written_a_lab_goes_on(kernel, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "file"))
    foreseen.note(ID, "A lab", "It rises")
    assert foreseen.noted(ID) == {}


def test_every_lab_of_a_notebook_is_known_by_its_title():
    asked = predictions.asked("00")
    assert asked
    for title, question in asked.items():
        assert title
        assert question.answer in question.options


@pytest.fixture
def hand_in(tmp_path):
    """Writes hand-ins of notebook 00, by name of the student, with their predictions."""

    def write(told):
        for who, said in told.items():
            folder = tmp_path / "in" / who
            folder.mkdir(parents=True, exist_ok=True)
            cells = [cell(title, word, id=f"c{k}") for k, (title, word) in enumerate(said)]
            (folder / "00_x.ipynb").write_text(hand_ins.written(cells), encoding="utf-8")
        return find(tmp_path / "in", "00")

    return write


def test_only_what_a_lab_could_have_been_told_is_believed(hand_in):
    [(title, question), *_] = predictions.asked("00").items()
    odd = [("<script>", "x"), (title, "<script>"), ("x" * 10**5, "y"), (title, 3), (title, ["x"])]
    [one] = hand_in({"anna": odd})
    assert predictions.of(one) == ()
    [one] = hand_in({"anna": [*odd, (title, question.answer)]})
    assert [p.said for p in predictions.of(one)] == [question.answer]
    [one] = hand_in({"anna": [(f"lab {k}", "x") for k in range(10 * MOST_LABS)]})
    assert len(one.predictions) == MOST_LABS


def test_the_class_page_shows_predicted_and_seen(hand_in, tmp_path):
    [(title, question), *_] = predictions.asked("00").items()
    wrong = next(option for option in question.options if option != question.answer)
    said = {"anna": question.answer, "bob": wrong, "carl": wrong, "dora": UNSURE}
    found = hand_in({who: [(title, word)] for who, word in said.items()} | {"emil": []})
    rules = counting.rules(tmp_path)
    mark = counting.Mark("not attempted", 0.0, 0, "")
    marks = {id: mark for id in rules if id.startswith("00.")}
    rows = [
        reports.Row(one.file, one.student, "00", marks, [], predictions=predictions.of(one))
        for one in found
    ]
    reports.write_all(tmp_path, rows, rules)
    page = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert "Predicted, and seen" in page
    assert "4 of 5 predicted" in page
    for count in (1, 2, 1):
        assert f'aria-label="{count} of 4"' in page
    assert page.count("<strong>seen</strong>") == 1
    own = (tmp_path / "students" / "bob_00.html").read_text(encoding="utf-8")
    assert "Your predictions" in own
    assert "Your predictions" not in (tmp_path / "students" / "emil_00.html").read_text()
