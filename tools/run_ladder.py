"""Climb the ladder of notebook 09 and keep its figures: `python -m tools.run_ladder`.

With --controls it runs the two controls of the slow optimiser, and only how well a vote tells their
dreams goes to data/ladder_controls.npz, for `ladder_runs.controls`.

Every rung learns ring and pinwheel from the same starts. What it dreams at some stages, its L and
how well a vote of neighbours tells its dreams from data go to data/ladder.npz, which
`hmlib.course.nb09.ladder_runs.ladder` reads.
"""

from __future__ import annotations

import argparse
import sys
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hmlib import ddc, metrics
from hmlib.course.nb09.ladder import CONTROLS, RUNGS, STEPS, Rung, climb
from hmlib.course.nb09.ladder import DATA as KINDS
from hmlib.datasets.files import DATA
from hmlib.learning.walking import NotFinite
from tools.keeping import keep

FILE, CONTROLS_FILE = DATA / "ladder.npz", DATA / "ladder_controls.npz"
SEEDS = range(10)
SHOWN, TESTED, LATENTS = 300, 1000, 2**14
STAGES = (0, STEPS // 10, STEPS // 2, STEPS)


def one(task: tuple[Rung, str, int]) -> dict[str, np.ndarray]:
    """One run: dreams of the first seed at every stage, and L, accuracy and length at the end."""
    rung, name, seed = task
    last, count, dreams = None, -1, []
    with np.errstate(all="ignore"):
        try:
            for count, last in enumerate(climb(rung, name, seed)):
                if count in STAGES:
                    dreams.append(last.sample(np.random.default_rng(1), SHOWN)[0])
        except (NotFinite, ValueError, np.linalg.LinAlgError):
            pass
    assert last is not None
    lost = count < STEPS
    test = KINDS[name](np.random.default_rng(10_000 + seed), TESTED)
    found = last.sample(np.random.default_rng(2), TESTED)[0]
    told = metrics.neighbour_test(test, found, np.random.default_rng(3)).accuracy
    worth = ddc.log_likelihood(last, test, np.random.default_rng(4), LATENTS)[0].mean()
    while len(dreams) < len(STAGES):
        dreams.append(last.sample(np.random.default_rng(1), SHOWN)[0])
    return {
        "dreams": np.array(dreams), "L": np.array(worth), "accuracy": np.array(told),
        "steps": np.array(count if lost else STEPS),
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.run_ladder", description=__doc__)
    parser.add_argument("--out", type=Path, help="file to write")
    parser.add_argument("--controls", action="store_true", help="the slow optimiser's controls")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    options = parser.parse_args(arguments)
    rungs = CONTROLS if options.controls else RUNGS
    tasks = list(product(rungs, KINDS, SEEDS))
    with get_context("spawn").Pool(options.jobs) as pool:
        found = list(tqdm(pool.imap(one, tasks), total=len(tasks), unit="run"))
    shape = (len(rungs), len(KINDS), len(SEEDS))
    arrays = {
        name: np.array([run[name] for run in found]).reshape(*shape, *found[0][name].shape)
        for name in found[0]
    }
    arrays["dreams"] = arrays["dreams"][:, :, 0].astype(np.float32)
    for name in ("L", "accuracy"):
        arrays[name] = arrays[name].astype(np.float32)
    for rung, worth, told, steps in zip(
        rungs, arrays["L"], arrays["accuracy"], arrays["steps"], strict=True
    ):
        for name, a, b, c in zip(KINDS, worth, told, steps, strict=True):
            print(
                f"{rung.name:42}{name:10} L {np.median(a):9.3f}  told apart {np.median(b):.3f}"
                f"  ran away {(c < STEPS).sum()} of {len(SEEDS)}"
            )
    if options.controls:
        keep(options.out or CONTROLS_FILE, {"accuracy": arrays["accuracy"]})
    else:
        keep(options.out or FILE, arrays | {"stages": np.array(STAGES)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
