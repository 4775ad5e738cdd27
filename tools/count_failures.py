"""Count over many seeds what the failure lab shows on few: `python -m tools.count_failures`.

On twenty seeds with which no figure was made, what each trap's instrument reads of the healthy
machine and of the trapped one; and for every patient of the guessing game, what a short run loses
in the two ways of wake that data/failures.npz does not have. Some two minutes of one processor.
It writes data/failure_counts.npz, which `hmlib.course.kept_runs.failure_counts` reads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from hmlib.course.nb10 import bench, gauges
from hmlib.course.nb10.traps import TRAPS
from hmlib.datasets.files import DATA
from tools.keeping import keep
from tools.run_failures import PATIENTS

FILE = DATA / "failure_counts.npz"

SEEDS = range(100, 120)

WAYS = (("code", False), ("split", True))
"""Mode of wake, and whether the dreams' average is subtracted; the two other ways are kept as the
healthy patient and as the one of trap 4."""


def effects(seed: int) -> list[tuple[float, float]]:
    """What each trap's instrument reads without the trap and with it, shape (traps, 2)."""
    return [trap.effect(seed) for trap in TRAPS]


def late_run(seed: int, mode: str, minus: bool) -> float:
    """L lost in the short run from a late place that a patient makes, without any other trap."""
    late = bench.healthy(seed, model="late", n_dreams=200, mode=mode, minus_dreams=minus)
    return gauges.RUN.read(late, seed)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.count_failures", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out = parser.parse_args(arguments).out
    arrays = {
        "effects": np.array([effects(seed) for seed in SEEDS]).swapaxes(0, 1),
        "late": np.array([[late_run(seed, *way) for seed in range(PATIENTS)] for way in WAYS]),
    }
    for trap, pairs in zip(TRAPS, arrays["effects"], strict=True):
        well, ill = np.median(pairs, axis=0)
        print(f"{trap.name:40}{trap.instrument.name:12}healthy {well:6.3f}   trapped {ill:6.3f}")
    for (mode, minus), lost in zip(WAYS, arrays["late"], strict=True):
        print(f"{mode:6}{'minus dreams' if minus else 'as it is':14}{np.median(lost):6.3f} lost")
    keep(out, {name: array.astype(np.float32) for name, array in arrays.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
