"""The way from handing out to giving back is short to read, and its commands can be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from hmlib.course.__main__ import _parser
from hmlib.course.handing_out.filling import ROOT
from hmlib.course.marking import correcting, counting
from hmlib.course.marking.handins import HandIn

PAGE = (ROOT / "docs" / "teaching" / "give-this-course.md").read_text(encoding="utf-8")
WALK, _, RARER = PAGE.partition("\n## For when you need it\n")


def test_what_a_teacher_must_read_is_short():
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Give this course")[2]
    assert "give-this-course.md" in section
    assert len(section.partition("<details>")[0].split()) + len(WALK.split()) <= 450


def test_the_steps_come_in_the_order_of_the_work():
    steps = re.findall(r"^## (.*)$", WALK, re.MULTILINE)
    assert steps == ["1. Hand out", "2. Mark", "3. Give back", "4. Re-weight"]
    assert len(re.findall(r"^### ", RARER, re.MULTILINE)) >= 8


def test_what_it_shows_of_a_file_is_what_stands_there(tmp_path):
    [shown] = re.findall(r'^"02\.6" = .*$', PAGE, re.MULTILINE)
    assert shown in counting.written().splitlines()
    [shown] = re.findall(r'^ *("Anna Berg"\..*)$', PAGE, re.MULTILINE)
    (tmp_path / correcting.NAME).write_text(shown, encoding="utf-8")
    anna = HandIn("Anna Berg/02_x.ipynb", "Anna Berg", "02")
    assert len(correcting.corrections(tmp_path, counting.rules(tmp_path), [anna])) == 1


def test_every_command_can_be_typed():
    lines = re.findall(r"^\.venv/bin/python -m hmlib\.course (.*)$", WALK, re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["handout", "mark"]
    for line in lines:
        _parser().parse_args(shlex.split(line))
    options = _parser().parse_args(shlex.split(lines[1]))
    assert options.give_back
    assert options.worksheet == Path("~/02/grades.csv")
    assert "make one assignment for each notebook" in " ".join(WALK.split())
    known = _parser().parse_args(["mark", "a", "--out", "b"])
    for word in ("--names", "--workers", "--dask", "--seed", "--grade-column", "--maximum-column"):
        assert word in RARER
        assert hasattr(known, word[2:].replace("-", "_"))
