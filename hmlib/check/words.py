"""Values, inputs and errors, said in plain words. The same value gives the same words."""

from __future__ import annotations

import dataclasses
import linecache
import numbers
import re
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import SupportsFloat

import numpy as np

from hmlib.binary import Generative, Recognition

_MEANINGS = {
    "NameError": "a name was used that has no value yet",
    "UnboundLocalError": "a name was used before it was given a value",
    "TypeError": "something got a kind of value it cannot work with",
    "ValueError": "something got a value it cannot work with",
    "AttributeError": "something was asked for a part it does not have",
    "IndexError": "an index went past the end",
    "KeyError": "a key was looked up that is not there",
    "ZeroDivisionError": "something was divided by zero",
    "RecursionError": "the function called itself without end",
    "MemoryError": "an array became too large",
    "AssertionError": "an assert did not hold",
    "SystemExit": "the function asked Python to stop",
}


def kind(value: object) -> str:
    """What sort of thing a value is: 'text ("0.5")', 'an array of shape (3,)'."""
    if value is None:
        return "nothing (None)"
    if value is ...:
        return "..."
    if isinstance(value, bool | np.bool_):
        return f"the truth value {bool(value)}"
    if isinstance(value, str):
        return f"text ({quote(value)})"
    if isinstance(value, numbers.Real):
        return f"the number {number(value)}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, type):
        return "a class"
    if callable(value):
        return "a function"
    name = type(value).__name__
    if isinstance(value, list | tuple | dict | set) and name in ("list", "tuple", "dict", "set"):
        return f"a {name} of {len(value)}"
    return f"an object ({name})"


def number(value: SupportsFloat) -> str:
    """A number with six significant digits."""
    try:
        return f"{float(value):.6g}"
    except Exception:
        return "(too large to read)"


def quote(text: str) -> str:
    """A text in quotes, on one line, cut to 40 characters."""
    text = plain(text[:200])
    return f'"{text}"' if len(text) <= 40 else f'"{text[:37]}..."'


def plain(text: str) -> str:
    """A text on one line, with a question mark for what cannot be printed."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def listed(words: Iterable[str], last: str = "and") -> str:
    """A, B and C."""
    *first, final = words
    return f"{', '.join(first)} {last} {final}" if first else final


def inputs(case: Mapping[str, object]) -> str:
    """The inputs of one trial: 'gen (2 causes, 3 inputs) and u of shape (5, 3)'."""
    return listed(f"{name} {_shape(value)}" for name, value in case.items())


def _shape(value: object) -> str:
    if isinstance(value, Generative | Recognition):
        return f"({counted(value.n_v, 'cause')}, {counted(value.n_u, 'input')})"
    if dataclasses.is_dataclass(value):
        parts = (f"{f.name} {_shape(getattr(value, f.name))}" for f in dataclasses.fields(value))
        return f"({', '.join(parts)})"
    if isinstance(value, np.ndarray):
        return f"of shape {value.shape}"
    return f"= {number(value)}" if isinstance(value, float) else f"= {value}"


def counted(n: int, thing: str) -> str:
    """1 cause, 2 causes."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def failure(error: BaseException, function: object) -> str:
    """An exception of a student's function: its type, its message, and the line it came from."""
    name = type(error).__name__
    meaning = f" ({_MEANINGS[name]})" if name in _MEANINGS else ""
    text = message(error)
    said = f"Your function stopped with {name}{meaning}" + (f": {text}" if text else "")
    where = _line(error.__traceback__, getattr(function, "__code__", None))
    return f"{said.rstrip('.')}.{where}"


def message(error: BaseException) -> str:
    """The message of an error on one line, without memory addresses, which change every run."""
    if isinstance(error, SystemExit):
        return ""
    try:
        text = plain(str(error))
    except Exception:
        return ""
    text = re.sub(r"0x[0-9a-fA-F]+", "0x...", text)
    return text if len(text) <= 200 else f"{text[:197]}..."


def _line(traceback: TracebackType | None, code: object) -> str:
    """The line of the student's own function in which the error arose."""
    found = ""
    while traceback is not None:
        own = traceback.tb_frame.f_code
        if own is code:
            line = plain(linecache.getline(own.co_filename, traceback.tb_lineno))
            place = traceback.tb_lineno - own.co_firstlineno + 1
            found = f" It happened in its line {place}" + (f" ({line})." if line else ".")
        traceback = traceback.tb_next
    return found
