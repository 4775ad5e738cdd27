"""Saving a notebook on any server: a lab keeps its picture, and no notebook is too odd to save."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmlib.lab.saving import VIEW, forget_views

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "etc/jupyter/jupyter_server_config.d/hmlib.json"
PNG = "image/png"


def notebook(*outputs: object) -> dict:
    cell = {"cell_type": "code", "outputs": list(outputs)}
    return {"type": "notebook", "content": {"cells": [{"cell_type": "markdown"}, cell]}}


def lab() -> dict:
    return {"output_type": "display_data", "data": {VIEW: {}, PNG: "", "text/plain": ""}}


ODD = [
    None,
    [],
    "a notebook",
    {},
    {"type": None},
    {"type": "file", "content": "{}"},
    {"type": "directory", "content": [lab()]},
    {"type": "notebook"},
    {"type": "notebook", "content": None},
    {"type": "notebook", "content": [lab()]},
    {"type": "notebook", "content": {}},
    {"type": "notebook", "content": {"cells": None}},
    {"type": "notebook", "content": {"cells": {"outputs": [lab()]}}},
    {"type": "notebook", "content": {"cells": [None, 1, "cell", [lab()]]}},
    {"type": "notebook", "content": {"cells": [{"outputs": None}]}},
    {"type": "notebook", "content": {"cells": [{"outputs": lab()}]}},
    {"type": "notebook", "content": {"worksheets": [{"cells": [{"outputs": [lab()]}]}]}},
    notebook(None, 1, "output", [lab()]),
    notebook({"data": None}, {"data": []}, {"data": [PNG, VIEW]}, {"data": PNG}, {"data": 1}, {}),
    notebook({"output_type": "stream", "name": "stdout", "text": "1"}),
    notebook({"data": {VIEW: {}, "text/plain": ""}}),
]


@pytest.mark.parametrize("model", ODD, ids=repr)
def test_what_is_no_lab_with_a_picture_is_let_be(model):
    before = copy.deepcopy(model)
    forget_views(model, path="a.ipynb", contents_manager=None)
    assert model == before


def test_a_lab_among_odd_outputs_keeps_its_picture_and_words_only():
    shown = lab()
    forget_views(notebook(None, {"data": None}, shown, "output"), path="a.ipynb")
    assert list(shown["data"]) == [PNG, "text/plain"]


NAMES = ["type", "content", "cells", "outputs", "data", VIEW, PNG]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["notebook", "file", PNG]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=20,
)


@given(st.lists(values, max_size=4), values)
def test_no_notebook_makes_it_raise(outputs, content):
    for model in (notebook(*outputs), {"type": "notebook", "content": content}, content):
        forget_views(model, path="a.ipynb")


# ------------------------------------------------------------------ a server that saves

SAVE = f"""
import asyncio, inspect, json, sys
from jupyter_server.serverapp import ServerApp

app = ServerApp()
app.initialize(["--ServerApp.root_dir=" + sys.argv[1]], new_httpserver=False)
picture = {{"{VIEW}": {{}}, "{PNG}": "aGk=", "text/plain": "a lab"}}
output = {{"output_type": "display_data", "metadata": {{}}, "data": picture}}
cell = {{"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {{}}, "source": "",
        "outputs": [output]}}
content = {{"cells": [cell], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}
saved = app.contents_manager.save({{"type": "notebook", "content": content}}, "a.ipynb")
if inspect.isawaitable(saved):
    asyncio.run(saved)
"""


def kept_by_a_server(folder: Path, config: Path, *before: Path) -> tuple[list[str], str]:
    """Save a lab on a server that reads `config`; the kinds of data kept, and what it logged."""
    env = {
        **os.environ,
        "JUPYTER_CONFIG_PATH": str(config),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PYTHONPATH": os.pathsep.join(map(str, [*before, ROOT])),
    }
    (folder / "notebooks").mkdir()
    command = [sys.executable, "-c", SAVE, str(folder / "notebooks")]
    answer = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    saved = json.loads((folder / "notebooks" / "a.ipynb").read_text())
    return list(saved["cells"][0]["outputs"][0]["data"]), answer.stderr


def test_a_server_that_finds_the_settings_saves_labs_without_their_views(tmp_path):
    kept, log = kept_by_a_server(tmp_path, ROOT / "etc" / "jupyter")
    assert kept == [PNG, "text/plain"]
    assert re.search(r"hmlib\.lab\.saving \| extension was successfully loaded", log)


@pytest.mark.long
def test_a_server_whose_hmlib_is_broken_saves_all_the_same(tmp_path):
    broken = tmp_path / "broken" / "hmlib"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('no numpy here')")
    kept, log = kept_by_a_server(tmp_path, ROOT / "etc" / "jupyter", broken.parent)
    assert set(kept) == {PNG, "text/plain", VIEW}
    assert "hmlib.lab.saving" in log
    assert "no numpy here" in log


def test_the_wheel_carries_the_settings(tmp_path):
    for name in ("hmlib", "etc"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-text"):
        shutil.copy(ROOT / name, tmp_path)
    build = "from setuptools import build_meta; build_meta.build_wheel('.')"
    command = [sys.executable, "-c", build]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("hmlib-*.whl")
    with zipfile.ZipFile(wheel) as inside:
        (name,) = [name for name in inside.namelist() if name.endswith(f".data/data/{SETTINGS}")]
        assert inside.read(name) == (ROOT / SETTINGS).read_bytes()
        assert "hmlib/lab/saving.py" in inside.namelist()
