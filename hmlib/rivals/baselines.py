"""What every generative model should beat first: densities that a few lines fit by EM.

A mixture of Gaussians, a mixture of independent coins (one component is independent coins), and a
multivariate t. Each is a frozen record with the two verbs of all models here, `sample` and
`log_prob`; each is fitted by EM, so that no step lowers the likelihood of the data.

Sources: Dempster, Laird & Rubin 1977 (EM); Liu & Rubin 1995 (the multivariate t).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_triangular
from scipy.special import gammaln, logsumexp

from hmlib._checks import binary_rows, count, finite_array, positive

Array = NDArray[np.float64]

_DEGREES = np.geomspace(0.5, 200.0, 400)
"""Degrees of freedom among which the likeliest is taken; above, a t is a Gaussian."""


@dataclass(frozen=True, eq=False)
class GaussianMixture:
    """p(x) = sum_k pi_k N(x; m_k, S_k).

    Attributes:
        weights: pi, shape (k,).
        means: m, shape (k, d).
        covariances: S, shape (k, d, d).
    """

    weights: Array
    means: Array
    covariances: Array

    def joint(self, x: ArrayLike) -> Array:
        """log pi_k N(x; m_k, S_k), shape (n, k), nats."""
        x = finite_array("x", x, 2)
        return np.log(self.weights) + np.column_stack(
            [_log_normal(x, m, S) for m, S in zip(self.means, self.covariances, strict=True)]
        )

    def log_prob(self, x: ArrayLike) -> Array:
        """log p(x) of each row, shape (n,), nats."""
        return _sum_exp(self.joint(x))

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """n points, shape (n, d)."""
        k = rng.choice(len(self.weights), size=count("n", n), p=self.weights)
        roots = np.linalg.cholesky(self.covariances)
        noise = rng.standard_normal((n, self.means.shape[1]))
        return np.asarray(self.means[k] + np.einsum("nij,nj->ni", roots[k], noise))


def gaussian_mixture(
    x: ArrayLike, k: int, rng: np.random.Generator, *, steps: int = 200, floor: float = 1e-3
) -> GaussianMixture:
    """Fit a mixture of k Gaussians by EM.

    Args:
        x: the data, shape (n, d).
        k: number of components.
        rng: chooses the first means among the data, far from each other.
        steps: at most so many.
        floor: added to every variance, in parts of the mean variance of the data, so that no
            component falls onto a point.

    Raises:
        ValueError: if there are fewer than k points, they do not vary, or an argument is not
            accepted.
    """
    x = _data(finite_array("x", x, 2), count("k", k))
    spread = np.cov(x.T, bias=True).reshape(x.shape[1], -1)
    least = positive("floor", floor) * np.trace(spread) / x.shape[1] * np.eye(x.shape[1])
    if not least.any():
        raise ValueError("x has one point only, again and again; accepted: points that differ")
    means = _spread_out(x, k, rng)
    # At first every component is as wide as the data would be, shared out among them.
    width = spread / k ** (2 / x.shape[1]) + least
    model = GaussianMixture(np.full(k, 1 / k), means, np.repeat(width[None], k, axis=0))
    before = -np.inf
    for _ in range(count("steps", steps)):
        joint = model.joint(x)
        log_p = _sum_exp(joint)
        if log_p.mean() - before < 1e-7:
            break
        before = log_p.mean()
        share = np.exp(joint - log_p[:, None])  # P[k|x], (n, k)
        size = share.sum(axis=0) + 1e-10
        means = share.T @ x / size[:, None]
        apart = x[None] - means[:, None]  # (k, n, d)
        covariances = np.einsum("nk,kni,knj->kij", share, apart, apart, optimize=True)
        model = GaussianMixture(size / size.sum(), means, covariances / size[:, None, None] + least)
    return model


@dataclass(frozen=True, eq=False)
class BernoulliMixture:
    """P[u] = sum_k pi_k prod_i p_ki^u_i (1 - p_ki)^(1 - u_i).

    Attributes:
        weights: pi, shape (k,).
        p: shape (k, n_u).
    """

    weights: Array
    p: Array

    def joint(self, u: ArrayLike) -> Array:
        """log pi_k P[u|k], shape (n, k), nats."""
        u = binary_rows("u", u, self.p.shape[1])
        return np.log(self.weights) + u @ np.log(self.p).T + (1 - u) @ np.log1p(-self.p).T

    def log_prob(self, u: ArrayLike) -> Array:
        """log P[u] of each row, shape (n,), nats."""
        return _sum_exp(self.joint(u))

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """n patterns, shape (n, n_u)."""
        k = rng.choice(len(self.weights), size=count("n", n), p=self.weights)
        return (rng.random((n, self.p.shape[1])) < self.p[k]).astype(float)


def bernoulli_mixture(
    u: ArrayLike, k: int, rng: np.random.Generator, *, steps: int = 200, counts: float = 0.5
) -> BernoulliMixture:
    """Fit a mixture of k kinds of independent coins by EM; k = 1 is independent coins.

    Args:
        u: binary data, shape (n, n_u).
        k: number of components.
        rng: chooses the first shares at random.
        steps: at most so many.
        counts: heads, and tails, that every coin is taken to have shown already; so no
            probability becomes 0 or 1.

    Raises:
        ValueError: if there are fewer than k patterns, or an argument is not accepted.
    """
    u = _data(binary_rows("u", u, np.shape(u)[-1]), count("k", k))
    share = rng.dirichlet(np.ones(k), size=len(u))
    before = -np.inf
    for _ in range(count("steps", steps)):
        size = share.sum(axis=0) + 1e-10
        p = (share.T @ u + positive("counts", counts)) / (size[:, None] + 2 * counts)
        model = BernoulliMixture(size / size.sum(), p)
        joint = model.joint(u)
        log_p = _sum_exp(joint)
        # What EM climbs with these counts is the likelihood and their log probability.
        climbed = log_p.sum() + counts * (np.log(p) + np.log1p(-p)).sum()
        if climbed - before < 1e-7 * len(u):
            break
        before, share = climbed, np.exp(joint - log_p[:, None])
    return model


@dataclass(frozen=True, eq=False)
class StudentT:
    """Multivariate t: a Gaussian whose variance is drawn anew for every point.

    Attributes:
        mean: m, shape (d,).
        scale: S, shape (d, d).
        degrees: nu, above 0; the smaller, the longer the tails.
    """

    mean: Array
    scale: Array
    degrees: float

    def log_prob(self, x: ArrayLike) -> Array:
        """log p(x) of each row, shape (n,), nats."""
        distance, log_det = _mahalanobis(finite_array("x", x, 2), self.mean, self.scale)
        d = len(self.mean)
        return _log_t(distance, self.degrees, d) - log_det / 2

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """n points, shape (n, d)."""
        noise = rng.standard_normal((count("n", n), len(self.mean)))
        wide = np.sqrt(self.degrees / rng.chisquare(self.degrees, size=(n, 1)))
        return np.asarray(self.mean + wide * noise @ np.linalg.cholesky(self.scale).T)


def student_t(x: ArrayLike, *, steps: int = 200, floor: float = 0.0) -> StudentT:
    """Fit a multivariate t by EM; the degrees of freedom are the likeliest between 1/2 and 200.

    Args:
        x: the data, shape (n, d).
        steps: at most so many.
        floor: added to every variance, in parts of the mean variance of the data; needed where
            the data lie in fewer dimensions than they have.

    Raises:
        ValueError: if there are no more points than dimensions, or they do not span them.
    """
    x = finite_array("x", x, 2)
    x = _data(x, x.shape[1] + 1)
    d = x.shape[1]
    if not floor and np.linalg.matrix_rank(x - x.mean(axis=0)) < d:
        raise ValueError(f"x spans less than its {d} dimensions; accepted: points that span them")
    spread = np.cov(x.T).reshape(d, d)
    least = floor * np.trace(spread) / d * np.eye(d)
    mean, scale, degrees, before = np.median(x, axis=0), spread + least, 5.0, -np.inf
    for _ in range(count("steps", steps)):
        distance, _ = _mahalanobis(x, mean, scale)
        weight = (degrees + d) / (degrees + distance)  # E[1 / variance | x]
        mean = weight @ x / weight.sum()
        scale = (weight[:, None] * (x - mean)).T @ (x - mean) / len(x) + least
        distance, log_det = _mahalanobis(x, mean, scale)
        log_p = np.array([_log_t(distance, nu, d).mean() for nu in _DEGREES]) - log_det / 2
        degrees = float(_DEGREES[log_p.argmax()])
        if log_p.max() - before < 1e-9:
            break
        before = log_p.max()
    return StudentT(mean, scale, degrees)


def _log_t(distance: Array, degrees: float, d: int) -> Array:
    """Log density of a t with unit scale, from squared distances (n,)."""
    constant = gammaln((degrees + d) / 2) - gammaln(degrees / 2) - d / 2 * np.log(degrees * np.pi)
    return np.asarray(constant - (degrees + d) / 2 * np.log1p(distance / degrees))


def _log_normal(x: Array, mean: Array, covariance: Array) -> Array:
    distance, log_det = _mahalanobis(x, mean, covariance)
    log_p = -(distance + log_det + x.shape[1] * np.log(2 * np.pi)) / 2
    return np.asarray(log_p)


def _mahalanobis(x: Array, mean: Array, covariance: Array) -> tuple[Array, float]:
    """(x - m)^T S^-1 (x - m) of each row, shape (n,), and log |S|."""
    root = np.linalg.cholesky(covariance)
    white = solve_triangular(root, (x - mean).T, lower=True)
    return (white**2).sum(axis=0), float(2 * np.log(np.diag(root)).sum())


def _sum_exp(joint: Array) -> Array:
    return np.asarray(logsumexp(joint, axis=1))


def _spread_out(x: Array, k: int, rng: np.random.Generator) -> Array:
    """k of the points, each drawn with the square of its distance from those before.

    Source: Arthur & Vassilvitskii 2007, k-means++.
    """
    found = x[[rng.integers(len(x))]]
    away = ((x - found[0]) ** 2).sum(axis=1)
    while len(found) < k:
        p = away / away.sum() if away.any() else np.full(len(x), 1 / len(x))
        found = np.vstack([found, x[rng.choice(len(x), p=p)]])
        away = np.minimum(away, ((x - found[-1]) ** 2).sum(axis=1))
    return found


def _data(x: Array, least: int) -> Array:
    if len(x) < least or x.shape[1] < 1:
        raise ValueError(f"the data have shape {x.shape}; accepted: at least {least} rows")
    return x
