"""What several test files share: every lab of the course, made anew for each test."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.labs import lab_makers

ROOT = Path(__file__).resolve().parent.parent
LICENCES = ("LICENSE", "LICENSE-text")
WALKS = ("test_first_notebook.py", "test_early_notebooks.py", "test_late_notebooks.py")
LONGEST = ("notebooks", "browser", "figures", "lab", "nb05", "benchmarks", "environment")
"""Folders whose files take longest."""
BUILD = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"


@pytest.fixture(scope="session")
def installed_wheel(tmp_path_factory) -> Path:
    """A folder with hmlib as its wheel brings it, far from the checkout."""
    source, home = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    for folder in ("hmlib", "data", "etc"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / folder, source / folder, ignore=ignored)
    for file in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", *LICENCES):
        shutil.copyfile(ROOT / file, source / file)
    built = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=source, capture_output=True, text=True, check=True
    )
    # A wheel of pure Python is installed by unpacking it.
    with zipfile.ZipFile(source / built.stdout.split()[-1]) as wheel:
        wheel.extractall(home)
    return home


def pytest_generate_tests(metafunc) -> None:
    """Give a test with the argument `make_lab` every lab of the course in turn.

    The tests of a file go from lab to lab together, so that they can look at the same one.
    """
    if "make_lab" in metafunc.fixturenames:
        makers = lab_makers()
        metafunc.parametrize("make_lab", list(makers.values()), ids=list(makers), scope="module")


def pytest_collection_modifyitems(items) -> None:
    """What takes longest comes first, so that no worker is left alone with it."""
    items.sort(key=lambda item: rank(item.path))


def rank(path: Path) -> int:
    """Where a file stands in the queue: a walk through notebooks takes minutes."""
    if path.name in WALKS:
        return 0
    room = path.parent.name
    return LONGEST.index(room) if room in LONGEST else len(LONGEST)
