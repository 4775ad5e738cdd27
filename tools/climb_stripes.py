"""Climb the stripes by EM from fifty seeds and store the runs: `python -m tools.climb_stripes`.

Machines of 4, 5 and 6 causes, exact E-phases, 60 phases each. L along every run and the last
machine of each go to data/climbs.npz, which `hmlib.course.kept_runs.climbs` reads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from hmlib import datasets, exact, learning
from hmlib.course.nb03.climbing import beginning
from hmlib.datasets.files import DATA
from tools.keeping import keep

FILE = DATA / "climbs.npz"

SEEDS = 50
PHASES = 60
CAUSES = (4, 5, 6)


def run(seed: int, n_v: int, phases: int = PHASES) -> dict[str, np.ndarray]:
    """L before and after every phase of one run, and the last machine."""
    world, (gen, _) = datasets.stripes(), beginning(seed, n_v)
    steps = list(learning.em(gen, None, world.u, weights=world.weights, steps=phases))
    log_l = [world.weights @ exact.log_likelihood(step.gen, world.u) for step in steps]
    last = steps[-1].gen
    return {"log_likelihood": np.array(log_l), "g": last.g, "G": last.G, "h": last.h}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.climb_stripes", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out = parser.parse_args(arguments).out

    arrays = {}
    for n_v in CAUSES:
        runs = [run(seed, n_v) for seed in range(SEEDS)]
        for name in runs[0]:
            arrays[f"{name}_{n_v}"] = np.array([r[name] for r in runs], dtype=np.float32)
        ends = arrays[f"log_likelihood_{n_v}"][:, -1]
        print(
            f"{n_v} causes: last L from {ends.min():.3f} to {ends.max():.3f} nats, "
            f"median {np.median(ends):.3f}"
        )
    keep(out, arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
