"""Make the slides of the lessons, with pictures that the labs draw.

They are shown in any browser, without a network: open DIR/index.html. Needs what
`pip install '.[release]'` installs.
"""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed after `slides`."""
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="where they go")


def run(options: argparse.Namespace) -> int:
    """Make them, and say where they are."""
    from hmlib.course.lessons.decks import NEEDED, build

    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ValueError(f"{', '.join(missing)} cannot be imported: pip install '.[release]'")
    count = build(options.out)
    print(f"Slides of {count} lessons: open {options.out / 'index.html'}.")
    return 0
