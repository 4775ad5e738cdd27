"""Random small machines, and whether a small step of sleep raises or lowers F."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmlib import exact
from hmlib.binary import Generative, Recognition

Array = NDArray[np.float64]

INPUTS, SHOWN = 5, 6
"""Inputs of a machine; different inputs that make its data, where these are not its dreams."""

SPREAD, NEAR = 1.5, 0.05
"""Standard deviations: of all parameters, and of a recogniser around the posterior."""

STANDS = ("blank", "anywhere", "near the posterior")
"""Where the recogniser is."""


@dataclass(frozen=True, eq=False)
class Sleeper:
    """A machine before a step of sleep.

    Attributes:
        gen, rec: both models.
        u, weights: the data, shapes (n, 5) and (n,).
    """

    gen: Generative
    rec: Recognition
    u: Array
    weights: Array


def sleeper(rng: np.random.Generator, causes: int, stands: str, dreams: bool) -> Sleeper:
    """A random machine of five inputs.

    Args:
        rng: random generator.
        causes: number of causes; 1 if the recogniser is to be near the posterior.
        stands: one of `STANDS`.
        dreams: whether the data are the machine's own dreams, all inputs as often as it dreams
            them; otherwise six different inputs, equally often.
    """
    shapes = (causes,), (INPUTS, causes), (INPUTS,)
    gen = Generative(*(SPREAD * rng.standard_normal(shape) for shape in shapes))
    u = exact.states(INPUTS)
    weights: Array = np.exp(exact.log_likelihood(gen, u))
    if not dreams:
        u, weights = u[rng.permutation(len(u))[:SHOWN]], np.ones(SHOWN)
    if stands == "blank":
        rec = Recognition.zeros(INPUTS, causes)
    elif stands == "anywhere":
        rec = Recognition.random(rng, INPUTS, causes, scale=SPREAD)
    else:
        rec = says_posterior(gen) + Recognition.random(rng, INPUTS, causes, scale=NEAR)
    return Sleeper(gen, rec, u, weights / weights.sum())


def says_posterior(gen: Generative) -> Recognition:
    """The recogniser that says the posterior of a machine with one cause.

    The log odds of the cause are g + sum_b log(P[u_b | v = 1] / P[u_b | v = 0]), linear in u.
    """
    G = gen.G[:, 0]
    bias = gen.g + (np.logaddexp(0, gen.h) - np.logaddexp(0, G + gen.h)).sum()
    return Recognition(w=bias, W=G[None])


def change_of_F(at: Sleeper) -> float:
    """How fast F rises along the expected sleep update: slope of F times update, added up."""
    up = exact.grad_free_energy(at.gen, at.rec, at.u, at.weights)[1].ravel()
    sleep = exact.grad_dream(at.gen, at.rec, at.u, at.weights)[1].ravel()
    return float(up @ sleep)


def lowered(n: int, seed: int, causes: int, stands: str, dreams: bool) -> int:
    """In how many of n random machines a small step of sleep lowers F."""
    rng = np.random.default_rng(seed)
    return sum(change_of_F(sleeper(rng, causes, stands, dreams)) < 0 for _ in range(n))
