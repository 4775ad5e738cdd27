"""Under WebAssembly the course prints what it prints elsewhere.

By default one notebook is run, in which machines are trained; one with mathematics and labs is run
in a browser's tab (test_in_tab.py). `HMLIB_WASM=all` runs every notebook, as does ``python -m
tools.wasm_kernel``. Every lab goes through all stops of its sweep in any case.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict

import pytest

from tools.browser import ROOT
from tools.labs import lab_makers
from tools.wasm_kernel import compare

pytestmark = pytest.mark.long

SAMPLE = "08"
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))

CUT = {"nb03.staircase": {"word": 8}}
"""How much of a text is compared: after more phases the last bit of a sum decides the third digit,
on two processors as in WebAssembly (data/README.md, climbs.npz)."""

READ = """
import importlib, json
from hmlib.lab import LabError

def read(module, name, cut):
    lab = getattr(importlib.import_module(module), name)().predict()
    said = []
    for stop in lab.stops(n=2):
        lab.set(**stop | {name: stop[name][:most] for name, most in cut.items()})
        said.append([lab.readout, lab.alt])
    return said
"""


def wanted() -> list[str]:
    if os.environ.get("HMLIB_WASM") == "all":
        return NOTEBOOKS
    return [name for name in NOTEBOOKS if name.startswith(SAMPLE)]


@pytest.mark.parametrize("name", wanted())
def test_a_notebook_prints_what_is_committed(parts, lite, name):
    done = compare([f"notebooks/{name}"], "-q")
    cells = json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))["cells"]
    code = sum(cell["cell_type"] == "code" for cell in cells)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(rf"^{code} passed", done.stdout, flags=re.MULTILINE), done.stdout[-3000:]


def test_pictures_are_drawn_without_a_search_for_fonts(wasm):
    assert wasm.printed("import matplotlib.font_manager") == ""


ROOMS = defaultdict(list)
for _name, _make in lab_makers().items():
    ROOMS[_name.partition(".")[0]].append((_make, CUT.get(_name, {})))


@pytest.mark.parametrize("room", ROOMS)
def test_labs_say_the_same_at_every_stop(wasm, room):
    here: dict = {}
    exec(READ, here)
    wasm.printed(READ)
    for make, cut in ROOMS[room]:
        call = f"read({make.__module__!r}, {make.__name__!r}, {cut!r})"
        there = json.loads(wasm.printed(f"print(json.dumps({call}))"))
        assert there == here["read"](make.__module__, make.__name__, cut)
