"""What a student handed in for one notebook, marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hmlib.course.marking.counting import Mark, Rule
from hmlib.course.marking.noticing import is_corrected, is_settled
from hmlib.course.marking.predictions import Prediction


@dataclass(frozen=True)
class Row:
    """What a student handed in for one notebook, marked.

    Attributes:
        file: the newest file.
        student: whose it is.
        notebook: its two digits; empty if it could not be told.
        marks: question -> mark; empty if the file could not be marked.
        flags: what was noticed, in words.
        errors: code cell, counted from 1 -> the error that stopped it.
        variant: whose numbers the questions had; 0 for those that are printed.
        predictions: what was predicted in labs.
        beside: files that are no notebooks and lie in the same folder.
    """

    file: str
    student: str
    notebook: str
    marks: Mapping[str, Mark]
    flags: Sequence[str]
    errors: Mapping[str, str] = field(default_factory=dict)
    variant: int = 0
    predictions: Sequence[Prediction] = ()
    beside: Sequence[str] = ()

    @property
    def to_look_at(self) -> list[str]:
        """The flags that ask a teacher to look."""
        return [flag for flag in self.flags if not is_settled(flag)]

    @property
    def corrected(self) -> list[str]:
        """The flags that say what was corrected by hand."""
        return [flag for flag in self.flags if is_corrected(flag)]

    def total(self, rules: Mapping[str, Rule]) -> float:
        """The points that it gets."""
        return sum(mark.points for id, mark in self.marks.items() if rules[id].counts)

    def most(self, rules: Mapping[str, Rule]) -> float:
        """The points that it could get."""
        return sum(rules[id].points for id in self.marks if rules[id].counts)
