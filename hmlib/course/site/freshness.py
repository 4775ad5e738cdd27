"""What has changed since the site was last made.

A lab is drawn again when code that can move a pixel of it has changed: its own module, what that
imports, and so on down (the hashes of the data stand in such a module), or the packages that draw.
"""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hmlib

PACKAGE = Path(hmlib.__file__).resolve().parent
DRAWING = ("numpy", "scipy", "matplotlib", "pillow")


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


def fingerprint(*modules: str) -> str:
    """A text that changes when labs may look otherwise.

    Args:
        modules: the one of the labs, such as "hmlib.course.nb02.labs", and those that keep their
            pictures and words, whatever the lab.
    """
    digest = hashlib.sha256()
    for name in sorted(reached(*modules)):
        digest.update(_file_of(name).read_bytes())
    digest.update(" ".join(f"{name} {version(name)}" for name in DRAWING).encode())
    return digest.hexdigest()


def reached(*modules: str) -> set[str]:
    """These modules of the package, all that they import, all that those import, and so on."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += _imported(module)
    return found


@cache
def _imported(module: str) -> tuple[str, ...]:
    """What a module names in its imports, at its top or within a function.

    The packages above it are run too, but they only gather names.
    """
    found = []
    for node in ast.walk(ast.parse(_file_of(module).read_bytes())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name if _is_module(name) else node.module for name in inside]
    return tuple(name for name in found if _is_module(name))


def _is_module(name: str) -> bool:
    return name.partition(".")[0] == PACKAGE.name and _file_of(name).exists()


def _file_of(name: str) -> Path:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


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
