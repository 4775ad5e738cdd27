"""Make the course as pages that any static host can serve.

Labs move there without a kernel. Needs what `pip install 'hmlib[site]'` installs. A second run
makes again what has changed only: it finds the rest in DIR, and in DIR.kept beside it, which
needs no publishing.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import hmlib

NEEDED = ("sphinx", "myst_nb", "sphinx_book_theme", "latex2mathml", "ziamath")
"""What the extra `site` brings."""


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
    parser.add_argument("--serve", action="store_true", help="look at it, on this computer only")
    parser.add_argument("--port", type=int, default=0, help="for --serve; 0 takes any that is free")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes that draw the labs"
    )


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
        make(Site(options.out.resolve(), options.notebooks.resolve(), max(1, options.workers)))
    except (FileNotFoundError, RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.serve:
        serve(options.out.resolve(), options.base, options.port)
    return 0
