"""Both editions are whole: they can be packed, and their notebooks print what stands in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from course.turns import turn

from hmlib import check
from hmlib.check.bank import find
from hmlib.check.varying import variant_of
from hmlib.course.__main__ import main
from hmlib.course.handing_out import sealing
from hmlib.course.handing_out.editions import hand_out
from hmlib.course.handing_out.filling import as_text, solutions

FEW = ("00", "02")


def compared(folder: Path, name: str) -> None:
    """Run a notebook of an edition in its own folder, and compare what it prints."""
    [file] = (folder / "notebooks").glob(f"{name}_*.ipynb")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    made = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", file],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr[-1000:]
    assert " passed" in made.stdout


@pytest.mark.long
@pytest.mark.parametrize("name", turn())
def test_each_notebook_of_a_student_prints_what_stands_in_it(name, tmp_path):
    compared(hand_out(tmp_path / "course", rounds=2, only=(name,)), name)


@pytest.mark.long
@pytest.mark.parametrize("name", turn())
def test_a_notebook_with_its_solutions_prints_what_stands_in_it(name, tmp_path):
    compared(hand_out(tmp_path / "course", "teacher", only=(name,)), name)


OWN = """
import sys
sys.path.insert(0, sys.argv[1])
from hmlib import check
check.student(sys.argv[2])
check.ask("00.4")
check("00.4", float(sys.argv[3]))
"""


@pytest.mark.long
def test_a_copy_with_own_numbers_asks_for_a_name_and_knows_them(tmp_path):
    folder = hand_out(tmp_path / "course", rounds=2, only=("00",), own_numbers=True)
    compared(folder, "00")
    [path] = (folder / "notebooks").glob("00_*.ipynb")
    assert path.read_text(encoding="utf-8").count('"check.student(...)"') == 1
    for name in ("anna", "bob"):
        variant = variant_of(name)
        answer = find("00.4", variant).answer
        made = subprocess.run(
            [sys.executable, "-P", "-c", OWN, str(folder), name, str(answer)],
            cwd=folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "00.4: correct." in made.stdout
        assert str(find("00.4", variant).prose.prompt)[:70] in " ".join(made.stdout.split())
        assert "These numbers go with your name" in made.stdout


def test_the_teachers_edition_has_every_answer_and_the_word_correct(tmp_path):
    folder = hand_out(tmp_path / "course", "teacher", only=FEW)
    assert len(list((folder / "notebooks").glob("*.ipynb"))) == len(FEW)
    for name in FEW:
        [path] = (folder / "notebooks").glob(f"{name}_*.ipynb")
        text = path.read_text(encoding="utf-8")
        asked = check.questions(name)
        assert text.count(": correct.**") == len(asked)
        assert "not attempted.**" not in text
        sheet = (folder / "teaching" / f"{path.stem}.md").read_text(encoding="utf-8")
        for question in asked:
            assert question.id in sheet
            assert all(f"*{slip}:*" in sheet for slip in question.prose.slips)
        assert str(solutions("02").ANSWERS["02.9"]) in sheet or name != "02"
    numbers = (folder / "teaching" / "numbers.md").read_text(encoding="utf-8")
    for question in check.questions("02"):
        assert (f"## {question.id} " in numbers) == question.varies
    assert as_text(find("02.6", 5).answer) in numbers


@pytest.mark.long
def test_the_students_edition_is_packed(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sealing, "ROUNDS", 20)
    out = tmp_path / "course"
    assert main(["handout", "--out", str(out), "--zip", "--notebooks", "00"]) == 0
    assert "course.zip" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "course.zip") as packed:
        names = packed.namelist()
    assert "course/start.py" in names
    assert "course/hmlib/course/nb00/sealed.json" in names
    assert not [name for name in names if "solutions" in name or "/marking/" in name]
    for path in out.rglob("sealed.json"):
        assert len(json.loads(path.read_text())) == len(check.questions(path.parent.name[2:]))


@pytest.mark.long
def test_the_copy_of_a_student_is_whole_for_start(tmp_path):
    """What start.py needs is there, and so is what the page of the command says."""
    from start import missing_part

    out = hand_out(tmp_path / "course", rounds=1, only=("00",))
    assert missing_part(str(out)) == ""
    made = subprocess.run(
        [sys.executable, "start.py", "--help"], cwd=out, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--notebooks", "77"], "--notebooks has '77'"),
        (["--edition", "student"], "is not empty"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path, capsys, arguments, words):
    (tmp_path / "there").write_text("x", encoding="utf-8")
    assert main(["handout", "--out", str(tmp_path), *arguments]) == 1
    assert words in capsys.readouterr().err
