"""Tell mode and subtraction apart over many seeds: `python -m tools.count_failures`.

For the first twenty patients of the guessing game, what a short run loses in the two ways of wake
that data/failures.npz does not have: code as it is, and split with the dreams' average subtracted.
A quarter of a minute on a quiet machine. It writes data/failure_counts.npz, which
`hmlib.course.kept_runs.ways_of_wake` reads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from hmlib.course.nb10 import bench, gauges
from hmlib.datasets.files import DATA
from tools.keeping import keep

FILE = DATA / "failure_counts.npz"

PATIENTS = 20

WAYS = (("code", False), ("split", True))
"""Mode of wake, and whether the dreams' average is subtracted; the two other ways are kept as the
healthy patient and as the one of trap 4."""


def late_run(seed: int, mode: str, minus: bool) -> float:
    """L lost in the short run from a late place that a patient makes, without any other trap."""
    late = bench.healthy(seed, model="late", n_dreams=200, mode=mode, minus_dreams=minus)
    return gauges.RUN.read(late, seed)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.count_failures", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out = parser.parse_args(arguments).out
    late = np.array([[late_run(seed, *way) for seed in range(PATIENTS)] for way in WAYS])
    for (mode, minus), lost in zip(WAYS, late, strict=True):
        name = f"{mode}, {'minus dreams' if minus else 'as it is'}"
        print(f"{name:20} median lost {np.median(lost):.3f}, a tenth or more {(lost >= 0.1).sum()}")
    keep(out, {"late": late.astype(np.float32)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
