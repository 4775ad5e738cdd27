"""Writes the two editions: a folder that can be handed out as it is."""

from __future__ import annotations

import fnmatch
import json
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hmlib.check.bank import SEALED, notebooks
from hmlib.course import carrying
from hmlib.course.handing_out import filling, sealing, teaching
from hmlib.course.handing_out.filling import ROOT
from hmlib.course.lessons import handouts

EDITIONS = ("student", "teacher")

FILES = (
    "start.py",
    "conftest.py",
    "pyproject.toml",
    "setup.py",
    "MANIFEST.in",
    "requirements.lock",
    "requirements-test.lock",
    "requirements-site.lock",
    "environment.yml",
    "postBuild",
    "CITATION.cff",
    "LICENSE",
    "LICENSE-text",
)
FOLDERS = ("hmlib", "data", "etc", "notebooks", "tools/starting")
TOOLS = ("tools/__init__.py", "tools/doctor.py")

NEVER = ("__pycache__", ".ipynb_checkpoints", "*.egg-info", "*.pyc")
ANSWERS = ("checks.py", "solutions.py", "variants.py", "questions.md")
"""What a student's edition has sealed.json in place of, in each notebook's folder."""

TEACHERS = {
    "hmlib/course": ("exporting", "handing_out", "lessons", "marking", "releasing"),
    "hmlib/course/commands": ("export.py", "handout.py", "mark.py", "release.py", "slides.py"),
}
"""Rooms that a student has no use for."""

README = """\
# The Helmholtz machine, in notebooks you can move

You need Python 3.11 to 3.15, and about 1 GB of disk. In this folder type

    python start.py

The first time this needs a network and takes a minute or two. JupyterLab opens on the first
notebook. Ctrl-C in the same window ends it. (On some systems the command is `python3`, on Windows
`py`.) Your answers stay in the folder `notebooks`.

Hand in the notebook file, not the folder. Before that: Restart Kernel and Run All Cells. Marking
runs from top to bottom, with the course's packages only.

Each question is checked when you run its cell: what is said to an answer is locked, and the answer
is the key. Checks help you to learn. What counts is what your teacher does with the notebook that
you hand in, which is tried on other cases than those that came with this copy.
"""


def hand_out(
    out: Path,
    edition: str = "student",
    rounds: int = sealing.ROUNDS,
    packed: bool = False,
    only: tuple[str, ...] | None = None,
    own_numbers: bool = False,
    seed: int | None = None,
) -> Path:
    """Write an edition into a folder that does not exist yet.

    Args:
        out: the folder.
        edition: "student" or "teacher".
        rounds: of hashing that each try at a sealed question costs.
        packed: write a zip file beside the folder too.
        only: the notebooks that go out; all of them if it is not given.
        own_numbers: in the student's edition, whether each notebook asks for a name, and has
            other numbers for each; the teacher's has a sheet of all of them in any case.
        seed: of the salts, which only those may know who may know the answers; drawn if not given.

    Returns:
        The folder, or the zip file.

    Raises:
        ValueError: if the folder is there already, or this is no full checkout.
    """
    if edition not in EDITIONS:
        raise ValueError(f"--edition is {edition!r}; accepted: 'student' or 'teacher'")
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise ValueError(f"--out is {str(out)!r}, which is not empty; accepted: a new folder")
    for name in (*FILES, *FOLDERS):
        if not (ROOT / name).exists():
            raise ValueError(f"{name} is not in {ROOT}: an edition is made from a full checkout")
    out.mkdir(parents=True, exist_ok=True)
    for name in (*FILES, *TOOLS):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, out / name)
    student = edition == "student"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, out / name, ignore=_left_out(student), dirs_exist_ok=True)
    chosen = only or notebooks()
    for path in (out / "notebooks").glob("[0-9][0-9]_*.ipynb"):
        if path.name[:2] not in chosen:
            path.unlink()
    if student:
        _seal(out, rounds, own_numbers, secrets.randbits(128) if seed is None else seed)
        if own_numbers:
            _ask_for_names(out)
        _remember(out)
        (out / "README.md").write_text(README, encoding="utf-8")
    else:
        shutil.copy2(ROOT / "README.md", out / "README.md")
        _fill(out, chosen)
    if packed:
        return Path(shutil.make_archive(str(out), "zip", out.parent, out.name))
    return out


def _left_out(student: bool) -> Callable[[str, list[str]], set[str]]:
    """What `copytree` leaves out."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        here = Path(folder).relative_to(ROOT).as_posix()
        out = {name for name in names for never in NEVER if fnmatch.fnmatch(name, never)}
        if student:
            out |= set(TEACHERS.get(here, ()))
            if re.fullmatch(r"hmlib/course/nb\d\d", here):
                out |= set(ANSWERS)
        return out & set(names)

    return left_out


def _ask_for_names(out: Path) -> None:
    """Put the cell that asks for a name below the imports of every notebook."""
    for path in (out / "notebooks").glob("[0-9][0-9]_*.ipynb"):
        document = json.loads(path.read_text(encoding="utf-8"))
        cells = document["cells"]
        first = next(k for k, cell in enumerate(cells) if cell["cell_type"] == "code")
        cells[first + 1 : first + 1] = filling.name_cells()
        path.write_text(filling.written(cells, json.dumps(document)), encoding="utf-8")


def _remember(out: Path) -> None:
    """Leave in each notebook what it was, so that a new version can take over what was typed."""
    for path in (out / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        carrying.remember(notebook)
        path.write_text(filling.written(notebook["cells"], json.dumps(notebook)), encoding="utf-8")


def _seal(out: Path, rounds: int, own_numbers: bool, seed: int) -> None:
    """Write the sealed questions of every notebook."""
    rng = np.random.default_rng(seed)
    for notebook in tqdm(notebooks(), desc="sealing", unit="notebook"):
        told = sealing.sealed(notebook, rng, rounds, own_numbers)
        path = out / "hmlib" / "course" / f"nb{notebook}" / SEALED
        path.write_text(json.dumps(told), encoding="utf-8")


def _fill(out: Path, chosen: tuple[str, ...]) -> None:
    """Write the notebooks with their solutions, a sheet for each, and papers and slips."""
    (out / "teaching").mkdir()
    numbers = out / "teaching" / "numbers.md"
    numbers.write_text(teaching.numbers(chosen), encoding="utf-8")
    for notebook in chosen:
        [path] = (out / "notebooks").glob(f"{notebook}_*.ipynb")
        path.write_text(filling.with_solutions(notebook), encoding="utf-8")
        sheet = out / "teaching" / f"{path.stem}.md"
        sheet.write_text(teaching.sheet(notebook), encoding="utf-8")
    for name, text in handouts.for_teachers().items():
        page = out / "teaching" / name
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8")
