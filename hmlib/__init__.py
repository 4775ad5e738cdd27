"""The Helmholtz machine, in notebooks you can move: the helper library of the course.

What is imported here is mathematics and homework, and needs numpy and scipy alone. `Lab` is
fetched when it is first asked for, since it needs a widget library and matplotlib.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

_OTHER_PYTHON = (
    "This Python has no {name}. Use the course's own, .venv/bin/python (on Windows "
    ".venv\\Scripts\\python), which `python start.py doctor` makes."
)

try:
    from hmlib import (
        check,
        datasets,
        ddc,
        exact,
        importance,
        layered,
        learning,
        linear,
        metrics,
        rivals,
        verdicts,
    )
    from hmlib.binary import Generative, Recognition
    from hmlib.layered import Layered, LayeredRecognition
except ModuleNotFoundError as missing:
    if "hmlib.course" not in sys.orig_argv:
        raise
    raise SystemExit(_OTHER_PYTHON.format(name=missing.name)) from None

if TYPE_CHECKING:
    from hmlib.lab import Lab

__all__ = [
    "Generative",
    "Lab",
    "Layered",
    "LayeredRecognition",
    "Recognition",
    "check",
    "datasets",
    "ddc",
    "exact",
    "importance",
    "layered",
    "learning",
    "linear",
    "metrics",
    "rivals",
    "verdicts",
]


def __getattr__(name: str) -> object:
    if name == "Lab":
        from hmlib.lab import Lab

        return Lab
    raise AttributeError(f"module 'hmlib' has no attribute {name!r}")
