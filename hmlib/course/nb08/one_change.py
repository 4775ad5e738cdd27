"""Controls: the same night with one cause taken away, afresh for every seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib.course import bird
from hmlib.course.nb08.beliefs import divergence
from hmlib.course.nb08.nights import DECODE_RIDGE
from hmlib.ddc.encodings import Features
from hmlib.metrics import angle

Array = NDArray[np.float64]

DREAMS, HEARD = 5000, 400
FAR = 4.0
"""A bird is far if it is heard beyond this."""

GRADIENTS = (
    "as typed",
    "without the far birds",
    "exact codes",
    "ridge 1e-6",
    "exact codes, ridge 1e-6",
)
"""What `gradient_errors` measures, in order."""

GAPS = (
    "learnt code",
    "learnt, hardly any ridge",
    "exact code",
    "exact, hardly any ridge",
)
"""What `gaps` measures, in order."""

FEATURES = ("biases and constant", "biases alone", "constant alone", "neither")
"""What `turned` measures, in order."""


def gradient_errors(seed: int) -> tuple[Array, float]:
    """How far the gradient in A and b is off, in parts of the exact one's length.

    Args:
        seed: of data, dreams and functions.

    Returns:
        An error for each of `GRADIENTS`, shape (5,); and how large the first of the two averages
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
    learnt = phi(heard) @ R
    typed, size = off(heard, learnt, bird.RIDGE)
    others = [(near, phi(near) @ R, bird.RIDGE), (heard, exact, bird.RIDGE)]
    others += [(heard, learnt, 1e-6), (heard, exact, 1e-6)]
    return np.array([typed, *(off(*case)[0] for case in others)]), size


def turned(seed: int) -> Array:
    """Angles of split minus dreams to the exact gradient, for each of `FEATURES`, shape (4,).

    Args:
        seed: of data, 2000 dreams and functions.
    """
    rng, model = np.random.default_rng(seed), bird.model()
    heard = bird.model(A=1.25, b=0.2, noise=0.5).sample(rng, HEARD)[0]
    dreams = model.sample(rng, 2000)
    T = ddc.Encoding.random(rng, dreams[1], bird.K, "tanh", gain=2.0)
    phi = ddc.Encoding.random(rng, dreams[0], bird.FEATURES, "relu")

    def straight(x: Array) -> Array:
        return np.maximum(x @ phi.weights, 0.0)

    cases: tuple[Features, ...] = (
        phi,
        lambda x: phi(x)[:, :-1],
        lambda x: np.column_stack([straight(x), phi(x)[:, -2:]]),
        straight,
    )
    exact, found = bird.exact_gradient(model, heard), []
    for features in cases:
        night = ddc.sleep(dreams, features, [T], bird.RIDGE)
        what = ddc.seen(heard, features, model.layers[0])
        less = what - ddc.seen_in_dreams(night, model.layers[0])
        found.append(angle(ddc.wake(model, night, less, "split"), exact))
    return np.array(found)


def gaps(k: int, seed: int, x: float = 2.0) -> Array:
    """KL(decode || posterior) for one distance, in nats, for each of `GAPS`, shape (4,).

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
    cases = [(r, rho) for r in (learnt, exact) for rho in (DECODE_RIDGE, 1e-8)]
    decodes = [ddc.maximum_entropy(r, T, bird.GRID, bird.prior(), rho).density for r, rho in cases]
    return np.array([divergence(q, p) for q in decodes])
