"""Worker processes that end when whoever made them ends."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import wait


def leave() -> None:
    """End this process at once."""
    os._exit(1)


def end_with_parent(end: Callable[[], None] = leave) -> None:
    """In a worker: end when the process that made it ends, killed or not. As an initializer of a
    pool, since a worker waits for ever for more to do.

    Args:
        end: what ends this process; called in a thread.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        end()

    threading.Thread(target=watch, daemon=True).start()
