"""Answers and cases as JSON can say them, with arrays as plain bytes.

Nothing here can run code: no pickle is read, and a record is made again only of the few types that
are listed. `encode` never fails; what it does not know crosses as the name of its type alone.
"""

from __future__ import annotations

import base64
import dataclasses
import numbers
from typing import Any

import numpy as np

from hmlib.binary import Generative, Recognition
from hmlib.layered import Layered, LayeredRecognition

Tree = Any
"""What JSON can say."""

RECORDS = {cls.__name__: cls for cls in (Generative, Recognition, Layered, LayeredRecognition)}
LARGEST = 10**6
"""Values in one array; of a larger one only the shape crosses."""

_DEPTH = 8
_ITEMS = 20_000
_TEXT = 20_000


class Foreign:
    """Stands for a value that did not cross."""


def _not_here(*_: object) -> object:
    """Stands for a function: it is called where it is kept."""
    raise TypeError("this function did not cross")


def encode(value: object) -> Tree:
    """A value as JSON can say it.

    Args:
        value: anything; its own methods may run, so that this belongs to the hand-in's side.
    """
    try:
        return _encode(value, 0, [_ITEMS])
    except Exception:
        return {"is": "object", "type": _type(value)}


def _type(value: object) -> str:
    return str(type(value).__name__)[:60]


def _encode(value: Any, depth: int, left: list[int]) -> Tree:
    left[0] -= 1
    if depth > _DEPTH or left[0] < 0:
        return {"is": "object", "type": _type(value)}
    if value is None:
        return None
    if value is ...:
        return {"is": "..."}
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, str):
        return str.__str__(value)[:_TEXT]
    if isinstance(value, bytes | bytearray):
        return {"is": "bytes"}
    if isinstance(value, numbers.Integral):
        whole = int(value)
        if abs(whole) < 2**63:
            return whole
        return {"is": "whole", "hex": hex(whole)[:2000]} if abs(whole) < 2**4000 else _huge()
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, np.ma.MaskedArray):
        return {"is": "masked"}
    if isinstance(value, np.ndarray):
        return _array(value, depth, left)
    if isinstance(value, np.random.Generator):
        return {"is": "generator", "state": value.bit_generator.state}
    if isinstance(value, type):
        return {"is": "class"}
    if dataclasses.is_dataclass(value) and type(value).__name__ in RECORDS:
        parts = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        found = {name: _encode(part, depth + 1, left) for name, part in parts.items()}
        return {"is": "record", "type": _type(value), "fields": found}
    if isinstance(value, list | tuple | set | frozenset | range):
        if len(value) > LARGEST or (len(value) > left[0] and not isinstance(value, set)):
            return _array(np.asarray(value), depth, left)
        what = "tuple" if isinstance(value, tuple) else "list"
        what = "set" if isinstance(value, set | frozenset) else what
        return {"is": what, "items": [_encode(item, depth + 1, left) for item in value]}
    if isinstance(value, dict):
        pairs = [
            [_encode(key, depth + 1, left), _encode(item, depth + 1, left)]
            for key, item in list(value.items())[:1000]
        ]
        return {"is": "dict", "items": pairs}
    if callable(value):
        return {"is": "function"}
    raw = np.asarray(value)
    if raw.dtype.kind == "O":
        raw = raw.astype(np.float64)
    return _array(raw, depth, left) if raw.dtype.kind in "iuf" else _other(value)


def _huge() -> Tree:
    return {"is": "object", "type": "int"}


def _other(value: object) -> Tree:
    return {"is": "object", "type": _type(value)}


def _array(value: Any, depth: int, left: list[int]) -> Tree:
    shape = [int(n) for n in value.shape]
    if value.size > LARGEST:
        return {"is": "large", "shape": shape}
    if value.dtype.kind == "O":
        items = [_encode(item, depth + 1, left) for item in value.ravel()]
        return {"is": "objects", "shape": shape, "items": items}
    if value.dtype.kind not in "biufc":
        return {"is": "texts", "shape": shape}
    kinds = {"b": "|b1", "i": "<i8", "u": "<u8", "f": "<f8", "c": "<c16"}
    kind = kinds[value.dtype.kind]
    data = np.ascontiguousarray(np.asarray(value).astype(kind)).tobytes()
    return {
        "is": "array",
        "kind": kind,
        "shape": shape,
        "data": base64.b64encode(data).decode("ascii"),
    }


def decode(tree: Tree) -> Any:
    """A value from what crossed.

    Raises:
        ValueError: if it is nothing that `encode` writes.
    """
    try:
        return _decode(tree, 0)
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"tree is malformed ({type(error).__name__}); see border.encode") from None


def _decode(tree: Tree, depth: int) -> Any:
    if depth > _DEPTH + 2:
        raise ValueError("tree is too deep; see border.encode")
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    what = tree["is"]
    if what in ("list", "tuple", "set"):
        items = [_decode(item, depth + 1) for item in tree["items"]]
        if what == "set":
            # An unhashable item would stop the judge; that there are so many is all it reads.
            return set(range(len(items)))
        return tuple(items) if what == "tuple" else items
    if what == "dict":
        pairs = [(_decode(key, depth + 1), _decode(item, depth + 1)) for key, item in tree["items"]]
        return {
            key if isinstance(key, str | int | float) else str(key): item for key, item in pairs
        }
    if what == "array":
        return _bytes(tree)
    if what in ("large", "texts", "objects"):
        return _of_shape(tree, depth)
    if what == "record":
        return _record(tree, depth)
    if what == "whole":
        return int(tree["hex"], 16)
    if what == "generator":
        bits = np.random.PCG64()
        bits.state = tree["state"]
        return np.random.Generator(bits)
    alone = {
        "...": ...,
        "bytes": b"",
        "class": Foreign,
        "function": _not_here,
        "masked": np.ma.masked_array([0.0], [True]),
    }
    return alone[what] if what in alone else type(_name(tree["type"]), (Foreign,), {})()


def _name(text: object) -> str:
    """A type's name that is safe to say."""
    return "".join(c for c in str(text)[:60] if c.isalnum() or c == "_") or "object"


def _shape(tree: Tree) -> tuple[int, ...]:
    shape = tuple(tree["shape"])
    if len(shape) > 8 or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
        raise ValueError("shape is malformed; see border.encode")
    return shape


def _bytes(tree: Tree) -> Any:
    shape, kind = _shape(tree), tree["kind"]
    if kind not in ("|b1", "<i8", "<u8", "<f8", "<c16"):
        raise ValueError(f"kind is {kind!r}; see border.encode")
    data = base64.b64decode(tree["data"], validate=True)
    return np.frombuffer(data, dtype=kind).reshape(shape).copy()


def _of_shape(tree: Tree, depth: int) -> Any:
    shape = _shape(tree)
    size = 1
    for n in shape:
        size *= n
    if tree["is"] == "objects":
        items = [_decode(item, depth + 1) for item in tree["items"]]
        found = np.empty(len(items), dtype=object)
        found[:] = items
        return found.reshape(shape)
    if tree["is"] == "texts":
        return np.full(shape if size <= LARGEST else (1,), "?")
    if size > 2**60:
        raise ValueError("shape is malformed; see border.encode")
    return np.broadcast_to(0.0, shape)


def _record(tree: Tree, depth: int) -> Any:
    fields = {str(name): _decode(part, depth + 1) for name, part in tree["fields"].items()}
    try:
        return RECORDS[tree["type"]](**fields)
    except (ValueError, TypeError):
        return Foreign()
