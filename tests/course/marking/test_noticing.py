"""What is noticed: the teacher reads who it was, and a student's page names nobody else."""

from __future__ import annotations

import pytest

from hmlib import check
from hmlib.course.marking import counting, noticing, reports, rounds
from hmlib.course.marking.handins import HandIn
from hmlib.course.marking.naming import NOBODY, whose

OTHERS = ("Karin Weber", "karin", "O'Neill\n': judged", "4455_assignsubmission_file_")


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("template", [template for template, _ in noticing.TOLD])
def test_no_other_name_is_told(template, other):
    flag = template.format(typed=other, student=other, number="4455", files=f"{other}/x, b/y")
    said = noticing.for_student(flag)
    assert other not in said
    assert said in [own for _, own in noticing.TOLD]


@pytest.mark.parametrize("flag", [NOBODY, "and 2 other files", "cell 9: SyntaxError: line 1"])
def test_what_names_nobody_is_told_as_it_is(flag):
    assert noticing.for_student(flag) == flag


def test_a_students_page_names_nobody_else_and_the_teacher_reads_who_it_was(tmp_path):
    """Made under another name, two of one name, more than one file, files beside it."""
    marks = {question.id: counting.Mark("correct", 1, 1, "") for question in check.questions("02")}
    files = [HandIn(f"{who}/02_x.ipynb", "Bo Li") for who in ("Bo Li_43", "Karin Weber_44")]
    flags = [
        noticing.NAMESAKE.format(student="Bo Li", number=43),
        *rounds.several(files),
        *(
            whose(typed, "Bo Li", way)[1]
            for typed, way in [("Karin", "fitting"), ("Karin", "typed")]
        ),
    ]
    assert len(set(flags)) == 4
    row = reports.Row(
        "Bo Li_43/02_x.ipynb", "Bo Li 43", "02", marks, flags, beside=["Karin Weber_44/a.txt"]
    )
    reports.write_all(tmp_path, [row], counting.rules(tmp_path), give_back=True)
    pages = [*tmp_path.glob("students/*.html"), *tmp_path.glob("back/*/*.html")]
    assert len(pages) == 2
    for path in pages:
        page = path.read_text(encoding="utf-8")
        assert "Karin" not in page
        assert "somebody else" not in page
        assert "<li>made under another name</li>" in page
        assert page.count("<li>") == 4
    for name in ("marks.csv", "class.html"):
        assert "Karin Weber_44" in (tmp_path / name).read_text(encoding="utf-8")
