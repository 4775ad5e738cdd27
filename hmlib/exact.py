"""Everything about a small binary Helmholtz machine, exactly, by summing over all causes.

L, F, F-tilde, both KL divergences and their gradients (Dayan & Abbott 2001, section 10.4), in
nats. A *table* holds one number for every cause pattern: shape (n, 2**n_v), columns in the
order of `states(n_v)`. Sums run over blocks of rows, so that memory stays small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from hmlib._checks import binary_rows, count, data_weights, finite_array, generator, rows
from hmlib.binary import Generative, Recognition, log_bernoulli, sigmoid, softplus

Array = NDArray[np.float64]

MAX_CAUSES = 20
"""More causes than this are refused: a table would have over a million columns."""

MAX_UNITS = 20
"""Most inputs and causes together for which every dream can be listed."""

_BLOCK = 2**16
"""Table entries worked on at a time: 512 KiB an array, which a processor's cache can hold."""


@lru_cache(maxsize=8)
def states(n_v: int) -> Array:
    """All binary patterns of n_v causes, the first cause most significant.

    Returns:
        Read-only array of shape (2**n_v, n_v); row k is the number k in binary.

    Raises:
        ValueError: if n_v is not a whole number from 1 to 20.
    """
    n_v = count("n_v", n_v)
    _check_causes(n_v)
    table = (np.arange(2**n_v)[:, None] >> np.arange(n_v - 1, -1, -1)) & 1
    table = table.astype(np.float64)
    table.flags.writeable = False
    return table


def log_joint(gen: Generative, u: ArrayLike) -> Array:
    """Table of log P[v, u; G], shape (n, 2**n_v), in nats."""
    u = checked_inputs(gen, u)
    return _Joint(gen).table(u)


def log_likelihood(gen: Generative, u: ArrayLike) -> Array:
    """log P[u; G] = log sum_v P[v, u; G] of each row, shape (n,), in nats. Its mean is L."""
    u, joint = checked_inputs(gen, u), _Joint(gen)
    return np.concatenate([_log_sum_exp(joint.table(u[b])) for b in _blocks(len(u), gen.n_v)])


def posterior(gen: Generative, u: ArrayLike) -> Array:
    """Table of P[v|u; G] = P[v, u] / P[u], shape (n, 2**n_v); every row sums to 1."""
    u, joint = checked_inputs(gen, u), _Joint(gen)
    table = np.empty((len(u), 2**gen.n_v))
    for block in _blocks(len(u), gen.n_v):
        table[block] = np.exp(_log_normalised(joint.table(u[block])))
    return table


def recognition_table(rec: Recognition, u: ArrayLike) -> Array:
    """Table of Q[v|u; W], shape (n, 2**n_v); every row sums to 1."""
    u = binary_rows("u", u, rec.n_u)
    _check_causes(rec.n_v, len(u))
    return _product(rec.drive(u))


def factorised_table(q: ArrayLike) -> Array:
    """Table of the factorised Q with probabilities q_a that cause a is on.

    Args:
        q: probabilities in [0, 1], shape (n, n_v).

    Returns:
        prod_a q_a^v_a (1 - q_a)^(1 - v_a), shape (n, 2**n_v).
    """
    q = finite_array("q", q, 2)
    if not q.size:
        raise ValueError(f"q is empty, shape {q.shape}; accepted: (n, n_v), both >= 1")
    if q.min() < 0 or q.max() > 1:
        raise ValueError(f"q lies in [{q.min():g}, {q.max():g}]; accepted: probabilities, [0, 1]")
    _check_causes(q.shape[1], len(q))
    return _outer(q, 1 - q)


def table_free_energy(gen: Generative, q: ArrayLike, u: ArrayLike) -> Array:
    """Free energy F = sum_v Q log(P[v, u] / Q) of any table Q, in nats.

    Args:
        gen: the generative model.
        q: table of Q[v|u], shape (n, 2**n_v), rows summing to 1.
        u: inputs, shape (n, n_u).

    Returns:
        F of each row, shape (n,): at most log P[u], and equal to it at the posterior.
    """
    u, joint = checked_inputs(gen, u), _Joint(gen)
    q = _table("q", q, gen, u)
    sums = q.sum(axis=1)
    worst = sums[np.abs(sums - 1).argmax()]
    if q.min() < 0 or abs(worst - 1) > 1e-8:
        raise ValueError(
            f"q has minimum {q.min():g} and a row that sums to {worst:g}; "
            "accepted: probabilities, every row summing to 1"
        )
    parts = [
        (q[b] * joint.table(u[b])).sum(axis=1) + entr(q[b]).sum(axis=1)
        for b in _blocks(len(u), gen.n_v)
    ]
    return np.concatenate(parts)


@dataclass(frozen=True)
class Objectives:
    """All objectives of one machine on the same inputs; every field has shape (n,), in nats."""

    log_likelihood: Array
    """log P[u]"""
    expected_log_joint: Array
    """sum_v Q log P[v, u], the (negative) average energy"""
    entropy: Array
    """-sum_v Q log Q"""
    kl_q_p: Array
    """exclusive KL(Q || P[v|u])"""
    kl_p_q: Array
    """inclusive KL(P[v|u] || Q)"""

    @property
    def free_energy(self) -> Array:
        """F = average of log P[v, u] plus entropy = log P[u] - KL(Q || P)."""
        return self.expected_log_joint + self.entropy

    @property
    def reversed_free_energy(self) -> Array:
        """F-tilde = log P[u] - KL(P || Q)."""
        return self.log_likelihood - self.kl_p_q


def objectives(gen: Generative, rec: Recognition, u: ArrayLike) -> Objectives:
    """L, F, F-tilde and both KL divergences of each row of u, in one pass over the causes.

    Raises:
        ValueError: if u is not binary, the shapes do not fit, or there are over 20 causes.
    """
    u, joint, v = checked_inputs(gen, u, rec), _Joint(gen), states(gen.n_v)
    parts = []
    for block in _blocks(len(u), gen.n_v):
        log_p, y = joint.table(u[block]), rec.drive(u[block])
        log_l = _log_sum_exp(log_p)
        expected_log_joint = np.einsum("nv,nv->n", _product(y), log_p)
        log_p -= log_l[:, None]
        post = np.exp(log_p)
        posterior_entropy = -np.einsum("nv,nv->n", post, log_p)
        entropy = (softplus(y) - sigmoid(y) * y).sum(axis=1)
        kl_q_p = log_l - expected_log_joint - entropy
        kl_p_q = -posterior_entropy - log_bernoulli(post @ v, y)
        parts.append((log_l, expected_log_joint, entropy, kl_q_p, kl_p_q))
    return Objectives(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def free_energy(gen: Generative, rec: Recognition, u: ArrayLike) -> Array:
    """F = sum_v Q[v|u] log(P[v, u] / Q[v|u]) of each row, shape (n,), in nats.

    Maximised: F = log P[u] - KL(Q || P[v|u]) lies below the log likelihood.
    Source: Dayan & Abbott 2001, section 10.4.
    """
    return objectives(gen, rec, u).free_energy


def reversed_free_energy(gen: Generative, rec: Recognition, u: ArrayLike) -> Array:
    """F-tilde = log P[u] - KL(P[v|u] || Q) of each row, shape (n,), in nats."""
    return objectives(gen, rec, u).reversed_free_energy


def kl_q_p(gen: Generative, rec: Recognition, u: ArrayLike) -> Array:
    """Exclusive divergence KL(Q || P[v|u]) of each row, shape (n,), in nats."""
    return objectives(gen, rec, u).kl_q_p


def kl_p_q(gen: Generative, rec: Recognition, u: ArrayLike) -> Array:
    """Inclusive divergence KL(P[v|u] || Q) of each row, shape (n,), in nats."""
    return objectives(gen, rec, u).kl_p_q


def dream_free_energy(
    gen: Generative, rec: Recognition, u: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Dreamt F-tilde = (mean of log P[u] over data) - E_{u ~ P[u; G]} KL(P[v|u] || Q), in nats.

    The divergence is averaged over every possible dream, exactly.

    Args:
        gen: generative model, n_u inputs and n_v causes, n_u + n_v <= 20.
        rec: recognition model.
        u: data, shape (n, n_u).
        weights: data weights, shape (n,); equal if None.

    Raises:
        ValueError: if n_u + n_v > 20; use `dream_free_energy_mc` there.
    """
    u = checked_inputs(gen, u, rec)
    _check_units(gen)
    dreamt = sum(
        float((np.exp(log_p) * log_ratio).sum()) for _, log_p, log_ratio in _all_dreams(gen, rec)
    )
    return float(data_weights(weights, len(u)) @ log_likelihood(gen, u)) - dreamt


def dream_free_energy_mc(
    gen: Generative,
    rec: Recognition,
    u: ArrayLike,
    rng: np.random.Generator,
    n: int,
    weights: ArrayLike | None = None,
) -> tuple[float, float]:
    """Dreamt F-tilde with its dreams drawn instead of listed.

    Args:
        gen, rec, u, weights: as for `dream_free_energy`, of any number of inputs.
        rng: random generator for the dreams.
        n: number of dreams, at least 2.

    Returns:
        (value, standard error), in nats. Only the average over dreams is uncertain; the
        divergence of each dream and the average over data are exact.
    """
    u, n = checked_inputs(gen, u, rec), count("n", n, least=2)
    _, dreams = gen.sample(generator("rng", rng), n)
    divergence = kl_p_q(gen, rec, dreams)
    mean_l = data_weights(weights, len(u)) @ log_likelihood(gen, u)
    return float(mean_l - divergence.mean()), float(divergence.std(ddof=1) / np.sqrt(n))


def grad_log_likelihood(
    gen: Generative, u: ArrayLike, weights: ArrayLike | None = None
) -> Generative:
    """Gradient of L, the (weighted) mean of log P[u; G], with respect to G.

    It is the posterior average of the joint's gradient, E_u E_P[v|u] grad log P[v, u].
    """
    u, joint = checked_inputs(gen, u), _Joint(gen)
    weights, total = data_weights(weights, len(u)), Statistics(gen.n_u, gen.n_v)
    for block in _blocks(len(u), gen.n_v):
        post = np.exp(_log_normalised(joint.table(u[block])))
        total.add(post * weights[block, None], u[block])
    return total.score(gen)


def grad_free_energy(
    gen: Generative, rec: Recognition, u: ArrayLike, weights: ArrayLike | None = None
) -> tuple[Generative, Recognition]:
    """Gradients of the (weighted) mean of F with respect to G and W.

    dF/dG = E_u E_Q grad log P[v, u]: the M-phase, one delta rule a parameter.
    dF/dy_a = E_Q[(v_a - f(y_a)) log(P[v, u] / Q)]: the hard half, Q stands in two places.
    """
    u, joint, v = checked_inputs(gen, u, rec), _Joint(gen), states(gen.n_v)
    weights, total = data_weights(weights, len(u)), Statistics(gen.n_u, gen.n_v)
    d_w, d_W = np.zeros_like(rec.w), np.zeros_like(rec.W)
    for block in _blocks(len(u), gen.n_v):
        y = rec.drive(u[block])
        q = _product(y) * weights[block, None]
        total.add(q, u[block])
        surprise = q * (joint.table(u[block]) - _log_product(y))
        d_y = surprise @ v - sigmoid(y) * surprise.sum(axis=1, keepdims=True)
        d_w += d_y.sum(axis=0)
        d_W += d_y.T @ u[block]
    return total.score(gen), Recognition(d_w, d_W)


def grad_kl_p_q(
    gen: Generative, rec: Recognition, u: ArrayLike, weights: ArrayLike | None = None
) -> tuple[Generative, Recognition]:
    """Gradients of the (weighted) mean of KL(P[v|u] || Q) with respect to G and W.

    In W it is a delta rule whose targets need the posterior: -E_u E_P[v|u] (v - f(y)) u^T.
    """
    u, joint, v = checked_inputs(gen, u, rec), _Joint(gen), states(gen.n_v)
    weights, total = data_weights(weights, len(u)), Statistics(gen.n_u, gen.n_v)
    d_w, d_W = np.zeros_like(rec.w), np.zeros_like(rec.W)
    for block in _blocks(len(u), gen.n_v):
        y, log_post = rec.drive(u[block]), _log_normalised(joint.table(u[block]))
        post, ratio = np.exp(log_post), log_post - _log_product(y)
        divergence = (post * ratio).sum(axis=1, keepdims=True)
        total.add(post * (ratio - divergence) * weights[block, None], u[block])
        d_y = (sigmoid(y) - post @ v) * weights[block, None]
        d_w += d_y.sum(axis=0)
        d_W += d_y.T @ u[block]
    return total.score(gen), Recognition(d_w, d_W)


def grad_dream(
    gen: Generative, rec: Recognition, u: ArrayLike, weights: ArrayLike | None = None
) -> tuple[Generative, Recognition]:
    """Gradients of `dream_free_energy` with respect to G and W, every dream listed.

    In W it is the sleep phase's delta rule: E_{v, u ~ P[v, u; G]} (v - f(y)) u^T.

    Raises:
        ValueError: if n_u + n_v > 20.
    """
    u, v = checked_inputs(gen, u, rec), states(gen.n_v)
    _check_units(gen)
    divergence = Statistics(gen.n_u, gen.n_v)
    d_w, d_W = np.zeros_like(rec.w), np.zeros_like(rec.W)
    for dreams, log_p, log_ratio in _all_dreams(gen, rec):
        p = np.exp(log_p)
        divergence.add(p * log_ratio, dreams)
        d_y = p @ v - sigmoid(rec.drive(dreams)) * p.sum(axis=1, keepdims=True)
        d_w += d_y.sum(axis=0)
        d_W += d_y.T @ dreams
    return grad_log_likelihood(gen, u, weights) - divergence.score(gen), Recognition(d_w, d_W)


def expected_score(gen: Generative, table: ArrayLike, u: ArrayLike) -> Generative:
    """sum_n sum_v table[n, v] * grad_G log P[v, u_n]: one delta rule a parameter.

    The terms of the sum are v - f(g), (u - f(x)) v^T and u - f(x), with x = G v + h.

    Args:
        gen: the generative model.
        table: one weight for every data point and cause pattern, shape (n, 2**n_v).
        u: inputs, shape (n, n_u).
    """
    u = checked_inputs(gen, u)
    total = Statistics(gen.n_u, gen.n_v)
    total.add(_table("table", table, gen, u), u)
    return total.score(gen)


class Statistics:
    """All that a weighting t[n, v] of data and causes says about the generative model.

    sum_n sum_v t[n, v] log P[v, u_n; G] needs the data only in three sums, so that G can change
    without another pass over them.

    Attributes:
        per_state: sum_n t[n, v], shape (2**n_v,).
        uv: sum_n sum_v t[n, v] u_n v^T, shape (n_u, n_v).
        u: sum_n sum_v t[n, v] u_n, shape (n_u,).
    """

    def __init__(self, n_u: int, n_v: int) -> None:
        self.per_state = np.zeros(2**n_v)
        self.uv, self.u = np.zeros((n_u, n_v)), np.zeros(n_u)

    def add(self, t: Array, u: Array) -> None:
        """Add data u, shape (n, n_u), with the weights t, shape (n, 2**n_v)."""
        self.per_state += t.sum(axis=0)
        self.uv += u.T @ (t @ states(self.uv.shape[1]))
        self.u += t.sum(axis=1) @ u

    def log_joint(self, gen: Generative) -> float:
        """sum_n sum_v t[n, v] log P[v, u_n; G], in nats."""
        t, v = self.per_state, states(gen.n_v)
        normaliser = sum(t[b] @ softplus(gen.drive(v[b])).sum(axis=1) for b in _state_blocks(gen))
        causes = t @ v @ gen.g - t.sum() * softplus(gen.g).sum()
        return float(causes + (self.uv * gen.G).sum() + self.u @ gen.h - normaliser)

    def score(self, gen: Generative) -> Generative:
        """Gradient of `log_joint` with respect to G: one delta rule a parameter."""
        t, v = self.per_state, states(gen.n_v)
        fv, f = np.zeros_like(gen.G), np.zeros_like(gen.h)
        for b in _state_blocks(gen):
            expected = sigmoid(gen.drive(v[b])) * t[b, None]
            fv += expected.T @ v[b]
            f += expected.sum(axis=0)
        return Generative(t @ v - sigmoid(gen.g) * t.sum(), self.uv - fv, self.u - f)


class _Joint:
    """Tables of log P[v, u], for one machine and many blocks of inputs.

    log P[v, u] = v.(g + G^T u) + u.h - sum_a log(1 + e^g_a) - A(v), where the only sum over
    the inputs that depends on v alone, A(v) = sum_b log(1 + e^x_b), is done once.
    """

    def __init__(self, gen: Generative) -> None:
        v = states(gen.n_v)
        self.gen, self.v = gen, v
        normaliser = [softplus(gen.drive(v[b])).sum(axis=1) for b in _state_blocks(gen)]
        self.normaliser = np.concatenate(normaliser) + softplus(gen.g).sum()

    def table(self, u: Array) -> Array:
        gen = self.gen
        table = (u @ gen.G + gen.g) @ self.v.T
        table += (u @ gen.h)[:, None]
        table -= self.normaliser
        return table


def _all_dreams(gen: Generative, rec: Recognition) -> Iterator[tuple[Array, Array, Array]]:
    """Every input u, with the tables of log P[v, u] and of log P[v|u] - log Q[v|u]."""
    joint, dreams = _Joint(gen), states(gen.n_u)
    for block in _blocks(len(dreams), gen.n_v):
        u = dreams[block]
        log_p = joint.table(u)
        yield u, log_p, _log_normalised(log_p) - _log_product(rec.drive(u))


def _log_sum_exp(table: Array) -> Array:
    """log sum_v exp(table) of each row, the largest entry taken out first."""
    top = table.max(axis=1)
    return top + np.log(np.exp(table - top[:, None]).sum(axis=1))


def _log_normalised(log_p: Array) -> Array:
    """log P[v|u] = log P[v, u] - log P[u], row by row."""
    return log_p - _log_sum_exp(log_p)[:, None]


def _log_product(y: Array) -> Array:
    """Table of log Q = v.y - sum_a log(1 + e^y_a)."""
    return y @ states(y.shape[1]).T - softplus(y).sum(axis=1, keepdims=True)


def _product(y: Array) -> Array:
    """Table of Q, from the total inputs y of the causes."""
    return _outer(sigmoid(y), sigmoid(-y))


def _outer(on: Array, off: Array) -> Array:
    """prod_a on_a^v_a off_a^(1 - v_a): the table grows by one cause at a time, the last first."""
    table = np.ones((len(on), 1))
    for a in reversed(range(on.shape[1])):
        pair = np.stack([off[:, a], on[:, a]], axis=1)
        table = (pair[:, :, None] * table[:, None, :]).reshape(len(on), -1)
    return table


def _blocks(n: int, n_v: int) -> Iterator[slice]:
    """Slices of n rows whose tables have about _BLOCK entries."""
    step = max(1, _BLOCK // 2**n_v)
    return (slice(start, min(start + step, n)) for start in range(0, n, step))


def _state_blocks(gen: Generative) -> Iterator[slice]:
    """Slices of the states whose drives x = G v + h have about _BLOCK entries."""
    step = max(1, _BLOCK // gen.n_u)
    return (slice(start, start + step) for start in range(0, 2**gen.n_v, step))


def checked_inputs(gen: Generative, u: ArrayLike, rec: Recognition | None = None) -> Array:
    """The data, once they are known to fit both models."""
    if rec is not None and (rec.n_u, rec.n_v) != (gen.n_u, gen.n_v):
        raise ValueError(
            f"rec has {rec.n_u} inputs and {rec.n_v} causes; "
            f"accepted: {gen.n_u} and {gen.n_v}, as gen has"
        )
    u = binary_rows("u", u, gen.n_u)
    _check_causes(gen.n_v, len(u))
    return u


def _table(name: str, table: ArrayLike, gen: Generative, u: Array) -> Array:
    """One number for every row of u and every pattern of causes."""
    table = rows(name, table, 2**gen.n_v)
    if len(table) != len(u):
        raise ValueError(f"{name} has {len(table)} rows; accepted: {len(u)}, one a row of u")
    return table


def _check_causes(n_v: int, n: int = 1) -> None:
    if n_v > MAX_CAUSES:
        raise ValueError(
            f"n_v is {n_v}; accepted: at most {MAX_CAUSES} causes. A table of 2**{n_v} "
            f"patterns for {n} input(s) would need {n * 8 * 2.0 ** (n_v - 30):,.3g} GiB"
        )


def _check_units(gen: Generative) -> None:
    if gen.n_u + gen.n_v > MAX_UNITS:
        raise ValueError(
            f"n_u + n_v is {gen.n_u + gen.n_v}; accepted: at most {MAX_UNITS}, since every "
            "dream is listed. dream_free_energy_mc draws dreams instead"
        )
