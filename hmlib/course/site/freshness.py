"""What has changed since the site was last made.

A lab is drawn again when the code that can move a pixel of it has changed: the library, its own
notebook's folder, what several notebooks share, the data, or the packages that draw.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hmlib
from hmlib.datasets.files import SHA256

PACKAGE = Path(hmlib.__file__).resolve().parent
DRAWING = ("numpy", "scipy", "matplotlib", "pillow")
NOT_DRAWN = (
    "checks.py",
    "solutions.py",
    "chapters.py",
    "formulas.py",
    "pages.py",
    "serving.py",
    "building.py",
    "site.py",
    "freshness.py",
    "__main__.py",
)
"""Files of which no picture depends."""


class Stamps:
    """Texts that were noted by name, and are kept from one making of the site to the next."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._noted = dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            self._noted = {}

    def same(self, name: str, text: str) -> bool:
        """Whether this text was noted last time."""
        return self._noted.get(name) == text

    def note(self, name: str, text: str) -> None:
        """Note a text, on the disk too."""
        self._noted[name] = text
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._noted, indent=1), encoding="utf-8")


def fingerprint(room: str) -> str:
    """A text that changes when labs of a folder such as "nb02" may look otherwise."""
    digest = hashlib.sha256(_shared().encode())
    for path in sorted((PACKAGE / "course" / room).rglob("*.py")):
        if path.name not in NOT_DRAWN:
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _shared() -> str:
    """Of all that no notebook has for itself."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).parts
        other_room = parts[0] == "course" and len(parts) > 2 and parts[1] != "site"
        if not other_room and parts[0] != "check" and path.name not in NOT_DRAWN:
            digest.update(path.read_bytes())
    digest.update(json.dumps(SHA256, sort_keys=True).encode())
    digest.update(" ".join(f"{name} {version(name)}" for name in DRAWING).encode())
    return digest.hexdigest()


def write(path: Path, content: str | bytes) -> bool:
    """Write a file unless it has this content already; returns whether it was written."""
    wanted = content.encode() if isinstance(content, str) else content
    if path.exists() and path.read_bytes() == wanted:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wanted)
    return True


def told(progress: Any, done: int, total: int, what: str) -> None:
    """Say on one line how far it is; in a file, a line each."""
    line = f"{done} of {total}: {what}"
    terminal = progress.isatty()
    print(f"\r{line[:78]:78}" if terminal else line, end="" if terminal else "\n", file=progress)
    if terminal and done == total:
        print(file=progress)
    progress.flush()
