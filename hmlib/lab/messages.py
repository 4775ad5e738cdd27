"""What a lab takes from a browser, and how much of it.

Anything may come: a page of another version, a program, a slip. So every part of a message is
looked at before it is used, nothing longer than a message of ours is kept or repeated, and what is
refused is answered in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hmlib._checks import choice
from hmlib.figures import THEMES

MOST_CHARACTERS = 20_000
"""Of a message, all in all; ours have some hundred."""

MOST_PICTURES = 24
"""Pictures asked for in one message."""

MOST_STEPS = 1000
"""Steps of learning asked for in one message."""

_MOST_NAME = 100
"""Characters of the name of a kind, a page or a request."""


def _weight(value: object) -> int:
    """Characters of a message, at most a little more than are accepted."""
    weight, waiting = 0, [value]
    while waiting and weight <= MOST_CHARACTERS:
        part = waiting.pop()
        weight += 1
        if isinstance(part, str | bytes):
            weight += len(part)
        elif isinstance(part, int):
            weight += part.bit_length() // 3
        elif isinstance(part, Mapping):
            weight += len(part)
            if weight <= MOST_CHARACTERS:
                waiting += [*part.keys(), *part.values()]
        elif isinstance(part, Sequence):
            weight += len(part)
            if weight <= MOST_CHARACTERS:
                waiting += part
    return weight


@dataclass(frozen=True)
class Message:
    """A message that is small enough to be looked at; each part is checked when it is read."""

    content: Mapping[str, object]

    @classmethod
    def read(cls, content: object, buffers: object) -> Message:
        """A message as it came.

        Raises:
            ValueError: if it is no message, or too large.
        """
        if not isinstance(content, Mapping):
            raise ValueError(
                f"a message is of the kind {type(content).__name__}; accepted: a mapping"
            )
        if _weight(content) > MOST_CHARACTERS:
            raise ValueError(
                f"a message has over {MOST_CHARACTERS:,} characters; accepted: so many"
            )
        if buffers:
            raise ValueError("a message has bytes beside it; accepted: none")
        return cls(content)

    def name(self, part: str) -> str:
        """A short word, such as `kind` or `id`; empty if there is none."""
        word = self.content.get(part, "")
        if not isinstance(word, str) or len(word) > _MOST_NAME:
            raise ValueError(f"{part} is no word; accepted: up to {_MOST_NAME} characters")
        return word

    def one_of(self, part: str, options: Sequence[str]) -> str:
        """One of the words that are accepted."""
        word = self.content.get(part)
        if not isinstance(word, str):
            accepted = ", ".join(map(repr, options))
            raise ValueError(f"{part} is no word; accepted: {accepted}")
        return choice(part, word[:_MOST_NAME], tuple(options))

    @property
    def theme(self) -> str:
        """The page that a picture is for."""
        return self.one_of("theme", tuple(THEMES))

    @property
    def wants(self) -> Sequence[object]:
        """Tokens of the pictures that are asked for."""
        wants = self.content.get("wants")
        if not isinstance(wants, list) or not 1 <= len(wants) <= MOST_PICTURES:
            given = len(wants) if isinstance(wants, list) else repr(wants)[:_MOST_NAME]
            raise ValueError(f"wants are {given}; accepted: a list of 1 to {MOST_PICTURES}")
        return wants

    @property
    def steps(self) -> int:
        """How many steps to learn."""
        steps = self.content.get("steps")
        if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= MOST_STEPS:
            raise ValueError(
                f"steps is {repr(steps)[:_MOST_NAME]}; accepted: a whole number from 1 to "
                f"{MOST_STEPS:,}"
            )
        return steps


def id_of(content: object) -> str:
    """Which request a refusal answers, as far as that can be told."""
    word = content.get("id") if isinstance(content, Mapping) else None
    return word if isinstance(word, str) and len(word) <= _MOST_NAME else ""
