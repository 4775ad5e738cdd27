"""Slips that many questions share, made from the right answer.

They take a number, a tuple of numbers, or a function, and give the wrong answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast, overload

import numpy as np

Function = Callable[..., Any]
Answer = TypeVar("Answer", float, tuple[float, ...])


@overload
def wrong_sign(answer: Function) -> Function: ...
@overload
def wrong_sign(answer: Answer) -> Answer: ...
def wrong_sign(answer: Any) -> Any:
    """The right size with the wrong sign."""
    return _after(answer, lambda x: -1.0 * x)


@overload
def in_bits(answer: Function) -> Function: ...
@overload
def in_bits(answer: Answer) -> Answer: ...
def in_bits(answer: Any) -> Any:
    """log2 where ln is wanted."""
    return _after(answer, lambda x: (1 / np.log(2)) * x)


def averaged(answer: Function) -> Function:
    """One mean over the data where one number a data point is wanted."""
    return cast(Function, _after(answer, np.mean))


def summed(answer: Function) -> Function:
    """One sum over the data where one number a data point is wanted."""
    return cast(Function, _after(answer, np.sum))


def _after(answer: Any, change: Callable[[Any], Any]) -> Any:
    """The changed answer; of a function, the function with its result changed."""
    if callable(answer):
        return lambda *args: _after(answer(*args), change)
    if isinstance(answer, tuple):
        return tuple(change(part) for part in answer)
    return change(answer)
