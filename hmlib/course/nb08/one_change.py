"""Controls: the same night with one cause taken away, afresh for every seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib.course import bird
from hmlib.course.nb08.beliefs import divergence
from hmlib.course.nb08.nights import DECODE_RIDGE

Array = NDArray[np.float64]

DREAMS, HEARD = 5000, 400
FAR = 4.0
"""A bird is far if it is heard beyond this."""

GRADIENTS = (
    "as typed",
    "without the far birds",
    "exact codes",
    "exact codes, ridge 1e-6",
)
"""What `gradient_errors` measures, in order."""

GAPS = ("learnt code", "exact code", "exact code, hardly any ridge")
"""What `gaps` measures, in order."""


def gradient_errors(seed: int) -> tuple[Array, float]:
    """How far the gradient in A and b is off, in parts of the exact one's length.

    Args:
        seed: of data, dreams and functions.

    Returns:
        An error for each of `GRADIENTS`, shape (4,); and how large the first of the two averages
        of equation 10 is beside the gradient, their difference.
    """
    rng, model = np.random.default_rng(seed), bird.model()
    heard = bird.model(A=1.25, b=0.2, noise=0.5).sample(rng, HEARD)[0]
    x, z = model.sample(rng, DREAMS)
    T = ddc.Encoding.random(rng, z, bird.K, "tanh", gain=2.0)
    phi = ddc.Encoding.random(rng, x, bird.FEATURES, "relu")
    R = ddc.readout(phi(x), T(z), bird.RIDGE)
    J = np.column_stack([np.abs(z[:, 0]), np.ones(DREAMS)]) / bird.NOISE**2

    def off(x: Array, r: Array, ridge: float) -> tuple[float, float]:
        alpha, beta = (ddc.readout(T(z), y, ridge) for y in (J, np.abs(z) * J))
        first, exact = (x * (r @ alpha)).mean(axis=0), bird.exact_gradient(model, x)[:2]
        length = np.linalg.norm(exact)
        error = np.linalg.norm(first - (r @ beta).mean(axis=0) - exact)
        return float(error / length), float(np.linalg.norm(first) / length)

    near = heard[heard[:, 0] < FAR]
    exact = bird.posterior(model, heard)[0] @ T(bird.GRID)
    typed, size = off(heard, phi(heard) @ R, bird.RIDGE)
    others = (near, phi(near) @ R, bird.RIDGE), (heard, exact, bird.RIDGE), (heard, exact, 1e-6)
    return np.array([typed, *(off(*case)[0] for case in others)]), size


def gaps(k: int, seed: int, x: float = 2.0) -> Array:
    """KL(decode || posterior) for one distance, in nats, for each of `GAPS`, shape (3,).

    Args:
        k: random functions in the code.
        seed: of dreams and functions; codes of more functions begin with those of fewer.
        x: distance heard.
    """
    rng, model = np.random.default_rng(seed), bird.model()
    dreams, z = model.sample(rng, DREAMS)
    phi = ddc.Encoding.random(rng, dreams, bird.FEATURES, "relu")
    most = ddc.Encoding.random(rng, z, bird.K, "tanh", gain=2.0)
    T = ddc.Encoding(most.weights[:, :k], most.bias[:k], "tanh", True, most.centre, most.scale)
    (p,), _ = bird.posterior(model, np.array([[x]]))
    learnt = (phi(np.array([[x]])) @ ddc.readout(phi(dreams), T(z), bird.RIDGE))[0]
    exact = p @ T(bird.GRID)
    cases = (learnt, DECODE_RIDGE), (exact, DECODE_RIDGE), (exact, 1e-8)
    decodes = [ddc.maximum_entropy(r, T, bird.GRID, bird.prior(), rho).density for r, rho in cases]
    return np.array([divergence(q, p) for q in decodes])
