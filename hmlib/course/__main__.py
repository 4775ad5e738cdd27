"""The commands of the course: `python -m hmlib.course NAME ...`.

Each is a module of `hmlib.course.commands`, found by its name, that says in `add_arguments(parser)`
what it accepts and does it in `run(options)`, whose answer is the exit code.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys

from hmlib.course import commands


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m hmlib.course", description="The course.")
    by_name = parser.add_subparsers(dest="command", required=True)
    modules = {
        module.name: importlib.import_module(f"{commands.__name__}.{module.name}")
        for module in pkgutil.iter_modules(commands.__path__)
    }
    for name, module in modules.items():
        what = (module.__doc__ or "").partition("\n")[0]
        module.add_arguments(by_name.add_parser(name, help=what, description=module.__doc__))
    options = parser.parse_args(arguments)
    return int(modules[options.command].run(options))


if __name__ == "__main__":
    sys.exit(main())
