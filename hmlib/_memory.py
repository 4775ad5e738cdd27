"""Learning frees and asks for the same few megabytes thousands of times a second.

The C library on Linux gives freed memory back to the system at once, which then clears every page
anew: a sum of two arrays of 2 MB may take ten times as long for it.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Names of the two settings in <malloc.h>."""

_MEGABYTE = 2**20


@cache
def keep_freed_memory() -> bool:
    """Let this process keep up to 128 MB of freed memory for its next arrays.

    Returns:
        Whether that could be set: False where there is no GNU C library, and nothing has changed.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    kept = mallopt(_TRIM_THRESHOLD, 128 * _MEGABYTE)
    return bool(kept and mallopt(_MMAP_THRESHOLD, 32 * _MEGABYTE))
