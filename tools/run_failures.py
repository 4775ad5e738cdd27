"""Run the failure lab's machines and store their shortfalls: `python -m tools.run_failures`.

Each trap and its healthy baseline learn side by side, from the same start and the same random
numbers; every patient of the guessing game makes a short run. How far their L is below that of the
world that made the data goes to data/failures.npz, which `hmlib.course.kept_runs.failures` reads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib.course.nb10 import bench, gauges
from hmlib.course.nb10.bench import Baseline, Bench
from hmlib.course.nb10.traps import TRAPS, Trap
from hmlib.course.nb10.two_bumps import NOISELESS, WORLD, below
from hmlib.datasets.files import DATA
from tools.keeping import keep

FILE = DATA / "failures.npz"

SEEDS, PATIENTS = 5, 48
STEPS, EVERY, RATE, SLOW, DREAMS = 300, 10, 0.03, 0.6, 500
"""Steps of a run, from record to record, rate, when it falls to a fifth, dreams a step."""

FLOOR = 0.3
"""The least noise of the healthy machine in the world that has next to none."""

Curve = NDArray[np.float64]


def curve(start: Bench, seed: int, world: ddc.Chain, floor: float = 0.0) -> Curve:
    """Shortfall along a run, in nats."""
    models = bench.run(start, seed, STEPS, RATE, SLOW, floor)
    kept = [model for count, model in enumerate(models) if count % EVERY == 0]
    return np.array([below(world, model) for model in kept])


def pair(trap: Trap, seed: int) -> tuple[Curve, Curve]:
    """The curves of the healthy machine and of the trapped one."""
    healthy = replaced(trap, seed)
    if trap.number == 8:
        return curve(healthy, seed, NOISELESS, FLOOR), curve(healthy, seed, NOISELESS)
    return curve(healthy, seed, WORLD), curve(trap.spring(healthy), seed, WORLD)


def replaced(trap: Trap, seed: int) -> Bench:
    """The baseline of a trap at the start of learning."""
    beginning: Baseline = {"model": "start", "n_dreams": DREAMS}
    return bench.healthy(seed, **(trap.baseline | beginning))


def patients(seed: int) -> list[float]:
    """The short run of the healthy machine and of every trap, all from the same late place."""
    late: Baseline = {"model": "late", "n_dreams": 200, "world": WORLD}
    ends = [gauges.RUN.read(bench.healthy(seed, **late), seed)]
    for trap in TRAPS:
        patient = trap.spring(bench.healthy(seed, **(trap.baseline | late)))
        ends.append(gauges.RUN.read(patient, seed))
    return ends


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.run_failures", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out = parser.parse_args(arguments).out

    curves = np.array([[pair(trap, seed) for seed in range(SEEDS)] for trap in TRAPS])
    for trap, runs in zip(TRAPS, curves, strict=True):
        healthy, trapped = np.median(runs[:, :, -1], axis=0)
        print(f"{trap.name:40} healthy {healthy:6.3f}   trapped {trapped:6.3f}", flush=True)
    ends = np.array([patients(seed) for seed in range(PATIENTS)])
    arrays = {"curves": curves, "ends": ends}
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    keep(out, arrays | {"steps": np.arange(0, STEPS + 1, EVERY)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
