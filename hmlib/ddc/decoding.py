"""What a code stands for: the distribution that adds nothing to the averages it is given.

Among all distributions whose averages of T are the code there is one of largest entropy relative
to a base measure, q(z) = base(z) exp(eta . T(z)) / Z(eta). Learning never computes eta or Z; this
decode is for looking at codes. Source: Vértes & Sahani 2018, equation 3; Wainwright & Jordan
2008, section 3, for the dual that is solved here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from hmlib._checks import finite_array
from hmlib.ddc.encodings import FUNCTIONS, Features

Array = NDArray[np.float64]

ACCURACY = 1e-9
"""A code is met when no entry is off by more than this part of the largest |T - code| on the grid.
Numbers of single precision, in the code or the encodings, are met to eight of their last digits."""

_ALIKE = 16.0
"""Functions are of one size if they differ by no more than this factor; a smaller one has an
accuracy of its own."""

# Ridges on the way to none.
_RIDGES = tuple(10.0**-k for k in range(2, 18, 3))
_STEPS = 60
_ROUNDING = 1e-13

_ERRORS = 5.0
"""A ridge rho takes the entries of a code for uncertain by sqrt(rho); this many times that is met
nearly, and more is not."""

Proof = tuple[float, Array]


@dataclass(frozen=True, eq=False, repr=False)
class MaximumEntropy:
    """What a code stands for on a grid.

    Attributes:
        density: probability of each place of the grid, shape (g,).
        natural: eta, one weight for each encoding function, shape (K,). Functions that depend on
            each other leave it open; this is a small one.
        feasible: whether the density has the code. If not, no distribution on the grid has it, or
            none was found (the message says which), and the density's own code is only near it.
            With a ridge, whether the code is met as nearly as that asks: rho takes entries for
            uncertain by sqrt(rho), and none may be off by more than five times as much.
        residual: the largest difference between the density's averages of T and the code.
        outside: how far the code lies from that of any distribution, at least; 0 if it may be one.
        direction: the proof of this, d of length 1, shape (K,), with d . code = outside + the
            largest d . T on the grid: no average can be above the largest. None without proof.
        message: the same in one sentence.
    """

    density: Array
    natural: Array
    feasible: bool
    residual: float
    outside: float
    direction: Array | None
    message: str

    def __repr__(self) -> str:
        return f"MaximumEntropy: {self.message}"


def maximum_entropy(
    code: ArrayLike,
    encoding: Features,
    grid: ArrayLike,
    base: ArrayLike | None = None,
    ridge: float = 0.0,
) -> MaximumEntropy:
    """The distribution on a grid that has this code and otherwise stays nearest to the base.

    It minimises KL(q || base) subject to sum_z q(z) T(z) = code. The dual is convex: eta is the
    minimum of log sum_z base(z) exp(eta . T(z)) - eta . code, found by Newton's method.

    Args:
        code: r, averages of the encodings, shape (K,).
        encoding: T, functions of the rows of the grid, (g, d) -> (g, K).
        grid: places where z can be, shape (g, d).
        base: probabilities of the places before anything is known, shape (g,), scaled to sum to 1;
            uniform if None. Where it is 0 the density is 0.
        ridge: 0 asks for the code exactly. Above 0 it is met nearly, with averages off by
            -ridge * eta (the dual gets + ridge |eta|^2 / 2): for codes that carry an error, which
            are hardly ever the code of any distribution.

    Raises:
        ValueError: if the encoding is no function, shapes do not fit, numbers are not finite, the
            base has a negative number or nothing but zeros, or the ridge is below 0. A code that
            no distribution has is no error: the record says so.

    Source: Vértes & Sahani 2018, equation 3; Wainwright & Jordan 2008, section 3.
    """
    accuracy, grid = _accuracy(code), finite_array("grid", grid, 2)
    code = finite_array("code", code, 1)
    if not grid.size:
        raise ValueError(f"grid has shape {grid.shape}; accepted: (g, d), both >= 1")
    ridge = _not_negative(ridge)
    log_base = _log_base(base, len(grid))
    if not callable(encoding):
        raise ValueError(f"encoding is {encoding!r}; accepted: {FUNCTIONS}")
    values = encoding(grid)
    T = finite_array("encoding(grid)", values, 2)
    if T.shape != (len(grid), code.size):
        raise ValueError(
            f"encoding(grid) has shape {T.shape}; accepted: ({len(grid)}, {code.size}), a row a "
            "place of the grid and a column an entry of code"
        )
    inside = np.isfinite(log_base)
    accuracy = max(accuracy, _accuracy(values))
    dual = _Dual(T[inside] - code, log_base[inside], accuracy, even=not ridge)
    density = np.zeros(len(grid))
    eta, density[inside], proof = dual.solve(ridge)
    outside, direction = proof or (0.0, None)
    off = np.abs(density @ T - code)
    met, residual = bool((off <= dual.tolerance).all()), float(off.max())
    nearly = ridge > 0 and residual <= _ERRORS * np.sqrt(ridge)
    message = _message(met, nearly, residual, outside, direction, ridge)
    feasible = direction is None and (met or nearly)
    return MaximumEntropy(density, eta, feasible, residual, outside, direction, message)


class _Dual:
    """log sum_z base(z) exp(eta . A(z)) with A = T - code: convex, and least where E[A] = 0."""

    def __init__(self, A: Array, log_base: Array, accuracy: float, even: bool) -> None:
        """even: whether functions of very different size are brought to one; a ridge feels it."""
        self.A, self.log_base = A, log_base
        own = np.maximum(1.0, np.abs(A).max(axis=0))
        largest = float(own.max())
        self.tolerance = accuracy * np.minimum(largest, _ALIKE * own)
        factor = np.where(even & (_ALIKE * own < largest), largest / own, 1.0)
        # Newton works with B = A V / spread, combinations of the functions that all vary by about
        # 1. Left out are those that hardly vary: there every density has the same average.
        mean = A.mean(axis=0) * factor
        left, spread, turn = np.linalg.svd(A * factor - mean, full_matrices=False)
        spread /= np.sqrt(len(A))
        moving = spread > 0.1 * accuracy * largest
        scaled = turn[moving].T / spread[moving]
        self.scaled = factor[:, None] * scaled
        self.B = np.sqrt(len(A)) * left[:, moving] + mean @ scaled
        self.pull = self.scaled.T @ self.scaled
        self.still = factor * (turn[moving].T @ (turn[moving] @ mean) - mean)

    def density(self, theta: Array) -> Array:
        """Probabilities proportional to base exp(theta . B)."""
        height = self.log_base + self.B @ theta
        q = np.exp(height - height.max())
        share: Array = q / q.sum()
        return share

    def solve(self, ridge: float) -> tuple[Array, Array, Proof | None]:
        """eta, the density, and the proof that there is none with E[A] = 0.

        The ridge shrinks to the one asked for, or until E[A] is small enough: each problem
        starts where the one before it ended, so that none is far from its minimum.
        """
        theta = np.zeros(self.B.shape[1])
        # Along `still` all places have one value, which the code may miss.
        proof = self.proof(self.still)
        for rho in [r for r in _RIDGES if r > ridge] + [ridge] * (ridge > 0):
            theta = self.minimum(theta, rho)
            proof = proof or self.proof(self.scaled @ theta)
            # A code that lies outside can be met no better than by how far it lies outside.
            enough = np.maximum(self.tolerance, 2 * proof[0] if proof else 0.0)
            if not ridge and (np.abs(self.density(theta) @ self.A) <= enough).all():
                break
        if ridge:
            return self.scaled @ theta + self.still / ridge, self.density(theta), None
        return self.scaled @ theta, self.density(theta), proof

    def height(self, theta: Array, rho: float) -> float:
        """The dual, with the ridge rho."""
        total = logsumexp(self.log_base + self.B @ theta)
        return float(total + 0.5 * rho * theta @ self.pull @ theta)

    def slope(self, theta: Array, rho: float) -> Array:
        """Its gradient."""
        slope: Array = self.density(theta) @ self.B + rho * self.pull @ theta
        return slope

    def minimum(self, theta: Array, rho: float) -> Array:
        """theta at the minimum of the dual with the ridge rho, by damped Newton steps."""
        for _ in range(_STEPS):
            q, slope = self.density(theta), self.slope(theta, rho)
            # Where every function has one value there is no way to go.
            if np.abs(slope).max(initial=0.0) <= 1e-12:
                break
            centred = self.B - q @ self.B
            curve = (centred * q[:, None]).T @ centred + rho * self.pull
            moved = self.downhill(theta, slope, curve, rho)
            if moved is None:
                break
            theta = moved
        return theta

    def downhill(self, theta: Array, slope: Array, curve: Array, rho: float) -> Array | None:
        """A Newton step, shortened until it leads down; None where rounding hides the way."""
        now, damping = self.height(theta, rho), 1e-14
        while damping < 1e6:
            tried = theta - np.linalg.solve(curve + damping * np.eye(len(curve)), slope)
            lower = self.height(tried, rho) - now
            # Near the bottom heights differ by rounding alone; there the slope tells.
            if lower < -_ROUNDING or (
                lower < _ROUNDING
                and np.abs(self.slope(tried, rho)).max() < 0.5 * np.abs(slope).max()
            ):
                return tried
            damping *= 10
        return None

    def proof(self, d: Array) -> Proof | None:
        """How far the code lies beyond every place of the grid along d, if it does."""
        length = np.linalg.norm(d)
        if not length:
            return None
        d = d / length
        outside = -float((self.A @ d).max())
        # An average along d is off by what rounding leaves of every function.
        return (outside, d) if outside > max(np.abs(d) @ self.tolerance, ACCURACY) else None


def _log_base(base: ArrayLike | None, g: int) -> Array:
    """log of the base measure, scaled to sum to 1; -inf where it is 0."""
    if base is None:
        return np.full(g, -np.log(g))
    base = finite_array("base", base, 1)
    if base.size != g:
        raise ValueError(f"base has length {base.size}; accepted: {g}, one a place of the grid")
    if base.min() < 0 or base.sum() <= 0:
        raise ValueError(
            f"base has minimum {base.min():g} and sum {base.sum():g}; accepted: numbers >= 0, "
            "not all 0"
        )
    # Neither the largest numbers nor the smallest lose anything here.
    with np.errstate(divide="ignore"):
        log_base: Array = np.log(base) - np.log(base.max())
    log_base -= logsumexp(log_base)
    return log_base


def _accuracy(values: ArrayLike) -> float:
    """The part of a number that is taken for rounding: more in single precision."""
    kind = np.asarray(values).dtype
    return max(ACCURACY, 8 * float(np.finfo(kind).eps)) if kind.kind == "f" else ACCURACY


def _not_negative(ridge: float) -> float:
    try:
        value = float(ridge)
    except (TypeError, ValueError):
        value = -1.0
    if not 0 <= value < np.inf:
        raise ValueError(f"ridge is {ridge!r}; accepted: a finite number >= 0")
    return value


def _message(
    met: bool, nearly: bool, residual: float, outside: float, direction: Array | None, ridge: float
) -> str:
    if direction is not None:
        return (
            "No distribution on this grid has this code: in one direction it lies "
            f"{outside:.2g} beyond every place of the grid. (A ridge above 0 finds one nearby.)"
        )
    if met:
        return "The distribution of largest entropy with this code, relative to the base."
    if nearly:
        return (
            f"The code is met nearly, as the ridge asks: its entries are off by up to "
            f"{residual:.2g}."
        )
    if ridge:
        return (
            f"The code is too far off for this ridge, which allows for errors of about "
            f"{np.sqrt(ridge):.2g}: its entries are missed by up to {residual:.2g}."
        )
    return (
        "No distribution with this code was found: the nearest one tried is off by "
        f"{residual:.2g}. (A ridge above 0 finds one nearby.)"
    )
