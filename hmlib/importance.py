"""Sampled estimates of L: importance weights, and how far they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from hmlib._checks import binary_rows, check_fit, count, data_weights
from hmlib.binary import Generative, Recognition, flip, log_bernoulli
from hmlib.layered import Layered, LayeredRecognition

Array = NDArray[np.float64]


_BLOCK = 2**15
"""Guesses worked on at a time, so that memory stays small however many there are."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """L and F of each input from k guesses of its causes, with standard errors, in nats.

    Attributes:
        log_likelihood: L_K = log (1/K) sum_k P[v_k, u] / Q[v_k|u], v_k ~ Q, shape (n,). Its mean
            lies between F (K = 1) and log P[u] (K to infinity).
        log_likelihood_error: its standard error, to first order in 1/K, shape (n,).
        free_energy: (1/K) sum_k log(P[v_k, u] / Q[v_k|u]), shape (n,); its mean is F.
        free_energy_error: its standard error, shape (n,).
        effective_samples: (sum_k w_k)^2 / sum_k w_k^2 with w_k = P / Q, shape (n,), 1 to K.
    """

    log_likelihood: Array
    log_likelihood_error: Array
    free_energy: Array
    free_energy_error: Array
    effective_samples: Array

    def means(self, weights: ArrayLike | None = None) -> dict[str, tuple[float, float]]:
        """(weighted mean over inputs, standard error) of the log likelihood and of F."""
        share = data_weights(weights, len(self.log_likelihood))

        def mean(values: Array, errors: Array) -> tuple[float, float]:
            return float(share @ values), float(np.sqrt(share**2 @ errors**2))

        return {
            "log_likelihood": mean(self.log_likelihood, self.log_likelihood_error),
            "free_energy": mean(self.free_energy, self.free_energy_error),
        }


def estimate(
    gen: Generative | Layered,
    rec: Recognition | LayeredRecognition,
    u: ArrayLike,
    rng: np.random.Generator,
    k: int = 2000,
) -> Estimate:
    """Importance-sampled log likelihood and free energy, for machines of any number of causes.

    Source: Burda, Grosse & Salakhutdinov 2016, equation 8 (L_K).

    Args:
        gen, rec: the machine, with one layer of causes or several.
        u: inputs, shape (n, n_u).
        rng: random generator for the guesses.
        k: guesses for each input, at least 2.

    Raises:
        ValueError: if an argument is not accepted or the models do not fit together.
    """
    check_fit(gen, rec)
    u, k = binary_rows("u", u, gen.n_u), count("k", k, least=2)
    rows = max(1, _BLOCK // k)
    guesses = [min(_BLOCK, k - done) for done in range(0, k, _BLOCK)]
    parts = []
    for start in range(0, len(u), rows):
        block = u[start : start + rows]
        log_ratios = [_log_ratios(gen, rec, block, rng, some) for some in guesses]
        parts.append(_estimated(np.hstack(log_ratios)))
    return Estimate(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _log_ratios(
    gen: Generative | Layered,
    rec: Recognition | LayeredRecognition,
    u: Array,
    rng: np.random.Generator,
    k: int,
) -> Array:
    """log(P[v_k, u] / Q[v_k|u]) for k guesses v_k ~ Q of each input, shape (n, k)."""
    below, log_ratio = np.repeat(u, k, axis=0), np.zeros(k * len(u))
    y = np.repeat(u @ rec.weights[0].T + rec.biases[0], k, axis=0)
    for l, (G, b) in enumerate(zip(gen.weights, gen.biases, strict=False)):
        if l > 0:
            y = below @ rec.weights[l].T + rec.biases[l]
        v = flip(rng, y)
        log_ratio += log_bernoulli(below, v @ G.T + b) - log_bernoulli(v, y)
        below = v
    log_ratio += log_bernoulli(below, gen.biases[-1])
    return log_ratio.reshape(len(u), k)


def _estimated(log_ratio: Array) -> tuple[Array, ...]:
    """The fields of an Estimate, in their order."""
    k = log_ratio.shape[1]
    log_sum = logsumexp(log_ratio, axis=1)
    squares = (np.exp(log_ratio - log_sum[:, None]) ** 2).sum(axis=1)
    return (
        log_sum - np.log(k),
        np.sqrt(np.maximum(k * squares - 1, 0) / (k - 1)),
        log_ratio.mean(axis=1),
        log_ratio.std(axis=1, ddof=1) / np.sqrt(k),
        1 / squares,
    )
