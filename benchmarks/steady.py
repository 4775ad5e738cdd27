"""Does the default DDC run away? ``python -m benchmarks.steady``.

Twelve sets of data that nothing was tuned on, 2 to 20 dimensions: heavy tails, discrete and mixed
columns, units far apart, duplicates, outliers, columns that hardly move, few points. For each, some
seeds of `ddc.fit` as it is, from where `ddc.fit(None, x)` begins; the squared MMD of its dreams at
the median distance and at a quarter of it, in 1e-4, beside the same of fresh data (the floor) and
of an IWAE.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.running import as_they_come, cores, load
from hmlib import ddc, metrics, rivals
from hmlib.learning import Diverged, anneal

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Array]

TRAIN, TEST = 2000, 1500


def student(degrees: float, d: int) -> Draw:
    """Independent t variables."""
    return lambda rng, n: rng.standard_t(degrees, (n, d))


def sheet(rng: np.random.Generator, n: int) -> Array:
    """tanh of two latents in ten dimensions, with noise of .1."""
    A = np.random.default_rng(11).standard_normal((10, 2))
    return np.tanh(rng.standard_normal((n, 2)) @ A.T) + 0.1 * rng.standard_normal((n, 10))


def moons(rng: np.random.Generator, n: int) -> Array:
    """Two half circles, one in the other."""
    side, angle = rng.integers(2, size=n), np.pi * rng.uniform(size=n)
    x = np.column_stack([np.cos(angle) + side, np.where(side, 0.5 - np.sin(angle), np.sin(angle))])
    x[:, 0] = np.where(side, 1 - np.cos(angle), np.cos(angle))
    return x + 0.08 * rng.standard_normal((n, 2))


def far_units(rng: np.random.Generator, n: int) -> Array:
    """Eight Gaussians on a circle, scaled by (1000, .001) and far from 0."""
    angle = rng.integers(8, size=n) * np.pi / 4
    x = 2 * np.column_stack([np.cos(angle), np.sin(angle)]) + 0.2 * rng.standard_normal((n, 2))
    return x * [1000.0, 0.001] + [5e5, -3.0]


def mixed(rng: np.random.Generator, n: int) -> Array:
    """A coin, a count, an exponential, and two normal variables that depend on the coin."""
    coin = rng.integers(2, size=n)
    normal = rng.standard_normal((n, 2)) + 2.0 * coin[:, None]
    return np.column_stack([coin, rng.poisson(3.0, n), rng.exponential(size=n), normal])


def duplicates(rng: np.random.Generator, n: int) -> Array:
    """Twenty points, again and again."""
    return np.random.default_rng(12).standard_normal((20, 3))[rng.integers(20, size=n)]


def outliers(rng: np.random.Generator, n: int) -> Array:
    """A line with noise, and one point in a hundred far from it."""
    t = rng.uniform(-1, 1, n)
    x = np.column_stack([t, t**2, -t]) + 0.05 * rng.standard_normal((n, 3))
    return np.where(rng.uniform(size=(n, 1)) < 0.01, 20 * rng.standard_normal((n, 3)), x)


def still(rng: np.random.Generator, n: int) -> Array:
    """Normal variables beside a column that never changes and one that hardly does."""
    x = rng.standard_normal((n, 4)) @ np.random.default_rng(13).standard_normal((4, 4))
    return np.column_stack([x, np.full(n, 7.0), 1 + 1e-8 * rng.standard_normal(n)])


def wide(rng: np.random.Generator, n: int) -> Array:
    """Twenty dimensions that four latents drive, in a bent way."""
    A = np.random.default_rng(14).standard_normal((20, 4))
    z = rng.standard_normal((n, 4))
    return np.sin(z @ A.T) + 0.3 * rng.standard_normal((n, 20))


def lognormal(rng: np.random.Generator, n: int) -> Array:
    """Positive, skewed, and dependent."""
    z = rng.standard_normal((n, 3))
    return np.exp(np.column_stack([z[:, 0], 0.7 * z[:, 0] + 0.7 * z[:, 1], 1.3 * z[:, 2]]))


SETS: dict[str, tuple[Draw, int]] = {
    "t, 3 degrees": (student(3.0, 2), TRAIN),
    "t, 1.5 degrees": (student(1.5, 2), TRAIN),
    "t, 2 degrees, 8 dimensions": (student(2.0, 8), TRAIN),
    "sheet in 10 dimensions": (sheet, TRAIN),
    "two moons": (moons, TRAIN),
    "eight Gaussians, odd units": (far_units, TRAIN),
    "mixed columns": (mixed, TRAIN),
    "duplicates": (duplicates, TRAIN),
    "outliers": (outliers, TRAIN),
    "columns that hardly move": (still, TRAIN),
    "20 dimensions": (wide, TRAIN),
    "lognormal": (lognormal, TRAIN),
    "forty points": (moons, 40),
}


def one(
    steps: int, beside: bool, latents: int, recognition: str, name: str, seed: int
) -> tuple[str, str, list[float]]:
    """One run: how it ended, and the squared MMDs of dreams, fresh data and IWAE.

    Args:
        steps: of the run; the IWAE makes twice as many.
        beside: whether the IWAE learns, too; else its numbers are NaN.
        latents: of the network that learns.
        recognition: "local" or "trained".
        name: of the data.
        seed: of the data and of everything else.
    """
    draw, n = SETS[name]
    rng = np.random.default_rng(seed)
    train, test, more = draw(rng, n), draw(rng, TEST), draw(rng, TEST)
    ended, began = "well", time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            begun = ddc.fresh(train, rng, latents, variance=0.1)
            *_, step = ddc.fit(begun, train, rng, steps=steps, every=steps, recognition=recognition)
        except Diverged as error:
            step, ended = error.step, "ran away"
        seconds = time.process_time() - began
    if step.alarm:
        ended = f"{ended}; {step.alarm}"
    samples = [step.model.sample(rng, TEST)[0], more]
    if beside:
        samples.append(iwae(train, rng, 2 * steps, latents).sample(rng, TEST)[0])
    found = [list(metrics.mmd2_at_widths(test, dreams))[:3:2] for dreams in samples]
    if not beside:
        found.append([float("nan")] * 2)
    return name, ended, [*np.concatenate(found), seconds]


def iwae(train: Array, rng: np.random.Generator, steps: int, latents: int) -> ddc.Chain:
    """What an IWAE has learnt, or had when it ran away."""
    start, rate = ddc.fresh(train, rng, latents, variance=0.1), anneal(0.01, steps, start=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            *_, step = rivals.fit(start, train, rng=rng, k=10, steps=steps, rate=rate, every=steps)
        except Diverged as error:
            step = error.step
    return step.gen


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.steady",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(7100, 7105)))
    parser.add_argument("--only", choices=SETS, nargs="+", default=list(SETS), metavar="SET")
    parser.add_argument("--jobs", type=int, default=cores(), help="runs at a time")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--latents", type=int, default=2)
    parser.add_argument("--recognition", choices=("local", "trained"), default="local")
    parser.add_argument("--alone", action="store_true", help="without the IWAE")
    options = parser.parse_args(arguments)
    print(f"{load()}; 1e-4 MMD^2 at s0, s0/4: DDC (floor, IWAE), every seed")
    names, seeds = zip(*product(options.only, options.seeds), strict=True)
    learn = partial(one, options.steps, not options.alone, options.latents, options.recognition)
    runs = as_they_come(learn, names, seeds, jobs=options.jobs)
    well = 0
    for (name, ended, found), seed in zip(runs, seeds, strict=True):
        a, b, floor_a, floor_b, rival_a, rival_b = (1e4 * value for value in found[:6])
        well += ended.startswith("well")
        print(
            f"{name:28}{seed:6}  {a:7.1f} ({floor_a:5.1f}, {rival_a:7.1f})"
            f"  {b:7.1f} ({floor_b:5.1f}, {rival_b:7.1f})  {found[6]:5.1f} s  {ended}",
            flush=True,
        )
    print(f"{well} of {len(names)} runs ended well; {load()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
