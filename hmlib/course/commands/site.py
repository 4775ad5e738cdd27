"""Make the course as pages that any static host can serve.

Labs move there without a kernel. Needs what `pip install 'hmlib[site]'` installs. A second run
makes again what has changed only: it finds the rest in DIR, and in DIR.kept beside it, which
needs no publishing.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path

import hmlib

NEEDED = (
    "sphinx", "myst_nb", "sphinx_book_theme", "latex2mathml", "ziamath",
    "jupyterlite_core", "jupyterlite_pyodide_kernel", "playwright",
)  # fmt: skip
"""What the extra `site` brings."""

PARTS = ("tab", "print")
"""What may be left out: the course in a browser's tab, the print edition."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command accepts."""
    beside = Path(hmlib.__file__).resolve().parent.parent / "notebooks"
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to publish")
    parser.add_argument(
        "--notebooks", type=Path, default=beside, metavar="DIR", help="the course's notebooks"
    )
    parser.add_argument(
        "--base", default="/", metavar="URL-PATH", help="where --serve puts it, such as /course/"
    )
    parser.add_argument(
        "--labs", type=_numbers, metavar="NN,NN", help="labs of these notebooks alone move"
    )
    parser.add_argument("--serve", action="store_true", help="look at it, on this computer only")
    parser.add_argument("--port", type=int, default=0, help="for --serve; 0 takes any that is free")
    parser.add_argument(
        "--without",
        default=frozenset(),
        type=parts_of,
        metavar="tab,print",
        help="leave out the course in a tab, the print edition, or both",
    )
    parser.add_argument(
        "--offline",
        type=Path,
        metavar="FOLDER",
        help="put Pyodide's files, checked, into the tab, so that a class needs no network",
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes that draw the labs"
    )


def parts_of(text: str) -> frozenset[str]:
    """Read what is to be left out from the command line."""
    named = frozenset(filter(None, text.split(",")))
    if unknown := named.difference(PARTS):
        raise argparse.ArgumentTypeError(
            f"{sorted(unknown)[0]!r} cannot be left out; accepted: {', '.join(PARTS)}"
        )
    return named


def _numbers(text: str) -> tuple[str, ...]:
    """Read notebooks from the command line."""
    numbers = tuple(text.split(","))
    if not all(re.fullmatch(r"\d\d", number) for number in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is not accepted; give numbers such as 00,02")
    return numbers


def run(options: argparse.Namespace) -> int:
    """Make the site, and serve it if asked to."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        print(
            f"{', '.join(missing)} cannot be imported; `pip install 'hmlib[site]'`, or in the "
            "folder of the course `pip install '.[site]'`, installs what the pages need.",
            file=sys.stderr,
        )
        return 1
    from hmlib.course.site.building import Site, make
    from hmlib.course.site.serving import serve

    try:
        make(
            Site(
                options.out.resolve(),
                options.notebooks.resolve(),
                max(1, options.workers),
                options.labs,
                options.offline and options.offline.resolve(),
                options.without,
            )
        )
    except (FileNotFoundError, RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.serve:
        serve(options.out.resolve(), options.base, options.port)
    return 0
