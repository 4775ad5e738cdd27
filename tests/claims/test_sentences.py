"""No sentence outruns its proof: every general sentence of a notebook has a kind and a ground.

`nbNN.toml` lists them. A sentence that is new or was changed is unknown, and fails until it is
looked at and given its kind:

- proved: `by` names a derivation or theorem, as words that the notebook or its questions have, or a
  test that holds it for any input.
- enumerated, counted: `by` names the test that goes through all cases, or counts on fresh seeds.
- seen: it speaks of the output above it, and reads like it.
- definition, advice: it claims nothing; it says what a word means, how a thing was made, or what to
  do.
"""

from __future__ import annotations

import ast
import functools
import tomllib
from pathlib import Path

import pytest

from tools.claims import ROOT, general, sentences, spoken, texts

HERE = Path(__file__).parent
LISTS = sorted(HERE.glob("nb*.toml"))
KINDS = {"proved", "enumerated", "counted", "seen", "definition", "advice"}
BY_A_TEST = {"enumerated", "counted"}


def listed(path: Path) -> list[dict[str, str]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))["sentence"]


@functools.cache
def names_of_tests(name: str) -> set[str]:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def is_test(by: str) -> bool:
    name, _, test = by.partition("::")
    return (ROOT / name).is_file() and test.startswith("test_") and test in names_of_tests(name)


@functools.cache
def read_by_students(number: str) -> str:
    return " ".join(" ".join(text.split()) for text in texts(number))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_general_sentence_was_looked_at(path):
    found, known = general(path.stem[2:]), [entry["says"] for entry in listed(path)]
    assert len(known) == len(set(known)), "a sentence is listed twice"
    new = [sentence for sentence in found if sentence not in set(known)]
    gone = [sentence for sentence in known if sentence not in set(found)]
    assert not new, f"give these a kind (python -m tools.claims {path.stem[2:]}): {new}"
    assert not gone, f"these stand nowhere any more: {gone}"


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_sentence_has_the_ground_that_its_kind_asks_for(path):
    for entry in listed(path):
        kind, by = entry["kind"], entry.get("by", "")
        assert kind in KINDS, entry
        if kind in BY_A_TEST:
            assert is_test(by), f"no such test: {entry}"
        if kind == "proved":
            assert by, entry
            assert is_test(by) or " ".join(by.split()) in read_by_students(path.stem[2:]), (
                f"neither a test nor words that a student reads: {entry}"
            )


def test_the_notebooks_that_were_looked_at_have_a_list():
    assert [path.stem for path in LISTS][:9] == [f"nb{n:02}" for n in range(9)]


def test_a_general_sentence_is_found_wherever_a_student_reads_it():
    text = "# A title\n\nIt moves. **F never** falls: so says\nthe proof.\n- One that must hold.\n"
    found = list(sentences(text))
    assert found == [
        "A title", "It moves.", "F never falls:", "so says the proof.", "One that must hold.",
    ]  # fmt: skip
    module = (
        'def f(x):\n    """Never say this aloud, please."""\n    return f"It must be {x} here."\n'
    )
    assert list(spoken(ast.parse(module))) == ["It must be {} here."]
