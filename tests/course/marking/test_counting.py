"""What counts, whose a hand-in is, and what stands in the table."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from hmlib import check
from hmlib.course.marking import counting, reports, rounds
from hmlib.course.marking.counting import Rule, rules, settle
from hmlib.course.marking.handins import NO_NOTEBOOK, ZIPPED, find, notebook_of, student_of
from hmlib.course.marking.judging import stopped


def result(*tries, made=None):
    told = [
        {"cell": 1, "said": said, "outcome": "correct" if score == 1 else "not yet",
         "score": score, "slip": "", "message": f"said to {said}"}
        for said, score in tries
    ]  # fmt: skip
    made = len(told) if made is None else made
    return {"questions": {"02.2": {"checked": True, "tries": told, "made": made, "untouched": ""}}}


@pytest.mark.parametrize(("which", "points"), [("first", 0.0), ("last", 2 / 3), ("best", 2.0)])
def test_which_answer_counts(which, points):
    told = [result(("A", 0.0), ("B", 1.0)), result(("C", 1 / 3))]
    mark = settle(told, "02.2", Rule(points=2, tries=which))
    assert mark.points == pytest.approx(points)
    assert mark.tries == 3


def test_nothing_is_told_from_nothing():
    there, gone = result(), result()
    gone["questions"]["02.2"]["checked"] = False
    assert settle([there], "02.2", Rule()).state == "not attempted"
    assert settle([gone], "02.2", Rule()).state == "not there"


def test_a_check_in_a_cell_that_stopped_is_not_called_missing():
    cells = ["x = 1", "import pandas\ncheck('02.2', 'A')", 'check("02.20", 1)', "02.2"]
    why = stopped("02.2", cells, {0: "KeyError", 1: "ModuleNotFoundError: No pandas", 2: "x"})
    assert why == ("The cell with its check, code cell 2, stopped: ModuleNotFoundError: No pandas.")
    assert stopped("02.2", cells, {0: "KeyError", 2: "x", 3: "x"}) == ""
    gone = result()
    gone["questions"]["02.2"] |= {"checked": False, "stopped": why}
    mark = settle([gone], "02.2", Rule())
    assert (mark.state, mark.message) == ("not there", why)


def test_the_file_is_written_and_read_again(tmp_path):
    usual = rules(tmp_path)
    assert len(usual) > 80
    assert usual["02.2"].tries == "first"
    assert usual["02.6"].tries == "last"
    path = tmp_path / counting.NAME
    text = path.read_text(encoding="utf-8")
    old = '"02.6" = { points = 1, counts = true'
    assert old in text
    path.write_text(text.replace(old, '"02.6" = { points = 2.5, counts = false'), encoding="utf-8")
    assert rules(tmp_path)["02.6"] == Rule(2.5, False, "last")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"02.6" = { points = -1 }', "points = -1; accepted: a number, 0 or more"),
        ('"02.6" = { points = true }', "points = True"),
        ('"02.6" = { counts = 1 }', "counts = 1; accepted: true or false"),
        ('"02.6" = { tries = "second" }', "accepted: \"first\", \"last\" or \"best\""),
        ('"02.6" = { weight = 1 }', "'weight'; accepted: points, counts, tries"),
        ('"02.99" = { points = 1 }', "no question '02.99'"),
        ('"02.6" = ', "cannot be read"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_in_words(tmp_path, line, words):
    (tmp_path / counting.NAME).write_text(line, encoding="utf-8")
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        rules(tmp_path)


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("anna/02_watch_the_free_energy.ipynb", "anna"),
        ("Bo Li_4711_assignsubmission_file_/02_x.ipynb", "Bo Li"),
        ("02_watch_the_free_energy_carl.ipynb", "carl"),
        ("dora-02_watch_the_free_energy.ipynb", "dora"),
        ("02_emil.ipynb", "emil"),
        (
            "Julia Schmidt_4413_assignsubmission_file_02_watch_the_free_energy (1).ipynb",
            "Julia Schmidt",
        ),
        ("Bo Li_4711_assignsubmission_file_02_x/02_x.ipynb", "Bo Li"),
        ("02_watch_the_free_energy_carl (1).ipynb", "carl"),
        ("02_watch_the_free_energy_carl-Copy1.ipynb", "carl"),
        ("carl_02_watch_the_free_energy(2).ipynb", "carl"),
        ("carl_02_watch_the_free_energy_final-Copy1(2).ipynb", "carl"),
        ("02_watch_the_free_energy - Bob.ipynb", "Bob"),
        ("02_emil (3).ipynb", "emil"),
        ("Ines Garci\u0301a/02_x.ipynb", "Ines Garc\u00eda"),
        ("02_watch_the_free_energy_Jose\u0301.ipynb", "Jos\u00e9"),
        ("Anna (2)/02_x.ipynb", "Anna (2)"),
        ("02_watch_the_free_energy.ipynb", "02_watch_the_free_energy"),
        ("02_watch_the_free_energy (1).ipynb", "02_watch_the_free_energy (1)"),
    ],
)
def test_whose_it_is(path, student):
    assert student_of(Path(path)) == student


def test_a_file_without_a_name_is_flagged(tmp_path):
    for name in ("02_watch_the_free_energy (1).ipynb", "02_watch_the_free_energy_carl.ipynb"):
        (tmp_path / name).write_text(json.dumps({"cells": []}), encoding="utf-8")
    assert sorted(one.noticed[:7] for one in find(tmp_path)) == ["", "no name"]


def test_which_notebook_it_is():
    assert notebook_of("whatever.ipynb", ['check("04.1", x)', "check('04.2', y)"]) == "04"
    assert notebook_of("05_x.ipynb", ["x = 1"]) == "05"
    assert notebook_of("homework 2.ipynb", ["x = 1"]) == ""


def test_files_that_are_no_hand_in_are_told_in_words(tmp_path):
    (tmp_path / "a.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / "b.ipynb").write_text("[" * 100_000, encoding="utf-8")
    (tmp_path / "c.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": 3}]}))
    (tmp_path / "d.docx").write_bytes(b"\x00")
    (tmp_path / ".hidden.ipynb").write_text("{}", encoding="utf-8")
    found = {one.file: one.trouble for one in find(tmp_path)}
    assert list(found) == ["a.ipynb", "b.ipynb", "c.ipynb", "d.docx"]
    assert all(found.values())


def test_a_folder_without_anything_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no file is in it"):
        find(tmp_path)
    with pytest.raises(ValueError, match="accepted: a folder"):
        find(tmp_path / "none")


def test_no_name_is_a_formula_and_no_page_has_foreign_markup(tmp_path):
    evil = "=HYPERLINK(1)<script>"
    mark = counting.Mark("not yet", 0.0, 1, "<script>alert(1)</script>", "B")
    marks = {f"02.{k}": mark for k in range(1, 10)}
    row = reports.Row(f"{evil}.ipynb", evil, "02", marks, [evil], {"3": "<script>"})
    reports.write_all(tmp_path, [row], rules(tmp_path))
    with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as file:
        [line] = csv.DictReader(file)
    assert line["student"].startswith("'=")
    assert line["total"] == "0"
    assert line["of"] == "9"
    for path in tmp_path.rglob("*.html"):
        assert "<script" not in path.read_text(encoding="utf-8")
    assert len(list(tmp_path.rglob("*.html"))) == 2


def test_copies_by_one_student_are_taken_by_their_age_and_flagged(tmp_path):
    """The copy that was changed last is the last, whatever it is called."""
    names = ["02_x-Copy1.ipynb", "02_x (1).ipynb", "02_x.ipynb", "02_y.ipynb"]
    (tmp_path / "in" / "anna").mkdir(parents=True)
    for name, time in zip(names, (300, 200, 100, 100), strict=True):
        path = tmp_path / "in" / "anna" / name
        path.write_text(json.dumps({"cells": [], "metadata": {"of": name}}), encoding="utf-8")
        os.utime(path, (time, time))
    found = find(tmp_path / "in")
    oldest_first = [f"anna/{name}" for name in ("02_x.ipynb", "02_y.ipynb", names[1], names[0])]
    assert [one.file for one in found] == oldest_first
    seen = rounds.remember(tmp_path, found, 1)
    assert seen["order"] == [rounds.known_as(one) for one in found]
    results = {name: kept_of(one) for name, one in zip(seen["order"], found, strict=True)}
    results = {f"{name}-{rounds.way('02', 1, 'fitting')}": one for name, one in results.items()}
    [row] = rounds.table(found, results, seen, rules(tmp_path), "fitting", {})
    assert row.file == oldest_first[-1]
    assert row.flags == [f"more than one file, the oldest first: {', '.join(oldest_first)}"]


def test_files_beside_a_notebook_have_no_row_of_their_own(tmp_path):
    files = ["anna/02_x.ipynb", "anna/README.md", "anna/hmlib/a.py", "bob/a.docx", "bob/b.docx"]
    for name in [*files, "carl/02_x.ipynb", "carl/data.csv", "notes.txt"]:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = json.dumps({"cells": []}) if name.startswith("anna") else "{"
        path.write_text(whole, encoding="utf-8")
    found = find(tmp_path / "in")
    seen = rounds.remember(tmp_path, found, 1)
    [anna] = [one for one in found if not one.trouble]
    key = f"{rounds.known_as(anna)}-{rounds.way('02', 1, 'fitting')}"
    rows = rounds.table(found, {key: kept_of(anna)}, seen, rules(tmp_path), "fitting", {})
    flags = {row.file: row.flags for row in rows}
    assert sorted(flags) == ["anna/02_x.ipynb", "bob/a.docx", "carl/02_x.ipynb", "notes.txt"]
    assert flags["anna/02_x.ipynb"] == ["and 2 other files"]
    assert flags["bob/a.docx"][1:] == ["and 1 other file"]
    assert flags["carl/02_x.ipynb"][1:] == ["and 1 other file"]
    reports.write_all(tmp_path, rows, rules(tmp_path))
    page = (tmp_path / "class.html").read_text(encoding="utf-8")
    [line] = [line for line in page.splitlines() if "no notebooks, beside others" in line]
    assert all(name in line for name in ("anna/README.md", "anna/hmlib/a.py", "carl/data.csv"))


def test_a_zip_is_told_to_be_unpacked_and_stands_for_what_lies_beside_it(tmp_path):
    names = ["Bo_43_assignsubmission_file_/a.docx", "Bo_43_assignsubmission_file_/b.ZIP"]
    for name in [*names, "carl.zip", "Dora_44_assignsubmission_file_/x.docx"]:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"PK")
    flags = {row.file: row.flags for row in rows_of(tmp_path, find(tmp_path / "in"))}
    assert flags == {
        names[1]: [ZIPPED, "and 1 other file"],
        "carl.zip": [ZIPPED],
        "Dora_44_assignsubmission_file_/x.docx": [NO_NOTEBOOK],
    }


def third(count: int) -> dict[str, counting.Mark]:
    """The marks of somebody who has a third of so many questions."""
    points = [1 / 3] * count + [0.0] * (9 - count)
    marks = [counting.Mark("not yet", one, 1, "said") for one in points]
    return {f"02.{k}": mark for k, mark in enumerate(marks, start=1)}


def test_a_total_is_written_alike_everywhere_and_the_table_adds_up(tmp_path):
    for parts, total in [(5, "1.67"), (3, "1"), (4, "1.33")]:
        row = reports.Row("bo.ipynb", "bo", "02", third(parts), [])
        reports.write_all(tmp_path, [row], rules(tmp_path))
        with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as file:
            [line] = csv.DictReader(file)
        assert line["total"] == total
        added = sum(float(line[id]) for id in row.marks)
        assert added == pytest.approx(parts / 3, abs=1e-4)
        page = (tmp_path / "students" / "bo_02.html").read_text(encoding="utf-8")
        assert f"<strong>{total} of 9 points</strong>" in page
        assert ">0.33 of 1</td>" in page
        of_class = (tmp_path / "class.html").read_text(encoding="utf-8")
        assert f"Points: {total} to {total} of 9; half have {total} or more." in of_class


def test_numbers_are_spoken_of_where_somebody_has_other_ones(tmp_path):
    pages = {}
    for variants in [(0, 0), (0, 3)]:
        rows = [
            reports.Row(f"{who}.ipynb", who, "02", third(1), [], variant=variant)
            for who, variant in zip(("anna", "bo"), variants, strict=True)
        ]
        reports.write_all(tmp_path, rows, rules(tmp_path))
        pages[variants] = [path.read_text() for path in sorted(tmp_path.glob("students/*"))]
    assert not any("numbers" in page for page in pages[0, 0])
    anna, bo = pages[0, 3]
    assert "points</strong>, with the numbers that are printed.</p>" in anna
    assert "points</strong>, with numbers 3 of 12.</p>" in bo


def test_a_students_page_begins_with_points_and_says_everything_once(tmp_path):
    errors = {
        "3": "SyntaxError: invalid syntax, line 1",
        "4": "it took more than 30 s of a processor",
        "5": "it ended Python or was ended",
        "6": "KeyError: 'a'",
    }
    flags = [
        "cell 4 took more than 30 s of a processor",
        "cell 5 ended Python or was ended",
        "cell 3: SyntaxError: invalid syntax, line 1",
    ]
    file = "Bo Li_43_assignsubmission_file_/a_folder/02_x.ipynb"
    row = reports.Row(file, "Bo Li", "02", third(1), flags, errors)
    reports.write_all(tmp_path, [row], rules(tmp_path))
    page = (tmp_path / "students" / "Bo_Li_02.html").read_text(encoding="utf-8")
    assert "<h2>Noticed</h2>" not in page
    assert page.count("<li>") == 4
    assert page.index("</table>") < page.index("Cells that stopped") < page.index(file)
    row = reports.Row(file, "Bo Li", "02", third(1), [*flags, "cell 7 took more"], errors)
    reports.write_all(tmp_path, [row], rules(tmp_path))
    page = (tmp_path / "students" / "Bo_Li_02.html").read_text(encoding="utf-8")
    assert "<h2>Noticed</h2>\n<ul>\n<li>cell 7 took more</li>\n</ul>" in page


def moodle(folder, names):
    """An untouched notebook, or a note, in each of some folders as Moodle names them."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"cells": []}), encoding="utf-8")
    return find(folder)


def rows_of(folder, found):
    """The rows of hand-ins without any answer."""
    seen = rounds.remember(folder, found, 1)
    results = {
        f"{rounds.known_as(one)}-{rounds.way(one.notebook, 1, 'fitting')}": kept_of(one)
        for one in found
        if not one.trouble
    }
    return rounds.table(found, results, seen, rules(folder), "fitting", {})


def test_two_students_of_one_name_are_told_apart(tmp_path):
    """Each has a row, a page and a folder given back; so has everybody who is "Participant"."""
    names = [
        f"{who}_{number}_assignsubmission_file_/{notebook}_x.ipynb"
        for who, number, notebook in [
            ("Maria Silva", 41, "02"),
            ("Maria Silva", 42, "02"),
            ("Bo Li", 43, "02"),
            ("Bo Li", 71, "03"),
        ]
    ]
    rows = rows_of(tmp_path, moodle(tmp_path / "in", names))
    # Another number for another notebook is no other student: Moodle counts them by assignment.
    students = [(row.student, row.notebook) for row in rows]
    assert students == [
        ("Bo Li", "02"), ("Maria Silva 41", "02"), ("Maria Silva 42", "02"), ("Bo Li", "03")
    ]  # fmt: skip
    assert [row.flags[:1] for row in rows if "Maria" in row.student] == [
        [f"somebody else has the name 'Maria Silva': told apart by Moodle's number {number}"]
        for number in (41, 42)
    ]
    assert [row.flags for row in rows if "Bo" in row.student] == [[], []]
    reports.write_all(tmp_path, rows, rules(tmp_path), give_back=True)
    back = {path.parent.name: path.name for path in tmp_path.glob("back/*/*")}
    assert back["Maria Silva_41_assignsubmission_file_"] == "Maria_Silva_41_02.html"
    assert back["Maria Silva_42_assignsubmission_file_"] == "Maria_Silva_42_02.html"


def test_names_that_fit_are_still_two_students(tmp_path):
    """Of one name are those who are written alike; Moeller, who may be a Möller, is not Möller."""
    names = [
        f"{who}_{number}_assignsubmission_file_/02_x.ipynb"
        for who, number in [("Anne Möller", 41), ("Anne Möller", 42), ("Anne Moeller", 43)]
    ]
    rows = rows_of(tmp_path, moodle(tmp_path / "in", names))
    assert [row.student for row in rows] == ["Anne Moeller", "Anne Möller 41", "Anne Möller 42"]


def test_one_of_the_two_who_hands_in_again_is_still_one(tmp_path):
    names = [f"Maria Silva_{number}_assignsubmission_file_/02_x.ipynb" for number in (41, 42)]
    again = "Maria Silva_42_assignsubmission_file_/02_x (1).ipynb"
    moodle(tmp_path / "in", names)
    (tmp_path / "in" / again).write_text(json.dumps({"cells": [], "more": 1}), encoding="utf-8")
    rows = rows_of(tmp_path, find(tmp_path / "in"))
    assert [row.student for row in rows] == ["Maria Silva 41", "Maria Silva 42"]
    assert ["more than one file" in " ".join(row.flags) for row in rows] == [False, True]


def test_a_text_typed_in_moodle_lies_beside_the_notebook_of_its_student(tmp_path):
    """Moodle has a folder for files and one for texts: what is in the second is no hand-in."""
    names = [
        "Bo Li_43_assignsubmission_file_/02_x.ipynb",
        "Bo Li_43_assignsubmission_onlinetext_/onlinetext.html",
        "Anna Berg_44_assignsubmission_onlinetext_/onlinetext.html",
    ]
    rows = rows_of(tmp_path, moodle(tmp_path / "in", names))
    flags = {row.student: row.flags for row in rows}
    assert flags == {"Bo Li": ["and 1 other file"], "Anna Berg": [NO_NOTEBOOK]}


def test_what_is_given_back_is_kept_up_to_date(tmp_path):
    """Another weight, marked without --give-back: no page with the points of before is left."""
    place = "Bo Li_43_assignsubmission_file_"
    marks = {f"02.{k}": counting.Mark("correct", 1.0, 1, "") for k in range(1, 10)}
    row = reports.Row(f"{place}/02_x.ipynb", "Bo Li", "02", marks, [])
    reports.write_all(tmp_path, [row], rules(tmp_path), give_back=True)
    path = tmp_path / counting.NAME
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('"02.6" = { points = 1', '"02.6" = { points = 3'), encoding="utf-8"
    )
    reports.write_all(tmp_path, [row], rules(tmp_path))
    page = (tmp_path / "back" / place / "Bo_Li_02.html").read_text(encoding="utf-8")
    assert "9 of 11 points" in page


def test_pages_are_given_back_under_the_names_of_the_hand_ins(tmp_path):
    """The folders of Moodle's download, each with the page of whoever handed it in."""
    moodle = "Bo Li_4711_assignsubmission_file_"
    marks = {f"02.{k}": counting.Mark("not there", 0.0, 0, "") for k in range(1, 10)}
    rows = [
        reports.Row(f"{moodle}/02_x.ipynb", "Bo Li", "02", marks, []),
        reports.Row(f"{moodle}/05_x.docx", "Bo Li", "", {}, ["no notebook"]),
        reports.Row("02_x_anna.ipynb", "anna", "02", marks, []),
        reports.Row("ANNA/02_x.ipynb", "ANNA", "02", marks, []),
    ]
    reports.write_all(tmp_path, rows, rules(tmp_path))
    assert not (tmp_path / "back").exists()
    (tmp_path / "back" / moodle).mkdir(parents=True)
    (tmp_path / "back" / moodle / "old.html").write_text("old", encoding="utf-8")
    reports.write_all(tmp_path, rows, rules(tmp_path), give_back=True)
    back = {path.relative_to(tmp_path / "back").as_posix() for path in tmp_path.glob("back/*/*")}
    assert back == {f"{moodle}/Bo_Li_02.html", "02_x_anna/anna_02.html", "ANNA/ANNA_02_2.html"}
    with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as file:
        pages = [line["page"] for line in csv.DictReader(file)]
    assert pages == [
        "students/Bo_Li_02.html",
        "",
        "students/anna_02.html",
        "students/ANNA_02_2.html",
    ]
    assert all((tmp_path / page).is_file() for page in filter(None, pages))


def kept_of(one):
    """What is kept of a hand-in without any answer."""
    empty = {"checked": False, "tries": [], "made": 0, "untouched": ""}
    questions = {question.id: empty for question in check.questions(one.notebook)}
    about = {"student": one.who, "notebook": one.notebook, "flags": [], "errors": {}}
    return {**about, "variant": 0, "questions": questions}
