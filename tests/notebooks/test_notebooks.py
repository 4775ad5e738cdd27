"""Every notebook: its frame, its words, and what its cells print, run and run again."""

from __future__ import annotations

import ast
import copy
import os
import random
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from sources import assigned

from hmlib import check
from hmlib.check.function import Function
from tools.notebooks import VIEW

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
HEADINGS = ["Look back", "Worked example", "Your turn", "In three lines", "References"]
AMERICAN = re.compile(
    r"\b(colors?|behaviors?|centers?|gray|neighbors?|labeled|modeled|traveled"
    r"|\w*(?:factor|optim|maxim|minim|recogn|general|normal|summar|amort|initial)iz\w*|analyz\w*)\b",
    re.IGNORECASE,
)

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


def prose(notebook) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


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


@pytest.fixture(params=NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def path(request) -> Path:
    return request.param


@pytest.fixture
def notebook(path):
    return read(path)


# The frame.


def test_the_first_cell_says_question_goal_minutes_and_needs(path, notebook):
    first, number = notebook.cells[0], path.stem[:2]
    assert first.cell_type == "markdown"
    assert re.match(rf"# {number} · [A-Z]", first.source)
    for label in ("The question.", "Goal.", "Minutes.", "You need."):
        assert f"**{label}** " in first.source


def test_the_headings_come_in_order(notebook):
    found = re.findall(r"^## (.+)$", prose(notebook), flags=re.MULTILINE)
    assert [heading for heading in found if heading in HEADINGS] == HEADINGS
    assert found[0] == "Look back"
    assert found[-1] == "References"


def test_it_looks_back_with_two_or_three_folded_answers(notebook):
    section = prose(notebook).split("## Look back")[1].split("\n## ")[0]
    assert section.count("<details>") == section.count("</details>") in (2, 3)


def test_imports_stand_in_the_first_code_cell_alone(notebook):
    first, *others = [ast.parse(cell.source).body for cell in code_cells(notebook)]
    kinds = (ast.Import, ast.ImportFrom)
    assert all(isinstance(line, kinds) for line in first)
    assert not [line for cell in others for line in cell if isinstance(line, kinds)]


def test_code_is_short_and_prose_comes_first(notebook):
    lengths = []
    for before, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if cell.cell_type == "code":
            assert before.cell_type == "markdown" or cell is notebook.cells[1]
            lengths.append(len(cell.source.splitlines()))
            assert all(len(line) <= 100 for line in cell.source.splitlines())
    assert max(lengths) <= 20
    assert statistics.median(lengths) <= 6


def test_each_name_belongs_to_one_cell(notebook):
    owners: dict[str, int] = {}
    for place, cell in enumerate(code_cells(notebook)):
        for name in assigned(ast.parse(cell.source)):
            assert owners.setdefault(name, place) == place, f"{name} is assigned in two cells"


def test_links_lead_somewhere(notebook):
    for target in re.findall(r"\]\(([^)]+)\)", prose(notebook)):
        assert (FOLDER / target).exists(), target


def test_pictures_have_words(notebook):
    assert not re.search(r"!\[\s*\]|<img(?![^>]*alt=)", prose(notebook))
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                assert output.metadata["image/png"]["alt"].strip()


def plain(text: str) -> str:
    """Prose without code, mathematics and links."""
    text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
    return re.sub(r"`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)", " ", text, flags=re.DOTALL)


def test_spelling_is_british(notebook):
    assert not AMERICAN.findall(plain(prose(notebook)))


@pytest.mark.parametrize(
    "word", ["color", "behavior", "factorized", "maximizes", "gray", "analyze"]
)
def test_american_spelling_would_be_found(word):
    assert AMERICAN.findall(f"The {word} of it.")
    assert not AMERICAN.findall("The colour, behaviour, grey, factorised size of a prize.")


def test_no_symbol_or_name_has_two_meanings(notebook):
    rows = re.findall(
        r"^\| (\$[^|]+\$|[^|]*?) \| ([^|]*) \| [^|]+ \|$", prose(notebook), re.MULTILINE
    )
    rows = [row for row in rows if row[0] != "symbol" and not set(row[0]) <= set("-| ")]
    for column in zip(*rows, strict=True):
        entries = [entry.strip() for entry in column]
        assert len(entries) == len(set(entries))


# The homework.


def test_questions_are_asked_and_are_the_notebooks_own(path, notebook):
    number = path.stem[:2]
    used = {
        name
        for cell in code_cells(notebook)
        for name in re.findall(r'\bcheck\("([\d.]+)"', cell.source)
    }
    known = {question.id for question in check.questions(number)}
    assert used == known
    if number != "00":
        functions = [q for q in check.questions(number) if isinstance(q, Function)]
        assert len(known) >= 4
        assert len(functions) >= 2
        assert all(len(q.slips) >= 3 for q in functions)


def test_answers_are_left_to_the_student(path, notebook):
    said = [
        text
        for cell in code_cells(notebook)
        for _, text in shown(cell.outputs)
        if re.match(r"\d\d\.\d+: ", text)
    ]
    assert len(said) == len(check.questions(path.stem[:2]))
    assert all(re.match(r"\d\d\.\d+: not attempted", text) for text in said)


# What is committed.


def test_it_is_committed_run_and_clean(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    assert "widgets" not in notebook.metadata
    text = nbformat.writes(notebook)
    assert VIEW not in text
    assert '"output_type": "error"' not in text
    for trace in ("ipykernel_", str(Path.home()), str(FOLDER.parent), sys.prefix):
        assert trace not in text


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80), timeout=1)",
        "socket.socket().connect(('192.0.2.1', 80))",
        "socket.getaddrinfo('192.0.2.1', 80)",
    ],
)
def test_the_guard_would_stop_a_cell_from_going_out(attempt):
    code = f"import socket\n{NO_NETWORK}\n{attempt}"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 1
    assert "a cell tried to reach 192.0.2.1" in result.stderr


@dataclass
class Run:
    """What one kernel showed: each code cell in order, then again in another order."""

    first: list
    again: list
    sweep: str
    labs: int
    seconds: float


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def committed_and_run(request, installed_wheel, tmp_path_factory):
    """A committed notebook, and what a fresh kernel makes of it.

    The kernel has no network, its folder is empty, and its hmlib is the one of the wheel.
    """
    committed = read(request.param)
    working = copy.deepcopy(committed)
    cells = code_cells(working)
    from_the_wheel = FROM_THE_WHEEL.format(folder=str(installed_wheel))
    before, after = (
        nbformat.v4.new_code_cell(source) for source in (NO_NETWORK + from_the_wheel, SWEEP)
    )
    working.cells = [before, *cells, after]
    client = NotebookClient(
        working, timeout=300, store_widget_state=False,
        resources={"metadata": {"path": str(tmp_path_factory.mktemp("empty"))}},
    )  # fmt: skip
    order = list(range(len(cells)))
    random.Random(0).shuffle(order)
    with client.setup_kernel(env=os.environ | {"PYTHONPATH": str(installed_wheel)}):
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
    return committed, Run(first, again, sweep, labs, seconds)


def test_the_wheel_in_an_empty_folder_shows_what_is_committed(committed_and_run):
    committed, run = committed_and_run
    print(f"{run.seconds:.1f} s with the sweep of its labs; pytest -rP shows this line")
    for cell, outputs in zip(code_cells(committed), run.first, strict=True):
        assert shown(cell.outputs) == outputs, cell.source


def test_running_any_cell_again_changes_nothing(committed_and_run):
    committed, run = committed_and_run
    for cell, once, again in zip(code_cells(committed), run.first, run.again, strict=True):
        assert once == again, cell.source


def test_every_lab_works_at_all_of_its_values(committed_and_run):
    _, run = committed_and_run
    assert run.labs >= 1
    count, word = run.sweep.split()
    assert word == "labs"
    assert int(count) >= run.labs
