"""The other notebooks, every lab of them."""

import pytest
from browser.walk import NOTEBOOKS, Walk


@pytest.mark.browser
@pytest.mark.long
class TestTheLateNotebooks(Walk):
    notebooks = NOTEBOOKS[6:]
