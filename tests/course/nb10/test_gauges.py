"""The instruments of a healthy bench, and the scales on which they are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hmlib.course.nb10 import bench
from hmlib.course.nb10.gauges import GAUGES, Gauge, examine, independent, outside


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mode", ["code", "score", "split"])
def test_the_healthy_machine_is_healthy(mode: str, seed: int) -> None:
    reading = examine(bench.healthy(seed, mode=mode), seed)
    assert reading.angle < 20
    assert reading.error < 0.4
    assert reading.code_r2 > 0.95
    assert abs(reading.slack) < 0.03
    assert reading.readout_r2 > 0.95
    assert reading.constant < 0.1
    assert reading.encodings > 6
    assert reading.features > 20
    assert 0.2 < reading.noise < 0.8


def test_readings_repeat_and_do_not_move_the_bench() -> None:
    patient = bench.healthy(3)
    first = examine(patient, 3)
    assert examine(patient, 3) == first
    assert examine(replace(patient), 4) != first


def test_a_ridge_leaves_what_a_diagonal_says() -> None:
    """Functions of mean square 4, 1 and 0, and a ridge of 1: 4/5 + 1/2."""
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    square = turn @ np.diag([4.0, 1.0, 0.0]) @ turn.T
    assert independent(square, 1.0) == pytest.approx(1.3)
    assert independent(np.eye(5), 1e-12) == pytest.approx(5)


def test_a_gauge_says_where_a_reading_stands() -> None:
    gauge = Gauge("g", lambda of: of.lost, "a gauge", -1, 3, "{:.1f}")
    assert [gauge.place(v) for v in (-5, -1, 1, 3, 9)] == [0, 0, 0.5, 1, 1]
    assert [gauge.beyond(v) for v in (-5, 1, 9)] == [-1, 0, 1]
    assert [gauge.text(v) for v in (2, -0.0, 123456.0)] == ["2.0", "0.0", "1e+05"]


def test_a_reading_far_off_its_range_is_outside_with_its_digits() -> None:
    normal = np.array([[gauge.low, gauge.low + 0.5 * gauge.span] for gauge in GAUGES])
    now = normal.mean(axis=1)
    assert outside(now, normal) == ()
    now[0] = 63.0
    assert outside(now, normal) == ("bottom layer: angle to the exact gradient, degrees: 63",)
