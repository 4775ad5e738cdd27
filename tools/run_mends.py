"""See what mends a machine that has gone wrong: `python -m tools.run_mends`.

Every change of `hmlib.course.nb09.mending_runs.CHANGES` from twenty starts, some fifteen minutes on
one core. What is done is kept beside the file, so that the command goes on where it was stopped. It
writes data/mends.npz, which `hmlib.course.nb09.mending_runs.kept_mended` reads.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np

from hmlib.course.nb09 import mending_runs
from hmlib.course.nb09.mending_runs import CHANGES, SEEDS
from hmlib.datasets.files import DATA
from tools.keeping import in_pieces, keep

FILE = DATA / "mends.npz"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.run_mends", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out: Path = parser.parse_args(arguments).out
    with in_pieces(out) as piece:
        runs = [
            [piece(f"{k}-{seed}", partial(mending_runs.one, change, seed)) for seed in SEEDS]
            for k, change in enumerate(CHANGES)
        ]
        kept = np.array(runs, dtype=np.float32)
        print(mending_runs.Mended(kept[..., 0], kept[..., 1]).table())
        keep(out, {"mmd2": kept[..., 0], "noise": kept[..., 1]})
    return 0


if __name__ == "__main__":
    sys.exit(main())
