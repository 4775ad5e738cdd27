"""Puts a release together: editions, packages, slides, pages, print, and what it says of itself."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from hmlib.check.bank import notebooks
from hmlib.course.handing_out.editions import ANSWERS, hand_out
from hmlib.course.handing_out.filling import ROOT
from hmlib.course.handing_out.sealing import ROUNDS
from hmlib.course.lessons.decks import NEEDED as SLIDES
from hmlib.course.releasing import manifests
from hmlib.course.releasing.packing import files, repacked, settle, zipped

NAME = "helmholtz"
PUBLIC, TEACHERS = "public", "teachers"
"""Folders of a release: what may stand where everyone can read it, and what has the answers."""

PRINTING = "hmlib.course.printing"
"""The room that prints, where there is one."""

TOOLS = ("build", "cyclonedx_py", "twine")
"""What no release can be made without; the extra `release` brings them."""


@dataclass
class Release:
    """A release while it is made.

    Attributes:
        out: its folder.
        aside: the editions as folders; gone afterwards.
        kept: pages are kept here for the next time.
        number: version.
        epoch: the time of all files, in seconds since 1970.
        left_out: part -> why it is not there.
    """

    out: Path
    aside: Path
    kept: Path
    number: str
    epoch: int
    left_out: dict[str, str] = field(default_factory=dict)

    def archive(self, part: str, readers: str = PUBLIC) -> Path:
        """Where the zip file of a part stands."""
        return self.out / readers / f"{NAME}-{part}-{self.number}.zip"


def assemble(
    out: Path, without: Sequence[str] = (), kept: Path | None = None, rounds: int = ROUNDS
) -> Release:
    """Make a release.

    Args:
        out: a folder that does not exist yet, or is empty.
        without: parts to leave out, of `PARTS`.
        kept: where pages are kept for the next time; `OUT.kept` if it is not given.
        rounds: of hashing for each try at a sealed question.

    Raises:
        ValueError: if the folder is not empty, a tool is missing, or one of them finds fault.
    """
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise ValueError(f"--out is {str(out)!r}, which is not empty; accepted: a new folder")
    wanted = [part for part in PARTS if part.name not in without]
    missing = [name for name in TOOLS if find_spec(name) is None]
    if missing:
        raise ValueError(f"{', '.join(missing)} cannot be imported: pip install '.[release]'")
    for part in wanted:
        if trouble := part.trouble():
            raise ValueError(f"{trouble}; `--without {part.name}` leaves it out")
    now, number = epoch(), manifests.version(ROOT)
    for readers in (PUBLIC, TEACHERS):
        (out / readers).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        aside = Path(folder)
        made = Release(out, aside, kept or out.with_name(f"{out.name}.kept"), number, now)
        made.left_out.update(dict.fromkeys(without, "not wanted"))
        editions(made, rounds)
        packages(made)
        for part in wanted:
            part.make(made)
    manifests.bill(ROOT, out / PUBLIC / f"{NAME}-{number}.cdx.json")
    changes = manifests.newest((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    (out / PUBLIC / "CHANGES.md").write_text(changes, encoding="utf-8")
    manifests.manifest(out, NAME, number, now, commit(), made.left_out)
    return made


def epoch() -> int:
    """The time that all files of a release have: of SOURCE_DATE_EPOCH, or of the last commit.

    Raises:
        ValueError: if neither says one.
    """
    told = os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct")
    if not told.isdecimal():
        raise ValueError(
            f"SOURCE_DATE_EPOCH is {told!r}, and there is no commit to take the time from; "
            "accepted: seconds since 1970"
        )
    return int(told)


def commit() -> str:
    """The commit that this checkout is at; empty if files were changed since, or it is none."""
    changed = _git("status", "--porcelain")
    return "" if changed else _git("rev-parse", "HEAD")


def _git(*words: str) -> str:
    """What git says of the checkout; empty if it says nothing or is not there."""
    if not (ROOT / ".git").exists():
        return ""
    try:
        made = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return made.stdout.strip() if made.returncode == 0 else ""


def secret() -> int:
    """A seed that nobody can draw again without the answers, and everybody can with them."""
    told = hashlib.sha256()
    for notebook in notebooks():
        for name in ANSWERS:
            told.update((ROOT / "hmlib" / "course" / f"nb{notebook}" / name).read_bytes())
    return int.from_bytes(told.digest())


def editions(made: Release, rounds: int) -> None:
    """The student's edition for everyone, the teacher's for teachers."""
    student = hand_out(made.aside / "student", "student", rounds, seed=secret())
    zipped(student, made.archive("students"), made.epoch)
    teacher = hand_out(made.aside / "teacher", "teacher")
    zipped(teacher, made.archive("teachers", TEACHERS), made.epoch)


def packages(made: Release) -> None:
    """The wheel and the source archive of the student's edition: what an index may have.

    Raises:
        ValueError: if they cannot be built, or would be refused.
    """
    source, built = made.aside / "source", made.out / PUBLIC
    shutil.copytree(made.aside / "student", source)
    settle(source, made.epoch)
    said = {"SOURCE_DATE_EPOCH": str(made.epoch), "PYTHONDONTWRITEBYTECODE": "1"}
    _run(["build", "--no-isolation", "--outdir", str(built.resolve())], source, said)
    [archive] = built.glob("*.tar.gz")
    repacked(archive, made.epoch)
    found = [str(path.resolve()) for path in files(built) if path.suffix in (".whl", ".gz")]
    _run(["twine", "check", "--strict", *found], source, said)


def _run(module: list[str], folder: Path, variables: dict[str, str]) -> None:
    """Run a tool that Python has as a module; ValueError with all it said if it fails."""
    made = subprocess.run(
        [sys.executable, "-m", *module],
        cwd=folder,
        env={**os.environ, **variables},
        umask=0o022 if os.name == "posix" else -1,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise ValueError(f"{module[0]} failed:\n{made.stdout[-3000:]}{made.stderr[-3000:]}")


@dataclass(frozen=True)
class Part:
    """What can be left out.

    Attributes:
        name: as it is typed.
        needs: modules that it cannot be made without.
        make: makes it.
    """

    name: str
    needs: tuple[str, ...]
    make: Callable[[Release], None]

    def trouble(self) -> str:
        """Why it cannot be made here, in words; empty if it can."""
        missing = [name for name in self.needs if not _there(name)]
        return f"{self.name} needs {', '.join(missing)}, not to be found here" if missing else ""


def _there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _site(made: Release) -> None:
    """The pages, by their own command, which says how far it is."""
    pages = made.kept / "pages"
    command = [sys.executable, "-m", "hmlib.course", "site", "--out", str(pages.resolve())]
    if _there(PRINTING) and "print" in made.left_out:
        command += ["--without", "print"]
    variables = {**os.environ, "SOURCE_DATE_EPOCH": str(made.epoch)}
    if subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode != 0:
        raise ValueError("the pages could not be made; `--without site` leaves them out")
    zipped(pages, made.archive("pages"), made.epoch)


def _print(made: Release) -> None:
    """The print edition, which is made with the pages."""
    found = sorted((made.kept / "pages").rglob("*.pdf")) if "site" not in made.left_out else []
    for path in found:
        shutil.copyfile(path, made.out / PUBLIC / path.name)
    if not found:
        made.left_out["print"] = "it comes with the pages, and there it is not"


def _slides(made: Release) -> None:
    from hmlib.course.lessons.decks import build

    build(made.aside / "slides")
    zipped(made.aside / "slides", made.archive("slides", TEACHERS), made.epoch)


PARTS = (
    Part("slides", SLIDES, _slides),
    Part("site", ("sphinx", "myst_nb", "sphinx_book_theme", "latex2mathml", "ziamath"), _site),
    Part("print", (), _print),
)
"""What may be left out."""
