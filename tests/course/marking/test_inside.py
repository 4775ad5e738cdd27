"""How checks are found in a cell, and how long a process may take."""

from __future__ import annotations

import ast
import math
import os
import socket
import subprocess
import sys
import time

import pytest

from hmlib.course.marking import inside, warden
from hmlib.course.marking.library import without_answers

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="hand-ins are run on Linux alone"
)


class Heard(inside.Recorder):
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__("nowhere")
        self.heard: list[tuple[object, object]] = []

    def record(self, id: object, answer: object = ...) -> None:
        self.heard.append((id, answer))


def run(source: str) -> tuple[list[tuple[object, object]], dict[str, object]]:
    """Run a cell as it is rewritten; what was recorded, and its names."""
    heard = Heard()
    tree = inside.Rewriter(inside.names_of_the_checker([source])).visit(ast.parse(source))
    space: dict[str, object] = {inside.RECORD: heard.stand_in}
    exec(compile(ast.fix_missing_locations(tree), "cell", "exec"), space)
    return heard.heard, space


@pytest.mark.parametrize(
    "source",
    [
        "check('02.6', 1)",
        "check(id='02.6', answer=1)",
        "check = None\ncheck('02.6', 1)",
        "import hmlib\nhmlib.check.grade('02.6', 1)",
        "from hmlib import check as asked\nasked('02.6', 1)",
        "from hmlib.check import grade\ngrade('02.6', 1, seed=3)",
        "import hmlib.check as c\nc('02.6', 1)",
        "if True:\n    for x in [1]:\n        check('02.6', x)",
        "(lambda: check('02.6', 1))()",
    ],
)
def test_a_check_is_recorded_however_it_is_called(source):
    assert run(source)[0] == [("02.6", 1)]


def test_a_function_of_the_students_own_is_called():
    heard, space = run("def check(a, b):\n    return a + b\n\n\nx = check(1, 2)\n")
    assert heard == []
    assert space["x"] == 3


def test_an_untouched_check_is_recorded_as_one():
    assert run("check('02.6')")[0] == [("02.6", ...)]


def test_a_cell_that_is_no_python_names_nothing():
    assert inside.names_of_the_checker(["1 +* 2", "x" * 10, "(" * 10**5]) == {"check"}


def test_an_error_that_ends_python_when_it_is_read_says_nothing():
    class Ends(Exception):
        def __str__(self):
            raise SystemExit

    assert inside.said_by(Ends()) == ""
    assert inside.said_by(KeyError("a\nb")) == "'a\\nb'"
    assert inside.said_by(SyntaxError("not so", ("a.py", 3, 1, ""))) == "not so, line 3"


def test_nothing_that_says_an_answer_is_in_the_copy(tmp_path):
    """The library in the sandbox: no question, no answer, no judge; and it can be imported."""
    copy = without_answers(tmp_path / "library")
    names = {path.name for path in copy.rglob("*")}
    assert not names & {"checks.py", "solutions.py", "questions.md", "judging.py", "handing_out"}
    made = subprocess.run(
        [sys.executable, "-P", "-c", "import hmlib.course.nb02.labs as m; print(m.__file__)"],
        cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert made.stdout.startswith(str(copy))


def test_how_long_is_left():
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        end = time.monotonic() + 60
        while warden.spent(busy.pid) < 0.3 and time.monotonic() < end:
            time.sleep(0.05)
        used = warden.spent(busy.pid)
        assert 0.3 <= used < 60
        assert warden.left(busy.pid, 0.1, 1.0) == 0.0
        assert 900 < warden.left(busy.pid, 1000.0, 1.0) <= 1000
        # Whoever sleeps uses nothing, and has four times as long.
        assert warden.left(busy.pid, 1000.0, 4000.0) == 0.0
    finally:
        busy.kill()
        busy.wait()
    assert warden.spent(busy.pid) == math.inf


def test_a_silent_function_is_waited_for_and_no_longer():
    here, there = socket.socketpair()
    with here, there:
        line = object.__new__(warden.Line)
        line.channel, line.pid = here, os.getpid()
        start = time.monotonic()
        with pytest.raises(TimeoutError, match=r"took more than 0\.4 s by the clock"):
            warden.wait_for(line, 0.1)
        assert 0.1 <= time.monotonic() - start < 30
        there.send(b"x")
        warden.wait_for(line, 0.1)
