"""Learn the bars by wake-sleep, from many seeds: `python -m tools.run_wake_sleep`.

The whole recipe and the recipe with parts left out, 100,000 steps a seed, no restarts. How far
each run is from the data on the way, and the last machine of each, go to
data/wake_sleep_runs.npz, which `hmlib.course.kept_runs.wake_sleep_runs` reads. It takes about ten
minutes on two cores.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from types import MappingProxyType

import numpy as np

from hmlib import datasets, exact, learning
from hmlib.course.workers import end_with_parent
from hmlib.datasets.files import DATA
from tools.keeping import keep

FILE = DATA / "wake_sleep_runs.npz"

STEPS = 100_000
EVERY = 2_500
BOTTOM, TOP, FIRST_TOP = 0.5, 0.1, 0.001
"""Learning rates: of the bottom layer, of the layers above, and of these in the first quarter."""

VARIANTS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "recipe": {"seeds": 50, "hidden_bias": -3.0, "nonnegative": True, "stages": 2},
        "one_stage": {"seeds": 50, "hidden_bias": -3.0, "nonnegative": True, "stages": 1},
        "no_bias": {"seeds": 12, "hidden_bias": 0.0, "nonnegative": True, "stages": 2},
        "no_sign": {"seeds": 12, "hidden_bias": -3.0, "nonnegative": False, "stages": 2},
        "neither": {"seeds": 12, "hidden_bias": 0.0, "nonnegative": False, "stages": 2},
    }
)
"""The recipe, and what is left out of it: the slow start of the top, the bias, the sign."""


def schedule(stages: int):
    """The learning rates of the whole run: one stage or two, and an end at 0."""
    rates = (BOTTOM, TOP)
    if stages == 2:
        rates = learning.two_stage((BOTTOM, FIRST_TOP), rates, STEPS)
    return learning.anneal(rates, STEPS)


def run(name: str, seed: int, steps: int = STEPS, every: int = EVERY) -> dict[str, np.ndarray]:
    """KL(data || dreams) along one run, in bits, and the last machine.

    Args:
        name: one of `VARIANTS`.
        seed: of the generator of the run.
        steps: steps of the run that are done, a multiple of `every`; the rates are those of a
            whole run.
        every: steps between two of the numbers that are kept.
    """
    world, variant = datasets.bars(), VARIANTS[name]
    gen, rec = learning.fresh(16, 8, 1, hidden_bias=variant["hidden_bias"])
    walk = learning.wake_sleep(
        gen, rec, world.u, world.weights, schedule(variant["stages"]), steps, minibatch=20,
        nonnegative=variant["nonnegative"], rng=np.random.default_rng(seed), every=every,
    )  # fmt: skip
    divergence = []
    for step in walk:
        log_l = world.weights @ exact.log_likelihood(step.gen, world.u)
        divergence.append((-world.entropy - log_l) / np.log(2))
    return {"bits": np.array(divergence), "gen": step.gen.ravel(), "rec": step.rec.ravel()}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.run_wake_sleep", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    options = parser.parse_args(arguments)

    arrays = {"steps": np.arange(0, STEPS + 1, EVERY)}
    with ProcessPoolExecutor(options.jobs, initializer=end_with_parent) as pool:
        for name, variant in VARIANTS.items():
            seeds = range(variant["seeds"])
            runs = list(pool.map(run, repeat(name), seeds, repeat(STEPS), repeat(EVERY)))
            for part in runs[0]:
                arrays[f"{part}_{name}"] = np.array([r[part] for r in runs], dtype=np.float32)
            ends = arrays[f"bits_{name}"][:, -1]
            print(
                f"{name:9}  {len(seeds)} seeds  bits: best {ends.min():.3f}  "
                f"median {np.median(ends):.3f}  worst {ends.max():.3f}  "
                f"below 0.1 bits: {(ends < 0.1).sum()}",
                flush=True,
            )
    keep(options.out, arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
