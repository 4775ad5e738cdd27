"""Run the tests with the oldest and the newest packages: ``python -m tools.matrix`` (needs uv).

Makes two environments: the oldest versions that ``pyproject.toml`` allows on the oldest Python of
the course, and the newest that there are on the newest Python found here. Runs in each what
``python start.py test`` runs, but for the tests in a browser, and prints a table of what was
installed and what the tests said; ``--write`` puts it into README.md. What follows ``--`` goes to
pytest.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from start import SUPPORTED

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN = "<!-- versions: written by python -m tools.matrix --write -->\n"
END = "<!-- end of versions -->\n"
RESOLUTIONS = {"oldest": "lowest-direct", "newest": "highest"}
TESTS = ["-m", "pytest", "-q", "--part", "quick", "-m", "not browser", "-p", "no:cacheprovider"]
WORKERS = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Run:
    """One environment: the versions in it, and the last line of the tests' output."""

    name: str
    versions: dict[str, str]
    outcome: str
    passed: bool


def pythons() -> list[str]:
    """The Pythons of the course that uv finds on this computer, oldest first."""
    find = ["uv", "python", "find", "--no-project", "--no-python-downloads", "--quiet"]
    names = [f"{major}.{minor}" for major, minor in SUPPORTED]
    trials = {name: subprocess.run([*find, name], capture_output=True) for name in names}
    return [name for name, trial in trials.items() if trial.returncode == 0]


def needs() -> list[str]:
    """The packages of the table: what hmlib and the extras of its readers name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["lab"], *extras["course"]]
    return [name for line in lines if (name := Requirement(line).name) != "hmlib"]


def make(folder: Path, python: str, resolution: str) -> Path:
    """Make an environment of ready-made packages, hmlib in it; where its Python is."""
    subprocess.run(["uv", "venv", "--clear", "--quiet", "--python", python, folder], check=True)
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = ["uv", "pip", "install", "--quiet", "--python", str(inside)]
    asked = ["-r", "pyproject.toml", "--extra", "test", "--group", "build"]
    chosen = ["--resolution", resolution, "--only-binary", ":all:"]
    itself = ["--no-deps", "--no-build-isolation", "-e", "."]
    for options in ([*chosen, *asked], itself):
        subprocess.run([*install, *options], cwd=ROOT, check=True)
    return inside


def versions(python: Path) -> dict[str, str]:
    """The versions of Python and of the packages of the table in an environment."""
    ask = (
        "import json, platform, sys; from importlib.metadata import version;"
        "names = sys.argv[1:]; found = {name: version(name) for name in names};"
        "print(json.dumps({'Python': platform.python_version(), **found}))"
    )
    command = [python, "-c", ask, *needs()]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def run(name: str, folder: Path, python: str, options: list[str]) -> Run:
    """Make one of the two environments and run the tests in it."""
    print(f"Making the environment with the {name} packages for Python {python}", flush=True)
    inside = make(folder, python, RESOLUTIONS[name])
    env = {**os.environ, **dict.fromkeys(THREADS, "1")}
    command = [str(inside), *TESTS, *WORKERS, *options]
    pipes = {"stdout": subprocess.PIPE, "text": True, "encoding": "utf-8", "errors": "replace"}
    last = ""
    with subprocess.Popen(command, cwd=ROOT, env=env, **pipes) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return Run(name, versions(inside), outcome(last), process.returncode == 0)


def outcome(last: str) -> str:
    """What the last line of pytest says, without the time that it took."""
    return re.sub(r" in [\d.]+s.*$", "", last.strip("= ")) or "did not start"


def table(runs: list[Run], options: list[str]) -> str:
    """The runs side by side, in Markdown."""
    tests = "the tests" + (f" (`{' '.join(options)}` only)" if options else "")
    rows = [["", *(one.name for one in runs)], ["---"] * (len(runs) + 1)]
    rows += [[name, *(one.versions[name] for one in runs)] for name in ["Python", *needs()]]
    rows += [[tests, *(one.outcome for one in runs)]]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows).replace("|  |", "| |")


def write(page: Path, text: str) -> None:
    """Put a table between the marks in a page; ValueError if the page has no marks."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page.name} has no lines {BEGIN.strip()} and {END.strip()}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> int:
    """Make both environments, run the tests, print the table; 0 if all tests passed."""
    parser = argparse.ArgumentParser(prog="python -m tools.matrix", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--folder", type=Path, help="keep the environments here")
    parser.add_argument("options", nargs="*", help="for pytest, after --")
    chosen = parser.parse_args(arguments)
    found = pythons()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (chosen.folder or Path(scratch)).resolve()
        ends = {"oldest": found[0], "newest": found[-1]}
        runs = [run(name, folder / name, python, chosen.options) for name, python in ends.items()]
    text = table(runs, chosen.options)
    print(f"\n{text}")
    if chosen.write:
        write(README, text)
    return int(not all(one.passed for one in runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
