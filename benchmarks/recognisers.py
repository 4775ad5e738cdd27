"""Controls for the comparison of six latents: the same recogniser, learnt in other ways.

`ddc.Looking` learns from dreams. Here its two networks learn by an IWAE's bound, and from latents
that are drawn for data and weighed: what is left of a difference is not the networks' doing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from hmlib import ddc
from hmlib.ddc.families import log_normal
from hmlib.ddc.guided import weighed_draws
from hmlib.ddc.looks import Looking
from hmlib.ddc.particles import FIRST_NIGHTS, SLEEP_RATE
from hmlib.ddc.subtracting import Trained
from hmlib.learning import Adam, anneal
from hmlib.rivals.gradients import log_joint
from hmlib.rivals.ruler import Ruler

Array = np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Learnt:
    """Where a control stands.

    Attributes:
        model: the generative model.
        recogniser: its two networks.
    """

    model: ddc.Chain
    recogniser: Looking


def looking_bound(
    model: ddc.Chain, q: Looking, x: Array, noise: Array
) -> tuple[Array, Array, Array]:
    """L_K of each datum, with guesses of both looks, and the gradient of its mean.

    With A = C^-T a guess is z = m + d + A e. Its gradient g gives -(A e)(A^T g)^T in C, and log q
    has log det C. What the second network sees depends on the first guess, through the model, too;
    the model that it looks at is taken as it comes.

    Args:
        model: a chain of one network below normal latents.
        q: facing that model.
        x: shape (n, n_x).
        noise: e, standard normal, shape (n, K, n_z).

    Returns:
        L_K, shape (n,), in nats; the gradients of its mean in the model and in what of q learns.
    """
    n, k, n_z = noise.shape
    m, _, first_back = q.first.said_of(x)
    d, C, second_back = q.second.said_of(q.seen(x, m))
    inverse = np.linalg.inv(C)
    moved = noise @ inverse  # (A e)^T, a row each
    z = (m + d)[:, None] + moved
    diagonal = C[:, range(n_z), range(n_z)]
    log_q = log_normal(noise, np.zeros(n_z)) + np.log(diagonal).sum(axis=1)[:, None]
    log_p, back = log_joint(model, x.repeat(k, axis=0), z.reshape(n * k, n_z))
    log_w = log_p.reshape(n, k) - log_q
    log_sum = np.logaddexp.reduce(log_w, axis=1)
    w = np.exp(log_w - log_sum[:, None]) / n
    d_model, d_z = back(w.ravel())
    d_z = d_z.reshape(noise.shape)
    d_mean = d_z.sum(axis=1)
    pulled = d_z @ inverse.swapaxes(1, 2)  # (A^T g)^T
    d_C = -np.einsum("nki,nkj->nij", moved, pulled)
    d_C[:, range(n_z), range(n_z)] -= 1 / (n * diagonal)
    to_second, hidden = second_back(d_mean, d_C)
    d_seen = hidden @ q.second.weights[0] @ q.second.U
    d_m = d_mean + d_seen[:, q.first.n_x : q.first.n_x + n_z]
    d_m = d_m - _through(model, m, d_seen[:, q.first.n_x + n_z :] / (2 * _unit(q)))
    to_first, _ = first_back(d_m, np.zeros_like(C))
    return log_sum - np.log(k), d_model, np.concatenate([to_first, to_second])


def looking_autoencoder(
    model: ddc.Chain,
    x: Array,
    rng: np.random.Generator,
    steps: int,
    k: int = 5,
    rate: float = 0.01,
    minibatch: int = 200,
) -> Iterator[Learnt]:
    """An IWAE that looks twice and says correlations."""
    q = Looking.random(rng, model, x)
    rates, units = anneal(rate, steps, start=0.0), Ruler(model, x).of_model
    for_model, for_q = Adam(), Adam()
    for done in range(steps):
        some = x[rng.integers(len(x), size=minibatch)]
        noise = rng.standard_normal((minibatch, k, q.first.n_z))
        _, d_model, d_q = looking_bound(model, q, some, noise)
        move, for_model = for_model.move(units * d_model, rates(done))
        model = model.like(model.ravel() + units * move)
        move, for_q = for_q.move(d_q, rates(done))
        q = q.with_learnt(q.learnt() + move).facing(model)
    yield Learnt(model, q)


def guided_from_data(
    model: ddc.Chain,
    x: Array,
    rng: np.random.Generator,
    steps: int,
    draws: int = 20,
    rate: float = 0.01,
    minibatch: int = 100,
) -> Iterator[Learnt]:
    """`guided`, but its recogniser learns from data: from one of the weighed latents of each."""
    trained = Trained.untaught(Looking.random(rng, model, x))
    for _ in range(FIRST_NIGHTS):
        seen, z = model.sample(rng, 300)
        trained = trained.after(z, seen, SLEEP_RATE[0])
    rates = anneal(rate, steps, start=0.0)
    units, optimiser = Ruler(model, x).of_model, Adam()
    for done in range(steps):
        some = x[rng.integers(len(x), size=minibatch)]
        trained = trained.facing(model)
        each, (z,), log_w = weighed_draws(model, trained.mean, some, rng, draws, prior=2)
        w = np.exp(log_w - np.logaddexp.reduce(log_w, axis=1)[:, None])
        chosen = (w.cumsum(axis=1) < rng.random((len(some), 1))).sum(axis=1)
        taught = z.reshape(len(some), draws, -1)[range(len(some)), chosen.clip(max=draws - 1)]
        score = model.layers[0].weighted_score(each, z, w.ravel() / len(some))
        move, optimiser = optimiser.move(units * score, rates(done))
        model = model.like(model.ravel() + units * move)
        first, last = SLEEP_RATE
        trained = trained.after(taught, some, first + (last - first) * done / steps)
    yield Learnt(model, replace(trained.mean, model=model))


def _unit(q: Looking) -> Array:
    noise = q.model.layers[0].noise
    return q.spread if noise is None else np.exp(noise / 2)


def _through(model: ddc.Chain, m: Array, d_expected: Array) -> Array:
    """The gradient in m of what the bottom layer expects of it."""
    bottom = model.layers[0]
    hidden = np.tanh(m @ bottom.V.T + bottom.a)
    return ((d_expected @ bottom.U) * (1 - hidden**2)) @ bottom.V
