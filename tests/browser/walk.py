"""What is tried with every lab of a notebook. The tests share a page and are in the order of a
student's way; files share the notebooks among them, so that two workers can go at once."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from browser.on_page import OnPage, serious, start_of
from playwright.sync_api import expect

from hmlib.lab import Choice, Lab, LogSlider, Slider, Steps
from hmlib.lab.controls import Control
from tools.browser import ROOT

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


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


def of_each_make(labs: list[OnPage]) -> list[OnPage]:
    """One lab for every way in which labs are put together."""
    makes = {}
    for lab in labs:
        kinds = tuple(type(control) for control in lab.twin._controls.values())
        makes[kinds, len(lab.twin._handles)] = lab
    return list(makes.values())


def plays(lab: OnPage) -> Control:
    """The control that Play moves."""
    controls = lab.twin._controls.values()
    return next((c for c in controls if not isinstance(c, Choice)), next(iter(controls)))


NEW = "([root, keys]) => !keys.includes(root.querySelector('.hm-frame img').dataset.key)"


class Walk:
    """A student's way through the labs of a notebook; a subclass says which `notebooks`."""

    notebooks: tuple[str, ...] = ()

    def test_a_committed_notebook_shows_its_pictures_without_being_run(self, notebook):
        assert notebook.saved
        assert min(notebook.saved) > 300

    def test_labs_follow_the_dark_theme_and_nothing_serious_is_found_before_predictions(
        self, notebook
    ):
        notebook.theme("dark")
        for lab in notebook.labs():
            lab.agrees(start_of(lab.twin), lab.twin)
        assert serious(notebook.page) == []

    def test_a_lab_waits_for_the_prediction(self, notebook):
        for lab in notebook.labs():
            for control in lab.root.locator(".hm-control input, .hm-control select").all():
                expect(control).to_be_disabled()
            for button in lab.root.get_by_role("button").all():
                expect(button).to_be_disabled()
            lab.predict()
            # The focus goes on to the first control, so that the keys move it at once.
            first = lab.root.locator(
                ".hm-control input, .hm-control select, .hm-control button"
            ).first
            expect(first).to_be_focused()

    def test_tab_reaches_everything_in_order(self, notebook):
        for lab in of_each_make(notebook.everything()):
            lab.predict()
            lab.enter()
            names, here = lab.stops()
            assert here == 0
            for place in range(1, len(names)):
                lab.press("Tab")
                assert lab.stops()[1] == place, f"after {names[place - 1]} comes {names[place]}"

    def test_every_control_moves_by_keyboard_alone(self, notebook):
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

    def test_play_goes_on_until_it_is_paused(self, notebook):
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
                lab.page.wait_for_function(NEW, arg=[lab.root.element_handle(), list(keys)])
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

    def test_what_stands_in_the_picture_can_be_dragged(self, notebook):
        for lab in notebook.labs():
            twin, mouse = lab.twin, lab.page.mouse
            for number, handle in enumerate(twin._handles):
                lab.predict()
                tokens = start_of(twin)
                node = lab.root.locator(".hm-handle").nth(number)
                for part in (0.25, 0.7):
                    node.hover()
                    mouse.down()
                    for name in filter(None, (handle.x, handle.y)):
                        tokens[name] = round(part * (len(twin._controls[name].values) - 1))
                    mouse.move(*lab.spot(handle, tokens), steps=6)
                    mouse.up()
                    lab.agrees(tokens, twin)
                lab.tab_to(lab.button("Reset"))
                lab.press("Enter")

    def test_the_prediction_is_kept_beside_the_result(self, notebook):
        for lab in notebook.everything():
            lab.predict()
            question = lab.twin._question
            expect(lab.root.get_by_text(f"You predicted: {question.options[0]}.")).to_be_visible()
            lab.enter()
            lab.tab_to(lab.button("Compare with what you saw"))
            lab.press("Enter")
            verdict = lab.root.locator(".hm-verdict")
            expect(verdict).to_contain_text(question.because)
            expect(verdict).to_contain_text(question.replies.get(question.options[0], ""))
            expect(verdict).to_be_in_viewport(ratio=0.9)
            right = question.answer == question.options[0]
            expect(verdict).to_contain_text("That is what happens." if right else question.answer)

    def test_labs_follow_the_light_theme_and_nothing_serious_is_found_after_predictions(
        self, notebook
    ):
        for lab in notebook.everything():
            lab.predict()
        notebook.theme("light")
        for lab in notebook.labs():
            lab.agrees(start_of(lab.twin), lab.twin)
        assert serious(notebook.page) == []

    def test_nothing_is_fetched_from_elsewhere(self, notebook):
        here = urlsplit(notebook.address).netloc
        assert len(notebook.asked) > 20
        for url in notebook.asked:
            parts = urlsplit(url)
            assert parts.scheme in ("data", "blob") or parts.netloc == here, url
