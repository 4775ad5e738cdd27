"""Making the print edition from the pages of the site: Chromium sets it, with tags and outline."""

from __future__ import annotations

import hashlib
import html
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hmlib.course.printing.chromium import FLAGS, chromium
from hmlib.course.printing.paper import article_of, paper_of
from hmlib.course.printing.strips import on_paper
from hmlib.course.site.at_once import at_once
from hmlib.course.site.chapters import Chapter, calls_of
from hmlib.course.site.formulas import mathml
from hmlib.course.site.freshness import Stamps, fingerprint, told, write
from hmlib.course.site.recording import Call

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = "print"
"""Folder of the site that holds the print edition."""

SERIES = "the-helmholtz-machine"
"""Name of the file that has all notebooks."""

NAME = "The Helmholtz machine"

# A formula wider than the paper is set smaller, so that nothing is cut.
FIT = """
() => {
  for (const formula of document.querySelectorAll(".math")) {
    const [inside] = formula.children;
    const wide = inside?.getBoundingClientRect().width ?? 0;
    if (wide > formula.clientWidth) formula.style.fontSize = `${formula.clientWidth / wide}em`;
  }
}
"""
ON_PAPER = ("hmlib.course.printing.strips",)
"""What sets a lab on paper, whatever the lab."""

PAPER_WIDTH = round((210 - 2 * 19) / 25.4 * 96)
"""Pixels between the margins of paper.css."""


def print_edition(out: Path, chapters: Sequence[Chapter], aside: Path, workers: int = 1) -> int:
    """Print each notebook and all of them; returns how many documents were printed anew.

    Args:
        out: the site, with its pages.
        chapters: the notebooks.
        aside: what is kept for the next time.
        workers: processes that draw labs.

    Raises:
        FileNotFoundError: if a page has not been made.
        RuntimeError: if there is no Chromium to print with.
    """
    papers, titles = papers_of(out, chapters, aside, workers), _titles(chapters)
    stamps, printed = Stamps(aside / "print.json"), 0
    marks = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in papers.items()}
    old = [
        name
        for name, mark in marks.items()
        if not stamps.same(name, mark) or not (out / FOLDER / f"{name}.pdf").exists()
    ]
    if not old:
        return 0
    with printer() as press:
        for name in old:
            paper = papers[name]
            if name == SERIES:  # the last, so all others are there
                paths = {one.name: out / FOLDER / f"{one.name}.pdf" for one in chapters}
                counts = {one: pages_in(path.read_bytes()) for one, path in paths.items()}
                paper = with_pages(paper, counts)
            set_on(press, paper, out)
            pdf = printed_of(press, titles.get(name, NAME))
            write(out / FOLDER / f"{name}.pdf", pdf)
            stamps.note(name, marks[name])
            printed += 1
            told(sys.stdout, printed, len(old), f"{name}.pdf, {len(pdf) / 1e6:.1f} MB")
    return printed


def papers_of(
    out: Path, chapters: Sequence[Chapter], aside: Path, workers: int = 1
) -> dict[str, str]:
    """The documents of the print edition by name, as HTML; arguments as for `print_edition`."""
    labs = _labs(calls_of(chapters), aside / "paper", workers)
    articles = []
    for chapter in chapters:
        page = (out / f"{chapter.name}.html").read_text(encoding="utf-8")
        articles.append(article_of(page, chapter.name, labs))
    papers = {
        chapter.name: paper_of(chapter.title, [article])
        for chapter, article in zip(chapters, articles, strict=True)
    }
    if len(chapters) > 1:
        papers[SERIES] = paper_of(NAME, articles, _contents(chapters))
    return papers


def _titles(chapters: Sequence[Chapter]) -> dict[str, str]:
    return {chapter.name: chapter.title for chapter in chapters}


def _labs(calls: Sequence[Call], aside: Path, workers: int) -> dict[str, str]:
    """All labs on paper; those are drawn again that may look otherwise."""
    stamps = Stamps(aside / "labs.json")
    paths = {call: aside / f"{call.key}.html" for call in calls}
    now = {call: fingerprint(call.module, *ON_PAPER) for call in calls}
    old = [
        call for call in calls if not stamps.same(call.key, now[call]) or not paths[call].exists()
    ]
    for done, (call, paper) in enumerate(at_once(_on_paper, old, workers), 1):
        write(paths[call], paper)
        stamps.note(call.key, now[call])
        told(sys.stdout, done, len(old), f"{call.key} on paper")
    return {call.key: path.read_text(encoding="utf-8") for call, path in paths.items()}


def _on_paper(call: Call) -> str:
    return on_paper(call.lab())


def _set(words: str) -> str:
    """Words with formulas between dollars, as HTML."""
    parts = words.split("$")  # those at odd places are formulas
    return "".join(
        mathml(part, display=False) if place % 2 else html.escape(part)
        for place, part in enumerate(parts)
    )


def pages_in(pdf: bytes) -> int:
    """How many pages a document has that Chromium printed."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def with_pages(paper: str, counts: Mapping[str, int], first: int = 2) -> str:
    """A document whose contents say on which page each notebook begins.

    Args:
        paper: the document.
        counts: name of a notebook -> how many pages it has, in order.
        first: the page of the first of them.
    """
    for name, count in counts.items():
        place = f'<span class="page" data-of="{name}">'
        paper = paper.replace(f"{place}</span>", f"{place}{first}</span>")
        first += count
    return paper


def _contents(chapters: Sequence[Chapter]) -> str:
    lines = "".join(
        f'<li><a href="#{one.name}">{html.escape(one.title[5:])}</a>: '
        f"{_set(one.said('The question'))}"
        f'<span class="page" data-of="{one.name}"></span></li>'
        for one in chapters
    )
    return f'<section class="contents"><h1>{NAME}</h1><ol start="0">{lines}</ol></section>'


@contextmanager
def printer() -> Iterator[Page]:
    """A page of a Chromium without a window, that fetches nothing from elsewhere.

    Raises:
        RuntimeError: if there is none.
    """
    from playwright.sync_api import sync_playwright

    where = chromium()
    if where is None:
        raise RuntimeError(
            "No Chromium, Chrome or Edge was found, so nothing can be printed; install one, or "
            "leave the print edition out with --without print"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=list(FLAGS))
        try:
            page = browser.new_page(viewport={"width": PAPER_WIDTH, "height": 1000})
            page.route("http*://**", lambda route: route.abort())
            yield page
        finally:
            browser.close()


def set_on(press: Page, paper: str, out: Path) -> None:
    """Open a document as it will be printed; formulas wider than the paper become smaller.

    Args:
        press: the page of a browser.
        paper: the document.
        out: the site, where its pictures and fonts are.
    """
    path = out / ".paper.html"
    path.write_text(paper, encoding="utf-8")
    try:
        press.emulate_media(media="print")
        press.goto(path.as_uri(), wait_until="load", timeout=300_000)
        press.evaluate("() => document.fonts.ready.then(() => true)")
        press.evaluate(FIT)
    finally:
        path.unlink()


def printed_of(press: Page, title: str) -> bytes:
    """What is open, as PDF with page numbers, tags for those who listen, and an outline."""
    small = 'style="font: 8px sans-serif; width: 100%; margin: 0 19mm; color: #333"'
    foot = (
        f"<div {small}><span>{html.escape(title)}</span>"
        '<span class="pageNumber" style="float: right"></span></div>'
    )
    return press.pdf(
        prefer_css_page_size=True, print_background=True, tagged=True, outline=True,
        display_header_footer=True, header_template="<span></span>", footer_template=foot,
    )  # fmt: skip
