"""Notebooks run from the wheel, each once for all that is asked of it."""

from __future__ import annotations

import pytest
from kernels import read, run


def pytest_generate_tests(metafunc) -> None:
    """Give what is tried from the wheel the notebooks that its class names."""
    if "committed_and_run" in metafunc.fixturenames:
        paths = metafunc.cls.notebooks
        ids = [path.stem for path in paths]
        metafunc.parametrize("committed_and_run", paths, ids=ids, indirect=True, scope="module")


@pytest.fixture(scope="module")
def committed_and_run(request, installed_wheel, tmp_path_factory):
    """A committed notebook, and what a fresh kernel makes of it."""
    committed = read(request.param)
    return committed, run(committed, installed_wheel, tmp_path_factory.mktemp("empty"))
