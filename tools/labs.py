"""Every lab of the course, for the tests and the benchmark."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable

import hmlib.lab
from hmlib.lab import Lab, Training


def lab_makers() -> dict[str, Callable[[], Lab]]:
    """Every function in `hmlib.lab` that needs no argument and returns a lab, by its name."""
    makers = {}
    for entry in sorted(module.name for module in pkgutil.iter_modules(hmlib.lab.__path__)):
        module = importlib.import_module(f"hmlib.lab.{entry}")
        for name, make in inspect.getmembers(module, inspect.isfunction):
            own = make.__module__ == module.__name__ and not name.startswith("_")
            if own and make.__annotations__.get("return") in ("Lab", "Training"):
                makers[f"{entry}.{name}"] = make
    return makers


def training_makers() -> dict[str, Callable[[], Training]]:
    """Those that return a lab that learns."""
    makers = lab_makers().items()
    return {name: make for name, make in makers if make.__annotations__["return"] == "Training"}
