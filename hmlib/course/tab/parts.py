"""Pyodide, Python for browsers: which version, which of its packages, and from where.

`pyodide-lock.json` beside this file is the official lock, cut down to what the course needs. Every
file is held against the fingerprint that it has there, by the browser too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from hmlib.course.tab.wheels import Wheel

VERSION = "0.27.7"
"""Of Pyodide: what the tests run."""

CDN = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
"""Where JupyterLite takes Pyodide from."""

LOCK = "pyodide-lock.json"

CORE = {
    "pyodide.js": "b4cb23a53aba19c221659b9fb40a2f18281d685691dc06647fb0afd0681baf98",
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
}
"""Files of Pyodide itself -> their fingerprints, those of npm's package."""

WANTED = (
    "numpy", "scipy", "matplotlib", "pillow", "ipython", "jedi", "micropip", "ssl", "sqlite3",
)  # fmt: skip
"""What the course and its kernel need, by name; what these need comes with them."""

UNUSED = {"matplotlib": ("fonttools", "matplotlib-pyodide", "pytz")}
"""What a package asks for and the course never loads; 2 MB that nobody has to wait for."""


@cache
def _kept() -> dict[str, Any]:
    text = (resources.files("hmlib.course.tab") / LOCK).read_text(encoding="utf-8")
    return dict(json.loads(text))


def official() -> dict[str, Any]:
    """The official lock, cut down to what the course needs."""
    return deepcopy(_kept())


def cut_down(lock: dict[str, Any]) -> dict[str, Any]:
    """The official lock without what the course does not need."""
    packages, kept = lock["packages"], {}
    waiting = list(WANTED)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name not in kept:
            needs = [one for one in packages[name]["depends"] if one not in UNUSED.get(name, ())]
            kept[name] = packages[name] | {"depends": needs}
            waiting += needs
    return {"info": lock["info"], "packages": dict(sorted(kept.items()))}


def lock_with(wheels: Sequence[Wheel], addresses: dict[str, str]) -> dict[str, Any]:
    """The lock of the site: Pyodide's packages and the site's own wheels.

    Args:
        wheels: the site's own.
        addresses: name of a wheel's file -> its address, if it is not that name.
    """
    lock = official()
    for wheel in wheels:
        lock["packages"][key_of(wheel.name)] = {
            "name": wheel.name,
            "version": wheel.version,
            "file_name": addresses.get(wheel.file_name, wheel.file_name),
            "sha256": wheel.sha256,
            "imports": list(wheel.imports),
            "depends": [key_of(name) for name in wheel.depends],
            "install_dir": "site",
            "package_type": "package",
            "unvendored_tests": False,
        }
    return lock


def key_of(name: str) -> str:
    """A package's name as a lock has it."""
    return name.lower().replace("_", "-")


def fingerprints() -> dict[str, str]:
    """Every file of Pyodide that the course needs -> its fingerprint."""
    packages = official()["packages"].values()
    return CORE | {one["file_name"]: one["sha256"] for one in packages}


def checked(folder: Path) -> list[Path]:
    """The files of a folder that the course needs, each held against its fingerprint.

    Raises:
        FileNotFoundError: if one is missing; names all that are.
        ValueError: if one is damaged or of another version.
    """
    wanted = fingerprints()
    if missing := [name for name in wanted if not (folder / name).is_file()]:
        raise FileNotFoundError(
            f"offline is {folder}, where {', '.join(missing)} cannot be found; accepted: a folder "
            f"with these files of Pyodide {VERSION}. Its full distribution has them, and "
            "`python -m tools.wasm_parts` fetches them in a checkout of the course"
        )
    for name, fingerprint in wanted.items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != fingerprint:
            raise ValueError(
                f"{folder / name} has the sha256 {found}; accepted: {fingerprint}, which is that "
                f"of Pyodide {VERSION}"
            )
    return [folder / name for name in wanted]
