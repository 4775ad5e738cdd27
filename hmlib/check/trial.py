"""Calling a student's function: what it returns, or what went wrong in plain words."""

from __future__ import annotations

import contextlib
import contextvars
import dis
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import CodeType, FrameType, MappingProxyType

import numpy as np

from hmlib.check.question import Unreadable
from hmlib.check.reading import Parts, read_parts
from hmlib.check.words import failure, message

Case = Mapping[str, object]
"""The inputs of one trial: argument name -> value."""

_UNSHOWN = (
    "(What your function printed while it was tried is not shown; call it yourself to see it.)"
)
BLANK = "Write the body of the function in place of the ... and run the cell again."
_NOTHING = (
    "The function returns nothing yet. Write its body in place of the ..., end it with return, "
    "and run the cell again."
)
_UNRETURNED = (
    "The function computes something and hands nothing back: end it with return, and run the cell "
    "again."
)
_NO_WORK = {
    "COPY_FREE_VARS",
    "LOAD_COMMON_CONSTANT",
    "LOAD_CONST",
    "LOAD_SMALL_INT",
    "MAKE_CELL",
    "NOP",
    "RESUME",
    "RETURN_CONST",
    "RETURN_VALUE",
}
"""What Python's own instructions are in a function that only returns a constant."""

_GAP = "There is still a ... to fill in. Replace it and run the cell again."


@dataclass(frozen=True)
class Trial:
    """One call of a student's function.

    Attributes:
        parts: the arrays it returned; None if it failed or they could not be read.
        unreadable: what it returned instead of numbers, in words.
        failed: the exception that stopped it, in words.
        blank: what is still to be filled in; empty if nothing is.
        note: a word about what it printed.
        called: a function it called that it may not call; empty if none.
    """

    parts: Parts | None = None
    unreadable: str = ""
    failed: str = ""
    blank: str = ""
    note: str = ""
    called: str = ""


class _Ear(io.TextIOBase):
    """Takes what is printed, keeps none of it, and remembers that there was something."""

    heard = False

    def write(self, text: str) -> int:
        self.heard = True
        return len(text)


def try_out(
    function: Callable[..., object],
    case: Case,
    like: object,
    barred: Mapping[CodeType, str] = MappingProxyType({}),
) -> Trial:
    """Call a student's function: nothing is printed, and every error becomes words.

    Args:
        function: what the student wrote.
        case: what it is called with.
        like: the right result, for its structure.
        barred: code that it may not call by itself, and how that is named.
    """
    return read_call(call(function, case, barred), like)


Call = tuple[object, Trial]
"""What one call returned, and what else is to be said of it: a trial that has no parts yet."""


@dataclass(frozen=True)
class Recorded:
    """A function that was called somewhere else, on the cases of a question in their order.

    Attributes:
        calls: what came of each call, up to the first that failed.
    """

    calls: tuple[Call, ...]

    def __call__(self, *_: object) -> object:
        raise TypeError("a recorded function cannot be called again")


def call(
    function: Callable[..., object],
    case: Case,
    barred: Mapping[CodeType, str] = MappingProxyType({}),
) -> Call:
    """The first half of `try_out`, which needs nothing of the answer."""
    ear, called = _Ear(), set[str]()
    try:
        with (
            contextlib.redirect_stdout(ear),
            contextlib.redirect_stderr(ear),
            _watching(barred, called),
        ):
            result = contextvars.copy_context().run(_quietly, function, case)
    except NotImplementedError:
        return None, Trial(blank=BLANK, failed="The function raises NotImplementedError.")
    except (Exception, SystemExit) as error:
        note = _UNSHOWN if ear.heard else ""
        words = failure(error, function)
        return None, Trial(failed=words, blank=_gap(error, function), note=note)
    if called:
        return None, Trial(called=min(called))
    note = _UNSHOWN if ear.heard else ""
    if result is None and not _is_stub(function):
        return None, Trial(failed=_UNRETURNED, note=note)
    if result is None:
        return None, Trial(unreadable="it returns nothing (None).", blank=_NOTHING, note=note)
    if result is ...:
        return None, Trial(unreadable="it returns a dot-dot-dot.", blank=_GAP, note=note)
    return result, Trial(note=note)


def read_call(made: Call, like: object) -> Trial:
    """The second half of `try_out`: reads what a call returned, in the structure of `like`."""
    result, trial = made
    if trial != Trial(note=trial.note):
        return trial
    try:
        return replace(trial, parts=read_parts(result, like))
    except Unreadable as trouble:
        return replace(trial, unreadable=str(trouble))


@contextlib.contextmanager
def _watching(barred: Mapping[CodeType, str], called: set[str]) -> Iterator[None]:
    """Note which barred functions are called from outside the library."""
    if not barred:
        yield
        return
    before = sys.getprofile()

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in barred and not _in_library(frame.f_back):
            called.add(barred[frame.f_code])

    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)


def _in_library(frame: FrameType | None) -> bool:
    """Whether a frame is of `hmlib`, but not of the checks, which call what a student gives."""
    name = "" if frame is None else str(frame.f_globals.get("__name__", ""))
    return name.startswith("hmlib.") and not name.startswith("hmlib.check")


def _quietly(function: Callable[..., object], case: Case) -> object:
    """Run in a copy of the context, so that np.seterr and np.set_printoptions stay inside."""
    # Before NumPy 2.2 the options of printing were those of the process.
    with np.errstate(all="ignore"), np.printoptions():
        return function(*case.values())


def _is_stub(function: object) -> bool:
    """Whether a function has an empty body: a docstring or a ..., and nothing computed."""
    code = getattr(function, "__code__", None)
    return code is None or {step.opname for step in dis.get_instructions(code)} <= _NO_WORK


def _gap(error: BaseException, function: object) -> str:
    """Whether the error came of a ... that was left in the function."""
    code, traceback = getattr(function, "__code__", None), error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code is code and any(value is ... for value in frame.f_locals.values()):
            return _GAP
        traceback = traceback.tb_next
    return _GAP if isinstance(error, TypeError) and "ellipsis" in message(error) else ""
