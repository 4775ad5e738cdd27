"""Count over many seeds what the failure lab shows on a few: `python -m tools.count_failures`.

For the first twenty patients of the guessing game, what a short run loses in the two ways of wake
that data/failures.npz does not have: code as it is, and split with the dreams' average subtracted.
And for twenty seeds that the lab does not show, where whole runs end, with every trap and without.
Some ten minutes on one quiet core. What is done is kept beside the file, so that the command goes
on where it was stopped. It writes data/failure_counts.npz, which
`hmlib.course.kept_runs.ways_of_wake` and `whole_runs` read.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np

from hmlib import ddc
from hmlib.course.nb10 import bench, gauges
from hmlib.course.nb10.bench import Bench
from hmlib.course.nb10.traps import TRAPS
from hmlib.course.nb10.two_bumps import GONE, NOISELESS, WORLD, below
from hmlib.datasets.files import DATA
from tools.keeping import in_pieces, keep
from tools.run_failures import FLOOR, RATE, SLOW, STEPS, replaced

FILE = DATA / "failure_counts.npz"

PATIENTS = 20

SEEDS = range(20, 40)
"""Of the whole runs."""

WAYS = (("code", False), ("split", True))
"""Mode of wake, and whether the dreams' average is subtracted; the two other ways are kept as the
healthy patient and as the one of trap 4."""


def late_run(seed: int, mode: str, minus: bool) -> float:
    """L lost in the short run from a late place that a patient makes, without any other trap."""
    late = bench.healthy(seed, model="late", n_dreams=200, mode=mode, minus_dreams=minus)
    return gauges.RUN.read(late, seed)


def end(start: Bench, seed: int, world: ddc.Chain, floor: float = 0.0) -> float:
    """L lost at the end of a whole run, in nats."""
    with np.errstate(all="ignore"):
        try:
            *_, last = bench.run(start, seed, STEPS, RATE, SLOW, floor)
        except np.linalg.LinAlgError:
            return GONE
    return below(world, last)


def whole_runs(seed: int) -> np.ndarray:
    """Where the healthy machine and the trapped one end, for every trap, shape (traps, 2)."""
    ends, twins = [], {}
    for trap in TRAPS:
        twin = replaced(trap, seed)
        if trap.number == 8:
            ends.append((end(twin, seed, NOISELESS, FLOOR), end(twin, seed, NOISELESS)))
            continue
        way = twin.mode, twin.minus_dreams
        if way not in twins:
            twins[way] = end(twin, seed, WORLD)
        ends.append((twins[way], end(trap.spring(twin), seed, WORLD)))
    return np.array(ends)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.count_failures", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out = parser.parse_args(arguments).out
    late = np.array([[late_run(seed, *way) for seed in range(PATIENTS)] for way in WAYS])
    for (mode, minus), lost in zip(WAYS, late, strict=True):
        name = f"{mode}, {'minus dreams' if minus else 'as it is'}"
        print(f"{name:20} median lost {np.median(lost):.3f}, a tenth or more {(lost >= 0.1).sum()}")
    with in_pieces(out) as piece:
        whole = np.stack([piece(str(k), partial(whole_runs, k)) for k in SEEDS], axis=1)
        for trap, (healthy, trapped) in zip(TRAPS, np.median(whole, axis=1), strict=True):
            print(f"{trap.name:40} healthy {healthy:6.3f}   trapped {trapped:6.3f}")
        keep(out, {"late": late.astype(np.float32), "whole": whole.astype(np.float32)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
