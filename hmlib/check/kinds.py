"""Questions whose answer is a value: a number, several numbers, a letter, lines in order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from hmlib.check.question import Question, Unreadable, Verdict
from hmlib.check.reading import read_number, refuse_masked
from hmlib.check.text import wrap
from hmlib.check.words import counted, kind, listed, number, quote

_NEAR = 20
"""An error of up to this many tolerances is called close."""

_LETTERS = 'Letters in order are wanted, such as "BAC"'


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Number(Question):
    """One number, accepted within a tolerance.

    Attributes:
        answer: the right number.
        slips: name -> wrong number.
        unit: said beside numbers.
        atol, rtol: accepted: |difference| <= atol + rtol * |right|.
    """

    answer: float
    slips: Mapping[str, float] = field(default_factory=dict)
    unit: str = "nats"
    atol: float = 1e-3
    rtol: float = 0.0

    def tolerance(self) -> float:
        return self.atol + self.rtol * abs(self.answer)

    def _grade(self, answer: object, seed: int) -> Verdict:
        value = read_number(answer)
        if abs(value - self.answer) <= self.tolerance():
            return self.correct()
        for slip in self.recognise(value):
            return self.slipped(slip)
        if abs(value - self.answer) <= _NEAR * self.tolerance():
            return self.not_yet(close(self.tolerance(), self.unit))
        return self.not_yet(
            f"{number(value)} {self.unit}".strip() + " is not it.", self.prose.otherwise
        )

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        value = read_number(answer)
        return tuple(
            name for name, slip in self.slips.items() if abs(value - slip) <= self.tolerance()
        )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Numbers(Question):
    """Several named numbers, given in order as a tuple or list, or by name as a dict.

    Attributes:
        names: what the numbers are called.
        answer: the right numbers.
        slips: name -> wrong tuple.
        unit: said beside numbers.
        atol: accepted absolute difference.
    """

    names: tuple[str, ...]
    answer: tuple[float, ...]
    slips: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    unit: str = "nats"
    atol: float = 1e-3

    def _grade(self, answer: object, seed: int) -> Verdict:
        given = self._given(answer)
        if all(value is ... or value is None for value in given):
            return self.not_attempted()
        if any(value is ... or value is None for value in given):
            return self.not_yet("One of the values is still to be filled in.")
        values = self._read(given)
        right = [abs(a - b) <= self.atol for a, b in zip(values, self.answer, strict=True)]
        if all(right):
            return self.correct()
        score = sum(right) / len(right)
        for slip in self.recognise(values):
            return self.slipped(slip, score=score)
        if np.allclose(sorted(values), sorted(self.answer), rtol=0, atol=self.atol):
            order = f"({', '.join(self.names)})"
            return self.not_yet(f"The right numbers in another order: {order} is wanted.")
        named = list(zip(self.names, right, values, self.answer, strict=True))
        good = [name for name, ok, _, _ in named if ok]
        bad = [name for name, ok, _, _ in named if not ok]
        near = [name for name, ok, a, b in named if not ok and abs(a - b) <= _NEAR * self.atol]
        return self.not_yet(
            f"Right: {listed(good)}." if good else "",
            f"Look again at {listed(bad)}.",
            close(self.atol, self.unit) if near == bad else self.prose.otherwise,
            score=score,
        )

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        values = self._read(self._given(answer))
        return tuple(
            name
            for name, slip in self.slips.items()
            if all(abs(a - b) <= self.atol for a, b in zip(values, slip, strict=True))
        )

    def _given(self, answer: object) -> list[object]:
        refuse_masked(answer)
        if isinstance(answer, Mapping) and set(answer) == set(self.names):
            return [answer[name] for name in self.names]
        if isinstance(answer, np.ndarray) and answer.size == len(self.names):
            return list(answer.ravel())
        if isinstance(answer, tuple | list) and len(answer) == len(self.names):
            return list(answer)
        raise Unreadable(
            f"{len(self.names)} numbers are wanted, ({', '.join(self.names)}), "
            f"and this is {kind(answer)}."
        )

    def _read(self, given: list[object]) -> list[float]:
        values = []
        for name, value in zip(self.names, given, strict=True):
            try:
                values.append(read_number(value))
            except Unreadable as trouble:
                raise Unreadable(f"{name}: {trouble}") from None
        return values


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Choice(Question):
    """One option out of several, answered by its letter or its words. Every other one is a slip.

    Attributes:
        answer: the right letter.
    """

    answer: str

    blank: ClassVar[str] = (
        "Put the letter of your choice, in quotes, in place of the ... and run the cell again."
    )
    lettered: ClassVar[str] = "Options"

    def check_letters(self) -> None:
        _known(self, self.answer, self.prose.options)

    def _grade(self, answer: object, seed: int) -> Verdict:
        letter = self._letter(answer)
        return self.correct() if letter == self.answer else self.slipped(letter)

    def all_slips(self) -> Mapping[str, str]:
        return {letter: letter for letter in self.prose.options if letter != self.answer}

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        letter = self._letter(answer)
        return () if letter == self.answer else (letter,)

    def _letter(self, answer: object) -> str:
        options = listed(self.prose.options, last="or")
        if not isinstance(answer, str):
            raise Unreadable(
                f"A letter in quotes is wanted, {options}, and this is {kind(answer)}."
            )
        given = _bare(answer)
        for letter, option in self.prose.options.items():
            own, text = _bare(letter), _bare(wrap(option))
            if given in {own, f"option{own}", text, own + text}:
                return letter
        raise Unreadable(f"The options are {options}; {quote(answer)} is none of them.")


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Order(Question):
    """Lines to put in order, answered by their letters: "CADB", "C A D B" or a list.

    Attributes:
        answer: the letters in the right order, without the decoys.
        decoys: letter of a line that does not belong -> the line it could be taken for. To use
            it is the slip "line B".
        slips: name -> wrong order.
    """

    answer: str
    decoys: Mapping[str, str] = field(default_factory=dict)
    slips: Mapping[str, str] = field(default_factory=dict)

    blank: ClassVar[str] = (
        'Put the letters in order, such as "BAC", in place of the ... and run the cell again.'
    )
    lettered: ClassVar[str] = "Lines"

    def check_letters(self) -> None:
        _known(self, "".join([self.answer, *self.decoys]), self.prose.lines)

    def _grade(self, answer: object, seed: int) -> Verdict:
        if isinstance(answer, list | tuple) and all(item is ... for item in answer):
            return self.not_attempted()
        given = self._order(answer)
        if given == self.answer:
            return self.correct()
        for slip in self.recognise(given):
            return self.slipped(slip)
        good = _common_start(given, self.answer)
        first = {0: "", 1: "The first line is right."}.get(
            good, f"The first {good} lines are right."
        )
        if good == len(given):
            return self.not_yet(first, f"{len(self.answer)} lines are needed; carry on from here.")
        look = f"Look again at line {good + 1}, {given[good]}."
        return self.not_yet(first, look, self.prose.otherwise)

    def all_slips(self) -> Mapping[str, str]:
        return {
            **self.slips,
            **{_line(b): self.answer.replace(a, b) for b, a in self.decoys.items()},
        }

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        given = self._order(answer)
        return (
            *(name for name, slip in self.slips.items() if slip == given),
            *(_line(decoy) for decoy in self.decoys if decoy in given),
        )

    def _order(self, answer: object) -> str:
        items = answer if isinstance(answer, str | list | tuple) else [None]
        parts = [part for part in items if isinstance(part, str)]
        if len(parts) < len(items):
            raise Unreadable(f"{_LETTERS}, and this is {kind(answer)}.")
        letters = [c for c in "".join(parts).upper() if not c.isspace() and c not in ",;.->/|"]
        if not letters:
            raise Unreadable(f"{_LETTERS}, and there are none here.")
        unknown = [letter for letter in letters if letter not in self.prose.lines]
        if unknown:
            raise Unreadable(
                f"The lines are {listed(self.prose.lines)}; {quote(unknown[0])} is none of them."
            )
        twice = next((letter for letter in letters if letters.count(letter) > 1), "")
        if twice:
            raise Unreadable(f"Line {twice} is used more than once.")
        return "".join(letters)


def close(tolerance: float, unit: str) -> str:
    """What is said to a number that is nearly right."""
    accepted = f"{tolerance:g} {unit}".strip()
    decimals = math.ceil(-math.log10(2 * tolerance))
    more = f" Give {counted(decimals, 'decimal')}." if decimals > 0 else ""
    return f"Close: accepted is a difference of at most {accepted}.{more}"


def _bare(text: str) -> str:
    """Letters and digits alone, small."""
    return "".join(filter(str.isalnum, text.lower()))


def _line(letter: str) -> str:
    """Name of the slip of a line that does not belong."""
    return f"line {letter}"


def _known(question: Question, letters: str, items: Mapping[str, str]) -> None:
    """Every letter that `checks.py` names stands in the prose."""
    for letter in letters:
        if letter not in items:
            raise ValueError(
                f"{question.prose.place}: question {question.id} has no item {letter!r}, which "
                "checks.py names"
            )


def _common_start(a: str, b: str) -> int:
    pairs = enumerate(zip(a, b, strict=False))
    return next((k for k, (x, y) in pairs if x != y), min(len(a), len(b)))
