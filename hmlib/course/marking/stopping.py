"""Ctrl-C while hand-ins are run: at once in words, in order the first time, by force the second."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from hmlib.course.workers import end_with_parent

STOPPING = (
    "\nStopping: what is running is given up, and what was marked is kept. "
    "Ctrl-C once more ends it by force.\n"
)
INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended."""


@contextmanager
def in_order() -> Iterator[None]:
    """In here the first Ctrl-C says so and raises KeyboardInterrupt; a second ends all at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            by_force()
        asked = True
        # Not by print: what is interrupted may be printing.
        os.write(2, STOPPING.encode())
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def by_force() -> None:
    """End every worker, and with it its sandbox, and this program."""
    for child in multiprocessing.active_children():
        child.kill()
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(INTERRUPTED)


_folders: list[str] = []


@contextmanager
def folder_of_workers() -> Iterator[str]:
    """A folder for all that workers write, so that nothing is left of one that was ended."""
    with tempfile.TemporaryDirectory(prefix="hmlib-") as name:
        _folders.append(name)
        try:
            yield name
        finally:
            _folders.remove(name)


@contextmanager
def unheard() -> Iterator[None]:
    """What is started in here is not interrupted by Ctrl-C before `begin_worker` says how."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """Whether this process has a hand-in to end before it ends itself."""

    busy = False


def begin_worker(folder: str) -> None:
    """A worker leaves Ctrl-C to whoever started it; asked to end, it ends its sandbox first. It
    asks itself if whoever started it is killed.

    Args:
        folder: where it writes.
    """

    def end(number: int, frame: FrameType | None) -> None:
        if _Worker.busy:
            raise KeyboardInterrupt
        os._exit(INTERRUPTED)

    tempfile.tempdir = folder
    # A handler and not SIG_IGN, which the sandbox would inherit.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    signal.signal(signal.SIGTERM, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))


@contextmanager
def at_work() -> Iterator[None]:
    """In a worker: one hand-in. Interrupted, it ends the process, which would take up the next."""
    _Worker.busy = True
    try:
        yield
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    finally:
        _Worker.busy = False


def end_workers() -> None:
    """Ask every worker to end."""
    for child in multiprocessing.active_children():
        child.terminate()
