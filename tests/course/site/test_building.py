"""The site as a folder: pages that lead somewhere, and only what has changed is made again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from hmlib.course.site.building import Site, lay_out, leads_of, make_labs, name_sizes
from hmlib.course.site.chapters import Chapter, read_chapters
from hmlib.course.site.freshness import Stamps, fingerprint, reached, write
from hmlib.course.site.opening import minutes, size_of
from hmlib.course.site.recording import Call, files_of
from hmlib.course.site.serving import server
from hmlib.course.site.stills import LABS
from tools.browser import ROOT

MOST_BYTES = 45_000_000
"""Of all labs together."""


class Links(HTMLParser):
    """Every address of a page, and every name that an address may end in."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.names: set[str] = set()
        self.without_alt: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.found += [said[name] for name in ("href", "src") if said.get(name)]
        self.names |= {said[name] for name in ("id", "name") if said.get(name)}
        if tag == "img" and "alt" not in said:
            self.without_alt.append(said.get("src", ""))


def leads_nowhere(folder: Path) -> list[str]:
    """Addresses of all pages that are not in the folder, or name a part that is not there."""
    pages = {path.resolve(): Links(path) for path in folder.glob("*.html")}
    lost = []
    for path, page in pages.items():
        for link in page.found:
            parts = urlsplit(link)
            if parts.scheme in ("https", "mailto", "data"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            named = pages[target].names if target in pages else set()
            inside = target.is_relative_to(folder.resolve()) and target.exists()
            if not inside or (parts.fragment and unquote(parts.fragment) not in named):
                lost.append(f"{path.name}: {link}")
    return lost


def asks_for_elsewhere(folder: Path) -> list[str]:
    """What pages and style sheets load from another host."""
    loaded = re.compile(
        r"""(?:src=|<link[^>]*href=|url\(|@import )["']?((?:https?:)?//[^"')\s]+)"""
    )
    files = [*folder.glob("*.html"), *folder.rglob("*.css")]
    return [
        f"{path.name}: {address}"
        for path in files
        for address in loaded.findall(path.read_text(encoding="utf-8"))
    ]


@pytest.fixture(scope="module")
def small(tools, tmp_path_factory) -> Site:
    """Two short notebooks without labs, made into pages."""
    folder = tmp_path_factory.mktemp("small")
    first = (
        "# 00 · First\n\n**The question.** What is $\\mathcal F$?\n\n**Minutes.** 30.\n\n"
        "See [01](01_second.ipynb).\n\n<details><summary>Answer</summary>\n\nIt is "
        "$$\\sum_{\\mathbf v} Q[\\mathbf v]$$\n\n</details>"
    )
    second = "# 01 · Second\n\n**The question.** And then?\n\n**Minutes.** 20 to 40.\n\n## A part"
    for name, words in (("00_first", first), ("01_second", second)):
        cells = [nbformat.v4.new_markdown_cell(words), nbformat.v4.new_code_cell("1 + 1")]
        cells[1].outputs = [
            nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)
        ]
        notebook = nbformat.v4.new_notebook(cells=cells)
        (folder / "notebooks").mkdir(exist_ok=True)
        nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")
    return Site(folder / "site", folder / "notebooks", 1, without=frozenset(("tab", "print")))


BUILD = (
    "import sys; from pathlib import Path; from hmlib.course.site import pages; {}"
    "print(pages.build(*map(Path, sys.argv[1:])))"
)


def built(site: Site, first: str = "") -> int:
    """Make the pages in a process of its own: the tools keep what they were told before."""
    lay_out(read_chapters(site.notebooks), site)
    command = [sys.executable, "-c", BUILD.format(first), str(site.aside), str(site.out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return int(done.stdout.split()[-1])


@pytest.mark.long
def test_pages_are_made_and_made_again_only_where_their_source_has_changed(small):
    assert built(small) == 4  # two notebooks, the first page, and the page of words
    assert leads_nowhere(small.out) == []
    assert asks_for_elsewhere(small.out) == []
    page = (small.out / "00_first.html").read_text(encoding="utf-8")
    assert "<mi>ℱ</mi>" in page
    assert re.search(r"<details>.*<math display=\"block\">.*</details>", page, re.DOTALL)
    assert '<a class="right-next"' in page
    assert (small.out / "_static" / "mathematics.woff").stat().st_size > 1_000
    assert built(small) == 0
    path = small.notebooks / "01_second.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("A part", "Another part"), "utf-8")
    assert built(small) == 2  # the page itself, and that of words, which reads all notebooks
    assert "Another part" in (small.out / "01_second.html").read_text(encoding="utf-8")
    # What sets formulas has changed: so may every page.
    assert built(small, "pages.fingerprint = lambda *_: 'other'; ") == 4


@pytest.mark.long
def test_what_cannot_be_made_is_said(small):
    path = small.notebooks / "00_first.ipynb"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("01_second.ipynb", "07_nowhere.ipynb"), "utf-8")
    with pytest.raises(RuntimeError, match="07_nowhere"):
        built(small)
    path.write_text(before, "utf-8")


def test_pages_name_the_sizes_of_the_files_they_lead_to(tmp_path):
    (tmp_path / "print").mkdir()
    paper = tmp_path / "print" / "00_first.pdf"
    page = tmp_path / "00_first.html"
    page.write_text(f"<p>PDF{size_of('print/00_first.pdf')}</p>", encoding="utf-8")
    for size, words in ((1_640_000, "1.6 MB"), (40_100, "41 kB")):
        paper.write_bytes(bytes(size))
        name_sizes(tmp_path)
        assert f">, {words}</span></p>" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize("prints", [True, False])
def test_a_page_leads_to_what_the_site_has(runs, prints):
    chapter = read_chapters(ROOT / "notebooks")[2]
    leads = leads_of(chapter, runs, prints, offline=True)
    assert (f'href="print/{chapter.name}.pdf"' in leads.top) is prints
    assert (f'href="_sources/{chapter.path.name}"' in leads.top) is prints
    for words in (leads.top, leads.exercise, leads.moves):
        assert (f"?path={chapter.path.name}" in words) is runs


def test_minutes_are_read_from_a_notebook(small):
    assert [minutes(one) for one in read_chapters(small.notebooks)] == ["30", "20 to 40"]


@pytest.mark.long
def test_a_lab_is_drawn_once_and_again_when_its_code_has_changed(tmp_path, monkeypatch):
    site = Site(tmp_path / "site", ROOT / "notebooks", 1)
    call = Call("hmlib.course.nb05.labs", "parts")
    chapters = [Chapter(Path("05_some.ipynb"), (), {"cell": call})]
    (site.labs).mkdir(parents=True)
    (site.labs / "nb99.gone.js").write_text("", encoding="utf-8")
    assert make_labs(chapters, site) == 1
    assert {path.name for path in site.labs.iterdir()} == {*files_of("nb05.parts")}
    assert "hm-still" in site.still(call).read_text(encoding="utf-8")
    assert make_labs(chapters, site) == 0
    (site.labs / "nb05.parts.js").unlink()
    assert make_labs(chapters, site) == 1
    monkeypatch.setattr("hmlib.course.site.building.fingerprint", lambda *rooms: f"other {rooms}")
    assert make_labs(chapters, site) == 1


@pytest.mark.long
def test_labs_of_other_notebooks_stand_still_where_that_is_asked_for(tmp_path):
    call = Call("hmlib.course.nb05.labs", "parts")
    chapters = [Chapter(Path("05_some.ipynb"), (), {"cell": call})]
    folder, notebooks = tmp_path / "site", ROOT / "notebooks"
    still = Site(folder, notebooks, 1, ("04",))
    assert make_labs(chapters, still) == 1
    assert [path.name for path in still.labs.iterdir()] == [f"{call.key}.png"]
    assert "hm-place" not in still.still(call).read_text(encoding="utf-8")
    assert make_labs(chapters, still) == 0
    whole = Site(folder, notebooks, 1, ("05",))
    assert make_labs(chapters, whole) == 1
    assert "hm-place" in whole.still(call).read_text(encoding="utf-8")
    # What moves already goes on moving.
    assert make_labs(chapters, still) == 0
    assert {path.name for path in still.labs.iterdir()} == {*files_of(call.key)}


LOADED = """
import sys
import hmlib
before = set(sys.modules)
import {module}
print(*(name for name in set(sys.modules) - before if name.startswith("hmlib")))
"""


@pytest.mark.parametrize("module", ["hmlib.course.nb02.labs", "hmlib.course.nb09.labs"])
def test_what_a_lab_imports_is_found_without_running_it(module):
    run = [sys.executable, "-c", LOADED.format(module=module)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    # These packages are run as well, and only gather names.
    above = {"hmlib.course", module.rpartition(".")[0], "hmlib.lab", "hmlib.lab.live"}
    assert set(done.stdout.split()) - above <= reached(module)


def test_a_lab_depends_on_what_it_uses_and_on_no_other_notebook():
    found = reached("hmlib.course.nb02.labs")
    assert {"hmlib.exact", "hmlib.course.nb02.pictures", "hmlib.figures.style"} <= found
    assert not [name for name in found if name.startswith(("hmlib.course.nb03", "hmlib.rivals"))]


def test_fingerprints_differ_by_lab_and_stamps_are_kept(tmp_path):
    first, second = "hmlib.course.nb01.labs", "hmlib.course.nb02.labs"
    assert fingerprint(first) == fingerprint(first) != fingerprint(second)
    stamps = Stamps(tmp_path / "some" / "stamps.json")
    assert not stamps.same("a", "1")
    stamps.note("a", "1")
    again = Stamps(tmp_path / "some" / "stamps.json")
    assert again.same("a", "1")
    assert not again.same("a", "2")


def test_a_file_that_stays_is_left_alone(tmp_path):
    path = tmp_path / "new" / "file"
    assert write(path, "some") is True
    os.utime(path, (1, 1))
    assert write(path, b"some") is False
    assert path.stat().st_mtime == 1
    assert write(path, "other") is True


def test_it_is_served_under_a_path_and_on_this_computer_only(tmp_path):
    (tmp_path / "index.html").write_text("here", encoding="utf-8")
    made, address = server(tmp_path, "course", 0)
    assert made.server_address[0] == "127.0.0.1"
    Thread(target=made.serve_forever, daemon=True).start()
    try:
        assert address.endswith("/course/")
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == b"here"
        for other in (address.replace("/course/", "/"), f"{address}none.html"):
            with pytest.raises(urllib.error.HTTPError, match="404") as failed:
                urllib.request.urlopen(other)
            failed.value.close()
    finally:
        made.shutdown()
        made.server_close()


@pytest.mark.long
def test_every_link_of_the_site_leads_somewhere_and_nothing_comes_from_elsewhere(site):
    assert len(list(site.glob("*.html"))) >= 12
    assert leads_nowhere(site) == []
    assert asks_for_elsewhere(site) == []
    assert [lost for path in site.glob("*.html") for lost in Links(path).without_alt] == []


@pytest.mark.long
def test_all_labs_together_are_small_enough(site):
    assert sum(path.stat().st_size for path in (site / LABS).iterdir()) <= MOST_BYTES


@pytest.mark.long
def test_what_a_page_offers_to_download_is_the_notebook(site):
    for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        assert json.loads((site / "_sources" / path.name).read_text("utf-8")) == json.loads(
            path.read_text(encoding="utf-8")
        )
