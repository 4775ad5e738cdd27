"""Numbers of a student's own: a question whose numbers can be others, and which they are for whom.

There are `MANY` variants of every question with numbers, besides the one that is printed in the
course. A name says which of them is asked, in every copy of the course and in the marking alike;
in a class of forty three students or four share one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

MANY = 12
"""Variants of each question with numbers."""

N = TypeVar("N")

_APOSTROPHES = re.compile("['`\u2018\u2019\u02bb\u02bc]")

_APART = 1.6
"""So many tolerances lie between an answer and a slip, and between two slips, at least."""
_NEW = 10
"""So many between the answer and that of the printed numbers."""
_TRIES = 1000


@dataclass(frozen=True)
class Posed:
    """A question with its numbers put in.

    Attributes:
        answer: the right answer: a number, or several.
        slips: name -> wrong answer.
        values: name -> what stands in the prose in place of {name}.
    """

    answer: Any
    slips: Mapping[str, Any]
    values: Mapping[str, str]


def words(name: object) -> tuple[str, ...]:
    """The words of a name, so that "Müller, Anna" and "anna_muller" are one.

    An apostrophe is no gap: Moodle writes "O'Neill" as "ONeill" in the names of folders.

    Raises:
        ValueError: if it is neither a text nor a whole number, or has no letter and no digit.
    """
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise ValueError(
            f"name is of the kind {type(name).__name__}; accepted: a text or a whole number"
        )
    bare = unicodedata.normalize("NFKD", str(name)).casefold()
    bare = "".join(c for c in bare if not unicodedata.combining(c))
    found = re.findall(r"[^\W_]+", _APOSTROPHES.sub("", bare))
    if not found:
        raise ValueError(f"name is {name!r}; accepted: a text with a letter or a digit in it")
    return tuple(sorted(found))


def seed_of(name: str | int) -> int:
    """The number that stands for a name."""
    digest = hashlib.sha256(" ".join(words(name)).encode()).digest()
    return int.from_bytes(digest[:4], "big")


def variant_of(name: str | int) -> int:
    """Which variant somebody of this name is asked, from 1 to `MANY`."""
    return 1 + seed_of(name) % MANY


def varied(pose: Callable[[N], Posed], printed: N, drawn: Callable[[int], N]) -> dict[str, Any]:
    """What a question with numbers is told besides its answer: slips, values, how they vary.

    Args:
        pose: the question with given numbers.
        printed: the numbers that are printed in the course.
        drawn: the numbers of a variant.
    """
    first = pose(printed)
    return {
        "slips": first.slips,
        "values": first.values,
        "vary": lambda variant: pose(drawn(variant)),
    }


def draw(
    variant: int,
    draw_one: Callable[[np.random.Generator], N],
    poses: Sequence[Callable[[N], Posed]],
    printed: N,
    atol: float = 1e-3,
) -> N:
    """Numbers of a variant for which every slip can be told from the answer and from all others.

    Args:
        variant: its number.
        draw_one: numbers that may do, or not.
        poses: the questions that are asked with them.
        printed: the numbers that are printed in the course.
        atol: the tolerance of the questions.
    """
    rng = np.random.default_rng(variant)
    for _ in range(_TRIES):
        numbers = draw_one(rng)
        if all(apart(pose(numbers), pose(printed), atol) for pose in poses):
            return numbers
    raise ValueError(f"variant {variant}: no numbers were found that keep the slips apart")


def apart(posed: Posed, printed: Posed, atol: float) -> bool:
    """Whether the answer is a new one, and no two of answer and slips are alike."""
    told = [_flat(value) for value in (posed.answer, *posed.slips.values())]
    if not np.isfinite(told).all() or _far(told[0], _flat(printed.answer)) <= _NEW * atol:
        return False
    pairs = [(a, b) for k, a in enumerate(told) for b in told[:k]]
    return all(_far(a, b) > _APART * atol for a, b in pairs)


def _flat(value: Any) -> tuple[float, ...]:
    return tuple(map(float, value)) if isinstance(value, tuple) else (float(value),)


def _far(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def one_of(rng: np.random.Generator, options: Sequence[N]) -> N:
    """One of some options, all as likely."""
    return options[int(rng.integers(len(options)))]


def fractions(*texts: str) -> tuple[Fraction, ...]:
    """Fractions as they are written, "3/4"."""
    return tuple(map(Fraction, texts))


def row(values: Sequence[object]) -> str:
    """Values beside each other, as in a list."""
    return ", ".join(map(str, values))


def logarithm(ratio: Fraction) -> str:
    r"""ln of a fraction as it is written: 0, $\ln 3$, $-\ln 2$, $\ln(3/2)$."""
    if ratio == 1:
        return "0"
    if ratio.numerator == 1:
        return rf"$-\ln {ratio.denominator}$"
    return rf"$\ln {ratio}$" if ratio.denominator == 1 else rf"$\ln({ratio})$"


_WORDS = tuple(
    "no one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
)
_TIMES = ("never", "once", "twice")


def in_words(number: int) -> str:
    """A small whole number in words, a larger one in digits."""
    return _WORDS[number] if number < len(_WORDS) else str(number)


def times(number: int) -> str:
    """How often: once, twice, three times."""
    return _TIMES[number] if number < len(_TIMES) else f"{in_words(number)} times"
