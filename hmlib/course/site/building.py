"""Making the site: the labs first, each by a process of its own, then the pages."""

from __future__ import annotations

import math
import re
import sys
import time
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hmlib.course import tab
from hmlib.course.site.at_once import at_once
from hmlib.course.site.chapters import Chapter, Leads, calls_of, page_of, read_chapters
from hmlib.course.site.freshness import Stamps, fingerprint, told, write
from hmlib.course.site.glossary import NAME as WORDS
from hmlib.course.site.glossary import page_of_words
from hmlib.course.site.opening import first_page, size_of
from hmlib.course.site.recording import Call, files_of, record
from hmlib.course.site.stills import LABS, still_of

RECORDERS = ("hmlib.course.site.recording", "hmlib.course.site.stills")
"""What keeps a lab's pictures and words, whatever the lab."""

SIZE = re.compile(r'(<span data-size-of="([^"]+)">)[^<]*(</span>)')
"""A place for the size of a file."""

STILL = "still "
"""Before what is noted of a lab that does not move."""


@dataclass(frozen=True)
class Site:
    """Where a site is made.

    Args:
        out: the folder to publish.
        notebooks: where the notebooks are.
        workers: processes that draw.
        labs_of: the notebooks, such as "02", whose labs move; all of them if it is not given.
        offline: a folder with Pyodide's files for the tab; None leaves them to the CDN.
        without: what is left out: "tab", "print".
    """

    out: Path
    notebooks: Path
    workers: int
    labs_of: tuple[str, ...] | None = None
    offline: Path | None = None
    without: frozenset[str] = frozenset()

    @property
    def aside(self) -> Path:
        """What is kept for the next time, beside the folder to publish."""
        return self.out.with_name(self.out.name + ".kept")

    @property
    def labs(self) -> Path:
        """The files of the labs."""
        return self.out / LABS

    def moves(self, chapter: Chapter) -> bool:
        """Whether a notebook's labs move."""
        return self.labs_of is None or chapter.name[:2] in self.labs_of

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
    from hmlib.course.printing.edition import print_edition
    from hmlib.course.site.pages import build

    begin = time.perf_counter()
    chapters = read_chapters(site.notebooks)
    made = make_labs(chapters, site)
    lay_out(chapters, site)
    pages = build(site.aside, site.out)
    for chapter in chapters:  # what a page offers to download is the notebook itself
        write(site.out / "_sources" / chapter.path.name, chapter.path.read_bytes())
    if "print" not in site.without:
        print_edition(site.out, chapters, site.aside, site.workers)
        name_sizes(site.out)
    if "tab" not in site.without:
        tab.make(site.out / tab.FOLDER, site.notebooks, site.offline, site.aside)
    seconds = time.perf_counter() - begin
    print(f"{site.out}: {made} labs and {pages} pages made anew in {seconds:.0f} s", flush=True)


def make_labs(chapters: Sequence[Chapter], site: Site) -> int:
    """Draw the labs that have changed, remove those that are no more; returns how many drawn."""
    stamps = Stamps(site.aside / "labs.json")
    calls = calls_of(chapters)
    moving = set(calls_of([one for one in chapters if site.moves(one)]))
    named = {name for call in calls for name in files_of(call.key)}
    for path in site.labs.glob("nb*"):
        if path.name not in named:
            path.unlink()
    now = {call: fingerprint(call.module, *RECORDERS) for call in calls}

    def there(call: Call, stamp: str, names: Sequence[str]) -> bool:
        paths = [site.still(call), *(site.labs / name for name in names)]
        return stamps.same(call.key, stamp) and all(path.exists() for path in paths)

    old = []
    for call in calls:
        good = there(call, now[call], files_of(call.key))
        if call not in moving:
            good |= there(call, STILL + now[call], (f"{call.key}.png",))
        if not good:
            old.append(call)
    work = partial(draw, site=site, moving=frozenset(moving))
    for done, (call, size) in enumerate(at_once(work, old, site.workers), 1):
        stamps.note(call.key, now[call] if call in moving else STILL + now[call])
        told(sys.stdout, done, len(old), f"{call.key}, {size / 1e6:.1f} MB")
    return len(old)


def draw(call: Call, site: Site, moving: Set[Call]) -> int:
    """Write all that the site has of a lab; returns how many bytes are published."""
    lab, moves = call.lab(), call in moving
    write(site.still(call), still_of(lab, call.key, moves))
    if moves:
        return record(lab, call.key, site.labs)
    for name in files_of(call.key):
        (site.labs / name).unlink(missing_ok=True)
    write(site.labs / f"{call.key}.png", lab.small_picture)
    return len(lab.small_picture)


def leads_of(chapter: Chapter, runs: bool, prints: bool, offline: bool) -> Leads:
    """Where a page leads.

    Args:
        chapter: its notebook.
        runs: whether the site has the tab.
        prints: whether it has the print edition.
        offline: whether Pyodide lies in the site.
    """
    from hmlib.course.printing.edition import FOLDER

    name = chapter.path.name
    take = ""
    if prints:
        notebook, paper = f"_sources/{name}", f"{FOLDER}/{chapter.name}.pdf"
        take = (
            f'<p class="hm-run-here">To take away: <a href="{notebook}" download>the notebook</a> '
            f'(.ipynb{size_of(notebook)}), and <a href="{paper}">all of this page for paper</a> '
            f"(PDF{size_of(paper)}).</p>"
        )
    if not runs:
        return Leads(top=take)
    return Leads(
        tab.run_here(name, offline) + take, tab.cells_run_there(name), tab.to_the_notebook(name)
    )


def name_sizes(out: Path) -> None:
    """Write the sizes of files into the pages that lead to them, now that those files are there."""

    def named(found: re.Match[str]) -> str:
        return found[1] + f", {words_of_size((out / found[2]).stat().st_size)}" + found[3]

    for path in out.glob("*.html"):
        page = path.read_text(encoding="utf-8")
        write(path, SIZE.sub(named, page))


def words_of_size(size: int) -> str:
    """Such as "1.6 MB"."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{math.ceil(size / 1e3)} kB"


def lay_out(chapters: Sequence[Chapter], site: Site) -> None:
    """Write the sources of the pages; files whose content stays are left alone."""
    from hmlib.course.printing.edition import FOLDER, SERIES

    prints = "print" not in site.without
    source = site.aside / "source"
    stills = {call: site.still(call) for call in calls_of(chapters)}
    still = {call.key: path.read_text(encoding="utf-8") for call, path in stills.items()}
    for chapter in chapters:
        leads = leads_of(chapter, "tab" not in site.without, prints, site.offline is not None)
        write(source / f"{chapter.name}.ipynb", page_of(chapter, still, leads))
    known = {f"{chapter.name}.ipynb" for chapter in chapters}
    for path in source.glob("*.ipynb"):
        if path.name not in known:
            path.unlink()
    printed = f"{FOLDER}/{SERIES}.pdf" if prints else ""
    runs = "tab" not in site.without
    write(source / "index.md", first_page(chapters, "_static", printed, runs))
    write(source / f"{WORDS}.md", page_of_words(chapters))
