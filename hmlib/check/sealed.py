"""Questions of the student's edition: they judge an answer without knowing the right one.

What is said to an answer is kept in a locked box, and its key is made from the answer: a letter,
the small interval that a number falls into, a random sum of what a function gives in each trial.
Whoever has the right answer opens the box of the right answer; whoever has made a slip that is
known opens the box of that slip; nobody else can read either. A choice of four letters can be
tried out in four tries, here as with any checker, so these boxes hide an answer and do not guard
it: marks are made elsewhere, by the full edition.

`hmlib.course.handing_out.sealing` makes the boxes.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from hmlib.check.border import decode
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers, Order, close
from hmlib.check.prose import Prose
from hmlib.check.question import Question, Verdict
from hmlib.check.reading import Parts, read_number, read_parts
from hmlib.check.text import Text, joined
from hmlib.check.trial import Case, Trial
from hmlib.check.words import inputs, listed, number

STEP = 4
"""An interval is between 1/4 and 1/8 of the tolerance wide."""
SHARE = 16
NEAR = 20
"""As many tolerances are called close."""


@dataclass(frozen=True)
class Box:
    """Locked texts of one question, and the slots in which shares of their keys lie.

    Attributes:
        salt: makes equal answers of two questions look different.
        rounds: of hashing, for each try.
        texts: each with the places in which a share of its key lies, and its bytes.
        slots: place -> tag of a locked slot -> the shares in it.
    """

    salt: bytes
    rounds: int
    texts: tuple[tuple[tuple[str, ...], bytes], ...]
    slots: Mapping[str, Mapping[str, bytes]]

    def key(self, place: str, said: str) -> bytes:
        """What an answer makes of itself at a place."""
        told = f"{place}/{said}".encode()
        return hashlib.pbkdf2_hmac("sha256", told, self.salt, self.rounds, 32)

    def open(self, answer: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """The texts that an answer opens.

        Args:
            answer: place -> what is said there.
        """
        shares: dict[int, dict[str, bytes]] = {}
        for place, said in answer.items():
            key = self.key(place, said)
            locked = self.slots.get(place, {}).get(tag(key))
            if locked is None:
                continue
            inside = blend(locked, key, b"slot")
            for start in range(0, len(inside), SHARE + 1):
                piece = inside[start : start + SHARE + 1]
                shares.setdefault(piece[0], {})[place] = piece[1:]
        for place_of_text, (places, locked) in enumerate(self.texts):
            held = shares.get(place_of_text, {})
            if set(places) <= set(held):
                key = b"".join(held[place] for place in places)
                text = blend(locked, key, b"text")
                if text[:8] == digest(text[8:]):
                    yield json.loads(text[8:].rstrip(b"\0"))


def digest(text: bytes) -> bytes:
    """Tells whether a box was opened with the right key."""
    return hashlib.sha256(text).digest()[:8]


def tag(key: bytes) -> str:
    """The name of the slot that a key opens."""
    return hashlib.sha256(b"tag" + key).hexdigest()[:16]


def blend(data: bytes, key: bytes, what: bytes) -> bytes:
    """Lock with a key that is used once, and unlock with the same."""
    stream = hashlib.shake_256(what + key).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))


def interval(value: float, tolerance: float) -> str:
    """The small interval that a number falls into; the tolerance alone says how small it is."""
    exponent = math.frexp(tolerance)[1] - 1
    return f"{exponent},{round(value / 2.0**exponent * STEP)}"


def coarse(value: float, tolerance: float) -> str:
    """An interval about as wide as the tolerance."""
    return str(round(value / tolerance))


def outline(parts: Parts) -> tuple[str, ...]:
    """What the arrays of one trial are beside their sum: shapes, and where they are finite."""
    told = []
    for name, array in parts.items():
        finite = np.isfinite(array)
        odd = "" if finite.all() else hashlib.sha256(finite.tobytes()).hexdigest()
        told.append(f"{name}{array.shape}{odd}")
    return tuple(told)


def random_sum(
    parts: Parts, rtol: float, atol: float, salt: bytes, case: int
) -> tuple[float, float]:
    """One number that stands for all arrays of a trial, and how far off it may be.

    Its weights are drawn, so that two different results have the same sum by a rare chance alone.
    """
    seed = hashlib.sha256(salt + b"weights" + bytes([case])).digest()
    rng = np.random.default_rng(list(seed))
    flat = np.concatenate([np.ravel(array) for array in parts.values()])
    flat = np.where(np.isfinite(flat), flat, 0.0)
    weights = rng.uniform(0.5, 1.0, flat.size) * rng.choice([-1.0, 1.0], flat.size)
    allowed = float(np.abs(weights) @ (atol + rtol * np.abs(flat)))
    return float(weights @ flat), allowed


def said_of_trial(parts: Parts, question: Function, salt: bytes, case: int) -> str:
    """What the result of one trial says to the lock."""
    value, allowed = random_sum(parts, question.rtol, question.atol, salt, case)
    return f"{outline(parts)} {interval(value, allowed)}"


class _Boxed(Question):
    """What sealed questions share."""

    box: Box

    def opened(self, answer: Mapping[str, str]) -> list[dict[str, Any]]:
        """What an answer opens, the right answer first, then slips in the order of the course."""
        return sorted(self.box.open(answer), key=lambda text: int(text["rank"]))

    def verdict(self, text: Mapping[str, Any], score: float = 0.0, *notes: str) -> Verdict:
        """The verdict that a text says."""
        said = text_of(text["message"])
        if text["outcome"] == "correct":
            return Verdict(self.id, "correct", joined([said, *notes]), 1.0)
        return self.not_yet(said, *notes, score=score, slip=text["slip"])

    def all_slips(self) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SealedChoice(_Boxed, Choice):
    """One option out of several."""

    box: Box

    def _grade(self, answer: object, seed: int) -> Verdict:
        [text] = self.opened({"letter": self._letter(answer)})
        return self.verdict(text)

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        return _slips(self.opened({"letter": self._letter(answer)}))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SealedOrder(_Boxed, Order):
    """Lines to put in order."""

    box: Box

    def _grade(self, answer: object, seed: int) -> Verdict:
        if isinstance(answer, list | tuple) and all(item is ... for item in answer):
            return self.not_attempted()
        given = self._order(answer)
        whole = self.opened({"whole": given})
        if whole:
            return self.verdict(whole[0])
        for letter in given:
            for text in self.opened({"used": letter}):
                return self.verdict(text)
        good, needed = 0, 0
        for k in range(1, len(given) + 1):
            if found := self.opened({f"first {k}": given[:k]}):
                good, needed = k, int(found[0]["lines"])
        first = {0: "", 1: "The first line is right."}.get(
            good, f"The first {good} lines are right."
        )
        if good == len(given):
            return self.not_yet(first, f"{needed} lines are needed; carry on from here.")
        look = f"Look again at line {good + 1}, {given[good]}."
        return self.not_yet(first, look, self.prose.otherwise)

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        given = self._order(answer)
        used = [text for letter in given for text in self.opened({"used": letter})]
        return _slips([*self.opened({"whole": given}), *used])


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SealedNumbers(_Boxed, Numbers):
    """Several numbers; one number has one place only.

    Attributes:
        numbered: whether they came with other numbers for other students.
    """

    box: Box
    numbered: bool = False

    @property
    def varies(self) -> bool:
        return self.numbered

    def _grade(self, answer: object, seed: int) -> Verdict:
        given = self._given(answer)
        if all(value is ... or value is None for value in given):
            return self.not_attempted()
        if any(value is ... or value is None for value in given):
            return self.not_yet("One of the values is still to be filled in.")
        return self.judged(self._read(given))

    def judged(self, values: Sequence[float]) -> Verdict:
        """The verdict on numbers that could be read."""
        found = self.opened(self.said(values))
        right = {int(text["part"]) for text in found if "part" in text}
        near = {int(text["near"]) for text in found if "near" in text} | right
        score = len(right) / len(values)
        for text in found:
            if "outcome" in text:
                return self.verdict(text, score)
        if len(values) > 1 and self.otherwise_ordered(values):
            order = f"({', '.join(self.names)})"
            return self.not_yet(f"The right numbers in another order: {order} is wanted.")
        good = [name for k, name in enumerate(self.names) if k in right]
        bad = [name for k, name in enumerate(self.names) if k not in right]
        all_near = len(near) == len(values)
        if len(values) == 1 and not all_near:
            words = f"{number(values[0])} {self.unit}".strip() + " is not it."
            return self.not_yet(words, self.prose.otherwise)
        return self.not_yet(
            f"Right: {listed(good)}." if good else "",
            f"Look again at {listed(bad)}." if len(values) > 1 else "",
            close(self.atol, self.unit) if all_near else self.prose.otherwise,
            score=score,
        )

    def said(self, values: Sequence[float]) -> dict[str, str]:
        """What numbers say to the lock, at each place and near it."""
        told = {str(k): interval(value, self.atol) for k, value in enumerate(values)}
        return told | {f"near {k}": coarse(v, self.atol) for k, v in enumerate(values)}

    def otherwise_ordered(self, values: Sequence[float]) -> bool:
        """Whether the right numbers stand in another order."""
        free = set(range(len(values)))
        for value in values:
            here = [
                k
                for k in free
                if any("part" in text for text in self.opened({str(k): interval(value, self.atol)}))
            ]
            if not here:
                return False
            free.discard(here[0])
        return True

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        return _slips(self.opened(self.said(self._read(self._given(answer)))))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SealedNumber(SealedNumbers):
    """One number."""

    def _grade(self, answer: object, seed: int) -> Verdict:
        return self.judged([read_number(answer)])

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        return _slips(self.opened(self.said([read_number(answer)])))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SealedFunction(_Boxed, Function):
    """A function to write, tried on cases that came along, with results of the right shapes."""

    box: Box
    own_words: ClassVar[str] = (
        "Question and cases are the same for everybody in this copy; marking tries your function "
        "on cases of your own."
    )
    kept: Sequence[Any] = field(default_factory=tuple)
    shapes: Sequence[Any] = field(default_factory=tuple)

    def draw(self, seed: int) -> list[Case]:
        return [{name: decode(value) for name, value in case} for case in self.kept]

    @cached_property
    def _blank_results(self) -> tuple[Any, ...]:
        return tuple(decode(shape) for shape in self.shapes)

    def _likes(self, seed: int) -> tuple[Any, ...]:
        return self._blank_results

    def _compare(self, trials: list[Trial], seed: int) -> Verdict:
        note = next((trial.note for trial in trials if trial.note), "")
        found = self.opened(self._said(trials))
        for text in found:
            if "outcome" in text:
                return self.verdict(text, 0.0, note)
        right = {int(text["part"]) for text in found if "part" in text}
        k = next(k for k in range(len(trials)) if k not in right)
        given = trials[k].parts
        return self.not_yet(
            f"Right in {len(right)} of {len(trials)} trials, but not in all." if right else "",
            f"Tried on {inputs(self.draw(seed)[k])}:",
            *([trials[k].unreadable] if given is None else self._seen(given, k)),
            note,
        )

    def _said(self, trials: Sequence[Trial]) -> dict[str, str]:
        return {
            str(k): said_of_trial(trial.parts, self, self.box.salt, k)
            for k, trial in enumerate(trials)
            if trial.parts is not None
        }

    def _seen(self, given: Parts, case: int) -> tuple[str, ...]:
        """What can be said of a wrong result without the right one."""
        blank = read_parts(self._blank_results[case], self._blank_results[case])
        for name, value in given.items():
            of = f" for {name}" if name else ""
            if value.shape != blank[name].shape:
                return (
                    f"the result{of} has shape {value.shape}, and shape {blank[name].shape} "
                    "is wanted.",
                )
            if np.isnan(value).any():
                return (
                    f"the result{of} contains nan, 'not a number'. The logarithm of a negative "
                    "number, 0 / 0 and 0 times infinity give it.",
                )
        return ("the numbers are others than those that are right.", self.prose.otherwise)

    def _recognise(self, trials: list[Trial], seed: int) -> tuple[str, ...]:
        return _slips(self.opened(self._said(trials)))


def _slips(texts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(text["slip"] for text in texts if text.get("slip"))


KINDS: dict[str, type[_Boxed]] = {
    "Choice": SealedChoice,
    "Order": SealedOrder,
    "Number": SealedNumber,
    "Numbers": SealedNumbers,
    "Function": SealedFunction,
}


def questions(told: Sequence[Mapping[str, Any]], variant: int = 0) -> dict[str, Question]:
    """The questions of a sealed file by id.

    Args:
        told: what `sealing` wrote.
        variant: which numbers they have, where they came with others; 0 for those that are printed.
    """
    return {str(one["id"]): question(_numbered(one, variant)) for one in told}


def _numbered(told: Mapping[str, Any], variant: int) -> Mapping[str, Any]:
    """A question with other numbers than those that are printed."""
    others = told.get("others", ())
    return {**told, **others[variant - 1]} if 0 < variant <= len(others) else told


def question(told: Mapping[str, Any]) -> Question:
    """One question from what `sealing` wrote."""
    locked = told["box"]
    box = Box(
        bytes.fromhex(locked["salt"]),
        locked["rounds"],
        tuple((tuple(places), bytes.fromhex(data)) for places, data in locked["texts"]),
        {
            place: {name: bytes.fromhex(data) for name, data in slots.items()}
            for place, slots in locked["slots"].items()
        },
    )
    more = {name: _tupled(value) for name, value in told["more"].items()}
    prose = told["prose"]
    made: Any = KINDS[told["kind"]]
    if told.get("others"):
        more["numbered"] = True
    if told["kind"] == "Function":
        more["cases"] = _no_cases
    return made(  # type: ignore[no-any-return]
        id=told["id"],
        answer=...,
        box=box,
        prose=Prose(
            title=text_of(prose["title"]),
            prompt=text_of(prose["prompt"]),
            options={letter: text_of(text) for letter, text in prose["options"].items()},
            lines={letter: text_of(text) for letter, text in prose["lines"].items()},
            hints=tuple(map(text_of, prose["hints"])),
            otherwise=text_of(prose["otherwise"]),
        ),
        **more,
    )


def _no_cases(rng: np.random.Generator) -> list[Case]:
    """A sealed function is tried on the cases that came along, whatever the seed."""
    return []


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def text_of(pair: Sequence[str]) -> Text:
    """A text from its two forms."""
    return Text(*pair)
