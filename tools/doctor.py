"""Say what works and what does not: the part of ``python start.py doctor`` inside .venv."""

from __future__ import annotations

import io
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from textwrap import indent

from packaging.requirements import Requirement

from tools.starting.ports import loopback_problem

ROOT = Path(__file__).resolve().parent.parent
MARGIN = " " * 8


class Unrelated(RuntimeError):
    """A fault that no new installation would mend."""


def repair(folder: str) -> str:
    """What to do about a broken environment. Offline there is nothing to put in its place."""
    if not os.access(folder, os.W_OK):
        return f"Ask whoever keeps the environment {folder}\nto make it anew."
    return f"""Connect to the internet first. Then remove the folder
{folder}
and type: python start.py"""


def locked() -> list[Requirement]:
    """What requirements.lock asks for on this computer."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    lines = [line.rstrip(" \\") for line in text.splitlines() if line[:1].isalnum()]
    requirements = [Requirement(line) for line in lines]
    return [r for r in requirements if r.marker is None or r.marker.evaluate()]


def check_versions() -> str:
    """Compare every installed package with the lock."""
    wrong = []
    for requirement in locked():
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            found = "missing"
        if found not in requirement.specifier:
            wrong.append(f"{requirement.name} is {found}, not {requirement.specifier}")
    if wrong:
        raise RuntimeError("; ".join(wrong))
    main = ("numpy", "matplotlib", "jupyterlab", "ipywidgets", "hmlib")
    named = ", ".join(f"{name} {version(name)}" for name in main)
    return f"Python {platform.python_version()} on {platform.system()}, {named}"


def check_loopback() -> str:
    """See that a program here can reach another: without that no kernel can answer."""
    problem = loopback_problem()
    if problem:
        raise Unrelated(problem)
    return "programs here reach each other at 127.0.0.1"


def check_kernel() -> str:
    """Start a Jupyter kernel as a notebook would and ask it something."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60)
    try:
        reply = client.execute_interactive(
            "import hmlib", user_expressions={"answer": "6 * 7"}, timeout=60
        )
        content = reply["content"]
        if content["status"] != "ok":
            raise RuntimeError(f"{content['ename']}: {content['evalue']}")
        answer = content["user_expressions"]["answer"]["data"]["text/plain"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if answer != "42":
        raise RuntimeError(f"the kernel says that 6 * 7 is {answer}")
    return "a Jupyter kernel started and answered"


def check_lab() -> str:
    """Draw a lab and look whether there is something in the picture."""
    from PIL import Image

    from hmlib.course.nb02.labs import ceiling

    image = Image.open(io.BytesIO(ceiling().picture)).convert("RGB")
    if all(lowest == highest for lowest, highest in image.getextrema()):
        raise RuntimeError("the picture is of one colour only")
    return f"a lab drew its picture, {image.width} x {image.height} pixels"


Checks = tuple[tuple[str, Callable[[], str]], ...]
CHECKS: Checks = (
    ("the packages", check_versions),
    ("a lab", check_lab),
    ("talking at 127.0.0.1", check_loopback),
    ("a Jupyter kernel", check_kernel),
)


def main() -> int:
    """Print one line for each check; return 0 if all is well."""
    failed = 0
    for name, check in CHECKS:
        try:
            print(f"ok      {check()}", flush=True)
        except Unrelated as error:
            # What comes after this needs what is missing here.
            print(f"FAILED  {name}\n{indent(str(error), MARGIN)}", flush=True)
            return 1
        except Exception as error:
            failed = 1
            reason = f"{name}: {type(error).__name__}: {error}"
            print(f"FAILED  {reason}\n{indent(repair(sys.prefix), MARGIN)}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
