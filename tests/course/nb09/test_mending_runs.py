"""What mends the machine of 09.7: the kept table, what is said of it, and a part made again."""

from __future__ import annotations

import pytest

from hmlib.course.nb09 import mending_runs
from hmlib.course.nb09.mending_runs import CHANGES, SEEDS, WELL

KEPT = mending_runs.kept_mended()
ALL = len(SEEDS)


def test_both_together_mend_all_and_nothing_else_does() -> None:
    well = KEPT.ended_well()
    assert well.pop("blur, and a rate that falls") == ALL
    assert 0 < well.pop("blur") < ALL
    assert set(well.values()) == {0}


def test_as_it_is_each_comes_near_and_goes_away_while_the_noise_sinks() -> None:
    assert (KEPT.mmd2[0].min(axis=1) < WELL).all()
    assert (KEPT.mmd2[0, :, -1] > 10 * WELL).all()
    assert (KEPT.noise[0, :, -1] < 0.05).all()


def test_the_floor_holds_the_noise_up_and_mends_nothing() -> None:
    floor = [change.name for change in CHANGES].index("a floor")
    assert (KEPT.noise[floor, :, -1] > 0.199).all()
    assert (KEPT.mmd2[floor, :, -1] > WELL).all()


def test_the_table_has_a_line_a_change() -> None:
    _, *lines = KEPT.table().splitlines()
    assert [line[:36].rstrip() for line in lines] == [change.name for change in CHANGES]
    assert [int(line.split()[-1]) for line in lines] == list(KEPT.ended_well().values())


def test_a_larger_start_is_larger() -> None:
    usual, larger = (mending_runs.one(CHANGES[k], 5, steps=100)[0, 0] for k in (0, 1))
    assert larger > 2 * usual


@pytest.mark.parametrize(
    "k", [0, 8, *(pytest.param(k, marks=pytest.mark.long) for k in range(1, 8))]
)
def test_a_run_begun_again_is_the_one_that_was_kept(k: int) -> None:
    again = mending_runs.one(CHANGES[k], SEEDS[k], steps=100)
    assert again[:, 0] == pytest.approx(KEPT.mmd2[k, k, :2], abs=1e-3)
    assert again[:, 1] == pytest.approx(KEPT.noise[k, k, :2], abs=1e-3)
