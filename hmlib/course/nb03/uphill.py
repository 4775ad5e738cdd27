"""Small steps straight up L on the stripes, from the beginnings of the fifty climbs of EM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, exact
from hmlib.binary import sigmoid, softplus
from hmlib.course.nb03.climbing import beginning

Array = NDArray[np.float64]
Machines = tuple[Array, Array, Array]
"""g (s, n_v), G (s, n_u, n_v) and h (s, n_u) of s machines."""


def slopes(machines: Machines) -> tuple[Array, Machines]:
    """L of machines on the stripes, shape (s,), and its slope in g, G and h."""
    g, G, h = machines
    world, v = datasets.stripes(), exact.states(g.shape[1])
    x = np.einsum("kv,suv->sku", v, G) + h[:, None]
    log_prior = g @ v.T - softplus(g).sum(axis=1)[:, None]
    log_joint = np.einsum("nu,sku->snk", world.u, x) - softplus(x).sum(axis=2)[:, None]
    log_joint += log_prior[:, None]
    top = log_joint.max(axis=2, keepdims=True)
    joint = np.exp(log_joint - top)
    total = joint.sum(axis=2, keepdims=True)
    log_l: Array = (top + np.log(total))[..., 0] @ world.weights
    weight = joint / total * world.weights[:, None]  # P[v|u] times how often u is seen
    error = np.einsum("snk,nu->sku", weight, world.u) - weight.sum(axis=1)[..., None] * sigmoid(x)
    d_g = weight.sum(axis=1) @ v - sigmoid(g)
    return log_l, (d_g, np.einsum("sku,kv->suv", error, v), error.sum(axis=1))


def small_steps(
    seeds: Sequence[int], n_v: int, length: float = 0.05, steps: int = 15_000
) -> tuple[Array, Machines]:
    """Climb L by small steps along its slope.

    Args:
        seeds: of the first weights, as in `climbing.beginning`.
        n_v: number of causes.
        length: the longest step, as a distance in the space of all weights. A step that earns
            less than half of what its slope promised is taken back, and the next one is shorter.
        steps: number of steps, with those that are taken back.

    Returns:
        The last L of each, shape (s,), in nats, and the machines.
    """
    gens = [beginning(seed, n_v)[0] for seed in seeds]
    g, G, h = ([getattr(gen, name) for gen in gens] for name in ("g", "G", "h"))
    here = np.array(g), np.array(G), np.array(h)
    rate = np.full(len(gens), 0.5)
    log_l, slope = slopes(here)
    for _ in range(steps):
        steep = np.sqrt(sum((d**2).reshape(len(gens), -1).sum(axis=1) for d in slope))
        move = np.minimum(rate, length / steep)
        there = _moved(here, move, slope)
        log_l_there, slope_there = slopes(there)
        kept = log_l_there - log_l > 0.5 * move * steep**2
        rate = np.where(kept, 1.1 * rate, 0.5 * rate)
        log_l[kept] = log_l_there[kept]
        here = _chosen(kept, there, here)
        slope = _chosen(kept, slope_there, slope)
    return log_l, here


def _each(values: NDArray[Any], like: Array) -> NDArray[Any]:
    """One value a machine, in a shape that goes with an array of all machines."""
    return values.reshape((-1,) + (1,) * (like.ndim - 1))


def _chosen(first: NDArray[np.bool_], one: Machines, other: Machines) -> Machines:
    """For each machine one or the other."""
    g, G, h = (np.where(_each(first, a), a, b) for a, b in zip(one, other, strict=True))
    return g, G, h


def _moved(machines: Machines, move: Array, slope: Machines) -> Machines:
    """Each machine, moved along its slope."""
    g, G, h = (a + _each(move, a) * d for a, d in zip(machines, slope, strict=True))
    return g, G, h
