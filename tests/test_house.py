"""The house: arrows run one way, without a circle, and every room can be told from the others."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tools import house

FOLDER_OF = {"engines": 1, "course": 2, "mathematics": 0}
IN_EVERY_NOTEBOOK = {"__init__", "checks", "labs", "pictures", "records", "solutions", "variants"}
"""Names of files that each notebook's folder may have."""


def below(name: str) -> int:
    """How high a room lies: 0 mathematics, 1 engines, 2 course."""
    return FOLDER_OF[house.floor(name)]


def code_files() -> list[Path]:
    folders = ("hmlib", "tests", "tools", "benchmarks")
    found = [path for folder in folders for path in (house.ROOT / folder).rglob("*")]
    return sorted(path for path in found if path.suffix in (".py", ".js", ".css"))


def test_no_arrow_runs_upwards():
    pairs = house.arrows()
    assert len(pairs) > 50
    assert [(a, b) for a, b in pairs if below(a) < below(b)] == []


def test_there_is_no_circle():
    assert house.circle(house.imports()) == []
    assert house.circle(house.arrows()) == []


def test_a_circle_would_be_found():
    assert house.circle([("a", "b"), ("b", "c"), ("c", "b")]) == ["b", "c"]


def test_no_notebooks_folder_imports_another():
    pairs = house.arrows()
    assert [(a, b) for a, b in pairs if a.startswith("nb") and b.startswith("nb")] == []


def test_drawing_and_asking_know_nothing_of_each_other():
    pairs = house.arrows()
    assert not pairs & {
        ("figures", "lab"),
        ("check", "lab"),
        ("check", "figures"),
        ("lab", "check"),
    }
    assert not [b for a, b in pairs if a == "figures" and b not in ("_checks",)]


def imported_by(name: str) -> set[str]:
    return {b for a, b in house.imports() if a == name}


@pytest.mark.parametrize("name", [n for n in house.modules() if "pictures" in n])
def test_a_picture_draws_and_computes_nothing(name):
    """It may know records and other pictures, and none of the mathematics."""
    rooms = {house.room(target) for target in imported_by(name)} - {house.room(name)}
    assert rooms <= {"figures", "course"}
    asked = [t for t in imported_by(name) if t.endswith((".labs", ".checks", ".solutions"))]
    assert asked == []


def test_checks_need_no_picture():
    """Homework is graded where neither matplotlib nor a widget is."""
    graded = [n for n in house.modules() if n.endswith((".checks", ".solutions"))]
    assert len(graded) >= 22
    for name in graded:
        assert not {house.room(target) for target in imported_by(name)} & {"figures", "lab"}


@pytest.mark.parametrize("path", code_files(), ids=lambda p: str(p.relative_to(house.ROOT)))
def test_no_file_is_over_600_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 600


def test_no_two_modules_share_a_name():
    names = Counter(
        name.rpartition(".")[2]
        for name, path in house.modules().items()
        if path.name != "__init__.py"
        and not (name.split(".")[1] == "course" and path.stem in IN_EVERY_NOTEBOOK)
    )
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("path", sorted((house.ROOT / "notebooks").glob("*.ipynb")))
def test_a_notebook_uses_its_own_folder_and_what_is_shared(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    used = {word.split(".")[2] for word in source.split() if word.startswith("hmlib.course.nb")}
    # 00 shows a finished lab of 02.
    assert used <= {"nb" + path.name[:2]} | ({"nb02"} if path.name.startswith("00") else set())


def test_the_drawing_is_of_today():
    text = house.PAGE.read_text(encoding="utf-8")
    assert house.page(text) == text
    assert text.count("-->") > 15


def test_every_room_has_its_paragraph():
    text = house.PAGE.read_text(encoding="utf-8")
    rooms = {house.room(name) for name in house.modules()} - {""}
    for name in rooms:
        if not name.startswith("nb"):
            assert f"**`{name}" in text, name
