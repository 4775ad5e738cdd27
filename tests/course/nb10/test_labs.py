"""The failure lab: gauges against the bench, doses against slow sums, the guessing game."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hmlib.course import kept_runs
from hmlib.course.nb10 import labs as failures
from hmlib.course.nb10 import traps
from hmlib.course.nb10.pictures import GAUGES, Gauge, outside
from hmlib.course.nb10.traps import TRAPS
from tools import run_failures

KEPT = kept_runs.failures()
PLACES = {gauge.name: k for k, gauge in enumerate(GAUGES)}


def read(name: str, seed: int, gauge: str) -> float:
    return failures.gauges(name, seed)[PLACES[gauge]]


# One switch


@pytest.mark.parametrize("name", failures.NAMES)
def test_a_switch_shows_on_its_gauge_or_in_the_run(name: str) -> None:
    sign = {
        "features without a constant": "constant",
        "nearly affine encodings": "encodings",
        "one gradient step a night": "readout_r2",
        "split to the letter": "run",
        "Jacobian summed over the wrong index": "bottom",
        "top read-out never fitted": "upper",
        "too few dreams": "slack",
        "too few functions": "features",
        "ridge too small": "features",
        "ridge too large": "features",
        "noise below what the encodings resolve": "noise",
    }[name]
    k = PLACES[sign]
    low, high = failures.normal()[k]
    found = [read(name, seed, sign) for seed in range(12)]
    room = 0.02 * GAUGES[k].span
    out = [not low - room <= value <= high + room for value in found]
    assert np.mean(out) > 0.7, (found, low, high)


def test_the_gauges_are_those_of_the_bench() -> None:
    name, seed = "too few dreams", 3
    patient = traps.few_dreams(traps.bench(seed))
    reading = traps.examine(patient, seed)
    for gauge in GAUGES[:-1]:
        assert read(name, seed, gauge.name) == getattr(reading, gauge.name)
    assert read(name, seed, "run") == KEPT.ends[seed, 1 + failures.NAMES.index(name)]


def test_a_switch_that_is_off_is_the_baseline() -> None:
    record = failures.switch_values("ridge too large", 2)
    np.testing.assert_array_equal(record["well"], failures.gauges(failures.HEALTHY, 2))
    healthy = failures.switch_values(failures.HEALTHY, 2)
    np.testing.assert_array_equal(healthy["now"], healthy["well"])
    np.testing.assert_array_equal(healthy["trapped"], healthy["healthy"])


def test_normal_is_where_healthy_machines_stand() -> None:
    for seed in range(12):
        assert outside(failures.gauges(failures.HEALTHY, seed), failures.normal()) == []


def test_a_gauge_says_where_a_reading_stands() -> None:
    gauge = Gauge("g", "a gauge", -1, 3, "{:.1f}")
    assert [gauge.place(v) for v in (-5, -1, 1, 3, 9)] == [0, 0, 0.5, 1, 1]
    assert [gauge.beyond(v) for v in (-5, 1, 9)] == [-1, 0, 1]
    assert [gauge.text(v) for v in (2, -0.0, 123456.0)] == ["2.0", "0.0", "1e+05"]


# Kept runs


def test_the_kept_runs_have_the_shapes_said() -> None:
    assert KEPT.curves.shape == (len(TRAPS), 5, 2, 31)
    assert KEPT.ends.shape == (failures.PATIENTS, 1 + len(TRAPS))
    assert KEPT.steps.tolist() == list(range(0, 301, 10))
    assert (KEPT.curves <= traps.GONE).all()


def test_a_kept_run_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first steps, and the short run of one patient."""
    monkeypatch.setattr(run_failures, "STEPS", 300)
    trap = TRAPS[7]
    start = run_failures.replaced(trap, 1)
    models = traps.run(trap.spring(start), 1, 300, run_failures.RATE, run_failures.SLOW)
    found = [traps.below(traps.WORLD, model) for model, _ in zip(models, range(21), strict=False)]
    assert found[::10] == pytest.approx(KEPT.curves[7, 1, 1, :3].tolist(), abs=2e-3)
    patient = traps.bench(4, model="late", n_dreams=200)
    assert run_failures.end(patient, 4) == pytest.approx(KEPT.ends[4, 0], abs=2e-3)


def test_the_long_runs_say_what_the_notebook_says() -> None:
    """Medians over five seeds, in nats: split to the letter is ruined, noisy steps average out."""
    healthy, trapped = np.median(KEPT.curves[:, :, :, -1], axis=1).T
    by_name = dict(zip(failures.NAMES, zip(healthy, trapped, strict=True), strict=True))
    well, ill = by_name["split to the letter"]
    assert well < 0.02
    assert ill > 0.3
    for name in ("features without a constant", "nearly affine encodings", "ridge too large"):
        assert by_name[name][1] > by_name[name][0] + 0.05
    for name in ("too few dreams", "ridge too small"):
        assert by_name[name][1] < 0.05


# Doses


def test_the_default_dose_is_healthy_and_the_numbers_are_those_of_slow_sums() -> None:
    record = failures.doses_values(1000, 40, 1e-3)
    assert record["angle"] < 20
    patient = failures._many_functions()
    x, z = patient.x[:3], np.linspace(-5.5, 5.5, 401)
    bottom, middle, _ = patient.model.layers
    for row, exact in zip(x, record["exact"], strict=False):
        weights = []
        for place in z:
            prior = 0.0
            for bump in (-1.5, 1.5):
                sd = math.hypot(0.5 * middle.A[0, 0], math.exp(middle.log_var[0] / 2))
                mean = bump * middle.A[0, 0]
                prior += math.exp(-(((place - mean) / sd) ** 2) / 2)
            away = (row - bottom.A[:, 0] * place) ** 2 / np.exp(bottom.log_var)
            weights.append(prior * math.exp(-away.sum() / 2))
        expected = np.average(z**2, weights=weights)
        assert exact == pytest.approx(expected, rel=0.02)


def test_more_dreams_read_better_and_a_great_ridge_leaves_little() -> None:
    few, many = (failures.doses_values(M, 40, 1e-3) for M in (50, 1000))
    assert many["code_r2"] > few["code_r2"] + 0.02
    assert failures.doses_values(1000, 60, 1.0)["left"] < 3
    assert failures.doses_values(1000, 60, 1e-10)["left"] > 15


def test_the_dose_moves_what_it_says() -> None:
    a, b = failures.doses_values(1000, 5, 1e-3), failures.doses_values(1000, 40, 1e-3)
    assert a["left"] < b["left"]
    assert np.linalg.norm(a["gradient"] - b["gradient"]) == 0


# The hidden fault


def test_every_switch_is_hidden_in_some_patients() -> None:
    faults = [failures.fault_of(patient) for patient in range(1, failures.PATIENTS + 1)]
    counts = {name: faults.count(name) for name in failures.NAMES}
    assert min(counts.values()) >= 4


def test_a_right_verdict_is_told_so_and_a_wrong_one_gets_a_gauge_that_does_not_fit() -> None:
    for patient in (1, 2, 3):
        fault = failures.fault_of(patient)
        right = failures.hidden_values(patient, fault)
        assert right["right"]
        assert right["reply"].startswith(f"Yes: {fault}.")
        for verdict in failures.NAMES[:4]:
            if verdict == fault:
                continue
            wrong = failures.hidden_values(patient, verdict)
            assert not wrong["right"]
            gauge = next(g for g in GAUGES if f"'{g.label}'" in wrong["reply"])
            said = read(verdict, patient - 1, gauge.name), wrong["now"][PLACES[gauge.name]]
            assert [gauge.text(v) in wrong["reply"] for v in said] == [True, True]
            assert abs(gauge.place(said[0]) - gauge.place(said[1])) > 0.02


def test_while_looking_nothing_is_given_away() -> None:
    for patient in range(1, 12):
        record = failures.hidden_values(patient, failures.LOOKING)
        assert failures.fault_of(patient) not in record["reply"]
        assert not record["right"]
        picture = failures.hidden_fault().set(patient=patient)
        assert failures.fault_of(patient) not in picture.alt + picture.readout + repr(picture)


def test_the_slow_patients_have_slow_pieces_only() -> None:
    patient = failures.bench_of("one gradient step a night", 0)
    assert isinstance(patient.sleep, traps.SlowSleep)
    assert replace(patient).mode == "split"
