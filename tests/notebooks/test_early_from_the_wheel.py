"""The notebooks up to wake-sleep, run from the wheel in an empty folder."""

import pytest
from kernels import NOTEBOOKS, FromTheWheel


@pytest.mark.long
class TestTheEarlyNotebooks(FromTheWheel):
    notebooks = NOTEBOOKS[:6]
