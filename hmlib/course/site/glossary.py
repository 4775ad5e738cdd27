"""The page on which letters and words are looked up.

The letters are those of the notebooks' own tables, so that there is one source for each; the words
stand in `glossary.md` beside this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import NamedTuple

from hmlib.course.site.chapters import Chapter, source_of

NAME = "symbols_and_words"
"""Of the page."""

HEAD = "| symbol | code | meaning |\n|---|---|---|\n"


class Symbol(NamedTuple):
    """A line of a notebook's table, and the notebooks that say the same."""

    letter: str
    code: str
    meaning: str
    chapters: tuple[str, ...]


class Word(NamedTuple):
    """A line of `glossary.md`; `chapter` is such as "02"."""

    word: str
    meaning: str
    chapter: str


def symbols(chapters: Sequence[Chapter]) -> list[Symbol]:
    """The letters of all notebooks in their order, all meanings of a letter together."""
    found: dict[str, dict[tuple[str, str], list[str]]] = {}
    for chapter in chapters:
        for letter, code, meaning in _table_of(chapter):
            same = found.setdefault(letter, {}).setdefault((code, meaning), [])
            same.append(chapter.name[:2])
    return [
        Symbol(letter, code, meaning, tuple(names))
        for letter, meanings in found.items()
        for (code, meaning), names in meanings.items()
    ]


def words() -> list[Word]:
    """The words of the course."""
    text = resources.files("hmlib.course.site").joinpath("glossary.md").read_text(encoding="utf-8")
    return [Word(*cells) for cells in _lines(text) if re.fullmatch(r"\d\d", cells[-1])]


def page_of_words(chapters: Sequence[Chapter]) -> str:
    """The page, in Markdown."""
    names = {chapter.name[:2]: chapter.name for chapter in chapters}

    def led_to(chapter: str) -> str:
        return f"[{chapter}]({names[chapter]}.ipynb)" if chapter in names else chapter

    letters = [
        f"| {one.letter} <br> {one.code} | {one.meaning} | {', '.join(map(led_to, one.chapters))} |"
        for one in symbols(chapters)
    ]
    meanings = [f"| {one.word} | {one.meaning} | {led_to(one.chapter)} |" for one in words()]
    parts = [
        "# Symbols and words",
        "A letter has one meaning in one notebook; some have another in another. Logarithms are "
        "natural, numbers are in nats, rows are data points.",
        "## Symbols",
        "| symbol, in code | meaning | notebook |\n|---|---|---|\n" + "\n".join(letters),
        "## Words",
        "| word | what it means here | first in |\n|---|---|---|\n" + "\n".join(meanings),
    ]
    return "\n\n".join(parts) + "\n"


def _table_of(chapter: Chapter) -> Iterator[tuple[str, str, str]]:
    for cell in chapter.cells:
        if cell["cell_type"] == "markdown" and HEAD in source_of(cell):
            table = source_of(cell).partition(HEAD)[2].partition("\n\n")[0]
            yield from ((letter, code, meaning) for letter, code, meaning in _lines(table))


def _lines(text: str) -> Iterator[list[str]]:
    """The cells of each line of a table."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]
