"""Freed memory is kept, where the system allows."""

import subprocess
import sys

import pytest

from hmlib import _memory

COUNT_FAULTS = """
import resource
import sys
import numpy as np
from hmlib import _memory

if sys.argv[1] == "keep":
    assert _memory.keep_freed_memory()
a = np.ones(300_000)
for _ in range(3):
    a * a
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    a * a
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not _memory.keep_freed_memory(), reason="there is no GNU C library here")
def test_memory_that_is_kept_need_not_be_cleared_anew() -> None:
    run = [sys.executable, "-c", COUNT_FAULTS]
    faults = subprocess.run([*run, "keep"], check=True, capture_output=True, text=True).stdout
    # An array of 2.4 MB has 586 pages; 50 of them are made.
    assert int(faults) < 2000


def test_elsewhere_nothing_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_memory.sys, "platform", "win32")
    assert _memory.keep_freed_memory.__wrapped__() is False
