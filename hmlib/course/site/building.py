"""Making the site: the labs first, each by a process of its own, then the pages."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from hmlib.course.site.chapters import Chapter, page_of, read_chapters
from hmlib.course.site.freshness import Stamps, fingerprint, told, write
from hmlib.course.site.recording import Call, files_of, record
from hmlib.course.site.stills import LABS, still_of


@dataclass(frozen=True)
class Site:
    """Where a site is made.

    Args:
        out: the folder to publish.
        notebooks: where the notebooks are.
        workers: processes that draw.
    """

    out: Path
    notebooks: Path
    workers: int

    @property
    def aside(self) -> Path:
        """What is kept for the next time, beside the folder to publish."""
        return self.out.with_name(self.out.name + ".kept")

    @property
    def labs(self) -> Path:
        """The files of the labs."""
        return self.out / LABS

    def still(self, call: Call) -> Path:
        """What a page has in the place of a lab before it moves."""
        return self.aside / "stills" / f"{call.key}.html"


def make(site: Site) -> None:
    """Make the site, or what of it has changed.

    Raises:
        ImportError: if Sphinx or what goes with it is not installed.
        FileNotFoundError: if there are no notebooks.
        RuntimeError: if a page cannot be made; says why.
    """
    from hmlib.course.site.pages import build

    begin = time.perf_counter()
    chapters = read_chapters(site.notebooks)
    made = make_labs(calls_of(chapters), site)
    lay_out(chapters, site)
    pages = build(site.aside, site.out)
    for chapter in chapters:  # what a page offers to download is the notebook itself
        write(site.out / "_sources" / chapter.path.name, chapter.path.read_bytes())
    seconds = time.perf_counter() - begin
    print(f"{site.out}: {made} labs and {pages} pages made anew in {seconds:.0f} s", flush=True)


def calls_of(chapters: Sequence[Chapter]) -> list[Call]:
    """The labs of all notebooks, each once."""
    return list(dict.fromkeys(call for one in chapters for call in one.calls.values()))


def make_labs(calls: Sequence[Call], site: Site) -> int:
    """Draw the labs that have changed, remove those that are no more; returns how many drawn."""
    stamps = Stamps(site.aside / "labs.json")
    named = {name for call in calls for name in files_of(call.key)}
    for path in site.labs.glob("nb*"):
        if path.name not in named:
            path.unlink()
    now = {call: fingerprint(call.key.partition(".")[0]) for call in calls}
    old = [
        call
        for call in calls
        if not stamps.same(call.key, now[call])
        or not all((site.labs / name).exists() for name in files_of(call.key))
        or not site.still(call).exists()
    ]
    # A new process now and then: what labs keep in memory does not grow with all the others.
    with ProcessPoolExecutor(site.workers, get_context("spawn"), max_tasks_per_child=8) as pool:
        waiting = {pool.submit(draw, call, site): call for call in old}
        for number, future in enumerate(as_completed(waiting), start=1):
            call, size = waiting[future], future.result()
            stamps.note(call.key, now[call])
            told(sys.stdout, number, len(old), f"{call.key}, {size / 1e6:.1f} MB")
    return len(old)


def draw(call: Call, site: Site) -> int:
    """Write all that the site has of a lab; returns how many bytes are published."""
    lab = call.lab()
    write(site.still(call), still_of(lab, call.key))
    return record(lab, call.key, site.labs)


def lay_out(chapters: Sequence[Chapter], site: Site) -> None:
    """Write the sources of the pages; files whose content stays are left alone."""
    source = site.aside / "source"
    stills = {call: site.still(call) for call in calls_of(chapters)}
    still = {call.key: path.read_text(encoding="utf-8") for call, path in stills.items()}
    for chapter in chapters:
        write(source / f"{chapter.name}.ipynb", page_of(chapter, still))
    known = {f"{chapter.name}.ipynb" for chapter in chapters}
    for path in source.glob("*.ipynb"):
        if path.name not in known:
            path.unlink()
    write(source / "index.md", first_page(chapters))


def first_page(chapters: Sequence[Chapter]) -> str:
    """The first page, in Markdown."""
    lines = [
        "# The Helmholtz machine, in notebooks you can move",
        "How two networks, one that dreams and one that recognises, learn to describe the same "
        "data. Here you read, predict, and move the labs: nothing has to be installed, and no "
        "program runs elsewhere. To type the mathematics and have it checked, take the notebooks: "
        "each page offers its own to download, and the course starts with `python start.py`.",
        "Each page asks one question.",
        "| | | the question | minutes |\n|---|---|---|---|\n"
        + "\n".join(
            f"| {one.name[:2]} | [{one.title[5:]}]({one.name}.ipynb) | {one.said('The question')} "
            f"| {minutes(one)} |"
            for one in chapters
        ),
        "```{toctree}\n:hidden:\n\n" + "\n".join(one.name for one in chapters) + "\n```",
    ]
    return "\n\n".join(lines) + "\n"


def minutes(chapter: Chapter) -> str:
    """How long a chapter takes, such as "110 to 130"."""
    found = re.search(r"\d+( to \d+)?", chapter.said("Minutes"))
    return found[0] if found else ""
