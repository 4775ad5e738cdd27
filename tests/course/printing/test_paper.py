"""A page of the site, made ready for paper."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from hmlib.course.printing.paper import END, article_of, paper_of
from hmlib.course.printing.strips import PLACES, on_paper, spread, strip_of

PAGE = """
<html><body><article><h1 id="top">02 · A title<a class="headerlink" href="#top">#</a></h1>
<p>See <a href="https://example.org/a">a paper</a>, <a href="https://example.org/b">another</a>, and
<a href="https://example.org/a">the first</a> again, <a href="#top">above</a> and
<a href="03_climb_it.html">the next</a>.</p>
<h2>Look back</h2>
<details><summary>Answer</summary><p>because</p></details>
<details><summary>What was there to see?</summary><p>a <a href="https://example.org/b">curve</a></p></details>
<h2>Exercise 02.1</h2><p>Which?</p>
<details><summary>02.1, hint 1 of 2</summary><p>02.1, hint 1 of 2: look</p></details>
<details><summary>02.1, hint 2 of 2</summary><p>02.1, hint 2 of 2: think</p></details>
<div class="hm-place" data-lab="nb02.ceiling"><div class="hm-still"></div></div>
<button>copy</button><script>1</script>
<img src="x.png" alt="a curve" loading="lazy"/>
</article></body></html>
"""


@pytest.fixture
def read() -> BeautifulSoup:
    labs = {"nb02.ceiling": "<section class='lab'>the lab</section>"}
    return BeautifulSoup(article_of(PAGE, "02_x", labs), "html.parser")


def test_what_is_folded_stands_at_the_end_and_its_place_says_where(read):
    assert not read.select("details, summary, button, script, .headerlink")
    assert [line.text for line in read.select(".see")] == [
        "Answer: see number 1 at the end of this notebook.",
        "What was there to see? See number 2 at the end of this notebook.",
        "Hints for 02.1: see number 3 at the end of this notebook.",
    ]
    for line in read.select(".see"):
        target = read.find(id=line.a["href"].removeprefix("#"))
        assert target.find_parent(class_="gathered")
        assert line.a.text == f"number {target.text.partition('.')[0]}"


def test_at_the_end_each_says_what_it_belongs_to_and_hints_come_in_order(read):
    end = read.select_one(".gathered")
    assert [line.text for line in end.select(".summary")] == [
        "1. Answer (Look back)",
        "2. What was there to see? (Look back)",
        "3. Hints for 02.1",
    ]
    hints = end.select(".opened")[-1]
    assert [line.text for line in hints.select("p:not(.summary)")] == [
        "02.1, hint 1 of 2: look",
        "02.1, hint 2 of 2: think",
    ]
    assert read.find(string="Which?").find_parent(class_="gathered") is None
    assert end.find_next_sibling() == read.select_one(".notes")


def test_a_page_with_nothing_folded_has_no_such_end():
    page = "<article><h1>02</h1><p>words</p></article>"
    assert END not in article_of(page, "02_x", {})


def test_a_link_has_a_number_and_its_address_stands_at_the_end_once(read):
    assert [mark.text for mark in read.select("sup.note")] == ["1", "2", "1", "2"]
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
    assert len(page.select("details .lab-strip .shot")) == PLACES
    assert len(page.select(".shot")) == PLACES + 1
    assert all(image["alt"] for image in page.select("img"))
