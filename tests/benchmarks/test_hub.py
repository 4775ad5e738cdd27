"""A real JupyterHub with two students at once: they keep to their places, and lose no answer."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from benchmarks import hub
from hmlib.course.carrying import remember
from hmlib.course.commands.own import bring

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory(prefix="hmlib-hub-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)
        for folder in [path for path in Path(made).rglob("*") if path.is_dir()]:
            folder.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no other users in this sense")
def test_a_folder_that_students_cannot_reach_is_named(tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(PermissionError, match=re.escape(str(tmp_path))):
        hub.reachable(tmp_path / "work")
    tmp_path.chmod(0o755)
    closed = next((one for one in tmp_path.parents if not one.stat().st_mode & 0o001), None)
    if closed:
        with pytest.raises(PermissionError, match=re.escape(str(closed))):
            hub.reachable(tmp_path / "work")


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.skipif(os.name == "nt", reason="JupyterHub needs Linux or macOS")
def test_two_students_at_once_and_a_new_version(open_folder):
    kept = os.environ.get("HMLIB_HUB")
    if kept is None and not (shutil.which("uv") and shutil.which("npm")):
        pytest.skip("making a hub needs uv and npm")
    place = hub.Place(Path(kept) if kept else open_folder / "work")
    try:
        hub.prepare(place, hub.reachable_python())
    except RuntimeError as trouble:
        if any(word in str(trouble) for word in ("network", "connect", "ENOTFOUND", "resolve")):
            pytest.skip(f"no registry can be reached: {trouble}")
        raise
    told = hub.try_it(place)
    assert told["files outside the homes"] == told["files outside the homes, in the end"] == []
    assert told["changed in the environment"] == []
    # The new version is put there by the test itself.
    assert told["changed in the course"] == [f"notebooks/{hub.NOTEBOOK}"]
    for student in hub.STUDENTS:
        for seen in ("a lab moves by keys", "by mouse", "Ctrl+S in a lab", "dark"):
            assert told[f"{student}: {seen}"], seen
        saved = told[f"{student}: saved"]
        assert saved["pictures of labs"] == 4
        assert saved["dead controls"] == 0
        assert saved["the answer"]
    assert told["anna: after the update"]["the answer"]
    assert told["anna: after the update"]["the new sentence"]
    assert told["anna: the old file is kept"]


def test_a_student_gets_notebooks_once_and_keeps_what_is_there(tmp_path):
    course, own = tmp_path / "course", tmp_path / "own"
    course.mkdir()
    for name in ("00_a.ipynb", "01_b.ipynb"):
        (course / name).write_text('{"cells": [], "metadata": {}}')
    bring(course, own, up_to_date=False)
    assert sorted(path.name for path in own.iterdir()) == ["00_a.ipynb", "01_b.ipynb"]
    (own / "00_a.ipynb").write_text('{"cells": [{"source": "mine"}]}')
    (own / "01_b.ipynb").unlink()
    bring(course, own, up_to_date=False)
    assert "mine" in (own / "00_a.ipynb").read_text()
    assert (own / "01_b.ipynb").exists()


@pytest.mark.long
def test_the_command_becomes_the_program_whatever_happens(tmp_path):
    own = tmp_path / "own"
    words = ["own", "--update", str(tmp_path / "nowhere"), str(own)]
    program = ["--", sys.executable, "-c", "import sys; print(sys.argv[1:])", "--port=1", "a b"]
    made = subprocess.run(
        [sys.executable, "-m", "hmlib.course", *words, *program],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert made.stdout == "['--port=1', 'a b']\n"
    assert "COURSE is" in made.stderr


def test_old_notebooks_are_brought_up_to_date_and_others_are_left_alone(tmp_path, capsys):
    course, own = tmp_path / "course", tmp_path / "own"
    course.mkdir()
    for version in ("one", "two"):
        fresh = {"metadata": {}, "cells": [{"id": "a", "cell_type": "markdown", "source": version}]}
        remember(fresh)
        (course / "00_a.ipynb").write_text(json.dumps(fresh))
        bring(course, own, up_to_date=True)
        bring(course, own, up_to_date=True)
    assert "two" in (own / "00_a.ipynb").read_text()
    assert [path.name for path in own.glob("before*")] == ["before-update-1"]
    assert "one" in (own / "before-update-1" / "00_a.ipynb").read_text()
