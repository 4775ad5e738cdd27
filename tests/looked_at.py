"""A lab that is only looked at, made once for the tests of a file that look at it in turn."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from hmlib.lab import Lab


@lru_cache(maxsize=1)
def looked_at(make_lab: Callable[[], Lab]) -> Lab:
    """The lab of a maker, its controls at their start; whoever moves one makes a lab of their own.

    Its pictures may have shown other records before: drawing one for the first time takes longest.
    """
    return make_lab()
