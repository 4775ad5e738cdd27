"""The same marks on a real cluster: a scheduler and two workers, each a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hmlib.course.__main__ import main
from hmlib.course.handing_out.filling import ROOT
from hmlib.course.marking import rounds
from tools import hand_ins

CLUSTER = os.environ.get("HMLIB_CLUSTER", "")
"""An environment with what requirements-cluster.lock has."""
WITHOUT = (
    "dask is in an environment of its own: `python -m tools.graders FOLDER cluster` makes it, and "
    "HMLIB_CLUSTER says where it is"
)
PYTHON = str(Path(CLUSTER, "bin", "python"))
SEES = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def scheduler(tmp_path) -> Iterator[str]:
    """The address of a scheduler on this computer, and two workers that it has."""
    if not CLUSTER:
        pytest.skip(WITHOUT)
    told = tmp_path / "scheduler.json"
    here = ("--host", "127.0.0.1", "--no-dashboard")
    lines = [("dask_scheduler", "--port", "0", "--scheduler-file", str(told), *here)]
    lines += [("dask_worker", "--scheduler-file", str(told), "--nthreads", "1", *here)] * 2
    running = []
    try:
        for name, *rest in lines:
            command = [PYTHON, "-m", f"distributed.cli.{name}", *rest]
            with (tmp_path / f"log{len(running)}").open("w") as log:
                running.append(
                    subprocess.Popen(command, cwd=tmp_path, env=SEES, stdout=log, stderr=log)
                )
        address = _address(told)
        wait = f"import distributed as d; d.Client({address!r}).wait_for_workers(2, timeout=120)"
        subprocess.run([PYTHON, "-c", wait], cwd=tmp_path, env=SEES, check=True)
        yield address
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(60)


def _address(told: Path) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            return str(json.loads(told.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError):
            time.sleep(0.2)
    raise AssertionError("no scheduler came up")


@pytest.mark.long
def test_a_cluster_gives_the_same_marks_as_a_pool(tmp_path, scheduler):
    if why := rounds.no_sandbox():
        pytest.skip(f"there is no sandbox here: {why}")
    names = ("slip 01", "last only", "hostile ends Python")
    chosen = [one for one in hand_ins.everything() if one.name.startswith(names)]
    hand_ins.write(tmp_path / "in", chosen)
    line = ["mark", str(tmp_path / "in"), "--seed", "4", "--cell-seconds", "10", "--out"]
    assert main([*line, str(tmp_path / "pool"), "--workers", "2"]) == 0
    there = [PYTHON, "-m", "hmlib.course", *line, str(tmp_path / "cluster"), "--dask", scheduler]
    subprocess.run(there, cwd=ROOT, env=SEES, check=True)
    marks = [(tmp_path / where / "marks.csv").read_bytes() for where in ("pool", "cluster")]
    assert marks[0] == marks[1]
    assert len(marks[0].splitlines()) == len(chosen) + 1


def test_an_address_without_a_scheduler_is_told_in_words(tmp_path, capsys, monkeypatch):
    def nobody(address, timeout):
        raise OSError("timed out")

    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=nobody))
    line = ["mark", str(tmp_path), "--out", str(tmp_path / "out"), "--dask", "tcp://127.0.0.1:1"]
    assert main(line) == 1
    assert "no scheduler answers" in capsys.readouterr().err


def test_without_distributed_that_is_said(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    line = ["mark", str(tmp_path), "--out", str(tmp_path / "out"), "--dask", "tcp://127.0.0.1:1"]
    assert main(line) == 1
    assert "not installed" in capsys.readouterr().err
