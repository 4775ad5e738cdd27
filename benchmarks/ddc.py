"""DDC beside its rivals, with seeds, spread and seconds: `python -m benchmarks.ddc`.

    --seeds 3000 3001          any seeds; each part has its own, which nobody tuned on
    --only ring pinwheel       some parts
    --jobs 1                   seeds one after the other; the same numbers
    --quick                    a tenth of the steps, to see that it runs
    --write                    keep the records in data/ddc_results.json, for notebook 10

Every record is one method on one seed: its training and test data are drawn anew. The mode in
which DDC wakes is part of its name: "DDC code" and "DDC split" read the bottom layer off the code;
"score" does not, so that it is called DDC only where upper layers are learnt from codes. Where
PyTorch is installed, IWAE is learnt once more with its gradients.
All methods of a part have the same generator, the same start and steps that take about the same
seconds; architectures, rates and how they were found are listed in benchmarks/ddc_tuning.md. One
exception is named there: on digits IWAE has normal causes, since it needs a gradient through them.

Seconds are the processor's: those of the clock on a quiet machine. MMD^2 is between dreams
and the test set; p closer (farther) is the p-value of the relative-MMD test for "closer to the test
set than IWAE" ("farther"). Log likelihoods are held out, in nats.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from itertools import repeat

import numpy as np

from benchmarks import ddc_autograd, judging
from benchmarks.ddc_pictures import digits, patches
from benchmarks.judging import judged
from benchmarks.running import cores, in_parallel, load
from hmlib import datasets, ddc, learning, rivals
from hmlib.binary import Recognition
from hmlib.course import ddc_recipes as recipes
from hmlib.course.nb10.rivals_table import FILE as RESULTS
from hmlib.course.nb10.rivals_table import Row, rivals_table
from hmlib.course.wake_sleep_recipes import divergence
from hmlib.learning import two_stage

TRAIN, TEST, JUDGED = 4000, 2000, 500
"""Data learnt from, held out, and held out for log likelihoods."""

PRIOR_DRAWS = 100_000


# Curves in the plane: a network generator.

CURVES = {"ring": datasets.ring, "pinwheel": datasets.pinwheel}


def curve(data: str, seed: int, quick: bool = False) -> list[Row]:
    """One seed of ring or pinwheel: code, score, VAE and IWAE."""
    rng = np.random.default_rng(seed)
    train, test = CURVES[data](rng, TRAIN), CURVES[data](rng, TEST)
    part = 10 if quick else 1
    ways = {
        "DDC code": lambda rng: recipes.curve(train, rng, "code", recipes.CURVE_STEPS // part),
        "score": lambda rng: recipes.curve(train, rng, "score", recipes.CURVE_STEPS // part),
        "VAE": lambda rng: autoencoder(train, rng, 1, VAE_STEPS // part),
        "IWAE": lambda rng: autoencoder(train, rng, 10, IWAE_STEPS // part),
    }
    if ddc_autograd.AVAILABLE:
        ways["IWAE, torch"] = lambda rng: by_autograd(train, rng, 10, IWAE_STEPS // part)
    return judged(data, seed, ways, test, lambda step: sampled_likelihood(step.gen, test))


VAE_STEPS, IWAE_STEPS = 8000, 4000
AUTOENCODER_RATE, AUTOENCODER_NOISE = 0.01, 0.1


def autoencoder(train: np.ndarray, rng: np.random.Generator, k: int, steps: int) -> Iterable:
    """A VAE (k = 1) or IWAE with the generator of `recipes.curve`, its noise low at the start."""
    start, rate = autoencoder_start(train, rng, steps)
    return rivals.fit(start, train, rng=rng, k=k, steps=steps, rate=rate, every=steps)


def by_autograd(train: np.ndarray, rng: np.random.Generator, k: int, steps: int) -> Iterable:
    """The same, with gradients by an autograd framework: the same numbers, other seconds."""
    start, rate = autoencoder_start(train, rng, steps)
    return ddc_autograd.fit(start, train, rng, k, steps, rate)


def autoencoder_start(
    train: np.ndarray, rng: np.random.Generator, steps: int
) -> tuple[ddc.Chain, Callable[[int], float]]:
    rate = two_stage(AUTOENCODER_RATE, AUTOENCODER_RATE / 5, steps, switch=0.6)
    return ddc.fresh(train, rng, variance=AUTOENCODER_NOISE), rate


def sampled_likelihood(model: ddc.Chain, test: np.ndarray) -> tuple[float, float]:
    """Mean log p(x) of held-out points, by draws from the prior, and its standard error."""
    found = judging.sampled_likelihood(model, test[:JUDGED], np.random.default_rng(0), PRIOR_DRAWS)
    return float(found.each.mean()), found.error


# The paper's layered model.

LAPLACE_RIVAL_STEPS = {"VAE": 6500, "IWAE": 3200}


def laplace(data: str, seed: int, quick: bool = False) -> list[Row]:
    """One random instance of the layered Laplace model, learnt from random weights."""
    rng, part = np.random.default_rng(seed), 10 if quick else 1
    true = recipes.layered_laplace(rng)
    train, test = true.sample(rng, TRAIN)[0], true.sample(rng, TEST)[0]

    def rival(k: int, steps: int) -> Callable[[np.random.Generator], Iterable]:
        rate = two_stage(AUTOENCODER_RATE, AUTOENCODER_RATE / 5, steps, switch=0.6)
        return lambda rng: rivals.fit(
            less_noise(recipes.laplace_start(train, rng)), train, rng=rng, k=k, steps=steps,
            rate=rate, every=steps,
        )  # fmt: skip

    def mode(wake: str) -> Callable[[np.random.Generator], Iterable]:
        return lambda rng: recipes.laplace(train, rng, wake, recipes.LAPLACE_STEPS // part)

    ways = {
        "DDC split": mode("split"),
        "DDC code": mode("code"),
        "DDC score": mode("score"),
        "VAE": rival(1, LAPLACE_RIVAL_STEPS["VAE"] // part),
        "IWAE": rival(10, LAPLACE_RIVAL_STEPS["IWAE"] // part),
    }

    def exact(model: ddc.Chain) -> float:
        return float(ddc.laplace_log_likelihood(model, test).mean())

    return judged(data, seed, ways, test, lambda step: (exact(step.gen), 0.0), exact(true))


def less_noise(model: ddc.Chain) -> ddc.Chain:
    """The start of the autoencoders: the same weights, a tenth of the noise."""
    bottom, *upper = model.layers
    log_var = bottom.log_var + np.log(AUTOENCODER_NOISE)
    return ddc.Chain((ddc.Gaussian(bottom.A, bottom.b, log_var), *upper))


# 3 x 3 bars: binary causes, everything exact.

WAKE_SLEEP_STEPS = 100_000


def bars(data: str, seed: int, quick: bool = False) -> list[Row]:
    """The 3 x 3 bars: DDC and classic wake-sleep from the same start; log likelihoods are exact."""
    world, part = recipes.bars_world(), 10 if quick else 1
    test = world.sample(np.random.default_rng(seed), TEST)

    def mode(wake: str) -> Callable[[np.random.Generator], Iterable]:
        return lambda rng: recipes.bars(rng, wake, recipes.BARS_STEPS // part)

    def wake_sleep(rng: np.random.Generator) -> Iterable:
        steps = WAKE_SLEEP_STEPS // part
        rate = learning.anneal(0.1, steps)
        start = recipes.bars_start(rng)
        return learning.wake_sleep(
            start, Recognition.zeros(9, 6), world.u, world.weights, rate, steps, rng=rng,
            every=steps,
        )  # fmt: skip

    ways = {
        "DDC split": mode("split"),
        "DDC code": mode("code"),
        "score": mode("score"),
        "wake-sleep": wake_sleep,
    }

    def exact(step: learning.Step | ddc.DDCStep) -> tuple[float, float]:
        gen = step.gen
        if isinstance(gen, ddc.Chain):
            gen = recipes.as_generative(gen)
        return -world.entropy - divergence(world, gen), 0.0

    return judged(data, seed, ways, test, exact, -world.entropy)


PARTS: dict[str, tuple[Callable[..., list[Row]], tuple[int, ...]]] = {
    "ring": (curve, tuple(range(5000, 5010))),
    "pinwheel": (curve, tuple(range(5000, 5010))),
    "layered Laplace": (laplace, tuple(range(5000, 5025))),
    "3 x 3 bars": (bars, tuple(range(3000, 3010))),
    "patches": (patches, tuple(range(4000, 4005))),
    "digits": (digits, tuple(range(4000, 4005))),
}


def one(quick: bool, data: str, seed: int) -> list[Row]:
    """All methods of one part on one seed."""
    return PARTS[data][0](data, seed, quick)


# Tables.


def print_part(data: str, records: Sequence[Row]) -> None:
    """Median and range of every method, then every seed."""
    seeds = sorted({record.seed for record in records})
    print(f"\n{data}: {len(seeds)} seeds")
    print(
        f"  {'':12}{'s':>7}{'MMD^2':>10}{'worst':>9}{'log lik':>10}{'-truth':>9}{'worst':>9}"
        "  p closer / farther than IWAE, by seed"
    )
    for method in dict.fromkeys(record.method for record in records):
        rows = [record for record in records if record.method == method]
        mmd2 = [row.mmd2 for row in rows]
        print(
            f"  {method:12}{statistics.median(row.seconds for row in rows):7.1f}"
            f"{statistics.median(mmd2):10.4f}{max(mmd2):9.4f}{_likelihoods(rows)}  {_p(rows)}"
            + (f"  {n} ran away" if (n := sum(row.diverged for row in rows)) else ""),
            flush=True,
        )


def _likelihoods(rows: Sequence[Row]) -> str:
    known = [row.log_likelihood for row in rows if row.log_likelihood is not None]
    if not known:
        return " " * 28
    text = f"{statistics.median(known):10.3f}"
    if rows[0].truth is None:
        return f"{text}{'':9}{min(known):9.3f}"
    gaps = [row.log_likelihood - row.truth for row in rows]
    return f"{text}{statistics.median(gaps):9.3f}{min(gaps):9.3f}"


def _p(rows: Sequence[Row]) -> str:
    return " ".join(
        f"{row.p_closer:.0e}/{row.p_farther:.0e}" for row in rows if row.p_closer is not None
    )


def kept(records: Sequence[Row]) -> str:
    """The records as text, a line each, rounded to what can be told apart."""
    lines = []
    for record in records:
        rounded = {
            name: float(f"{value:.5g}") if isinstance(value, float) else value
            for name, value in asdict(record).items()
        }
        lines.append(json.dumps(rounded))
    return "[\n" + ",\n".join(lines) + "\n]\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ddc",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, nargs="+", help="for every part")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), metavar="PART")
    parser.add_argument("--jobs", type=int, default=cores(), help="seeds at a time")
    parser.add_argument("--quick", action="store_true", help="a tenth of the steps")
    parser.add_argument("--write", action="store_true", help="keep the records")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error(f"--jobs is {options.jobs}; accepted: 1 or more")

    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {load()}")
    for data in options.only:
        seeds = options.seeds or PARTS[data][1]
        runs = in_parallel(partial(one, options.quick), repeat(data), seeds, jobs=options.jobs)
        records = [record for run in runs for record in run]
        print_part(data, records)
        if options.write:
            keep(data, records)
    print(f"\n{load()} at the end")
    return 0


def keep(data: str, records: Sequence[Row]) -> None:
    """Put the records of one part into the file, in place of those it had."""
    found = [record for record in earlier() if record.data != data] + list(records)
    order = {name: place for place, name in enumerate(PARTS)}
    found.sort(key=lambda record: order.get(record.data, len(order)))
    RESULTS.write_text(kept(found), encoding="utf-8")
    print(f"{RESULTS.name}: {len(found)} records")


def earlier() -> list[Row]:
    """The records kept so far."""
    return list(rivals_table(RESULTS).rows) if RESULTS.exists() else []


if __name__ == "__main__":
    sys.exit(main())
