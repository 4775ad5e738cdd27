"""A command that is typed with another Python than the course's own says which that is."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from hmlib.course.marking.library import ROOT

WITHOUT_TQDM = (
    "import sys; sys.modules['tqdm'] = None; from hmlib.course.__main__ import main; "
    "sys.exit(main(['mark', '.', '--out', 'out']))"
)
PAGES = ("README.md", *(f"docs/teaching/{n}.md" for n in ("give-this-course", "hub", "plans")))


@pytest.mark.parametrize(
    ("line", "name"),
    [(["-S", "-m", "hmlib.course", "mark"], "numpy"), (["-c", WITHOUT_TQDM], "tqdm")],
    ids=["without all", "without tqdm"],
)
def test_a_python_without_the_packages_is_told_in_one_sentence(line, name):
    made = subprocess.run([sys.executable, *line], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 1
    assert made.stdout == ""
    assert made.stderr.startswith(f"This Python has no {name}. Use the course's own, ")
    assert ".venv/bin/python" in made.stderr
    assert len(made.stderr.splitlines()) == 1


def test_elsewhere_it_is_the_error_that_it_was():
    made = subprocess.run(
        [sys.executable, "-S", "-c", "import hmlib"], cwd=ROOT, capture_output=True, text=True
    )
    assert "ModuleNotFoundError: No module named 'numpy'" in made.stderr


@pytest.mark.parametrize("page", [*PAGES, "docs/teaching/papers.md"])
def test_pages_with_commands_say_which_python_that_is(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    first = re.search(r"python -m hmlib", text)
    assert first is not None
    for said in (".venv/bin/python", ".venv\\Scripts\\python` on Windows", "start.py doctor"):
        assert text.index(said) < first.start()


@pytest.mark.parametrize("page", PAGES[1:])
def test_what_a_teacher_types_is_the_courses_own_python(page):
    """It is not on the path, and Debian has no `python` at all."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    assert not re.search(r"^ *python ", "\n".join(blocks), re.MULTILINE)
    assert "`python start.py" not in text
