"""What a release says of itself: what is in it, what changed, and what it is built on."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from hmlib.course.releasing.packing import files

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"


def version(root: Path) -> str:
    """The version that a checkout has."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def newest(changelog: str) -> str:
    """The newest section of a changelog, with its heading.

    Raises:
        ValueError: if it has none.
    """
    found = re.search(r"^## .*?(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError("CHANGELOG.md has no section; accepted: one that begins with '## '")
    return found[0].rstrip() + "\n"


def digest(path: Path) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def bill(root: Path, out: Path) -> None:
    """Write what the course is built on, as CycloneDX: every package of the lock with its hashes.

    Raises:
        ValueError: if the tool finds fault with it; says what.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "requirements.lock"]
    options = ["--pyproject", "pyproject.toml", "--mc-type", "library", "--output-reproducible"]
    form = ["--of", "JSON", "--validate", "-o", str(out.resolve())]
    made = subprocess.run(
        [*command, *options, *form], cwd=root, capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise ValueError(f"cyclonedx_py could not write {out.name}:\n{made.stderr.strip()}")


def manifest(
    out: Path, name: str, number: str, epoch: int, commit: str, left_out: Mapping[str, str]
) -> None:
    """Write the list of all files with their sizes and sums, and one for each folder to check by.

    Args:
        out: the release; each of its folders is for readers of its own.
        name: what is released.
        number: its version.
        epoch: the time that its files have.
        commit: what it was made from; empty if that is not known.
        left_out: part -> why it is not there.
    """
    listed = [
        {
            "path": path.relative_to(out).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": digest(path),
        }
        for path in files(out)
    ]
    told = {
        "name": name,
        "version": number,
        "source_date_epoch": epoch,
        "commit": commit or None,
        "left_out": dict(sorted(left_out.items())),
        "files": listed,
    }
    (out / MANIFEST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for folder in sorted(path for path in out.iterdir() if path.is_dir()):
        lines = [f"{digest(path)}  {path.relative_to(folder).as_posix()}" for path in files(folder)]
        (folder / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
