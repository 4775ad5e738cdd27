"""Letters and words: each from one source, and where it is said to be."""

from __future__ import annotations

import json
import re

import pytest

from hmlib.course.site.chapters import read_chapters, source_of
from hmlib.course.site.glossary import page_of_words, symbols, words
from tools.browser import ROOT

CHAPTERS = read_chapters(ROOT / "notebooks")
PROSE = {
    chapter.name[:2]: "\n".join(
        source_of(cell) for cell in chapter.cells if cell["cell_type"] == "markdown"
    )
    for chapter in CHAPTERS
}


def lines_of_tables() -> list[tuple[str, str]]:
    """(notebook, letter) of every line of a table of symbols, read in another way."""
    found = []
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            lines = [line.rstrip("\n") for line in cell["source"]]
            if "| symbol | code | meaning |" in lines:
                table = lines[lines.index("| symbol | code | meaning |") + 2 :]
                ends = [place for place, line in enumerate(table) if not line.startswith("|")]
                rows = table[: ends[0]] if ends else table
                found += [(path.name[:2], line.split("|")[1].strip()) for line in rows]
    return found


def test_every_line_of_every_table_of_symbols_is_on_the_page():
    found = [(name, one.letter) for one in symbols(CHAPTERS) for name in one.chapters]
    assert sorted(found) == sorted(lines_of_tables())
    assert {name for name, _ in found} == set(PROSE)
    page = page_of_words(CHAPTERS)
    for one in symbols(CHAPTERS):
        assert f"| {one.letter} <br> {one.code} | {one.meaning} | [" in page


def test_what_several_notebooks_say_alike_stands_once_and_with_its_like():
    letters = [one.letter for one in symbols(CHAPTERS)]
    said = [(one.letter, one.code, one.meaning) for one in symbols(CHAPTERS)]
    assert len(set(said)) == len(said)
    firsts = list(dict.fromkeys(letters))
    assert letters == sorted(letters, key=firsts.index)
    assert len(firsts) < len(letters)


def test_words_are_in_order_and_each_once():
    found = [one.word.lower().replace("-", "") for one in words()]
    assert len(found) >= 50
    assert found == sorted(set(found))


@pytest.mark.parametrize("one", words(), ids=lambda one: one.word)
def test_a_word_is_explained_in_its_notebook(one):
    """There it stands set apart, in a heading, or in the table of symbols."""
    marked = re.findall(r"\*\*(.+?)\*\*|\*(.+?)\*|^#+ (.+)$", PROSE[one.chapter], re.MULTILINE)
    apart = " ".join("".join(words) for words in marked)
    table = " ".join(
        symbol.meaning for symbol in symbols(CHAPTERS) if one.chapter in symbol.chapters
    )
    assert one.word.lower() in f"{apart} {table}".lower()
    assert len(one.meaning.split()) >= 5


def test_a_chapter_that_is_not_there_is_named_and_not_linked():
    page = page_of_words(CHAPTERS[:2])
    assert "[00](00_start_here.ipynb)" in page
    assert re.search(r"\| 10 \|$", page, flags=re.MULTILINE)
    assert "(10_" not in page
