"""How far apart two directions are, or two samples, which of two is closer to the data, how many
draws count, and how far a likelihood is from the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist, pdist
from scipy.special import bdtrc, betaincinv, ndtr

from hmlib._checks import count, finite_array, positive, unmasked

__all__ = [
    "WIDTHS",
    "Gap",
    "MMDTest",
    "NeighbourTest",
    "RelativeMMD",
    "angle",
    "effective_number",
    "gap",
    "median_bandwidth",
    "mmd2",
    "mmd2_at_widths",
    "mmd_test",
    "neighbour_test",
    "relative_mmd_test",
]

Array = NDArray[np.float64]

WIDTHS = (1.0, 0.5, 0.25, 0.1)
"""Widths of the kernel at which samples are compared, in parts of the median bandwidth.

One width sees one size of detail: a wide kernel averages over what a narrow one counts.
"""

_ROWS = 512
"""Rows of a kernel matrix made at a time: it is never in memory as a whole."""


def angle(a: ArrayLike, b: ArrayLike) -> float:
    """Angle between two vectors of one length, in degrees.

    Raises:
        ValueError: if the shapes differ, or one of the vectors is 0 and has no direction.
    """
    a, b = finite_array("a", a, 1), finite_array("b", b, 1)
    if a.shape != b.shape:
        raise ValueError(f"b has shape {b.shape}; accepted: {a.shape}, the shape of a")
    size = np.sqrt((a @ a) * (b @ b))
    if size == 0:
        raise ValueError(f"a is {a} and b is {b}; accepted: vectors that are not 0")
    return float(np.degrees(np.arccos(np.clip(a @ b / size, -1, 1))))


def effective_number(log_weights: ArrayLike) -> Array:
    """How many draws of each set count, (sum w)^2 / sum w^2: 1 if one has all the weight.

    Args:
        log_weights: log w of K draws, shape (..., K), in nats, up to a constant for each set;
            -inf for a draw without weight.

    Returns:
        shape (...), from 1 to K.

    Raises:
        ValueError: for no draws, NaN, +inf, or a set in which no draw has weight.

    Source: Kong, Liu & Wong 1994.
    """
    log_w = np.array(unmasked("log_weights", log_weights), dtype=np.float64)
    if not log_w.ndim or not log_w.shape[-1]:
        raise ValueError(f"log_weights has shape {log_w.shape}; accepted: (..., K), K >= 1")
    largest = log_w.max(axis=-1, keepdims=True)
    if not np.isfinite(largest).all():
        raise ValueError(
            f"log_weights has largest value {largest[~np.isfinite(largest)][0]:g} in a set; "
            "accepted: a finite number, so that some draw has weight"
        )
    w = np.exp(log_w - largest)
    return np.asarray(w.sum(axis=-1) ** 2 / (w**2).sum(axis=-1))


@dataclass(frozen=True)
class Gap:
    """How far a model's log likelihood of held-out data is from that of the truth, in nats.

    Attributes:
        model, truth: mean log likelihoods of the same data.
        gap: model minus truth; below 0 on average, and -KL(truth || model) for many data.
        error: standard error of the gap as the data vary, and as the model's estimate does.
    """

    model: float
    truth: float
    gap: float
    error: float


def gap(model: ArrayLike, truth: ArrayLike, error: float = 0.0) -> Gap:
    """Gap of a mean log likelihood to the truth, datum by datum.

    Data that are unlikely are so to both: the difference of two means on the same data varies far
    less than either of them.

    Args:
        model: log p(x) of each held-out datum under the model, shape (n,), in nats.
        truth: under the world that they come from, shape (n,).
        error: standard error of the mean of `model` as an estimate, 0 if it is exact.

    Raises:
        ValueError: for fewer than two data, values that are not finite, or different lengths.
    """
    model, truth = finite_array("model", model, 1), finite_array("truth", truth, 1)
    if model.size < 2 or model.shape != truth.shape:
        raise ValueError(
            f"truth has length {truth.size} and model {model.size}; accepted: the same, 2 or more"
        )
    if not 0 <= error < np.inf:
        raise ValueError(f"error is {error!r}; accepted: a finite number >= 0")
    each = model - truth
    spread = np.hypot(each.std(ddof=1) / np.sqrt(each.size), error)
    return Gap(float(model.mean()), float(truth.mean()), float(each.mean()), float(spread))


def median_bandwidth(x: ArrayLike) -> float:
    """Half the median distance between two different points of x, shape (n, d).

    Raises:
        ValueError: if x has fewer than two points, or more than half of all pairs coincide.
    """
    half = float(np.median(pdist(_sample("x", x)))) / 2
    if not 0 < half < np.inf:
        raise ValueError(
            f"x has median distance {2 * half:g}; accepted: points that differ, or a bandwidth"
        )
    return half


def mmd2(x: ArrayLike, y: ArrayLike, bandwidth: float | None = None) -> float:
    """Unbiased estimate of the squared maximum mean discrepancy between two samples.

    The kernel is k(a, b) = exp(-|a - b|^2 / (2 s^2)). The estimate is
    mean k(x, x') + mean k(y, y') - 2 mean k(x, y), without pairs of a point with itself: it is 0
    on average if both samples are from one distribution, so it may come out negative.

    Args:
        x: the data, shape (n, d).
        y: the other sample, shape (m, d).
        bandwidth: s; half the median distance within x if None.

    Raises:
        ValueError: if a sample has fewer than two points or values that are not finite, if the
            widths differ, or if the bandwidth is not above 0.

    Source: Gretton et al. 2012, A kernel two-sample test, equation 3.
    """
    x, y = _scaled(bandwidth, x=_sample("x", x), y=_sample("y", y))
    return _within(x).mean + _within(y).mean - 2 * _across(x, y).mean


def mmd2_at_widths(x: ArrayLike, y: ArrayLike, widths: ArrayLike = WIDTHS) -> Array:
    """`mmd2` at several widths of the kernel.

    Args:
        x: the data, shape (n, d).
        y: the other sample, shape (m, d).
        widths: in parts of half the median distance within x, shape (w,).

    Returns:
        shape (w,).

    Raises:
        ValueError: as `mmd2`, or if a width is not above 0.
    """
    s = median_bandwidth(x)
    return np.array([mmd2(x, y, part * s) for part in _widths(widths)])


@dataclass(frozen=True)
class MMDTest:
    """Whether two samples can be told apart, at any of several widths of the kernel.

    Attributes:
        mmd2: unbiased squared maximum mean discrepancy at each width, shape (w,).
        bandwidths: those widths, shape (w,).
        statistic: the largest of them, each over its standard deviation among permutations.
        p: chance of a statistic as large as this or larger if both samples are from one
            distribution; never below 1 / (permutations + 1).
    """

    mmd2: Array
    bandwidths: Array
    statistic: float
    p: float


def mmd_test(
    x: ArrayLike,
    y: ArrayLike,
    rng: np.random.Generator,
    widths: ArrayLike = WIDTHS,
    permutations: int = 500,
) -> MMDTest:
    """Test whether two samples are from one distribution; small p: they are not.

    The points are dealt anew into two samples of the same sizes, `permutations` times. If both
    are from one distribution, the given deal is one among equals, so that p <= a happens with
    probability at most a, for samples of any size. For this the bandwidth comes from all points
    together, and the standard deviations from all deals with the given one among them.

    Args:
        x, y: the samples, shapes (n, d) and (m, d).
        rng: deals the points.
        widths: in parts of half the median distance within x and y together, shape (w,).
        permutations: number of other deals.

    Raises:
        ValueError: if a sample has fewer than two points or values that are not finite, if the
            widths of the samples differ, if a width of the kernel is not above 0, or if y is made
            of rows of x.

    Source: Gretton et al. 2012, section 5 (permutations); Biggs, Schrab & Gretton 2023, MMD-FUSE
        (several widths, each over its spread among permutations).
    """
    x, y = _sample("x", x), _sample("y", y)
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"y has width {y.shape[1]}; accepted: {x.shape[1]}, the width of x")
    _independent(x, y=y)
    parts, others = _widths(widths), count("permutations", permutations)
    pooled, n = np.concatenate([x, y]), len(x)
    bandwidths = parts * median_bandwidth(pooled)
    deals = np.zeros((len(pooled), others + 1))  # 1 where a point is dealt to the first sample
    deals[:n, 0] = 1
    for column in range(1, others + 1):
        deals[rng.permutation(len(pooled))[:n], column] = 1
    found = np.array([_dealt(pooled, s, deals) for s in bandwidths])  # (w, deals)
    spread = found.std(axis=1, keepdims=True)
    scaled = np.divide(found, spread, out=np.zeros_like(found), where=spread > 0).max(axis=0)
    # A deal that ties with the given one may differ from it by rounding.
    as_large = int(np.count_nonzero(scaled >= scaled[0] - 1e-9))
    return MMDTest(found[:, 0], bandwidths, float(scaled[0]), as_large / (others + 1))


def _dealt(z: Array, bandwidth: float, deals: Array) -> Array:
    """MMD^2 of every deal of the points z into two samples, shape (deals,)."""
    z = (z - z.mean(axis=0)) / bandwidth
    within, rows = np.zeros(deals.shape[1]), np.zeros(len(z))
    for here, _ in _blocks(len(z)):
        k = _kernel(z[here], z)
        rows[here] = k.sum(axis=1)
        within += np.einsum("ij,ij->j", deals[here], k @ deals)
    n = int(deals[:, 0].sum())
    m = len(z) - n
    across = rows @ deals - within
    other = rows.sum() - within - 2 * across
    pairs = (within - n) / (n * (n - 1)) + (other - m) / (m * (m - 1))
    return np.asarray(pairs - 2 * across / (n * m))


@dataclass(frozen=True)
class NeighbourTest:
    """How well the nearest neighbours of a point say which of two samples it is from.

    Attributes:
        accuracy: the part of the points that are told rightly; 1/2 if nothing can be told.
        low, high: ends of its interval, of 95 % for the neighbours that are given.
        p: chance, at most, of so many right ones if both samples are from one distribution.
    """

    accuracy: float
    low: float
    high: float
    p: float


def neighbour_test(
    x: ArrayLike, y: ArrayLike, rng: np.random.Generator, k: int = 15
) -> NeighbourTest:
    """Test whether two samples can be told apart by a vote of nearest neighbours; small p: yes.

    As many points of one as of the other are used; half of each are the neighbours, and the
    others are told by them. So the answers are independent of each other given the neighbours,
    and their number is binomial, or narrower.

    Args:
        x, y: the samples, shapes (n, d) and (m, d).
        rng: says which points are neighbours, and which of several at one distance votes.
        k: number of neighbours that vote, odd.

    Raises:
        ValueError: if k is even, if a sample has fewer than 2 k points or values that are not
            finite, if the widths differ, or if y is made of rows of x.

    Source: Lopez-Paz & Oquab 2017, Revisiting classifier two-sample tests (on held-out points);
        Clopper & Pearson 1934 (the interval).
    """
    if count("k", k) % 2 == 0:
        raise ValueError(f"k is {k}; accepted: an odd number, so that no vote is a tie")
    x, y = _sample("x", x, least=2 * k), _sample("y", y, least=2 * k)
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"y has width {y.shape[1]}; accepted: {x.shape[1]}, the width of x")
    _independent(x, y=y)
    half = min(len(x), len(y)) // 2
    x, y = (z[rng.permutation(len(z))[: 2 * half]] for z in (x, y))
    known, asked = np.concatenate([x[:half], y[:half]]), np.concatenate([x[half:], y[half:]])
    order = rng.permutation(2 * half)
    from_x = order < half
    votes = from_x[_nearest(asked, known[order], k)].sum(axis=1)
    right = int(np.count_nonzero((votes > k / 2) == (np.arange(2 * half) < half)))
    n = 2 * half
    low = 0.0 if right == 0 else float(betaincinv(right, n - right + 1, 0.025))
    high = 1.0 if right == n else float(betaincinv(right + 1, n - right, 0.975))
    return NeighbourTest(right / n, low, high, float(bdtrc(right - 1, n, 0.5)) if right else 1.0)


def _nearest(asked: Array, known: Array, k: int) -> NDArray[np.intp]:
    """Places in `known` of the k nearest to each asked point, the earlier first; (n, k)."""
    found = np.empty((len(asked), k), dtype=np.intp)
    for here, _ in _blocks(len(asked)):
        distance = cdist(asked[here], known, "sqeuclidean")
        found[here] = np.argsort(distance, axis=1, kind="stable")[:, :k]
    return found


def _widths(widths: ArrayLike) -> Array:
    parts = finite_array("widths", widths, 1)
    if not parts.size or parts.min() <= 0:
        raise ValueError(f"widths are {parts}; accepted: one or more numbers above 0")
    return parts


@dataclass(frozen=True)
class RelativeMMD:
    """Which of two samples, a or b, is closer to the data.

    Attributes:
        mmd2_a, mmd2_b: unbiased squared maximum mean discrepancies from the data.
        statistic: (mmd2_a - mmd2_b) over its standard error; 0 for no difference, and without
            bound, or infinite, for one between samples that do not vary.
        p: chance of a statistic as low as this or lower if both were equally close: a small p
            says that a is closer, a p close to 1 that b is.
    """

    mmd2_a: float
    mmd2_b: float
    statistic: float
    p: float

    def __repr__(self) -> str:
        return (
            f"RelativeMMD: a {self.mmd2_a:.5f}, b {self.mmd2_b:.5f}, "
            f"statistic {self.statistic:.2f}, p {self.p:.2g}"
        )


def relative_mmd_test(
    x: ArrayLike, y_a: ArrayLike, y_b: ArrayLike, bandwidth: float | None = None
) -> RelativeMMD:
    """Test whether sample a is closer to the data than sample b; small p: it is.

    Both are compared with the same x, so that mmd2_a and mmd2_b go up and down together: the
    variance of their difference counts that covariance. The statistic is taken as standard
    normal if a and b are equally close. The three samples must be independent, and x must not
    have been learnt from.

    The variance is the paper's to first order in 1/n. The second order is added, since it is
    all that is left where a and b are both as close as the data are to themselves: there the test
    is cautious, and small values of p are rarer than they should be.

    Args:
        x: held-out data, shape (n, d).
        y_a, y_b: the samples to compare, shapes (n_a, d) and (n_b, d).
        bandwidth: s of the kernel exp(-|a - b|^2 / (2 s^2)); half the median distance within x
            if None.

    Raises:
        ValueError: if a sample has fewer than four points or values that are not finite, if the
            widths differ, if the bandwidth is not above 0, or if a or b is made of rows of x.

    Source: Bounliphone et al. 2016, A test of relative similarity for model selection in
        generative models, section 3; second order: Sutherland & Deka 2019.
    """
    x, y_a, y_b = (
        _sample(name, value, least=4) for name, value in (("x", x), ("y_a", y_a), ("y_b", y_b))
    )
    scaled = _scaled(bandwidth, x, y_a=y_a, y_b=y_b)
    _independent(x, y_a=y_a, y_b=y_b)
    x, y_a, y_b = scaled
    xx, aa, bb = _within(x), _within(y_a), _within(y_b)
    xa, xb = _across(x, y_a), _across(x, y_b)
    mmd2_a = xx.mean + aa.mean - 2 * xa.mean
    mmd2_b = xx.mean + bb.mean - 2 * xb.mean
    difference, error = mmd2_a - mmd2_b, np.sqrt(_variance(aa, bb, xa, xb))
    with np.errstate(divide="ignore"):
        statistic = 0.0 if difference == 0 else float(np.divide(difference, error))
    return RelativeMMD(mmd2_a, mmd2_b, statistic, float(ndtr(statistic)))


def _variance(aa: _Within, bb: _Within, xa: _Across, xb: _Across) -> float:
    """Variance of mmd2_a - mmd2_b: what single points add (first), then pairs (second).

    mmd2_a - mmd2_b is a mean over points of
    -2 (E k(x, a) - E k(x, b)), 2 (E k(a, a') - E k(x, a)) and -2 (E k(b, b') - E k(x, b)),
    and over pairs of what the points leave over. A mean over one row of the kernel is noisy, so
    the pairs' share is taken out of the variance between rows.
    """
    n, n_a, n_b = len(xa.rows), len(aa.rows), len(bb.rows)
    of_x = np.var(xa.rows / n_a - xb.rows / n_b, ddof=1) - xa.pairs / n_a - xb.pairs / n_b
    of_a = np.var(aa.rows / (n_a - 2) - xa.columns / n, ddof=1)
    of_a += -aa.pairs / (n_a - 2) - xa.pairs / n
    of_b = np.var(bb.rows / (n_b - 2) - xb.columns / n, ddof=1)
    of_b += -bb.pairs / (n_b - 2) - xb.pairs / n
    first = 4 * (of_x / n + of_a / n_a + of_b / n_b)
    second = 4 * (xa.pairs / n_a + xb.pairs / n_b) / n
    second += 2 * (aa.pairs / (n_a * (n_a - 1)) + bb.pairs / (n_b * (n_b - 1)))
    return max(float(first), 0.0) + float(second)


@dataclass(frozen=True)
class _Within:
    """Sums of the kernel over pairs of different points of one sample.

    Attributes:
        rows: sum over all partners of each point, shape (n,).
        squares: sum of the kernel's square over all pairs.
    """

    rows: Array
    squares: float

    @property
    def mean(self) -> float:
        n = len(self.rows)
        return float(self.rows.sum() / (n * (n - 1)))

    @property
    def pairs(self) -> float:
        """Variance of k(a, a') around what a and a' add by themselves, without bias.

        Source: Székely & Rizzo 2014, on U-centred matrices.
        """
        n, total = len(self.rows), self.rows.sum()
        left = self.squares - 2 * (self.rows @ self.rows) / (n - 2)
        left += total**2 / ((n - 1) * (n - 2))
        return max(float(left), 0.0) / (n * (n - 3))


@dataclass(frozen=True)
class _Across:
    """Sums of the kernel over pairs of a point of x and a point of y.

    Attributes:
        rows, columns: sum over all partners of each point of x, of each point of y.
        squares: sum of the kernel's square over all pairs.
    """

    rows: Array
    columns: Array
    squares: float

    @property
    def mean(self) -> float:
        return float(self.rows.mean() / len(self.columns))

    @property
    def pairs(self) -> float:
        """Variance of k(x, y) around what x and y add by themselves, without bias."""
        n, m, total = len(self.rows), len(self.columns), self.rows.sum()
        left = self.squares - self.rows @ self.rows / m - self.columns @ self.columns / n
        left += total**2 / (n * m)
        return max(float(left), 0.0) / ((n - 1) * (m - 1))


def _within(x: Array) -> _Within:
    rows, squares = np.zeros(len(x)), 0.0
    for here, after in _blocks(len(x)):
        # The kernel is symmetric: what stands right of this block stands below it, too.
        own, right = _kernel(x[here], x[here]), _kernel(x[here], x[after])
        np.fill_diagonal(own, 0.0)
        rows[here] += own.sum(axis=1) + right.sum(axis=1)
        rows[after] += right.sum(axis=0)
        squares += float(np.vdot(own, own) + 2 * np.vdot(right, right))
    return _Within(rows, squares)


def _across(x: Array, y: Array) -> _Across:
    rows, columns, squares = np.zeros(len(x)), np.zeros(len(y)), 0.0
    for here, _ in _blocks(len(x)):
        k = _kernel(x[here], y)
        rows[here] = k.sum(axis=1)
        columns += k.sum(axis=0)
        squares += float(np.vdot(k, k))
    return _Across(rows, columns, squares)


def _blocks(n: int) -> Iterator[tuple[slice, slice]]:
    """Slices of n rows: each block, and all that comes after it."""
    for start in range(0, n, _ROWS):
        yield slice(start, start + _ROWS), slice(start + _ROWS, n)


def _kernel(x: Array, y: Array) -> Array:
    """exp(-|x - y|^2 / 2) for all pairs, shape (n, m); the square is multiplied out, for speed."""
    k = x @ y.T
    k -= (x**2).sum(axis=1)[:, None] / 2
    k -= (y**2).sum(axis=1) / 2
    return np.exp(np.minimum(k, 0.0, out=k), out=k)


def _scaled(bandwidth: float | None, x: Array, **others: Array) -> list[Array]:
    """x and the samples compared with it, in units of the bandwidth and around the mean of x."""
    for name, y in others.items():
        if y.shape[1] != x.shape[1]:
            raise ValueError(
                f"{name} has width {y.shape[1]}; accepted: {x.shape[1]}, the width of x"
            )
    s = median_bandwidth(x) if bandwidth is None else positive("bandwidth", bandwidth)
    centre = x.mean(axis=0)
    return [(sample - centre) / s for sample in (x, *others.values())]


def _independent(x: Array, **others: Array) -> None:
    """Raise ValueError for a sample with most of its rows from x, if no two rows of x are equal."""
    own = set(map(bytes, x))
    for name, y in others.items():
        shared = sum(bytes(row) in own for row in y) if len(own) == len(x) else 0
        if 2 * shared > len(y):
            raise ValueError(
                f"{name} shares {shared} of its {len(y)} rows with x; accepted: a sample drawn "
                "independently of x"
            )


def _sample(name: str, value: ArrayLike, least: int = 2) -> Array:
    sample = finite_array(name, value, 2)
    if len(sample) < least or sample.shape[1] < 1:
        raise ValueError(
            f"{name} has shape {sample.shape}; accepted: (n, d) with n >= {least}, d >= 1"
        )
    return sample
