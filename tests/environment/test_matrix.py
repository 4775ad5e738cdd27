"""The table of versions in README.md: how it is written, and that it shows what is allowed."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tools import matrix  # noqa: E402


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("1200 passed, 3 skipped in 310.22s (0:05:10)", "1200 passed, 3 skipped"),
        ("===== 1 failed, 2 passed in 0.50s =====", "1 failed, 2 passed"),
        ("no tests ran in 0.01s", "no tests ran"),
        ("", "did not start"),
    ],
)
def test_the_outcome_is_what_pytest_says_without_its_time(last, said):
    assert matrix.outcome(last) == said


def runs() -> list[matrix.Run]:
    old = {"Python": "3.11.2", **dict.fromkeys(matrix.needs(), "1.0")}
    new = {"Python": "3.15.1", **dict.fromkeys(matrix.needs(), "9.0")}
    return [
        matrix.Run("oldest", old, "10 passed", True),
        matrix.Run("newest", new, "1 failed, 9 passed", False),
    ]


def test_the_table_shows_every_need_of_a_reader_and_the_outcomes():
    rows = [line.strip("| ").split(" | ") for line in matrix.table(runs(), []).splitlines()]
    assert rows[0] == ["oldest", "newest"]
    assert rows[2] == ["Python", "3.11.2", "3.15.1"]
    assert rows[-1] == ["the tests", "10 passed", "1 failed, 9 passed"]
    named = [row[0] for row in rows[3:-1]]
    assert {"numpy", "scipy", "matplotlib", "anywidget", "jupyterlab"} <= set(named)
    assert not {"hmlib", "pytest"} & set(named)


def test_a_table_of_a_part_of_the_tests_says_so():
    last = matrix.table(runs(), ["tests/test_exact.py", "-k", "states"]).splitlines()[-1]
    assert last.startswith("| the tests (`tests/test_exact.py -k states` only) | 10 passed |")


def test_writing_replaces_what_stands_between_the_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"above\n{matrix.BEGIN}\nold\n\n{matrix.END}below\n")
    matrix.write(page, "new\n")
    matrix.write(page, "newer\n")
    assert page.read_text() == f"above\n{matrix.BEGIN}\nnewer\n\n{matrix.END}below\n"


def test_a_page_without_marks_is_refused_in_words(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing to see")
    with pytest.raises(ValueError, match=r"page\.md has no lines <!-- versions"):
        matrix.write(page, "new\n")
    assert page.read_text() == "nothing to see"


def test_the_readme_shows_the_oldest_versions_that_are_allowed():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.partition(matrix.BEGIN)[2].partition(matrix.END)[0]
    oldest = dict(re.findall(r"^\| (\S+) \| (\S+) \| \S+ \|$", shown, re.M))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["lab"], *extras["course"]]
    asked = {one.name: one for one in map(Requirement, lines) if one.name != "hmlib"}
    assert list(oldest) == ["---", "Python", *asked]
    for name, requirement in asked.items():
        (floor,) = requirement.specifier
        numbers = Version(floor.version).release
        assert Version(oldest[name]).release[: len(numbers)] == numbers, name
