"""How many draws of the causes a slope needs, counted exactly from the variance of one draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmlib import exact
from hmlib.binary import Generative, Recognition, sigmoid

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Draws from Q that make the error of a slope half as large as the slope itself."""

    y: float
    """for the slope in y, each draw worth (v - f(y)) log(P / Q)"""
    y_with_baseline: float
    """likewise, with F taken from log(P / Q)"""
    G: float
    """for the slope in G, each draw worth (u - f(x)) v^T"""


def draws_needed(seed: int, n_v: int = 10) -> Draws:
    """For a random machine of 20 inputs, a random recogniser, and one of the machine's dreams.

    n draws have the squared error (variance of one) / n, summed over the slopes.
    """
    rng = np.random.default_rng(seed)
    gen, rec = Generative.random(rng, 20, n_v, 1.0), Recognition.random(rng, 20, n_v, 0.5)
    u, v = gen.sample(rng, 1)[1], exact.states(n_v)
    q = exact.recognition_table(rec, u)[0]
    log_ratio = exact.log_joint(gen, u)[0] - np.log(q)
    score, error = v - sigmoid(rec.drive(u)), u - sigmoid(gen.drive(v))

    def needed(mean: Array, squares: Array) -> float:
        size = (mean**2).sum()
        return float((q @ squares - size) / (0.25 * size))

    def in_y(baseline: float) -> float:
        reward = log_ratio - baseline
        return needed((q * reward) @ score, reward**2 * (score**2).sum(axis=1))

    return Draws(
        y=in_y(0.0),
        y_with_baseline=in_y(float(q @ log_ratio)),
        G=needed((q[:, None] * error).T @ v, (error**2).sum(axis=1) * (v**2).sum(axis=1)),
    )
