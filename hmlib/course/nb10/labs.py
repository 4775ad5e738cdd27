"""The failure lab of "Does it work?": one switch at a time, doses, and a hidden fault."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import lru_cache

import numpy as np

from hmlib import ddc
from hmlib.course import kept_runs
from hmlib.course.nb10 import traps
from hmlib.course.nb10.pictures import GAUGES, Doses, HiddenFault, OneSwitch, outside
from hmlib.course.nb10.traps import TRAPS, Bench
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice, LogSlider, Slider

Array = np.ndarray

HEALTHY = "none: the healthy machine"
LOOKING = "still looking"
PATIENTS = 48

NAMES = tuple(trap.name for trap in TRAPS)
_BY_NAME = {trap.name: trap for trap in TRAPS}


# Readings


def bench_of(name: str, seed: int, trapped: bool = True) -> Bench:
    """The machine of a switch, or its healthy baseline, where the gauges are read."""
    if name == HEALTHY:
        return traps.bench(seed)
    trap = _BY_NAME[name]
    # The short run begins late; one step is read halfway, as of all others.
    baseline = dict(trap.baseline) | ({} if trap.number == 8 else {"model": "halfway"})
    baseline["n_dreams"] = 1000
    well = traps.bench(seed, **baseline)
    return trap.spring(well) if trapped else well


@lru_cache(maxsize=512)
def gauges(name: str, seed: int, trapped: bool = True) -> Array:
    """What the gauges say, in the order of `GAUGES`.

    All but the last are read live; the last is from the runs that are kept.
    """
    reading: dict[str, float] = asdict(traps.examine(bench_of(name, seed, trapped), seed))
    place = 1 + NAMES.index(name) if trapped and name != HEALTHY else 0
    reading["run"] = float(kept_runs.failures().ends[seed % PATIENTS, place])
    return np.array([reading[gauge.name] for gauge in GAUGES])


@lru_cache(maxsize=1)
def normal() -> Array:
    """The lowest and the highest reading of twelve healthy machines, shape (gauges, 2)."""
    readings = np.array([gauges(HEALTHY, seed) for seed in range(12)])
    return np.column_stack([readings.min(axis=0), readings.max(axis=0)])


def switch_values(switch: str, seed: int) -> Record:
    """Numbers of the one-switch lab.

    Args:
        switch: a name in `NAMES`, or `HEALTHY`.
        seed: of the data, the functions and the nights.

    Returns:
        `now` and `well` (gauges,), `normal` (gauges, 2); `trapped` and `healthy` (5, 31), L lost
        along kept runs of five seeds, in nats, at the steps `steps`.
    """
    kept = kept_runs.failures()
    place = 0 if switch == HEALTHY else NAMES.index(switch)
    healthy, trapped = kept.curves[place].swapaxes(0, 1)
    return {
        "switch": switch,
        "seed": seed,
        "now": gauges(switch, seed),
        "well": gauges(switch, seed, trapped=False),
        "normal": normal(),
        "steps": kept.steps,
        "healthy": healthy,
        "trapped": healthy if switch == HEALTHY else trapped,
    }


# Doses


def doses_values(n_dreams: float, functions: int, ridge: float) -> Record:
    """Numbers of the doses lab: one night and its move.

    Args:
        n_dreams: dreams M.
        functions: features of x, and encodings of each latent, beside the values and the constant.
        ridge: rho.

    Returns:
        `exact` and `found` (300,): E[z_1^2 | x] of each datum, by quadrature and read off the
        code; `gradient` and `move` (6,), in nats for each parameter; the angle between them, R^2
        of the codes and of the read-out values, and how many encodings the ridge leaves.
    """
    healthy = _many_functions()
    patient = replace(
        healthy,
        n_dreams=round(n_dreams),
        ridge=ridge,
        features=traps.first(healthy.features, functions),
        encodings=tuple(traps.first(T, functions) for T in healthy.encodings),
    )
    night = patient.night(np.random.default_rng([7, 10]))
    truth, move = _truth(), patient.direction(night)
    r, z = night.recogniser.codes(patient.x)[0], night.dreams[1]
    found = (r @ night.readout(1, z**2))[:, 0]
    exact = truth.code(lambda z: z**2)[:, 0]
    return {
        "n_dreams": round(n_dreams),
        "functions": functions,
        "ridge": ridge,
        "exact": exact,
        "found": found,
        "gradient": truth.gradient,
        "move": move,
        "angle": traps.degrees(move, truth.gradient),
        "code_r2": ddc.r_squared(r, truth.code(patient.encodings[0])),
        "found_r2": ddc.r_squared(found[:, None], exact[:, None]),
        "left": traps.independent(night.square(1), ridge),
    }


@lru_cache(maxsize=1)
def _many_functions() -> Bench:
    healthy, rng = traps.bench(7), np.random.default_rng([7, 11])
    x, z_1, z_2 = healthy.model.sample(rng, 1000)
    features = ddc.Encoding.random(rng, np.concatenate([healthy.x, x]), 60, kind="relu")
    encodings = tuple(ddc.Encoding.random(rng, z, 60) for z in (z_1, z_2))
    return replace(healthy, features=features, encodings=encodings)


@lru_cache(maxsize=1)
def _truth() -> traps.Exact:
    return traps.exact(_many_functions().model, _many_functions().x)


# The hidden fault


def fault_of(patient: int) -> str:
    """Which switch is on in a patient."""
    order = np.random.default_rng(1995).permutation(np.resize(np.arange(len(NAMES)), PATIENTS))
    return NAMES[order[patient - 1]]


def hidden_values(patient: int, verdict: str) -> Record:
    """Numbers of the hidden-fault lab.

    Args:
        patient: 1 to `PATIENTS`.
        verdict: a name in `NAMES`, or `LOOKING`.

    Returns:
        `now` (gauges,) and `normal` (gauges, 2); `reply`, a sentence on the verdict; `right`.
    """
    fault, seed = fault_of(patient), patient - 1
    now = gauges(fault, seed)
    return {
        "patient": patient,
        "verdict": verdict,
        "now": now,
        "normal": normal(),
        "right": verdict == fault,
        "reply": _reply(fault, verdict, seed, now),
    }


def _reply(fault: str, verdict: str, seed: int, now: Array) -> str:
    if verdict == LOOKING:
        return f"Outside the normal range: {len(outside(now, normal()))} of {len(GAUGES)} gauges."
    if verdict == fault:
        return f"Yes: {fault}. {_BY_NAME[fault].words}"
    other = gauges(verdict, seed)
    places = [
        [gauge.place(v) for gauge, v in zip(GAUGES, row, strict=True)] for row in (now, other)
    ]
    most = int(np.abs(np.subtract(*places)).argmax())
    gauge = GAUGES[most]
    return (
        f"Not this one: with {verdict}, '{gauge.label}' would read "
        f"{gauge.text(other[most])}, and it reads {gauge.text(now[most])}."
    )


# Labs


def one_switch() -> Lab:
    """The eight traps, one at a time."""
    answer = "The codes are met as well as before, and the read-outs are poor"
    return Lab(
        [
            Choice("switch", "the switch that is on", (HEALTHY, *NAMES), HEALTHY),
            Slider("seed", "seed of data, functions and nights", 0, 47, 1, 0),
        ],
        switch_values,
        OneSwitch,
        Question(
            "You switch on 'nearly affine encodings': small weights, all kinks in one place. Which "
            "instruments notice?",
            (
                "The codes are met badly, so everything is bad",
                answer,
                "Only the run notices, after many steps",
                "None: random functions are random functions",
            ),
            answer,
            "Straight lines are the easiest thing to predict, so the codes look splendid. But a "
            "code of straight lines says the mean of z_1 and nothing more; its square cannot be "
            "read off. A good R^2 of the codes alone proves nothing.",
        ),
        title="One switch at a time",
        legend="Left: ten gauges. Grey bars: where twelve healthy machines stand. Open squares: "
        "the same machine without the switch. Triangles: with it, an arrow if off the scale. "
        "Right: L lost against the world that made the data, along runs of five seeds, kept from "
        "an earlier training; above 5 nats they are not followed.",
    )


def doses() -> Lab:
    """Dreams, functions and ridge, each too small and too large."""
    answer = "A ridge of .3 acts like having too few functions"
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
                "Nothing much: the regressions are only a little smoother",
                answer,
                "It acts like having too few dreams",
            ),
            answer,
            "The functions overlap: most of their combinations vary by far less than .3, and a "
            "ridge silences every combination that varies by less than itself. Forty functions "
            "are left with a voice of two or three.",
        ),
        title="Doses",
        legend="Left: the mean of z_1 squared given x, for each of 300 data: read off the code "
        "against the exact value; on the line is right. Right: the move (hatched) beside the exact "
        "gradient of L, for each parameter.",
    )


def hidden_fault() -> Lab:
    """Two minutes to find which single switch ruins it."""
    answer = "split to the letter"
    return Lab(
        [
            Slider("patient", "patient", 1, PATIENTS, 1, 1),
            Choice("verdict", "your verdict", (LOOKING, *NAMES), LOOKING),
        ],
        hidden_values,
        HiddenFault,
        Question(
            "A patient comes in. Every regression is as good as can be, the move of this one step "
            "points the right way in both layers, and the noise is ordinary. Yet its short run "
            "ends in ruin. Which switch do you suspect?",
            ("too few dreams", answer, "noise below what the encodings resolve"),
            answer,
            "The other two show at once, in one step. A bias is small beside a clear move, and "
            "is all that is left when the right move has become small: it shows late, and in the "
            "upper layer.",
        ),
        title="Which switch is on?",
        legend="Triangles: the patient's gauges. Grey bars: where twelve healthy machines stand. "
        "Each patient has one switch on, and data of its own.",
    )
