"""Mark a folder of hand-ins, each in a sandbox.

FOLDER has a notebook a student, or a folder a student. DIR gets marks.csv, class.html, a page a
student in students/, and two files that may be edited: counts.toml says what counts, and
corrections.toml what you correct by hand. The same command again runs only what is new. With
Moodle's grading worksheet it gets a copy with the grades, too.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hmlib.course.marking.naming import NAMES
from hmlib.course.marking.stopping import INTERRUPTED, in_order

if TYPE_CHECKING:
    from hmlib.course.marking.marked import Row
    from hmlib.course.marking.worksheet import Worksheet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed after `mark`."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where the hand-ins are")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="where marks go")
    parser.add_argument("--notebook", metavar="NN", help="for files that do not say it")
    parser.add_argument("--workers", metavar="N", type=_count, help="hand-ins at a time")
    parser.add_argument("--seed", metavar="S", type=int, help="of the cases; drawn if not given")
    parser.add_argument(
        "--names",
        choices=NAMES,
        default="fitting",
        help="whose numbers: the typed name if it fits the file's, the typed one, or the file's",
    )
    parser.add_argument(
        "--give-back",
        action="store_true",
        help="put each page into DIR/back too, in a folder named as what was handed in; "
        "once it is there it is renewed without this",
    )
    parser.add_argument(
        "--worksheet",
        metavar="FILE",
        type=Path,
        help="Moodle's grading worksheet: a copy with the grades goes to DIR/worksheet.csv",
    )
    parser.add_argument(
        "--grade-column", metavar="NAME", help='its heading of grades, if it is not "Grade"'
    )
    parser.add_argument(
        "--maximum-column",
        metavar="NAME",
        help='its heading of the highest grade, if it is not "Maximum grade"',
    )
    parser.add_argument("--cell-seconds", metavar="S", type=float, default=30.0, help="for a cell")
    parser.add_argument("--memory", metavar="MIB", type=_count, default=3072, help="for a process")
    parser.add_argument("--dask", metavar="ADDRESS", help="run on this cluster's scheduler")
    parser.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run hand-ins as ordinary programs, which can do whatever you can",
    )


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is given; accepted: 1 or more")
    return count


def run(options: argparse.Namespace) -> int:
    """Mark, and say where the marks are."""
    from hmlib.course.marking.correcting import NAME as CORRECTIONS

    if options.cell_seconds <= 0:
        raise ValueError(f"--cell-seconds is {options.cell_seconds:g}; accepted: more than 0")
    sheet = _worksheet(options)
    try:
        with in_order(), _cluster(options.dask) as executor:
            rows = _marked(options, executor, sheet)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    marked = sum(bool(row.marks) for row in rows)
    print(f"{marked} hand-ins are marked, {len(rows) - marked} could not be.")
    print(f"See {options.out / 'marks.csv'} and {options.out / 'class.html'}.")
    if corrected := sum(len(row.corrected) for row in rows):
        print(f"Corrected by hand, in {options.out / CORRECTIONS}: {corrected}.")
    if (back := options.out / "back").is_dir():
        print(f"The pages to give back are in {back}.")
    if sheet is not None:
        _fill(sheet, options.out, rows)
    elif (options.out / "worksheet.csv").is_file():
        print(f"{options.out / 'worksheet.csv'} is of a marking before: give --worksheet again.")
    return 0


def _worksheet(options: argparse.Namespace) -> Worksheet | None:
    """Moodle's worksheet, read before anything is run; none if none is given."""
    from hmlib.course.marking.worksheet import read

    if options.worksheet is not None:
        return read(options.worksheet, options.grade_column, options.maximum_column)
    for name in ("grade_column", "maximum_column"):
        if (given := getattr(options, name)) is not None:
            option = f"--{name.replace('_', '-')}"
            raise ValueError(f"{option} is {given!r}; accepted: with --worksheet FILE")
    return None


def _fill(sheet: Worksheet, out: Path, rows: list[Row]) -> None:
    """Write the grades into a copy of the worksheet, and say what was done."""
    from hmlib.course.marking.counting import rules
    from hmlib.course.marking.worksheet import NAME, fill

    for sentence in fill(sheet, out / NAME, rows, rules(out)):
        print(sentence)


def _marked(
    options: argparse.Namespace, executor: Executor | None, sheet: Worksheet | None
) -> list[Row]:
    from hmlib.course.marking.rounds import mark
    from hmlib.course.marking.sandbox import Limits

    return mark(
        options.folder,
        options.out,
        options.notebook,
        options.seed,
        Limits(cell=options.cell_seconds, memory=options.memory),
        not options.unsafe_no_sandbox,
        executor=executor,
        workers=options.workers,
        names=options.names,
        give_back=options.give_back,
        sheet=sheet,
    )


@contextmanager
def _cluster(address: str | None) -> Iterator[Executor | None]:
    """The executor of a cluster of dask.distributed; none without an address."""
    if address is None:
        yield None
        return
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise ValueError(
            "--dask needs the package `distributed`, which is not installed here"
        ) from None
    try:
        client: Any = distributed.Client(address, timeout=20)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"--dask is {address!r}, and no scheduler answers there ({type(error).__name__}); "
            "accepted: the address that it prints, such as tcp://127.0.0.1:8786"
        ) from None
    with client:
        yield client.get_executor(pure=False)
