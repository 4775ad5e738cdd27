"""The same marks on a real cluster: a scheduler and two workers on this computer."""

from __future__ import annotations

import pytest

from hmlib.course.__main__ import main
from hmlib.course.marking import rounds
from tools import hand_ins


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_marks_as_a_pool(tmp_path):
    distributed = pytest.importorskip("distributed")
    if why := rounds.no_sandbox():
        pytest.skip(f"there is no sandbox here: {why}")
    names = ("slip 01", "last only", "hostile ends Python")
    chosen = [one for one in hand_ins.everything() if one.name.startswith(names)]
    hand_ins.write(tmp_path / "in", chosen)
    line = ["mark", str(tmp_path / "in"), "--seed", "4", "--cell-seconds", "10", "--out"]
    assert main([*line, str(tmp_path / "pool"), "--workers", "2"]) == 0
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        assert main([*line, str(tmp_path / "cluster"), "--dask", address]) == 0
    marks = [(tmp_path / where / "marks.csv").read_bytes() for where in ("pool", "cluster")]
    assert marks[0] == marks[1]
