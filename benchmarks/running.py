"""What benchmarks share: seeds over all cores, and how busy the machine is."""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from hmlib.course.workers import end_with_parent

T = TypeVar("T")


def in_parallel(function: Callable[..., T], *columns: Sequence, jobs: int) -> list[T]:
    """The function of every row, in order: one after the other, or over processes."""
    return list(as_they_come(function, *columns, jobs=jobs))


def as_they_come(function: Callable[..., T], *columns: Sequence, jobs: int) -> Iterator[T]:
    """The same, each result as soon as it and those before it are there."""
    total, bar = len(columns[-1]), {"leave": False, "unit": "seed", "disable": None}
    if jobs == 1:
        yield from tqdm(map(function, *columns), total=total, **bar)
        return
    fresh_processes = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, fresh_processes, end_with_parent) as pool:
        yield from tqdm(pool.map(function, *columns), total=total, **bar)


def cores() -> int:
    """Cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def load() -> str:
    """How busy the machine is, where it says so."""
    if not hasattr(os, "getloadavg"):
        return "load unknown"
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def folder_given(doc: str | None, holds: str, arguments: Sequence[str] | None = None) -> Path:
    """The one folder that a command is given, once it is known to hold what it should.

    Args:
        doc: what the command is for.
        holds: a file or folder in it.
        arguments: of the command line; its own if None.
    """
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    folder: Path = parser.parse_args(arguments).folder.resolve()
    if not (folder / holds).exists():
        parser.error(f"DIR is {folder}, and {holds} is not there")
    return folder
