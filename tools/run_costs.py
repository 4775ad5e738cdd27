"""Train the machines of notebook 06 and store them: `python -m tools.run_costs`.

Each piece below is one run, or a few of one kind. Machines along the way and at the end go to
data/costs.npz, which `hmlib.kept_runs.costs` reads; the numbers said of them are computed anew.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from hmlib import datasets, exact, learning
from hmlib.course import kept_runs
from hmlib.datasets.files import DATA
from hmlib.learning import Step, anneal
from tools.keeping import keep

FILE = DATA / "costs.npz"

Arrays = dict[str, np.ndarray]

SEEDS = 20
WALKERS = (0, 3)
"""Machines whose walk is kept: the first has a dependent posterior, the second hardly."""

CLIMB, NAP, WALK, EVERY = 6000, 1000, 2500, 50
"""Steps up to the top of L, of sleep on it, and of the walk from it; steps between records."""

ASLEEP, BEGINNING = 1000, 1200
TOWER = 3000
BARS = (2000, 40)
"""Steps of wake-sleep on bars, and from record to record."""

CAUSES, DIGIT_STEPS = (2, 4, 6, 8, 10, 12), 2000
LAYERS = ((64, 32), (64, 32, 16))
WAKE_SLEEP, REWEIGHTED = 40_000, 8000
"""Steps on the digits, which take about as long as each other."""

STRIPES = datasets.stripes()
WORLD = {"u": STRIPES.u, "weights": STRIPES.weights}
EXACT = {"optimiser": "adam", "expectations": "exact"}


def stages(name: str, steps: Iterable[Step]) -> Arrays:
    """Parameters of both models at every step of a run, one row a step."""
    kept = list(steps)
    return machines(name, kept) | {f"{name}_steps": np.array([step.count for step in kept])}


def machines(name: str, steps: Iterable[Step]) -> Arrays:
    """Parameters of both models of several machines of one kind, one row a machine."""
    kept = list(steps)
    return {
        f"{name}_gen": np.array([step.gen.ravel() for step in kept], dtype=np.float32),
        f"{name}_rec": np.array([step.rec.ravel() for step in kept], dtype=np.float32),
    }


def last(steps: Iterable[Step]) -> Step:
    """The last step of a run."""
    *_, step = steps
    return step


def hilltop(seed: int) -> Step:
    """A 9-4 machine at the top of L on the stripes, and what sleep makes of its recognition."""
    gen, rec = learning.fresh(9, 4, rng=np.random.default_rng(seed), scale=0.5)
    up = {"rate": anneal(0.03, CLIMB, 0.5), "steps": CLIMB, "every": CLIMB}
    gen = last(learning.ascend(gen, None, **WORLD, objective="L", **up)).gen
    nap = {"rate": anneal(0.05, NAP, 0.3), "steps": NAP, "every": NAP, "phases": "sleep"}
    rec = last(learning.wake_sleep(gen, rec, **WORLD, **nap, **EXACT)).rec
    return Step(gen, rec)


def walk(top: Step, rule: str, every: int = EVERY) -> Iterable[Step]:
    """From the top of L by one of the learning rules."""
    pace = {"rate": 0.005, "steps": WALK, "every": every}
    if rule == "wake-sleep":
        return learning.wake_sleep(top.gen, top.rec, **WORLD, **pace, **EXACT)
    if rule == "F":
        return learning.ascend(top.gen, top.rec, **WORLD, objective="F", **pace)
    return learning.reweighted_wake_sleep(
        top.gen, top.rec, **WORLD, **pace, optimiser="adam", minibatch=100, k=10,
        rng=np.random.default_rng(0),
    )  # fmt: skip


def walks() -> Arrays:
    """Two machines on their walks, and where twenty have come to, as KL from world to machine."""
    arrays, ends = {}, []
    for seed in range(SEEDS):
        top, runs = hilltop(seed), []
        for rule in kept_runs.WALKS:
            runs.append(list(walk(top, rule, EVERY if seed in WALKERS else WALK)))
        if seed in WALKERS:
            for rule, run in zip(kept_runs.WALKS, runs, strict=True):
                arrays |= machines(f"walk_{seed}_{rule}".replace("-", "_"), run)
            arrays["walk_steps"] = np.array([step.count for step in runs[0]])
        ends.append([kl(top), *(kl(run[-1]) for run in runs)])
    return arrays | {"ends": np.array(ends, dtype=np.float32)}


def kl(step: Step) -> float:
    """KL from the world of stripes to the machine, in nats."""
    log_l = exact.log_likelihood(step.gen, STRIPES.u)
    return float(-STRIPES.entropy - STRIPES.weights @ log_l)


def asleep() -> Arrays:
    """Sleep alone, the first walker's machine held, from where F is highest in W."""
    top = hilltop(WALKERS[0])
    best = learning.first_step(top.gen, top.rec, STRIPES.u, "recognition")
    best = learning.e_phase(best, **WORLD, e_steps=5000)
    pace = {"rate": 0.01, "steps": ASLEEP, "every": ASLEEP // 50, "phases": "sleep"}
    return stages("asleep", learning.wake_sleep(best.gen, best.rec, **WORLD, **pace, **EXACT))


def beginning() -> Arrays:
    """Wake-sleep from small random weights, with exact expectations."""
    gen, rec = learning.fresh(9, 4, rng=np.random.default_rng(0), scale=0.5)
    pace = {"rate": 0.02, "steps": BEGINNING, "every": max(1, BEGINNING // 50)}
    return stages("beginning", learning.wake_sleep(gen, rec, **WORLD, **pace, **EXACT))


def tower() -> Arrays:
    """A 9-4-1 machine that wake-sleep has taught the stripes."""
    gen, rec = learning.fresh(9, 4, 1, rng=np.random.default_rng(0), scale=0.1)
    pace = {"rate": (1.0, 0.1), "steps": TOWER, "every": TOWER}
    run = learning.wake_sleep(gen, rec, **WORLD, **pace, rng=np.random.default_rng(1))
    return machines("tower", [last(run)])


def bars() -> Arrays:
    """The first part of wake-sleep on the bars of 1995: 20 samples a step."""
    world, (steps, every) = datasets.bars(), BARS
    gen, rec = learning.fresh(16, 8, 1, hidden_bias=(-3.0, 0.0))
    run = learning.wake_sleep(
        gen, rec, world.u, world.weights, rate=(0.5, 0.001), steps=steps, every=every,
        minibatch=20, nonnegative=True, rng=np.random.default_rng(0),
    )  # fmt: skip
    return stages("bars", run)


def by_causes() -> Arrays:
    """Digits with few causes, climbed on L and on F; and the gap of a guess for each digit."""
    arrays, gaps, train, test = {}, [], datasets.digits().train, datasets.digits().test
    for n_v in CAUSES:
        gen, rec = learning.fresh(64, n_v, rng=np.random.default_rng(0), scale=0.1)
        ends = [
            last(
                learning.ascend(
                    gen, rec, train, objective, rate=anneal(0.03, DIGIT_STEPS, 0.5),
                    steps=DIGIT_STEPS, minibatch=100, rng=np.random.default_rng(1),
                    every=DIGIT_STEPS,
                )
            )
            for objective in ("L", "F")
        ]  # fmt: skip
        arrays |= machines(f"digits_{n_v}", ends)
        gaps.append([own_gap(end, test) for end in ends])
    return arrays | {"own_gap": np.array(gaps, dtype=np.float32)}


def own_gap(step: Step, u: np.ndarray) -> float:
    """Mean of L - F with a mean-field guess for each input, from the posterior's own means."""
    means = exact.posterior(step.gen, u) @ exact.states(step.gen.n_v)
    own = learning.e_phase(replace(step, q=np.clip(means, 1e-9, 1 - 1e-9)), u, e_steps=30)
    return float((exact.log_likelihood(step.gen, u) - own.free_energy(u)).mean())


def layers() -> Arrays:
    """Digits with one layer of causes and with two, by wake-sleep and reweighted wake-sleep."""
    arrays, train = {}, datasets.digits().train
    rules = ((learning.wake_sleep, WAKE_SLEEP), (learning.reweighted_wake_sleep, REWEIGHTED))
    for sizes in LAYERS:
        gen, rec = learning.fresh(*sizes, rng=np.random.default_rng(0), scale=0.1)
        ends = [
            last(
                rule(
                    gen, rec, train, rate=anneal(0.01, steps, 0.5), steps=steps, every=steps,
                    minibatch=100, optimiser="adam", rng=np.random.default_rng(1),
                )
            )
            for rule, steps in rules
        ]  # fmt: skip
        arrays |= machines("layers_" + "_".join(map(str, sizes)), ends)
    return arrays


PIECES = (walks, asleep, beginning, tower, bars, by_causes, layers)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.run_costs", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out = parser.parse_args(arguments).out

    arrays: Arrays = {}
    for piece in PIECES:
        arrays |= piece()
        print(f"{piece.__name__}: done", flush=True)
    keep(out, arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
