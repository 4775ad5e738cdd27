"""The bank of slips is made from the questions, is whole, and its public page tells no answer."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from hmlib import check
from hmlib.course.handing_out.teaching import minutes
from hmlib.course.lessons.handouts import for_everyone, for_teachers
from hmlib.course.lessons.papers import PAPERS, read
from hmlib.course.lessons.slips_bank import ELSE, IDEAS, idea_of, page, slips
from tools import teaching


def test_the_pages_in_the_repository_are_of_today():
    assert teaching.old_pages() == []


def test_a_page_that_is_old_is_told_and_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(teaching, "FOLDER", tmp_path)
    assert teaching.main([]) == 1
    assert "slips.md is not of today" in capsys.readouterr().out
    assert teaching.main(["--write"]) == 0
    assert teaching.main([]) == 0


def test_every_slip_of_every_question_is_in_the_teachers_bank():
    text = page(secrets=True)
    found = list(slips())
    assert len(found) == sum(len(question.prose.slips) for question in check.questions()) > 500
    for slip in found:
        assert slip.said in text
        assert slip.name in text


def test_every_idea_has_slips_and_few_are_left_over():
    open_ones = [slip for slip in slips() if not slip.secret]
    count = Counter(idea_of(slip.name).title for slip in open_ones)
    assert {idea.title for idea in IDEAS} <= count.keys()
    assert min(count.values()) >= 3
    assert count[ELSE.title] <= len(open_ones) / 8


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("log2 for ln", "Units and scales"),
        ("wrong sign", "Signs"),
        ("entropy dropped", "Something left out"),
        ("KL turned around", "The average taken under another distribution"),
        ("the other network's gradient", "The two networks, taken for each other"),
        ("dreams where data belong", "Data where dreams belong, and dreams where data belong"),
        ("sum over the wrong axis", "Sums, means and axes"),
        ("transposed", "Shape and order"),
        ("function of the average", "A function of an average, for the average of the function"),
        ("not normalised", "Bayes' rule left halfway"),
    ],
)
def test_slips_go_to_the_idea_that_one_would_look_for(name, title):
    assert idea_of(name).title == title


def bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def test_the_public_pages_tell_no_answer():
    text = bare("\n".join(for_everyone().values()))
    for slip in slips():
        assert bare(slip.said) not in text
        if slip.chosen and len(bare(slip.chosen)) > 25:
            assert bare(slip.chosen) not in text
    for question in check.questions():
        assert bare(question.prose.why) not in text
    for name in PAPERS:
        for item in read(name).items:
            for said in re.split(r"(?<=[.:]) |\n", item.answer + "\n" + item.marks):
                if len(bare(said)) > 40:
                    assert bare(said) not in text, (item.id, said)


def test_the_control_a_secret_would_be_found():
    text = bare("\n".join(for_teachers().values()))
    assert all(bare(slip.said) in text for slip in slips())
    assert all(bare(item.answer) in text for name in PAPERS for item in read(name).items)


def test_teachers_get_a_sheet_and_a_key_for_each_paper():
    pages = for_teachers()
    assert "slips.md" in pages
    for name in PAPERS:
        assert pages[f"papers/{name}.md"] != pages[f"papers/{name}-answers.md"]


@pytest.mark.parametrize("notebook", [f"{k:02d}" for k in range(11)])
def test_minutes_are_what_the_notebook_says(notebook):
    assert re.search(r"\d{2,3}", minutes(notebook))
