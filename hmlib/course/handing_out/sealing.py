"""Makes the locked boxes of the student's edition; `hmlib/check/sealed.py` says how they open."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hmlib import check
from hmlib.check.bank import find
from hmlib.check.border import encode
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number, Numbers, Order
from hmlib.check.question import Question, Verdict
from hmlib.check.reading import Parts
from hmlib.check.sealed import (
    NEAR,
    SHARE,
    STEP,
    Box,
    blend,
    coarse,
    digest,
    interval,
    outline,
    random_sum,
    said_of_trial,
    tag,
)
from hmlib.check.text import markdown
from hmlib.check.varying import MANY

ROUNDS = 2000
"""Of hashing for each try: a try costs a student a millisecond, and a million tries some time."""

SALTS = 100
"""Drawn for a function until its slips are told apart."""

SEED = 0
"""Of the cases that come along; marking draws others."""

Text = Mapping[str, Any]


@dataclass
class Locksmith:
    """Collects texts and what opens them, and makes a box of them.

    Attributes:
        rng: of salts and keys.
        rounds: of hashing for each try.
    """

    rng: np.random.Generator
    rounds: int = ROUNDS
    texts: list[tuple[dict[str, set[str]], Text]] = field(default_factory=list)

    def lock(self, openers: Mapping[str, Iterable[str]], text: Text) -> None:
        """Lock a text.

        Args:
            openers: place -> all that opens it there; every place has to be opened.
            text: what can be read then.
        """
        ranked = {**text, "rank": len(self.texts)}
        self.texts.append(({place: set(said) for place, said in openers.items()}, ranked))

    def box(self, salt: bytes) -> Box:
        """The box. Texts are as long as the longest and in no order, slots as full as the fullest,
        so that neither tells which is the right answer's."""
        order = [self.texts[k] for k in self.rng.permutation(len(self.texts))]
        shell = Box(salt, self.rounds, (), {})
        length = max(len(json.dumps(text)) for _, text in order) + 8
        texts, slots = [], dict[str, dict[str, list[bytes]]]()
        keys: dict[tuple[str, str], bytes] = {}
        for number, (openers, text) in enumerate(order):
            places = tuple(sorted(openers))
            shares = {place: self.rng.bytes(SHARE) for place in places}
            data = json.dumps(text).encode("ascii").ljust(length, b"\0")
            key = b"".join(shares[place] for place in places)
            texts.append((places, blend(digest(data) + data, key, b"text")))
            for place, many in openers.items():
                for said in sorted(many):
                    keys.setdefault((place, said), shell.key(place, said))
                    slot = slots.setdefault(place, {}).setdefault(said, [])
                    slot.append(bytes([number]) + shares[place])
        full = max(len(slot) for many in slots.values() for slot in many.values())
        locked = {}
        for place, many in slots.items():
            found = {}
            for said, slot in many.items():
                filler = [b"\xff" + self.rng.bytes(SHARE) for _ in range(full - len(slot))]
                key = keys[place, said]
                found[tag(key)] = blend(b"".join(slot + filler), key, b"slot")
            locked[place] = dict(sorted(found.items()))
        return Box(salt, self.rounds, tuple(texts), locked)


def sealed(
    notebook: str, rng: np.random.Generator, rounds: int = ROUNDS, own_numbers: bool = False
) -> list[Text]:
    """The questions of a notebook as the student's edition has them, as JSON can say it.

    Args:
        notebook: its two digits.
        rng: of salts and keys; take one that nobody can draw again.
        rounds: of hashing for each try.
        own_numbers: whether every variant comes along.
    """
    told: list[Text] = []
    for question in check.questions(notebook):
        one = dict(seal(question, rng, rounds))
        if own_numbers and question.varies:
            one["others"] = [
                _differences(one, seal(find(question.id, k + 1), rng, rounds)) for k in range(MANY)
            ]
        told.append(one)
    return told


def _differences(one: Text, other: Text) -> Text:
    """What another variant says otherwise."""
    return {name: part for name, part in other.items() if part != one[name]}


def seal(question: Question, rng: np.random.Generator, rounds: int = ROUNDS) -> Text:
    """One question."""
    smith, salt = Locksmith(rng, rounds), _salt(question, rng)
    if isinstance(question, Choice):
        more: dict[str, Any] = {}
        for letter in question.prose.options:
            smith.lock({"letter": [letter]}, said(question.grade(letter)))
    elif isinstance(question, Order):
        more = {}
        _order(question, smith)
    elif isinstance(question, Number | Numbers):
        more = _numbers(question, smith)
    elif isinstance(question, Function):
        more = _function(question, smith, salt)
    else:
        raise ValueError(
            f"question {question.id} is a {type(question).__name__}, and this kind cannot be sealed"
        )
    box = smith.box(salt)
    return {
        "id": question.id,
        "kind": next(
            kind.__name__
            for kind in (Choice, Order, Number, Numbers, Function)
            if isinstance(question, kind)
        ),
        "prose": prose(question),
        "more": more,
        "box": {
            "salt": salt.hex(),
            "rounds": rounds,
            "texts": [[list(places), data.hex()] for places, data in box.texts],
            "slots": {
                place: {name: data.hex() for name, data in slots.items()}
                for place, slots in box.slots.items()
            },
        },
    }


def said(verdict: Verdict) -> Text:
    """A verdict as it is locked away."""
    return {"outcome": verdict.outcome, "slip": verdict.slip, "message": pair(verdict.message)}


def correct(question: Question) -> Text:
    return said(question.correct())


def slipped(question: Question, name: str) -> Text:
    return said(question.slipped(name))


def pair(text: str) -> list[str]:
    """A text in both forms."""
    return [str(text), markdown(text)]


def prose(question: Question) -> dict[str, Any]:
    """What everybody may read of a question."""
    told = question.prose
    return {
        "title": pair(told.title),
        "prompt": pair(told.prompt),
        "options": {letter: pair(text) for letter, text in told.options.items()},
        "lines": {letter: pair(text) for letter, text in told.lines.items()},
        "hints": [pair(hint) for hint in told.hints if not tells(question, hint)],
        "otherwise": pair(told.otherwise),
    }


def tells(question: Question, text: str) -> bool:
    """Whether a text has a number of the answer in it, or its letters."""
    if isinstance(question, Order):
        return question.answer in re.sub(r"\W", "", text)
    if not isinstance(question, Number | Numbers):
        return False
    answers = question.answer if isinstance(question, Numbers) else (question.answer,)
    found = [float(word) for word in re.findall(r"(?<![\w.])-?\d+\.?\d*", text)]
    # Small whole numbers stand everywhere and mean something else.
    telling = [answer for answer in answers if not (answer == int(answer) and abs(answer) < 10)]
    near = max(question.atol, 5e-3)
    return any(abs(abs(a) - abs(b)) <= near for a in telling for b in found)


def intervals(value: float, tolerance: float) -> set[str]:
    """All intervals that an accepted number falls into."""
    steps = np.linspace(-1.0, 1.0, 16 * STEP + 1)
    return {interval(value + step * tolerance, tolerance) for step in steps}


def near_intervals(value: float, tolerance: float) -> set[str]:
    return {coarse(value + k * tolerance / 2, tolerance) for k in range(-2 * NEAR, 2 * NEAR + 1)}


def _order(question: Order, smith: Locksmith) -> None:
    answer = question.answer
    smith.lock({"whole": [answer]}, correct(question))
    for name, slip in question.slips.items():
        smith.lock({"whole": [slip]}, slipped(question, name))
    for decoy in question.decoys:
        smith.lock({"used": [decoy]}, slipped(question, f"line {decoy}"))
    for k in range(1, len(answer)):
        smith.lock({f"first {k}": [answer[:k]]}, {"lines": len(answer)})


def _numbers(question: Number | Numbers, smith: Locksmith) -> dict[str, Any]:
    one = isinstance(question, Number)
    if isinstance(question, Number) and question.rtol:
        raise ValueError(f"question {question.id} has a relative tolerance: it cannot be sealed")
    answer = (question.answer,) if isinstance(question, Number) else question.answer
    atol = question.atol

    def openers(values: Sequence[float]) -> dict[str, set[str]]:
        return {str(k): intervals(value, atol) for k, value in enumerate(values)}

    smith.lock(openers(answer), correct(question))
    for name, slip in question.slips.items():
        values = (slip,) if isinstance(slip, int | float) else tuple(slip)
        smith.lock(openers(values), slipped(question, name))
    for k, value in enumerate(answer):
        smith.lock({str(k): intervals(value, atol)}, {"part": k})
        smith.lock({f"near {k}": near_intervals(value, atol)}, {"near": k})
    names = ("answer",) if isinstance(question, Number) else question.names
    return {"names": ["answer"] if one else list(names), "unit": question.unit, "atol": atol}


def _function(question: Function, smith: Locksmith, salt: bytes) -> dict[str, Any]:
    cases, likes = question.draw(SEED), question._likes(SEED)

    def openers(function: Any) -> dict[str, set[str]]:
        return {
            str(k): _sums(parts, question, salt, k)
            for k, parts in enumerate(question._parts(function, SEED))
        }

    right = openers(question.answer)
    smith.lock(right, correct(question))
    for name, slip in question.slips.items():
        smith.lock(openers(slip), slipped(question, name))
    for place, many in right.items():
        smith.lock({place: many}, {"part": int(place)})
    return {
        "rtol": question.rtol,
        "atol": question.atol,
        "may_not_call": list(question.may_not_call),
        "kept": [[[name, encode(value)] for name, value in case.items()] for case in cases],
        "shapes": [encode(blank(like)) for like in likes],
    }


def _salt(question: Question, rng: np.random.Generator) -> bytes:
    """A salt under which each slip of a function opens its own text before any other.

    A result is told by one random sum, and where two slips are nearly alike the sums may be.
    """
    for _ in range(SALTS):
        salt = rng.bytes(16)
        if not isinstance(question, Function) or _tells_apart(question, salt):
            return salt
    raise ValueError(f"question {question.id}: two of its slips cannot be told apart when sealed")


def _tells_apart(question: Function, salt: bytes) -> bool:
    """Whether no slip says what opens the text of the answer, or of an earlier slip."""
    results = [question._parts(f, SEED) for f in (question.answer, *question.slips.values())]
    openers = [[_sums(parts, question, salt, k) for k, parts in enumerate(one)] for one in results]
    said = [
        [said_of_trial(parts, question, salt, k) for k, parts in enumerate(one)] for one in results
    ]
    return not any(
        all(word in accepted for word, accepted in zip(said[late], openers[early], strict=True))
        for late in range(len(results))
        for early in range(late)
    )


def _sums(parts: Parts, question: Function, salt: bytes, case: int) -> set[str]:
    """All that an accepted result of one trial says to the lock."""
    value, allowed = random_sum(parts, question.rtol, question.atol, salt, case)
    steps = np.linspace(-1.0, 1.0, 16 * STEP + 1)
    # A result that is a little off has a tolerance that is a little off.
    tolerances = {allowed * (1 + k * 4 * question.rtol) for k in (-1, 0, 1)}
    return {
        f"{outline(parts)} {interval(value + step * allowed, tolerance)}"
        for step in steps
        for tolerance in tolerances
    }


def blank(like: Any) -> Any:
    """A result of the same structure and shapes that says nothing else."""
    if isinstance(like, tuple):
        return tuple(map(blank, like))
    if dataclasses.is_dataclass(like) and not isinstance(like, type):
        names = [one.name for one in dataclasses.fields(like)]
        return type(like)(**{name: blank(getattr(like, name)) for name in names})
    return np.zeros(np.shape(like)) if np.ndim(like) else 0.0
