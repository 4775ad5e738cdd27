"""Give a reader notebooks of their own, and go on with another program: for a hub.

    python -m hmlib.course own --update COURSE FOLDER -- jupyterhub-singleuser

copies the notebooks of COURSE, which may be read-only, into FOLDER where they are not there yet.
With --update a new version of the course takes over what was typed (see `update`), and the old
files are put into FOLDER/before-update-1. Whatever happens, the program is started.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from hmlib.course.carrying import read, remembered
from hmlib.course.commands import update


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed after `own`."""
    parser.add_argument("course", metavar="COURSE", type=Path, help="the shared notebooks")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the reader's own")
    parser.add_argument("--update", action="store_true", help="bring old ones up to date")
    # All that follows FOLDER is the program's, so that an option of ours comes before.
    parser.add_argument("program", nargs=argparse.REMAINDER, help="after --: what is started then")


def run(options: argparse.Namespace) -> int:
    """Copy what is missing, bring up to date what is old, and become the program."""
    try:
        bring(options.course, options.folder, options.update)
    except (OSError, ValueError) as trouble:
        print(trouble, file=sys.stderr, flush=True)
    program = options.program[1:] if options.program[:1] == ["--"] else options.program
    if program:
        sys.stdout.flush()
        os.execvp(program[0], program)
    return 0


def bring(course: Path, folder: Path, up_to_date: bool) -> None:
    """Copy notebooks that are not there yet; bring those that are old up to date if asked to.

    Raises:
        ValueError: if there are no notebooks, or one of the reader's cannot be read.
    """
    source = update.folder_of("COURSE", course)
    folder.mkdir(parents=True, exist_ok=True)
    old = [
        path
        for path in sorted(source.glob("*.ipynb"))
        if (folder / path.name).exists()
        and remembered(read(path)) != remembered(read(folder / path.name))
    ]
    for path in sorted(source.glob("*.ipynb")):
        if update.mine_of(path, folder) is None:
            update.write(folder / path.name, path.read_text(encoding="utf-8"))
    if up_to_date and old:
        update.bring_over(folder, source, folder)
