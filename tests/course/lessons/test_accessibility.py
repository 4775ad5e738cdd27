"""The accessibility statement and the plans say what is there, and nothing moves unasked."""

from __future__ import annotations

import re

import pytest

from hmlib.course.handing_out.filling import ROOT
from hmlib.course.nb05 import training_labs

DOCS = ROOT / "docs" / "teaching"
STATEMENT = (DOCS / "accessibility.md").read_text(encoding="utf-8")


def test_every_test_that_the_statement_names_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", STATEMENT)
    assert len(named) >= 15
    for file, test in named:
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not test or f"def {test}(" in text, (file, test)


@pytest.mark.parametrize(
    "path",
    [
        path
        for kind in ("*.css", "*.js", "*.py")
        for folder in ("hmlib/lab", "hmlib/course/site", "hmlib/course/lessons")
        for path in sorted((ROOT / folder).glob(kind))
    ],
    ids=lambda path: path.name,
)
def test_no_style_sheet_moves_anything(path):
    """Neither in a style sheet nor where a script or a program writes one."""
    text = path.read_text(encoding="utf-8")
    moving = r"@keyframes|\b(?:animation|transition)(?:-[a-z]+)?\s*:\s*(?!none)\w|\.animate\("
    assert re.findall(moving, text) == []


def test_a_moving_style_would_be_found():
    moving = r"@keyframes|\b(?:animation|transition)(?:-[a-z]+)?\s*:\s*(?!none)\w|\.animate\("
    assert re.search(moving, "a { transition: opacity 1s }")
    assert re.search(moving, "a { animation-name: spin }")
    assert not re.search(moving, "a { transition: none }")


def test_a_lab_does_not_play_by_itself():
    """A lab that learns rests at its start until it is told to go on, before and after a
    prediction."""
    lab = training_labs.stripes()
    assert lab.step.count == 0
    lab.predict()
    assert lab.step.count == 0
    page = "\n".join(
        (ROOT / "hmlib" / "lab" / name).read_text(encoding="utf-8")
        for name in ("lab.js", "live.js")
    )
    assert "autoplay" not in page.lower()


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_links_of_the_teaching_pages_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target and not target.startswith("lab:"):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", [*sorted(DOCS.glob("*.md")), ROOT / "docs" / "releasing.md"],
                         ids=lambda path: path.name)  # fmt: skip
def test_commands_of_the_teaching_pages_exist(path):
    text = path.read_text(encoding="utf-8")
    for module, word in re.findall(
        r"python -m ((?:hmlib|tools|benchmarks)[\w.]*)(?: (\w+))?", text
    ):
        place = ROOT / module.replace(".", "/")
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), module
        if module == "hmlib.course" and word:
            assert (ROOT / "hmlib" / "course" / "commands" / f"{word}.py").exists(), word


def test_the_plans_name_places_of_the_notebooks_and_their_minutes():
    """A heading in italics is a lab's title, a section of a notebook or a slide."""
    plans = (DOCS / "plans.md").read_text(encoding="utf-8")
    known = "\n".join(
        path.read_text(encoding="utf-8")
        for pattern in ("notebooks/*.ipynb", "docs/teaching/*.md", "docs/teaching/slides/*.md",
                        "hmlib/course/nb*/*labs.py")
        for path in sorted(ROOT.glob(pattern))
        if path.name != "plans.md"
    )  # fmt: skip
    tables = "\n".join(line for line in plans.splitlines() if line.startswith("|"))
    named = re.findall(r"(?<![*\w])\*([A-Z][^*]+)\*", tables)
    assert len(named) > 20
    for title in named:
        assert title in known or title == "start", title


def test_each_lesson_has_slides_and_a_place_to_stop():
    files = sorted((DOCS / "slides").glob("lesson-*.md"))
    assert len(files) == 8
    for number, path in enumerate(files, start=1):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# Lesson {number}: ")
        assert "\n## Stop here\n" in text
        assert text.count("![](lab:") >= 1
        assert 6 <= text.count("\n## ") <= 14
