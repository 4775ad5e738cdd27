"""Change the mathematics one line at a time and see whether a test notices.

    python -m tools.mutate                  every change of tools/mutations.py, in turn
    python -m tools.mutate relu-kinks ...   those of these names
    python -m tools.mutate --list           their names

The tree is copied into a temporary folder and changed there, never in place. The tests named with
a change are run on the copy until one fails: then the change is caught. First all these tests are
run on the copy as it is, since a test that fails anyway catches nothing.

Exit status: 0 if every change is caught, 1 if one survives, 2 if they cannot be tried.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info")

# The tests' own conftest loads every lab, and the plugins every browser: neither is mathematics.
PYTEST = ("-m", "pytest", "--noconftest", "-o", "addopts=", "--import-mode=importlib")
QUIETLY = ("-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider")

SECONDS = 900
"""Tests that take longer than this have lost their way: the change is caught."""


class Untried(Exception):
    """Changes that cannot be tried, in words."""


@dataclass(frozen=True)
class Outcome:
    """What became of one change: the first test that failed (None if none did), and how long."""

    name: str
    caught_by: str | None
    seconds: float


def changed(mutation: Mutation, text: str) -> str:
    """The text of the file after the change.

    Raises:
        Untried: if the old text is not there exactly once, or is the new one.
    """
    found = text.count(mutation.old)
    if found != 1 or mutation.new == mutation.old:
        why = f"stands {found} times in {mutation.file}" if found != 1 else "is the new text"
        raise Untried(f"{mutation.name}: the old text {why}; accepted: once\n  {mutation.old!r}")
    return text.replace(mutation.old, mutation.new)


def outcomes(mutations: Sequence[Mutation], root: Path = ROOT) -> Iterator[Outcome]:
    """Try each change in a copy of the tree.

    Raises:
        Untried: if an old text is not there once, a test is not there, or a test fails as it is.
    """
    files = {m.file: (root / m.file).read_bytes().decode() for m in mutations}
    after = [changed(m, files[m.file]) for m in mutations]
    with copy_of(root) as copy:
        tests = tuple(dict.fromkeys(test for m in mutations for test in m.tests))
        failed = first_failure(tests, copy)
        if failed:
            raise Untried(f"without any change this fails already: {failed}")
        for mutation, text in zip(mutations, after, strict=True):
            start = time.perf_counter()
            (copy / mutation.file).write_bytes(text.encode())
            failed = first_failure(mutation.tests, copy)
            (copy / mutation.file).write_bytes(files[mutation.file].encode())
            yield Outcome(mutation.name, failed, time.perf_counter() - start)


@contextmanager
def copy_of(root: Path) -> Iterator[Path]:
    """A copy of the tree that is gone afterwards, also where the run is stopped."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
            yield Path(shutil.copytree(root, Path(folder, "tree"), ignore=LEFT_OUT))
    finally:
        signal.signal(signal.SIGTERM, before)


def first_failure(tests: Sequence[str], tree: Path) -> str | None:
    """The first of these tests that fails in this tree, if one does.

    Raises:
        Untried: if a test is not there.
    """
    environment = os.environ | {
        "PYTHONPATH": str(tree),
        # A change keeps a file's size and often its second: no compiled file may be kept.
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "TQDM_DISABLE": "1",
    }
    command = [sys.executable, *PYTEST, *QUIETLY, f"--basetemp={tree.parent / 'made'}", *tests]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"no end after {SECONDS} s"
    if done.returncode == 0:
        return None
    named = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    # 4 and 5: a test that is asked for is not there.
    if done.returncode in (4, 5):
        raise Untried(f"pytest could not run {' '.join(tests)}:\n{done.stdout}{done.stderr}")
    return named[1] if named else f"pytest ended with status {done.returncode}"


def chosen(names: Sequence[str]) -> list[Mutation]:
    """The changes of these names, all of them without a name.

    Raises:
        Untried: if there is none of a name.
    """
    by_name = {mutation.name: mutation for mutation in MUTATIONS}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise Untried(f"no change is called {', '.join(unknown)}; accepted: {', '.join(by_name)}")
    return [by_name[name] for name in names or by_name]


def tried(mutations: Sequence[Mutation], root: Path = ROOT) -> int:
    """Try the changes and print a line for each; the exit status."""
    width = max(len(mutation.name) for mutation in mutations)
    survived = []
    for outcome in outcomes(mutations, root):
        fate = f"caught by {outcome.caught_by}" if outcome.caught_by else "SURVIVES"
        print(f"{outcome.name:{width}}  {outcome.seconds:5.1f} s  {fate}", flush=True)
        survived += [] if outcome.caught_by else [outcome.name]
    print(f"\n{len(mutations) - len(survived)} of {len(mutations)} caught")
    if survived:
        print(f"no test notices: {' '.join(survived)}")
    return 1 if survived else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.mutate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: every change")
    parser.add_argument("--list", action="store_true", help="print the names")
    options = parser.parse_args(arguments)
    try:
        mutations = chosen(options.names)
        if options.list:
            print(*(f"{m.name:32} {m.file}" for m in mutations), sep="\n")
            return 0
        return tried(mutations)
    except Untried as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
