"""Labs in JupyterLab, in a real browser: by keyboard alone, in both themes, with no network."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from hmlib.course.nb05 import training_labs as training
from hmlib.course.nb09 import labs as awake
from hmlib.lab import Choice, Lab, LogSlider, Slider, Steps
from hmlib.lab.controls import Control
from tools.browser import ROOT, browser, chromium, jupyterlab, open_notebook, run_all
from tools.labs import lab_makers

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
MAKERS = {make()._title: make for make in lab_makers().values()}
MAKERS["Learn the pinwheel"] = partial(awake.generator, "pinwheel", "score")

# Labs that go wrong or take their time. The computations take as long as the course's longest.
PROBE = """
import time

from hmlib.figures import Picture
from hmlib.lab import Lab, Question, Slider


class Bar(Picture):
    size = (4.0, 2.0)

    def build(self, style):
        axes = style.dress(self.figure.subplots(), "a bar", "", "height")
        axes.set(xlim=(-1, 1), ylim=(0, 4))
        (self.bar,) = axes.bar([0], [0], **style.bar("data"))
        return [self.bar]

    def update(self, record):
        self.bar.set_height(record["x"])

    def alt(self, record):
        return f"A bar of height {record['x']:.1f}."

    def readout(self, record):
        return f"x = {record['x']:.1f}"


def fails_at_the_top(x):
    if x == 4.0:
        raise ZeroDivisionError("nothing is left to divide")
    return {"x": x}


def slow(x):
    time.sleep(0.5)
    return {"x": x}


def make(title, compute, **options):
    question = Question("Does the bar grow?", ("yes", "no"), "yes", "It is as high as x.")
    x = Slider("x", "x, a number", 0.0, 4.0, 0.1, 2.0)
    return Lab([x], compute, Bar, question, title=title, **options)
""".strip()
PROBE_LABS = (
    'fails = make("It fails", fails_at_the_top)\nfails',
    'make("On release", slow, update="release")',
    'make("On a button", slow, update="button")',
)
BUSY, TELL, SET = (len(PROBE_LABS) + i for i in (1, 2, 3))
PROBE_CELLS = (
    PROBE,
    *PROBE_LABS,
    'time.sleep(4)\nprint("the cell has ended")',
    'print("x is", fails.values["x"])',
    "fails.set(x=0.5)\nNone",
)

# Labs that learn, beside one that computes.
LEARNING_LABS = (
    "lab = training.stripes()\nlab",
    "free_energy.ceiling()",
    "broken = training.stripes(rule=lambda *given: 1 / 0)\nbroken",
    "short = training.stripes()\nshort._most = 120\nshort",
)
LEARNING_CELLS = (
    "import time\n\nfrom hmlib.lab import free_energy, training",
    *LEARNING_LABS,
    'time.sleep(4)\nprint("the cell has ended")',
    'print("steps:", lab.step.count)',
    "lab.advance(50)\nNone",
)
LEARN_BUSY, LEARN_TELL, LEARN_MORE = (len(LEARNING_LABS) + i for i in (1, 2, 3))


# JupyterLab and its pages. Everything is closed at the end of this file: while Playwright is
# open no other event loop can run in this process.


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    if chromium() is None:
        words = "No Chromium, Chrome or Edge was found, so no lab was tried in a browser."
        if os.environ.get("HMLIB_REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The notebooks, copied, since JupyterLab saves what it has open; and the probe."""
    folder = tmp_path_factory.mktemp("site") / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder)
    for name, sources in (("probe", PROBE_CELLS), ("learning", LEARNING_CELLS)):
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        made = nbformat.v4.new_notebook(cells=cells)
        made.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
        nbformat.write(made, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def address(window, folder) -> Iterator[str]:
    with jupyterlab(folder) as address:
        yield address


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
            "async () => { await jupyterapp.shell.currentWidget.sessionContext.shutdown(); }"
        )
        self.page.close()


def run(window: Browser, address: str, path: Path) -> Opened:
    opened = Opened(window.new_page(viewport={"width": 1300, "height": 1000}), address, path.name)
    opened.see_what_is_saved(len(saved_labs(path)))
    run_all(opened.page)
    opened.wait_for_pictures()
    return opened


@pytest.fixture(scope="module", params=NOTEBOOKS)
def notebook(request, window, address, folder) -> Iterator[Opened]:
    """A notebook of the course, all its cells run."""
    opened = run(window, address, folder / request.param)
    if not opened.everything():
        pytest.skip("no lab in this notebook")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def probe(window, address) -> Iterator[Opened]:
    opened = Opened(window.new_page(), address, "probe.ipynb")
    for place in range(BUSY):
        opened.run_cell(place)
    opened.wait_for_pictures()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def learning(window, address) -> Iterator[Opened]:
    opened = Opened(window.new_page(), address, "learning.ipynb")
    for place in range(len(LEARNING_LABS) + 1):
        opened.run_cell(place)
    opened.wait_for_pictures()
    yield opened
    opened.close()


# One lab on a page.

STOPS = """
(root) => {
  const seen = [...root.querySelectorAll("input, select, button, a[href], [tabindex]")]
    .filter((node) => !node.disabled && node.checkVisibility());
  // The radio buttons of one question are one stop.
  return seen.filter((node) => node.type !== "radio"
    || node === (seen.find((other) => other.name === node.name && other.checked)
      ?? seen.find((other) => other.name === node.name)));
}
"""
ENTER = f"(root) => ({STOPS})(root)[0].focus()"
WHERE = f"""
(root) => {{
  const stops = ({STOPS})(root);
  return [stops.map((node) => node.textContent || node.ariaLabel || node.id),
    stops.indexOf(document.activeElement)];
}}
"""
SHOWN = """
async (root) => {
  const image = root.querySelector(".hm-frame img");
  const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
  return { key: image.dataset.key, alt: image.alt, png: btoa(String.fromCharCode(...bytes)),
    readout: root.querySelector(".hm-readout").textContent };
}
"""
SIZES = """
(root) => {
  const frame = root.querySelector(".hm-frame").getBoundingClientRect();
  const own = root.getBoundingClientRect();
  return [frame.left - own.left, frame.top - own.top, frame.width, frame.height];
}
"""


@cache
def twin_of(title: str) -> Lab:
    """A lab of this title; it is moved to the values that are compared."""
    return MAKERS[title]()


class OnPage:
    """A lab on a page; `twin` is the same lab in this process."""

    def __init__(self, page: Page, root: Locator) -> None:
        self.page, self.root = page, root
        self.title = root.locator("h3").inner_text()

    @property
    def twin(self) -> Lab:
        return twin_of(self.title)

    def stops(self) -> tuple[list[str], int]:
        """What the Tab key reaches in this lab, in order, and where the focus is."""
        names, here = self.root.evaluate(WHERE)
        return names, here

    def tab_to(self, target: Locator) -> None:
        """Move the focus within this lab with Tab and Shift+Tab alone."""
        is_there = "(node) => node === document.activeElement"
        for key in ("Tab", "Shift+Tab"):
            names, here = self.stops()
            assert here >= 0, f"the focus has left {self.title}"
            for _ in range(len(names) - 1 - here if key == "Tab" else len(names) - 1):
                if target.evaluate(is_there):
                    return
                self.page.keyboard.press(key)
        assert target.evaluate(is_there), f"Tab does not reach it in {self.title}"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def enter(self) -> None:
        """Put the focus on the first stop of this lab."""
        self.root.evaluate(ENTER)

    def predict(self) -> None:
        """Answer the question by keyboard, unless it has been answered."""
        if self.button("Predict").is_visible():
            self.root.locator(".hm-option input").first.focus()
            self.press("Space", "Tab", "Enter")
        expect(self.button("Play")).to_be_enabled()

    def wait_for(self, tokens: dict) -> None:
        """Wait until the picture on screen is that of these tokens."""
        theme = self.root.get_attribute("data-theme")
        key = json.dumps([theme, *tokens.values()], separators=(",", ":"))
        found = "([root, key]) => root.querySelector('.hm-frame img').dataset.key === key"
        self.page.wait_for_function(found, arg=[self.root.element_handle(), key])

    def shown(self) -> dict:
        return self.root.evaluate(SHOWN)

    def sizes(self) -> list[float]:
        return self.root.evaluate(SIZES)

    def agrees(self, tokens: dict, twin: Lab) -> dict:
        """Wait for these tokens; picture, words and numbers must be those of the twin there."""
        self.wait_for(tokens)
        shown = self.shown()
        twin.set(**{name: c.value(tokens[name]) for name, c in twin._controls.items()})
        theme = self.root.get_attribute("data-theme")
        assert base64.b64decode(shown["png"]) == twin._drawn(twin.values, twin.record, theme)
        assert (shown["alt"], shown["readout"]) == (twin.alt, twin.readout)
        return shown


def start_of(twin: Lab) -> dict:
    return {name: control.token(control.start) for name, control in twin._controls.items()}


def serious(page: Page) -> list[str]:
    """What axe finds in the labs that is serious or critical."""
    found = Axe().run(page, context=".hm-lab").response["violations"]
    return [
        f"{rule['impact']}: {rule['help']}: {node['html'][:120]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


# Every lab of every notebook. The tests share a page and are in the order of a student's way.


def test_a_committed_notebook_shows_its_pictures_without_being_run(notebook):
    assert notebook.saved
    assert min(notebook.saved) > 300


def test_labs_follow_the_dark_theme_and_nothing_serious_is_found_before_predictions(notebook):
    notebook.theme("dark")
    for lab in notebook.labs():
        lab.agrees(start_of(lab.twin), lab.twin)
    assert serious(notebook.page) == []


def test_a_lab_waits_for_the_prediction(notebook):
    for lab in notebook.labs():
        for control in lab.root.locator(".hm-control input, .hm-control select").all():
            expect(control).to_be_disabled()
        for button in lab.root.get_by_role("button").all():
            expect(button).to_be_disabled()
        lab.predict()
        # The focus goes on to the first control, so that the keys move it at once.
        first = lab.root.locator(".hm-control input, .hm-control select, .hm-control button").first
        expect(first).to_be_focused()


def test_tab_reaches_everything_in_order(notebook):
    for lab in notebook.everything():
        lab.predict()
        lab.enter()
        names, here = lab.stops()
        assert here == 0
        for place in range(1, len(names)):
            lab.press("Tab")
            assert lab.stops()[1] == place, f"after {names[place - 1]} comes {names[place]}"


def slide(lab: OnPage, slider: Slider, tokens: dict, twin: Lab) -> list[dict]:
    """Move a slider to its ends and to a typed number; what was shown on the way."""
    lab.tab_to(lab.root.get_by_label(slider.label, exact=True))
    shown = []
    for key, token in (("Home", 0), ("End", len(slider.values) - 1)):
        lab.press(key)
        tokens[slider.name] = token
        lab.wait_for(tokens)
        shown.append(lab.shown())
    lab.tab_to(lab.root.get_by_label(f"{slider.label}, typed", exact=True))
    tokens[slider.name] = len(slider.values) // 2
    lab.press("Control+A", *slider.spec()["values"][tokens[slider.name]], "Enter")
    return [*shown, lab.agrees(tokens, twin)]


def slide_by_steps(lab: OnPage, slider: Slider, tokens: dict, twin: Lab) -> list[dict]:
    """Move a slider by single steps, and type what it does not accept."""
    lab.tab_to(lab.root.get_by_label(slider.label, exact=True))
    shown = []
    for key, step in (("ArrowLeft", -1), ("ArrowRight", 1)):
        lab.press(key)
        tokens[slider.name] += step
        shown.append(lab.agrees(tokens, twin))
    lab.tab_to(lab.root.get_by_label(f"{slider.label}, typed", exact=True))
    lab.press("Control+A")
    lab.page.keyboard.insert_text("987654")
    lab.press("Enter")
    expect(lab.root.locator("p.hm-note")).to_contain_text("please type a number from")
    assert lab.shown() == shown[-1]
    lab.press("Control+A", *slider.spec()["values"][tokens[slider.name]], "Enter")
    return shown


def choose(lab: OnPage, choice: Choice, tokens: dict, twin: Lab) -> list[dict]:
    """Go through the options with the arrow keys."""
    lab.tab_to(lab.root.get_by_label(choice.label, exact=True))
    lab.press("Home")
    shown = []
    for token in range(len(choice.options)):
        tokens[choice.name] = token
        shown.append(lab.agrees(tokens, twin))
        lab.press("ArrowDown")
    return shown


def step(lab: OnPage, steps: Steps, tokens: dict, twin: Lab) -> list[dict]:
    """Press every button of the steps, with Enter and with Space, and take one back."""
    shown = []
    for letter, label in steps.actions.items():
        lab.tab_to(lab.button(label))
        for key in ("Enter", "Space"):
            lab.press(key)
            tokens[steps.name] += letter
            shown.append(lab.agrees(tokens, twin))
    lab.tab_to(lab.button("Undo"))
    lab.press("Space")
    tokens[steps.name] = tokens[steps.name][:-1]
    return [*shown, lab.agrees(tokens, twin)]


def test_every_control_moves_by_keyboard_alone(notebook):
    moves = {Slider: slide, LogSlider: slide, Choice: choose, Steps: step}
    for lab in notebook.labs():
        lab.predict()
        lab.enter()
        twin = lab.twin
        tokens, before = start_of(twin), lab.sizes()
        shown = [lab.agrees(tokens, twin)]
        sliders = [c for c in twin._controls.values() if isinstance(c, Slider | LogSlider)]
        for control in twin._controls.values():
            shown += moves[type(control)](lab, control, tokens, twin)
            if control in sliders[:1]:
                shown += slide_by_steps(lab, control, tokens, twin)
            assert lab.sizes() == before, f"the layout of {lab.title} jumps"
        assert len({s["png"] for s in shown}) > 2
        assert len({s["alt"] for s in shown}) > 2
        lab.tab_to(lab.button("Reset"))
        lab.press("Enter")
        assert lab.agrees(start_of(twin), twin) == shown[0]


def plays(lab: OnPage) -> Control:
    """The control that Play moves."""
    controls = lab.twin._controls.values()
    return next((c for c in controls if not isinstance(c, Choice)), next(iter(controls)))


def test_play_goes_on_until_it_is_paused(notebook):
    one_of_each_kind = {type(plays(lab)): lab for lab in notebook.labs()}
    for lab in one_of_each_kind.values():
        lab.predict()
        lab.enter()
        playable = plays(lab)
        if isinstance(playable, Steps):
            lab.tab_to(lab.button(next(iter(playable.actions.values()))))
            lab.press("Enter")
        else:
            lab.tab_to(lab.root.get_by_label(playable.label, exact=True))
            lab.press("Home", *["ArrowRight"] * (not isinstance(playable, Choice)))
        lab.tab_to(lab.button("Play"))
        keys = {lab.shown()["key"]}
        lab.press("Enter")
        expect(lab.button("Pause")).to_be_focused()
        for _ in range(2):
            lab.page.wait_for_function(
                "([root, keys]) => !keys.includes(root.querySelector('.hm-frame img').dataset.key)",
                arg=[lab.root.element_handle(), list(keys)],
            )
            keys.add(lab.shown()["key"])
        lab.press("Space")
        expect(lab.button("Play")).to_be_focused()
        lab.page.wait_for_timeout(300)
        paused = lab.shown()
        lab.page.wait_for_timeout(400)
        assert lab.shown() == paused
        _, *places = json.loads(paused["key"])
        lab.agrees(dict(zip(lab.twin._controls, places, strict=True)), lab.twin)
        lab.tab_to(lab.button("Reset"))
        lab.press("Space")
        lab.agrees(start_of(lab.twin), lab.twin)


def test_the_prediction_is_kept_beside_the_result(notebook):
    for lab in notebook.everything():
        lab.predict()
        question = lab.twin._question
        expect(lab.root.get_by_text(f"You predicted: {question.options[0]}.")).to_be_visible()
        lab.enter()
        lab.tab_to(lab.button("Compare with what you saw"))
        lab.press("Enter")
        verdict = lab.root.locator(".hm-verdict")
        expect(verdict).to_contain_text(question.because)
        right = question.answer == question.options[0]
        expect(verdict).to_contain_text("That is what happens." if right else question.answer)


def test_labs_follow_the_light_theme_and_nothing_serious_is_found_after_predictions(notebook):
    for lab in notebook.everything():
        lab.predict()
    notebook.theme("light")
    for lab in notebook.labs():
        lab.agrees(start_of(lab.twin), lab.twin)
    assert serious(notebook.page) == []


def test_nothing_is_fetched_from_elsewhere(notebook):
    here = urlsplit(notebook.address).netloc
    assert len(notebook.asked) > 20
    for url in notebook.asked:
        parts = urlsplit(url)
        assert parts.scheme in ("data", "blob") or parts.netloc == here, url


# What goes wrong, and what takes time.


def probe_lab(probe: Opened, title: str) -> OnPage:
    lab = next(lab for lab in probe.labs() if lab.title == title)
    lab.predict()
    lab.enter()
    lab.tab_to(lab.root.get_by_label("x, a number", exact=True))
    return lab


def test_an_error_is_told_in_words_and_the_lab_goes_on(probe):
    lab = probe_lab(probe, "It fails")
    error = lab.root.get_by_role("alert")
    lab.press("End")
    expect(error).to_contain_text("x = 4.0")
    expect(error).to_contain_text("nothing is left to divide")
    assert serious(probe.page) == []
    lab.press("ArrowLeft")
    lab.wait_for({"x": 39})
    expect(error).to_be_hidden()
    assert lab.shown()["alt"] == "A bar of height 3.9."
    lab.press("Home")
    lab.wait_for({"x": 0})


def test_the_next_cell_reads_what_is_on_screen(probe):
    lab = probe_lab(probe, "It fails")
    lab.press("Home", "ArrowRight")
    lab.wait_for({"x": 1})
    lab.page.wait_for_timeout(600)
    probe.run_cell(TELL)
    expect(probe.output(TELL)).to_contain_text("x is 0.1")


def test_a_cell_moves_the_lab_on_screen(probe):
    lab = probe_lab(probe, "It fails")
    probe.run_cell(SET)
    lab.wait_for({"x": 5})
    assert lab.root.get_by_label("x, a number", exact=True).input_value() == "5"


def test_a_lab_answers_while_a_cell_runs(probe):
    lab = probe_lab(probe, "It fails")
    lab.press("Home")
    lab.wait_for({"x": 0})
    probe.run_cell(BUSY, wait=False)
    probe.page.wait_for_timeout(500)
    lab.enter()
    lab.tab_to(lab.button("Reset"))
    lab.press("Enter")
    lab.wait_for({"x": 20})
    expect(probe.output(BUSY)).not_to_contain_text("the cell has ended")
    expect(probe.output(BUSY)).to_contain_text("the cell has ended")


def test_a_dear_lab_waits_until_the_slider_is_let_go(probe):
    lab = probe_lab(probe, "On release")
    lab.button("Reset").click()
    lab.wait_for({"x": 20})
    before, box = lab.sizes(), lab.root.get_by_label("x, a number", exact=True).bounding_box()
    y = box["y"] + box["height"] / 2
    probe.page.mouse.move(box["x"] + box["width"] / 2, y)
    probe.page.mouse.down()
    probe.page.mouse.move(box["x"] + box["width"] - 4, y, steps=5)
    cue = lab.root.get_by_text("being drawn")
    expect(cue).to_be_visible()
    probe.page.wait_for_timeout(800)
    assert json.loads(lab.shown()["key"])[1] == 20
    probe.page.mouse.up()
    expect(cue).to_be_visible()
    lab.wait_for({"x": 40})
    expect(cue).to_be_hidden()
    assert lab.sizes() == before


def test_a_lab_on_a_button_waits_for_it(probe):
    lab = probe_lab(probe, "On a button")
    lab.press("Home")
    cue = lab.root.get_by_text("being drawn")
    expect(cue).to_be_visible()
    probe.page.wait_for_timeout(800)
    assert lab.shown()["alt"] == "A bar of height 2.0."
    lab.tab_to(lab.button("Draw"))
    lab.press("Enter")
    lab.wait_for({"x": 0})
    expect(cue).to_be_hidden()


# Labs that learn.


def training_lab(learning: Opened, place: int = 0) -> OnPage:
    """A lab that learns, its question answered, paused, with the focus on its rate."""
    lab = learning.trainings()[place]
    lab.predict()
    if lab.button("Pause").is_visible():
        lab.button("Pause").click()
    lab.enter()
    lab.tab_to(lab.root.get_by_label("learning rate", exact=True))
    return lab


def press_button(lab: OnPage, name: str, key: str = "Enter") -> None:
    lab.tab_to(lab.button(name))
    lab.press(key)


def on_screen(lab: OnPage) -> tuple[int, ...]:
    """Tokens of rate, seed and speed, and the steps of the picture on screen."""
    return tuple(json.loads(lab.shown()["key"])[1:])


def wait_for_key(lab: OnPage, test: str, value: object) -> None:
    """Wait until a test in JavaScript, of `key` and `value`, is true of the picture on screen."""
    found = f"""([root, value]) => {{
        const key = JSON.parse(root.querySelector('.hm-frame img').dataset.key ?? "[]");
        return {test};
    }}"""
    lab.page.wait_for_function(found, arg=[lab.root.element_handle(), value])


def goes_on(lab: OnPage) -> None:
    """Wait for two more pictures, each of more steps."""
    for _ in range(2):
        wait_for_key(lab, "key[4] > value", on_screen(lab)[3])


def rests(lab: OnPage) -> int:
    """The steps on screen, which must stay the same."""
    lab.page.wait_for_timeout(400)
    shown = lab.shown()
    lab.page.wait_for_timeout(500)
    assert lab.shown() == shown
    return on_screen(lab)[3]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_serious_is_found_in_a_lab_that_learns(learning, theme):
    learning.theme(theme)
    assert serious(learning.page) == []


def test_a_lab_that_learns_waits_for_the_prediction(learning):
    for lab in learning.trainings():
        assert on_screen(lab)[3] == 0
        for control in lab.root.locator(".hm-control input, .hm-control select").all():
            expect(control).to_be_disabled()
        for button in lab.root.get_by_role("button").all():
            expect(button).to_be_disabled()
        lab.predict()
        expect(lab.root.get_by_label("learning rate", exact=True)).to_be_focused()


def test_tab_reaches_everything_in_a_lab_that_learns(learning):
    lab = training_lab(learning)
    lab.enter()
    names, _ = lab.stops()
    assert names[-3:] == ["Play", "Step", "Restart"]
    for place in range(1, len(names)):
        lab.press("Tab")
        assert lab.stops()[1] == place


def test_a_step_is_a_step(learning):
    lab, twin = training_lab(learning), training.stripes()
    before = lab.sizes()
    press_button(lab, "Restart")
    wait_for_key(lab, "key[4] === value", 0)
    for steps, key in enumerate(("Enter", "Space", "Enter"), start=1):
        press_button(lab, "Step", key)
        wait_for_key(lab, "key[4] === value", steps)
        shown = lab.shown()
        assert base64.b64decode(shown["png"]) == twin.advance().picture
        assert (shown["alt"], shown["readout"]) == (twin.alt, twin.readout)
    assert rests(lab) == 3
    assert lab.sizes() == before


def test_play_learns_until_it_is_paused_and_keeps_what_was_learnt(learning):
    lab = training_lab(learning)
    before = lab.sizes()
    press_button(lab, "Restart")
    wait_for_key(lab, "key[4] === value", 0)
    press_button(lab, "Play")
    expect(lab.button("Pause")).to_be_focused()
    goes_on(lab)
    lab.press("Space")
    expect(lab.button("Play")).to_be_focused()
    steps = rests(lab)
    twin = training.stripes().advance(steps)
    assert lab.shown()["readout"] == twin.readout
    assert lab.sizes() == before
    press_button(lab, "Step")
    wait_for_key(lab, "key[4] === value", steps + 1)
    learning.run_cell(LEARN_TELL)
    expect(learning.output(LEARN_TELL)).to_contain_text(f"steps: {steps + 1}")


def test_controls_answer_while_it_learns(learning):
    lab = training_lab(learning)
    press_button(lab, "Restart")
    press_button(lab, "Play")
    goes_on(lab)
    places = len(lab.twin._controls["rate"].values)
    for label, index, key, token in (
        ("learning rate", 1, "End", places - 1), ("learning rate", 1, "ArrowLeft", places - 2),
        ("speed", 3, "End", 3), ("speed", 3, "Home", 0),
    ):  # fmt: skip
        lab.tab_to(lab.root.get_by_label(label, exact=True))
        lab.press(key)
        wait_for_key(lab, f"key[{index}] === value", token)
        goes_on(lab)
    expect(lab.button("Pause")).to_be_visible()
    expect(lab.root.locator(".hm-readout")).to_contain_text("rate 8.9")
    press_button(lab, "Pause")
    rests(lab)
    lab.tab_to(lab.root.get_by_label("learning rate, typed", exact=True))
    lab.press("Control+A", *"0.5", "Enter")
    expect(lab.root.locator(".hm-readout")).to_contain_text("rate 0.5")
    lab.tab_to(lab.root.get_by_label("speed", exact=True))
    lab.press("ArrowDown", "ArrowDown")
    wait_for_key(lab, "key[3] === value", 2)


def test_another_lab_answers_while_one_learns(learning):
    lab = training_lab(learning)
    press_button(lab, "Play")
    (other,) = learning.labs()
    other.predict()
    twin = other.twin
    slider = next(control for control in twin._controls.values() if isinstance(control, Slider))
    tokens = start_of(twin)
    other.enter()
    other.tab_to(other.root.get_by_label(slider.label, exact=True))
    for key, token in (("End", len(slider.values) - 1), ("ArrowLeft", len(slider.values) - 2)):
        other.press(key)
        other.agrees(tokens | {slider.name: token}, twin)
    expect(lab.button("Pause")).to_be_visible()
    goes_on(lab)
    lab.button("Pause").click()


def test_a_new_seed_waits_for_restart_and_says_so(learning):
    lab = training_lab(learning)
    lab.tab_to(lab.root.get_by_label("seed, for Restart", exact=True))
    steps = rests(lab)
    lab.press("End")
    wait_for_key(lab, "key[2] === value", 49)
    expect(lab.root.locator("p.hm-note")).to_have_text(
        "This run has seed 1; Restart begins anew with seed 49."
    )
    assert on_screen(lab)[3] == steps
    press_button(lab, "Restart")
    wait_for_key(lab, "key[4] === value", 0)
    expect(lab.root.locator(".hm-readout")).to_contain_text("step 0, seed 49")
    expect(lab.root.locator("p.hm-note")).to_have_text("")
    lab.tab_to(lab.root.get_by_label("seed, for Restart", exact=True))
    lab.press("Home", "ArrowRight")
    press_button(lab, "Restart")
    expect(lab.root.locator(".hm-readout")).to_contain_text("step 0, seed 1,")


def test_restart_goes_on_playing(learning):
    lab = training_lab(learning)
    press_button(lab, "Play")
    goes_on(lab)
    lab.press("Tab", "Tab", "Enter")  # over Step to Restart
    goes_on(lab)
    press_button(lab, "Pause")
    rests(lab)


def test_it_learns_on_while_a_cell_runs(learning):
    lab = training_lab(learning)
    learning.run_cell(LEARN_BUSY, wait=False)
    learning.page.wait_for_timeout(300)
    lab.button("Play").click()
    goes_on(lab)
    expect(learning.output(LEARN_BUSY)).not_to_contain_text("the cell has ended")
    lab.button("Pause").click()
    expect(learning.output(LEARN_BUSY)).to_contain_text("the cell has ended")


def test_a_cell_that_learns_moves_the_picture(learning):
    lab = training_lab(learning)
    steps = rests(lab)
    learning.run_cell(LEARN_MORE)
    wait_for_key(lab, "key[4] === value", steps + 50)


def test_learning_that_fails_stops_in_words(learning):
    lab = training_lab(learning, 1)
    press_button(lab, "Play")
    error = lab.root.get_by_role("alert")
    expect(error).to_contain_text("division by zero")
    expect(error).to_contain_text("rate = 0.5")
    expect(lab.button("Play")).to_be_visible()
    assert rests(lab) == 0
    assert serious(learning.page) == []


def test_a_run_that_is_over_says_so(learning):
    lab = training_lab(learning, 2)
    press_button(lab, "Play")
    wait_for_key(lab, "key[4] === value", 120)
    expect(lab.root.locator("p.hm-note")).to_contain_text("over after 120 steps")
    expect(lab.button("Play")).to_be_visible()
    press_button(lab, "Restart")
    wait_for_key(lab, "key[4] === value", 0)
    expect(lab.root.locator("p.hm-note")).to_have_text("")


def test_a_lab_that_learns_follows_the_theme(learning):
    lab = training_lab(learning, 2)
    pictures = {}
    for theme in ("dark", "light"):
        learning.theme(theme)
        pictures[theme] = base64.b64decode(lab.shown()["png"])
        assert pictures[theme] == training.stripes()._drawn(lab.twin.values, lab.twin.record, theme)
    assert pictures["dark"] != pictures["light"]


# Saved notebooks


def saved_labs(path: Path) -> list[dict]:
    """The saved outputs that hold a picture."""
    outputs = [o for cell in nbformat.read(path, 4).cells for o in cell.get("outputs", [])]
    return [output for output in outputs if "image/png" in output.get("data", {})]


def test_a_notebook_saved_by_a_student_shows_its_pictures_without_being_run(
    window, address, folder
):
    path = shutil.copy(folder / "probe.ipynb", folder / "saved.ipynb")
    opened = Opened(window.new_page(), address, path.name)
    opened.run_cell(0)
    opened.run_cell(1)
    opened.labs()[0].root.locator(".hm-frame img[data-key]").wait_for()
    opened.page.evaluate("async () => { await jupyterapp.commands.execute('docmanager:save'); }")
    opened.close()
    (saved,) = saved_labs(path)
    assert saved.metadata["image/png"]["alt"] == "A bar of height 2.0."
    opened = Opened(window.new_page(), address, path.name)
    opened.see_what_is_saved(1)
    assert opened.saved[0] > 300
    opened.close()
