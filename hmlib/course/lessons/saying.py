"""How the numbers of papers are said."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def listing(values: ArrayLike, decimals: int) -> str:
    """Numbers one after the other: "0.25, 0.5"."""
    return ", ".join(short(value, decimals) for value in np.ravel(np.asarray(values, dtype=float)))


def pair(values: ArrayLike, decimals: int) -> str:
    """A row of numbers in brackets: "(0.25, 0.5)"."""
    return f"({listing(values, decimals)})"


def rows(values: ArrayLike, decimals: int) -> str:
    """A matrix, row by row: "((1, 0), (2, 1))"."""
    return f"({', '.join(pair(row, decimals) for row in np.atleast_2d(np.asarray(values)))})"


def short(value: float, decimals: int) -> str:
    """A number with so many decimals, without the zeros at its end."""
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def logit(p: float) -> float:
    """The logistic function turned around."""
    return float(np.log(p / (1 - p)))
