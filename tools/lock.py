"""Write the lock files: ``python -m tools.lock`` (needs uv; ``--upgrade``: newest versions).

``requirements.lock`` holds what the course runs on, ``requirements-test.lock`` only what the tests
need on top of it, so that a student downloads no test tools, ``requirements-site.lock`` what the
pages need on top of both, ``requirements-release.lock`` what releases and slides need on top of
all three. All hold for Python 3.11 to 3.15 on Linux, macOS and Windows, name a hash
for every file, and contain no address. The last step asks
whether every package is there ready-made for each of these: students have no compiler.

``requirements-nbgrader.lock``, ``requirements-otter.lock`` and ``requirements-cluster.lock`` are
for environments of their own, each on top of the first two; nobody asks whether they are
ready-made.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / "requirements.lock"
TESTS = ROOT / "requirements-test.lock"
SITE = ROOT / "requirements-site.lock"
RELEASE = ROOT / "requirements-release.lock"
APART = ("nbgrader", "otter", "cluster")
"""Extras that have an environment of their own."""
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
PLATFORMS = (
    "x86_64-pc-windows-msvc",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
)
# Newer argon2-cffi-bindings and cryptography, and older pyyaml, are not ready-made for all of
# these. The first numpy, scipy and contourpy that are ready-made for Python 3.15 no longer are for
# 3.11: only 3.15 takes them, so that the others keep the versions that the notebooks were run with.
LIMITS = """\
argon2-cffi-bindings<26
cryptography<47
pyyaml>=6.0.4
contourpy>=1.4.0 ; python_full_version >= "3.15"
numpy>=2.5.5 ; python_full_version >= "3.15"
scipy>=1.18.1 ; python_full_version >= "3.15"
contourpy<1.4 ; python_full_version < "3.15"
numpy<2.5 ; python_full_version < "3.15"
scipy<1.18 ; python_full_version < "3.15"
"""

COMPILE = [
    *("uv", "pip", "compile", "pyproject.toml", "--group", "build", "--quiet"),
    *("--universal", "--fork-strategy", "fewest"),  # one version for all Pythons where possible
    *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"),
    *("--no-header", "--no-annotate"),
]
HEADER = "# {what}\n# Written by: python -m tools.lock\n"


def requirements(text: str) -> list[str]:
    """Split a lock into its requirements, each with its marker and its lines of hashes."""
    return re.findall(r"^[a-zA-Z0-9].*(?:\n[ ]+--hash=.*)*\n", text, flags=re.MULTILINE)


def compile_lock(output: Path, *options: str) -> list[str]:
    """Resolve ``pyproject.toml``; versions already named in ``output`` are kept where they fit."""
    subprocess.run([*COMPILE, *options, "--output-file", str(output)], cwd=ROOT, check=True)
    return requirements(output.read_text(encoding="utf-8"))


def read(lock: Path) -> str:
    return lock.read_text(encoding="utf-8") if lock.exists() else ""


def write(lock: Path, what: str, lines: list[str]) -> None:
    lock.write_text(HEADER.format(what=what) + "".join(lines), encoding="utf-8", newline="\n")


def check_ready_made(python: str, platform: str, target: str) -> None:
    """Raise CalledProcessError if a package of a lock would have to be built from source."""
    command = ["uv", "pip", "install", "--dry-run", "--quiet", "--no-build", "--require-hashes"]
    where = ["--python-version", python, "--python-platform", platform, "--target", target]
    locks = [word for lock in (COURSE, TESTS, SITE, RELEASE) for word in ("-r", str(lock))]
    subprocess.run([*command, *where, *locks], cwd=ROOT, check=True)


def main(options: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = ("limits", "course", "full", "site", "release")
        limits, course, full, site, release = (Path(folder) / name for name in names)
        limits.write_text(LIMITS, encoding="utf-8")
        course.write_text(read(COURSE), encoding="utf-8")
        full.write_text(read(COURSE) + read(TESTS), encoding="utf-8")
        site.write_text(read(COURSE) + read(TESTS) + read(SITE), encoding="utf-8")
        known = read(COURSE) + read(TESTS) + read(SITE) + read(RELEASE)
        release.write_text(known, encoding="utf-8")
        options = ["--constraint", str(limits), *options]
        base = compile_lock(course, "--extra", "course", *options)
        # The tests get the course's versions: its fresh lock is their constraint.
        everything = compile_lock(full, "--extra", "test", "--constraint", str(course), *options)
        on_top = [requirement for requirement in everything if requirement not in base]
        both = ("--constraint", str(course), "--constraint", str(full))
        pages = compile_lock(site, "--extra", "test", "--extra", "site", *both, *options)
        for_pages = [requirement for requirement in pages if requirement not in everything]
        extras = ("--extra", "test", "--extra", "site", "--extra", "release")
        all_three = (*both, "--constraint", str(site))
        released = compile_lock(release, *extras, *all_three, *options)
        # The same version under another marker is the same: the earlier lock has it.
        there = {requirement.split()[0] for requirement in pages}
        for_releases = [one for one in released if one.split()[0] not in there]
        write(COURSE, "What the course runs on: every file by its hash, for all systems.", base)
        write(TESTS, "What the tests need on top of requirements.lock.", on_top)
        for extra in APART:
            lock = ROOT / f"requirements-{extra}.lock"
            own = Path(folder) / extra
            own.write_text(full.read_text(encoding="utf-8") + read(lock), encoding="utf-8")
            found = compile_lock(own, "--extra", "test", "--extra", extra, *both, *options)
            more = [requirement for requirement in found if requirement not in everything]
            write(lock, f"What {extra} needs on top of the first two locks.", more)
        write(SITE, "What the pages need on top of the other two locks.", for_pages)
        write(RELEASE, "What releases, slides and a hub need on top of the others.", for_releases)
        for python in PYTHONS:
            for platform in PLATFORMS:
                check_ready_made(python, platform, target=folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="newest versions")
    main(["--upgrade"] if parser.parse_args().upgrade else [])
