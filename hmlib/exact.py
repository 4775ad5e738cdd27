"""Everything about a small binary Helmholtz machine, exactly, by summing over all causes.

L, F, F-tilde, both KL divergences and their gradients (Dayan & Abbott 2001, section 10.4), in
nats, for machines with one layer of causes (Generative, Recognition) or several (Layered,
LayeredRecognition). A *table* holds one number for every cause pattern: shape (n, 2**n_v),
columns in the order of `states(n_v)`. Sums run over blocks of rows, so that memory stays small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from hmlib._checks import (
    binary_rows,
    check_fit,
    count,
    data_weights,
    finite_array,
    generator,
    rows,
)
from hmlib.binary import Generative, Recognition, log_bernoulli, sigmoid, softplus
from hmlib.layered import Layered, LayeredRecognition

Array = NDArray[np.float64]
AnyGenerative = Generative | Layered
AnyRecognition = Recognition | LayeredRecognition
Gen = TypeVar("Gen", bound=AnyGenerative)
Rec = TypeVar("Rec", bound=AnyRecognition)

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
    patterns = table.astype(np.float64)
    patterns.flags.writeable = False
    return patterns


def log_joint(gen: AnyGenerative, u: ArrayLike) -> Array:
    """Table of log P[v, u; G], shape (n, 2**n_v), in nats."""
    u = checked_inputs(gen, u)
    return _Joint(gen).table(u)


def log_likelihood(gen: AnyGenerative, u: ArrayLike) -> Array:
    """log P[u; G] = log sum_v P[v, u; G] of each row, shape (n,), in nats. Its mean is L."""
    u, joint = checked_inputs(gen, u), _Joint(gen)
    return np.concatenate([_log_sum_exp(joint.table(u[b])) for b in _blocks(len(u), gen.n_v)])


def posterior(gen: AnyGenerative, u: ArrayLike) -> Array:
    """Table of P[v|u; G] = P[v, u] / P[u], shape (n, 2**n_v); every row sums to 1."""
    u, joint = checked_inputs(gen, u), _Joint(gen)
    table = np.empty((len(u), 2**gen.n_v))
    for block in _blocks(len(u), gen.n_v):
        table[block] = np.exp(_log_normalised(joint.table(u[block])))
    return table


def recognition_table(rec: AnyRecognition, u: ArrayLike) -> Array:
    """Table of Q[v|u; W], shape (n, 2**n_v); every row sums to 1."""
    u = binary_rows("u", u, rec.n_u)
    _check_causes(rec.n_v, len(u))
    return _Guess(rec).table(_bottom_drive(rec, u))


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


def table_free_energy(gen: AnyGenerative, q: ArrayLike, u: ArrayLike) -> Array:
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
            f"q has minimum {q.min():g} and a row that sums to {worst:.9g}; "
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


def objectives(gen: AnyGenerative, rec: AnyRecognition, u: ArrayLike) -> Objectives:
    """L, F, F-tilde and both KL divergences of each row of u, in one pass over the causes.

    Raises:
        ValueError: if u is not binary, the shapes do not fit, or there are over 20 causes.
    """
    u, joint, guess = checked_inputs(gen, u, rec), _Joint(gen), _Guess(rec)
    parts = []
    for block in _blocks(len(u), gen.n_v):
        log_p, y = joint.table(u[block]), _bottom_drive(rec, u[block])
        log_l = _log_sum_exp(log_p)
        q = guess.table(y)
        expected_log_joint = np.einsum("nv,nv->n", q, log_p)
        entropy = (softplus(y) - sigmoid(y) * y).sum(axis=1)
        if guess.upper is not None:
            entropy -= q @ guess.upper
        del q  # Two tables at a time fit into a cache, three do not.
        log_p -= log_l[:, None]
        post = np.exp(log_p)
        posterior_entropy = -np.einsum("nv,nv->n", post, log_p)
        expected_log_q = log_bernoulli(post @ joint.v, y)
        if guess.upper is not None:
            expected_log_q += post @ guess.upper
        kl_q_p = log_l - expected_log_joint - entropy
        kl_p_q = -posterior_entropy - expected_log_q
        parts.append((log_l, expected_log_joint, entropy, kl_q_p, kl_p_q))
    return Objectives(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def free_energy(gen: AnyGenerative, rec: AnyRecognition, u: ArrayLike) -> Array:
    """F = sum_v Q[v|u] log(P[v, u] / Q[v|u]) of each row, shape (n,), in nats.

    Maximised: F = log P[u] - KL(Q || P[v|u]) lies below the log likelihood.
    Source: Dayan & Abbott 2001, section 10.4.
    """
    return objectives(gen, rec, u).free_energy


def reversed_free_energy(gen: AnyGenerative, rec: AnyRecognition, u: ArrayLike) -> Array:
    """F-tilde = log P[u] - KL(P[v|u] || Q) of each row, shape (n,), in nats."""
    return objectives(gen, rec, u).reversed_free_energy


def kl_q_p(gen: AnyGenerative, rec: AnyRecognition, u: ArrayLike) -> Array:
    """Exclusive divergence KL(Q || P[v|u]) of each row, shape (n,), in nats."""
    return objectives(gen, rec, u).kl_q_p


def kl_p_q(gen: AnyGenerative, rec: AnyRecognition, u: ArrayLike) -> Array:
    """Inclusive divergence KL(P[v|u] || Q) of each row, shape (n,), in nats."""
    return objectives(gen, rec, u).kl_p_q


def dream_free_energy(
    gen: AnyGenerative, rec: AnyRecognition, u: ArrayLike, weights: ArrayLike | None = None
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
    gen: AnyGenerative,
    rec: AnyRecognition,
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


def grad_log_likelihood(gen: Gen, u: ArrayLike, weights: ArrayLike | None = None) -> Gen:
    """Gradient of L, the (weighted) mean of log P[u; G], with respect to G.

    It is the posterior average of the joint's gradient, E_u E_P[v|u] grad log P[v, u].
    """
    u, joint = checked_inputs(gen, u), _Joint(gen)
    weights, total = data_weights(weights, len(u)), Statistics.of(gen)
    for block in _blocks(len(u), gen.n_v):
        post = np.exp(_log_normalised(joint.table(u[block])))
        total.add(post * weights[block, None], u[block])
    return total.score(gen)


def grad_free_energy(
    gen: Gen, rec: Rec, u: ArrayLike, weights: ArrayLike | None = None
) -> tuple[Gen, Rec]:
    """Gradients of the (weighted) mean of F with respect to G and W.

    dF/dG = E_u E_Q grad log P[v, u]: the M-phase, one delta rule a parameter.
    dF/dy_a = E_Q[(v_a - f(y_a)) log(P[v, u] / Q)]: the hard half, Q stands in two places.
    """
    u, joint, guess = checked_inputs(gen, u, rec), _Joint(gen), _Guess(rec)
    weights, total = data_weights(weights, len(u)), Statistics.of(gen)
    for block in _blocks(len(u), gen.n_v):
        y = _bottom_drive(rec, u[block])
        q = guess.table(y) * weights[block, None]
        total.add(q, u[block])
        guess.add(q * (joint.table(u[block]) - guess.log_table(y)), y, u[block])
    return total.score(gen), guess.score()


def grad_kl_p_q(
    gen: Gen, rec: Rec, u: ArrayLike, weights: ArrayLike | None = None
) -> tuple[Gen, Rec]:
    """Gradients of the (weighted) mean of KL(P[v|u] || Q) with respect to G and W.

    In W it is a delta rule whose targets need the posterior: -E_u E_P[v|u] (v - f(y)) u^T.
    """
    u, joint, guess = checked_inputs(gen, u, rec), _Joint(gen), _Guess(rec)
    weights, total = data_weights(weights, len(u)), Statistics.of(gen)
    for block in _blocks(len(u), gen.n_v):
        y, log_post = _bottom_drive(rec, u[block]), _log_normalised(joint.table(u[block]))
        post, ratio = np.exp(log_post), log_post - guess.log_table(y)
        divergence = (post * ratio).sum(axis=1, keepdims=True)
        total.add(post * (ratio - divergence) * weights[block, None], u[block])
        guess.add(-post * weights[block, None], y, u[block])
    return total.score(gen), guess.score()


def grad_dream(
    gen: Gen, rec: Rec, u: ArrayLike, weights: ArrayLike | None = None
) -> tuple[Gen, Rec]:
    """Gradients of `dream_free_energy` with respect to G and W, every dream listed.

    In W it is the sleep phase's delta rule: E_{v, u ~ P[v, u; G]} (v - f(y)) u^T.

    Raises:
        ValueError: if n_u + n_v > 20.
    """
    u, guess = checked_inputs(gen, u, rec), _Guess(rec)
    _check_units(gen)
    divergence = Statistics.of(gen)
    for dreams, log_p, log_ratio in _all_dreams(gen, rec):
        p = np.exp(log_p)
        divergence.add(p * log_ratio, dreams)
        guess.add(p, _bottom_drive(rec, dreams), dreams)
    rise, fall = grad_log_likelihood(gen, u, weights), divergence.score(gen)
    return cast(Gen, rise.like(rise.ravel() - fall.ravel())), guess.score()


def expected_score(gen: Gen, table: ArrayLike, u: ArrayLike) -> Gen:
    """sum_n sum_v table[n, v] * grad_G log P[v, u_n]: one delta rule a parameter.

    The terms of the sum are v - f(g), (u - f(x)) v^T and u - f(x), with x = G v + h.

    Args:
        gen: the generative model.
        table: one weight for every data point and cause pattern, shape (n, 2**n_v).
        u: inputs, shape (n, n_u).
    """
    u = checked_inputs(gen, u)
    total = Statistics.of(gen)
    total.add(_table("table", table, gen, u), u)
    return total.score(gen)


class Statistics:
    """All that a weighting t[n, v] of data and causes says about the generative model.

    sum_n sum_v t[n, v] log P[v, u_n; G] needs the data only in three sums, so that G can change
    without another pass over them.

    Attributes:
        per_state: sum_n t[n, v], shape (2**n_v,).
        uv: sum_n sum_v t[n, v] u_n v_1^T, shape (n_u, n_1), v_1 the causes next to the inputs.
        u: sum_n sum_v t[n, v] u_n, shape (n_u,).
    """

    def __init__(self, n_u: int, n_v: int, n_1: int | None = None) -> None:
        self.per_state = np.zeros(2**n_v)
        self.v = states(n_v)[:, :n_1]
        self.uv, self.u = np.zeros((n_u, self.v.shape[1])), np.zeros(n_u)

    @classmethod
    def of(cls, gen: AnyGenerative) -> Statistics:
        """Sums over nothing yet, for this machine."""
        return cls(gen.n_u, gen.n_v, gen.sizes[1])

    def add(self, t: Array, u: Array) -> None:
        """Add data u, shape (n, n_u), with the weights t, shape (n, 2**n_v)."""
        self.per_state += t.sum(axis=0)
        self.uv += u.T @ (t @ self.v)
        self.u += t.sum(axis=1) @ u

    def log_joint(self, gen: AnyGenerative) -> float:
        """sum_n sum_v t[n, v] log P[v, u_n; G], in nats."""
        t, G, h = self.per_state, gen.weights[0], gen.biases[0]
        normaliser = sum(
            t[b] @ softplus(self.v[b] @ G.T + h).sum(axis=1) for b in _state_blocks(gen)
        )
        return float(t @ _log_prior(gen) + (self.uv * G).sum() + self.u @ h - normaliser)

    def score(self, gen: Gen) -> Gen:
        """Gradient of `log_joint` with respect to G: one delta rule a parameter."""
        t, G, h = self.per_state, gen.weights[0], gen.biases[0]
        fv, f = np.zeros_like(G), np.zeros_like(h)
        for block in _state_blocks(gen):
            expected = sigmoid(self.v[block] @ G.T + h) * t[block, None]
            fv += expected.T @ self.v[block]
            f += expected.sum(axis=0)
        weights, biases, layers = [self.uv - fv], [self.u - f], _layers(gen)
        for v, above, G, b in zip(
            layers, layers[1:], gen.weights[1:], gen.biases[1:], strict=False
        ):
            missed = t[:, None] * (v - sigmoid(above @ G.T + b))
            weights.append(missed.T @ above)
            biases.append(missed.sum(axis=0))
        biases.append(t @ layers[-1] - sigmoid(gen.biases[-1]) * t.sum())
        return cast(Gen, gen.with_layers(weights, biases))


class _Joint:
    """Tables of log P[v, u], for one machine and many blocks of inputs.

    log P[v, u] = u.(G v_1 + h) - A(v_1) + log P[v], where v_1 are the causes next to the inputs.
    What depends on v alone, log P[v] and A(v_1) = sum_b log(1 + e^x_b), is done once.
    """

    def __init__(self, gen: AnyGenerative) -> None:
        self.gen, self.v = gen, states(gen.n_v)[:, : gen.sizes[1]]
        G, h = gen.weights[0], gen.biases[0]
        normaliser = [softplus(self.v[b] @ G.T + h).sum(axis=1) for b in _state_blocks(gen)]
        self.normaliser = np.concatenate(normaliser) - _log_prior(gen)

    def table(self, u: Array) -> Array:
        table = (u @ self.gen.weights[0]) @ self.v.T
        table += (u @ self.gen.biases[0])[:, None]
        table -= self.normaliser
        return table


class _Guess(Generic[Rec]):
    """Tables of Q[v|u], for one machine and many blocks of inputs, and the score of log Q.

    Q[v|u] = Q[v_1|u] Q[v_2|v_1] ...: only the first factor depends on u, by its drive y.

    Attributes:
        upper: log Q[v_2|v_1] ... of every pattern, shape (2**n_v,), None with one layer.
    """

    upper: Array | None

    def __init__(self, rec: Rec) -> None:
        self.rec, self.upper = rec, None
        self.v = states(rec.n_v)[:, : rec.sizes[1]]
        self.d_y, self.d_W = np.zeros(rec.sizes[1]), np.zeros((rec.sizes[1], rec.n_u))
        self.per_state = np.zeros(2**rec.n_v)
        if len(rec.sizes) > 2:
            layers = _layers(rec)
            above = zip(layers, layers[1:], rec.weights[1:], rec.biases[1:], strict=False)
            log_q = (log_bernoulli(v, below @ W.T + w) for below, v, W, w in above)
            self.upper = sum(log_q, start=np.zeros(2**rec.n_v))

    def table(self, y: Array) -> Array:
        """Q[v|u] for drives y of v_1, shape (n, n_1)."""
        q = _product(y)
        if self.upper is None:
            return q
        upper = np.exp(self.upper).reshape(q.shape[1], -1)
        return (q[:, :, None] * upper).reshape(len(q), -1)

    def log_table(self, y: Array) -> Array:
        """log Q[v|u] = v_1.y - sum_a log(1 + e^y_a) + log Q[v_2|v_1] ..."""
        table = y @ self.v.T - softplus(y).sum(axis=1, keepdims=True)
        return np.asarray(table if self.upper is None else table + self.upper)

    def add(self, t: Array, y: Array, u: Array) -> None:
        """Add the gradient of sum_n sum_v t[n, v] log Q[v|u_n]."""
        d_y = t @ self.v - sigmoid(y) * t.sum(axis=1, keepdims=True)
        self.d_y += d_y.sum(axis=0)
        self.d_W += d_y.T @ u
        if self.upper is not None:
            self.per_state += t.sum(axis=0)

    def score(self) -> Rec:
        """The gradient with respect to W: one delta rule a parameter."""
        rec, weights, biases, layers = self.rec, [self.d_W], [self.d_y], _layers(self.rec)
        for below, v, W, w in zip(
            layers, layers[1:], rec.weights[1:], rec.biases[1:], strict=False
        ):
            missed = self.per_state[:, None] * (v - sigmoid(below @ W.T + w))
            weights.append(missed.T @ below)
            biases.append(missed.sum(axis=0))
        return cast(Rec, rec.with_layers(weights, biases))


def _layers(model: AnyGenerative | AnyRecognition) -> list[Array]:
    """All patterns of causes, cut into layers, bottom layer first."""
    return np.split(states(model.n_v), np.cumsum(model.sizes[1:])[:-1], axis=1)


def _log_prior(gen: AnyGenerative) -> Array:
    """log P[v] of every pattern of causes, shape (2**n_v,)."""
    layers = _layers(gen)
    log_p = log_bernoulli(layers[-1], gen.biases[-1])
    for v, above, G, b in zip(layers, layers[1:], gen.weights[1:], gen.biases[1:], strict=False):
        log_p += log_bernoulli(v, above @ G.T + b)
    return log_p


def _bottom_drive(rec: AnyRecognition, u: Array) -> Array:
    """y = W u + w, what the inputs send to the causes next to them, shape (n, n_1)."""
    return u @ rec.weights[0].T + rec.biases[0]


def _all_dreams(gen: AnyGenerative, rec: AnyRecognition) -> Iterator[tuple[Array, Array, Array]]:
    """Every input u, with the tables of log P[v, u] and of log P[v|u] - log Q[v|u]."""
    joint, guess, dreams = _Joint(gen), _Guess(rec), states(gen.n_u)
    for block in _blocks(len(dreams), gen.n_v):
        u = dreams[block]
        log_p = joint.table(u)
        yield u, log_p, _log_normalised(log_p) - guess.log_table(_bottom_drive(rec, u))


def _log_sum_exp(table: Array) -> Array:
    """log sum_v exp(table) of each row, the largest entry taken out first."""
    top = table.max(axis=1)
    return np.asarray(top + np.log(np.exp(table - top[:, None]).sum(axis=1)))


def _log_normalised(log_p: Array) -> Array:
    """log P[v|u] = log P[v, u] - log P[u], row by row."""
    return log_p - _log_sum_exp(log_p)[:, None]


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


def _state_blocks(gen: AnyGenerative) -> Iterator[slice]:
    """Slices of the states whose drives x = G v + h have about _BLOCK entries."""
    step = max(1, _BLOCK // gen.n_u)
    return (slice(start, start + step) for start in range(0, 2**gen.n_v, step))


def checked_inputs(gen: AnyGenerative, u: ArrayLike, rec: AnyRecognition | None = None) -> Array:
    """The data, once they are known to fit both models."""
    if rec is not None:
        check_fit(gen, rec)
    u = binary_rows("u", u, gen.n_u)
    _check_causes(gen.n_v, len(u))
    return u


def _table(name: str, table: ArrayLike, gen: AnyGenerative, u: Array) -> Array:
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


def _check_units(gen: AnyGenerative) -> None:
    if gen.n_u + gen.n_v > MAX_UNITS:
        raise ValueError(
            f"n_u + n_v is {gen.n_u + gen.n_v}; accepted: at most {MAX_UNITS}, since every "
            "dream is listed. dream_free_energy_mc draws dreams instead"
        )
