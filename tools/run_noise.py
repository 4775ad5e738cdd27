"""See where the noise of the painting labs comes to rest: `python -m tools.run_noise`.

Every machine of `hmlib.course.nb09.noise_runs.RUNS` from twenty starts that the notebook does not
show, some fifteen minutes on one core. What is done is kept beside the file, so that the command
goes on where it was stopped. It writes data/noise.npz, which
`hmlib.course.nb09.noise_runs.kept_noise` reads.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np

from hmlib.course.nb09 import noise_runs
from hmlib.course.nb09.noise_runs import RUNS, SEEDS
from hmlib.datasets.files import DATA
from tools.keeping import in_pieces, keep

FILE = DATA / "noise.npz"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.run_noise", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out: Path = parser.parse_args(arguments).out
    with in_pieces(out) as piece:
        noise = [
            [piece(f"{k}-{seed}", partial(noise_runs.noise_of, run, seed)) for seed in SEEDS]
            for k, run in enumerate(RUNS)
        ]
        kept = np.array(noise, dtype=np.float32)
        named = zip(RUNS, kept, strict=True)
        print(noise_runs.Resting({run.name: runs for run, runs in named}).table())
        keep(out, {"noise": kept})
    return 0


if __name__ == "__main__":
    sys.exit(main())
