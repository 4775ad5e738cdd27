"""What the tests of start.py share: small courses, real starts, and the ports they take."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
START = ROOT / "start.py"
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-site.lock")
needs_posix = pytest.mark.skipif(os.name == "nt", reason="tries what only Unix systems do")


def small_course(folder: Path) -> Path:
    for name in ("pyproject.toml", *LOCKS):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"first {name}")
    (folder / "notebooks").mkdir()
    for name in ("00_start_here.ipynb", "01_meet.ipynb"):
        (folder / "notebooks" / name).write_text(f"first {name}")
    shutil.copytree(ROOT / "etc", folder / "etc")
    return folder


def run_start(
    *arguments: str, python: str = sys.executable, before: str = "", script: Path = START
) -> tuple[int, str]:
    """Run start.py in another Python, after the line ``before``; exit code and all it printed."""
    code = f"import runpy, sys\n{before}\nsys.argv = {['start.py', *arguments]!r}\n"
    code += f"runpy.run_path({str(script)!r}, run_name='__main__')"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    answer = subprocess.run([python, "-c", code], **pipes, timeout=60)
    return answer.returncode, answer.stdout


def quiet(*command: str) -> int:
    return subprocess.run(command, capture_output=True).returncode
