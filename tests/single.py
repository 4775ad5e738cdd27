"""Answers that are functions, worked out in single precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def in_float32(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function of inputs in single precision."""

    def single(*given: Any) -> Any:
        return function(*(np.asarray(value, dtype=np.float32) for value in given))

    return single
