"""The two parts of the tests: which is run, and that none is lost between them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = """
import pytest

pytestmark = pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.long)])

def test_a(n): pass

@pytest.mark.long
class TestB:
    def test_b(self, n): pass
"""
QUICK, LONG = ["test_a[1]"], ["test_a[2]", "test_b[1]", "test_b[2]"]


def run_pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest beside the course's conftest.py, with no plugin but the one of the workers."""
    shutil.copy(ROOT / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = long\n")
    (folder / "test_some.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-v", "-p", "xdist", "-p", "no:cacheprovider"]
    env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run([*command, *options], cwd=folder, env=env, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ([], QUICK + LONG),
        (["--part=quick"], QUICK),
        (["--part=long", "-n", "2"], LONG),
        (["--part=long", "-k", "test_b"], LONG[1:]),
    ],
)
@pytest.mark.long
def test_a_part_is_kept_whichever_way_its_tests_are_marked(tmp_path, options, kept):
    """With two workers and beside a choice of pytest's own, too."""
    ran = run_pytest(tmp_path, *options)
    assert ran.returncode == 0, ran.stdout
    found = re.findall(r"::(test_\w+\[\d\])(?= PASSED|\s*$)", ran.stdout, re.M)
    assert sorted(set(found)) == sorted(kept)


def test_an_unknown_part_is_refused(tmp_path):
    ran = run_pytest(tmp_path, "--part=slow")
    assert ran.returncode == 4
    assert "invalid choice: 'slow'" in ran.stderr
