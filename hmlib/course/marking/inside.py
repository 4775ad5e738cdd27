"""Runs a hand-in, in the sandbox: the value at each check is told to whoever watches outside.

    python -m hmlib.course.marking.inside JOB_FOLDER SOCKET

Every cell runs in a process of its own, forked from the state before it: if it is killed, stops
Python or hangs, the next cell goes on from that state, and only what this cell did is lost. At a
check of a function one more process is forked, which keeps the function as it was there and calls
it later, on the cases that come from outside.

Nothing here decides anything. A hand-in can forge whatever is told, and so it can lie about its
own answers only; there is no answer of ours to be found in the sandbox.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import json
import os
import re
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from hmlib import check
from hmlib.check import trial
from hmlib.check.asking import ask_for, called
from hmlib.check.border import decode, encode
from hmlib.check.function import barred_code
from hmlib.check.question import Verdict
from hmlib.check.words import message
from hmlib.course.marking.frames import receive, send

RECORD = "_recorded_check_"
"""The name under which a cell finds the recorder."""

_ID = re.compile(r"\d\d\.\d+")
_KEEPERS = 6
"""Functions kept of one question: the last ones that were checked."""

# A hand-in may replace what these modules hold, so the few calls that matter are kept.
_exit, _fork, _getpid, _kill = os._exit, os.fork, os.getpid, os.kill
_waitpid, _read, _write, _close, _stat = os.waitpid, os.read, os.write, os.close, os.fstat
_builtins = dict(vars(builtins))
_open = open
_select, _socket, _socketpair = select.select, socket.socket, socket.socketpair


class Recorder:
    """Tells what a hand-in checks, and keeps its functions."""

    def __init__(self, door: str) -> None:
        self.door = door
        self.cell = -1
        self.owner = _getpid()
        self.channel: socket.socket | None = None
        self.keepers: dict[str, list[int]] = {}
        self.count = 0

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message, on a new connection if the old one was closed."""
        for _ in range(2):
            try:
                if self.channel is None:
                    self.channel = self.connect()
                    send(self.channel, {"cell": self.cell})
                return send(self.channel, message)
            except OSError:
                self.channel = None

    def connect(self) -> socket.socket:
        channel = _socket(socket.AF_UNIX, socket.SOCK_STREAM)
        channel.connect(self.door)
        return channel

    def begin(self, cell: int) -> None:
        """This process runs a cell: the watcher knows it by its connection."""
        self.cell, self.owner, self.channel = cell, _getpid(), None
        self.tell({"begin": cell})

    def record(self, id: object, answer: object = ...) -> None:
        """What stands for `check(id, answer)`."""
        if not isinstance(id, str) or not _ID.fullmatch(id) or _getpid() != self.owner:
            return
        self.count += 1
        serial = f"{self.cell}.{self.count}"
        message = {"check": str(id), "value": encode(answer), "serial": serial}
        if callable(answer) and not isinstance(answer, type):
            self.keep(str(id), answer, serial)
        self.tell(message)

    def student(self, name: object = ...) -> None:
        """What stands for `check.student(name)`: it is told, and heeded in here."""
        if isinstance(name, str | int) and _getpid() == self.owner:
            with contextlib.suppress(ValueError):
                ask_for(called(name))
                self.tell({"student": str(name)[:200]})

    def keep(self, id: str, function: Callable[..., object], serial: str) -> None:
        """Fork a process that keeps a function as it is now."""
        pid = _fork()
        if pid == 0:
            try:
                serve(function, self.connect(), serial)
            finally:
                _exit(0)
        kept = self.keepers.setdefault(id, [])
        kept.append(pid)
        if len(kept) > _KEEPERS:
            _kill(kept.pop(0), signal.SIGKILL)

    def stand_in(self, callee: Callable[[], Any], *args: Any, **named: Any) -> Any:
        """What a call of `check` in a cell became: a check is recorded, all else is called."""
        given = dict(zip(("id", "answer"), args, strict=False)) | named
        id = given.get("id")
        if isinstance(id, str) and _ID.fullmatch(id) and set(given) <= {"id", "answer", "seed"}:
            self.record(id, given.get("answer", ...))
            return Verdict(id, "not attempted", "This is judged later.")
        return callee()(*args, **named)


def serve(function: Callable[..., object], channel: socket.socket, serial: str) -> None:
    """Call a function on each case that is asked, until the other side has gone."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    switched = [0]

    def hear(event: str, _: object) -> None:
        if event in ("sys.setprofile", "sys.settrace"):
            switched[0] += 1

    sys.addaudithook(hear)
    send(channel, {"keeps": serial})
    while True:
        asked = receive(channel)
        case = {name: decode(value) for name, value in asked["case"]}
        barred = barred_code(asked["barred"])
        # A process or a thread of its own would be seen by no watch.
        forbid_helpers(bool(barred))
        switched[0] = 0
        result, made = trial.call(function, case, barred)
        # A failed call earns nothing, and Python itself ends the watch where its stack is full.
        tampered = bool(barred) and switched[0] != 2 and not made.failed
        words = {name: str(text)[:1000] for name, text in asdict(made).items() if text}
        send(channel, {"value": encode(result), "words": words, "tampered": tampered})


def forbid_helpers(now: bool) -> None:
    """From here on this process can start neither a process nor a thread."""
    if now:
        import resource

        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        threading.Thread = None  # type: ignore[assignment, misc]


class Rewriter(ast.NodeTransformer):
    """Turns calls of the checker into calls of the recorder, so that patching it is in vain."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = set(names)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = node.func
        own = isinstance(called, ast.Name) and called.id in self.names
        inside = isinstance(called, ast.Attribute) and called.attr in ("check", "grade")
        if not own and not inside:
            return node
        later = ast.Lambda(
            ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]),
            called,
        )
        name = ast.Name(RECORD, ast.Load())
        new = ast.Call(name, [later, *node.args], node.keywords)
        return ast.copy_location(new, node)


def names_of_the_checker(sources: Iterable[str]) -> set[str]:
    """Under which names a hand-in calls it: `check`, and `c` after `import check as c`."""
    names = {"check"}
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hmlib"):
                known = {"check", "grade"}
                names |= {alias.asname or alias.name for alias in node.names if alias.name in known}
            elif isinstance(node, ast.Import):
                aliases = [a for a in node.names if a.name == "hmlib.check" and a.asname]
                names |= {str(alias.asname) for alias in aliases}
    return names


class Runner:
    """Runs the cells of one hand-in in order, each in a process of its own."""

    def __init__(self, job: Path, door: str) -> None:
        told = json.loads((job / "cells.json").read_text(encoding="utf-8"))
        self.cells: list[str] = told["cells"]
        self.before: list[str] = told["before"]
        self.skip: set[int] = set(told["skip"])
        self.recorder = Recorder(door)
        self.rewriter = Rewriter(names_of_the_checker(self.cells))
        self.shell: Any = quiet_shell()
        self.run_cell = self.shell.run_cell
        self.missing: list[int] = []

    def run(self) -> None:
        """Run all cells; then, once more, those that missed a name that came later."""
        for source in self.before:
            self.run_cell(source, silent=True)
        silence_the_checker(self.recorder)
        for k in range(len(self.cells)):
            if k not in self.skip:
                self.step(k)
        for k in [k for k in self.missing if k not in self.skip]:
            self.step(k)
        self.recorder.begin(-1)
        self.recorder.tell({"finished": True})
        wait_for_the_end(self.recorder.channel)

    def step(self, k: int) -> None:
        """One cell, in a child that goes on with the rest; this process stays until it ended."""
        out, into = (end.detach() for end in _socketpair())
        pipe = _stat(into).st_ino
        try:
            pid = _fork()
        except OSError:
            self.recorder.tell({"trouble": "no process can be started any more"})
            _exit(1)
        if pid == 0:
            _close(out)
            self.recorder.begin(k)
            error, said = self.cell(k)
            if _getpid() != self.recorder.owner:
                _exit(0)
            if error == "NameError" and k not in self.missing:
                self.missing.append(k)
            self.recorder.tell({"done": k, "error": error, "said": said})
            if not is_pipe(into, pipe):
                # The cell closed it: there is no way to say that the state after it is good.
                _exit(0)
            if not answered(into):
                # The cell has ended the process that waits, and with it all that was kept.
                self.recorder.tell({"alone": k})
                _exit(0)
            _close(into)
            return
        _close(into)
        if ended_well(pid, out):
            with contextlib.suppress(OSError):
                _write(out, b"!")
            _exit(0)
        _close(out)
        self.recorder.cell, self.recorder.channel = k, None
        self.recorder.tell({"lost": k})

    def cell(self, k: int) -> tuple[str, str]:
        """Run one cell; the name of its error and what that says, if it had one."""
        vars(builtins).update(_builtins)
        sys.stdout = sys.stderr = _open(os.devnull, "w")
        self.shell.user_ns[RECORD] = self.recorder.stand_in
        self.shell.ast_transformers = [self.rewriter]
        try:
            result = self.run_cell(self.cells[k], silent=True)
        except BaseException as stopped:
            return type(stopped).__name__, said_by(stopped)
        error = result.error_in_exec or result.error_before_exec
        return ("", "") if error is None else (type(error).__name__, said_by(error))


def said_by(error: BaseException) -> str:
    """What an error says; of one in the grammar the line, without the name of a file."""
    try:
        if type(error) in (SyntaxError, IndentationError, TabError):
            return f"{error.msg}, line {error.lineno}"  # type: ignore[attr-defined]
        return message(error)
    except BaseException:
        # What it says is the hand-in's own code.
        return ""


def is_pipe(descriptor: int, pipe: int) -> bool:
    """Whether a descriptor still is the one that it was."""
    try:
        return _stat(descriptor).st_ino == pipe
    except OSError:
        return False


def answered(into: int) -> bool:
    """Say that the cell is done; whether the process that waits for this is there to hear it."""
    try:
        _write(into, b".")
        return _read(into, 1) == b"!"
    except OSError:
        return False


def ended_well(pid: int, out: int) -> bool:
    """Wait until a child says that its cell is done; False if it ended without a word."""
    while True:
        ready, _, _ = _select([out], [], [], 0.02)
        if ready:
            return bool(_read(out, 1))
        try:
            if _waitpid(pid, os.WNOHANG)[0]:
                ready, _, _ = _select([out], [], [], 0)
                return bool(ready) and bool(_read(out, 1))
        except ChildProcessError:
            return False


def quiet_shell() -> Any:
    """A shell that understands what notebooks understand, keeps no history and shows nothing."""
    settings = Config()
    settings.HistoryManager.enabled = False
    shell: Any = InteractiveShell.instance(config=settings)
    shell.display_pub.publish = lambda *_, **__: None
    shell.showtraceback = lambda *_, **__: None
    shell.showsyntaxerror = lambda *_, **__: None
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    return shell


def silence_the_checker(recorder: Recorder) -> None:
    """A check that the rewriter did not see is recorded all the same; there is no prose to show."""

    def grade(id: str, answer: object = ..., seed: int = 0) -> Verdict:
        recorder.record(id, answer)
        return Verdict(str(id), "not attempted", "This is judged later.")

    replaced: dict[str, Callable[..., Any]] = {
        "check": recorder.record,
        "grade": grade,
        "student": recorder.student,
        "ask": lambda *_: None,
        "hint": lambda *_: None,
        "questions": lambda *_: (),
    }
    for name, function in replaced.items():
        setattr(check, name, function)


def wait_for_the_end(channel: socket.socket | None) -> None:
    """The watcher outside ends the sandbox; if the watcher has gone, it ends by itself."""
    with contextlib.suppress(OSError):
        while channel is not None and channel.recv(1):
            pass
    _exit(0)


def main() -> None:
    job, door = Path(sys.argv[1]), sys.argv[2]
    # The first process runs nothing of the hand-in, so that the sandbox ends when it is told to.
    watcher = Recorder(door).connect()
    if _fork():
        wait_for_the_end(watcher)
    watcher.close()
    Runner(job, door).run()


if __name__ == "__main__":
    main()
