"""What is exactly known of linear machines: likelihood, posterior, both KLs, the best machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count, data_weights, finite_array, rows
from hmlib.linear.models import LinearGenerative, LinearRecognition, fitting

Array = NDArray[np.float64]

_LOG_2PI = np.log(2 * np.pi)
_CONVERGED = 1e-13
_MOST_EM = 100_000


def log_likelihood(gen: LinearGenerative, u: ArrayLike) -> Array:
    """log P[u] = log N(u; h, C) of each row, shape (n,). Its mean is L."""
    off, C = rows("u", u, gen.n_u) - gen.h, gen.covariance
    distance: Array = (off * np.linalg.solve(C, off.T).T).sum(axis=1)
    log_l: Array = -0.5 * (gen.n_u * _LOG_2PI + np.linalg.slogdet(C).logabsdet + distance)
    return log_l


def posterior(gen: LinearGenerative, u: ArrayLike) -> tuple[Array, Array]:
    """The true P[v|u]: means Sigma G^T Psi^-1 (u - h), covariance Sigma = (I + G^T Psi^-1 G)^-1.

    Returns:
        The mean for each row of u, shape (n, n_v), and the covariance, shape (n_v, n_v), which
        is the same for every u.
    """
    B, Sigma = _inverse(gen)
    return (rows("u", u, gen.n_u) - gen.h) @ B.T, Sigma


def kl_q_p(gen: LinearGenerative, rec: LinearRecognition, u: ArrayLike) -> Array:
    """KL(Q || P[v|u]) of each row, shape (n,)."""
    off, Sigma = _means_apart(gen, rec, u)
    return _kl((off * np.linalg.solve(Sigma, off.T).T).sum(axis=1), np.diag(rec.variance), Sigma)


def kl_p_q(gen: LinearGenerative, rec: LinearRecognition, u: ArrayLike) -> Array:
    """KL(P[v|u] || Q) of each row, shape (n,)."""
    off, Sigma = _means_apart(gen, rec, u)
    return _kl((off**2 / rec.variance).sum(axis=1), Sigma, np.diag(rec.variance))


def free_energy(gen: LinearGenerative, rec: LinearRecognition, u: ArrayLike) -> Array:
    """F = E_Q[log P[v, u] - log Q[v|u]] = log P[u] - KL(Q || P[v|u]) of each row, shape (n,)."""
    return log_likelihood(gen, u) - kl_q_p(gen, rec, u)


def reversed_free_energy(gen: LinearGenerative, rec: LinearRecognition, u: ArrayLike) -> Array:
    """F-tilde = log P[u] - KL(P[v|u] || Q) of each row, shape (n,)."""
    return log_likelihood(gen, u) - kl_p_q(gen, rec, u)


def dream_free_energy(
    gen: LinearGenerative, rec: LinearRecognition, u: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """F-tilde, dreamt: mean of log P[u] over data, minus the mean over dreams of KL(P || Q)."""
    log_l = log_likelihood(gen, u)
    B, Sigma = _inverse(fitting(gen, rec))
    off, turn = rec.W @ gen.h + rec.w, rec.W - B
    second = off**2 + np.einsum("ai,ij,aj->a", turn, gen.covariance, turn)
    missed = _kl((second / rec.variance).sum(), Sigma, np.diag(rec.variance))
    return float(data_weights(weights, len(log_l)) @ log_l - missed)


def best_recognition(gen: LinearGenerative) -> LinearRecognition:
    """Where sleep leads while the machine stays: the best guess about its dreams.

    It has the means and the variances of the true posterior; with one cause, or an aligned
    machine, it is the true posterior.
    """
    B, Sigma = _inverse(gen)
    return LinearRecognition(B, -B @ gen.h, np.diag(Sigma))


def aligned(gen: LinearGenerative) -> LinearGenerative:
    """An equal machine whose causes are independent given any input.

    The causes are turned until G^T Psi^-1 G is diagonal, most informative cause first, and
    mirrored so that the largest weight of each is positive. P[u] stays as it is.
    """
    _, turn = np.linalg.eigh(gen.G.T @ (gen.G / gen.variance[:, None]))
    G = gen.G @ turn[:, ::-1]
    largest = G[np.abs(G).argmax(axis=0), np.arange(gen.n_v)]
    return LinearGenerative(np.where(largest < 0, -G, G), gen.h, gen.variance)


def maximum_likelihood(
    u: ArrayLike, n_v: int = 1, weights: ArrayLike | None = None
) -> LinearGenerative:
    """The machine of maximum likelihood, by EM in closed form from the principal components.

    E-phase: B = Sigma G^T Psi^-1, the weights of the posterior. M-phase: regress inputs on causes,
    G = S B^T (Sigma + B S B^T)^-1 and Psi = diag(S - G B S), with S the covariance of the data.
    It ends when a step raises L by no more than 1e-13 nats, and the machine is aligned.

    Args:
        u: data, shape (n, n_u).
        n_v: number of causes, below n_u.
        weights: data weights, shape (n,); equal if None.

    Raises:
        ValueError: if an argument is not accepted, or if inputs are constant or depend linearly
            on each other, since L then has no maximum.
        ArithmeticError: if EM has not come to an end after 100 000 steps, as happens when a
            variance tends to 0.

    Source: Rubin & Thayer 1982.
    """
    u = finite_array("u", u, 2)
    weights = data_weights(weights, len(rows("u", u, u.shape[1])))
    h, S = mean_and_covariance(u, weights)
    if count("n_v", n_v) >= h.size:
        raise ValueError(f"n_v is {n_v}; accepted: 1 to {h.size - 1}, fewer than inputs")
    spread, axes = np.linalg.eigh(S)
    if spread[0] <= 1e-10 * spread[-1]:
        raise ValueError(
            "u has inputs that are constant or depend linearly on each other; accepted: inputs "
            "that vary freely, and more rows than inputs"
        )
    gen = LinearGenerative(axes[:, -n_v:] * np.sqrt(spread[-n_v:] / 2), h, np.diag(S) / 2)
    before = -np.inf
    for _ in range(_MOST_EM):
        now = float(weights @ log_likelihood(gen, u))
        if now - before <= _CONVERGED:
            return aligned(gen)
        before = now
        B, Sigma = _inverse(gen)
        G = S @ B.T @ np.linalg.inv(Sigma + B @ S @ B.T)
        gen = LinearGenerative(G, h, np.diag(S - G @ B @ S))
    least = int((gen.variance / np.diag(S)).argmin())
    raise ArithmeticError(
        f"EM has not come to an end after {_MOST_EM} steps: the variance of input {least} tends "
        "to 0; use fewer causes or more data"
    )


# Small parts.


def _inverse(gen: LinearGenerative) -> tuple[Array, Array]:
    """Weights B = Sigma G^T Psi^-1 and covariance Sigma of P[v|u]."""
    precise = gen.G.T / gen.variance
    Sigma = np.asarray(np.linalg.inv(np.eye(gen.n_v) + precise @ gen.G), dtype=np.float64)
    return Sigma @ precise, Sigma


def _means_apart(
    gen: LinearGenerative, rec: LinearRecognition, u: ArrayLike
) -> tuple[Array, Array]:
    """Mean of Q minus mean of P[v|u] for each row, and the covariance of P[v|u]."""
    mean, Sigma = posterior(fitting(gen, rec), u)
    return rows("u", u, gen.n_u) @ rec.W.T + rec.w - mean, Sigma


def _kl(distance: Array | float, A: Array, B: Array) -> Array:
    """KL(N(a, A) || N(b, B)), given the distance (a - b)^T B^-1 (a - b)."""
    ratio = np.linalg.solve(B, A)
    apart: Array = np.trace(ratio) - len(A) - np.linalg.slogdet(ratio).logabsdet + distance
    return 0.5 * apart


def mean_and_covariance(u: Array, weights: Array) -> tuple[Array, Array]:
    """Mean and covariance of weighted data, shapes (n_u,) and (n_u, n_u)."""
    mean = weights @ u
    return mean, (weights[:, None] * (u - mean)).T @ (u - mean)
