"""Guesses drawn from Q and weighed by P / Q, for three machines of the stripes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from hmlib import datasets, exact
from hmlib.binary import Recognition, log_bernoulli
from hmlib.course import kept_runs

Array = NDArray[np.float64]

MACHINES = ("top", "walked", "tower")
"""9-4 at the top of L, 9-4 after wake-sleep from there, and 9-4-1 taught by wake-sleep."""

MOST = 60
"""Guesses a picture, at most."""

SETS = 2000
"""Sets of guesses a picture, over which L_K is averaged."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """L_K of a machine on the stripes, in nats.

    Attributes:
        below: L - L_K for K = 1 to `MOST`, averaged over drawn guesses, shape (MOST,).
        log_likelihood: L.
        gap: L - F.
        hardest: the picture with the largest gap, by its place in the data.
    """

    below: Array
    log_likelihood: float
    gap: float
    hardest: int


def machine(name: str) -> kept_runs.Machine:
    """One of the `MACHINES`, (gen, rec)."""
    costs = kept_runs.costs()
    walk = costs.walks[0, "wake-sleep"]
    pairs: dict[str, kept_runs.Machine] = {
        "top": (walk.gen[0], walk.rec[0]),
        "walked": (walk.gen[-1], walk.rec[-1]),
        "tower": costs.tower,
    }
    return pairs[name]


@cache
def log_weights(name: str) -> Array:
    """log(P[v_k, u] / Q[v_k|u]) of drawn guesses, shape (12, SETS, MOST), in nats."""
    gen, rec = machine(name)
    u, rng = datasets.stripes().u, np.random.default_rng(0)
    q = exact.recognition_table(rec, u)
    up_to = q.cumsum(axis=1) / q.sum(axis=1, keepdims=True)
    draws = rng.random((len(u), SETS, MOST))
    picks = [row.searchsorted(draw, side="right") for row, draw in zip(up_to, draws, strict=True)]
    log_ratio = exact.log_joint(gen, u) - log_recognition_table(rec, u)
    return np.array([row[pick] for row, pick in zip(log_ratio, picks, strict=True)])


def log_recognition_table(rec: exact.AnyRecognition, u: Array) -> Array:
    """Table of log Q[v|u], (n, 2**n_v), also where Q is too small to be told from 0, in nats."""
    v = exact.states(rec.n_v)
    if isinstance(rec, Recognition):
        return log_bernoulli(v, rec.drive(u)[:, None])
    return np.array([rec.log_prob(v, np.repeat(row[None], len(v), axis=0)) for row in u])


@cache
def bounds(name: str) -> Bounds:
    """How far L_K is below L, for one of the `MACHINES`."""
    gen, rec = machine(name)
    world = datasets.stripes()
    o = exact.objectives(gen, rec, world.u)
    log_l = world.weights @ o.log_likelihood
    sums = np.logaddexp.accumulate(log_weights(name), axis=2).mean(axis=1)
    log_l_k = world.weights @ sums - np.log(np.arange(1, MOST + 1))
    return Bounds(
        below=log_l - log_l_k,
        log_likelihood=float(log_l),
        gap=float(world.weights @ o.kl_q_p),
        hardest=int(o.kl_q_p.argmax()),
    )


def weights_of(log_w: Array) -> tuple[Array, float]:
    """Weights of K guesses, heaviest first, (K,), and how many equal ones they count as."""
    omega = np.exp(log_w - logsumexp(log_w))
    return np.sort(omega)[::-1], float(1 / (omega**2).sum())
