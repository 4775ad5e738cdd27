"""Workers end with the process that made them, even where that is killed."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hmlib.course.workers import end_with_parent

WORKER = """
import os, sys, time
from pathlib import Path

def work(path):
    Path(path).write_text(str(os.getpid()))
    time.sleep(60)
"""
MAKER = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from hmlib.course.workers import end_with_parent
import work_of_a_worker

if __name__ == "__main__":
    with ProcessPoolExecutor(1, get_context("spawn"), end_with_parent) as pool:
        pool.submit(work_of_a_worker.work, sys.argv[1]).result()
"""


def alive(pid: int) -> bool:
    path = Path(f"/proc/{pid}/stat")
    # A process that has ended and that nobody has asked for is a Z.
    return path.exists() and path.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_a_worker_ends_when_its_maker_is_killed(tmp_path):
    (tmp_path / "work_of_a_worker.py").write_text(WORKER)
    (tmp_path / "maker.py").write_text(MAKER)
    said = tmp_path / "pid"
    root = Path(__file__).parents[2]
    maker = subprocess.Popen(
        [sys.executable, str(tmp_path / "maker.py"), str(said)],
        env={"PYTHONPATH": f"{root}:{tmp_path}", "PATH": ""},
    )
    try:
        for _ in range(600):
            if said.exists() and said.read_text():
                break
            time.sleep(0.1)
        worker = int(said.read_text())
        assert alive(worker)
    finally:
        maker.kill()
        maker.wait()
    for _ in range(100):
        if not alive(worker):
            return
        time.sleep(0.1)
    pytest.fail("the worker is still there")


def test_what_is_no_worker_goes_on():
    assert multiprocessing.parent_process() is None
    end_with_parent(lambda: pytest.fail("it was asked to end"))
