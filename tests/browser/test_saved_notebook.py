"""What a student saves, and sees on opening it again."""

from __future__ import annotations

import nbformat
import pytest
from browser.opened import Opened, saved_labs

from hmlib.lab.foreseen import kept

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_notebook_saved_by_a_student_shows_its_pictures_without_being_run(
    window, address, folder
):
    path = folder / "saved.ipynb"
    opened = Opened(window.new_page(), address, path.name)
    opened.run_cell(0)
    opened.run_cell(1)
    [lab] = opened.labs()
    lab.root.locator(".hm-frame img[data-key]").wait_for()
    lab.predict()
    said = lab.root.get_by_text("You predicted:")
    option = said.inner_text().partition(": ")[2].removesuffix(".")
    opened.page.evaluate("async () => { await jupyterapp.commands.execute('docmanager:save'); }")
    opened.close()
    (saved,) = saved_labs(path)
    assert saved.metadata["image/png"]["alt"] == "A bar of height 2.0."
    [predicted] = filter(None, map(kept, nbformat.read(path, 4).cells))
    assert predicted == {lab.title: option}
    opened = Opened(window.new_page(), address, path.name)
    opened.see_what_is_saved(1)
    assert opened.saved[0] > 300
    opened.close()
