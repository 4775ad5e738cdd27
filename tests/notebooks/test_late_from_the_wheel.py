"""The other notebooks, run from the wheel in an empty folder."""

import pytest
from kernels import NOTEBOOKS, FromTheWheel


@pytest.mark.long
class TestTheLateNotebooks(FromTheWheel):
    notebooks = NOTEBOOKS[6:]
