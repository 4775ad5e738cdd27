"""The labs of "DDC asleep": a bird is heard, and only its distance is known."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np

from hmlib import ddc
from hmlib.course.bird import (
    GRID,
    RIDGE,
    STEP,
    K,
    best_gaussian,
    bird,
    bound,
    encoding,
    exact_gradient,
    features,
    gaussian_on_grid,
    log_joint,
    posterior,
    prior,
)
from hmlib.course.nb08.pictures import Angles, AskedAwake, Learning, UnderTheCeiling
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice, Slider

Array = np.ndarray
DECODE_RIDGE = 1e-3
"""How nearly a decode meets a code that was learnt, and so carries an error."""

_A_PATH = np.linspace(0.6, 1.6, 51)
_X_PATH = np.linspace(0, 4, 81)[:, None]
_LEARNT = np.round(10.0 ** np.linspace(1, 3, 41)).astype(int)
LEARNT_K = 8
"""Shadows that the learning lab learns: the first few, to keep the delta rule quick."""
SHOWN = 4
"""The one that it shows: its kink lies near 0, so that it tells left from right."""

_EXPONENTS = (1.7, 2.1, 2.5, 2.9, 3.3, 3.7)
SEEDS = 3
RIDGES = {"1e-8": 1e-8, "1e-4": 1e-4, "1e-1": 1e-1}
HEARD = 400
MODES = ("split", "split minus dreams")


@lru_cache(maxsize=256)
def _asleep(n: int, seed: int, k: int = K) -> tuple[ddc.Recogniser, Array, Array]:
    """A recogniser learnt from n dreams, their T(z), and what is to be read off, (n, 3)."""
    dreams = bird().sample(np.random.default_rng(seed), n)
    z = dreams[1]
    wanted = np.column_stack([z, z > 0, z**2])
    night = ddc.sleep(dreams, features(), [encoding(k)], RIDGE)
    return night.recogniser, night.encoded[0], wanted


def divergence(q: Array, p: Array) -> float:
    """KL(q || p) of probabilities on the grid, in nats."""
    inside = q > 0
    return float(max(0.0, (q[inside] * np.log(q[inside] / p[inside])).sum()))


@lru_cache(maxsize=4096)
def _decoded(x: float, n: int, seed: int, k: int) -> tuple[Array, Array]:
    """r(x), and the density it stands for, base the prior."""
    r = _asleep(n, seed, k)[0].codes(np.array([[x]]))[0][0]
    return r, ddc.maximum_entropy(r, encoding(k), GRID, prior(), DECODE_RIDGE).density


def observe_values(x: float, exponent: float, seed: int) -> Record:
    """Numbers of the observation lab: posterior, code, decode and Gaussian for one x.

    Args:
        x: distance heard.
        exponent: log10 of the number of dreams M.
        seed: of the dreams.

    Returns:
        Densities per unit of z; `code` and `exact_code` (K,), the constant left out; `read` and
        `exact_read` (3,): E[z], P[z > 0], E[z^2]; divergences KL(. || posterior) in nats.
    """
    n = round(10**exponent)
    _, T, wanted = _asleep(n, seed)
    r, q = _decoded(x, n, seed, K)
    (p,), _ = posterior(bird(), np.array([[x]]))
    z, (centre, width) = GRID[:, 0], best_gaussian(x)
    g = gaussian_on_grid(centre, width)
    on_grid = np.column_stack([z, (z > 0) + 0.5 * (z == 0), z**2])
    return {
        "x": x,
        "n": n,
        "seed": seed,
        "z": z,
        "p": p / STEP,
        "decoded": q / STEP,
        "gaussian": g / STEP,
        "centre": centre,
        "width": width,
        "code": r[:-1],
        "exact_code": (p @ encoding()(GRID))[:-1],
        "read": r @ ddc.readout(T, wanted, RIDGE),
        "exact_read": p @ on_grid,
        "kl_decoded": divergence(q, p),
        "kl_gaussian": divergence(g, p),
    }


# Delta rule and least squares


@cache
def _exact_codes() -> tuple[Array, Array]:
    """The exact shadows along `_X_PATH`, shape (m, LEARNT_K), and how often each x is dreamt."""
    p, log_p = posterior(bird(), _X_PATH)
    chance = np.exp(log_p)
    return p @ encoding(LEARNT_K)(GRID)[:, :LEARNT_K], chance / chance.sum()


@lru_cache(maxsize=128)
def _learning(rate: float, seed: int) -> tuple[Array, Array, Array, Array, Array]:
    """Errors of both rules along `_LEARNT`, their shown shadow along x, and the dreams."""
    x, z = bird().sample(np.random.default_rng(seed), int(_LEARNT[-1]))
    phi, T, along = features()(x), encoding(LEARNT_K)(z)[:, :LEARNT_K], features()(_X_PATH)
    exact, chance = _exact_codes()
    rng = np.random.default_rng(seed)
    A, begin = np.zeros((phi.shape[1], T.shape[1])), 0
    square, cross = np.zeros((A.shape[0], A.shape[0])), np.zeros(A.shape)
    errors, curves = [], []
    for end in _LEARNT:
        new = slice(begin, end)
        A = ddc.delta_rule(phi[new], T[new], rng, rate, start=A)
        square, cross = square + phi[new].T @ phi[new], cross + phi[new].T @ T[new]
        B = np.linalg.solve(square / end + RIDGE * np.eye(len(square)), cross / end)
        both = [along @ A, along @ B]
        errors.append([1 - ddc.r_squared(r, exact, chance) for r in both])
        curves.append([r[:, SHOWN] for r in both])
        begin = end
    return np.array(errors), np.array(curves), exact[:, SHOWN], x[:, 0], T[:, SHOWN]


def learning_values(exponent: float, rate: float, seed: int) -> Record:
    """Numbers of the learning lab: both rules after the same n dreams, each dream used once.

    Args:
        exponent: log10 of the number of dreams n.
        rate: part of the error that a dream takes away.
        seed: of the dreams.

    Returns:
        `errors` (m, 2): the part of the exact codes' variance that is missed, delta rule first;
        `curves` (2, k) are what each rule says of the shown shadow along `path_x`.
    """
    errors, curves, exact, x, T = _learning(rate, seed)
    place = int(np.abs(_LEARNT - 10**exponent).argmin())
    n = int(_LEARNT[place])
    return {
        "n": n,
        "rate": rate,
        "seed": seed,
        "path_n": _LEARNT,
        "errors": errors,
        "now": errors[place],
        "path_x": _X_PATH[:, 0],
        "exact": exact,
        "curves": curves[place],
        "dreams_x": x[: min(n, 300)],
        "dreams_T": T[: min(n, 300)],
    }


# The gradient from the code


@cache
def heard() -> Array:
    """Data, shape (HEARD, 1): distances from a world that the machine has yet to learn."""
    return bird(A=1.25, b=0.2, noise=0.5).sample(np.random.default_rng(12), HEARD)[0]


@cache
def _exact() -> Array:
    return exact_gradient(bird(), heard())


def angle(a: Array, b: Array) -> float:
    """Angle between two vectors, in degrees."""
    cosine = a @ b / np.sqrt((a @ a) * (b @ b))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


@lru_cache(maxsize=1024)
def _gradients(n: int, ridge: float, constant: bool, seed: int) -> Array:
    """The gradient in each of `MODES` from one night of n dreams, shape (2, 3)."""
    model, phi = bird(), features(constant)
    night = ddc.sleep(model.sample(np.random.default_rng(100 + seed), n), phi, [encoding()], ridge)
    what = _seen(constant)
    less = what - ddc.seen_in_dreams(night, model.layers[0])
    return np.array([ddc.wake(model, night, seen, "split") for seen in (what, less)])


@cache
def _seen(constant: bool) -> ddc.Seen:
    return ddc.seen(heard(), features(constant), bird().layers[0])


@lru_cache(maxsize=64)
def _angles(n: int, ridge: float, constant: bool) -> Array:
    """Angles to the exact gradient, shape (SEEDS, modes), in degrees."""
    every = [_gradients(n, ridge, constant, seed) for seed in range(SEEDS)]
    return np.array([[angle(g, _exact()) for g in gradients] for gradients in every])


def angle_values(exponent: float, ridge: str, constant: str) -> Record:
    """Numbers of the angle lab: the gradient read off codes beside the exact one.

    Args:
        exponent: log10 of the number of dreams M.
        ridge: one of `RIDGES`.
        constant: "with" or "without" constant and biases in the features of x.

    Returns:
        `gradients` (3, 3), the exact one first, each divided by its length; `angles` (SEEDS, 2)
        here and `path` (m, 2), medians along `path_n`, in degrees.
    """
    n, rho, with_constant = round(10**exponent), RIDGES[ridge], constant == "with"
    path_n = [round(10**e) for e in _EXPONENTS]
    gradients = np.vstack([_exact(), _gradients(n, rho, with_constant, 0)])
    return {
        "n": n,
        "ridge": ridge,
        "constant": constant,
        "gradients": gradients / np.linalg.norm(gradients, axis=1, keepdims=True),
        "angles": _angles(n, rho, with_constant),
        "path_n": np.array(path_n),
        "path": np.array([np.median(_angles(m, rho, with_constant), axis=0) for m in path_n]),
    }


# F of the decoded code


@lru_cache(maxsize=4)
def _log_joints(x: float) -> Array:
    """log p(x, z_1) on the grid for every A of the path, shape (m, g)."""
    return np.array([log_joint(bird(A=A), np.array([[x]]))[0] for A in _A_PATH])


def bound_values(x: float, k: int, A: float) -> Record:
    """Numbers of the ceiling lab: L, and F of the decoded code and of the best Gaussian.

    Args:
        x: distance heard.
        k: random functions in the code, beside z_1 and the constant.
        A: the parameter of the model that is asked; the code was learnt from dreams at A = 1.

    Returns:
        `path_...` along `path_A`, and the numbers at A; nats.
    """
    (p,), _ = posterior(bird(), np.array([[x]]))
    _, q = _decoded(x, 5000, 0, k)
    g = gaussian_on_grid(*best_gaussian(x))
    log_p = _log_joints(x)
    likelihood = np.log(np.exp(log_p).sum(axis=1) * STEP)
    place = int(np.abs(_A_PATH - A).argmin())
    paths = {"likelihood": likelihood, "decoded": bound(q, log_p), "gaussian": bound(g, log_p)}
    return {
        "x": x,
        "k": k,
        "A": A,
        "z": GRID[:, 0],
        "p": p / STEP,
        "q_decoded": q / STEP,
        "q_gaussian": g / STEP,
        "path_A": _A_PATH,
        **{f"path_{name}": path for name, path in paths.items()},
        **{name: float(path[place]) for name, path in paths.items()},
    }


# The labs


def observe() -> Lab:
    """One distance: the exact posterior, its code, the decode, and a single Gaussian."""
    answer = "The decode has both peaks, the Gaussian sits on one of them"
    return Lab(
        [
            Slider("x", "x, distance heard", 0.0, 3.6, 0.05, 0.5),
            Slider("exponent", "M dreams, as log10 M", 1.7, 3.7, 0.05, 3.5),
            Slider("seed", "seed of the dreams", 0, 40, 1, 0),
        ],
        observe_values,
        AskedAwake,
        Question(
            "A bird is heard at distance x = 2: it is on the right or on the left. What do the "
            "decoded code and the best single Gaussian say?",
            (
                answer,
                "Both sit on one peak",
                "Both are wide and lie in the middle",
                "The Gaussian has both peaks, the decode sits on one",
            ),
            answer,
            "The code learns averages of many functions over all dreams with about this x, and "
            "some of those dreams were left, some right. A Gaussian has one peak, and the least "
            "KL(q || p) puts it where the posterior has one.",
        ),
        title="Asked awake",
        legend="Left: what is believed about the place z_1, exactly, as decoded from the code and "
        "as the best Gaussian. Right: the code, a bar an entry; a mark is the exact average.",
    )


def learning() -> Lab:
    """The same dreams, one after another by the delta rule or all at once by least squares."""
    answer = "Least squares, by far"
    return Lab(
        [
            Slider("exponent", "n dreams, as log10 n", 1.0, 3.0, 0.05, 1.5),
            Slider("rate", "rate of the delta rule", 0.02, 1.0, 0.02, 0.5),
            Slider("seed", "seed of the dreams", 0, 40, 1, 0),
        ],
        learning_values,
        Learning,
        Question(
            "Both rules see the same dreams, each of them once; the rate of the delta rule is 0.5. "
            "After 1000 dreams, which is nearer to the exact code?",
            ("The delta rule", answer, "They come equally near"),
            answer,
            "Least squares finds the minimum for all dreams at once. The delta rule takes a step "
            "a dream: at a large rate it follows the noise of the latest few, at a small one it "
            "has hardly arrived. With few dreams it may still win: least squares then fits every "
            "one of them.",
        ),
        title="Learning a shadow",
        legend="Left: the part of the exact codes' variance that is missed, for every number of "
        "dreams. Right: one shadow along x, and dots: T(z) of the dreams it is learnt from.",
    )


def angles() -> Lab:
    """The gradient that is read off codes, and its angle to the exact one."""
    answer = "Leaving the constant out"
    return Lab(
        [
            Slider("exponent", "M dreams, as log10 M", 1.7, 3.7, 0.05, 3.3),
            Choice("ridge", "ridge rho", tuple(RIDGES), "1e-4"),
            Choice("constant", "constant and biases in phi", ("with", "without"), "with"),
        ],
        angle_values,
        Angles,
        Question(
            "With 2000 dreams the gradient points nearly the right way. Which of these turns it "
            "away most, for 'split minus dreams'?",
            ("A hundred dreams instead of 2000", "A ridge a thousand times as large", answer),
            answer,
            "Without a constant and biases every feature is proportional to x, so every entry of "
            "the code is too: r(2x) = 2 r(x). No number of dreams mends that.",
        ),
        title="Which way is up?",
        legend="Left: the three entries of each gradient, scaled to length 1, seed 0. Right: "
        f"medians over {SEEDS} seeds for six numbers of dreams; the marks are the median here.",
    )


def ceiling() -> Lab:
    """F of the decoded code under L, as the code grows and the model moves."""
    answer = "The gap shrinks, nearly to 0"
    return Lab(
        [
            Slider("x", "x, distance heard", 0.0, 3.0, 0.05, 2.0),
            Slider("k", "random functions in the code", 0, K, 1, 4),
            Slider("A", "A of the model that is asked", 0.6, 1.6, 0.02, 1.0),
        ],
        bound_values,
        UnderTheCeiling,
        Question(
            "The model is the one that dreamt (A = 1). You add random functions to the code, from "
            "none to forty. What happens to the gap between L and F of the decoded code?",
            (answer, "It grows: more functions, more errors", "Nothing: F is what it is"),
            answer,
            "The gap is KL(q || posterior). With z_1 and the constant alone the decode knows a "
            "mean and nothing of two peaks. Each function adds something it must agree with.",
        ),
        title="Under the ceiling",
        legend="Left: posterior, decode and Gaussian at A = 1. Right: L, and F of both, over the "
        "parameter A, with q held still; the marks are at the A that is asked. "
        "What lies below -8 nats is cut off.",
    )
