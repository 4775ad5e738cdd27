"""What is accepted: small checks whose errors name the argument, the value and the choice."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
T = TypeVar("T")


def finite_array(name: str, value: ArrayLike, ndim: int) -> Array:
    """A fresh float64 array of `ndim` dimensions, without NaN or infinity."""
    array = _numbers(name, value)
    if array.ndim != ndim:
        raise ValueError(f"{name} has shape {array.shape}; accepted: {ndim} dimension(s)")
    return _finite(name, array)


def by_layer(name: str, value: Sequence[ArrayLike]) -> tuple[ArrayLike, ...]:
    """One array for each layer, whatever kind of sequence holds them."""
    try:
        return tuple(value)
    except TypeError:
        raise ValueError(f"{name} is {value!r}; accepted: one array for each layer") from None


def count(name: str, value: int, least: int = 1) -> int:
    """A whole number of at least `least`."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_)
    if not whole or value < least:
        raise ValueError(f"{name} is {value!r}; accepted: a whole number >= {least}")
    return int(value)


def positive(name: str, value: float) -> float:
    """A finite number above 0."""
    if not isinstance(value, numbers.Real) or not np.isfinite(value) or value <= 0:
        raise ValueError(f"{name} is {value!r}; accepted: a finite number > 0")
    return float(value)


def choice(name: str, value: str, options: tuple[str, ...]) -> str:
    """One of the named options."""
    if value not in options:
        raise ValueError(f"{name} is {value!r}; accepted: {', '.join(map(repr, options))}")
    return value


def kind(name: str, value: object, accepted: type[T]) -> T:
    """A record of this class."""
    if not isinstance(value, accepted):
        found = "None" if value is None else f"of type {type(value).__name__}"
        raise ValueError(f"{name} is {found}; accepted: {accepted.__name__}")
    return value


def generator(name: str, value: np.random.Generator | None) -> np.random.Generator:
    """A numpy random generator."""
    if not isinstance(value, np.random.Generator):
        raise ValueError(f"{name} is {value!r}; accepted: a generator, numpy.random.default_rng(0)")
    return value


def rows(name: str, value: ArrayLike, width: int) -> Array:
    """Rows of finite numbers, shape (n, width) with n >= 1."""
    array = _numbers(name, value)
    if array.ndim != 2 or array.shape[1] != width:
        raise ValueError(
            f"{name} has shape {array.shape}; accepted: (n, {width}), a row a data point"
        )
    if not len(array):
        raise ValueError(f"{name} is empty, shape {array.shape}; accepted: at least one row")
    return _finite(name, array)


def binary_rows(name: str, value: ArrayLike, width: int) -> Array:
    """Rows of zeros and ones, shape (n, width) with n >= 1."""
    array = rows(name, value, width)
    bad = (array != 0) & (array != 1)
    if bad.any():
        raise ValueError(f"{name} contains {array[bad][0]:g}; accepted: binary values, 0 or 1")
    return array


def data_weights(weights: ArrayLike | None, n: int) -> Array:
    """Weights of n data points, normalised to sum to 1; equal weights for None."""
    if weights is None:
        return np.full(n, 1.0 / n)
    weights = finite_array("weights", weights, 1)
    if weights.size != n:
        raise ValueError(f"weights has length {weights.size}; accepted: {n}, one a row")
    if weights.min() < 0 or weights.sum() <= 0:
        raise ValueError(
            f"weights has minimum {weights.min():g} and sum {weights.sum():g}; "
            "accepted: numbers >= 0, not all 0"
        )
    share: Array = weights / weights.sum()
    return share


def unmasked(name: str, value: ArrayLike) -> ArrayLike:
    """Anything in which no number is masked: turned into an array, it would lose its mask."""
    if _hides(value):
        raise ValueError(
            f"{name} has masked numbers; accepted: numbers that all count, so leave out the rows "
            "with a masked one, or fill them in"
        )
    return value


def as_start_has(name: str, given: object, own: object, same: bool) -> None:
    """Raise ValueError if something else is given than what a continued run has already."""
    if given is not None and not same:
        raise ValueError(
            f"{name} is {given!r}, and start has {own!r}; accepted beside start: None, or the same"
        )


def draws_alike(rng: np.random.Generator | None, state: Mapping[str, Any]) -> bool:
    """Whether a generator stands where another one stood."""
    return rng is not None and _alike(rng.bit_generator.state, state)


def check_fit(gen: Any, rec: Any) -> None:
    """Raise ValueError unless both models of a machine have the same layers."""
    if gen.sizes != rec.sizes:
        raise ValueError(
            f"rec has layers {machine_name(rec.sizes)}; accepted: {machine_name(gen.sizes)}, "
            "as gen has"
        )


def machine_name(sizes: Sequence[int]) -> str:
    """Name of a machine by its layers, visible first: 16-8-1."""
    return "-".join(map(str, sizes))


def _numbers(name: str, value: ArrayLike) -> Array:
    """A fresh float64 array, of whatever shape."""
    unmasked(name, value)
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}; accepted: an array of numbers") from None


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    return bool(np.array_equal(one, other))


def _hides(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_hides, value))
    return isinstance(value, np.ma.MaskedArray) and bool(np.ma.is_masked(value))


def _finite(name: str, array: Array) -> Array:
    bad = ~np.isfinite(array)
    if bad.any():
        raise ValueError(f"{name} contains {array[bad][0]}; accepted: finite numbers")
    return array
