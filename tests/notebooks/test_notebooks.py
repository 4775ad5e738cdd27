"""Every notebook: its frame, its words, its homework, and that it is committed run and clean."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from kernels import FOLDER, NO_NETWORK, NOTEBOOKS, code_cells, read, shown
from sources import assigned

from hmlib import check
from hmlib.check.function import Function
from tools.notebooks import VIEW

HEADINGS = ["Look back", "Worked example", "Your turn", "In three lines", "References"]
AMERICAN = re.compile(
    r"\b(colors?|behaviors?|centers?|gray|neighbors?|labeled|modeled|traveled"
    r"|\w*(?:factor|optim|maxim|minim|recogn|general|normal|summar|amort|initial)iz\w*|analyz\w*)\b",
    re.IGNORECASE,
)


def prose(notebook) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


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
