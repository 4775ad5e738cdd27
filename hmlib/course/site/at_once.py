"""Drawing labs by several processes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

from hmlib.course.site.recording import Call
from hmlib.course.workers import end_with_parent

T = TypeVar("T")

LOT = 8
"""Labs that a process draws before it ends."""


def at_once(
    work: Callable[[Call], T], calls: Sequence[Call], workers: int
) -> Iterator[tuple[Call, T]]:
    """Do this work for each lab; yields what comes of it as it is done.

    Args:
        work: can be sent to another process.
        calls: the labs.
        workers: processes.
    """
    # New processes now and then: what labs keep in memory does not grow with all the others.
    lot = LOT * workers
    for begin in range(0, len(calls), lot):
        with ProcessPoolExecutor(workers, get_context("spawn"), end_with_parent) as pool:
            waiting = {pool.submit(work, call): call for call in calls[begin : begin + lot]}
            for future in as_completed(waiting):
                yield waiting[future], future.result()
