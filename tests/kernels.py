"""A notebook run in a kernel far from the checkout: what it shows, and shows when run again.

Two files share the notebooks among them, so that two workers can go at once.
"""

from __future__ import annotations

import copy
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tools.notebooks import VIEW

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

# Runs in the kernel before the first cell: nothing may leave this computer.
NO_NETWORK = """
import socket as _socket

def _guard(call, place):
    def guarded(*given, **named):
        address = given[place] if len(given) > place else None
        host = address[0] if isinstance(address, tuple) else address
        # Files that serve as sockets have no host and stay on this computer.
        inside = (None, "", "127.0.0.1", "::1", "localhost", b"localhost")
        if host not in inside and not (place and isinstance(address, str | bytes)):
            raise RuntimeError(f"a cell tried to reach {host}")
        return call(*given, **named)
    return guarded

_socket.socket.connect = _guard(_socket.socket.connect, 1)
_socket.socket.connect_ex = _guard(_socket.socket.connect_ex, 1)
_socket.getaddrinfo = _guard(_socket.getaddrinfo, 0)
"""

FROM_THE_WHEEL = """
import hmlib as _hmlib
assert _hmlib.__file__.startswith({folder!r}), _hmlib.__file__
"""

SWEEP = """
import gc as _gc
from hmlib.lab import Lab as _Lab
_labs = [thing for thing in _gc.get_objects() if isinstance(thing, _Lab)]
for _lab in _labs:
    _lab.sweep(n=0)
print(len(_labs), "labs")
"""


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(outputs) -> list[tuple[str, str]]:
    """What a reader sees of a cell's outputs: text letter by letter, pictures as being there."""
    seen: list[tuple[str, str]] = []
    for output in outputs:
        if output.output_type == "stream":
            if seen and seen[-1][0] == output.name:
                seen[-1] = (output.name, seen[-1][1] + output.text)
            else:
                seen.append((output.name, output.text))
            continue
        if output.output_type == "error":
            seen.append(("error", output.evalue))
            continue
        seen += [
            (mime, content if mime == "text/plain" else "")
            for mime, content in sorted(output.data.items())
            if mime != VIEW
        ]
    return seen


@dataclass
class Run:
    """What one kernel showed: each code cell in order, then again in another order."""

    first: list
    again: list
    sweep: str
    labs: int
    seconds: float


def run(committed: nbformat.NotebookNode, wheel: Path, folder: Path) -> Run:
    """What a fresh kernel makes of a notebook.

    The kernel has no network, its folder is empty, and its hmlib is the one of the wheel.
    """
    working = copy.deepcopy(committed)
    cells = code_cells(working)
    from_the_wheel = FROM_THE_WHEEL.format(folder=str(wheel))
    before, after = (
        nbformat.v4.new_code_cell(source) for source in (NO_NETWORK + from_the_wheel, SWEEP)
    )
    working.cells = [before, *cells, after]
    client = NotebookClient(
        working, timeout=300, store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )  # fmt: skip
    order = list(range(len(cells)))
    random.Random(0).shuffle(order)
    with client.setup_kernel(env=os.environ | {"PYTHONPATH": str(wheel)}):
        begin = time.perf_counter()
        for place, cell in enumerate(working.cells):
            client.execute_cell(cell, place)
        seconds = time.perf_counter() - begin
        first = [shown(cell.outputs) for cell in cells]
        sweep = "".join(text for _, text in shown(after.outputs))
        again: list = [None] * len(cells)
        for place in order:
            client.execute_cell(cells[place], place + 1)
            again[place] = shown(cells[place].outputs)
    labs = sum(text.startswith("Lab ") for cell in first for kind, text in cell)
    return Run(first, again, sweep, labs, seconds)


class FromTheWheel:
    """What holds for a notebook that runs from the wheel; a subclass says which `notebooks`."""

    notebooks: tuple[Path, ...] = ()

    def test_the_wheel_in_an_empty_folder_shows_what_is_committed(self, committed_and_run):
        committed, run = committed_and_run
        print(f"{run.seconds:.1f} s with the sweep of its labs; pytest -rP shows this line")
        for cell, outputs in zip(code_cells(committed), run.first, strict=True):
            assert shown(cell.outputs) == outputs, cell.source

    def test_running_any_cell_again_changes_nothing(self, committed_and_run):
        committed, run = committed_and_run
        for cell, once, again in zip(code_cells(committed), run.first, run.again, strict=True):
            assert once == again, cell.source

    def test_every_lab_works_at_all_of_its_values(self, committed_and_run):
        _, run = committed_and_run
        assert run.labs >= 1
        count, word = run.sweep.split()
        assert word == "labs"
        assert int(count) >= run.labs
