"""Reading an answer: numbers, arrays and records of arrays, or words that say what was found."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from hmlib.check.question import Unreadable
from hmlib.check.words import kind, plain

Array = NDArray[np.float64]
Parts = dict[str, Array]

_LARGEST = 10**6


def read_number(value: object) -> float:
    """One finite number.

    Raises:
        Unreadable: with words that say what was found instead.
    """
    array = read_array(value)
    if array.size != 1:
        raise Unreadable(f"One number is wanted, and this is {kind(value)}.{_comma(value)}")
    result = float(array.reshape(()))
    if np.isnan(result):
        raise Unreadable(
            "This is nan, 'not a number': somewhere the logarithm of a negative number was taken, "
            "or 0 was divided by 0, or 0 was multiplied by infinity."
        )
    if np.isinf(result):
        raise Unreadable("This is infinite: somewhere the logarithm of 0 or a division by 0.")
    return result


def read_array(value: object) -> Array:
    """A fresh float64 array; NaN is let through.

    Raises:
        Unreadable: with words that say what was found instead.
    """
    refuse_masked(value)
    wanted = Unreadable(f"Numbers are wanted, and this is {kind(value)}.{_quotes(value)}")
    if value is None or value is ... or isinstance(value, str | bytes) or callable(value):
        raise wanted
    try:
        if not isinstance(value, np.ndarray) and hasattr(value, "__len__"):
            _check_size(len(value))
        raw = np.asarray(value)
        _check_size(raw.size)
        if raw.dtype.kind == "c":
            raise Unreadable("Real numbers are wanted, and this has complex ones.")
        if raw.dtype.kind not in "iufO":
            raise wanted
        with np.errstate(all="ignore"):
            return np.array(raw, dtype=np.float64)
    except Unreadable:
        raise
    except Exception:
        raise wanted from None


def read_parts(value: object, like: object) -> Parts:
    """The arrays of a result by name, in the structure of `like`.

    Where one number is wanted, an array that holds one will do.

    Args:
        value: what the student's function returned.
        like: the right result: an array or number, a tuple of these, or a record of arrays such
            as `Generative`. For a record, a tuple or a dict of its fields will also do.

    Raises:
        Unreadable: with words that say what was found instead.
    """
    if dataclasses.is_dataclass(like):
        names = [f.name for f in dataclasses.fields(like)]
        wanted = [getattr(like, name) for name in names]
        what = f"a {type(like).__name__}, or the tuple ({', '.join(names)})"
    elif isinstance(like, tuple):
        names = [f"value {k + 1}" for k in range(len(like))]
        wanted = list(like)
        what = f"a tuple of {len(like)} values"
    else:
        array = read_array(value)
        one = np.asarray(like).ndim == 0 and array.size == 1
        return {"": array.reshape(()) if one else array}
    if dataclasses.is_dataclass(like) and isinstance(value, type(like)):
        values = [getattr(value, name) for name in names]
    elif isinstance(value, dict) and set(value) == set(names):
        values = [value[name] for name in names]
    elif isinstance(value, tuple | list) and len(value) == len(names):
        values = list(value)
    else:
        raise Unreadable(f"The result should be {what}, and this is {kind(value)}.")
    return {
        f"{name} {inner}".strip(): part
        for name, v, w in zip(names, values, wanted, strict=True)
        for inner, part in read_parts(v, w).items()
    }


def _quotes(value: object) -> str:
    """What to say of a number that was typed as text."""
    if not isinstance(value, str):
        return ""
    text = value.strip().replace(",", ".", 1)
    try:
        float(text)
    except ValueError:
        return ""
    return f" A number stands without quotes, and with a point: {plain(text)[:40]}."


def _comma(value: object) -> str:
    """What to say of a decimal comma, which Python takes for two numbers."""
    if isinstance(value, tuple) and len(value) == 2 and all(type(v) is int for v in value):
        return " If the comma was meant as the decimal point: Python writes a point, as in 0.5."
    return ""


def refuse_masked(value: object) -> None:
    """Turn a masked array away, since to read it as numbers would lose its mask.

    Raises:
        Unreadable: if it is one, or a list or tuple with one in it.
    """
    inside = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(part, np.ma.MaskedArray) for part in inside):
        raise Unreadable(
            "This is a masked array, whose masked entries are no numbers. Give a plain array: "
            ".filled(...) puts numbers in their places, .compressed() leaves them out."
        )


def _check_size(size: int) -> None:
    if size > _LARGEST:
        raise Unreadable(f"This holds {size} values, far more than the question asks for.")
