"""What can be done with the course as a whole: `python -m hmlib.course NAME`."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from hmlib import _OTHER_PYTHON
from hmlib.course import commands

NEEDED = ("numpy", "scipy", "matplotlib", "PIL", "tqdm", "ipywidgets", "anywidget", "IPython")
"""Packages that the course's own Python has, and another may lack."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: what was typed after the name of the program.
    """
    try:
        options = _parser().parse_args(arguments)
        return int(options.run(options))
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in NEEDED:
            raise
        print(_OTHER_PYTHON.format(name=missing.name), file=sys.stderr)
        return 1
    except ValueError as trouble:
        print(trouble, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    """What may be typed: a command, and its own arguments."""
    parser = argparse.ArgumentParser(prog="python -m hmlib.course", description=__doc__)
    names = parser.add_subparsers(dest="command", required=True, metavar="NAME")
    for found in pkgutil.iter_modules(commands.__path__):
        command = importlib.import_module(f"{commands.__name__}.{found.name}")
        about = str(command.__doc__)
        own = names.add_parser(
            found.name,
            help=about.splitlines()[0],
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(own)
        own.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
