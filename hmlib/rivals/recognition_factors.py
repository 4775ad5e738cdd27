"""A recognition-parametrised model: only the prior and recognition are given a form.

With observations x_1, ..., x_J that are independent given a cause z of k values,

P[x, z] = p(z) prod_j p_j(x_j) f_j(z|x_j) / F_j(z),   F_j(z) = sum_x p_j(x) f_j(z|x),

p_j the observed shares of the values of x_j. Each factor p_j f_j / F_j is a distribution of x_j
given z, so that P sums to 1, whatever f_j is. No generative network has to be thought of: z is
about what the parts of x have in common, and one part alone would be fitted best by p_1 without z.

With a discrete world and a table f_j(z|x_j) all is exact, and the M-phase has a closed form:
f_j(z|x) is the mean of P[z|x^n] over the data with x_j^n = x. That makes p_j f_j / F_j the shares
of the values of x_j among data weighted by P[z|x^n], the best of all distributions of x_j given z:
with tables, this is latent class analysis, a mixture of independent parts. With f_j the softmax of
a linear map of x_j it is not.

Source: Walker, Soulat, Yu & Sahani 2023, Unsupervised representation learning with
recognition-parametrised probabilistic models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, logsumexp, softmax

from hmlib._checks import binary_rows, choice, count, data_weights, generator

Array = NDArray[np.float64]

FACTORS = ("table", "linear")


@dataclass(frozen=True, eq=False)
class RecognitionParametrised:
    """The model, for binary inputs in parts.

    Attributes:
        parts: the inputs that belong to each part, J arrays.
        values: the patterns that each part was seen with, J arrays (n_values, inputs of the part).
        shares: log p_j of each of them, J arrays (n_values,).
        log_prior: log p(z), shape (k,).
        log_factors: log f_j(z|x_j), J arrays (n_values, k).
    """

    parts: tuple[NDArray[np.intp], ...]
    values: tuple[Array, ...]
    shares: tuple[Array, ...]
    log_prior: Array
    log_factors: tuple[Array, ...]

    @property
    def log_conditionals(self) -> tuple[Array, ...]:
        """log P[x_j|z] = log p_j + log f_j - log F_j, J arrays (n_values, k)."""
        return tuple(
            share[:, None] + f - logsumexp(share[:, None] + f, axis=0)
            for share, f in zip(self.shares, self.log_factors, strict=True)
        )

    def joint(self, u: ArrayLike) -> Array:
        """log P[u, z], shape (n, k), in nats; -inf where a part was never seen with its value."""
        n_u = sum(len(part) for part in self.parts)
        u = binary_rows("u", u, n_u)
        total = np.tile(self.log_prior, (len(u), 1))
        pairs = zip(self.parts, self.values, self.log_conditionals, strict=True)
        for part, values, log_p in pairs:
            same = (u[:, part][:, None, :] == values).all(axis=2)
            known = same.any(axis=1)
            total += np.where(known[:, None], log_p[same.argmax(axis=1)], -np.inf)
        return total

    def log_prob(self, u: ArrayLike) -> Array:
        """log P[u] of each row, shape (n,), in nats."""
        with np.errstate(divide="ignore"):
            return np.asarray(logsumexp(self.joint(u), axis=1))

    def posterior(self, u: ArrayLike) -> Array:
        """P[z|u], shape (n, k).

        Raises:
            ValueError: for a row that the model holds to be impossible.
        """
        joint = self.joint(u)
        if np.isinf(joint).all(axis=1).any():
            raise ValueError("u has a part with a value never seen; accepted: values as learnt")
        return np.asarray(softmax(joint, axis=1))

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """n patterns, shape (n, n_u)."""
        z = generator("rng", rng).choice(
            len(self.log_prior), size=count("n", n), p=np.exp(self.log_prior)
        )
        u = np.zeros((n, sum(len(part) for part in self.parts)))
        pairs = zip(self.parts, self.values, self.log_conditionals, strict=True)
        for part, values, log_p in pairs:
            up_to = np.exp(log_p).cumsum(axis=0)  # (n_values, k)
            at = (rng.random(n) * up_to[-1, z] > up_to[:, z]).sum(axis=0)
            u[:, part] = values[at]
        return u


def recognition_parametrised(
    u: ArrayLike,
    parts: Sequence[ArrayLike],
    k: int,
    rng: np.random.Generator,
    *,
    weights: ArrayLike | None = None,
    factors: str = "table",
    steps: int = 200,
    tolerance: float = 1e-8,
) -> RecognitionParametrised:
    """Fit by EM; no step lowers the likelihood of the data.

    Args:
        u: binary data, shape (n, n_u).
        parts: which inputs belong to each part, J >= 2 lists that share none and leave none out.
        k: values of the cause z.
        rng: draws the first recognition.
        weights: of the data, shape (n,); equal if None.
        factors: "table", a number for every value and cause; or "linear", the softmax of a linear
            map of the part's inputs, whose M-phase climbs by L-BFGS.
        steps: at most so many.
        tolerance: EM ends when a step raises the mean log likelihood by less, in nats.

    Raises:
        ValueError: if an argument is not accepted.
    """
    u = binary_rows("u", u, np.shape(u)[-1] if np.ndim(u) else 0)
    share, rng, k = data_weights(weights, len(u)), generator("rng", rng), count("k", k)
    places = _checked(parts, u.shape[1])
    choice("factors", factors, FACTORS)
    seen = [np.unique(u[:, part], axis=0, return_inverse=True) for part in places]
    values = [patterns for patterns, _ in seen]
    which = [np.ravel(index) for _, index in seen]
    observed = [np.bincount(index, share) for index in which]
    features = [
        np.eye(len(v)) if factors == "table" else np.hstack([v, np.ones((len(v), 1))])
        for v in values
    ]
    maps = [rng.normal(size=(phi.shape[1], k)) for phi in features]

    def model(log_prior: Array) -> RecognitionParametrised:
        with np.errstate(divide="ignore"):  # a pattern of weight 0
            shares = tuple(np.log(p) for p in observed)
        log_f = tuple(log_softmax(phi @ W, axis=1) for phi, W in zip(features, maps, strict=True))
        return RecognitionParametrised(tuple(places), tuple(values), shares, log_prior, log_f)

    now, before = model(np.full(k, -np.log(k))), float("-inf")
    for _ in range(count("steps", steps)):
        joint = now.joint(u)
        reached = float(share @ np.where(share > 0, logsumexp(joint, axis=1), 0.0))
        if reached - before < tolerance:
            break
        before, q = reached, share[:, None] * softmax(joint, axis=1)
        q = np.where(share[:, None] > 0, q, 0.0)
        for j, index in enumerate(which):
            table = np.zeros((len(values[j]), k))
            np.add.at(table, index, q)  # weight of each value together with each cause
            maps[j] = m_phase(table, features[j], maps[j], factors)
        with np.errstate(divide="ignore"):
            now = model(np.log(q.sum(axis=0)))
    return now


def m_phase(table: Array, features: Array, W: Array, factors: str) -> Array:
    """The map W of one part that makes sum_xz table log (f(z|x) / F(z)) largest, or larger.

    Args:
        table: sum of the posteriors of the data with each value x, shape (n_values, k).
        features: phi of each value, shape (n_values, m).
        W: where to begin, shape (m, k).
    """
    if factors == "table":
        return np.asarray(np.log(np.maximum(table, 1e-300)))

    # Fetched by those who search: it takes long to load, in a browser's tab above all.
    from scipy.optimize import minimize

    def lost(vector: Array) -> tuple[float, Array]:
        value, slope = _objective(vector.reshape(W.shape), table, features)
        return -value, -slope.ravel()

    found = minimize(lost, W.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 50})
    return np.asarray(found.x.reshape(W.shape))


def _objective(W: Array, table: Array, features: Array) -> tuple[float, Array]:
    """sum_xz table_xz (log f(z|x) - log F(z)), F(z) = sum_x p(x) f(z|x), and its gradient in W."""
    p, size = table.sum(axis=1), table.sum(axis=0)
    log_f = log_softmax(features @ W, axis=1)
    with np.errstate(divide="ignore"):
        log_each = np.log(p)[:, None] + log_f
    log_F = logsumexp(log_each, axis=0)
    value = float((table * log_f).sum() - size @ log_F)
    # d log F(z) / d log f(z|x) is P[x|z].
    error = table - size * np.exp(log_each - log_F)
    drive = error - np.exp(log_f) * error.sum(axis=1, keepdims=True)
    return value, features.T @ drive


def _checked(parts: Sequence[ArrayLike], n_u: int) -> list[NDArray[np.intp]]:
    places = [np.atleast_1d(np.asarray(part)) for part in parts]
    whole = all(part.ndim == 1 and part.size and part.dtype.kind in "iu" for part in places)
    if len(places) < 2 or not whole or sorted(np.concatenate(places).tolist()) != list(range(n_u)):
        raise ValueError(
            f"parts are {[part.tolist() for part in places]}; accepted: two or more lists that "
            f"share the inputs 0 to {n_u - 1} among them, each in one"
        )
    return [part.astype(np.intp) for part in places]
