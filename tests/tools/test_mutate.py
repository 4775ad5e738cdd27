"""Changes of the mathematics are found in their files, tried in a copy, and told in words."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tools import mutate
from tools.mutations import MUTATIONS, Mutation

CODE = "def twice(x):\n    return x + x\n\n\ndef half(x):\n    return x / 2\n"
TESTS = """
from toy import half, twice

def test_twice():
    assert twice(3) == 6

def test_half_of_nothing():
    assert half(0) == 0
"""
SEEN = Mutation("once", "toy.py", "x + x", "x", ("test_toy.py",))
UNSEEN = Mutation("third", "toy.py", "x / 2", "x / 3", ("test_toy.py",))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A tree of one module and its tests."""
    (tmp_path / "toy.py").write_text(CODE)
    (tmp_path / "test_toy.py").write_text(TESTS)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def temporary(tmp_path_factory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which copies are made."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_every_change_stands_once_in_its_file_and_leaves_python(mutation: Mutation) -> None:
    text = (mutate.ROOT / mutation.file).read_text(encoding="utf-8")
    before, after = ast.dump(ast.parse(text)), ast.parse(mutate.changed(mutation, text))
    assert ast.dump(after) != before
    for test in mutation.tests:
        file, _, function = test.partition("::")
        assert f"def {function}" in (mutate.ROOT / file).read_text(encoding="utf-8"), test


def test_names_differ() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)


def test_a_change_is_caught_and_another_survives(
    toy: Path, temporary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(toy)
    assert mutate.tried([SEEN, UNSEEN], toy) == 1
    caught, survives, _, summary, names = capsys.readouterr().out.splitlines()
    assert caught.startswith("once")
    assert caught.endswith("caught by test_toy.py::test_twice")
    assert survives.startswith("third")
    assert survives.endswith("SURVIVES")
    assert summary == "1 of 2 caught"
    assert names == "no test notices: third"
    assert files(toy) == before
    assert not list(temporary.iterdir())


def test_all_caught_is_status_0(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate.tried([SEEN], toy) == 0
    assert capsys.readouterr().out.endswith("1 of 1 caught\n")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("x - x", "x", "once: the old text stands 0 times in toy.py; accepted: once\n  'x - x'"),
        ("x", "y", "stands 5 times in toy.py"),
        ("x + x", "x + x", "the old text is the new text"),
    ],
)
def test_an_old_text_that_is_not_there_once_is_said_in_words(
    toy: Path, old: str, new: str, words: str
) -> None:
    with pytest.raises(mutate.Untried) as caught:
        mutate.tried([SEEN._replace(old=old, new=new)], toy)
    assert words in str(caught.value)


def test_a_test_that_fails_anyway_catches_nothing(toy: Path, temporary: Path) -> None:
    (toy / "test_toy.py").write_text(TESTS.replace("== 6", "== 7"))
    with pytest.raises(mutate.Untried, match=r"fails already: test_toy\.py::test_twice"):
        mutate.tried([SEEN], toy)
    assert not list(temporary.iterdir())


def test_a_test_that_is_not_there_is_said_in_words(toy: Path) -> None:
    with pytest.raises(mutate.Untried, match=r"could not run test_toy\.py::test_thrice"):
        mutate.tried([SEEN._replace(tests=("test_toy.py::test_thrice",))], toy)


def test_tests_without_an_end_notice(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutate, "SECONDS", 0.01)
    assert mutate.first_failure(["test_toy.py"], toy) == "no end after 0.01 s"


WAITING = """
from tools import mutate
with mutate.copy_of(mutate.ROOT / "tests" / "tools"):
    print("there", flush=True)
    input()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_a_run_that_is_ended_from_outside_leaves_nothing(temporary: Path) -> None:
    command = [sys.executable, "-c", WAITING]
    environment = os.environ | {"TMPDIR": str(temporary)}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=mutate.ROOT, env=environment, stdin=pipe, stdout=pipe
    ) as run:
        assert run.stdout.readline() == b"there\n"
        assert list(temporary.iterdir())
        run.send_signal(signal.SIGTERM)
    assert run.returncode == 128 + signal.SIGTERM
    assert not list(temporary.iterdir())


def test_the_command_lists_names_and_refuses_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate.main(["--list", MUTATIONS[0].name]) == 0
    listed = capsys.readouterr().out
    assert listed.split() == [MUTATIONS[0].name, MUTATIONS[0].file]
    assert mutate.main(["no-such-change"]) == 2
    assert "no change is called no-such-change; accepted: " in capsys.readouterr().err
