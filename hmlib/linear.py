"""Linear factor analysis: a Helmholtz machine in which wake-sleep is exact.

The two models are linear, with Gaussian noise that is independent for every unit:

generative   v ~ N(0, I),  u = G v + h + noise,  so that  P[u] = N(h, C),  C = G G^T + Psi
recognition  v = W u + w + noise

Psi is diagonal and holds the variances of the generative noise. The true posterior is linear too:

P[v|u] = N(Sigma G^T Psi^-1 (u - h), Sigma),  Sigma = (I + G^T Psi^-1 G)^-1, the same for every u.

So a linear recognition model can always have the right means, and the right variances. All that
it can miss is what correlates the causes given an input, the off-diagonal part of Sigma. With one
cause there is none. With several it is 0 if the columns of G are orthogonal in the metric
Psi^-1, and every machine has an equal one of this kind: turning the causes, G -> G R with R^T R
= I, leaves P[u] as it is (`aligned`). A machine of maximum likelihood that is aligned, with its
posterior as recognition model, is where both phases of wake-sleep stand still.

Both delta rules are gradient steps, each number's gradient times a positive number: wake climbs
F in {G, h, Psi}, sleep the dreamt F-tilde in {W, w, variances}.

Sources: Neal & Dayan 1997 (the machine and its delta rules); Rubin & Thayer 1982 (EM for factor
analysis); Ikeda, Amari & Nakahara 1998 (convergence with one cause). All values are in nats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import choice, count, data_weights, finite_array, generator, positive, rows
from hmlib.binary import Units
from hmlib.learning.optimisers import Rate, rates_of
from hmlib.learning.step import Step, present, with_generator
from hmlib.learning.walking import Steps, walk, workable

__all__ = [
    "LinearGenerative", "LinearRecognition", "aligned", "best_recognition",
    "dream_free_energy", "expected_deltas", "free_energy", "instruments", "kl_p_q", "kl_q_p",
    "log_likelihood", "make_data", "maximum_likelihood", "posterior", "reversed_free_energy",
    "wake_sleep",
]  # fmt: skip

Array = NDArray[np.float64]
Line = tuple[Array, Array, Array]
"""Weights A, biases a and variances of noisy linear units: target = A source + a + noise."""

Rates = Callable[[int], tuple[float, ...]]

_LOG_2PI = np.log(2 * np.pi)
_CONVERGED = 1e-13
_MOST_EM = 100_000


@dataclass(frozen=True, eq=False, repr=False)
class _Linear(Units):
    """Linear units with independent Gaussian noise: fields weights, biases and variances."""

    up: ClassVar[bool]
    """Whether the weights lead from inputs up to causes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        weights, bias, variance = self.arrays()
        if not weights.size or weights.shape[0] != bias.size or bias.shape != variance.shape:
            raise ValueError(
                f"{fields(self)[0].name} has shape {weights.shape}, beside {bias.size} biases and "
                f"{variance.size} variances; accepted: one bias and one variance for each row"
            )
        if variance.min() <= 0:
            raise ValueError(f"variance contains {variance.min():g}; accepted: numbers > 0")

    @classmethod
    def random(cls, rng: np.random.Generator, n_u: int, n_v: int, scale: float = 1.0) -> Self:
        """Independent normal weights of standard deviation `scale`, biases 0, variances 1."""
        n_u, n_v = count("n_u", n_u), count("n_v", n_v)
        n, m = (n_v, n_u) if cls.up else (n_u, n_v)
        weights = generator("rng", rng).standard_normal((n, m))
        return cls(finite_array("scale", scale, 0) * weights, np.zeros(n), np.ones(n))

    @property
    def n_u(self) -> int:
        """Number of inputs."""
        return self.arrays()[0].shape[int(self.up)]

    @property
    def n_v(self) -> int:
        """Number of causes."""
        return self.arrays()[0].shape[int(not self.up)]

    def _paired(self, v: ArrayLike, u: ArrayLike) -> tuple[Array, Array]:
        v, u = rows("v", v, self.n_v), rows("u", u, self.n_u)
        if len(v) != len(u):
            raise ValueError(f"v has {len(v)} rows; accepted: {len(u)}, one a row of u")
        return v, u


@dataclass(frozen=True, eq=False, repr=False)
class LinearGenerative(_Linear):
    """The generative model: v ~ N(0, I), u = G v + h + noise.

    Attributes:
        G: weights from causes to inputs, shape (n_u, n_v).
        h: biases of the inputs, shape (n_u,).
        variance: variances of the noise of the inputs (the diagonal of Psi), shape (n_u,).

    Raises:
        ValueError: if a parameter is not finite, a variance is not above 0, or the shapes do not
            fit together.
    """

    up: ClassVar[bool] = False
    G: Array = field(metadata={"ndim": 2})
    h: Array = field(metadata={"ndim": 1})
    variance: Array = field(metadata={"ndim": 1})

    @property
    def covariance(self) -> Array:
        """C = G G^T + Psi, the covariance of the inputs, shape (n_u, n_u)."""
        return self.G @ self.G.T + np.diag(self.variance)

    def sample(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """Dream: causes first, then inputs.

        Returns:
            (v, u), shapes (n, n_v) and (n, n_u).
        """
        v = generator("rng", rng).standard_normal((count("n", n), self.n_v))
        return v, _noisy(rng, self.arrays(), v)

    def log_prob(self, v: ArrayLike, u: ArrayLike) -> Array:
        """Joint log density log P[v, u] of each row, shape (n,), in nats."""
        v, u = self._paired(v, u)
        return _log_normal(v, 0.0, 1.0) + _log_normal(u, v @ self.G.T + self.h, self.variance)


@dataclass(frozen=True, eq=False, repr=False)
class LinearRecognition(_Linear):
    """The recognition model: v = W u + w + noise, an independent guess for every cause.

    Attributes:
        W: weights from inputs to causes, shape (n_v, n_u).
        w: biases of the causes, shape (n_v,).
        variance: variances of the guesses, shape (n_v,).

    Raises:
        ValueError: if a parameter is not finite, a variance is not above 0, or the shapes do not
            fit together.
    """

    up: ClassVar[bool] = True
    W: Array = field(metadata={"ndim": 2})
    w: Array = field(metadata={"ndim": 1})
    variance: Array = field(metadata={"ndim": 1})

    def sample(self, rng: np.random.Generator, u: ArrayLike) -> Array:
        """Guess the causes of each row of u once, shape (n, n_v)."""
        return _noisy(generator("rng", rng), self.arrays(), rows("u", u, self.n_u))

    def log_prob(self, v: ArrayLike, u: ArrayLike) -> Array:
        """Log density log Q[v|u] of each row, shape (n,), in nats."""
        v, u = self._paired(v, u)
        return _log_normal(v, u @ self.W.T + self.w, self.variance)


# Exact values, in closed form.


def log_likelihood(gen: LinearGenerative, u: ArrayLike) -> Array:
    """log P[u] = log N(u; h, C) of each row, shape (n,). Its mean is L."""
    off, C = rows("u", u, gen.n_u) - gen.h, gen.covariance
    distance = (off * np.linalg.solve(C, off.T).T).sum(axis=1)
    return -0.5 * (gen.n_u * _LOG_2PI + np.linalg.slogdet(C).logabsdet + distance)


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
    B, Sigma = _inverse(_fitting(gen, rec))
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
    h, S = _mean_and_covariance(u, weights)
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


# Learning by delta rules.


def wake_sleep(
    gen: LinearGenerative,
    rec: LinearRecognition,
    u: ArrayLike,
    weights: ArrayLike | None = None,
    rate: Rate = 0.05,
    steps: int = 1000,
    minibatch: int | None = 20,
    rng: np.random.Generator | None = None,
    expectations: str = "sampled",
    every: int = 1,
    start: Step | None = None,
) -> Steps:
    """Wake-sleep by delta rules, with averages <> over a minibatch and learning rate e.

    wake, u from data, v ~ Q, error r = u - G v - h:
    G += e <r v^T>, h += e <r>, variance += e <r^2 - variance>
    sleep, v ~ N(0, I), u ~ P[u|v], error s = v - W u - w:
    W += e <s u^T>, w += e <s>, variance += e <s^2 - variance>

    Args:
        gen: generative model to start from.
        rec: recognition model to start from.
        u: data, shape (n, n_u).
        weights: data weights, shape (n,); equal if None.
        rate: learning rate e, above 0 (1 and more lose the variances), or a function of the
            steps done.
        steps: number of steps, each a wake and a sleep phase.
        minibatch: data drawn for each step, with replacement and in proportion to their
            weights, and dreams; None: all data in every step, and as many dreams.
        rng: random generator; needed unless the expectations are exact.
        expectations: "sampled", or "exact": both delta rules averaged over all data, all causes
            and every dream, from the means and covariances.
        every: steps from one record to the next.
        start: a step to continue from, instead of gen and rec.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted.
        Diverged: on the way, if a parameter grows out of bounds; it keeps the last good step.

    Source: Neal & Dayan 1997.
    """
    step = Step(gen, rec) if start is None else start
    u = rows("u", u, _fitting(step.gen, present(step.rec)).n_u)
    weights, rates = data_weights(weights, len(u)), rates_of(rate, 1)
    if choice("expectations", expectations, ("sampled", "exact")) == "exact":
        learner = _Expected(step, u, weights, rates)
    else:
        size = None if minibatch is None else count("minibatch", minibatch)
        step, rng = with_generator(step, rng)
        learner = _Sampled(step, rng, u, weights, rates, size)
    return walk(learner, learner.step(), steps, every, fresh=start is None)


def expected_deltas(
    gen: LinearGenerative, rec: LinearRecognition, u: ArrayLike, weights: ArrayLike | None = None
) -> tuple[Line, Line]:
    """What the wake and the sleep delta rule add at rate 1, averaged over all that is drawn.

    Returns:
        Changes of (G, h, variance) on data, and changes of (W, w, variance) on dreams.
    """
    u = rows("u", u, _fitting(gen, rec).n_u)
    mean_u, S = _mean_and_covariance(u, data_weights(weights, len(u)))
    wake = _expected_delta(gen.arrays(), _guessed(rec.arrays(), mean_u, S))
    return wake, _expected_delta(rec.arrays(), _dreamt(gen.arrays()))


class _Learner:
    """Two lines that are moved in turn: wake moves the generative one, sleep the other."""

    def __init__(self, step: Step, rates: Rates) -> None:
        self.first, self.count, self.rates = step, step.count, rates
        self.gen: Line = step.gen.arrays()
        self.rec: Line = step.rec.arrays()
        self.rng: np.random.Generator | None = None

    def advance(self, n: int) -> None:
        for _ in range(n):
            (rate,) = self.rates(self.count)
            self.gen = _moved(self.gen, self.wake(), rate)
            self.rec = _moved(self.rec, self.sleep(), rate)
            self.count += 1

    def step(self) -> Step:
        workable(np.concatenate([array.ravel() for array in (*self.gen, *self.rec)]))
        phase = "start" if self.count == 0 else "wake-sleep"
        state = None if self.rng is None else self.rng.bit_generator.state
        gen, rec = LinearGenerative(*self.gen), LinearRecognition(*self.rec)
        return Step(gen, rec, phase=phase, count=self.count, rng_state=state)


class _Sampled(_Learner):
    """Delta rules on guesses about data and on dreams."""

    def __init__(
        self,
        step: Step,
        rng: np.random.Generator,
        u: Array,
        weights: Array,
        rates: Rates,
        minibatch: int | None,
    ) -> None:
        super().__init__(step, rates)
        self.u, self.weights, self.minibatch = u, weights, minibatch
        self.until, self.rng = np.cumsum(weights)[:-1], rng
        self.n = len(u) if minibatch is None else minibatch
        self.equal = np.full(self.n, 1 / self.n)

    def wake(self) -> Line:
        if self.minibatch is None:
            u, weights = self.u, self.weights
        else:
            u, weights = self.u[self.until.searchsorted(self.rng.random(self.n))], self.equal
        return _delta(self.gen, _noisy(self.rng, self.rec, u), u, weights)

    def sleep(self) -> Line:
        v = self.rng.standard_normal((self.n, len(self.rec[1])))
        return _delta(self.rec, _noisy(self.rng, self.gen, v), v, self.equal)


class _Expected(_Learner):
    """The same delta rules with every average taken exactly."""

    def __init__(self, step: Step, u: Array, weights: Array, rates: Rates) -> None:
        super().__init__(step, rates)
        self.mean_u, self.S = _mean_and_covariance(u, weights)

    def wake(self) -> Line:
        return _expected_delta(self.gen, _guessed(self.rec, self.mean_u, self.S))

    def sleep(self) -> Line:
        return _expected_delta(self.rec, _dreamt(self.gen))


def _delta(line: Line, source: Array, target: Array, weights: Array) -> Line:
    """The delta rule of a line on examples: error times source, error, and its square."""
    A, a, variance = line
    error = target - source @ A.T - a
    share = weights[:, None] * error
    return share.T @ source, share.sum(axis=0), (share * error).sum(axis=0) - variance


class _Moments(NamedTuple):
    """Means and covariances of source and target; of the target's only the variances."""

    source: Array
    target: Array
    of_source: Array
    target_source: Array
    of_target: Array


def _guessed(rec: Line, mean_u: Array, S: Array) -> _Moments:
    """Source v and target u while awake: u from data, v = W u + w + noise."""
    W, w, variance = rec
    WS = W @ S
    return _Moments(W @ mean_u + w, mean_u, WS @ W.T + np.diag(variance), WS.T, np.diag(S))


def _dreamt(gen: Line) -> _Moments:
    """Source u and target v while asleep: v ~ N(0, I), u = G v + h + noise."""
    G, h, variance = gen
    n_v = G.shape[1]
    return _Moments(h, np.zeros(n_v), G @ G.T + np.diag(variance), G.T, np.ones(n_v))


def _expected_delta(line: Line, m: _Moments) -> Line:
    """The delta rule of a line, averaged over examples of these means and covariances."""
    A, a, variance = line
    mean = m.target - A @ m.source - a
    with_source = m.target_source - A @ m.of_source
    of_error = m.of_target - (A * (m.target_source + with_source)).sum(axis=1)
    return with_source + np.outer(mean, m.source), mean, of_error + mean**2 - variance


def _moved(line: Line, change: Line, rate: float) -> Line:
    A, a, variance = (array + rate * d for array, d in zip(line, change, strict=True))
    return A, a, variance


# Data to learn from.


def instruments(n_v: int = 1, noise: float = 1.0) -> LinearGenerative:
    """Six instruments on one roof: the first cause is warmth, the second wind.

    Args:
        n_v: number of causes, 1 or 2.
        noise: factor of the variances of all instruments, above 0.
    """
    if count("n_v", n_v) > 2:
        raise ValueError(f"n_v is {n_v}; accepted: 1 or 2")
    G = np.array([[1.2, 1.0, 0.8, -0.9, 0.5, 0.3], [0.2, -0.4, 0.6, 0.3, 0.7, -0.5]])
    variance = positive("noise", noise) * np.array([0.4, 0.6, 0.3, 0.8, 0.5, 0.7])
    return LinearGenerative(G[:n_v].T, np.array([1.0, 0.0, -1.0, 0.5, 0.0, -0.5]), variance)


def make_data(rng: np.random.Generator, n: int = 400, n_v: int = 1, noise: float = 1.0) -> Array:
    """Readings of the six `instruments` at n moments, shape (n, 6)."""
    return instruments(n_v, noise).sample(rng, n)[1]


# Small parts.


def _noisy(rng: np.random.Generator, line: Line, source: Array) -> Array:
    """A draw of weights source + bias + noise for each row of the source."""
    A, a, variance = line
    mean = source @ A.T + a
    return mean + np.sqrt(variance) * rng.standard_normal(mean.shape)


def _log_normal(x: Array, mean: Array | float, variance: Array | float) -> Array:
    """log N(x; mean, variance) of independent numbers, summed over each row."""
    return -0.5 * (_LOG_2PI + np.log(variance) + (x - mean) ** 2 / variance).sum(axis=1)


def _inverse(gen: LinearGenerative) -> tuple[Array, Array]:
    """Weights B = Sigma G^T Psi^-1 and covariance Sigma of P[v|u]."""
    precise = gen.G.T / gen.variance
    Sigma = np.linalg.inv(np.eye(gen.n_v) + precise @ gen.G)
    return Sigma @ precise, Sigma


def _means_apart(
    gen: LinearGenerative, rec: LinearRecognition, u: ArrayLike
) -> tuple[Array, Array]:
    """Mean of Q minus mean of P[v|u] for each row, and the covariance of P[v|u]."""
    mean, Sigma = posterior(_fitting(gen, rec), u)
    return rows("u", u, gen.n_u) @ rec.W.T + rec.w - mean, Sigma


def _kl(distance: Array | float, A: Array, B: Array) -> Array:
    """KL(N(a, A) || N(b, B)), given the distance (a - b)^T B^-1 (a - b)."""
    ratio = np.linalg.solve(B, A)
    return 0.5 * (np.trace(ratio) - len(A) - np.linalg.slogdet(ratio).logabsdet + distance)


def _mean_and_covariance(u: Array, weights: Array) -> tuple[Array, Array]:
    mean = weights @ u
    return mean, (weights[:, None] * (u - mean)).T @ (u - mean)


def _fitting(gen: LinearGenerative, rec: LinearRecognition) -> LinearGenerative:
    """The generative model, once it is known that the recognition model has its units."""
    if (rec.n_u, rec.n_v) != (gen.n_u, gen.n_v):
        raise ValueError(f"rec has {rec.units}; accepted: {gen.units}, as gen has")
    return gen
