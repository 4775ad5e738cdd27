"""Slides: pictures are what labs show, with their words; a browser needs no network for them."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec

import pytest

from hmlib.course.__main__ import main
from hmlib.course.lessons import decks
from hmlib.course.lessons.decks import NEEDED, PICTURE, SOURCES, build, drawn, lab_of
from hmlib.lab import Lab

FILES = sorted(SOURCES.glob("lesson-*.md"))
needs_sphinx = pytest.mark.skipif(
    any(find_spec(name) is None for name in NEEDED) and "HMLIB_REQUIRE_RELEASE" not in os.environ,
    reason="needs requirements-site.lock and requirements-release.lock",
)


def asked() -> list[tuple[str, str, str | None]]:
    """Every picture of every lesson."""
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    return [found for text in texts for found in PICTURE.findall(text)]


def test_a_picture_before_the_prediction_hides_what_is_asked(tmp_path):
    before, after = lab_of("nb02", "ceiling", None), lab_of("nb02", "ceiling", "?q_rain=0.5")
    assert before.locked
    assert not after.locked
    assert after.values["q_rain"] == 0.5
    text = drawn("![](lab:nb02.ceiling)\n\n![](lab:nb02.ceiling?q_rain=0.5)", tmp_path)
    assert before.alt in text
    assert after.alt in text
    one, other = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert one != other
    assert one.startswith(b"\x89PNG")


def test_a_lab_that_learns_can_learn_first(tmp_path):
    lab = lab_of("nb05", "stripes", "?advance=20")
    assert lab.step.count == 20


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (("nb02", "tea", None), "is no lab of the course"),
        (("nb02", "ceiling", "?tea=1"), "has no control 'tea'"),
        (("nb02", "ceiling", "?advance=3"), "does not learn"),
    ],
)
def test_mistakes_in_a_source_are_told_in_words(picture, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        lab_of(*picture)


@pytest.mark.long
@pytest.mark.parametrize(("room", "name", "query"), asked())
def test_every_picture_is_of_a_lab(room, name, query):
    assert isinstance(lab_of(room, name, query or None), Lab)


def test_what_is_missing_is_told_in_words(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(decks, "NEEDED", ("no_such_module",))
    assert main(["slides", "--out", str(tmp_path)]) == 1
    assert "no_such_module cannot be imported" in capsys.readouterr().err


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("slides")
    assert build(out) == len(FILES)
    return out


@pytest.mark.long
@needs_sphinx
def test_every_picture_has_the_words_of_its_lab(made):
    for path in FILES:
        text = (made / f"{path.stem}.html").read_text(encoding="utf-8")
        pictures = re.findall(r"<img[^>]*>", text)
        assert len(pictures) == len(PICTURE.findall(path.read_text(encoding="utf-8")))
        for picture in pictures:
            words = re.search(r'alt="([^"]*)"', picture)
            assert words is not None
            assert len(words[1].split()) > 5


@pytest.fixture(scope="module")
def page():
    pytest.importorskip("playwright")
    from tools.browser import browser, chromium

    try:
        chromium()
    except (OSError, RuntimeError) as missing:
        pytest.skip(str(missing))
    with browser() as opened:
        shown = opened.new_page(viewport={"width": 1280, "height": 720})
        shown.route("http*://**", lambda route: route.abort())
        yield shown


@pytest.mark.long
@pytest.mark.browser
@needs_sphinx
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_lesson_is_shown_without_a_network(made, page, path):
    """Every slide fits its frame, every picture is there, and keys turn the pages."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto((made / f"{path.stem}.html").as_uri())
    page.wait_for_function("window.Reveal?.isReady?.() ?? document.querySelector('.reveal.ready')")
    titles = set()
    for _ in range(40):
        titles.add(page.locator("section.present h1, section.present h2").last.inner_text())
        fits = page.evaluate(
            """() => [...document.querySelectorAll('section.present')].every(
                (one) => one.scrollHeight <= 725 && one.scrollWidth <= 1285)"""
        )
        assert fits, titles
        page.keyboard.press("ArrowRight")
    images = page.locator("section img")
    for one in images.all():
        assert one.evaluate("async (image) => { await image.decode(); return image.naturalWidth }")
    assert complaints == []
    assert len(titles) == path.read_text(encoding="utf-8").count("\n## ") + 1


@pytest.mark.long
@pytest.mark.browser
@needs_sphinx
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_serious_is_found_on_a_slide(made, page, path):
    from browser.on_page import serious

    page.goto((made / f"{path.stem}.html").as_uri())
    page.wait_for_selector("section.present")
    assert serious(page, ".slides") == []
