"""The JavaScript of the pages that needs no page, in Node.js."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def test_a_page_goes_to_the_nearest_that_it_has():
    node = shutil.which("node")
    if node is None:
        words = "No Node.js was found, so the JavaScript of the pages was not tried."
        if os.environ.get("HMLIB_REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    command = [node, "--test", str(Path(__file__).with_name("nearest.test.js"))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "pass 4" in done.stdout
