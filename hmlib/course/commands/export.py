"""Write assignments for nbgrader or for Otter.

DIR gets what their own commands take: for nbgrader a course's folder with source/, for Otter a
master notebook in a folder each, and counts.toml, which says how many points a question gives.
"""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed after `export`."""
    parser.add_argument("tool", choices=("nbgrader", "otter"), help="who is to mark")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="a new folder")
    parser.add_argument(
        "--notebooks", metavar="NN", nargs="+", help="these alone; all if not given"
    )
    parser.add_argument(
        "--counts", metavar="DIR", type=Path, help="the folder of a counts.toml with the points"
    )
    parser.add_argument(
        "--questions-only",
        action="store_true",
        help="without labs and text, so that a hand-in takes the grader seconds",
    )
    parser.add_argument("--seed", metavar="S", type=int, help="of the cases; drawn if not given")


def run(options: argparse.Namespace) -> int:
    """Write them, and say where they are."""
    from hmlib.check.bank import notebooks
    from hmlib.check.words import listed
    from hmlib.course.exporting import for_nbgrader, for_otter
    from hmlib.course.marking import counting

    out: Path = options.out
    chosen = tuple(options.notebooks or notebooks())
    for name in chosen:
        if name not in notebooks():
            known = listed(map(repr, notebooks()), "or")
            raise ValueError(f"--notebooks has {name!r}; accepted: {known}")
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise ValueError(f"--out is {str(out)!r}, which is not empty; accepted: a new folder")
    if options.counts and not (options.counts / counting.NAME).is_file():
        raise ValueError(
            f"--counts is {str(options.counts)!r}; accepted: a folder with counts.toml"
        )
    out.mkdir(parents=True, exist_ok=True)
    seed = secrets.randbits(62) if options.seed is None else options.seed
    rules = counting.rules(options.counts or out)
    form = for_nbgrader if options.tool == "nbgrader" else for_otter
    made = form.write(out, chosen, rules, seed, options.questions_only)
    print(f"{len(made)} assignments for {options.tool} are in {out}.")
    return 0
