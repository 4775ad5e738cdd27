"""Write an edition of the course to hand out.

The student's edition has no answers: neither solutions nor what could be turned into them; checks
go on working. The teacher's edition has the solutions filled in, and a sheet for each notebook.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed after `handout`."""
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="a new folder")
    parser.add_argument("--edition", choices=("student", "teacher"), default="student")
    parser.add_argument("--zip", action="store_true", help="write DIR.zip beside it too")
    parser.add_argument(
        "--own-numbers",
        action="store_true",
        help="questions with numbers have others for each name that is typed in the notebook",
    )
    parser.add_argument(
        "--notebooks", metavar="NN", nargs="+", help="these alone; all if not given"
    )


def run(options: argparse.Namespace) -> int:
    """Write it, and say where it is."""
    from hmlib.check.bank import notebooks
    from hmlib.check.words import listed
    from hmlib.course.handing_out import sealing
    from hmlib.course.handing_out.editions import hand_out

    only = tuple(options.notebooks) if options.notebooks else None
    for name in only or ():
        if name not in notebooks():
            known = listed(map(repr, notebooks()), "or")
            raise ValueError(f"--notebooks has {name!r}; accepted: {known}")
    made = hand_out(
        options.out,
        options.edition,
        rounds=sealing.ROUNDS,
        packed=options.zip,
        only=only,
        own_numbers=options.own_numbers,
    )
    print(f"The {options.edition}'s edition is in {made}.")
    return 0
