"""The pages that students and teachers read fit the screen of a phone."""

from __future__ import annotations

import pytest
from windows import window_of

from hmlib import check
from hmlib.course.marking import counting, reports

LONG = "Your function stopped with NameError: " + "a_name_that_is_much_too_long_" * 5


@pytest.mark.long
@pytest.mark.parametrize("width", [320, 390])
def test_no_page_is_wider_than_a_phone(tmp_path, width):
    tried = counting.Mark("not attempted", 0.0, 12, LONG, "line B")
    marks = {question.id: tried for question in check.questions("02")}
    file = "Julia Schmidt_4413_assignsubmission_file_02_watch_the_free_energy.ipynb"
    row = reports.Row(file, "Julia Schmidt", "02", marks, [LONG], {"3": LONG})
    rules = counting.rules(tmp_path) | {"02.6": counting.Rule(0.125, False)}
    reports.write_all(tmp_path, [row], rules)
    with window_of(width, 800) as opened:
        page = opened.new_page()
        for path in tmp_path.rglob("*.html"):
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
            lost = page.eval_on_selector_all(
                "td, th", "cells => cells.filter(c => c.scrollWidth > c.clientWidth + 1).length"
            )
            assert lost == 0, path.name
