"""Marks are replaced by those of the same hand-ins only: others are refused before they are run."""

from __future__ import annotations

import json

import pytest

from hmlib import check
from hmlib.course.__main__ import main
from hmlib.course.marking import counting, reports, rounds
from hmlib.course.marking.handins import find


def handed_in(folder, names, more=""):
    """Untouched notebooks under some names."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"cells": [], "more": more}), encoding="utf-8")
    return find(folder)


def moodle(*students, notebook="02"):
    return [f"{who}_{k}_assignsubmission_file_/{notebook}_x.ipynb" for who, k in students]


def marked(out, found):
    """Keep hand-ins as a marking does, each untouched, and write the tables."""
    (out / rounds.KEPT).mkdir(parents=True)
    seen = rounds.remember(out, found, 1)
    results = {}
    for one in found:
        empty = {"checked": False, "tries": [], "made": 0, "untouched": ""}
        about = {"file": one.file, "student": one.who, "notebook": one.notebook, "variant": 0}
        questions = {question.id: empty for question in check.questions(one.notebook)}
        key = f"{rounds.known_as(one)}-{rounds.way(one.notebook, 1, 'fitting')}"
        results[key] = {**about, "flags": [], "errors": {}, "questions": questions}
        rounds.write(out / rounds.KEPT / f"{key}.json", results[key])
    rules = counting.rules(out)
    rows = rounds.table(found, results, seen, rules, "fitting", {})
    reports.write_all(out, rows, rules, give_back=True)


ANNA, BO = ("Anna Berg", 41), ("Bo Li", 42)
FIRST = moodle(ANNA, BO)


@pytest.mark.parametrize(
    "names",
    [
        moodle(ANNA, BO, notebook="03"),
        moodle(("Carl", 43), ("Dora", 44)),
        # The assignment of another year, in which somebody has the same name.
        moodle(("Anna Berg", 341), ("Emil", 342)),
        ["photo.png"],
    ],
    ids=["another notebook", "another class", "another year", "no hand-ins"],
)
def test_others_are_refused_before_anything_is_run_and_nothing_is_replaced(tmp_path, capsys, names):
    out = tmp_path / "marks"
    marked(out, handed_in(tmp_path / "02", FIRST))
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    handed_in(tmp_path / "other", names)
    assert main(["mark", str(tmp_path / "other"), "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert (
        f"--out is {str(out)!r}, which has the marks of notebook 02 (2, such as {FIRST[0]}" in said
    )
    assert f"FOLDER is {str(tmp_path / 'other')!r}, and has none of these hand-ins but " in said
    here = "nothing that can be marked" if names == ["photo.png"] else f"such as {names[0]}"
    assert here in said
    assert "accepted: another folder for --out" in said
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("names", "more"),
    [
        ([*FIRST, *moodle(("Late", 47))], ""),
        (FIRST, "handed in again"),
        (FIRST[:1], ""),
        ([*FIRST, *moodle(ANNA, notebook="03")], ""),
        (moodle(("Anna Berg-Koch", 41)), "under another name"),
        (["Anna Berg/02_x.ipynb"], "without Moodle"),
    ],
    ids=["late", "again", "vanished", "another notebook too", "renamed", "no number"],
)
def test_the_same_go_on(tmp_path, capsys, monkeypatch, names, more):
    """They come as far as the sandbox, which is not there."""
    out = tmp_path / "marks"
    marked(out, handed_in(tmp_path / "02", FIRST))
    handed_in(tmp_path / "new", names, more)
    monkeypatch.setattr(rounds, "no_sandbox", lambda: "none for this test")
    assert main(["mark", str(tmp_path / "new"), "--out", str(out)]) == 1
    assert "There is no sandbox here: none for this test" in capsys.readouterr().err


def test_without_marks_there_is_nothing_to_lose(tmp_path, capsys, monkeypatch):
    """A marking of the wrong folder that was stopped does not bar the right one."""
    out = tmp_path / "marks"
    marked(out, handed_in(tmp_path / "02", FIRST))
    (out / "marks.csv").unlink()
    handed_in(tmp_path / "other", moodle(("Carl", 43)))
    monkeypatch.setattr(rounds, "no_sandbox", lambda: "none for this test")
    assert main(["mark", str(tmp_path / "other"), "--out", str(out)]) == 1
    assert "none for this test" in capsys.readouterr().err


def test_a_name_serves_where_only_one_of_them_has_a_number(tmp_path, capsys, monkeypatch):
    out = tmp_path / "marks"
    marked(out, handed_in(tmp_path / "02", ["Anna Berg/02_x.ipynb"]))
    handed_in(tmp_path / "new", FIRST)
    monkeypatch.setattr(rounds, "no_sandbox", lambda: "none for this test")
    assert main(["mark", str(tmp_path / "new"), "--out", str(out)]) == 1
    assert "none for this test" in capsys.readouterr().err
