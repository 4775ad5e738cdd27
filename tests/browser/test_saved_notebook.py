"""What a student saves, and sees on opening it again."""

from __future__ import annotations

import pytest
from browser.opened import Opened, saved_labs

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_notebook_saved_by_a_student_shows_its_pictures_without_being_run(
    window, address, folder
):
    path = folder / "saved.ipynb"
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
