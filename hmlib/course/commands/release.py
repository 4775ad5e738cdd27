"""Make a release: editions, packages, slides, pages, sums, and what it is built on.

DIR gets a folder `public`, for everyone, and a folder `teachers`, which has the answers. The same
checkout gives the same bytes, with the time of its last commit or of SOURCE_DATE_EPOCH. Needs what
`pip install '.[release]'` installs. Nothing is published.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed after `release`."""
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="a new folder")
    parser.add_argument(
        "--without", metavar="PART,PART", default="", help="leave out: slides, site, print"
    )
    parser.add_argument(
        "--kept", metavar="DIR", type=Path, help="where pages are kept for the next time: DIR.kept"
    )


def run(options: argparse.Namespace) -> int:
    """Make it, and say what is in it."""
    from hmlib.check.words import listed
    from hmlib.course.releasing.assembling import PARTS, assemble
    from hmlib.course.releasing.packing import files

    without = [name for name in options.without.split(",") if name]
    known = [part.name for part in PARTS]
    for name in without:
        if name not in known:
            accepted = listed(map(repr, known), "or")
            raise ValueError(f"--without has {name!r}; accepted: {accepted}")
    made = assemble(options.out, without, options.kept)
    for path in files(made.out):
        print(f"{path.stat().st_size:>12,}  {path.relative_to(made.out).as_posix()}")
    for name, why in made.left_out.items():
        print(f"Left out: {name} ({why}).")
    return 0
