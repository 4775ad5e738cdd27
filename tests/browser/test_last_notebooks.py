"""The other notebooks, every lab of them."""

import pytest
from browser.walk import NOTEBOOKS, Walk


@pytest.mark.browser
class TestTheOtherNotebooks(Walk):
    notebooks = NOTEBOOKS[6:]
