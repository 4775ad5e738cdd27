"""Kept runs: what the commands in tools/ learnt, read from data/."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmlib._checks import choice, count
from hmlib.binary import Generative, Recognition
from hmlib.datasets.files import load, read_only
from hmlib.layered import Layered, LayeredRecognition

Array = NDArray[np.float64]

Machine = tuple[Generative | Layered, Recognition | LayeredRecognition]

WALKS = ("wake-sleep", "F", "reweighted")
"""Learning rules by which machines leave the top of L: wake-sleep with exact expectations, exact
ascent on F, and reweighted wake-sleep."""


@dataclass(frozen=True, eq=False, repr=False)
class DigitsMachine:
    """A small machine of the digits, kept at several stages of its training.

    Attributes:
        gen, rec: both models at each stage; the first before training, the last after it.
        steps: how many steps of learning came before each stage.
    """

    gen: tuple[Generative, ...]
    rec: tuple[Recognition, ...]
    steps: tuple[int, ...]

    def __repr__(self) -> str:
        return (
            f"DigitsMachine: {self.gen[0].n_u} inputs, {self.gen[0].n_v} causes, "
            f"{len(self.steps)} stages of training, {self.steps[-1]} steps"
        )


@cache
def digits_machine() -> DigitsMachine:
    """The machine that `python -m tools.train_digits` trained by exact ascent on F.

    Raises:
        FileNotFoundError: if data/digits_machine.npz is missing.
        ValueError: if it is damaged.
    """
    kept = load("digits_machine.npz")
    return DigitsMachine(
        gen=tuple(map(Generative, kept["g"], kept["G"], kept["h"])),
        rec=tuple(map(Recognition, kept["w"], kept["W"])),
        steps=tuple(kept["step"].tolist()),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Climbs:
    """Fifty runs of EM on the 3 x 3 stripes, which differ in their first weights.

    Attributes:
        log_likelihood: L before the first and after each of 60 phases, E first, in nats,
            read-only, shape (50, 61).
        gen: the machine at the end of each run.
    """

    log_likelihood: Array
    gen: tuple[Generative, ...]

    def __repr__(self) -> str:
        runs, heights = self.log_likelihood.shape
        return f"Climbs: {runs} runs of {heights - 1} phases, {self.gen[0].units}"


@cache
def climbs(n_v: int) -> Climbs:
    """The runs that `python -m tools.climb_stripes` made.

    Args:
        n_v: number of causes, 4, 5 or 6.

    Raises:
        FileNotFoundError: if data/climbs.npz is missing.
        ValueError: if it is damaged, or n_v is not accepted.
    """
    if count("n_v", n_v) not in (4, 5, 6):
        raise ValueError(f"n_v is {n_v}; accepted: 4, 5, 6")
    kept = load("climbs.npz")
    return Climbs(
        log_likelihood=read_only(kept[f"log_likelihood_{n_v}"].astype(np.float64)),
        gen=tuple(map(Generative, *(kept[f"{name}_{n_v}"] for name in ("g", "G", "h")))),
    )


@dataclass(frozen=True, eq=False, repr=False)
class WakeSleepRuns:
    """Runs of wake-sleep on the bars by machines 16-8-1, which differ in their seed alone.

    Attributes:
        bits: KL(data || dreams) on the way, in bits, read-only, shape (n, 41).
        steps: steps done at each of these, read-only, shape (41,).
        gen, rec: the machine at the end of each run.
    """

    bits: Array
    steps: NDArray[np.int64]
    gen: tuple[Layered, ...]
    rec: tuple[LayeredRecognition, ...]

    def __repr__(self) -> str:
        return f"WakeSleepRuns: {len(self.bits)} runs of {self.steps[-1]:,} steps, 16-8-1"


@cache
def wake_sleep_runs(variant: str = "recipe") -> WakeSleepRuns:
    """The runs that `python -m tools.run_wake_sleep` made, without restarts.

    Args:
        variant: "recipe", or what is left out of it: "one_stage" (the cause on top learns from
            the first step), "no_bias" (of -3), "no_sign" (weights onto the pixels >= 0),
            "neither" bias nor sign. 50 runs each of the first two, 12 of the others.

    Raises:
        FileNotFoundError: if data/wake_sleep_runs.npz is missing.
        ValueError: if it is damaged, or the variant is not accepted.
    """
    choice("variant", variant, ("recipe", "one_stage", "no_bias", "no_sign", "neither"))
    kept = load("wake_sleep_runs.npz")
    bits = kept[f"bits_{variant}"].astype(np.float64)
    gen, rec = Layered.zeros(16, 8, 1), LayeredRecognition.zeros(16, 8, 1)
    return WakeSleepRuns(
        bits=read_only(bits),
        steps=read_only(kept["steps"].astype(np.int64)),
        gen=tuple(map(gen.like, kept[f"gen_{variant}"])),
        rec=tuple(map(rec.like, kept[f"rec_{variant}"])),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Stages:
    """A machine at several stages of its learning.

    Attributes:
        gen, rec: both models at each stage.
        steps: how many steps of learning came before each stage.
    """

    gen: tuple[Generative | Layered, ...]
    rec: tuple[Recognition | LayeredRecognition, ...]
    steps: tuple[int, ...]

    def __repr__(self) -> str:
        return f"Stages: {self.gen[0].units}, {len(self.steps)} stages, {self.steps[-1]} steps"


@dataclass(frozen=True, eq=False, repr=False)
class Costs:
    """What a factorised Q costs: the machines of notebook 06.

    Attributes:
        walks: by (seed, rule), rules from `WALKS`: 9-4 on the stripes, which begins at the top of
            L with the recognition model that sleep finds there.
        ends: KL from the world of stripes to twenty such machines, shape (20, 4), in nats: at the
            top of L, and where each of the `WALKS` has led.
        asleep: sleep alone, on the first of these machines, from the top of F in W.
        beginning: 9-4, wake-sleep with exact expectations from small random weights.
        tower: (gen, rec) of a 9-4-1 that wake-sleep has taught the stripes.
        bars: 16-8-1, the first part of wake-sleep on the bars.
        by_causes: by (number of causes, "L" or "F"), (gen, rec): digits, climbed on L or on F.
        own_gap: by the same: L - F on test digits with a mean-field guess for each digit, in nats.
        layers: by (machine, "wake-sleep" or "reweighted"), (gen, rec): digits, 64-32 and
            64-32-16.
    """

    walks: dict[tuple[int, str], Stages]
    ends: Array
    asleep: Stages
    beginning: Stages
    tower: Machine
    bars: Stages
    by_causes: dict[tuple[int, str], Machine]
    own_gap: dict[tuple[int, str], float]
    layers: dict[tuple[str, str], Machine]

    def __repr__(self) -> str:
        return f"Costs: {len(self.walks)} walks, {len(self.by_causes)} + {len(self.layers)} digits"


@cache
def costs() -> Costs:
    """The machines that `python -m tools.run_costs` trained.

    Raises:
        FileNotFoundError: if data/costs.npz is missing.
        ValueError: if it is damaged.
    """
    kept = load("costs.npz")

    def machines(name: str, *sizes: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        kinds = (Generative, Recognition) if len(sizes) == 2 else (Layered, LayeredRecognition)
        gen, rec = (kind.zeros(*sizes) for kind in kinds)
        return tuple(map(gen.like, kept[f"{name}_gen"])), tuple(map(rec.like, kept[f"{name}_rec"]))

    def stages(name: str, *sizes: int, steps: str = "") -> Stages:
        return Stages(*machines(name, *sizes), tuple(kept[steps or f"{name}_steps"].tolist()))

    walks, by_causes, layers = {}, {}, {}
    for seed in (0, 3):
        for rule in WALKS:
            name = f"walk_{seed}_{rule}".replace("-", "_")
            walks[seed, rule] = stages(name, 9, 4, steps="walk_steps")
    for n_v in (2, 4, 6, 8, 10, 12):
        for objective, *machine in zip(
            ("L", "F"), *machines(f"digits_{n_v}", 64, n_v), strict=True
        ):
            by_causes[n_v, objective] = tuple(machine)
    for sizes in ((64, 32), (64, 32, 16)):
        kept_as, name = ("_".join(map(str, sizes)), "-".join(map(str, sizes)))
        pairs = machines(f"layers_{kept_as}", *sizes)
        for rule, *machine in zip(("wake-sleep", "reweighted"), *pairs, strict=True):
            layers[name, rule] = tuple(machine)
    return Costs(
        walks=walks,
        ends=read_only(kept["ends"].astype(np.float64)),
        asleep=stages("asleep", 9, 4),
        beginning=stages("beginning", 9, 4),
        tower=next(zip(*machines("tower", 9, 4, 1), strict=True)),
        bars=stages("bars", 16, 8, 1),
        by_causes=by_causes,
        own_gap=dict(zip(by_causes, kept["own_gap"].ravel().tolist(), strict=True)),
        layers=layers,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Failures:
    """Runs of the failure lab, as what L lacks to that of the world, in nats; 5 stands for more.

    Attributes:
        curves: for each of `TRAPS` in `hmlib.course.nb10.traps`, in order, of five seeds, the
            healthy machine and the trapped one, along a run: shape (traps, 5, 2, 31).
        steps: of learning before each point of a curve, shape (31,).
        ends: after a short run of each of 48 patients, the healthy machine and then every trap:
            shape (48, 1 + traps).
    """

    curves: Array
    steps: NDArray[np.int64]
    ends: Array

    def __repr__(self) -> str:
        return f"Failures: {len(self.curves)} traps, {len(self.ends)} patients"


@cache
def failures() -> Failures:
    """The runs that `python -m tools.run_failures` made.

    Raises:
        FileNotFoundError: if data/failures.npz is missing.
        ValueError: if it is damaged.
    """
    kept = load("failures.npz")
    return Failures(
        curves=read_only(kept["curves"].astype(np.float64)),
        steps=read_only(kept["steps"].astype(np.int64)),
        ends=read_only(kept["ends"].astype(np.float64)),
    )


@cache
def ways_of_wake() -> dict[tuple[str, bool], Array]:
    """What the short runs of the first twenty patients lose without a trap, by the way of wake.

    Returns:
        By (mode, whether the dreams' average is subtracted), for "code" and "split": L lost to the
        world, in nats, 5 for more, each of shape (20,).

    Raises:
        FileNotFoundError: if data/failure_counts.npz, which `python -m tools.count_failures` made,
            or data/failures.npz is missing.
        ValueError: if one of them is damaged.
    """
    patients = failures().ends[:20]
    code, split = load("failure_counts.npz")["late"].astype(np.float64)
    return {
        ("code", True): patients[:, 0],
        ("code", False): read_only(code),
        ("split", True): read_only(split),
        ("split", False): patients[:, 4],
    }


@cache
def whole_runs() -> Array:
    """What whole runs lose to the world, other seeds than those of `failures`, 5 nats for more.

    Returns:
        For each of `TRAPS` in `hmlib.course.nb10.traps`, in order, the healthy machine and the
        trapped one, shape (traps, 20, 2).

    Raises:
        FileNotFoundError: if data/failure_counts.npz is missing.
        ValueError: if it is damaged.
    """
    return read_only(load("failure_counts.npz")["whole"].astype(np.float64))


@dataclass(frozen=True, eq=False, repr=False)
class Counts:
    """What notebooks 05 and 06 count, over the seeds 20 to 39, with which no figure was made.

    Attributes:
        stripes: L of 9-6 machines of the stripes that begin alike, in nats, by way of learning:
            wake-sleep of 10,000 steps at rate 0.5 ("plain"); the same with a rate that falls to 0
            at the end ("calm"), or that is 10 for 500 steps after step 2000 ("burst"); exact
            steepest ascent on L at rate 0.5 ("climb L"); EM from where plain ended ("EM after");
            and wake-sleep with exact averages at rate 0.5 ("no draws"). Each of shape (20,).
        digits: of 64-10 machines after wake-sleep, L - F on test digits ("gap"), and what is left
            of it with a mean-field guess for each digit ("own guess"); each of shape (20,).
        bars: by how many parts of the recipe are on, 0 to 3: KL(data || dreams) at the end, in
            bits, shape (20,).
        turns: by (notebook whose pace it is, number of causes): the cosine between the slope of F
            and sleep along exact wake-sleep on the stripes, shape (20, 51).
        leave: of 9-4 machines at tops of L found by EM: the price of hedging there ("hedging"),
            the KL(P || Q) that sleep leaves there ("left"), L there ("top"), and L after 2500
            exact steps of wake-sleep ("after"); each of shape (20,), in nats.
        leave_more: the same from the seeds 0 to 19 and 40 to 49; each of shape (30,).
    """

    stripes: dict[str, Array]
    digits: dict[str, Array]
    bars: dict[int, Array]
    turns: dict[tuple[str, int], Array]
    leave: dict[str, Array]
    leave_more: dict[str, Array]

    def __repr__(self) -> str:
        return f"Counts: {len(self.stripes['plain'])} seeds"


@cache
def counts() -> Counts:
    """The tables that `python -m tools.count_seeds` made.

    Raises:
        FileNotFoundError: if data/counts.npz is missing.
        ValueError: if it is damaged.
    """
    kept = {name: table.astype(np.float64) for name, table in load("counts.npz").items()}

    def columns(name: str, *names: str) -> dict[str, Array]:
        return {n: read_only(c) for n, c in zip(names, kept[name].T, strict=True)}

    return Counts(
        stripes=columns("stripes", "plain", "calm", "burst", "climb L", "EM after")
        | columns("no_draws", "no draws"),
        digits=columns("digits", "gap", "own guess"),
        bars={parts: read_only(kept[f"bars_{parts}"].ravel()) for parts in range(4)},
        turns={
            (pace, n_v): read_only(kept[f"turn_{pace}_{n_v}"])
            for pace, n_v in (("05", 6), ("06", 4), ("06", 6))
        },
        leave=columns("leave", "hedging", "left", "top", "after"),
        leave_more=columns("leave_more", "hedging", "left", "top", "after"),
    )
