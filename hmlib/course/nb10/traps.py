"""The eight traps: each alone is enough to ruin a DDC Helmholtz machine.

A trap wraps the pieces of `hmlib.ddc` from outside, which itself holds no wrong code. Each has a
healthy baseline (a `Bench` that differs from the trapped one in this one thing: same data, same
model, same random numbers), an instrument that shows it, and a least effect on that instrument.

The bench holds a small chain whose true posterior is known by quadrature: two observed numbers,
x = A z_1 + noise, one latent z_1 = a z_2 + noise, and a fixed top z_2 with two bumps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib import ddc
from hmlib._checks import choice
from hmlib.ddc.encodings import Features
from hmlib.ddc.families import Affine, Gaussian
from hmlib.ddc.sleep import Night, Recogniser
from hmlib.learning import Adam

Array = NDArray[np.float64]

_BUMPS, _SD = 1.5, 0.5
_Z_1 = np.linspace(-5.5, 5.5, 401)
_Z_2 = np.add.outer([-_BUMPS, _BUMPS], np.linspace(-1.5, 1.5, 7)).ravel()
_DATA, _DREAMS, _FEATURES, _ENCODINGS, _RIDGE = 300, 1000, 60, 40, 1e-3


# The model and what is exactly known of it


@dataclass(frozen=True, eq=False, repr=False)
class Centred(Affine):
    """y ~ N(A z, diag exp(log_var)): a Gaussian without biases.

    A unit below one latent has two statistics, y and y^2, and two parameters: its Jacobian is
    square, so that no check of shapes can tell its two indices apart.

    Attributes:
        A: weights, shape (n_y, n_z).
        log_var: log variances, shape (n_y,).
    """

    A: Array = field(metadata={"ndim": 2})
    log_var: Array = field(metadata={"ndim": 1})

    @cached_property
    def _whole(self) -> Gaussian:
        return Gaussian(self.A, np.zeros(len(self.A)), self.log_var)

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        return self._whole.sample(rng, z)

    def log_prob(self, y: ArrayLike, z: ArrayLike) -> Array:
        return self._whole.log_prob(y, z)

    def suff_stats(self, y: ArrayLike) -> Array:
        return self._whole.suff_stats(y)

    def natural(self, z: ArrayLike) -> Array:
        return self._whole.natural(z)

    def mean(self, z: ArrayLike) -> Array:
        return self._whole.mean(z)

    def jacobian(self, z: ArrayLike) -> Array:
        return np.delete(self._whole.jacobian(z), -2, axis=-1)


class Turned(Centred):
    """Its Jacobian has the statistics where the parameters belong, and the other way round."""

    def jacobian(self, z: ArrayLike) -> Array:
        return super().jacobian(z).swapaxes(2, 3)


def chain(A: tuple[float, float], noise: float, a: float, spread: float) -> ddc.Chain:
    """x ~ N(A z_1, noise^2) below z_1 ~ N(a z_2, spread^2) below z_2 of two bumps at +-1.5."""
    return ddc.Chain(
        (
            Centred(np.reshape(A, (2, 1)), np.full(2, 2 * np.log(noise))),
            Centred([[a]], [2 * np.log(spread)]),
            ddc.Mixture([[-_BUMPS], [_BUMPS]], _SD),
        )
    )


WORLD = chain((1.2, 0.4), 0.5, 1.0, 0.4)
"""Where the data come from."""

NOISELESS = chain((1.2, 0.4), 0.03, 1.0, 0.4)
"""A world with next to no noise: learning would like to shrink the model's noise without end."""

MODELS = MappingProxyType(
    {
        "start": chain((0.6, 0.8), 0.9, 0.5, 0.9),
        "halfway": chain((0.8, 0.9), 0.4, 0.6, 0.7),
        "late": chain((1.0, 0.35), 0.55, 1.2, 0.15),
        "nearly": chain((1.1, 0.5), 0.4, 0.8, 0.5),
    }
)
"""Where learning may stand when the instruments are read."""


@dataclass(frozen=True, eq=False)
class Exact:
    """What quadrature says of a chain and data.

    Attributes:
        log_likelihood: L, the mean of log p(x), in nats.
        gradient: of L, in the order of `model.ravel()`.
        posterior: p(z_1 | x) on the grid, shape (n, g).
    """

    log_likelihood: float
    gradient: Array
    posterior: Array

    def code(self, encoding: Features) -> Array:
        """E[T(z_1) | x], shape (n, K)."""
        return self.posterior @ encoding(_Z_1[:, None])


def exact(model: ddc.Chain, x: Array) -> Exact:
    """L, its gradient and the posterior of z_1, by sums over grids of z_1 and z_2."""
    bottom, middle, top = model.layers
    z_1, z_2 = _Z_1[:, None], _Z_2[:, None]
    above = top.log_prob(z_2)
    pairs = np.repeat(z_1, len(z_2), axis=0), np.tile(z_2, (len(z_1), 1))
    log_pair = middle.log_prob(*pairs).reshape(len(z_1), -1) + above
    log_pair -= np.logaddexp.reduce(above) - np.log(_Z_1[1] - _Z_1[0])
    log_prior = np.logaddexp.reduce(log_pair, axis=1)
    away = x[:, None, :] - z_1 @ bottom.A.T
    log_joint = log_prior - (away**2 @ np.exp(-bottom.log_var)) / 2
    log_joint -= (bottom.log_var.sum() + 2 * np.log(2 * np.pi)) / 2
    log_p = np.logaddexp.reduce(log_joint, axis=1)
    q = np.exp(log_joint - log_p[:, None])
    share, moments = q.mean(axis=0), np.einsum("ng,nis->gis", q, bottom.suff_stats(x)) / len(x)
    given = np.exp(log_pair - log_prior[:, None])
    gradient = np.concatenate(
        [
            bottom.pull(z_1, moments, share),
            middle.weighted_score(*pairs, (share[:, None] * given).ravel()),
        ]
    )
    return Exact(float(log_p.mean()), gradient, q)


# The bench


@dataclass(frozen=True, eq=False)
class Bench:
    """A machine about to wake: every piece that a trap may get at.

    Attributes:
        model: the chain that dreams.
        x: data, shape (n, 2).
        features: phi, of x.
        encodings: T_1 and T_2.
        ridge: rho.
        n_dreams: M.
        mode: "split", "code" or "score".
        minus_dreams: whether the average over the dreams is subtracted.
        sleep: what learns from the dreams, as `ddc.sleep` does.
        seen_by_wake: the chain as the wake phase sees it.
    """

    model: ddc.Chain
    x: Array
    features: Features
    encodings: tuple[Features, ...]
    ridge: float = _RIDGE
    n_dreams: int = _DREAMS
    mode: str = "code"
    minus_dreams: bool = True
    sleep: Callable[..., Night] = ddc.sleep
    seen_by_wake: Callable[[ddc.Chain], ddc.Chain] = lambda model: model

    def night(self, rng: np.random.Generator) -> Night:
        """A sleep phase."""
        dreams = self.model.sample(rng, self.n_dreams)
        return self.sleep(dreams, self.features, self.encodings, self.ridge)

    def direction(self, night: Night, x: Array | None = None) -> Array:
        """The move that wakes after this night, for these observations; for the data if None."""
        bottom = self.model.layers[0]
        what = ddc.seen(self.x if x is None else x, self.features, bottom)
        if self.minus_dreams:
            what = what - ddc.seen_in_dreams(night, bottom)
        return ddc.wake(self.seen_by_wake(self.model), night, what, self.mode)


def bench(
    seed: int,
    model: str = "halfway",
    mode: str = "code",
    minus_dreams: bool = True,
    world: ddc.Chain = WORLD,
    n_dreams: int = _DREAMS,
) -> Bench:
    """The healthy machine: data, features and encodings of this seed.

    Args:
        seed: of the data and of the random functions.
        model: a name in `MODELS`.
        mode, minus_dreams, n_dreams: see `Bench`.
        world: where the data come from.
    """
    rng = np.random.default_rng(seed)
    dreamer = MODELS[choice("model", model, tuple(MODELS))]
    x, points = world.sample(rng, _DATA)[0], dreamer.sample(rng, 1000)
    features = ddc.Encoding.random(rng, np.concatenate([x, points[0]]), _FEATURES, kind="relu")
    encodings = tuple(ddc.Encoding.random(rng, z, _ENCODINGS) for z in points[1:])
    return Bench(
        dreamer, x, features, encodings, n_dreams=n_dreams, mode=mode, minus_dreams=minus_dreams
    )


# The traps


def through_the_origin(healthy: Bench) -> Bench:
    """Features [w . x]_+ without bias and constant: phi(0) = 0 and phi(c x) = c phi(x)."""
    weights = healthy.features.weights
    return replace(healthy, features=lambda x: np.maximum(x @ weights, 0))


def nearly_affine(healthy: Bench) -> Bench:
    """Encodings of small weights, with all kinks in one place: on the dreams they are lines."""
    flat = tuple(
        ddc.Encoding(0.03 * T.weights, np.zeros_like(T.bias), T.kind) for T in healthy.encodings
    )
    return replace(healthy, encodings=flat)


class SlowSleep:
    """Regressions by gradient descent: one step a night, from where the night before left them."""

    def __init__(self) -> None:
        self.weights: dict[object, Array] = {}

    def __call__(self, dreams, features, encodings, ridge) -> Night:
        return _SlowNight(self, dreams, features, encodings, ridge)

    def step(self, name: object, F: Array, Y: Array) -> Array:
        """A <- A + F^T (Y - F A) / |F|^2, as long as it can be without running away."""
        A = self.weights.get(name, np.zeros((F.shape[1], Y.shape[1])))
        A = A + F.T @ (Y - F @ A) / np.linalg.eigvalsh(F.T @ F)[-1]
        self.weights[name] = A
        return A


class _SlowNight(Night):
    def __init__(self, slow: SlowSleep, dreams, features, encodings, ridge) -> None:
        super().__init__(*_parts(dreams, features, encodings, ridge))
        self._slow, self._asked = slow, 0

    @cached_property
    def recogniser(self) -> Recogniser:
        pairs = enumerate(zip((self.phi, *self.encoded), self.encoded, strict=False))
        maps = tuple(self._slow.step(("R", l), F, T).T for l, (F, T) in pairs)
        return Recogniser(self._features, maps)

    def readout(self, l: int, targets: Array) -> Array:
        # Wake asks for its read-outs in the same order every night.
        self._asked += 1
        return self._slow.step((l, self._asked), self.functions(l)[0], targets)


def _parts(dreams, features, encodings, ridge) -> tuple:
    share = np.full(len(dreams[0]), 1 / len(dreams[0]))
    return dreams, features, encodings, (ridge, ridge), share, ddc.Averages()


def by_slow_gradient(healthy: Bench) -> Bench:
    """R, alpha and beta take one gradient step a night, while theta moves on."""
    return replace(healthy, sleep=SlowSleep())


def to_the_letter(healthy: Bench) -> Bench:
    """Both terms of equation 10 read out apart, and nothing subtracted."""
    return replace(healthy, mode="split", minus_dreams=False)


def wrong_index(healthy: Bench) -> Bench:
    """The bottom layer's Jacobian summed over its parameters, not over its statistics."""

    def turned(model: ddc.Chain) -> ddc.Chain:
        bottom, *others = model.layers
        return ddc.Chain((Turned(bottom.A, bottom.log_var), *others))

    return replace(healthy, seen_by_wake=turned)


class _UnfittedNight(Night):
    def readout(self, l: int, targets: Array) -> Array:
        if l < len(self.encoded):
            return super().readout(l, targets)
        K = self.functions(l)[0].shape[1]
        return np.random.default_rng(K).standard_normal((K, targets.shape[1])) / np.sqrt(K)


def never_fitted(healthy: Bench) -> Bench:
    """The read-out beta of the top code keeps its random first values."""

    def sleep(dreams, features, encodings, ridge) -> Night:
        return _UnfittedNight(*_parts(dreams, features, encodings, ridge))

    return replace(healthy, sleep=sleep)


def few_dreams(healthy: Bench) -> Bench:
    """60 dreams a night."""
    return replace(healthy, n_dreams=60)


def few_functions(healthy: Bench) -> Bench:
    """Three features of x and one encoding of each latent, beside the values and the constant."""
    encodings = tuple(first(T, 1) for T in healthy.encodings)
    return replace(healthy, features=first(healthy.features, 3), encodings=encodings)


def first(T: ddc.Encoding, n: int) -> ddc.Encoding:
    """The first n random functions of an encoding, beside the values and the constant."""
    return ddc.Encoding(T.weights[:, :n], T.bias[:n], T.kind, T.linear, T.centre, T.scale)


def tiny_ridge(healthy: Bench) -> Bench:
    """rho = 1e-10."""
    return replace(healthy, ridge=1e-10)


def great_ridge(healthy: Bench) -> Bench:
    """rho = 1."""
    return replace(healthy, ridge=1.0)


def sharp_noise(healthy: Bench) -> Bench:
    """The noise of x has shrunk to .03, far below the width of the encodings."""
    bottom, *others = healthy.model.layers
    sharp = Centred(bottom.A, NOISELESS.layers[0].log_var)
    return replace(healthy, model=ddc.Chain((sharp, *others)))


# The instruments


@dataclass(frozen=True)
class Reading:
    """What the instruments say of a bench.

    Attributes:
        angle: between the move and the exact gradient of L, in degrees.
        bottom: the same for the parameters of p(x|z_1) alone.
        error: length of (move - exact gradient), over the length of the exact gradient.
        upper: the same for the parameters of p(z_1|z_2) alone.
        code_r2: R^2 of the codes r_1(x) of the data as the exact E[T_1(z_1)|x].
        slack: R^2 of the codes as the encodings of the night's own dreams, less that on fresh
            dreams: what was learnt by heart.
        readout_r2: held-out R^2 of what wake must read off z_1: z_1 and its square.
        constant: root mean square of (the code of the constant - 1) over the data; it should be 0.
        features: how many independent features of x the ridge leaves, the trace of
            E[phi phi^T] (E[phi phi^T] + rho I)^-1.
        encodings: the same of the encodings of z_1.
        noise: standard deviation of the noise of x over that of the data, averaged.
    """

    angle: float
    bottom: float
    error: float
    upper: float
    code_r2: float
    slack: float
    readout_r2: float
    constant: float
    features: float
    encodings: float
    noise: float


def examine(patient: Bench, seed: int = 0) -> Reading:
    """Read all instruments of a bench that does not move; regressions without end get ten nights.

    Args:
        patient: the bench.
        seed: of the nights and of the dreams that the instruments are read on.
    """
    rng = np.random.default_rng([seed, 10])
    for _ in range(10 if isinstance(patient.sleep, SlowSleep) else 1):
        night = patient.night(rng)
        move = patient.direction(night)
        alpha = night.readout(1, _asked_of_wake(patient, night.dreams[1]))
    truth, fresh = exact(patient.model, patient.x), patient.model.sample(rng, _DREAMS)
    codes = night.recogniser.codes(patient.x)[0]
    own, held = (night.recogniser.codes(x)[0] for x in (night.dreams[0], fresh[0]))
    T = patient.encodings[0]
    k = patient.model.layers[0].ravel().size
    return Reading(
        degrees(move, truth.gradient),
        degrees(move[:k], truth.gradient[:k]),
        _error(move, truth.gradient),
        _error(move[k:], truth.gradient[k:]),
        ddc.r_squared(codes, truth.code(T)),
        ddc.r_squared(own, night.encoded[0]) - ddc.r_squared(held, T(fresh[1])),
        ddc.r_squared(T(fresh[1]) @ alpha, _asked_of_wake(patient, fresh[1])),
        float(np.sqrt(((codes[:, -1] - 1) ** 2).mean())),
        independent(night.square(0), patient.ridge),
        independent(night.square(1), patient.ridge),
        float((np.exp(patient.model.layers[0].log_var / 2) / patient.x.std(axis=0)).mean()),
    )


def independent(square: Array, ridge: float) -> float:
    """How many independent functions a ridge leaves, trace of S (S + rho I)^-1."""
    values = np.maximum(np.linalg.eigvalsh(square), 0)
    return float((values / (values + ridge)).sum())


def degrees(a: Array, b: Array) -> float:
    """The angle between two vectors; 90 if one of them is 0."""
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float(np.degrees(np.arccos(np.clip(a @ b / size, -1, 1)))) if size > 0 else 90.0


def _error(move: Array, exact: Array) -> float:
    return float(np.linalg.norm(move - exact) / np.linalg.norm(exact))


def _asked_of_wake(patient: Bench, z: Array) -> Array:
    """The functions of z_1 that equation 10 asks for, in units of their own spread.

    All of the Jacobian, and of its product with mu, is made of z and z^2.
    """
    wide = patient.model.sample(np.random.default_rng(0), 1000)[1]
    return np.column_stack([z / wide.std(), z**2 / (wide**2).std()])


# Traps with their baselines, instruments and effects


@dataclass(frozen=True)
class Trap:
    """One switch of the failure lab.

    Attributes:
        name: as the lab's switch shows it.
        number: which of the eight it belongs to.
        spring: from a healthy bench to the trapped one.
        baseline: keywords of `bench` for the healthy machine.
        instrument: the attribute of `Reading` that shows it; "run" for L after a short run.
        least: the trapped reading is worse by at least this much, for every one of five seeds.
        words: what happens, in a sentence.
    """

    name: str
    number: int
    spring: Callable[[Bench], Bench]
    baseline: MappingProxyType[str, object]
    instrument: str
    least: float
    words: str

    @property
    def healthy(self) -> Callable[[int], Bench]:
        """The baseline of a seed."""
        return lambda seed: bench(seed, **self.baseline)

    def effect(self, seed: int) -> tuple[float, float]:
        """The instrument's reading of the baseline and of the trapped bench, for one seed."""
        well = self.healthy(seed)
        if self.instrument == "run":
            *_, good = run(well, seed)
            *_, bad = run(self.spring(well), seed)
            return below(WORLD, good), below(WORLD, bad)
        return tuple(getattr(examine(b, seed), self.instrument) for b in (well, self.spring(well)))

    def worse(self, seed: int) -> float:
        """By how much the trapped reading is worse than the healthy one."""
        well, trapped = self.effect(seed)
        return well - trapped if self.instrument in HIGHER_IS_BETTER else trapped - well


HIGHER_IS_BETTER = ("code_r2", "readout_r2", "encodings")


def run(
    start: Bench,
    seed: int,
    steps: int = 40,
    rate: float = 0.1,
    slow: float = 1.0,
    least_noise: float = 0.0,
) -> Iterator[ddc.Chain]:
    """The models of a run that nothing stops, the start first.

    Args:
        start: the bench; its model moves.
        seed: of the nights.
        steps: moves.
        rate: of Adam.
        slow: from this part of the steps on, a fifth of the rate.
        least_noise: the noise of x is kept at this standard deviation or above.
    """
    rng, now, optimiser = np.random.default_rng([seed, 20]), start, Adam()
    floor = np.full(now.model.ravel().size, -np.inf)
    floor[2:4] = 2 * np.log(max(least_noise, 1e-9))
    yield now.model
    for step in range(steps):
        pace = rate if step < slow * steps else rate / 5
        move, optimiser = optimiser.move(now.direction(now.night(rng)), pace)
        now = replace(now, model=now.model.like(np.maximum(now.model.ravel() + move, floor)))
        yield now.model


def below(world: ddc.Chain, model: ddc.Chain) -> float:
    """L of the world less L of the model on 1000 fresh data, in nats; `GONE` if it is more."""
    x = world.sample(np.random.default_rng(5), 1000)[0]
    with np.errstate(all="ignore"):
        missing = exact(world, x).log_likelihood - exact(model, x).log_likelihood
    return min(missing, GONE) if np.isfinite(missing) else GONE


GONE = 5.0
"""A model this many nats below the world is not looked at any more closely."""


def _trap(name, number, spring, instrument, least, words, **baseline) -> Trap:
    return Trap(name, number, spring, MappingProxyType(baseline), instrument, least, words)


TRAPS = (
    _trap(
        "features without a constant", 1, through_the_origin, "constant", 0.9,
        "phi(0) = 0, so the code of the constant cannot be 1 everywhere, and every code shrinks "
        "towards the middle of the data.",
    ),
    _trap(
        "nearly affine encodings", 2, nearly_affine, "readout_r2", 0.4,
        "The codes are met very well, and hold the mean of z_1 and nothing else.",
    ),
    _trap(
        "one gradient step a night", 3, by_slow_gradient, "readout_r2", 0.35,
        "The functions overlap, so most directions are learnt at a tiny part of the rate of the "
        "first.", mode="split",
    ),
    _trap(
        "split to the letter", 4, to_the_letter, "run", 0.1,
        "Two large terms nearly cancel, each with an error of its own; what is left over leads "
        "the upper layer away, step by step.", model="late", n_dreams=200,
    ),
    _trap(
        "Jacobian summed over the wrong index", 5, wrong_index, "error", 0.4,
        "Both indices have two values, so no shape is wrong; the move of the bottom layer is.",
        mode="split",
    ),
    _trap(
        "top read-out never fitted", 6, never_fitted, "error", 0.12,
        "The bottom layer learns; what is subtracted from the upper one is noise. (The dream "
        "average would take it away again.)", mode="split", minus_dreams=False,
    ),
    _trap(
        "too few dreams", 7, few_dreams, "slack", 0.03,
        "The night's own dreams are learnt by heart; fresh ones are met less well.",
    ),
    _trap(
        "too few functions", 7, few_functions, "encodings", 4.0,
        "What few functions say, they say well; most of the posterior is not asked for.",
    ),
    _trap(
        "ridge too small", 7, tiny_ridge, "code_r2", 0.03,
        "Where the dreams do not reach, the codes of the data run wild.",
    ),
    _trap(
        "ridge too large", 7, great_ridge, "readout_r2", 0.35,
        "The ridge leaves two directions, as if there were two functions.",
    ),
    _trap(
        "noise below what the encodings resolve", 8, sharp_noise, "angle", 8.0,
        "The posterior is far narrower than any encoding is wide: its width cannot be read off.",
        model="nearly", world=NOISELESS,
    ),
)  # fmt: skip
"""All switches; the seventh trap has four."""
