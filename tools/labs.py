"""Every lab of the course, for the tests and the benchmark."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable

import hmlib.course
from hmlib.lab import Lab, Training


def lab_makers() -> dict[str, Callable[[], Lab]]:
    """Every function of the course that needs no argument and returns a lab, by its name."""
    makers = {}
    for module_name in _modules_of_labs():
        module = importlib.import_module(module_name)
        room = module_name.removeprefix("hmlib.course.").removesuffix(".labs")
        for name, make in inspect.getmembers(module, inspect.isfunction):
            own = make.__module__ == module.__name__ and not name.startswith("_")
            if own and _returned(make) in ("Lab", "Training"):
                makers[f"{room}.{name}"] = make
    return makers


def training_makers() -> dict[str, Callable[[], Training]]:
    """Those that return a lab that learns."""
    makers = lab_makers().items()
    return {name: make for name, make in makers if _returned(make) == "Training"}


def _returned(make: Callable[..., object]) -> str:
    """The class that a function says it returns, "Lab" for a Lab[Gap]."""
    return str(make.__annotations__.get("return")).partition("[")[0]


def _modules_of_labs() -> list[str]:
    """`hmlib.course.nb04.labs` and its like."""
    modules = pkgutil.walk_packages(hmlib.course.__path__, "hmlib.course.")
    return sorted(module.name for module in modules if module.name.endswith("labs"))
