"""Make environments of their own for the graders that the tests of exported assignments need.

    python -m tools.graders FOLDER [nbgrader] [otter] [cluster]

Each is what its lock says, by hashes, on top of the locks of the course; `cluster` is for the test
of marking on `dask.distributed`. At the end the variables are printed that the tests look for.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("nbgrader", "otter", "cluster")


def make(folder: Path, name: str) -> Path:
    """One environment; what is there is brought up to date."""
    home = folder.resolve() / name
    venv.create(home, with_pip=True)
    locks = ["requirements.lock", "requirements-test.lock", f"requirements-{name}.lock"]
    files = [word for lock in locks for word in ("-r", str(ROOT / lock))]
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", *files]
    subprocess.run(command, check=True)
    return home


def grader(text: str) -> str:
    """Read a name from the command line."""
    # argparse refuses none at all if it is given these as choices.
    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(NAMES)}")
    return text


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.graders", description=__doc__)
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("names", nargs="*", type=grader, help="all if none is given")
    options = parser.parse_args(arguments)
    for name in options.names or NAMES:
        print(f"export HMLIB_{name.upper()}={make(options.folder, name)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
