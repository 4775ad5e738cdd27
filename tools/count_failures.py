"""Count over twenty seeds what the failure lab shows on few: `python -m tools.count_failures`.

For seeds with which no figure was made: what each trap's instrument reads of the healthy machine
and of the trapped one, how much L each has lost after a whole run from the start, and both modes of
the wake phase, with and without the dream average subtracted, on three benches. About 20 minutes of
one processor. It writes data/failure_counts.npz, which `hmlib.course.kept_runs.failure_counts`
reads.
"""

from __future__ import annotations

import argparse
import sys
from collections import deque
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib.course import ddc_recipes as recipes
from hmlib.course.nb10 import bench, gauges
from hmlib.course.nb10.bench import Bench
from hmlib.course.nb10.traps import TRAPS, Trap
from hmlib.course.nb10.two_bumps import NOISELESS, WORLD, below
from hmlib.datasets.files import DATA
from hmlib.learning import Diverged, two_stage
from tools.keeping import keep
from tools.run_failures import DREAMS, FLOOR, RATE, SLOW, STEPS

Array = NDArray[np.float64]

FILE = DATA / "failure_counts.npz"

SEEDS = range(100, 120)

WAYS = (("code", True), ("code", False), ("split", True), ("split", False))
"""Mode of wake, and whether the dream average is subtracted."""

TRAIN, TEST = 4000, 2000
"""Data of the layered Laplace model: learnt from, and held out."""


def effects(seed: int) -> list[tuple[float, float]]:
    """What each trap's instrument reads without the trap and with it, shape (traps, 2)."""
    return [trap.effect(seed) for trap in TRAPS]


def long_runs(seed: int) -> list[tuple[float, float]]:
    """L lost after a whole run, without each trap and with it, shape (traps, 2)."""
    found = []
    for trap in TRAPS:
        well = trap.baseline.get("mode", "code"), trap.baseline.get("minus_dreams", True)
        if trap.number == 8:
            pair = noiseless_run(seed, FLOOR), noiseless_run(seed, 0.0)
        elif trap.number == 4:
            pair = long_run(seed, *well), long_run(seed, "split", False)
        else:
            pair = long_run(seed, *well), long_run(seed, *well, trap)
        found.append(pair)
    return found


@cache
def long_run(seed: int, mode: str, minus: bool, trap: Trap | None = None) -> float:
    """L lost in a whole run from the start, by a healthy machine or with a trap sprung."""
    start = bench.healthy(seed, model="start", mode=mode, minus_dreams=minus, n_dreams=DREAMS)
    return _lost(start if trap is None else trap.spring(start), seed, WORLD)


def noiseless_run(seed: int, least: float) -> float:
    """The same in a world with next to no noise, the noise of x kept at `least` or above."""
    start = bench.healthy(seed, model="start", world=NOISELESS, n_dreams=DREAMS)
    return _lost(start, seed, NOISELESS, least)


def _lost(start: Bench, seed: int, world: ddc.Chain, least: float = 0.0) -> float:
    run = bench.run(start, seed, STEPS, RATE, SLOW, least)
    return below(world, deque(run, maxlen=1).pop())


def late_run(seed: int, mode: str, minus: bool) -> float:
    """L lost in the short run from a late place that shows the fourth trap."""
    late = bench.healthy(seed, model="late", n_dreams=200, mode=mode, minus_dreams=minus)
    return gauges.RUN.read(late, seed)


def laplace_run(seed: int, mode: str, minus: bool) -> float:
    """L lost to the world on held-out data of the paper's layered model, from random weights.

    All but the subtraction is as in `ddc_recipes.laplace`.
    """
    rng = np.random.default_rng(seed)
    world = recipes.layered_laplace(rng)
    train, test = world.sample(rng, TRAIN)[0], world.sample(rng, TEST)[0]
    rng, steps = np.random.default_rng([seed, 1]), recipes.LAPLACE_STEPS
    try:
        *_, last = ddc.fit(
            recipes.laplace_start(train, rng), train, rng=rng, wake=mode, steps=steps,
            rate=two_stage(0.02, 0.004, steps, switch=0.6), n_dreams=1000, features=100,
            encodings=100, gain=1.0, ridge=1e-3, memory=0.0, minus_dreams=minus, every=steps,
            watch=steps // 5,
        )  # fmt: skip
        model = last.gen
    except Diverged as failure:
        model = failure.step.gen
    truth, found = (ddc.laplace_log_likelihood(m, test).mean() for m in (world, model))
    return float(truth - found)


BENCHES = (late_run, long_run, laplace_run)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.count_failures", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out = parser.parse_args(arguments).out
    arrays = {
        "effects": np.array([effects(seed) for seed in SEEDS]).swapaxes(0, 1),
        "long": np.array([long_runs(seed) for seed in SEEDS]).swapaxes(0, 1),
        "modes": np.array(
            [[[run(seed, *way) for seed in SEEDS] for way in WAYS] for run in BENCHES]
        ),
    }
    keep(out, {name: array.astype(np.float32) for name, array in arrays.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
