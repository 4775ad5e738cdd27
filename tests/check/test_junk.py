"""Junk: whatever is given, check says words."""

import math
import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmlib import check
from hmlib.binary import Generative
from hmlib.check import grade

QUESTIONS = check.questions()


class Evil:
    """Everything that can be asked of it fails."""

    def __getattr__(self, name):
        raise RuntimeError("no")

    def __float__(self):
        raise RuntimeError("no")

    def __len__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    def __iter__(self):
        raise RuntimeError("no")


class EvilError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def raiser(error):
    def function(*args):
        raise error

    return function


def endless(*args):
    return deeper(args)


def deeper(args):
    return deeper(args)  # without a star: Pythons 3.13.0 and 3.15.2 do not count such calls


def generates(*args):
    yield 1


JUNK = [
    True,
    "",
    "F",
    "0.5",
    "\x00\ud800",
    "\x1b[31mred",
    b"B",
    "A" * 100_000,
    [],
    (),
    {},
    set(),
    [1, [2, 3]],
    [None, ...],
    [...],
    (..., ...),
    {"average log joint": 1},
    range(10**12),
    10**400,
    -(10**400),
    1j,
    math.nan,
    math.inf,
    np.nan,
    np.zeros(0),
    np.zeros((1000, 1000)),
    np.broadcast_to(1.0, (10**5, 10**5)),
    np.array(["a"]),
    np.array([None, ...], dtype=object),
    np.datetime64("2020-01-01"),
    np.float32(1),
    object(),
    Evil(),
    Evil,
    type,
    dict,
    int,
    print,
    len,
    np.sum,
    np,
    iter([1]),
    sys.stdout,
    Generative.zeros(2, 2),
    check,
    endless,
    generates,
    raiser(ValueError("bad\nvalue")),
    raiser(EvilError()),
    raiser(ValueError("\ud800\x1b[31m")),
    raiser(KeyError("x")),
    raiser(SystemExit(3)),
    raiser(Warning("w")),
    raiser(ValueError("cannot use <object at 0x7f00aa11>")),
    lambda: 1,
    lambda *a: None,
    lambda *a: "text",
    lambda *a: Evil(),
    lambda *a: a,
    lambda *a: math.nan,
    lambda *a: [...],
    lambda *a: np.zeros((500, 500, 5)),
    lambda *a: np.full(len(a[-1]), 1j),
    lambda *a: print("x" * 10_000),
]


@pytest.mark.parametrize("junk", range(len(JUNK)))
def test_check_never_raises_on_junk(junk, capsys):
    answer = JUNK[junk]
    for question in QUESTIONS:
        check(question.id, answer)
        out, err = capsys.readouterr()
        assert re.match(rf"{question.id}: (not yet|not attempted|correct)\. \S", out)
        assert len(out) < 1500
        assert "Traceback" not in out
        assert out.replace("\n", " ").isprintable()
        assert not re.search(r"0x[0-9a-f]{4}", out)
        assert err == ""


scalars = st.one_of(
    st.none(),
    st.just(...),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.complex_numbers(),
)
junk = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=8),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        inner.map(lambda value: lambda *args: value),
        st.lists(inner, max_size=4).map(lambda v: np.array([*v, None], dtype=object)),
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(answer=junk, index=st.integers(0, len(QUESTIONS) - 1))
def test_grade_turns_random_junk_into_words(answer, index):
    verdict = grade(QUESTIONS[index].id, answer)
    assert verdict.outcome in ("not attempted", "not yet", "correct")
    assert verdict.message
    assert str(verdict).startswith(f"{verdict.id}: {verdict.outcome}. ")
