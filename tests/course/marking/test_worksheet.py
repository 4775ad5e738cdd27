"""Moodle's grading worksheet: grades are filled in, and every other byte stays."""

from __future__ import annotations

import csv
import io

import pytest

from hmlib import check
from hmlib.course.__main__ import main
from hmlib.course.marking import counting, rounds, worksheet
from hmlib.course.marking.marked import Row
from tools import hand_ins

ENGLISH = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade",'
    '"Last modified (grade)","Feedback comments"\r\n'
    '"Participant 41","Anna Berg",anna41@example.org,"Submitted for grading",,100.00,-,\r\n'
    '"Participant 42","Müller, Bo",b42@example.org,Submitted,12.00,100.00,-,"a ""word""\n4141"\r\n'
    '"Participant 141",Zoe,z@example.org,"No submission",,100.00,"Monday, 10:41",  x  \r\n'
)
GERMAN = (
    "\ufeffID;Vollständiger Name;Bewertung;Bestwertung\n"
    "Teilnehmer/in 41;Anna Berg;;10,00\n"
    "Teilnehmer/in 42;Bo;;10,00"
)


def row(number: int, right: int, notebook: str = "02", name: str = "Bo") -> Row:
    """A hand-in with so many right answers."""
    ids = [question.id for question in check.questions(notebook)]
    states = [("correct", 1.0) if k < right else ("not yet", 0.0) for k in range(len(ids))]
    marks = {
        id: counting.Mark(state, points, 1, "")
        for id, (state, points) in zip(ids, states, strict=True)
    }
    file = f"{name}_{number}_assignsubmission_file_/{notebook}_x.ipynb"
    return Row(file, name, notebook, marks, [])


def unread(number: int) -> Row:
    return Row(f"Carl_{number}_assignsubmission_file_/a.docx", "Carl", "", {}, ["no notebook"])


@pytest.fixture
def filled(tmp_path):
    """Fills a worksheet, and returns the copy and what was said."""

    def fill(text: str, rows, *columns: str | None):
        path = tmp_path / "from moodle.csv"
        path.write_bytes(text.encode())
        sheet = worksheet.read(path, *columns)
        said = worksheet.fill(sheet, tmp_path / worksheet.NAME, rows, counting.rules(tmp_path))
        assert path.read_bytes() == text.encode()
        return (tmp_path / worksheet.NAME).read_bytes().decode(), said

    return fill


def test_grades_are_scaled_and_all_else_is_as_it_came(filled):
    text, said = filled(ENGLISH, [row(41, 9), row(42, 3)])
    expected = ENGLISH.replace('grading",,100', 'grading",100.00,100', 1)
    assert text == expected.replace("Submitted,12.00,", "Submitted,33.33,")
    [sentence] = said
    assert sentence.startswith("2 grades for Moodle: see ")


def test_the_filled_copy_can_be_filled_again(filled):
    text, _ = filled(ENGLISH, [row(41, 9), row(42, 3)])
    again, _ = filled(text, [row(41, 9), row(42, 3)])
    assert again == text


def test_a_translated_worksheet_with_a_bom_and_decimal_commas(filled):
    text, said = filled(GERMAN, [row(41, 9), row(42, 4)], "Bewertung", "bestwertung")
    expected = GERMAN.replace("Berg;;", "Berg;10,00;").replace("Bo;;", "Bo;4,44;")
    assert text == expected
    assert len(said) == 1
    commas = GERMAN.replace("10,00", '"10,00"').replace(";", ",")
    text, _ = filled(commas, [row(41, 9)], "Bewertung", "Bestwertung")
    assert text == commas.replace("Berg,,", 'Berg,"10,00",')


def test_without_a_column_of_the_highest_grade_points_are_not_scaled_and_it_says_so(filled):
    text, said = filled(GERMAN, [row(41, 9), row(42, 4)], "Bewertung")
    assert "Anna Berg;9.00;10,00" in text
    assert "Bo;4.00;" in text
    assert "no column 'Maximum grade'" in said[1]
    assert "--maximum-column" in said[1]


def test_who_has_no_grade_is_named_and_untouched(filled):
    rows = [row(41, 9), unread(42), row(77, 9, name="Dora"), Row("emil.ipynb", "emil", "", {}, [])]
    text, said = filled(ENGLISH, rows)
    assert text == ENGLISH.replace('grading",,100', 'grading",100.00,100', 1)
    assert said[1:] == [
        "Not marked, so their grades are as they came: "
        "Carl_42_assignsubmission_file_/a.docx (no notebook).",
        "Not in the worksheet: Dora_77_assignsubmission_file_/02_x.ipynb; emil.ipynb.",
    ]
    # Who handed in a notebook and something else has a grade.
    _, said = filled(ENGLISH, [row(41, 9), unread(41)])
    assert len(said) == 1


def test_the_column_is_found_by_its_values_wherever_it_stands(filled):
    """Neither an address nor an hour that ends in a number of one student misleads."""
    lines = [
        "Grade,Hour,Who,ID number",
        ",10:41,参加者 41,42",
        ",10:41,参加者 42,7",
        ",1,参加者 43,8",
    ]
    text, _ = filled("\n".join(lines), [row(41, 9), row(42, 0), row(43, 1)])
    assert [one[0] for one in csv.reader(io.StringIO(text))] == ["Grade", "9.00", "0.00", "1.00"]


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        (b"\xff\xfeI\x00", (), "is not in UTF-8"),
        (b"", (), "has no line of headings"),
        (GERMAN.encode(), (), "has no column 'Grade'; its columns are 'ID', 'Voll"),
        (GERMAN.encode(), ("Note",), "--grade-column is 'Note'; accepted, in "),
        (GERMAN.encode(), ("Bewertung", "Max"), "--maximum-column is 'Max'; accepted, in "),
        (b"Identifier,Grade,grade\n", (), "has 2 columns 'Grade'"),
    ],
    ids=["encoding", "empty", "heading", "no such", "no such maximum", "two"],
)
def test_what_cannot_be_read_is_told_in_words(tmp_path, text, columns, words):
    path = tmp_path / "a.csv"
    path.write_bytes(text)
    with pytest.raises(ValueError, match="accepted") as told:
        worksheet.read(path, *columns)
    assert words in str(told.value)
    assert "a.csv" in str(told.value)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "rows", "words"),
    [
        (ENGLISH, [row(77, 9)], "no column that ends in the numbers of the hand-ins, such as 77"),
        (ENGLISH, [Row("anna.ipynb", "anna", "02", {}, [])], "and no hand-in has one"),
        (ENGLISH, [row(41, 9), row(42, 1, "01")], "notebooks were handed in: 01 (1, such as Bo_42"),
        (
            ENGLISH.replace("100.00", "good"),
            [row(41, 9)],
            "has 'good' in the column 'Maximum grade'",
        ),
        (ENGLISH + '"Participant 41",,,,,,,\n', [row(41, 9)], "more than one line for 41"),
        ("Who,Grade\nStudent 41\n", [row(41, 9)], "has 1 cell in the line of 41"),
    ],
    ids=["another assignment", "no numbers", "two notebooks", "a scale", "twice", "short"],
)
def test_what_does_not_fit_is_told_and_nothing_is_written(tmp_path, filled, text, rows, words):
    with pytest.raises(ValueError, match="accepted") as told:
        filled(text, rows)
    assert words in str(told.value)
    assert not (tmp_path / worksheet.NAME).exists()


def test_where_nothing_counts_there_is_no_grade(tmp_path):
    (tmp_path / "a.csv").write_text(ENGLISH, encoding="utf-8")
    rules = {id: counting.Rule(1, False) for id in counting.rules(tmp_path)}
    with pytest.raises(ValueError, match="no question counts"):
        worksheet.fill(worksheet.read(tmp_path / "a.csv"), tmp_path / "b.csv", [row(41, 9)], rules)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--worksheet", "none.csv"], "which cannot be opened (FileNotFoundError)"),
        (["--grade-column", "Note"], "--grade-column is 'Note'; accepted: with --worksheet FILE"),
        (["--maximum-column", "Max"], "--maximum-column is 'Max'; accepted: with --worksheet"),
    ],
)
def test_a_worksheet_is_read_before_anything_is_run(tmp_path, capsys, more, words):
    assert main(["mark", str(tmp_path), "--out", str(tmp_path / "out"), *more]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "notebooks", "words"),
    [
        (ENGLISH, ("02", "03"), "these notebooks were handed in: 02 (1, such as Anna_41_assignsub"),
        (ENGLISH.replace("41", "91").replace("42", "92"), ("02", "02"), "worksheet of the same"),
        (ENGLISH.replace("100.00", "good"), ("02", "02"), "has 'good' in the column 'Maximum gr"),
    ],
    ids=["two notebooks", "another assignment", "a scale"],
)
def test_a_worksheet_that_does_not_fit_is_refused_before_anything_is_run(
    tmp_path, capsys, text, notebooks, words
):
    for (who, number), notebook in zip((("Anna", 41), ("Bo", 42)), notebooks, strict=True):
        name = f"{who}_{number}_assignsubmission_file_/{notebook}_x.ipynb"
        hand_ins.write(tmp_path / "in", [hand_ins.Labelled(name, '{"cells": []}', {})])
    (tmp_path / "a.csv").write_bytes(text.encode())
    line = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert main([*line, "--worksheet", str(tmp_path / "a.csv")]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.long
def test_a_marking_fills_the_worksheet_and_says_when_it_is_old(tmp_path, capsys):
    if why := rounds.no_sandbox():
        pytest.skip(f"there is no sandbox here: {why}")
    half = hand_ins.written(hand_ins.filled("02", {"02.2": "'D'", "02.9": "48"}, slim=True))
    name = "Anna Berg_41_assignsubmission_file_/02_x.ipynb"
    hand_ins.write(tmp_path / "in", [hand_ins.Labelled(name, half, {})])
    path = tmp_path / "moodle.csv"
    path.write_bytes(ENGLISH.encode())
    line = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "1"]
    assert main([*line, "--worksheet", str(path)]) == 0
    assert "1 grade for Moodle" in capsys.readouterr().out
    copy = (tmp_path / "out" / "worksheet.csv").read_bytes().decode()
    assert copy == ENGLISH.replace('grading",,100', 'grading",22.22,100', 1)
    assert main(line) == 0
    assert "worksheet.csv is of a marking before: give --worksheet" in capsys.readouterr().out
