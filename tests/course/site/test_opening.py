"""The first page: what moves there is small, comes to a rest for who wants it, and is described."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from hmlib.course.site.chapters import read_chapters
from hmlib.course.site.opening import DRAG, SEEN, drag, first_page
from tools.browser import ROOT

MOVING, STILL = DRAG
CHAPTERS = read_chapters(ROOT / "notebooks")


def test_the_drag_is_short_and_small_and_goes_on():
    content = drag()[MOVING]
    assert len(content) < 1_000_000
    moving = Image.open(io.BytesIO(content))
    assert moving.n_frames >= 24
    assert moving.info["loop"] == 0
    seconds = 0.0
    for place in range(moving.n_frames):
        moving.seek(place)
        moving.load()
        seconds += moving.info["duration"] / 1000
    assert 2 <= seconds <= 8


def test_what_stands_still_is_its_first_picture():
    moving = Image.open(io.BytesIO(drag()[MOVING])).convert("RGB")
    still = Image.open(io.BytesIO(drag()[STILL])).convert("RGB")
    assert moving.tobytes() == still.tobytes()


def test_the_first_page_has_it_with_words_and_for_those_who_want_no_motion():
    page = first_page(CHAPTERS, "_static")
    assert f'<source srcset="_static/{STILL}" media="(prefers-reduced-motion: reduce)"/>' in page
    assert f'<img src="_static/{MOVING}"' in page
    assert f'alt="{SEEN}"' in page
    assert '"' not in SEEN


def test_the_picture_of_a_lab_leads_to_the_page_where_it_can_be_dragged():
    page = first_page(CHAPTERS, "_static")
    (lead,) = re.findall(r'<a href="([^"]+)" title="Drag it yourself"><picture>', page)
    assert lead == "00_start_here.html"
    assert "nb02.ceiling" in [call.key for call in CHAPTERS[0].calls.values()]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda one: one.name)
def test_the_first_page_names_each_notebook_with_its_question_and_minutes(chapter):
    line = re.search(rf"\| {chapter.name[:2]} \| .*", first_page(CHAPTERS, "_static"))[0]
    assert f"]({chapter.name}.ipynb) | {chapter.said('The question')} | " in line
    assert re.search(r"\| \d+( to \d+)? \|$", line)


def test_the_first_page_says_where_to_begin_before_it_shows_anything():
    page = first_page(CHAPTERS, "_static")
    begin = page.index("**Begin with [Start here](00_start_here.ipynb)**")
    assert begin < page.index("<picture>")


def test_the_first_page_leads_to_paper_and_to_the_tab_where_they_are():
    alone = first_page(CHAPTERS, "_static")
    assert "PDF" not in alone
    assert "in the browser" not in alone
    whole = first_page(CHAPTERS, "_static", "print/all.pdf", runs=True)
    assert '<a href="print/all.pdf">' in whole
    assert '<span class="hm-served">each page runs its own here in the browser' in whole
    assert "python -m http.server" in whole
    assert "python -m http.server" not in alone
