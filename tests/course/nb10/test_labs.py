"""The failure lab: gauges against the bench, doses against slow sums, the guessing game."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hmlib.course import kept_runs
from hmlib.course.nb10 import bench, gauges, labs, traps, wrong_nights
from hmlib.course.nb10.gauges import GAUGES, Checkup, outside
from hmlib.course.nb10.pictures import Doses, HiddenFault, OneSwitch
from hmlib.course.nb10.traps import TRAPS
from hmlib.course.nb10.two_bumps import GONE, WORLD, below
from tools import count_failures, run_failures

KEPT = kept_runs.failures()
PLACES = {gauge.name: k for k, gauge in enumerate(GAUGES)}


def read(name: str, seed: int, gauge: str) -> float:
    return labs.readings(name, seed)[PLACES[gauge]]


# One switch


@pytest.mark.parametrize("name", labs.NAMES)
def test_a_switch_shows_on_its_gauge_or_in_the_run(name: str) -> None:
    sign = {
        "features through the origin": "constant",
        "nearly affine encodings": "encodings",
        "one gradient step a night": "readout_r2",
        "split, nothing subtracted": "run",
        "Jacobian summed over the wrong index": "bottom",
        "top read-out never fitted": "upper",
        "too few dreams": "slack",
        "too few functions": "features",
        "ridge too small": "features",
        "ridge too large": "features",
        "noise below what the encodings resolve": "noise",
    }[name]
    k = PLACES[sign]
    low, high = labs.normal()[k]
    found = [read(name, seed, sign) for seed in range(12)]
    room = 0.02 * GAUGES[k].span
    out = [not low - room <= value <= high + room for value in found]
    assert np.mean(out) > 0.7, (found, low, high)


def test_the_gauges_are_those_of_the_bench() -> None:
    name, seed = "too few dreams", 3
    patient = traps.few_dreams(bench.healthy(seed))
    reading = gauges.examine(patient, seed)
    for gauge in GAUGES[:-1]:
        assert read(name, seed, gauge.name) == getattr(reading, gauge.name)
        assert gauge.read(Checkup(reading, 0.3)) == getattr(reading, gauge.name)
    assert read(name, seed, "run") == KEPT.ends[seed, 1 + labs.NAMES.index(name)]


def test_a_switch_that_is_off_is_the_baseline() -> None:
    record = labs.switch_values("ridge too large", 2)
    np.testing.assert_array_equal(record.board.well, labs.readings(labs.HEALTHY, 2))
    healthy = labs.switch_values(labs.HEALTHY, 2)
    np.testing.assert_array_equal(healthy.board.now, healthy.board.well)
    np.testing.assert_array_equal(healthy.trapped.lost, healthy.healthy.lost)


def test_normal_is_where_healthy_machines_stand() -> None:
    for seed in range(12):
        assert outside(labs.readings(labs.HEALTHY, seed), labs.normal()) == ()


def test_the_ends_of_the_runs_are_those_of_the_five_seeds() -> None:
    record = labs.switch_values("split, nothing subtracted", 0)
    for which, runs in enumerate((record.healthy, record.trapped)):
        curves = KEPT.curves[labs.NAMES.index("split, nothing subtracted"), :, which]
        np.testing.assert_array_equal(runs.lost, curves)
        least, _, median, _, most = sorted(curve[-1] for curve in curves)
        assert (runs.least, runs.median, runs.most) == (least, median, most)


def test_gauges_and_runs_are_drawn_where_the_record_says() -> None:
    for name in ("too few functions", labs.HEALTHY):
        picture, record = OneSwitch(), labs.switch_values(name, 1)
        picture.png(record)
        places = [gauge.place(v) for gauge, v in zip(GAUGES, record.board.now, strict=True)]
        board = picture.board
        drawn = [board.now, *board.beyond]
        assert sorted(x for line in drawn for x in line.get_xdata()) == sorted(places)
        for line, curve in zip(picture.trapped, record.trapped.lost, strict=True):
            assert line.get_ydata() == pytest.approx(np.maximum(curve, 1e-3))
        for words in record.board.outside:
            assert words in picture.alt(record)
        assert ("All gauges are normal." in picture.alt(record)) == (record.board.outside == ())


# Kept runs


def test_the_kept_runs_have_the_shapes_said() -> None:
    assert KEPT.curves.shape == (len(TRAPS), 5, 2, 31)
    assert KEPT.ends.shape == (labs.PATIENTS, 1 + len(TRAPS))
    assert KEPT.steps.tolist() == list(range(0, 301, 10))
    assert (KEPT.curves <= GONE).all()


def test_a_kept_run_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first steps, and the short run of one patient."""
    monkeypatch.setattr(run_failures, "STEPS", 300)
    trap = TRAPS[7]
    start = run_failures.replaced(trap, 1)
    models = bench.run(trap.spring(start), 1, 300, run_failures.RATE, run_failures.SLOW)
    found = [below(WORLD, model) for model, _ in zip(models, range(21), strict=False)]
    assert found[::10] == pytest.approx(KEPT.curves[7, 1, 1, :3].tolist(), abs=2e-3)
    patient = bench.healthy(4, model="late", n_dreams=200)
    assert gauges.RUN.read(patient, 4) == pytest.approx(KEPT.ends[4, 0], abs=2e-3)


def test_the_long_runs_say_what_the_notebook_says() -> None:
    """Medians over five seeds, in nats: unsubtracted split is lost, noisy steps are not."""
    healthy, trapped = np.median(KEPT.curves[:, :, :, -1], axis=1).T
    by_name = dict(zip(labs.NAMES, zip(healthy, trapped, strict=True), strict=True))
    well, ill = by_name["split, nothing subtracted"]
    assert well < 0.02
    assert ill > 0.3
    for name in ("features through the origin", "nearly affine encodings", "ridge too large"):
        assert by_name[name][1] > by_name[name][0] + 0.05
    for name in ("too few dreams", "ridge too small"):
        assert by_name[name][1] < 0.05


def test_how_many_whole_runs_each_trap_costs_a_tenth_of_a_nat() -> None:
    """Twenty seeds that the lab does not show."""
    well, ill = np.moveaxis(kept_runs.whole_runs(), -1, 0)
    counted = dict(zip(labs.NAMES, (ill - well >= 0.1).sum(axis=1).tolist(), strict=True))
    assert counted == {
        "features through the origin": 19, "nearly affine encodings": 20,
        "one gradient step a night": 16, "split, nothing subtracted": 18,
        "Jacobian summed over the wrong index": 10, "top read-out never fitted": 14,
        "too few dreams": 0, "too few functions": 14, "ridge too small": 0, "ridge too large": 8,
        "noise below what the encodings resolve": 0,
    }  # fmt: skip
    assert (ill[-1] < well[-1]).all()  # the floor costs more than it saves
    late = KEPT.ends[:20, 1] - kept_runs.ways_of_wake()["code", True]
    assert not (late >= 0.1).any()


@pytest.mark.long
def test_a_whole_run_made_again_ends_where_the_kept_one_does() -> None:
    seed, few = 3, labs.NAMES.index("too few dreams")
    start = count_failures.replaced(TRAPS[few], count_failures.SEEDS[seed])
    found = count_failures.end(TRAPS[few].spring(start), count_failures.SEEDS[seed], WORLD)
    assert found == pytest.approx(kept_runs.whole_runs()[few, seed, 1], abs=0.01)


# Doses


def test_the_default_dose_is_healthy_and_the_numbers_are_those_of_slow_sums() -> None:
    record = labs.doses_values(1000, 40, 1e-3)
    assert record.angle < 20
    patient = labs._many_functions(labs.NIGHT)
    x, z = patient.x[:3], np.linspace(-5.5, 5.5, 401)
    bottom, middle, _ = patient.model.layers
    for row, exact in zip(x, record.exact, strict=False):
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
    few, many = (labs.doses_values(M, 40, 1e-3) for M in (50, 1000))
    assert many.code_r2 > few.code_r2 + 0.02
    assert labs.doses_values(1000, 60, 1.0).left < 3
    assert labs.doses_values(1000, 60, 1e-10).left > 15


def test_the_dose_moves_what_it_says() -> None:
    a, b = labs.doses_values(1000, 5, 1e-3), labs.doses_values(1000, 40, 1e-3)
    assert a.left < b.left
    assert np.linalg.norm(a.gradient - b.gradient) == 0


def test_nine_in_ten_are_off_by_no_more_than_is_said() -> None:
    record = labs.doses_values(100, 40, 1e-3)
    low, high = record.off
    inside = (record.found - record.exact >= low) & (record.found - record.exact <= high)
    assert inside.mean() == pytest.approx(0.9, abs=0.01)
    assert f"off by {low:.2f} to {high:.2f}" in Doses().alt(record)


# The hidden fault


def test_every_switch_is_hidden_in_some_patients() -> None:
    faults = [labs.fault_of(patient) for patient in range(1, labs.PATIENTS + 1)]
    counts = {name: faults.count(name) for name in labs.NAMES}
    assert min(counts.values()) >= 4


def test_a_right_verdict_is_told_so_and_a_wrong_one_gets_a_gauge_that_does_not_fit() -> None:
    for patient in (1, 2, 3):
        fault = labs.fault_of(patient)
        right = labs.hidden_values(patient, fault)
        assert right.right
        assert right.reply.startswith(f"Yes: {fault}.")
        for verdict in labs.NAMES[:4]:
            if verdict == fault:
                continue
            wrong = labs.hidden_values(patient, verdict)
            assert not wrong.right
            gauge = next(g for g in GAUGES if f"'{g.label}'" in wrong.reply)
            said = read(verdict, patient - 1, gauge.name), wrong.board.now[PLACES[gauge.name]]
            assert [gauge.text(v) in wrong.reply for v in said] == [True, True]
            assert abs(gauge.place(said[0]) - gauge.place(said[1])) > 0.02


def test_while_looking_nothing_is_given_away() -> None:
    for patient in range(1, 12):
        record = labs.hidden_values(patient, labs.LOOKING)
        assert labs.fault_of(patient) not in record.reply
        assert not record.right
        picture = labs.hidden_fault().set(patient=patient)
        assert labs.fault_of(patient) not in picture.alt + picture.readout + repr(picture)


def test_the_picture_says_the_reply() -> None:
    record = labs.hidden_values(3, labs.NAMES[0])
    picture = HiddenFault()
    picture.png(record)
    assert picture.reply.get_text().split() == record.reply.split()
    assert not picture.board.well.get_visible()


def test_the_slow_patients_have_slow_pieces_only() -> None:
    patient = labs.bench_of("one gradient step a night", 0)
    assert isinstance(patient.sleep, wrong_nights.SlowSleep)
    assert replace(patient).mode == "split"
