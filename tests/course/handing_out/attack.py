"""Looks for answers from inside a handout: prints, as JSON, all that can be reached from `hmlib`.

    python attack.py HANDOUT

Every module is imported, every question is asked, and then every object that can be reached is
looked at: texts, numbers, arrays, the constants of every function, and the attributes of questions.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import pkgutil
import sys
import types
from pathlib import Path

sys.path.insert(0, sys.argv[1])

import numpy as np

import hmlib
from hmlib import check


def modules():
    for found in pkgutil.walk_packages(hmlib.__path__, "hmlib."):
        if not found.name.endswith("__main__"):
            with contextlib.suppress(ImportError):
                importlib.import_module(found.name)
    return [module for name, module in sys.modules.items() if name.split(".")[0] == "hmlib"]


def reached(start):
    """All objects that can be reached, but not the insides of other packages."""
    seen, open_ones = {}, list(start)
    while open_ones:
        one = open_ones.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, types.ModuleType) and not one.__name__.startswith("hmlib"):
            continue
        if isinstance(one, (types.FunctionType, type)) and not str(one.__module__).startswith(
            "hmlib"
        ):
            continue
        if isinstance(one, types.CodeType):
            open_ones += one.co_consts
        elif isinstance(one, types.FrameType):
            continue
        open_ones += gc.get_referents(one)
    return seen.values()


heard = io.StringIO()
loaded = modules()
questions = check.questions()
with contextlib.redirect_stdout(heard):
    for question in questions:
        check.ask(question.id)
        for level in range(1, 9):
            check.hint(question.id, level)
        for wrong in (12345.6789, "nothing", (1e9, 2e9), lambda *a: 0.0, ["A"], {}):
            check(question.id, wrong)
texts, numbers = {heard.getvalue()}, set()
for one in reached(loaded):
    if isinstance(one, str):
        texts.add(one)
    elif isinstance(one, (float, np.floating)) or (type(one) is int and abs(one) < 2**53):
        numbers.add(float(one))
    elif isinstance(one, np.ndarray) and one.dtype.kind in "iuf" and one.size < 100:
        numbers |= {float(value) for value in one.ravel()}
    elif isinstance(one, bytes):
        texts.add(one.decode("latin-1"))
for path in Path(sys.argv[1], "hmlib").rglob("*"):
    if path.is_file():
        texts.add(path.read_bytes().decode("latin-1"))
print(
    json.dumps(
        {
            "where": hmlib.__file__,
            "texts": sorted(texts),
            "numbers": sorted(value for value in numbers if np.isfinite(value)),
            "hints": {question.id: question.prose.hints for question in questions},
            "answers": {question.id: repr(question.answer) for question in questions},
        }
    )
)
