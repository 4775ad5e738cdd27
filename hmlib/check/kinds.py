"""Questions whose answer is a value: a number, several numbers, a letter, lines in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from hmlib.check.question import Question, Unreadable, Verdict, Wrong, wrap
from hmlib.check.reading import read_number
from hmlib.check.words import kind, listed, number, quote

_NEAR = 20
"""An error of up to this many tolerances is called close."""

_LETTERS = 'Letters in order are wanted, such as "BAC"'


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Number(Question):
    """One number, accepted within a tolerance.

    Attributes:
        answer: the right number.
        wrong: recognised wrong numbers.
        unit: said beside numbers.
        atol, rtol: accepted: |difference| <= atol + rtol * |right|.
    """

    answer: float
    wrong: tuple[Wrong, ...] = ()
    unit: str = "nats"
    atol: float = 1e-3
    rtol: float = 0.0

    def tolerance(self) -> float:
        return self.atol + self.rtol * abs(self.answer)

    def judge(self, answer: object, seed: int) -> Verdict:
        value = read_number(answer)
        if abs(value - self.answer) <= self.tolerance():
            return self.correct()
        for slip in self.recognise(value):
            return self.not_yet(slip.sentence, slip=slip.name)
        if abs(value - self.answer) <= _NEAR * self.tolerance():
            return self.not_yet(_close(self.tolerance(), self.unit))
        return self.not_yet(f"{number(value)} {self.unit}".strip() + " is not it.", self.otherwise)

    def wrong_answers(self) -> tuple[Wrong, ...]:
        return self.wrong

    def recognise(self, answer: object, seed: int = 0) -> tuple[Wrong, ...]:
        value = read_number(answer)
        return tuple(w for w in self.wrong if abs(value - w.answer) <= self.tolerance())


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Numbers(Question):
    """Several named numbers, given in order as a tuple or list, or by name as a dict.

    Attributes:
        names: what the numbers are called.
        answer: the right numbers.
        wrong: recognised wrong tuples.
        unit: said beside numbers.
        atol: accepted absolute difference.
    """

    names: tuple[str, ...]
    answer: tuple[float, ...]
    wrong: tuple[Wrong, ...] = ()
    unit: str = "nats"
    atol: float = 1e-3

    def judge(self, answer: object, seed: int) -> Verdict:
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
            return self.not_yet(slip.sentence, score=score, slip=slip.name)
        named = list(zip(self.names, right, values, self.answer, strict=True))
        good = [name for name, ok, _, _ in named if ok]
        bad = [name for name, ok, _, _ in named if not ok]
        near = [name for name, ok, a, b in named if not ok and abs(a - b) <= _NEAR * self.atol]
        return self.not_yet(
            f"Right: {listed(good)}." if good else "",
            f"Not yet: {listed(bad)}.",
            _close(self.atol, self.unit) if near == bad else self.otherwise,
            score=score,
        )

    def wrong_answers(self) -> tuple[Wrong, ...]:
        return self.wrong

    def recognise(self, answer: object, seed: int = 0) -> tuple[Wrong, ...]:
        values = self._read(self._given(answer))
        return tuple(
            w
            for w in self.wrong
            if all(abs(a - b) <= self.atol for a, b in zip(values, w.answer, strict=True))
        )

    def _given(self, answer: object) -> list[object]:
        if isinstance(answer, Mapping) and set(answer) == set(self.names):
            return [answer[name] for name in self.names]
        if isinstance(answer, np.ndarray) and answer.shape == (len(self.names),):
            return list(answer)
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
    """One option out of several, answered by its letter.

    Attributes:
        options: letter -> text of the option.
        answer: the right letter.
        replies: letter -> what to say to it, for every wrong option.
    """

    options: Mapping[str, str]
    answer: str
    replies: Mapping[str, str]

    blank: ClassVar[str] = (
        "Put the letter of your choice, in quotes, in place of the ... and run the cell again."
    )

    def judge(self, answer: object, seed: int) -> Verdict:
        letter = self._letter(answer)
        if letter == self.answer:
            return self.correct()
        return self.not_yet(self.replies[letter], slip=letter)

    def wrong_answers(self) -> tuple[Wrong, ...]:
        return tuple(Wrong(letter, letter, reply) for letter, reply in self.replies.items())

    def recognise(self, answer: object, seed: int = 0) -> tuple[Wrong, ...]:
        return tuple(w for w in self.wrong_answers() if w.answer == self._letter(answer))

    def text(self) -> str:
        return "\n".join([super().text(), *_lettered(self.options)])

    def _letter(self, answer: object) -> str:
        options = listed(self.options, last="or")
        if not isinstance(answer, str):
            raise Unreadable(
                f"A letter in quotes is wanted, {options}, and this is {kind(answer)}."
            )
        letter = answer.strip("().: \n").upper()
        if letter not in self.options:
            raise Unreadable(f"The options are {options}; {quote(answer)} is none of them.")
        return letter


@dataclass(frozen=True)
class Decoy:
    """A line that does not belong: the line it could be taken for, and what to say to it."""

    instead_of: str
    sentence: str


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Order(Question):
    """Lines to put in order, answered by their letters: "CADB", "C A D B" or a list.

    Attributes:
        lines: letter -> line, shuffled; decoys among them.
        answer: the letters in the right order, without the decoys.
        decoys: letter -> why the line does not belong.
        wrong: recognised wrong orders.
    """

    lines: Mapping[str, str]
    answer: str
    decoys: Mapping[str, Decoy] = field(default_factory=dict)
    wrong: tuple[Wrong, ...] = ()

    blank: ClassVar[str] = (
        'Put the letters in order, such as "BAC", in place of the ... and run the cell again.'
    )

    def judge(self, answer: object, seed: int) -> Verdict:
        if isinstance(answer, list | tuple) and all(item is ... for item in answer):
            return self.not_attempted()
        given = self._order(answer)
        if given == self.answer:
            return self.correct()
        for slip in self.recognise(given):
            return self.not_yet(slip.sentence, slip=slip.name)
        good = _common_start(given, self.answer)
        first = {0: "", 1: "The first line is right."}.get(
            good, f"The first {good} lines are right."
        )
        if good == len(given):
            return self.not_yet(first, f"{len(self.answer)} lines are needed; carry on from here.")
        look = f"Look again at line {good + 1}, {given[good]}."
        return self.not_yet(first, look, self.otherwise)

    def wrong_answers(self) -> tuple[Wrong, ...]:
        return self.wrong + tuple(
            Wrong(f"line {letter}", self.answer.replace(decoy.instead_of, letter), decoy.sentence)
            for letter, decoy in self.decoys.items()
        )

    def recognise(self, answer: object, seed: int = 0) -> tuple[Wrong, ...]:
        given = self._order(answer)
        return tuple(w for w in self.wrong if w.answer == given) + tuple(
            Wrong(f"line {letter}", given, decoy.sentence)
            for letter, decoy in self.decoys.items()
            if letter in given
        )

    def text(self) -> str:
        return "\n".join([super().text(), *_lettered(self.lines)])

    def _order(self, answer: object) -> str:
        parts = list(answer) if isinstance(answer, str | list | tuple) else [None]
        if not all(isinstance(part, str) for part in parts):
            raise Unreadable(f"{_LETTERS}, and this is {kind(answer)}.")
        letters = [c for c in "".join(parts).upper() if not c.isspace() and c not in ",;.->"]
        if not letters:
            raise Unreadable(f"{_LETTERS}, and there are none here.")
        unknown = [letter for letter in letters if letter not in self.lines]
        if unknown:
            raise Unreadable(
                f"The lines are {listed(self.lines)}; {quote(unknown[0])} is none of them."
            )
        twice = next((letter for letter in letters if letters.count(letter) > 1), "")
        if twice:
            raise Unreadable(f"Line {twice} is used more than once.")
        return "".join(letters)


def _close(tolerance: float, unit: str) -> str:
    accepted = f"{tolerance:g} {unit}".strip()
    return f"Close: accepted is a difference of at most {accepted}. Keep more digits."


def _lettered(lines: Mapping[str, str]) -> list[str]:
    return [wrap(f"{letter}. {line}") for letter, line in lines.items()]


def _common_start(a: str, b: str) -> int:
    pairs = enumerate(zip(a, b, strict=False))
    return next((k for k, (x, y) in pairs if x != y), min(len(a), len(b)))
