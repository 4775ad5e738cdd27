"""What crosses the border comes out as it went in, and nothing that crosses can do harm."""

from __future__ import annotations

import json
import socket
import struct
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from hmlib import Generative, check
from hmlib.check.border import LARGEST, decode, encode
from hmlib.course.marking import frames

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=10,
)


def journey(value):
    return decode(json.loads(json.dumps(encode(value))))


@given(plain)
def test_plain_values_cross(value):
    assert journey(value) == value


@given(npst.arrays(st.sampled_from(["f8", "i8", "?"]), npst.array_shapes(max_dims=3, max_side=5)))
def test_arrays_cross(array):
    crossed = journey(array)
    assert crossed.shape == array.shape
    np.testing.assert_array_equal(crossed, array)


def test_a_record_crosses():
    gen = Generative.random(np.random.default_rng(0), 3, 2, 1.0)
    crossed = journey(gen)
    assert isinstance(crossed, Generative)
    np.testing.assert_array_equal(crossed.G, gen.G)


def test_a_generator_goes_on_where_it_was():
    rng = np.random.default_rng(3)
    rng.random(7)
    crossed = journey(rng)
    np.testing.assert_array_equal(crossed.random(5), rng.random(5))


@pytest.mark.parametrize(
    "value",
    [Fraction(1, 3), Decimal("0.25"), np.float32(0.5), np.int8(3), np.array(2), range(3), 10**30],
    ids=repr,
)
def test_odd_numbers_cross_as_numbers(value):
    np.testing.assert_allclose(
        np.asarray(journey(value), dtype=float), np.asarray(value, dtype=float)
    )


class Hostile:
    def __len__(self):
        raise RuntimeError

    def __array__(self, *_, **__):
        raise RuntimeError


@pytest.mark.parametrize(
    "value",
    [Hostile(), object(), int, len, b"x", {1: 2}, {1, 2}, ..., [[[[[[[[[[[[1]]]]]]]]]]]]],
    ids=lambda v: type(v).__name__,
)
def test_every_value_gets_the_same_kind_of_verdict(value):
    """What did not cross is refused in words, as it is where nothing has to cross."""
    for question in check.questions("02"):
        there, here = question.grade(journey(value)), question.grade(value)
        assert there.outcome == here.outcome
        assert there.score == here.score


def test_of_a_mountain_only_the_shape_crosses():
    mountain = np.zeros((2, LARGEST))
    assert len(json.dumps(encode(mountain))) < 200
    assert journey(mountain).shape == (2, LARGEST)
    assert journey([0.0] * (LARGEST + 1)).shape == (LARGEST + 1,)


@pytest.mark.parametrize(
    "tree",
    [
        {"is": "array", "kind": "|O", "shape": [1], "data": ""},
        {"is": "array", "kind": "<f8", "shape": [10**15], "data": ""},
        {"is": "array", "kind": "<f8", "shape": [-1], "data": ""},
        {"is": "large", "shape": [2**39, 2**39]},
        {"is": "large", "shape": "x"},
        {"is": "record", "type": "os", "fields": {}},
        {"is": "objects", "shape": [3], "items": []},
        {"is": "generator", "state": {}},
        {},
        [],
        {"is": []},
    ],
    ids=repr,
)
def test_a_forged_tree_is_refused(tree):
    with pytest.raises(ValueError):  # noqa: PT011 - numpy has its own words too
        decode(tree)


def test_a_type_name_is_harmless():
    assert type(decode({"is": "object", "type": "<b>x</b>"})).__name__ == "bxb"


def test_a_long_message_is_refused():
    with pytest.raises(ValueError, match="accepted: up to"):
        frames.take(bytearray(struct.pack(">I", frames.FRAME + 1)))


def test_half_a_message_waits():
    data = struct.pack(">I", 4) + b"null"
    buffer = bytearray(data[:6])
    assert frames.take(buffer) is None
    assert len(buffer) == 6
    buffer = bytearray(struct.pack(">I", 2) + b"[]" + b"rest")
    assert frames.take(buffer) == []
    assert buffer == b"rest"


def test_a_message_arrives():
    here, there = socket.socketpair()
    sender = threading.Thread(target=frames.send, args=(here, {"a": [1.5] * 10**5}))
    sender.start()
    assert frames.receive(there) == {"a": [1.5] * 10**5}
    sender.join()
    here.close()
    with pytest.raises(OSError, match="gone"):
        frames.receive(there)
    there.close()
