"""EM on the stripes, phase by phase, from small random weights."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, exact, learning
from hmlib.binary import Generative, Recognition, sigmoid
from hmlib.learning import Step

Array = NDArray[np.float64]

KINDS = {"exact": "exact", "mean field": "mean_field", "recognition weights": "recognition"}
"""What Q may be, as a student and as `learning.em` name it."""

N_CAUSES = 5
SCALE = 0.5
"""The machine that is climbed with: its number of causes, and how large its first weights are."""


def beginning(seed: int, n_v: int = N_CAUSES) -> tuple[Generative, Recognition]:
    """Two small random models of 3 x 3 pixels; the same seed gives the same models."""
    rng = np.random.default_rng(seed)
    return Generative.random(rng, 9, n_v, SCALE), Recognition.random(rng, 9, n_v, SCALE)


@lru_cache(maxsize=4096)
def climb(word: str, kind: str, seed: int) -> Step:
    """Where a word of phases such as "EMEM" leads; one letter more costs one phase more.

    Args:
        word: the phases, each "E" or "M".
        kind: what Q may be, one of `KINDS`.
        seed: of the first weights.
    """
    world = datasets.stripes()
    if not word:
        return learning.first_step(*beginning(seed), world.u, KINDS[kind])
    phase = {"E": learning.e_phase, "M": learning.m_phase}[word[-1]]
    return phase(climb(word[:-1], kind, seed), world.u, world.weights)


def machine(word: str, kind: str, seed: int) -> Generative:
    """The generative model to which a word of phases leads; one layer, as `beginning` made it."""
    return cast(Generative, climb(word, kind, seed).gen)


@lru_cache(maxsize=4096)
def heights(word: str, kind: str, seed: int) -> tuple[float, float]:
    """L and F after a word of phases, averaged over the world of stripes, in nats."""
    world, step = datasets.stripes(), climb(word, kind, seed)
    log_l = exact.log_likelihood(step.gen, world.u)
    return float(world.weights @ log_l), float(world.weights @ step.free_energy(world.u))


def drawn(gen: Generative) -> Array:
    """What each cause draws when it alone is on: pixel probabilities, shape (n_v, 3, 3)."""
    pixels: Array = sigmoid(gen.drive(np.eye(gen.n_v)))
    return pixels.reshape(-1, 3, 3)
