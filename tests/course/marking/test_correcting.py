"""A teacher's corrections are heeded at every marking, and told wherever a mark is told."""

from __future__ import annotations

import csv
import html
import json
from dataclasses import replace

import pytest

from hmlib.course.__main__ import main
from hmlib.course.marking import correcting, counting, noticing, reports, rounds, worksheet
from hmlib.course.marking.correcting import Correction, corrections
from hmlib.course.marking.counting import Mark, Rule
from hmlib.course.marking.handins import HandIn
from tools import hand_ins

ANNA = HandIn("Anna Berg_41_assignsubmission_file_/02_x.ipynb", "Anna Berg", "02")
SILVA = [
    HandIn(f"Maria Silva_{k}_assignsubmission_file_/02_x.ipynb", "Maria Silva", "02", number=f"{k}")
    for k in (51, 52)
]
LINE = '"Anna Berg"."02.7" = { points = 0.5, reason = "half of  it" }'


def read(folder, text, handins=(ANNA, *SILVA), kept=()):
    (folder / correcting.NAME).write_text(text, encoding="utf-8")
    return corrections(folder, counting.rules(folder), handins, kept)


def result_of(one):
    """What is kept of a hand-in, as far as it says whose it is."""
    return {"file": one.file, "student": one.who, "notebook": one.notebook}


def test_the_file_is_made_without_any_and_never_written_over(tmp_path):
    rules = counting.rules(tmp_path)
    assert corrections(tmp_path, rules, [ANNA]) == {}
    path = tmp_path / correcting.NAME
    made = path.read_text(encoding="utf-8")
    assert all(line.startswith("#") for line in made.splitlines() if line)
    path.write_text(f"{made}{LINE}\n", encoding="utf-8")
    assert corrections(tmp_path, rules, [ANNA]) == {
        ("Anna Berg", "02.7"): Correction(0.5, "half of it")
    }
    assert path.read_text(encoding="utf-8") == f"{made}{LINE}\n"
    # The form that the comment gives can be typed.
    line = correcting.FORM.replace("STUDENT", "Maria Silva 52").replace("QUESTION", "02.1")
    assert list(read(tmp_path, line)) == [("Maria Silva 52", "02.1")]


def test_a_name_may_be_composed_in_another_way_and_have_vanished(tmp_path):
    jose = HandIn("x/02_x.ipynb", "Jos\u00e9", "02")
    line = '"Jose\u0301"."02.7" = { points = 1, reason = "r" }'
    assert list(read(tmp_path, line, [jose])) == [("Jos\u00e9", "02.7")]
    gone = [result_of(ANNA), result_of(SILVA[0])]
    assert len(read(tmp_path, LINE, SILVA, gone)) == 1
    line = LINE.replace("Anna Berg", "Maria Silva 51")
    assert len(read(tmp_path, line, [ANNA], gone)) == 1
    assert len(read(tmp_path, line, [ANNA, replace(SILVA[1], number="")], gone)) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LINE.replace("Berg", "Berk"), '"Anna Berk" handed in nothing; accepted: a student as in'),
        (LINE.replace("Berg", "Berk"), 'such as "Anna Berg"'),
        (
            LINE.replace("Anna Berg", "Maria Silva"),
            'such as "Anna Berg", "Maria Silva 51" or "Maria Silva 52"',
        ),
        (LINE.replace("02.7", "02.77"), '"Anna Berg", question 02.77: there is none; accepted: in'),
        (LINE.replace("02.7", "03.1"), "question 03.1: it is of another notebook than was handed"),
        (LINE.replace('"02.7"', "02.7"), "question 02: there is none; accepted: in quotes, one of"),
        (LINE.replace("0.5", "1.5"), "question 02.7: points = 1.5; accepted: a number from 0 to 1"),
        (
            LINE.replace("0.5", "-1"),
            "points = -1; accepted: a number from 0 to 1, what counts.toml",
        ),
        (LINE.replace("0.5", "nan"), "points = nan; accepted: a number"),
        (LINE.replace("0.5", "true"), "points = True; accepted: a number"),
        (LINE.replace("0.5", '"half"'), "points = 'half'; accepted: a number"),
        (LINE.replace("points = 0.5, ", ""), "question 02.7: no points; accepted: a number"),
        (LINE.replace(', reason = "half of  it"', ""), "02.7: no reason; accepted: some words"),
        (LINE.replace("half of  it", " "), "reason = ' '; accepted: some words"),
        (LINE.replace("reason", "why"), "'why'; accepted: points, reason"),
        ('"Anna Berg"."02.7" = 1', "question 02.7: 1; accepted: "),
        ('"Anna Berg" = 1', '"Anna Berg": 1; accepted: "STUDENT"."QUESTION" = {'),
        (f"\n{LINE}\n{LINE}\n", "(at line 3"),
        ("Anna Berg = 1", "cannot be read: "),
    ],
)
def test_a_wrong_line_is_told_in_words(tmp_path, line, words):
    with pytest.raises(ValueError, match="accepted") as told:
        read(tmp_path, line)
    assert words in str(told.value)
    assert str(tmp_path / correcting.NAME) in str(told.value)


def test_a_name_that_got_or_lost_a_number_since_is_told_though_it_was_marked_before(tmp_path):
    """Else the correction would silently be nobody's."""
    alone = replace(SILVA[0], number="")
    with pytest.raises(ValueError, match="handed in nothing"):
        read(tmp_path, LINE.replace("Anna Berg", "Maria Silva"), kept=[result_of(alone)])
    line = LINE.replace("Anna Berg", "Maria Silva 51")
    with pytest.raises(ValueError, match="handed in nothing"):
        read(tmp_path, line, [alone], [result_of(SILVA[0])])


def test_where_nothing_could_be_marked_a_correction_is_refused_in_words(tmp_path):
    with pytest.raises(ValueError, match="such as one that was marked"):
        read(tmp_path, LINE, [HandIn("a.docx", "Anna Berg", trouble="no notebook")])


@pytest.mark.parametrize(
    ("state", "before", "points", "after"),
    [
        ("not yet", 0.0, 2.0, "correct"),
        ("not there", 0.0, 1.0, "not yet"),
        ("not there", 0.0, 0.0, "not there"),
        ("correct", 2.0, 0.0, "not yet"),
        ("correct", 2.0, 2.0, "correct"),
    ],
)
def test_what_becomes_of_a_mark(state, before, points, after):
    old = Mark(state, before, 3, "said before", "a slip", "A")
    mark, flag = Correction(points, "because").of(old, "02.7", Rule(2))
    assert (mark.state, mark.points, mark.tries, mark.said) == (after, points, 3, "A")
    assert mark.slip == ("" if after == "correct" else "a slip")
    assert mark.message.startswith(f"Corrected by hand, {before:g} points before: because")
    # What was said to another verdict says nothing of this one.
    assert ("said before" in mark.message) == (after == state)
    assert flag == f"corrected by hand: 02.7, {points:g} in place of {before:g}: because"
    assert noticing.is_corrected(flag)
    assert noticing.is_settled(flag)


def test_no_error_of_a_hand_in_passes_for_a_correction():
    forged = noticing.CORRECTED.format(id="02.7", points=1, before=0, reason="x")
    assert not noticing.is_settled(f"cell 3: ImportError: {forged}")


def test_it_is_told_in_the_table_and_on_all_pages(tmp_path):
    marks = {f"02.{k}": Mark("correct", 1.0, 1, "") for k in range(1, 10)}
    corrected = Correction(0.25, "a <tag> of it")
    marks["02.7"], flag = corrected.of(Mark("not yet", 0.0, 1, "No."), "02.7", Rule())
    row = reports.Row(ANNA.file, ANNA.who, "02", marks, [flag])
    reports.write_all(tmp_path, [row], counting.rules(tmp_path))
    with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as file:
        [line] = csv.DictReader(file)
    assert (line["02.7"], line["total"]) == ("0.25", "8.25")
    assert line["flags"] == "corrected by hand: 02.7, 0.25 in place of 0: a <tag> of it"
    own = (tmp_path / "students" / "Anna_Berg_02.html").read_text(encoding="utf-8")
    said = "Corrected by hand, 0 points before: a <tag> of it\nNo.</p>"
    assert said in html.unescape(own)
    assert "<tag>" not in own
    assert own.count("a &lt;tag&gt; of it") == 1, "it is said once"
    page = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert "None to look at by hand." in page
    told = page.partition("<summary>Corrected by hand: 1 question</summary>")[2]
    assert "Anna Berg</a>: corrected by hand: 02.7, 0.25 in place of 0: a &lt;tag&gt;" in told
    assert "8 of 9 right" not in page
    assert "<span>0 of 1 right</span>" in page


@pytest.mark.parametrize("line", ['"Bo"."02.7" = { points = 1, reason = "r" }', "nonsense"])
def test_a_wrong_line_is_told_before_anything_is_run(tmp_path, capsys, monkeypatch, line):
    monkeypatch.setattr(rounds, "no_sandbox", lambda: "")
    hand_ins.write(tmp_path / "in", [hand_ins.Labelled("anna/02_x.ipynb", '{"cells": []}', {})])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / correcting.NAME).write_text(line, encoding="utf-8")
    assert main(["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 1
    assert correcting.NAME in capsys.readouterr().err
    assert not list((tmp_path / "out" / rounds.KEPT).iterdir())


@pytest.mark.long
def test_a_correction_survives_and_is_in_the_grades(tmp_path, capsys):
    """It is in the total, the worksheet and the pages; without its line all is as it was."""
    if why := rounds.no_sandbox():
        pytest.skip(f"there is no sandbox here: {why}")
    half = hand_ins.written(hand_ins.filled("02", {"02.2": "'D'", "02.9": "48"}, slim=True))
    hand_ins.write(tmp_path / "in", [hand_ins.Labelled(ANNA.file, half, {})])
    (tmp_path / "a.csv").write_text("Who,Grade\nStudent 41,\n", encoding="utf-8")
    line = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "1"]
    line += ["--worksheet", str(tmp_path / "a.csv")]
    path = tmp_path / "out" / correcting.NAME
    grades = []
    for text in ("", LINE, None, ""):
        if text is not None and path.exists():
            path.write_text(text, encoding="utf-8")
        assert main(line) == 0
        assert ("Corrected by hand, in " in capsys.readouterr().out) == (text in (LINE, None))
        filled = (tmp_path / "out" / worksheet.NAME).read_text(encoding="utf-8")
        with (tmp_path / "out" / "marks.csv").open(encoding="utf-8", newline="") as file:
            [row] = csv.DictReader(file)
        grades.append((row["total"], filled.splitlines()[1]))
    without, corrected = ("2", "Student 41,2.00"), ("2.5", "Student 41,2.50")
    assert grades == [without, corrected, corrected, without]
    kept = [json.loads(one.read_text()) for one in (tmp_path / "out" / rounds.KEPT).iterdir()]
    assert [one["flags"] for one in kept] == [[]]
