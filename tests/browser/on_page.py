"""One lab on a page: driven by keyboard, and compared with the same lab in this process."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from functools import cache, partial

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from hmlib.course.nb09 import labs as awake
from hmlib.lab import Handle, Lab
from tools.labs import lab_makers

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
    # The last is not among the makers, since it needs arguments.
    for make in (*lab_makers().values(), partial(awake.generator, "pinwheel", "score")):
        lab = made_by(make)
        if lab._title == title:
            return lab
    raise LookupError(f"no lab of the course has the title {title!r}")


made_by = cache(lambda make: make())


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
        locked = ["locked"] * (self.root.get_attribute("data-locked") == "true")
        key = json.dumps([theme, *tokens.values(), *locked], separators=(",", ":"))
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
        predicted = self.root.get_attribute("data-predicted") == "true"
        twin._prediction = twin._question.options[0] if predicted else ""
        twin.set(**{name: c.value(tokens[name]) for name, c in twin._controls.items()})
        theme = self.root.get_attribute("data-theme")
        drawn = twin._drawn(twin.values, twin.record, theme, twin._hidden)
        assert base64.b64decode(shown["png"]) == drawn
        assert (shown["alt"], shown["readout"]) == (twin.alt, twin.readout)
        return shown

    def spot(self, handle: Handle, tokens: dict) -> tuple[float, float]:
        """Where on the page a handle stands with these tokens, by what the picture says."""
        twin = self.twin
        values = {name: c.value(tokens[name]) for name, c in twin._controls.items()}
        record, box = twin._computed(values), self.root.locator(".hm-frame").bounding_box()
        picture = twin._picture("light")
        picture.png(record)
        axes, other = getattr(picture, handle.axes), handle.other(record)
        x, y = (values[name] if name else other for name in (handle.x, handle.y))
        right, up = axes.transData.transform((x, y))
        width, height = picture.figure.bbox.size
        return (
            box["x"] + box["width"] * right / width,
            box["y"] + box["height"] * (1 - up / height),
        )


def start_of(twin: Lab) -> dict:
    return {name: control.token(control.start) for name, control in twin._controls.items()}


def serious(page: Page, part: str = ".hm-lab", only: Sequence[str] = ()) -> list[str]:
    """What axe finds in the labs, or in another part of the page, that is serious or critical.

    It goes by all its rules, or by those alone that are named.
    """
    options = {"resultTypes": ["violations"], **({"runOnly": list(only)} if only else {})}
    found = Axe().run(page, context=part, options=options).response["violations"]
    return [
        f"{rule['impact']}: {rule['help']}: {node['html'][:120]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
