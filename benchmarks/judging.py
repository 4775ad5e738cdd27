"""How the benchmark of DDC judges: methods learn, dream, and are held against held-out data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from hmlib import ddc, metrics
from hmlib.course.nb10.rivals_table import Row
from hmlib.learning import Diverged

Way = Callable[[np.random.Generator], Iterable]
"""From a random generator to the steps of learning."""


def learnt(way: Way, rng: np.random.Generator) -> tuple[Any, float, bool]:
    """The last good step of a run, the seconds of the processor that it took, and whether it ran
    away."""
    start = time.process_time()
    try:
        *_, last = way(rng)
        diverged = False
    except Diverged as failure:
        last, diverged = failure.step, True
    return last, time.process_time() - start, diverged


def dreamt(gen: Any, rng: np.random.Generator, n: int) -> np.ndarray:
    """Dreams of x, shape (n, d); a chain has them first, the classic machines have them last."""
    layers = gen.sample(rng, n)
    return layers[0] if isinstance(gen, ddc.Chain) else layers[-1]


def held_beside_iwae(
    test: np.ndarray, dreams: dict[str, np.ndarray]
) -> dict[str, tuple[float | None, float | None]]:
    """Both p-values of every method against IWAE."""
    found: dict[str, tuple[float | None, float | None]] = {}
    for method, y in dreams.items():
        if method == "IWAE" or "IWAE" not in dreams:
            found[method] = (None, None)
        else:
            p = metrics.relative_mmd_test(test, y, dreams["IWAE"]).p
            found[method] = (p, 1 - p)
    return found


def judged(
    data: str,
    seed: int,
    ways: dict[str, Way],
    test: np.ndarray,
    likelihood: Callable[[Any], tuple[float, float]],
    truth: float | None = None,
    n_dreams: int = 2000,
) -> list[Row]:
    """Learn in every way, and judge each on the same test data.

    Args:
        data, seed: names of what is learnt.
        ways: the methods, by name.
        test: held-out data, shape (n, d).
        likelihood: from the last step of a run to the mean log likelihood of the test data and
            its standard error as an estimate.
        truth: mean log likelihood of the model that made the data, where it is known.
        n_dreams: dreams that are held against the test data.
    """
    runs = {}
    for name, way in ways.items():
        # Every method draws its own numbers, whatever the others do.
        runs[name] = learnt(way, np.random.default_rng([seed, 1]))
    rng = np.random.default_rng([seed, 2])
    dreams = {name: dreamt(run[0].gen, rng, n_dreams) for name, run in runs.items()}
    bandwidth = metrics.median_bandwidth(test)
    beside = held_beside_iwae(test, dreams)
    return [
        Row(
            data, name, seed, seconds, metrics.mmd2(test, dreams[name], bandwidth),
            *likelihood(step), truth, *beside[name], diverged,
        )
        for name, (step, seconds, diverged) in runs.items()
    ]  # fmt: skip
