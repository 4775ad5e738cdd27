"""The front end in Node: keys, typed numbers, themes, what is fetched and what is said."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

JS = Path(__file__).parent / "js"


def test_the_front_end_in_node():
    node = shutil.which("node")
    if node is None:
        words = "Node was not found, so the front end of the labs was not tried by itself."
        if os.environ.get("HMLIB_REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    files = sorted(map(str, JS.glob("*.test.js")))
    done = subprocess.run([node, "--test", *files], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "fail 0" in done.stdout
