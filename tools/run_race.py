"""Race DDC against wake-sleep on the bars over many starts: `python -m tools.run_race`.

Every runner of `hmlib.course.nb09.race.WAYS` from twenty starts that the notebook does not show,
some ten minutes on one core. What is done is kept beside the file, so that the command goes on
where it was stopped. It writes data/race.npz, which `hmlib.course.nb09.race.kept_race` reads.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np

from hmlib.course.nb09 import race
from hmlib.datasets.files import DATA
from tools.keeping import in_pieces, keep

FILE = DATA / "race.npz"

SEEDS = range(100, 120)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.run_race", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out: Path = parser.parse_args(arguments).out
    with in_pieces(out) as piece:
        nats = []
        for number, (name, run) in enumerate(race.WAYS.items()):
            nats.append(piece(str(number), partial(run, SEEDS)))
            print(f"{name:26} median {np.median(nats[-1]):.3f}", flush=True)
        keep(out, {"nats": np.array(nats, dtype=np.float32)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
