"""What the pages are made of: which labs, which hints, which words."""

from __future__ import annotations

import json
import re

import pytest

from hmlib.check import questions
from hmlib.course.site.chapters import (
    IN_THE_NOTEBOOK,
    Leads,
    page_of,
    read_chapter,
    read_chapters,
    source_of,
)
from hmlib.course.site.recording import Call, plan
from hmlib.course.site.stills import still_of
from hmlib.lab import Training
from tools.browser import ROOT

NOTEBOOKS = ROOT / "notebooks"
CHAPTERS = read_chapters(NOTEBOOKS)


def labs_by_output() -> list[tuple[str, str, str]]:
    """(notebook, cell, title) of every lab that a committed notebook shows, by its words."""
    found = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                plain = "".join(output.get("data", {}).get("text/plain", ""))
                if "image/png" in output.get("data", {}) and plain.startswith("Lab '"):
                    found.append((path.stem, cell["id"], plain.split("'")[1]))
    return found


def test_every_lab_of_every_notebook_is_found_and_is_the_right_one():
    found = [
        (chapter.name, cell, call.lab().spec["title"])
        for chapter in CHAPTERS
        for cell, call in chapter.calls.items()
    ]
    assert found == labs_by_output()
    assert len(found) >= 39


def test_labs_that_differ_have_files_that_differ():
    calls = {call for chapter in CHAPTERS for call in chapter.calls.values()}
    assert len({call.key for call in calls}) == len(calls)
    assert Call("hmlib.course.nb09.labs", "generator", ("ring", "code")).key == (
        "nb09.generator-ring-code"
    )


def test_a_lab_that_no_function_makes_is_refused(tmp_path):
    cells = json.loads((NOTEBOOKS / "00_start_here.ipynb").read_text(encoding="utf-8"))["cells"]
    lab = next(cell for cell in cells if source_of(cell) == "labs.ceiling()")
    lab["source"] = "shown = labs.ceiling()\nshown"
    path = tmp_path / "00_other.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{lab['id']} of 00_other.ipynb .*labs.ceiling"):
        read_chapter(path)


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="accepted: a folder with notebooks"):
        read_chapters(tmp_path)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda one: one.name)
def test_a_page_keeps_every_word_and_puts_a_place_for_each_lab(chapter):
    still = {call.key: f"<div>{call.key}</div>" for call in chapter.calls.values()}
    page = json.loads(page_of(chapter, still))
    own = [cell for cell in page["cells"] if not cell["id"].endswith("-hints")]
    assert [source_of(cell) for cell in own] == [source_of(cell) for cell in chapter.cells]
    html = [
        output["data"]["text/html"]
        for cell in own
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    assert html == [still[call.key] for call in chapter.calls.values()]
    assert "image/png" not in json.dumps(page)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda one: one.name)
def test_above_the_first_exercise_a_page_says_where_cells_run(chapter):
    still = dict.fromkeys(
        (call.key for call in chapter.calls.values()), "<p>In the notebook all of it moves.</p>"
    )
    page = json.loads(page_of(chapter, still, Leads("the top", "the tab", ": there")))
    ids = [cell["id"] for cell in page["cells"]]
    assert [source_of(cell) for cell in page["cells"]].count("the tab") == 1
    assert source_of(page["cells"][1]) == "the top"
    place = ids.index("run-exercises")
    assert 'check("' in source_of(page["cells"][place + 1])
    assert not [cell for cell in page["cells"][:place] if cell["id"].endswith("-hints")]
    assert json.dumps(page).count("all of it moves: there.") == len(chapter.calls)


def test_what_a_page_leaves_out_of_a_lab_ends_in_words_that_lead_to_the_notebook():
    sentence = plan(Call("hmlib.course.nb02.labs", "ceiling").lab()).sentence
    assert IN_THE_NOTEBOOK.search(sentence), sentence


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda one: one.name)
def test_every_question_has_its_hints_folded_below_and_no_answer(chapter):
    page = json.loads(page_of(chapter, dict.fromkeys((c.key for c in chapter.calls.values()), "")))
    said = "\n".join(source_of(c) for c in page["cells"] if c["id"].endswith("-hints"))
    asked = questions(chapter.name[:2])
    assert len(asked) > 2
    for question in asked:
        folded = re.findall(rf"<details><summary>{re.escape(question.id)}, hint", said)
        assert len(folded) == len(question.prose.hints)
        for level in range(1, len(question.prose.hints) + 1):
            assert question.hint(level).markdown in said
        assert question.prose.why not in said


def test_before_it_moves_a_lab_is_a_picture_with_words_a_question_and_its_options():
    lab = Call("hmlib.course.nb02.labs", "ceiling").lab()
    still = still_of(lab, "nb02.ceiling")
    for words in (lab.alt, lab.readout, lab.spec["question"]["text"]):
        assert words.replace("'", "&#x27;") in still
    for option in lab.spec["question"]["options"]:
        assert f"<li>{option}</li>" in still
    assert 'src="labs/nb02.ceiling.png"' in still
    assert lab.spec["question"]["because"] not in still
    assert "one control moves at a time" in still


def test_a_lab_that_learns_becomes_a_run_that_was_kept():
    calls = {call for chapter in CHAPTERS for call in chapter.calls.values()}
    learning = [lab for lab in (call.lab() for call in calls) if isinstance(lab, Training)]
    assert len(learning) == 5
    for lab in learning:
        planned = plan(lab)
        assert planned.spec["kept"] is True
        assert planned.spec["controls"][0]["name"] == "step"
        assert "kept" in planned.sentence
        assert IN_THE_NOTEBOOK.search(planned.sentence), planned.sentence
