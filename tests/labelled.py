"""Answers with a label: right ones in odd forms, and wrong ones that a lazy hand would type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Labelled:
    """One answer to a question of the course."""

    id: str
    """name of the question, such as "02.8" """
    how: str
    """how it is written, in a few words: "a loop", "a Fraction", "the library's own" """
    answer: object
    right: bool
