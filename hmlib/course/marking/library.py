"""The library as a hand-in sees it: everything but questions, answers and this room."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent.parent
"""The folder of hmlib."""

ROOT = PACKAGE.parent
"""The checkout, or the folder that hmlib is installed in."""

SECRET = ("checks.py", "solutions.py", "variants.py", "questions.md", "sealed.json")
"""Files of a notebook's folder that a hand-in has no use for."""

INSIDE = ("__init__.py", "entering.py", "frames.py", "inside.py", "trying.py")
"""Files of this room that run in the sandbox."""


def without_answers(target: Path) -> Path:
    """Copy hmlib and its data into a folder, without anything that says an answer.

    Args:
        target: a folder that does not exist yet.
    """

    def left_out(folder: str, names: list[str]) -> set[str]:
        here = Path(folder)
        out = {
            name
            for name in names
            if name in ("__pycache__", "exporting", "handing_out", "commands")
        }
        if re.fullmatch(r"nb\d\d", here.name):
            out |= {name for name in names if name in SECRET}
        if here.name == "marking":
            out |= {name for name in names if name not in INSIDE}
        return out

    shutil.copytree(PACKAGE, target / "hmlib", ignore=left_out)
    if not (target / "hmlib" / "data").is_dir():
        shutil.copytree(ROOT / "data", target / "data")
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    target.chmod(0o755)
    return target


@cache
def hand_in_library() -> Path:
    """That copy, made once by each process that marks, and removed when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="hmlib-library-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return without_answers(folder / "library")
