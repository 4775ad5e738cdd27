"""The IWAE of `hmlib.rivals` once more, with gradients from PyTorch, where that is installed.

Same start, same minibatches, same noise: what comes out should be the same numbers, and the
seconds say what the backward pass by hand is worth.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator

import numpy as np

from hmlib import ddc, rivals

AVAILABLE = importlib.util.find_spec("torch") is not None


def fit(
    model: ddc.Chain,
    x: np.ndarray,
    rng: np.random.Generator,
    k: int,
    steps: int,
    rate: Callable[[int], float],
    minibatch: int = 200,
    encoder_units: int = 100,
) -> Iterator[rivals.AutoencoderStep]:
    """The last step of a run of `rivals.fit`, for a network generator above normal latents."""
    import torch

    torch.set_num_threads(1)
    encoder = rivals.Encoder.random(rng, x, model.layers[1].n_y, encoder_units)
    network = model.layers[0]
    theta = [leaf(torch, array) for array in network.arrays()]
    phi = [leaf(torch, array) for array in encoder.arrays()]
    # NumPy's Adam has this small number beside the corrected root mean square, as PyTorch's.
    optimiser = torch.optim.Adam([*theta, *phi], lr=1.0, maximize=True, eps=1e-8)
    for done in range(steps):
        rows = torch.from_numpy(x[rng.integers(len(x), size=minibatch)])
        noise = torch.from_numpy(rng.standard_normal((minibatch, k, encoder.n_z)))
        optimiser.param_groups[0]["lr"] = rate(done)
        optimiser.zero_grad()
        bound(torch, theta, phi, rows, noise).mean().backward()
        optimiser.step()
    learnt = [parameter.detach().numpy() for parameter in theta]
    chain = ddc.Chain((ddc.Network(*learnt), *model.layers[1:]))
    values = np.concatenate([parameter.detach().numpy().ravel() for parameter in phi])
    yield rivals.AutoencoderStep(chain, encoder.like(values), count=steps)


def leaf(torch, array: np.ndarray):
    return torch.from_numpy(array.copy()).requires_grad_()


def bound(torch, theta, phi, x, noise):
    """L_K of each datum: log (1/K) sum_k p(x, z_k) / q(z_k|x)."""
    V, a, U, b, log_var = theta
    *weights, last_weight = phi[: len(phi) // 2]
    *biases, last_bias = phi[len(phi) // 2 :]
    hidden = x
    for W, w in zip(weights, biases, strict=True):
        hidden = torch.tanh(hidden @ W.T + w)
    mean, spread = (hidden @ last_weight.T + last_bias)[:, None].chunk(2, dim=-1)
    z = mean + torch.exp(spread / 2) * noise
    m = torch.tanh(z @ V.T + a) @ U.T + b
    log_2pi = float(np.log(2 * np.pi))
    likelihood = -((x[:, None] - m) ** 2 * torch.exp(-log_var) + log_var + log_2pi).sum(-1) / 2
    prior = -(z**2 + log_2pi).sum(-1) / 2
    guess = -(noise**2 + spread + log_2pi).sum(-1) / 2
    return torch.logsumexp(likelihood + prior - guess, dim=1) - float(np.log(noise.shape[1]))
