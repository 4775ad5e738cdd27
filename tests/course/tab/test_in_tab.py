"""The course in a real browser's tab, with every outside address blocked: a student's way."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from windows import window_of

from hmlib.course.nb00.solutions import ANSWERS
from hmlib.course.nb02 import labs
from hmlib.course.site.serving import server
from hmlib.course.tab import link_to, settings
from hmlib.course.tab.lite import build
from tools.browser import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.long]

MINUTES = 60_000
START, LAST = "00_start_here.ipynb", "02_watch_the_free_energy.ipynb"

READY = """
() => {
  const kernel = window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.status === "idle";
}
"""
OUTPUTS = """
() => {
  const cells = window.jupyterapp.shell.currentWidget.content.widgets;
  const code = cells.filter((cell) => cell.model.type === "code");
  return JSON.stringify(code.map((cell) => cell.model.outputs.toJSON()));
}
"""
PLACE_OF = """
(id) => window.jupyterapp.shell.currentWidget.content.widgets
  .findIndex((cell) => cell.model.id === id)
"""
TYPE = """
async ([place, source]) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.activeCellIndex = place;
  await content.scrollToItem(place, "start");
  content.activeCell.model.sharedModel.setSource(source);
  await window.jupyterapp.commands.execute("notebook:run-cell");
}
"""
RUN_ALL = "async () => { await window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
KEPT = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"


@pytest.fixture(scope="module")
def window() -> Iterator[BrowserContext]:
    with window_of(1366, 768, color_scheme="light") as opened:
        yield opened


class Tab:
    """A tab of the browser: nothing from elsewhere can be had."""

    def __init__(self, window: BrowserContext, site: Path) -> None:
        self.page: Page = window.new_page()
        self.page.set_default_timeout(5 * MINUTES)
        # JupyterLab asks whether a changed notebook may be left.
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.elsewhere: list[str] = []
        self.page.route("http*://**", self._answer)
        self.notebook = ""
        self._server, self.address = server(site, "/some/path/", 0)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, route) -> None:
        url = route.request.url
        if url.startswith("http://127.0.0.1"):
            return route.continue_()
        self.elsewhere.append(url)
        return route.abort()

    def open(self, notebook: str) -> None:
        """Go to a notebook, unless it is the one that is open, and wait for its kernel."""
        if notebook != self.notebook:
            self.page.goto(self.address + link_to(notebook).removeprefix("tab/"))
            self.page.wait_for_function(READY)
            self.notebook = notebook

    def outputs(self) -> list[list[dict]]:
        return json.loads(self.page.evaluate(OUTPUTS))

    def run(self, cell: str, source: str) -> str:
        """Put this into a cell and run it; what it puts out."""
        place = self.page.evaluate(PLACE_OF, cell)
        self.page.evaluate(TYPE, [place, source])
        return said(json.loads(self.page.evaluate(OUTPUTS_OF, place)))

    def close(self) -> None:
        self.page.close()
        self._server.shutdown()
        self._server.server_close()


OUTPUTS_OF = """
(place) => JSON.stringify(
  window.jupyterapp.shell.currentWidget.content.widgets[place].model.outputs.toJSON()
)
"""


def said(outputs: list[dict]) -> str:
    """The plain text of a cell's outputs."""
    texts = []
    for output in outputs:
        text = output.get("text", output.get("data", {}).get("text/plain", ""))
        texts.append("".join(text))
    return "".join(texts)


@pytest.fixture(scope="module")
def opened(window, tab) -> Iterator[Tab]:
    made = Tab(window, tab)
    yield made
    made.close()
    assert made.elsewhere == []


@pytest.mark.parametrize("notebook", [LAST, START])
def test_a_notebook_runs_whole_and_prints_what_is_committed(opened, notebook):
    opened.open(notebook)
    expect(opened.page.locator("#hm-progress")).to_contain_text("Python is ready")
    opened.page.evaluate(RUN_ALL)
    cells = json.loads((ROOT / "notebooks" / notebook).read_text(encoding="utf-8"))["cells"]
    committed = [said(cell["outputs"]) for cell in cells if cell["cell_type"] == "code"]
    there = opened.outputs()
    assert not [out for outs in there for out in outs if out["output_type"] == "error"]
    assert [said(outs) for outs in there] == committed


def test_a_lab_is_dragged_and_moved_by_arrow_keys(opened):
    page, twin = opened.page, labs.ceiling().predict()
    opened.open(START)
    cells = json.loads((ROOT / "notebooks" / START).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    shows = next(cell for cell in code if "".join(cell["source"]) == "labs.ceiling()")
    for cell in (code[0], shows):
        opened.run(cell["id"], "".join(cell["source"]))
    root = page.locator(".hm-lab")
    expect(root).to_be_visible()
    root.locator(".hm-option input").first.check()
    root.get_by_role("button", name="Predict", exact=True).click()
    slider = twin.controls[0]
    range_ = root.get_by_label(slider.label, exact=True)
    at = slider.token(slider.start)
    for key, step in (("ArrowLeft", -1), ("ArrowLeft", -1), ("ArrowRight", 1)):
        range_.focus()
        page.keyboard.press(key)
        at += step
        twin.set(**{slider.name: slider.values[at]})
        expect(root.locator(".hm-readout")).to_have_text(twin.readout)
        assert range_.input_value() == str(at)
        expect(range_).to_be_focused()
    box = range_.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], middle, steps=6)
    page.mouse.up()
    at = int(range_.input_value())
    assert 0.5 < at / (len(slider.values) - 1) < 0.7
    twin.set(**{slider.name: slider.values[at]})
    expect(root.locator(".hm-readout")).to_have_text(twin.readout)


def test_a_wrong_and_a_right_answer_are_judged_and_the_work_is_there_after_a_reload(opened):
    opened.open(START)
    first = json.loads((ROOT / "notebooks" / START).read_text(encoding="utf-8"))["cells"]
    imports = next(cell for cell in first if cell["cell_type"] == "code")
    opened.run(imports["id"], "".join(imports["source"]))
    answer = next(c["id"] for c in first if 'check("00.1"' in "".join(c["source"]))
    wrong = opened.run(answer, 'answer_00_1 = "A"\ncheck("00.1", answer_00_1)')
    assert re.match(r"00\.1: not yet", wrong), wrong
    mine = f'answer_00_1 = "{ANSWERS["00.1"]}"\ncheck("00.1", answer_00_1)'
    right = opened.run(answer, mine)
    assert re.match(r"00\.1: correct", right), right
    # Nobody saves: what was typed is kept by itself, soon.
    opened.page.wait_for_function(KEPT, timeout=15_000)
    expect(opened.page.locator("#hm-kept")).to_have_text("All changes are kept in this browser")
    opened.page.reload()
    opened.page.wait_for_function(READY)
    place = opened.page.evaluate(PLACE_OF, answer)
    kept = opened.page.evaluate(
        "(place) => window.jupyterapp.shell.currentWidget.content.widgets[place].model"
        ".sharedModel.getSource()",
        place,
    )
    assert kept == mine
    assert said(json.loads(opened.page.evaluate(OUTPUTS_OF, place))) == right


def test_a_notebook_is_downloaded_from_the_menu_and_from_its_bar(opened):
    opened.open(START)
    page = opened.page
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^File$")).click()
    for button in (
        '.lm-Menu-item[data-command="docmanager:download"]',
        '.jp-NotebookPanel-toolbar [data-jp-item-name="download"]',
    ):
        with page.expect_download() as had:
            page.locator(button).click()
        assert had.value.suggested_filename == START


def test_it_is_said_if_python_cannot_be_fetched(window, lite, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "CDN", "https://cdn.invalid/")
    build(tmp_path / "tab", ROOT / "notebooks", None)
    published = Tab(window, tmp_path / "tab")
    published.page.goto(published.address + link_to(START).removeprefix("tab/"))
    line = published.page.locator("#hm-progress")
    expect(line).to_contain_text("Python could not be fetched from cdn.invalid", timeout=MINUTES)
    published.close()


def test_from_a_disk_the_tab_says_what_it_needs(window, tab):
    page = window.new_page()
    page.goto(f"{(tab / 'lab' / 'index.html').as_uri()}?path={START}")
    expect(page.locator("#hm-from-disk")).to_contain_text("python -m http.server")
    expect(page.locator("#hm-progress")).to_have_count(0)
    page.close()


class Elsewhere(SimpleHTTPRequestHandler):
    """Answers as a CDN does: pages of any origin may have its files."""

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def host_of(folder: Path) -> Iterator[str]:
    """The address of a folder on a host that is not the site's."""
    host = ThreadingHTTPServer(("127.0.0.1", 0), partial(Elsewhere, directory=str(folder)))
    threading.Thread(target=host.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{host.server_address[1]}/"
    host.shutdown()
    host.server_close()


@pytest.fixture
def another_host(parts) -> Iterator[str]:
    """The address of Pyodide's files elsewhere."""
    with host_of(parts) as address:
        yield address


def test_it_is_said_which_file_cannot_be_fetched(window, parts, lite, tmp_path, monkeypatch):
    """As where a filter lets scripts through, and nothing else of Python."""
    (tmp_path / "some").mkdir()
    for path in parts.iterdir():
        if path.suffix != ".wasm":
            (tmp_path / "some" / path.name).symlink_to(path)
    with host_of(tmp_path / "some") as address:
        monkeypatch.setattr(settings, "CDN", address)
        build(tmp_path / "tab", ROOT / "notebooks", None)
        published = Tab(window, tmp_path / "tab")
        published.page.goto(published.address + link_to(START).removeprefix("tab/"))
        line = published.page.locator("#hm-progress")
        expect(line).to_contain_text("could not be fetched from 127.0.0.1:", timeout=MINUTES)
        expect(line).to_contain_text("(pyodide.asm.wasm)")
        published.close()


def test_with_pyodide_from_another_host_it_is_the_same(
    window, another_host, lite, tmp_path, monkeypatch
):
    """What is published by default, but for the name of the host: a CDN cannot be had here."""
    monkeypatch.setattr(settings, "CDN", another_host)
    build(tmp_path / "tab", ROOT / "notebooks", None)
    published = Tab(window, tmp_path / "tab")
    published.open(START)
    first = json.loads((ROOT / "notebooks" / START).read_text(encoding="utf-8"))["cells"]
    imports, world = [cell for cell in first if cell["cell_type"] == "code"][:2]
    opened = published.run(imports["id"], "".join(imports["source"]))
    assert opened == ""
    assert published.run(world["id"], "".join(world["source"])) == said(world["outputs"])
    published.close()
    assert published.elsewhere == []
