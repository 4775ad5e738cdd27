"""How the benchmark of DDC judges: methods learn, dream, and are held against held-out data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hmlib import ddc, metrics
from hmlib.course.nb10.rivals_table import Row
from hmlib.ddc.proposals import student
from hmlib.ddc.subtracting import Trained
from hmlib.learning import Diverged, anneal

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


@dataclass(frozen=True)
class AtModes:
    """Latents of a network over N(0, I): half from a recogniser, half from a Student t at the mode
    of the posterior that lies nearest to what it says, as narrow as the posterior is there."""

    model: ddc.Chain
    recogniser: ddc.Proposal

    def draw(
        self, rng: np.random.Generator, x: np.ndarray, k: int
    ) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
        """k latents for each x, shape (n, k, n_z), and their log density."""
        half = k // 2
        said, log_said = self.recogniser.draw(rng, x, k - half)
        top, precision = self.modes(x)
        found, log_found = student(rng, top, np.linalg.cholesky(precision), half)
        parts = np.log([(k - half) / k, half / k])

        def log_density(at: np.ndarray) -> np.ndarray:
            return np.logaddexp(parts[0] + log_said(at), parts[1] + log_found(at))

        return np.concatenate([said, found], axis=1), log_density

    def modes(self, x: np.ndarray, steps: int = 30) -> tuple[np.ndarray, np.ndarray]:
        """Where steps of Gauss and Newton end, (n, n_z), and the precision there."""
        network = self.model.layers[0]
        assert isinstance(network, ddc.Network)
        V, a, U, b = network.V, network.a, network.U, network.b
        scale = np.exp(-network.log_var / 2)
        z = self.recogniser.said_of(x)[0]

        def about(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            h = np.tanh(z @ V.T + a)
            miss = (x - b - h @ U.T) * scale
            J = np.einsum("xh,nh,hz->nxz", U * scale[:, None], 1 - h**2, V)
            return (miss**2).sum(axis=1) + (z**2).sum(axis=1), miss, J

        value, miss, J = about(z)
        damping = np.ones(len(x))
        for _ in range(steps):
            H = np.einsum("nxz,nxy->nzy", J, J) + np.eye(z.shape[1])
            slope = np.einsum("nxz,nx->nz", J, miss) - z
            damped = H + damping[:, None, None] * np.eye(z.shape[1])
            there = z + np.linalg.solve(damped, slope[:, :, None])[:, :, 0]
            new, new_miss, new_J = about(there)
            better = new < value
            z = np.where(better[:, None], there, z)
            value = np.where(better, new, value)
            miss = np.where(better[:, None], new_miss, miss)
            J = np.where(better[:, None, None], new_J, J)
            damping = np.where(better, damping / 4, damping * 4)
        return z, np.einsum("nxz,nxy->nzy", J, J) + np.eye(z.shape[1])


def proposed_likelihood(
    model: ddc.Chain, x: np.ndarray, rng: np.random.Generator, k: int = 1000, nights: int = 1000
) -> SampledLikelihood:
    """log p(x) of a model whose own draws never fit: from draws that are weighed.

    They come from a recogniser that the model's own dreams have trained for this, so that no
    method's own recogniser is favoured; of a network over N(0, I) also from the modes of the
    posterior; a tenth are from the prior.
    """
    q = ddc.Proposal.random(rng, model.sample(rng, 1000)[0], sum(a.n_y for a in model.layers[1:]))
    trained = Trained.untaught(q)
    rate = anneal(8e-3, nights, start=0.0)
    for night in range(nights):
        dreams = model.sample(rng, 300)
        trained = trained.after(np.hstack(dreams[1:]), dreams[0], rate(night))
    plain = model.depth == 1 and isinstance(model.layers[0], ddc.Network)
    drawn = AtModes(model, trained.mean) if plain else trained.mean
    parts = [
        ddc.weighed_draws(model, drawn, some, rng, k, prior=k // 10)[2]
        for some in np.array_split(x, max(1, len(x) // 50))
    ]
    log_w = np.concatenate(parts)
    total = np.logaddexp.reduce(log_w, axis=1)
    effective = np.exp(2 * total - np.logaddexp.reduce(2 * log_w, axis=1))
    error = np.sqrt((1 / effective - 1 / k).clip(0).sum()) / len(x)
    return SampledLikelihood(total - np.log(k), float(error), float(np.median(effective)))


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
