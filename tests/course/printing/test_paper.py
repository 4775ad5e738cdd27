"""A page of the site, made ready for paper."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from hmlib.course.printing.paper import article_of, paper_of
from hmlib.course.printing.strips import PLACES, on_paper, spread, strip_of

PAGE = """
<html><body><article><h1 id="top">02 · A title<a class="headerlink" href="#top">#</a></h1>
<p>See <a href="https://example.org/a">a paper</a>, <a href="https://example.org/b">another</a>, and
<a href="https://example.org/a">the first</a> again, <a href="#top">above</a> and
<a href="03_climb_it.html">the next</a>.</p>
<details><summary>a hint</summary><p>think</p></details>
<details><summary>hint 1</summary><p>hint 1: look</p></details>
<div class="hm-place" data-lab="nb02.ceiling"><div class="hm-still"></div></div>
<button>copy</button><script>1</script>
<img src="x.png" alt="a curve" loading="lazy"/>
</article></body></html>
"""


@pytest.fixture
def read() -> BeautifulSoup:
    labs = {"nb02.ceiling": "<section class='lab'>the lab</section>"}
    return BeautifulSoup(article_of(PAGE, "02_x", labs), "html.parser")


def test_folded_parts_are_open_and_buttons_are_gone(read):
    assert not read.select("details, summary, button, script, .headerlink")
    assert read.select_one(".opened .summary").text == "a hint"
    assert read.select_one(".opened").text.strip().endswith("think")
    assert read.select(".opened")[1].text.strip() == "hint 1: look"


def test_a_link_has_a_number_and_its_address_stands_at_the_end_once(read):
    assert [mark.text for mark in read.select("sup.note")] == ["1", "2", "1"]
    assert [line.text for line in read.select(".notes li")] == [
        "https://example.org/a",
        "https://example.org/b",
    ]


def test_places_are_called_after_their_notebook(read):
    assert read.select_one("h1")["id"] == "02_x-top"
    assert read.select_one('a[href="#02_x-top"]').text == "above"
    assert "the next" in read.text
    assert not read.select('a[href$=".html"]')


def test_the_lab_stands_in_its_place(read):
    assert read.select_one(".lab").text == "the lab"
    assert not read.select(".hm-place, .hm-still")


def test_a_lab_that_is_not_known_is_named():
    with pytest.raises(ValueError, match=r"nb02\.ceiling"):
        article_of(PAGE, "02_x", {})


def test_what_is_no_page_is_refused():
    with pytest.raises(ValueError, match="accepted: a page of the site"):
        article_of("<p>no</p>", "02_x", {})


def test_a_document_has_its_title_escaped():
    assert "<title>F &lt; L</title>" in paper_of("F < L", ["<article></article>"])


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 41, 100])
def test_a_strip_goes_from_the_first_to_the_last(count):
    places = spread(count)
    assert places[0] == 0
    assert places[-1] == count - 1
    assert len(places) == len(set(places)) == min(count, PLACES)


def test_a_strip_shows_what_the_lab_says_there():
    from hmlib.course.nb02 import labs

    lab = labs.ceiling()
    strip, twin = strip_of(lab), labs.ceiling().predict()
    control = twin.controls[0]
    assert len(strip) == PLACES
    for still, place in zip(strip, spread(len(control.values)), strict=True):
        twin.set(**{control.name: control.values[place]})
        assert (still.readout, still.alt) == (twin.readout, twin.alt)
        assert f"{control.label}: {control.values[place]:g}" in still.where
        assert still.png.startswith(b"\x89PNG")


def test_a_lab_on_paper_asks_before_it_shows():
    from hmlib.course.nb02 import labs

    lab = labs.ceiling()
    locked, question = lab.readout, lab.spec["question"]
    page = BeautifulSoup(on_paper(lab), "html.parser")
    assert question["text"] in page.select_one(".lab-question").text
    assert [one.text for one in page.select(".lab-question li")] == list(question["options"])
    assert page.select_one(".lab-start .words").text == locked
    assert len(page.select(".lab-strip .shot")) == PLACES
    assert all(image["alt"] for image in page.select("img"))
