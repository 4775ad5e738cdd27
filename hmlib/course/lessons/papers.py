r"""Reads exam papers, and writes them for students and for whoever marks them.

A paper is a file of the folder `papers`:

    # Exam, block 1: notebooks 00 to 03

    What stands above the questions.

    ## 1.4 Three numbers for one input (6 points, 8 minutes, notebook 02)

    The question. {{p}} and {{p:.3f}} are what the question's function returns under that name.

    ### Answer

    What is expected.

    ### Marks

    - 2 points: what for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hmlib.course.lessons import (
    numbers_of_block_1,
    numbers_of_block_2,
    numbers_of_block_3,
    numbers_of_tests,
)

BLOCKS, TESTS = ("block_1", "block_2", "block_3"), ("before", "after")
PAPERS = (*BLOCKS, *TESTS)

Numbers = Mapping[str, float | str]
"""Name -> what stands in its place: a number, or what is said of several."""

NUMBERS: Mapping[str, Callable[[], Numbers]] = {
    **numbers_of_block_1.QUESTIONS,
    **numbers_of_block_2.QUESTIONS,
    **numbers_of_block_3.QUESTIONS,
    **numbers_of_tests.QUESTIONS,
}
"""Question -> the function that computes its numbers."""

HEADING = re.compile(r"(\d+\.\d+) (\S.*) \((\d+) points?, (\d+) minutes?(?:[,;] ([^)]+))?\)")
PLACE = re.compile(r"\{\{(\w+)(?::([^}]+))?\}\}")


@dataclass(frozen=True)
class Item:
    """A question of a paper.

    Attributes:
        id: such as "1.4".
        title: a few words.
        points: of the whole question.
        minutes: for a student who can do it; estimated.
        about: the notebook it belongs to, or a question before the course.
        text: the question.
        answer: what is expected.
        marks: what earns how many points.
    """

    id: str
    title: str
    points: int
    minutes: int
    about: str
    text: str
    answer: str
    marks: str


@dataclass(frozen=True)
class Paper:
    """A paper.

    Attributes:
        title: its heading.
        above: what stands above the questions.
        items: the questions.
    """

    title: str
    above: str
    items: tuple[Item, ...]


@cache
def read(name: str) -> Paper:
    """A paper with all its numbers in place.

    Args:
        name: one of `PAPERS`.

    Raises:
        ValueError: if it is not laid out as said above, or a number is missing or left over.
    """
    source = resources.files("hmlib.course.lessons").joinpath("papers", f"{name}.md")
    return parsed(source.read_text(encoding="utf-8"), f"{name}.md", NUMBERS)


def parsed(text: str, file: str, numbers: Mapping[str, Callable[[], Numbers]]) -> Paper:
    """A paper from its text; `read` says what is refused."""
    head, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    title = re.fullmatch(r"# (\S.*)\n(.*)", head, re.DOTALL)
    if title is None:
        raise ValueError(f"{file} does not begin with a heading; accepted: '# Exam, block 1: ...'")
    items = tuple(_item(part, file, numbers) for part in parts)
    return Paper(title[1], title[2].strip(), items)


def _item(part: str, file: str, numbers: Mapping[str, Callable[[], Numbers]]) -> Item:
    first, _, body = part.partition("\n")
    heading = HEADING.fullmatch(first)
    sections = re.split(r"^### (?:Answer|Marks)$", body, flags=re.MULTILINE)
    if heading is None or len(sections) != 3:
        raise ValueError(
            f"{file}: {first!r} is no question; accepted: "
            "'1.4 Title (6 points, 8 minutes, notebook 02)', its text, '### Answer', '### Marks'"
        )
    id = heading[1]
    known = dict(numbers[id]()) if id in numbers else {}
    used: set[str] = set()

    def value(place: re.Match[str]) -> str:
        name, form = place.groups()
        if name not in known:
            raise ValueError(f"{file}: {{{{{name}}}}} of {id} has no number")
        used.add(name)
        return format(known[name], form or "")

    text, answer, marks = (PLACE.sub(value, section).strip() for section in sections)
    if left := known.keys() - used:
        raise ValueError(f"{file}: {id} does not use its numbers {sorted(left)}")
    return Item(id, heading[2], int(heading[3]), int(heading[4]), heading[5] or "", text, answer,
                marks)  # fmt: skip


def sheet(paper: Paper) -> str:
    """What a student is given, in Markdown."""
    points = sum(item.points for item in paper.items)
    minutes = sum(item.minutes for item in paper.items)
    lines = [f"# {paper.title}", "", paper.above, "", f"{points} points, {minutes} minutes.", ""]
    for item in paper.items:
        plural = "" if item.points == 1 else "s"
        lines += [f"## {item.id} {item.title} ({item.points} point{plural})", "", item.text, ""]
    return "\n".join(lines).rstrip() + "\n"


def key(paper: Paper) -> str:
    """What whoever marks it has besides, in Markdown."""
    lines = [f"# {paper.title}: answers", ""]
    for item in paper.items:
        about = f", {item.about}" if item.about else ""
        heading = f"## {item.id} {item.title} ({item.points} points, {item.minutes} minutes{about})"
        lines += [heading, "", item.answer, "", "**Marks.**", "", item.marks, ""]
    return "\n".join(lines).rstrip() + "\n"
