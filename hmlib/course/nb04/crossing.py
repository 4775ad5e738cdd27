"""What either phase of wake-sleep does to the objective of the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib import exact
from hmlib.binary import Generative, Recognition

Array = NDArray[np.float64]


def random_pair(seed: int) -> tuple[Generative, Recognition, Array]:
    """A random machine of 3 inputs and 2 causes, a recogniser, and how often each input is dreamt.

    The inputs are the rows of `exact.states(3)`; the last of the three has shape (8,).
    """
    rng = np.random.default_rng(seed)
    gen = Generative.random(rng, 3, 2, scale=5.0)
    rec = Recognition.random(rng, 3, 2, scale=5.0)
    return gen, rec, np.exp(exact.log_likelihood(gen, exact.states(3)))


def across(seed: int) -> tuple[float, float]:
    """How either phase moves the other's objective, for a `random_pair` and its own dreams as data.

    Returns:
        The slope of F along the sleep step in W, and that of the dreamt F-tilde along the wake
        step in G: the inner product of the two gradients in the same parameters.
    """
    gen, rec, dreams = random_pair(seed)
    u = exact.states(3)
    wake, up_f = exact.grad_free_energy(gen, rec, u, dreams)
    up_dream, sleep = exact.grad_dream(gen, rec, u, dreams)
    return float(up_f.ravel() @ sleep.ravel()), float(up_dream.ravel() @ wake.ravel())
