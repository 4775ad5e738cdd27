"""A new version of the course takes over what was typed, and loses no text of the student's."""

from __future__ import annotations

import copy
import json
import random
import subprocess
from pathlib import Path

import pytest

from hmlib.course.__main__ import main
from hmlib.course.carrying import carry, fingerprints, remember, remembered, text_of
from hmlib.course.handing_out.filling import answered, checked, published, typed

NOTEBOOK = "02"


def cell(id: str, source: str, kind: str = "code") -> dict:
    more = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"id": id, "cell_type": kind, "metadata": {}, "source": source, **more}


def notebook(*cells: dict) -> dict:
    return {"metadata": {}, "nbformat": 4, "nbformat_minor": 5, "cells": list(cells)}


STUB = 'answer = ...\ncheck("02.6", answer)'
TYPED = 'answer = -0.77\ncheck("02.6", answer)'
OLD = notebook(cell("a", "# Title", "markdown"), cell("b", STUB), cell("c", "print(1)"))
GIVEN = fingerprints(OLD)


def changed(base: dict, **texts: str) -> dict:
    made = copy.deepcopy(base)
    for one in made["cells"]:
        one["source"] = texts.get(one["id"], one["source"])
    return made


def texts(made: dict) -> list[str]:
    return [text_of(one) for one in made["cells"]]


def test_an_answer_is_put_in_its_place_and_the_new_text_stays():
    done = carry(changed(OLD, b=TYPED), changed(OLD, a="# New title"), GIVEN)
    assert texts(done.notebook) == ["# New title", TYPED, "print(1)"]
    assert (done.taken, done.own, done.told) == (1, 0, [])


def test_an_answer_goes_along_when_its_cell_has_another_id():
    new = notebook(cell("x", "# New", "markdown"), cell("y", STUB))
    assert texts(carry(changed(OLD, b=TYPED), new, GIVEN).notebook)[1] == TYPED


def test_where_both_have_changed_a_cell_both_texts_are_kept_and_it_is_told():
    done = carry(changed(OLD, c="print(2)"), changed(OLD, c="print(3)"), GIVEN)
    assert texts(done.notebook)[2:] == ["print(3)", "print(2)"]
    assert "print(2)" in done.told[0]


def test_an_answer_to_a_question_that_was_changed_is_told():
    done = carry(changed(OLD, b=TYPED), changed(OLD, b="# two decimals\n" + STUB), GIVEN)
    assert texts(done.notebook)[1] == TYPED
    assert "02.6" in done.told[0]


def test_a_cell_that_the_student_left_alone_becomes_the_new_one():
    done = carry(OLD, changed(OLD, b="more = 1\n" + STUB, c="print(4)"), GIVEN)
    assert texts(done.notebook) == ["# Title", "more = 1\n" + STUB, "print(4)"]


def test_own_cells_keep_their_neighbours():
    old = copy.deepcopy(OLD)
    old["cells"].insert(2, cell("mine", "my_note = 1"))
    old["cells"].insert(3, cell("mine2", "my_note = 2"))
    done = carry(old, changed(OLD, a="# New"), GIVEN)
    assert texts(done.notebook) == ["# New", STUB, "my_note = 1", "my_note = 2", "print(1)"]
    assert done.own == 2


def test_a_cell_that_the_course_has_dropped_goes_unless_it_was_changed():
    new = notebook(OLD["cells"][0])
    assert texts(carry(OLD, new, GIVEN).notebook) == ["# Title"]
    done = carry(changed(OLD, c="print(9)"), new, GIVEN)
    assert texts(done.notebook) == ["# Title", "print(9)"]
    assert "no longer in the course" in done.told[0]


def test_what_was_typed_into_the_new_version_already_stays():
    already = changed(OLD, b='answer = 5\ncheck("02.6", answer)')
    done = carry(changed(OLD, b=TYPED), already, GIVEN, GIVEN)
    assert text_of(already["cells"][1]) in texts(done.notebook)
    assert TYPED in texts(done.notebook)


def test_a_second_time_changes_nothing():
    old = changed(OLD, b=TYPED, c="print(2)")
    once = carry(old, changed(OLD, c="print(3)"), GIVEN, GIVEN).notebook
    again = carry(old, once, GIVEN, GIVEN)
    assert texts(again.notebook) == texts(once)


def test_without_knowing_what_was_handed_out_nothing_is_lost():
    old = changed(OLD, a="# My title", b=TYPED, c="print(2)")
    done = carry(old, changed(OLD, a="# New"), {})
    assert set(texts(done.notebook)) == {"# New", "# My title", TYPED, "print(1)", "print(2)"}
    assert len(done.told) == 2


def test_dots_are_no_answer_where_nobody_knows_what_was_handed_out():
    new = changed(OLD, b="# say it in nats\n" + STUB)
    assert texts(carry(OLD, new, {}).notebook)[1] == "# say it in nats\n" + STUB


@pytest.mark.parametrize("seed", range(40))
def test_no_text_is_lost_whatever_both_did(seed):
    """Cells are changed, dropped, added and moved at random, by student and by course."""
    rng = random.Random(seed)
    base = notebook(
        *(cell(f"c{k}", STUB.replace("02.6", f"02.{k}") if k % 2 else f"x = {k}") for k in range(9))
    )
    given = fingerprints(base)

    def worked_on(who: str) -> dict:
        made = copy.deepcopy(base)
        for k, one in enumerate(made["cells"]):
            if rng.random() < 0.4:
                one["source"] = text_of(one).replace("...", f'"{who}"') + f"\n# {who} {k}"
        made["cells"] = [one for one in made["cells"] if rng.random() < 0.8]
        for k in range(rng.randrange(3)):
            made["cells"].insert(rng.randrange(5), cell(f"{who}{k}", f"own = '{who} {k}'"))
        if rng.random() < 0.3:
            rng.shuffle(made["cells"])
        return made

    old, new = worked_on("student"), worked_on("course")
    for known in (given, {}):
        done = carry(old, new, known, given)
        found = texts(done.notebook)
        for one in old["cells"]:
            if given.get(one["id"]) != fingerprints(old)[one["id"]]:
                assert text_of(one) in found
        ids = [one["id"] for one in done.notebook["cells"]]
        assert len(set(ids)) == len(ids)


def solved(text: str) -> dict:
    """A notebook of the course with every answer typed in, and a note of one's own."""
    made = json.loads(text)
    right = typed(NOTEBOOK)
    for one in made["cells"]:
        if id := checked(one, NOTEBOOK):
            one["source"] = answered(text_of(one), id, right[id])
    made["cells"].insert(5, cell("note", "my_note = 1"))
    return made


@pytest.fixture
def versions(tmp_path) -> tuple[Path, Path]:
    """A handed-out notebook that was worked on, and a new version of it with other words."""
    fresh = json.loads(published(NOTEBOOK))
    remember(fresh)
    old, new = tmp_path / "old" / "notebooks", tmp_path / "new" / "notebooks"
    for folder in (old, new):
        folder.mkdir(parents=True)
    (old / "02_old_name.ipynb").write_text(json.dumps(solved(json.dumps(fresh))))
    (old / "my_own.ipynb").write_text(json.dumps(notebook(cell("z", "mine = 1"))))
    for one in fresh["cells"]:
        if one["cell_type"] == "markdown":
            one["source"] = text_of(one) + "\n\nOne more sentence."
    remember(fresh)
    (new / "02_watch_the_free_energy.ipynb").write_text(json.dumps(fresh))
    return old, new


def test_the_command_carries_every_answer_of_a_notebook(versions, capsys):
    old, new = versions
    assert main(["update", str(old.parent), str(new.parent)]) == 0
    said = capsys.readouterr().out
    assert f"{len(typed(NOTEBOOK))} answers and changes in their places, 1 cells of" in said
    assert "Look" not in said
    assert (new / "my_own.ipynb").exists()
    made = json.loads((new / "02_watch_the_free_energy.ipynb").read_text())
    assert remembered(made)
    answers = {checked(one, NOTEBOOK): text_of(one) for one in made["cells"]}
    for id, right in typed(NOTEBOOK).items():
        # A function is renamed as the notebook calls it: its body is compared.
        assert right.strip().splitlines()[-1] in answers[id], id
    assert sum("One more sentence." in text_of(one) for one in made["cells"]) > 20


def test_in_place_the_old_files_are_put_away_first(versions, capsys):
    old, new = versions
    before = (old / "02_old_name.ipynb").read_text()
    assert main(["update", str(old), str(new), "--out", str(old)]) == 0
    assert (old / "before-update-1" / "02_old_name.ipynb").read_text() == before
    assert not (old / "02_old_name.ipynb").exists()
    assert "One more sentence." in (old / "02_watch_the_free_energy.ipynb").read_text()
    assert "before-update-1" in capsys.readouterr().out


def test_what_git_knows_is_used(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    (old / "02_a.ipynb").write_text(json.dumps(OLD))
    for words in (
        ["init", "-q"], ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"],
    ):  # fmt: skip
        subprocess.run(["git", *words], cwd=old, check=True)
    (old / "02_a.ipynb").write_text(json.dumps(changed(OLD, b=TYPED)))
    (new / "02_a.ipynb").write_text(json.dumps(changed(OLD, a="# New", c="print(5)")))
    assert main(["update", str(old), str(new)]) == 0
    found = texts(json.loads((new / "02_a.ipynb").read_text()))
    assert found == ["# New", TYPED, "print(5)"]


@pytest.mark.parametrize(
    ("broken", "words"),
    [("{", "cannot be read as a notebook"), ('{"worksheets": []}', "no notebook of format 4")],
)
def test_a_broken_notebook_is_told_and_nothing_is_written(versions, capsys, broken, words):
    old, new = versions
    (old / "02_old_name.ipynb").write_text(broken)
    before = {path: path.read_bytes() for path in new.iterdir()}
    assert main(["update", str(old), str(new)]) == 1
    assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in new.iterdir()} == before


def test_mistakes_are_told_in_words(tmp_path, versions, capsys):
    _, new = versions
    assert main(["update", str(tmp_path), str(new)]) == 1
    assert "OLD is" in capsys.readouterr().err
    assert main(["update", str(new), str(new)]) == 1
    assert "two folders" in capsys.readouterr().err
