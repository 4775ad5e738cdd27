"""What was predicted in labs: only what a lab of the course could have been told is believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from hmlib.course.marking.handins import HandIn
from hmlib.course.marking.library import ROOT
from hmlib.course.site.chapters import read_chapter
from hmlib.lab.base import UNSURE, Question


@dataclass(frozen=True)
class Prediction:
    """What one student predicted in one lab.

    Attributes:
        lab: its title.
        question: what was asked, with what was seen.
        said: the prediction.
    """

    lab: str
    question: Question
    said: str

    @property
    def options(self) -> Sequence[str]:
        """All that could be said."""
        return (*self.question.options, UNSURE)


@cache
def asked(notebook: str) -> dict[str, Question]:
    """The question of every lab of a notebook, by the title of the lab, in their order."""
    [path] = (ROOT / "notebooks").glob(f"{notebook}_*.ipynb")
    labs = [call.lab() for call in read_chapter(path).calls.values()]
    return {str(lab.spec["title"]): lab.question for lab in labs}


def class_of(handins: Iterable[HandIn]) -> dict[str, tuple[Prediction, ...]]:
    """The predictions of every hand-in, by the name of its file, in the order of the notebook."""
    return {one.file: of(one) for one in handins}


def of(one: HandIn) -> tuple[Prediction, ...]:
    """The predictions of one hand-in; what no lab asks or accepts is left out."""
    if not one.predictions:
        return ()
    told = dict(one.predictions)
    found = [
        Prediction(title, question, told[title])
        for title, question in asked(one.notebook).items()
        if title in told
    ]
    return tuple(one for one in found if one.said in one.options)
