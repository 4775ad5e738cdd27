"""The sleep phase whose regressions are slow."""

from __future__ import annotations

import numpy as np

from hmlib import ddc
from hmlib.course.nb10 import bench, traps
from hmlib.course.nb10.wrong_nights import SlowSleep


def test_slow_regressions_step_downhill_and_remember() -> None:
    rng = np.random.default_rng(6)
    F, Y, slow = rng.standard_normal((50, 3)), rng.standard_normal((50, 2)), SlowSleep()
    rate = 1 / max(np.linalg.eigvalsh(F.T @ F))
    A = np.zeros((3, 2))
    for _ in range(3):
        A = A - rate * F.T @ (F @ A - Y)
        np.testing.assert_allclose(slow.step("alpha", F, Y), A)
    for _ in range(2000):
        found = slow.step("alpha", F, Y)
    np.testing.assert_allclose(found, np.linalg.lstsq(F, Y, rcond=None)[0], atol=1e-8)


def test_a_night_of_slow_regressions_starts_where_the_last_one_ended() -> None:
    patient = traps.by_slow_gradient(bench.healthy(0, mode="split"))
    rng = np.random.default_rng(7)
    readings = []
    for _ in range(3):
        night = patient.night(rng)
        patient.direction(night)
        r = night.recogniser.codes(night.dreams[0])[0]
        readings.append(ddc.r_squared(r, night.encoded[0]))
    assert readings[0] < readings[1] < readings[2]
