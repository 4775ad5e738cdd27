"""One notebook in JupyterLab, and what happens on its page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from browser.on_page import OnPage
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sources import needed

from tools.browser import open_notebook, run_all


@dataclass
class Opened:
    """A page with one notebook, and every address it asked for."""

    page: Page
    address: str
    name: str
    asked: list[str] = field(default_factory=list)
    saved: list[int] = field(default_factory=list)
    """Widths of the pictures that were shown before anything was run."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(30_000)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        open_notebook(self.page, self.address, self.name)

    def found(self, selector: str) -> list[OnPage]:
        return [OnPage(self.page, root) for root in self.page.locator(selector).all()]

    def everything(self) -> list[OnPage]:
        return self.found(".hm-lab")

    def labs(self) -> list[OnPage]:
        return self.found(".hm-lab:not([data-kind])")

    def trainings(self) -> list[OnPage]:
        return self.found(".hm-lab[data-kind='training']")

    def see_what_is_saved(self, count: int) -> None:
        """Wait for the saved pictures of a notebook of which nothing has been run."""
        images = self.page.locator(".jp-OutputArea-output img")
        expect(images).to_have_count(count)
        width = "async (image) => { await image.decode(); return image.naturalWidth; }"
        self.saved = [image.evaluate(width) for image in images.all()]
        expect(self.page.get_by_text("model not found")).to_have_count(0)

    def wait_for_pictures(self) -> None:
        for lab in self.everything():
            lab.root.locator(".hm-frame img[data-key]").wait_for()

    def run_cell(self, place: int, wait: bool = True) -> None:
        self.page.evaluate(
            """async ([place, wait]) => {
                jupyterapp.shell.currentWidget.content.activeCellIndex = place;
                const running = jupyterapp.commands.execute("notebook:run-cell");
                if (wait) await running;
            }""",
            [place, wait],
        )

    def output(self, place: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(place).locator(".jp-OutputArea")

    def theme(self, name: str) -> None:
        """Change JupyterLab's theme, and wait until every lab has followed."""
        self.page.evaluate(
            """async (theme) => {
                await jupyterapp.commands.execute("apputils:change-theme", { theme });
            }""",
            f"JupyterLab {name.title()}",
        )
        for lab in self.everything():
            expect(lab.root).to_have_attribute("data-theme", name)
            lab.root.locator(f""".hm-frame img[data-key^='["{name}"']""").wait_for()

    def close(self) -> None:
        self.page.evaluate(
            """async () => {
                const open = [...jupyterapp.shell.widgets("main")];
                await open.find((widget) => widget.sessionContext).sessionContext.shutdown();
            }"""
        )
        self.page.close()


def pictures(cell: nbformat.NotebookNode) -> list[dict]:
    """The saved outputs of a cell that hold a picture."""
    return [output for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]


def saved_labs(path: Path) -> list[dict]:
    """The saved outputs of a notebook that hold a picture."""
    return [output for cell in nbformat.read(path, 4).cells for output in pictures(cell)]


def run(window: BrowserContext, address: str, path: Path, everything: bool) -> Opened:
    """A notebook on a page, run: all of it, or its labs and the cells that they need."""
    opened = Opened(window.new_page(), address, path.name)
    opened.see_what_is_saved(len(saved_labs(path)))
    if everything:
        run_all(opened.page)
    else:
        cells = nbformat.read(path, 4).cells
        code = {i: cell.source for i, cell in enumerate(cells) if cell.cell_type == "code"}
        for place in needed(code, {i for i in code if pictures(cells[i])}):
            opened.run_cell(place)
    opened.wait_for_pictures()
    return opened
