"""The first notebooks, every lab of them."""

import pytest
from browser.walk import NOTEBOOKS, Walk


@pytest.mark.browser
class TestTheFirstNotebooks(Walk):
    notebooks = NOTEBOOKS[:6]
