"""The first notebook of the course, every lab of it."""

import pytest
from browser.walk import NOTEBOOKS, Walk


@pytest.mark.browser
class TestTheFirstNotebook(Walk):
    notebooks = NOTEBOOKS[:1]
