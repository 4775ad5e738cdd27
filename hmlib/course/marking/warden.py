"""Watches a hand-in from outside the sandbox: keeps the time, takes down what it checks."""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hmlib.check import border
from hmlib.check.trial import Call, Trial
from hmlib.course.marking import frames
from hmlib.course.marking.sandbox import Limits, start

MOST_CHECKS = 60
"""Checks of one question that are kept: the first and the last of them."""
MOST_BYTES = 256 * 2**20
_STARTS = 8
_START = 180.0
"""Seconds until the runner has to be there."""
_GRACE = 20.0
_PATIENCE = 4
"""As many times the limit by the clock, for whoever waits for a processor, or sleeps."""
_WORDS = {f.name for f in fields(Trial)} - {"parts"}


@dataclass(frozen=True)
class Check:
    """One check that a hand-in made.

    Attributes:
        id: name of the question.
        cell: place of the code cell, from 0.
        value: the answer, as it crossed the border.
        serial: name of the process that keeps it, if it is a function.
    """

    id: str
    cell: int
    value: Any
    serial: str


@dataclass
class Told:
    """What one hand-in told, and what was noticed from outside.

    Attributes:
        checks: in the order in which they were made.
        errors: cell -> the error that stopped it, or why it was not run to its end, in words.
        flags: what was noticed, in words.
        student: the last name under which it wished to be asked; empty if there was none.
    """

    checks: list[Check] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    student: str = ""

    def flag(self, words: str) -> None:
        if words not in self.flags:
            self.flags.append(words)


class Line:
    """One connection to a process of the hand-in."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.buffer = bytearray()
        self.cell = -1
        size = struct.calcsize("3i")
        peer = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        self.pid: int = struct.unpack("3i", peer)[0]
        """The process, by its number out here."""


class Warden:
    """Runs one hand-in to its end, and then calls its functions.

    Args:
        library: the folder with the library as hand-ins see it.
        cells: source of every code cell.
        before: cells to run first, so that a lost import costs nothing.
        limits: what it may use.
        sandboxed: False to run it as an ordinary process.
    """

    def __init__(
        self,
        library: Path,
        cells: list[str],
        before: list[str],
        limits: Limits,
        sandboxed: bool = True,
    ) -> None:
        self.library, self.cells, self.before = library, cells, before
        self.limits, self.sandboxed = limits, sandboxed
        self.told = Told()
        self.skip: set[int] = set()
        self.keepers: dict[str, Line] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.end = time.monotonic() + limits.whole

    @contextlib.contextmanager
    def open(self) -> Iterator[Told]:
        """Run the cells; functions can be called until the end of the block."""
        with tempfile.TemporaryDirectory(prefix="hmlib-marking-") as name:
            self.folder = Path(name)
            try:
                for attempt in range(_STARTS):
                    if self.attempt(attempt):
                        break
                else:
                    self.told.flag("stopped again and again; the cells after that were not run")
                for cell in set(range(len(self.cells))) - self.over:
                    self.told.errors.setdefault(cell, "it was not run to its end")
                yield self.told
            finally:
                self.stop()

    def attempt(self, number: int) -> bool:
        """One sandbox; whether the hand-in came to its end in it."""
        job, talk = self.folder / f"job{number}", self.folder / f"talk{number}"
        job.mkdir()
        talk.mkdir()
        told = {"cells": self.cells, "before": self.before, "skip": sorted(self.skip)}
        (job / "cells.json").write_text(json.dumps(told), encoding="utf-8")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(talk / "door"))
        self.listener.listen(128)
        self.listener.setblocking(False)
        for path, rights in ((job, 0o755), (talk, 0o755), (talk / "door", 0o777)):
            path.chmod(rights)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.running = -1
        self.pid = 0
        self.begun = 0.0
        self.last = self.alone = self.late = -1
        self.bytes = 0
        self.finished = False
        self.over = set(self.skip)
        self.deadline = time.monotonic() + _START
        earlier = [check for check in self.told.checks if check.cell in self.skip]
        self.told.checks, self.keepers = earlier, {}
        self.process = start(self.library, job, talk, self.limits, self.sandboxed)
        if self.watch():
            return True
        self.stop()
        lost = next((k for k in (self.alone, self.running) if k >= 0), self.last)
        if lost < 0 or time.monotonic() > self.end:
            if lost < 0:
                self.told.flag("the first cell stopped all others")
            return True
        self.told.flag(f"cell {lost + 1} stopped all processes")
        self.told.errors[lost] = "it stopped all processes"
        self.skip.add(lost)
        return False

    def watch(self) -> bool:
        """Listen until all cells were run; False if the hand-in ended before that."""
        assert self.process is not None
        while not self.finished:
            now = time.monotonic()
            if now > self.end:
                self.told.flag(f"took more than {self.limits.whole:g} s")
                return True
            if self.alone >= 0 or (now > self.deadline and not self.overdue(now)):
                return False
            if self.process.poll() is not None:
                self.hear(0.2)
                return self.finished and self.alone < 0
            self.hear(min(0.2, max(0.0, self.deadline - now)))
            if self.bytes > MOST_BYTES:
                self.told.flag("told more than could be taken down")
                return True
        return True

    def overdue(self, now: float) -> bool:
        """A cell takes too long: end its process alone, if that has not been done yet."""
        if self.running < 0 or not self.pid:
            return False
        if spare := left(self.pid, self.limits.cell, now - self.begun):
            self.deadline = now + spare
            return True
        took = too_long(spent(self.pid), self.limits.cell)
        self.told.flag(f"cell {self.running + 1} {took}")
        self.told.errors[self.running] = f"it {took}"
        self.late = self.running
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        self.pid = 0
        self.deadline = now + _GRACE
        return True

    def hear(self, seconds: float) -> None:
        """Take in what comes within some seconds."""
        for key, _ in self.selector.select(seconds):
            if key.fileobj is self.listener:
                self.welcome()
            else:
                self.read(key.data)

    def welcome(self) -> None:
        with contextlib.suppress(OSError):
            channel, _ = self.listener.accept()
            channel.setblocking(False)
            line = Line(channel)
            if len(self.selector.get_map()) > 200:
                channel.close()
                return
            self.selector.register(channel, selectors.EVENT_READ, line)

    def read(self, line: Line) -> None:
        try:
            part = line.channel.recv(2**20)
            self.bytes += len(part)
            line.buffer += part
            whole = bool(part)
            while whole and (message := frames.take(line.buffer)) is not None:
                if isinstance(message, dict):
                    self.take(line, message)
        except BlockingIOError:
            return
        except (OSError, ValueError, KeyError, TypeError):
            part = b""
        if not part:
            self.drop(line)

    def drop(self, line: Line) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(line.channel)
        line.channel.close()

    def take(self, line: Line, message: Mapping[str, Any]) -> None:
        """One message. It may be forged: it can do no more than tell an answer, or end a cell."""
        if "begin" in message:
            self.running = line.cell = self.place(message["begin"])
            self.pid = line.pid
            self.begun = time.monotonic()
            self.deadline = self.begun + self.limits.cell
            if self.running >= 0:
                self.last = self.running
        elif "done" in message:
            cell, error = self.place(message["done"]), str(message["error"])[:60]
            self.told.errors.pop(cell, None)
            if error:
                said = str(message["said"])[:200]
                self.told.errors[cell] = f"{error}: {said}" if said else error
            self.ended(cell)
        elif "lost" in message:
            cell = self.place(message["lost"])
            # Of one that was ended for its time that has been said.
            if cell != self.late:
                self.told.errors[cell] = "it ended Python or was ended"
                self.told.flag(f"cell {cell + 1} ended Python or was ended")
            self.ended(cell)
        elif "alone" in message:
            self.alone = self.place(message["alone"])
        elif "check" in message:
            id, serial = str(message["check"])[:10], str(message["serial"])[:40]
            self.told.checks.append(Check(id, line.cell, message["value"], serial))
            same = [one for one in self.told.checks if one.id == id]
            if len(same) > MOST_CHECKS:
                self.told.checks.remove(same[MOST_CHECKS // 2])
        elif "student" in message:
            self.told.student = str(message["student"])[:200]
        elif "keeps" in message:
            self.keepers[str(message["keeps"])[:40]] = line
            # From now on it speaks only when it is asked.
            self.selector.unregister(line.channel)
        elif "cell" in message:
            line.cell = self.place(message["cell"])
        elif "finished" in message and self.over >= set(range(len(self.cells))):
            self.finished = True
            self.until_keepers_are_there()

    def ended(self, cell: int) -> None:
        self.over.add(cell)
        self.running, self.pid = -1, 0
        self.deadline = time.monotonic() + _GRACE + self.limits.cell

    def place(self, cell: object) -> int:
        return cell if isinstance(cell, int) and 0 <= cell < len(self.cells) else -1

    def until_keepers_are_there(self) -> None:
        """A keeper is a process of its own, and may greet a little later."""
        wanted = {c.serial for c in self.told.checks if _function(c.value)}
        end = time.monotonic() + 1.0
        while wanted - set(self.keepers) and time.monotonic() < end:
            self.hear(0.05)

    def call(
        self, serial: str, cases: Iterable[Mapping[str, object]], barred: Iterable[str]
    ) -> tuple[Call, ...]:
        """Call a kept function on cases, one after the other, up to the first that fails.

        If it could not be called to its end a flag says so, as of a cell.
        """
        line = self.keepers.get(serial)
        if line is None:
            return (self.broken(serial, "the process that kept your function was ended"),)
        calls: list[Call] = []
        line.channel.settimeout(_GRACE + self.limits.call)
        for case in cases:
            asked = {
                "case": [[name, border.encode(value)] for name, value in case.items()],
                "barred": list(barred),
            }
            try:
                frames.send(line.channel, asked)
                wait_for(line, self.limits.call)
                calls.append(_made(frames.receive(line.channel)))
            except TimeoutError as late:
                calls.append(self.broken(serial, f"the function {late}"))
            except (OSError, ValueError, KeyError, TypeError):
                calls.append(self.broken(serial, "the function ended Python or its process"))
            if calls[-1][1].failed:
                with contextlib.suppress(OSError):
                    os.kill(line.pid, signal.SIGKILL)
                break
        return tuple(calls)

    def broken(self, serial: str, words: str) -> Call:
        """A call that could not be made to its end; a flag says of which question."""
        id = next(one.id for one in self.told.checks if one.serial == serial)
        self.told.flag(f"{id}: {words}")
        return None, Trial(failed=f"{words[0].upper()}{words[1:]}.")

    def stop(self) -> None:
        """End the sandbox and all that is in it."""
        for line in self.keepers.values():
            line.channel.close()
        if self.process is not None:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            for key in list(self.selector.get_map().values()):
                if isinstance(key.data, Line):
                    with contextlib.suppress(OSError):
                        if not self.sandboxed:
                            os.kill(key.data.pid, signal.SIGKILL)
                    key.data.channel.close()
            self.selector.close()
            self.listener.close()
            for folder in self.folder.iterdir():
                shutil.rmtree(folder, ignore_errors=True)


def spent(pid: int) -> float:
    """Seconds of a processor that a process has used; infinite where that cannot be told."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        user, system = words.rpartition(")")[2].split()[11:13]
    except (OSError, ValueError):
        return math.inf
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def left(pid: int, limit: float, clock: float, before: float = 0.0) -> float:
    """Seconds to wait until it is worth looking again whether a process is over its limit; 0 if it
    is.

    Args:
        pid: the process.
        limit: seconds of a processor that it may use.
        clock: seconds that it has run.
        before: seconds of a processor that it had used when it began.
    """
    used = spent(pid) - before
    if used >= limit or clock >= _PATIENCE * limit:
        return 0.0
    return max(0.05, min(limit - used, _PATIENCE * limit - clock))


def too_long(used: float, limit: float) -> str:
    """In words which limit was passed: that of a processor, or that of the clock."""
    if used >= limit:
        return f"took more than {limit:g} s of a processor"
    return f"took more than {_PATIENCE * limit:g} s by the clock"


def wait_for(line: Line, limit: float) -> None:
    """Wait until a function has something to say.

    Raises:
        TimeoutError: if it used more of a processor than it may, or took four times as long; says
            which.
    """
    begun, before = time.monotonic(), spent(line.pid)
    before = 0.0 if math.isinf(before) else before
    spare = limit
    while not select.select([line.channel], [], [], spare)[0]:
        spare = left(line.pid, limit, time.monotonic() - begun, before)
        if not spare:
            raise TimeoutError(too_long(spent(line.pid) - before, limit))


def _function(value: object) -> bool:
    return isinstance(value, dict) and value.get("is") == "function"


def _made(answer: Any) -> Call:
    """What came of a call, from what crossed."""
    words: dict[str, Any] = {
        name: str(text)[:1000] for name, text in answer["words"].items() if name in _WORDS
    }
    if answer["tampered"]:
        words = {"called": "sys.setprofile"}
    return border.decode(answer["value"]), Trial(**words)
