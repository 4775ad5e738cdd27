"""A folder that cannot be written to: a department's shared install."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from starting import needs_posix

from tools.starting import commands, installing, places


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ------------------------------------------------------------------ a folder that is read-only


@needs_posix
def test_a_folder_is_tried_for_writing_as_the_user_who_runs_it(tmp_path):
    assert places.writable(tmp_path) is True
    user = os.geteuid()
    tmp_path.chmod(0o555)
    try:
        if user == 0:
            os.seteuid(65534)
        assert places.writable(tmp_path) is False
    finally:
        os.seteuid(user)
        tmp_path.chmod(0o755)


def test_a_reader_of_a_read_only_course_gets_notebooks_at_home(here, read_only, capsys):
    before = files_in(here.course)
    mine, installed = commands.settle(here.course, "requirements.lock")
    assert installed is True
    assert files_in(here.course) == before
    assert mine.own == mine.notebooks == read_only / "helmholtz-notebooks"
    assert (mine.own / "01_meet.ipynb").read_text() == "first 01_meet.ipynb"
    assert mine.venv == mine.own / ".venv"
    assert all(
        Path(value).is_relative_to(mine.own)
        for name, value in mine.environment().items()
        if name.startswith("JUPYTER") and name.endswith("_DIR")
    )
    said = capsys.readouterr().out
    assert f"read-only here. Your notebooks are in {mine.own}\n(2 copied now; 0 were" in said
    assert f"The environment is {mine.venv}" in said


def test_notebooks_with_answers_are_never_overwritten(here, read_only, capsys):
    mine, _ = commands.settle(here.course, "requirements.lock")
    (mine.own / "01_meet.ipynb").write_text("my answers")
    (mine.own / "00_start_here.ipynb").unlink()
    commands.settle(here.course, "requirements.lock")
    assert (mine.own / "01_meet.ipynb").read_text() == "my answers"
    assert (mine.own / "00_start_here.ipynb").exists()
    assert "(1 copied now; 1 were there and stay as they are)" in capsys.readouterr().out


def test_copies_of_notebooks_that_cannot_be_written_can_be(here, read_only):
    for notebook in here.notebooks.iterdir():
        notebook.chmod(0o444)
    mine, _ = commands.settle(here.course, "requirements.lock")
    assert os.stat(mine.own / "01_meet.ipynb").st_mode & 0o200


def test_an_interrupted_copy_leaves_no_half_notebook(here, read_only, monkeypatch):
    def interrupted(source, target):
        Path(target).write_text("half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(places.shutil, "copyfile", interrupted)
        with pytest.raises(KeyboardInterrupt):
            commands.settle(here.course, "requirements.lock")
    mine, _ = commands.settle(here.course, "requirements.lock")
    assert (mine.own / "00_start_here.ipynb").read_text() == "first 00_start_here.ipynb"


def test_the_environment_of_the_course_is_used_if_it_is_good(here, read_only, installed):
    installing.ready(here, "requirements.lock")
    before = files_in(here.course)
    mine, anew = commands.settle(here.course, "requirements.lock")
    assert (mine.venv, anew) == (here.venv, False)
    assert installed == [("requirements.lock",)]
    assert files_in(here.course) == before
    assert not (mine.own / ".venv").exists()


@pytest.mark.parametrize("fault", ["behind", "half", "moved", "foreign"])
def test_an_environment_of_the_course_that_is_not_good_is_let_be(here, read_only, fault):
    installing.ready(here, "requirements.lock")
    stamp = json.loads(here.stamp.read_text())
    changed = {
        "behind": {**stamp, "files": {**stamp["files"], "requirements.lock": "older"}},
        "half": {**stamp, "state": "installing"},
        "moved": {**stamp, "folder": "elsewhere"},
        "foreign": {},
    }[fault]
    here.stamp.write_text(json.dumps(changed))
    before = files_in(here.course)
    mine, anew = commands.settle(here.course, "requirements.lock")
    assert (mine.venv, anew) == (mine.own / ".venv", True)
    assert files_in(here.course) == before


def test_another_course_fills_the_reader_s_environment_anew(here, read_only, monkeypatch):
    first, _ = commands.settle(here.course, "requirements.lock")
    # Two copies of the course, the second with the same locks and another hmlib.
    other = shutil.copytree(here.course, here.course.with_name("other"))
    monkeypatch.setattr(places, "writable", lambda folder: folder == first.own)
    second, anew = commands.settle(other, "requirements.lock")
    assert second.venv == first.venv
    assert anew is True


def test_without_a_home_the_notebooks_go_where_the_reader_stands(
    here, read_only, tmp_path, monkeypatch
):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    monkeypatch.chdir(read_only)
    mine, _ = commands.settle(here.course, "requirements.lock")
    assert mine.own == read_only / "helmholtz-notebooks"


def test_with_nowhere_to_write_it_says_where_it_tried(here, read_only, monkeypatch, capsys):
    monkeypatch.setattr(places, "writable", lambda folder: False)
    assert commands.main([], str(here.course)) == 1
    said = capsys.readouterr().err
    assert f"    {read_only / 'helmholtz-notebooks'}\n" in said
    assert f"    {here.course / 'helmholtz-notebooks'}\n" in said
    assert "start from there" in said


def test_tests_in_a_read_only_folder_are_refused_in_words(here, read_only, capsys):
    assert commands.main(["test"], str(here.course)) == 1
    assert "The tests write into the course's folder" in capsys.readouterr().err
