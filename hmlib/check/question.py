"""What every homework question has in common, and what grading it gives back."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import ClassVar, Literal

Outcome = Literal["not attempted", "not yet", "correct"]

WIDTH = 80
"""Verdicts, hints and prompts are wrapped to this many characters."""


@dataclass(frozen=True)
class Verdict:
    """What a check says about one answer.

    Attributes:
        id: name of the question, such as "02.8".
        outcome: "not attempted", "not yet" or "correct".
        message: the reason, in plain words.
        score: 1 for a correct answer, the share that is right where there are several parts.
        slip: short name of the recognised wrong answer; empty if none was recognised.
    """

    id: str
    outcome: Outcome
    message: str
    score: float = 0.0
    slip: str = ""

    def __str__(self) -> str:
        return wrap(f"{self.id}: {self.outcome}. {self.message}")


@dataclass(frozen=True)
class Wrong:
    """A recognised wrong answer: what a student would give, and what to say to it.

    Attributes:
        name: short name of the slip, such as "entropy dropped".
        answer: the wrong answer itself: a number, a letter, an order, or a wrong function.
        sentence: what the slip is and which way leads out of it.
    """

    name: str
    answer: object
    sentence: str


class Unreadable(Exception):
    """An answer that cannot be read; its text says, in words, what was found."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Question:
    """One question. The kinds in `kinds.py` and `function.py` say how an answer is judged.

    Attributes:
        id: two digits of the notebook, a dot, and a number: "02.8".
        title: one line.
        prompt: the question, in plain text.
        answer: the right answer, from `hmlib.check.solutions`.
        why: said when the answer is correct: the reason, in one or two sentences.
        hints: the ladder, from a nudge to nearly the answer.
        otherwise: said when the answer is wrong in a way that is not recognised.
    """

    id: str
    title: str
    prompt: str
    answer: object
    why: str
    hints: tuple[str, ...]
    otherwise: str = ""

    blank: ClassVar[str] = "Put your answer in place of the ... and run the cell again."

    def grade(self, answer: object, seed: int = 0) -> Verdict:
        """Judge an answer. Nothing is printed, and no error escapes."""
        if answer is ... or answer is None:
            return self.not_attempted()
        try:
            return self.judge(answer, seed)
        except Unreadable as trouble:
            return self.not_yet(str(trouble))

    def judge(self, answer: object, seed: int) -> Verdict:
        """Judge an answer that was attempted; may raise `Unreadable`."""
        raise NotImplementedError

    def wrong_answers(self) -> tuple[Wrong, ...]:
        """Every recognised wrong answer, with its sentence."""
        raise NotImplementedError

    def recognise(self, answer: object, seed: int = 0) -> tuple[Wrong, ...]:
        """The recognised wrong answers that this answer cannot be told from."""
        raise NotImplementedError

    def text(self) -> str:
        """The question as `check.ask` prints it."""
        return wrap(f"{self.id} {self.title}") + "\n" + wrap(self.prompt)

    def correct(self, note: str = "") -> Verdict:
        return Verdict(self.id, "correct", _sentences(self.why, note), score=1.0)

    def not_yet(self, *sentences: str, score: float = 0.0, slip: str = "") -> Verdict:
        return Verdict(self.id, "not yet", _sentences(*sentences), score, slip)

    def not_attempted(self, sentence: str = "") -> Verdict:
        return Verdict(self.id, "not attempted", sentence or self.blank)

    def __repr__(self) -> str:
        return f"{self.id} {self.title}"


def wrap(text: str) -> str:
    """Wrap every line of a text to WIDTH characters; the layout of the lines stays."""
    fill = textwrap.TextWrapper(WIDTH, break_on_hyphens=False, break_long_words=False)
    return "\n".join(fill.fill(line) for line in text.split("\n"))


def _sentences(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
