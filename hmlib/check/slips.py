"""Wrong answers that many questions share, made from the right answer.

They take a number, an array or record of arrays, a tuple of these, or a function of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hmlib.check.question import Wrong


def wrong_sign(answer: object, sentence: str = "") -> Wrong:
    """The right size with the wrong sign."""
    return Wrong(
        "wrong sign",
        _after(answer, lambda x: -1.0 * x),
        sentence or "The size is right and the sign is wrong: go through the minus signs.",
    )


def in_bits(answer: object, sentence: str = "") -> Wrong:
    """log2 where ln is wanted."""
    return Wrong(
        "log2 for ln",
        _after(answer, lambda x: (1 / np.log(2)) * x),
        sentence
        or "This is the right answer in bits. Use the natural logarithm: the answer is in nats.",
    )


def averaged(answer: Callable[..., np.ndarray], sentence: str = "") -> Wrong:
    """One mean over the data where one number a data point is wanted."""
    return Wrong(
        "mean over the data",
        _after(answer, np.mean),
        sentence
        or "You averaged over the data. Return one number for every row, shape (n,); averaging "
        "comes later.",
    )


def summed(answer: Callable[..., np.ndarray], sentence: str = "") -> Wrong:
    """One sum over the data where one number a data point is wanted."""
    return Wrong(
        "sum over the data",
        _after(answer, np.sum),
        sentence
        or "You also summed over the data. Return one number for every row, shape (n,): sum over "
        "the states only.",
    )


def _after(answer: object, change: Callable[[object], object]) -> object:
    """The changed answer; of a function, the function with its result changed."""
    if callable(answer):
        return lambda *args: _after(answer(*args), change)
    if isinstance(answer, tuple):
        return tuple(change(part) for part in answer)
    return change(answer)
