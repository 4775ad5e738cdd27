"""How the benchmark of DDC judges: methods learn, dream, and are held against held-out data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class SampledLikelihood:
    """log p(x) of held-out data, from latents drawn from the model itself.

    Attributes:
        each: log p(x) of each datum, shape (n,), in nats.
        error: standard error of their mean that is due to the draws.
        effective: how many of the draws count for the median datum.
    """

    each: np.ndarray
    error: float
    effective: float


def sampled_likelihood(
    model: ddc.Chain, x: np.ndarray, rng: np.random.Generator, k: int, groups: int = 20
) -> SampledLikelihood:
    """`ddc.log_likelihood` with an error of the mean that knows that data share their latents.

    A draw that fits one datum fits its neighbours, so that errors of single data do not average
    out. Groups of draws are independent of each other: each is left out in turn (the jackknife).
    """
    size = k // groups
    parts = [ddc.log_likelihood(model, x, rng, size) for _ in range(groups)]
    log_p = np.array([values for values, _ in parts])  # (groups, n)
    # The weights' squares add up over groups: 1 / effective is the error's square and 1 / size.
    squares = np.array([np.log(errors**2 + 1 / size) for _, errors in parts]) + 2 * log_p
    total = np.logaddexp.reduce(log_p, axis=0)
    effective = np.exp(2 * total - np.logaddexp.reduce(squares, axis=0))
    without = [np.delete(log_p, g, axis=0) for g in range(groups)]
    means = np.array([np.logaddexp.reduce(rest, axis=0).mean() for rest in without])
    error = np.sqrt((groups - 1) * means.var())
    return SampledLikelihood(total - np.log(groups), float(error), float(np.median(effective)))


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
