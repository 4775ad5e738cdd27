"""The failure lab of "Does it work?": one switch at a time, doses, and a hidden fault."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc, metrics
from hmlib.course import kept_runs
from hmlib.course.nb10 import bench
from hmlib.course.nb10.bench import Baseline, Bench
from hmlib.course.nb10.gauges import GAUGES, Checkup, examine, independent, outside
from hmlib.course.nb10.pictures import Doses, HiddenFault, OneSwitch
from hmlib.course.nb10.records import Board, DosesRecord, HiddenFaultRecord, OneSwitchRecord, Runs
from hmlib.course.nb10.traps import TRAPS
from hmlib.course.nb10.two_bumps import Exact, exact
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, LogSlider, Slider

Array = NDArray[np.float64]

HEALTHY = "none: the healthy machine"
LOOKING = "still looking"
PATIENTS = 48

FIRST = 27
"""The first patient: its top read-out was never fitted."""

NIGHT = 9
"""Seed of the night in the doses lab: the one in the middle, by its angle, of the seeds 0 to 19."""

NAMES = tuple(trap.name for trap in TRAPS)
_BY_NAME = {trap.name: trap for trap in TRAPS}


# Readings


def bench_of(name: str, seed: int, trapped: bool = True) -> Bench:
    """The machine of a switch, or its healthy baseline, where the gauges are read."""
    if name == HEALTHY:
        return bench.healthy(seed)
    trap = _BY_NAME[name]
    here: Baseline = {"n_dreams": 1000}
    # The short run begins late; one step is read halfway, as of all others.
    if trap.number != 8:
        here["model"] = "halfway"
    well = bench.healthy(seed, **(trap.baseline | here))
    return trap.spring(well) if trapped else well


@lru_cache(maxsize=512)
def readings(name: str, seed: int, trapped: bool = True) -> Array:
    """What the gauges say, in the order of `GAUGES`, shape (gauges,).

    All but the last are read live; the last is from the runs that are kept.
    """
    place = 1 + NAMES.index(name) if trapped and name != HEALTHY else 0
    lost = float(kept_runs.failures().ends[seed % PATIENTS, place])
    patient = Checkup(examine(bench_of(name, seed, trapped), seed), lost)
    return np.array([gauge.read(patient) for gauge in GAUGES])


@lru_cache(maxsize=1)
def normal() -> Array:
    """The lowest and the highest reading of twelve healthy machines, shape (gauges, 2)."""
    healthy = np.array([readings(HEALTHY, seed) for seed in range(12)])
    return np.column_stack([healthy.min(axis=0), healthy.max(axis=0)])


def _board(name: str, seed: int, twin: bool) -> Board:
    """The gauges of a machine; beside them those without its switch, if it has a twin."""
    now = readings(name, seed)
    well = readings(name, seed, trapped=False) if twin else None
    return Board(now, normal(), outside(now, normal()), well)


def switch_values(switch: str, seed: int) -> OneSwitchRecord:
    """Numbers of the one-switch lab.

    Args:
        switch: a name in `NAMES`, or `HEALTHY`.
        seed: of the data, the functions and the nights.
    """
    kept = kept_runs.failures()
    place = 0 if switch == HEALTHY else NAMES.index(switch)
    healthy, trapped = (_runs(lost) for lost in kept.curves[place].swapaxes(0, 1))
    return OneSwitchRecord(
        switch=switch,
        seed=seed,
        board=_board(switch, seed, twin=True),
        steps=kept.steps,
        healthy=healthy,
        trapped=healthy if switch == HEALTHY else trapped,
    )


def _runs(lost: Array) -> Runs:
    end = lost[:, -1]
    return Runs(lost, float(end.min()), float(np.median(end)), float(end.max()))


# Doses


def doses_values(n_dreams: float, functions: int, ridge: float, night: int = NIGHT) -> DosesRecord:
    """Numbers of the doses lab: one night of 300 data, and its move.

    Args:
        n_dreams: dreams M.
        functions: features of x, and encodings of each latent, beside the values and the constant.
        ridge: rho.
        night: seed of data, functions and dreams.
    """
    healthy = _many_functions(night)
    patient = replace(
        healthy,
        n_dreams=round(n_dreams),
        ridge=ridge,
        features=bench.first(healthy.features, functions),
        encodings=tuple(bench.first(T, functions) for T in healthy.encodings),
    )
    slept = patient.night(np.random.default_rng([night, 10]))
    truth, move = _truth(night), patient.direction(slept)
    r, z = slept.recogniser.codes(patient.x)[0], slept.dreams[1]
    found = (r @ slept.readout(1, z**2))[:, 0]
    square = truth.code(lambda z: z**2)[:, 0]
    low, high = np.quantile(found - square, [0.05, 0.95])
    return DosesRecord(
        n_dreams=round(n_dreams),
        functions=functions,
        ridge=ridge,
        exact=square,
        found=found,
        off=(float(low), float(high)),
        gradient=truth.gradient,
        move=move,
        angle=metrics.angle(move, truth.gradient),
        code_r2=ddc.r_squared(r, truth.code(patient.encodings[0])),
        found_r2=ddc.r_squared(found[:, None], square[:, None]),
        left=independent(slept.square(1), ridge),
    )


@lru_cache(maxsize=32)
def _many_functions(night: int) -> Bench:
    healthy, rng = bench.healthy(night), np.random.default_rng([night, 11])
    x, z_1, z_2 = healthy.model.sample(rng, 1000)
    features = ddc.Encoding.random(rng, np.concatenate([healthy.x, x]), 60, kind="relu")
    encodings = tuple(ddc.Encoding.random(rng, z, 60) for z in (z_1, z_2))
    return replace(healthy, features=features, encodings=encodings)


@lru_cache(maxsize=32)
def _truth(night: int) -> Exact:
    return exact(_many_functions(night).model, _many_functions(night).x)


# The hidden fault


def fault_of(patient: int) -> str:
    """Which switch is on in a patient."""
    order = np.random.default_rng(1995).permutation(np.resize(np.arange(len(NAMES)), PATIENTS))
    return NAMES[int(order[patient - 1])]


def hidden_values(patient: int, verdict: str) -> HiddenFaultRecord:
    """Numbers of the hidden-fault lab.

    Args:
        patient: 1 to `PATIENTS`.
        verdict: a name in `NAMES`, or `LOOKING`.
    """
    fault, seed = fault_of(patient), patient - 1
    board = _board(fault, seed, twin=False)
    reply = _reply(fault, verdict, seed, board)
    return HiddenFaultRecord(patient, verdict, board, verdict == fault, reply)


def _reply(fault: str, verdict: str, seed: int, board: Board) -> str:
    if verdict == LOOKING:
        return f"Outside the normal range: {len(board.outside)} of {len(GAUGES)} gauges."
    if verdict == fault:
        return f"Yes: {fault}. {_BY_NAME[fault].words}"
    now, other = board.now, readings(verdict, seed)
    away = [abs(g.place(a) - g.place(b)) for g, a, b in zip(GAUGES, now, other, strict=True)]
    most = int(np.argmax(away))
    gauge = GAUGES[most]
    return (
        f"Not this one: with {verdict}, '{gauge.label}' would read "
        f"{gauge.text(other[most])}, and it reads {gauge.text(now[most])}."
    )


# Labs


def one_switch() -> Lab[OneSwitchRecord]:
    """The eight traps, one at a time."""
    answer = "Among the healthy ones"
    return Lab(
        [
            Choice("switch", "the switch that is on", (HEALTHY, *NAMES), HEALTHY),
            Slider("seed", "seed of data, functions and nights", 0, 47, 1, 0),
        ],
        switch_values,
        OneSwitch,
        Question(
            "Switch on 'ridge too small', at seed 0, and five of the ten gauges of one night leave "
            "the normal range. Five machines learn from 300 such nights. Where do most of their "
            "runs end?",
            (
                "Lost: a nat or more below",
                "Behind, by a tenth of a nat",
                answer,
            ),
            answer,
            "Most of them end where the healthy ones do. What one night gets wrong and what the "
            "next one gets wrong are not the same. Now look at 'ridge too large': what that one "
            "gets wrong is the same night after night.",
            replies={
                "Lost: a nat or more below": "Look at the right panel: one step and a whole run "
                "do not say the same.",
                "Behind, by a tenth of a nat": "So it is with 'ridge too large'. Compare the two "
                "right panels.",
            },
        ),
        title="One switch at a time",
        legend="Left: ten gauges. Grey bars: where twelve healthy machines stand. Open squares: "
        "the same machine without the switch. Triangles: with it, an arrow if off the scale. "
        "Right: L lost against the world that made the data, along runs of five seeds, kept from "
        "an earlier training; above 5 nats they are not followed.",
        hides=("healthy", "trapped"),
    )


def doses() -> Lab[DosesRecord]:
    """Dreams, functions and ridge, each too small and too large."""
    answer = "It acts like too few functions"
    return Lab(
        [
            LogSlider("n_dreams", "dreams M", 10, 1000, 1000),
            Slider("functions", "random functions of each kind", 1, 60, 1, 40),
            LogSlider("ridge", "ridge rho", 1e-10, 10, 1e-3, 5),
        ],
        doses_values,
        Doses,
        Question(
            "1000 dreams and 40 functions are enough here with a ridge of .001. What does a ridge "
            "of .3 do?",
            (
                "Little: all is a bit smoother",
                answer,
                "It acts like having too few dreams",
            ),
            answer,
            "The functions overlap: most of their combinations vary by far less than .3, and a "
            "ridge silences combinations that vary by less than itself. Forty functions "
            "are left with a voice of two or three.",
            replies={
                "Little: all is a bit smoother": "Small beside 1 it is, but few combinations of "
                "the functions vary by more than that. Count what is left.",
                "It acts like having too few dreams": "With few dreams the functions keep their "
                "voice and say chance things. Compare what is left, with 100 dreams.",
            },
        ),
        title="Doses",
        legend="Left: the mean of z_1 squared given x, for each of 300 data: read off the code "
        "against the exact value; on the line is right. Right: the move (hatched) beside the exact "
        "gradient of L, for each parameter.",
    )


def hidden_fault() -> Lab[HiddenFaultRecord]:
    """Two minutes to find which single switch ruins it."""
    answer = "All of them are normal"
    return Lab(
        [
            Slider("patient", "patient", 1, PATIENTS, 1, FIRST),
            Choice("verdict", "your verdict", (LOOKING, *NAMES), LOOKING),
        ],
        hidden_values,
        HiddenFault,
        Question(
            "The first patient: in the bottom layer the move of one night is right, in the upper "
            "layer it is wrong by several times the gradient. The gauges are still covered. What "
            "will those of the regressions say: codes, learnt by heart, read-outs, constant?",
            (
                "The codes of the data are poor",
                answer,
                "The read-outs are poor",
            ),
            answer,
            "An instrument shows what it looks at. These gauges look at the codes of the data and "
            "at what is read off z_1. What is wrong here is read off the code above, where these "
            "four do not look.",
            replies={
                "The codes of the data are poor": "Then the move of the bottom layer, which is "
                "made of them, would be off as well.",
                "The read-outs are poor": "One of them is. But which read-outs does the gauge "
                "look at?",
            },
        ),
        title="Which switch is on?",
        legend="Triangles: the patient's gauges. Grey bars: where twelve healthy machines stand. "
        "Each patient has one switch on, and data of its own.",
        hides=("readings", "name", "reply"),
    )
