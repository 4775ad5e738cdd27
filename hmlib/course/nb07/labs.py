"""The labs of "Say a distribution in shadows"."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import ndtr

from hmlib.course.nb07.pictures import CodeAndDecode, ReadOff, Unseen
from hmlib.ddc import Encoding, maximum_entropy
from hmlib.ddc.encodings import Features
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice, LogSlider, Slider

Array = np.ndarray

GRID = np.linspace(-6, 6, 161)[:, None]
"""Places where z can be, a row each."""

STEP = GRID[1, 0] - GRID[0, 0]

SPREAD = 2.0
"""Standard deviation of the base measure, a Gaussian around 0."""

KINDS = ("tanh", "sigmoid", "relu", "fourier")
SHAPES = ("one bump", "leaning bump", "two bumps", "three bumps")

FUNCTIONS = {
    "z": lambda z: z,
    "z squared": np.square,
    "|z|": np.abs,
    "is z above 1?": lambda z: (z > 1).astype(float),
    "narrow bump at 1": lambda z: np.exp(-0.5 * ((z - 1) / 0.2) ** 2),
}
"""What can be read off, by name."""

MOST = 100
RIDGE = 1e-6


def probabilities(heights: Array) -> Array:
    """Heights on the grid, scaled so that they add up to 1 (along the last axis)."""
    return heights / heights.sum(axis=-1, keepdims=True)


def gaussian(centre: float, width: float) -> Array:
    """Probabilities of a Gaussian on the grid."""
    return probabilities(np.exp(-0.5 * ((GRID[:, 0] - centre) / width) ** 2))


def base() -> Array:
    """The base measure: probabilities of a Gaussian of standard deviation `SPREAD`."""
    return gaussian(0.0, SPREAD)


def density(shape: str, amount: float) -> Array:
    """Probabilities of a shape on the grid.

    Args:
        shape: "one bump", which moves to the right; "leaning bump", which becomes skewed; "two
            bumps" or "three bumps", which move apart.
        amount: how far, 0 to 1.
    """
    if shape == "one bump":
        return gaussian(3 * amount, 0.6)
    if shape == "leaning bump":
        z = (GRID[:, 0] + 1.5 * amount) / 1.5
        return probabilities(np.exp(-0.5 * z**2) * ndtr(8 * amount * z))
    if shape == "two bumps":
        return 0.6 * gaussian(-3 * amount, 0.5) + 0.4 * gaussian(3 * amount, 0.5)
    sides = gaussian(-3.5 * amount, 0.4) + gaussian(3.5 * amount, 0.4)
    return 0.3 * sides + 0.4 * gaussian(0, 0.4)


@cache
def _drawn(kind: str, gain: float) -> Encoding:
    """All the random functions of a kind; their kinks lie where the base measure is."""
    rng = np.random.default_rng(7)
    return Encoding.random(rng, rng.normal(0, SPREAD, (500, 1)), MOST, kind, gain)


def encoding(K: int, kind: str = "tanh", gain: float = 2.0) -> Features:
    """The first K of `MOST` random functions, then z in units of its spread and the constant."""
    drawn = _drawn(kind, gain)
    if not K:
        return lambda z: drawn(z)[:, -2:]
    weights, bias = drawn.weights[:, :K], drawn.bias[:K]
    return Encoding(weights, bias, kind, True, drawn.centre, drawn.scale)


# A code and what it stands for


@lru_cache(maxsize=2048)
def code_values(shape: str, amount: float, K: int) -> Record:
    """Numbers of the code lab: a density, its code, and the density that the code stands for.

    Args:
        shape, amount: see `density`.
        K: random functions beside z and the constant.

    Returns:
        `code` is (K + 2,), z and the constant last; densities are per unit of z; `missed` is the
        probability that lies in the wrong place, half the sum of |p - decode|.
    """
    p, T = density(shape, amount), encoding(K)
    code = p @ T(GRID)
    found = maximum_entropy(code, T, GRID, base())
    return {
        "shape": shape,
        "amount": amount,
        "K": K,
        "z": GRID[:, 0],
        "p": p / STEP,
        "base": base() / STEP,
        "decoded": found.density / STEP,
        "code": code,
        "missed": float(0.5 * np.abs(p - found.density).sum()),
        "feasible": found.feasible,
    }


# Averages read off a code


@cache
def many_densities() -> Array:
    """200 random densities, a row each: mixtures of one to three Gaussians."""
    rng = np.random.default_rng(11)
    rows = []
    for _ in range(200):
        n = rng.integers(1, 4)
        shares, centres = rng.dirichlet(np.ones(n)), rng.normal(0, 1.7, n)
        parts = zip(shares, centres, rng.uniform(0.2, 1, n), strict=True)
        rows.append(sum(w * gaussian(m, s) for w, m, s in parts))
    return np.array(rows)


@cache
def _targets() -> tuple[Array, Array]:
    """All `FUNCTIONS` on the grid (g, m), and how much their averages vary, (m,)."""
    f = np.column_stack([function(GRID[:, 0]) for function in FUNCTIONS.values()])
    return f, (many_densities() @ f).std(axis=0)


@lru_cache(maxsize=256)
def _every_K(kind: str, gain: float) -> tuple[Array, Array, Array]:
    """Read-outs of every f from the first K functions, for all K from 0 to `MOST` in one go.

    The leading blocks of a Cholesky factor are the factors of the leading blocks, so with
    C C^T = E[T T^T] + ridge I the read-out from the first functions is a sum of as many terms.

    Returns:
        U = C^-1 T on the grid (n, g) and y = C^-1 E[T f] (n, m), whose first K + 2 rows give f as
        it is built, U^T y; and the error of every average, (`MOST` + 1, m).
    """
    f, varies = _targets()
    T = np.roll(encoding(MOST, kind, gain)(GRID), 2, axis=1)  # z and the constant come first
    weighted = base()[:, None] * T
    factor = np.linalg.cholesky(T.T @ weighted + RIDGE * np.eye(T.shape[1]))
    U = solve_triangular(factor, T.T, lower=True)
    y = solve_triangular(factor, weighted.T @ f, lower=True)
    averages = np.cumsum((many_densities() @ U.T) * y.T[:, None], axis=-1)[:, :, 1:]
    errors = averages - (many_densities() @ f).T[:, :, None]
    return U, y, np.sqrt((errors**2).mean(axis=1)).T / varies


def read_off_values(f: str, K: int, gain: float) -> Record:
    """Numbers of the read-off lab: one f, built out of encodings of every kind.

    Args:
        f: one of `FUNCTIONS`.
        K: random functions beside z and the constant.
        gain: how sharp they are.

    Returns:
        `built` is (4, g) and `errors` (4,), a row a kind of `KINDS`; `path_errors` is (4,
        `MOST` + 1), for every K. Errors are root mean squares over `many_densities`, in units of
        how much E[f] varies among them: 1 is as bad as always giving the same answer.
    """
    column = list(FUNCTIONS).index(f)
    parts = [_every_K(kind, gain) for kind in KINDS]
    errors = np.array([every[:, column] for _, _, every in parts])
    return {
        "f": f,
        "K": K,
        "gain": gain,
        "z": GRID[:, 0],
        "target": _targets()[0][:, column],
        "built": np.array([U[: K + 2].T @ y[: K + 2, column] for U, y, _ in parts]),
        "errors": errors[:, K],
        "path_errors": errors,
    }


# What a code cannot see


def _split(T: Array, f: Array, p: Array) -> tuple[Array, Array]:
    """f as the functions T build it by least squares under p, and the rest."""
    root = np.sqrt(p)
    # A projection, since weights of functions that nearly depend on each other are huge.
    basis, size, _ = np.linalg.svd(root[:, None] * T, full_matrices=False)
    basis = basis[:, size > 1e-13 * size[0]]
    built = basis @ (basis.T @ (root * f)) / root
    return built, f - built


def unseen_values(K: int, gain: float, width: float) -> Record:
    """Numbers of the unseen lab: two densities with one code that differ most visibly in one f.

    f is a bump at 1 of height 1. What the encodings cannot build of it, rest = f - alpha . T with
    least squares under p, has no average with any of them: E_p[rest T] = 0. So p (1 + c rest) and
    p (1 - c rest) have the code of p; c is as large as probabilities above 0 allow.

    Args:
        K: random functions (tanh) beside z and the constant.
        gain: how sharp they are.
        width: of the bump f.

    Returns:
        `codes` is (2, K + 2), `averages` of f (2,), `bound` the most by which averages of f can
        differ between any two densities on the grid with the same code: 2 max |rest|.
    """
    z = GRID[:, 0]
    p = 0.4 / len(z) + 0.6 * density("two bumps", 0.6)
    f = np.exp(-0.5 * ((z - 1) / width) ** 2)
    T = encoding(K, "tanh", gain)(GRID)
    built, rest = _split(T, f, p)
    # Once more, so that what is left by rounding alone is unseen as well.
    _, unseen = _split(T, rest / np.abs(rest).max(), p)
    pair = p * (1 + np.array([[1.0], [-1.0]]) * unseen / np.abs(unseen).max())
    return {
        "K": K,
        "gain": gain,
        "width": width,
        "z": z,
        "f": f,
        "built": built,
        "pair": pair / STEP,
        "codes": pair @ T,
        "averages": pair @ f,
        "bound": float(2 * np.abs(rest).max()),
        "missed": float(0.5 * np.abs(pair[0] - pair[1]).sum()),
    }


def codes() -> Lab:
    """A density, its code, and the density of largest entropy with that code."""
    answer = "One wide bump in the middle"
    return Lab(
        [
            Choice("shape", "density", SHAPES, "two bumps"),
            Slider("amount", "how far it goes", 0.0, 1.0, 0.025, 0.8),
            Slider("K", "K random functions", 0, 50, 1, 20),
        ],
        code_values,
        CodeAndDecode,
        Question(
            "The density has two bumps. You turn K down to 0: the code is now the mean of z and "
            "the constant 1, nothing else. What does such a code stand for?",
            ("Two bumps, a little blurred", answer, "A single point at the mean", "Nothing at all"),
            answer,
            "Of all densities with this mean, the one that adds least to the base measure is the "
            "base itself, moved until its mean is right. A mean says nothing about bumps.",
        ),
        title="A code and what it stands for",
        legend="Left: the density filled, the base measure dashed, and the density of largest "
        "entropy with the same code. Right: the code, a bar for the average of each function; the "
        "last two are z, in units of its spread, and the constant 1.",
    )


def read_off() -> Lab:
    """E[f] out of a code, for several f and every kind of encoding."""
    answer = "is z above 1? (a jump)"
    return Lab(
        [
            Choice("f", "f(z)", tuple(FUNCTIONS), "|z|"),
            Slider("K", "K random functions", 0, 100, 1, 20),
            LogSlider("gain", "gain: how sharp they are", 0.1, 10.0, 2.0),
        ],
        read_off_values,
        ReadOff,
        Question(
            "Averages of three f are read off a code of 100 tanh functions, gain 2. Which is the "
            "hardest to read off?",
            ("z squared", "|z| (a kink)", answer),
            answer,
            "A code knows f as well as f can be put together out of the encodings. Smooth "
            "functions make a parabola or a kink rather well, and round off a jump.",
        ),
        title="Averages read off a code",
        legend="Left: f, and f as the encodings of each kind build it. Right: the error of E[f], "
        "over 200 densities; 1 is as bad as always giving the same answer. The dotted line is your "
        "K.",
    )


def unseen() -> Lab:
    """Two different densities that no encoding tells apart."""
    answer = "Less than before, as f is built better"
    return Lab(
        [
            Slider("K", "K random functions", 0, 50, 1, 8),
            LogSlider("gain", "gain: how sharp they are", 0.1, 10.0, 2.0),
            LogSlider("width", "width of the bump f", 0.1, 10.0, 0.4),
        ],
        unseen_values,
        Unseen,
        Question(
            "Here are two densities whose codes agree in every entry. They are made to differ in "
            "E[f], for a bump f. Now you make the bump wider, and such a pair is made for the wide "
            "bump. How far are the two averages apart?",
            ("As far as before: the code has no say in it", answer, "Further than before"),
            answer,
            "A wide bump is nearly a sum of the encodings. If it were one exactly, densities with "
            "one code would have to agree on it.",
        ),
        title="What a code cannot see",
        legend="Left: two densities, made so as to differ in f, and below them the bump f. Middle: "
        "their codes, a circle and a cross for each function. Right: E[f] under both.",
    )
