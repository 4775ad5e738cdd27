"""The core is light: mathematics and homework load numpy and scipy, and nothing that draws."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("matplotlib", "IPython", "ipywidgets", "anywidget", "traitlets", "tqdm", "PIL")
LOADED = f"import sys; print([name for name in {HEAVY} if name in sys.modules])"

IMPORTS = {
    "hmlib": "import hmlib",
    "mathematics": "from hmlib import datasets, ddc, exact, learning, metrics, rivals; "
    "datasets.digits()",
    "learning": "import numpy as np; from hmlib import learning; rng = np.random.default_rng(0); "
    "rule = learning.wake_sleep(*learning.fresh(3, 2), np.eye(3), steps=2, rng=rng); "
    "learning.train(rule, progress=False)",
    "homework": "from hmlib import check; "
    "[check.grade(question.id, 1.0) for question in check.questions()]",
}


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("code", list(IMPORTS.values()), ids=list(IMPORTS))
def test_nothing_that_draws_is_loaded(code):
    assert run(f"{code}; {LOADED}") == "[]"


def test_nothing_that_searches_is_loaded():
    code = (
        "import sys, hmlib; import hmlib.course.nb02.labs; print('scipy.optimize' in sys.modules)"
    )
    assert run(code) == "False"


def test_a_lab_loads_what_draws():
    assert "'matplotlib'" in run(f"from hmlib import Lab; {LOADED}")


def test_what_the_door_promises_is_there():
    import hmlib

    assert all(getattr(hmlib, name) is not None for name in hmlib.__all__)
    with pytest.raises(AttributeError, match="module 'hmlib' has no attribute 'Lib'"):
        hmlib.Lib  # noqa: B018
