"""The notebooks after the first, up to wake-sleep: every lab of them."""

import pytest
from browser.walk import NOTEBOOKS, Walk


@pytest.mark.browser
@pytest.mark.long
class TestTheEarlyNotebooks(Walk):
    notebooks = NOTEBOOKS[1:6]
