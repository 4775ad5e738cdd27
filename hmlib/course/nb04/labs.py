"""The labs of "Turn the KL around"."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from scipy.optimize import brentq, minimize

from hmlib import exact
from hmlib.binary import Generative, Recognition, sigmoid
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.nb04.pictures import DrawnDreams, ThreeSteps, TwoDirections, TwoPeaks
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Slider

Array = np.ndarray

BIT = np.log(2)
"""Nats in a bit."""

WEATHER = np.array([0.30, 0.05, 0.10, 0.55])
"""How often each row of `SEEN` occurs: a rainy place."""

SEEN = exact.states(2)
"""The four things to be seen, (lawn, street): both dry, street wet, lawn wet, both wet."""

_LEAN = np.linspace(0.005, 0.995, 100)
_X = np.linspace(-12, 12, 481)
_Z_FINE, _Z_COARSE = np.linspace(-7, 7, 561), np.linspace(-6, 6, 193)
_CENTRES = np.round(np.linspace(-6, 6, 61), 10)
_WIDTHS = np.geomspace(0.95, 5.5, 24)
_W_PATH = np.linspace(-4, 10, 71)
_EXPONENTS = np.round(np.linspace(0, 4.5, 46), 10)
REPEATS = 100


# One factorised Q, two directions


def divergences(q: Array, p: Array) -> tuple[Array, Array]:
    """KL(Q || P) and KL(P || Q) of tables (..., S) without zeros in P, each (...), in nats."""
    ratio = np.log(q) - np.log(p)
    # Rounding may leave less than nothing where the two are equal.
    return tuple(np.maximum(x.sum(axis=-1), 0) for x in (q * ratio, -p * ratio))


def best_lean(s: float) -> float:
    """Q's probability of rain, one half or more, at the least KL(Q || P) for the wet lawn.

    The posterior is symmetric, so the best Q leans to one cause by as much as away from the
    other: f(y) and f(-y). A top needs y = ln(cosh s) tanh(y / 2), which has a solution besides
    y = 0 as soon as cosh s > e^2.
    """
    k = np.log(np.cosh(s))
    if k <= 2:
        return 0.5
    return float(sigmoid(brentq(lambda y: k * np.tanh(y / 2) - y, 1e-6, k)))


def _leaning(q_rain: Array) -> Array:
    """Tables of the factorised Q whose sprinkler is as improbable as its rain is probable."""
    q_rain = np.atleast_1d(q_rain)
    return exact.factorised_table(np.column_stack([q_rain, 1 - q_rain]))


def directions_values(s: float, q_rain: float) -> Record:
    """Numbers of the two-directions lab: both divergences of one Q and of the best, in bits.

    Args:
        s: strength of the wet lawn.
        q_rain: Q's probability of rain; that of the sprinkler is 1 - q_rain.

    Returns:
        `costs` is (2, 2): rows are the Q best in KL(Q || P) and in KL(P || Q), columns are what
        it costs in KL(Q || P) and in KL(P || Q).
    """
    posterior, lean = exact.posterior(wet_lawn(s), WET)[0], best_lean(s)
    (now,), (q,) = np.transpose(divergences(_leaning(q_rain), posterior)), _leaning(q_rain)
    exclusive, inclusive = divergences(_leaning(_LEAN), posterior)
    best = np.transpose(divergences(_leaning([lean, 0.5]), posterior))
    return {
        "s": s,
        "q_rain": q_rain,
        "path_q": _LEAN,
        "path_exclusive": exclusive / BIT,
        "path_inclusive": inclusive / BIT,
        "exclusive": float(now[0] / BIT),
        "inclusive": float(now[1] / BIT),
        "best_exclusive": np.unique([1 - lean, lean]),
        "costs": best / BIT,
        "posterior": posterior,
        "q": q,
    }


# Two peaks and one Gaussian


def log_two_peaks(x: Array, separation: float, weight: float) -> Array:
    """Log density of two Gaussians of width 1, `separation` apart; the left one has `weight`."""
    left = np.log(weight) - 0.5 * (x + separation / 2) ** 2
    right = np.log(1 - weight) - 0.5 * (x - separation / 2) ** 2
    return np.logaddexp(left, right) - 0.5 * np.log(2 * np.pi)


def exclusive_divergence(
    centre: Array, width: Array, separation: float, weight: float, z: Array = _Z_FINE
) -> Array:
    """KL(Q || P) of Gaussians Q from the two-peaked P, in nats, by quadrature.

    Args:
        centre, width: mean and standard deviation of Q, shapes that broadcast.
        separation, weight: see `log_two_peaks`.
        z: places at which Q is looked at, equally spaced, in standard deviations from its mean.
    """
    density = np.exp(-0.5 * z**2)
    density /= density.sum()
    centre, width = np.asarray(centre)[..., None], np.asarray(width)[..., None]
    average = log_two_peaks(centre + width * z, separation, weight) @ density
    return -0.5 - np.log(width[..., 0] * np.sqrt(2 * np.pi)) - average


def moments(separation: float, weight: float) -> tuple[float, float]:
    """Mean and standard deviation of the two-peaked density."""
    mean = (0.5 - weight) * separation + 0.0
    return mean, float(np.sqrt(1 + weight * (1 - weight) * separation**2))


def inclusive_divergence(centre: Array, width: Array, separation: float, weight: float) -> Array:
    """KL(P || Q) of the two-peaked P from Gaussians Q, in nats: only P's entropy is numerical."""
    log_p = log_two_peaks(_X, separation, weight)
    negative_entropy = (np.exp(log_p) * log_p).sum() * (_X[1] - _X[0])
    mean, spread = moments(separation, weight)
    away = spread**2 + (mean - np.asarray(centre)) ** 2
    return negative_entropy + 0.5 * np.log(2 * np.pi * width**2) + 0.5 * away / width**2


@lru_cache(maxsize=256)
def _valleys(separation: float, weight: float) -> tuple[Array, Array]:
    """Both divergences over the centre of Q, with the best width for each centre, in nats."""
    # No best width is below 1: nowhere is log P more curved than at a single peak.
    costs = exclusive_divergence(_CENTRES[:, None], _WIDTHS, separation, weight, _Z_COARSE)
    mean, spread = moments(separation, weight)
    best_width = np.sqrt(spread**2 + (mean - _CENTRES) ** 2)
    inclusive = inclusive_divergence(_CENTRES, best_width, separation, weight)
    return costs.min(axis=1), inclusive


@lru_cache(maxsize=256)
def _settle(separation: float, weight: float, place: int) -> tuple[float, float]:
    """Centre and width of the least KL(Q || P) near a place of the path."""

    def cost(parameters: Array) -> float:
        centre, log_width = parameters
        return float(exclusive_divergence(centre, np.exp(log_width), separation, weight))

    widths = exclusive_divergence(_CENTRES[place], _WIDTHS, separation, weight)
    begin = [_CENTRES[place], np.log(_WIDTHS[widths.argmin()])]
    centre, log_width = minimize(cost, begin, method="BFGS").x
    return round(float(centre), 6) + 0.0, float(np.exp(log_width))


def _downhill(cost: Array, place: int) -> int:
    """The bottom of the valley in which a place of the path lies."""
    while True:
        near = range(max(place - 1, 0), min(place + 2, len(cost)))
        lowest = min(near, key=lambda k: cost[k])
        if cost[lowest] >= cost[place]:
            return place
        place = lowest


def two_peaks_values(separation: float, weight: float, start: float) -> Record:
    """Numbers of the two-peaks lab: a Gaussian fitted in either direction; costs in bits.

    Args:
        separation: distance between the peaks, whose width is 1.
        weight: of the left peak.
        start: centre from which the fit in KL(Q || P) goes downhill, its width always the best.
    """
    exclusive, inclusive = _valleys(separation, weight)
    place = _downhill(exclusive, int(np.abs(_CENTRES - start).argmin()))
    fits = {
        "exclusive": _settle(separation, weight, place),
        "inclusive": moments(separation, weight),
    }
    record = {
        "separation": separation,
        "weight": weight,
        "start": start,
        "x": _X,
        "p": np.exp(log_two_peaks(_X, separation, weight)),
        "centres": _CENTRES,
        "path_exclusive": exclusive / BIT,
        "path_inclusive": inclusive / BIT,
    }
    for name, (centre, width) in fits.items():
        q = np.exp(-0.5 * ((_X - centre) / width) ** 2) / (width * np.sqrt(2 * np.pi))
        here = (centre, width, separation, weight)
        costs = np.array([exclusive_divergence(*here), inclusive_divergence(*here)])
        record |= {
            f"q_{name}": q,
            f"centre_{name}": centre,
            f"width_{name}": width,
            f"costs_{name}": np.maximum(costs, 0) / BIT,
        }
    return record


# The three steps


def lawn_and_street() -> Generative:
    """The wet lawn of strength 2, and a street beside it that only rain makes wet."""
    lawn = wet_lawn(2.0)
    return Generative(lawn.g, np.vstack([lawn.G, [4.0, 0.0]]), [lawn.h[0], -2.0])


def recogniser(W_lawn: float) -> Recognition:
    """A recogniser of `lawn_and_street`: causes (rain, sprinkler), inputs (lawn, street).

    Args:
        W_lawn: weight from the lawn to rain; the guess about rain ignores the street.
    """
    return Recognition([-3.0, -3.0], [[W_lawn, 0.0], [2.0, -2.0]])


@cache
def _steps_path() -> tuple[Array, Array, Array, Array]:
    """What no slider of the three-steps lab changes.

    Returns:
        log P[u] (4,), how often each input is dreamt (4,), and along the path of weights (71, 4)
        both divergences of every input, KL(Q || P) and KL(P || Q).
    """
    gen = lawn_and_street()
    along = [exact.objectives(gen, recogniser(W), SEEN) for W in _W_PATH]
    log_likelihood = along[0].log_likelihood
    q_p, p_q = (np.array([getattr(o, name) for o in along]) for name in ("kl_q_p", "kl_p_q"))
    return log_likelihood, np.exp(log_likelihood), q_p, p_q


def three_steps_values(W_lawn: float, dreamt: float) -> Record:
    """Numbers of the three-steps lab: L, F, F-tilde and dreamt F-tilde along one weight, in nats.

    Args:
        W_lawn: weight from the lawn to rain.
        dreamt: how far the data have become the machine's own dreams: 0 is `WEATHER`, 1 its
            dreams, mixed in between.
    """
    log_l, dreams, q_p, p_q = _steps_path()
    data = (1 - dreamt) * WEATHER + dreamt * dreams
    o = exact.objectives(lawn_and_street(), recogniser(W_lawn), SEEN)
    mean_l = float(data @ log_l)
    return {
        "W_lawn": W_lawn,
        "dreamt": dreamt,
        "data": data,
        "dreams": dreams,
        "log_likelihood": mean_l,
        "path_W": _W_PATH,
        "path_free_energy": mean_l - q_p @ data,
        "path_reversed": mean_l - p_q @ data,
        "path_dream": mean_l - p_q @ dreams,
        "free_energy": float(data @ o.free_energy),
        "reversed": float(data @ o.reversed_free_energy),
        "dream": mean_l - float(dreams @ o.kl_p_q),
    }


# What is lost


def random_pair(seed: int) -> tuple[Generative, Recognition, Array]:
    """A random machine of 3 inputs and 2 causes, a recogniser, and how often each input is dreamt.

    The inputs are the rows of `exact.states(3)`.
    """
    rng = np.random.default_rng(seed)
    gen = Generative.random(rng, 3, 2, scale=5.0)
    rec = Recognition.random(rng, 3, 2, scale=5.0)
    return gen, rec, np.exp(exact.log_likelihood(gen, exact.states(3)))


def across(seed: int) -> tuple[float, float]:
    """How either phase moves the other's objective, for a `random_pair` and its own dreams as data.

    Returns:
        The slope of F along the sleep step in W, and that of the dreamt F-tilde along the wake
        step in G: the inner product of the two gradients in the same parameters.
    """
    gen, rec, dreams = random_pair(seed)
    u = exact.states(3)
    wake, up_f = exact.grad_free_energy(gen, rec, u, dreams)
    up_dream, sleep = exact.grad_dream(gen, rec, u, dreams)
    return float(up_f.ravel() @ sleep.ravel()), float(up_dream.ravel() @ wake.ravel())


# Drawn dreams


def sleep_terms(gen: Generative, rec: Recognition) -> tuple[Array, Array]:
    """Every dream, and what it adds to the sleep update of the weights W.

    Returns:
        P[v, u] of every dream, shape (m,), and (v - f(y)) u^T of every dream, (m, n_v * n_u).
    """
    u, v = exact.states(gen.n_u), exact.states(gen.n_v)
    chance = np.exp(exact.log_joint(gen, u))
    error = v[None] - sigmoid(rec.drive(u))[:, None]
    terms = error[..., None] * u[:, None, None, :]
    return chance.ravel(), terms.reshape(chance.size, -1)


@lru_cache(maxsize=64)
def _draws(seed: int) -> tuple[Array, Array, Array]:
    """Sleep updates from n drawn dreams, for every n of the path and `REPEATS` times.

    Returns:
        The exact update (4,), its variance for a single dream (4,), and the drawn ones
        (number of n, REPEATS, 4). How often each of the 16 dreams is drawn is drawn in one go.
    """
    chance, terms = sleep_terms(lawn_and_street(), recogniser(1.0))
    mean = chance @ terms
    variance = chance @ (terms - mean) ** 2
    rng = np.random.default_rng(seed)
    counts = [rng.multinomial(n, chance / chance.sum(), REPEATS) / n for n in dream_numbers()]
    return mean, variance, np.array([share @ terms for share in counts])


def dream_numbers() -> Array:
    """The numbers of dreams on the path, from 1 to about 30 000."""
    return np.unique(np.round(10.0**_EXPONENTS).astype(int))


def drawing_values(exponent: float, seed: int) -> Record:
    """Numbers of the drawn-dreams lab: how far a drawn sleep update is from the expected one.

    Args:
        exponent: log10 of the number of dreams.
        seed: of the dreams.

    Returns:
        `errors` are root mean squares over `REPEATS` updates; `expected` is what the variance of
        a single dream says, sqrt(variance / n). `drawn` holds the two weights to rain.
    """
    mean, variance, drawn = _draws(seed)
    n = dream_numbers()
    place = int(np.searchsorted(n, np.round(10.0**exponent)))
    distance = np.sqrt(((drawn - mean) ** 2).sum(axis=2))
    return {
        "n": int(n[place]),
        "seed": seed,
        "path_n": n,
        "errors": np.sqrt((distance**2).mean(axis=1)),
        "expected": np.sqrt(variance.sum() / n),
        "error": float(np.sqrt((distance[place] ** 2).mean())),
        "drawn": drawn[place, :, :2],
        "exact": mean[:2],
        "place": place,
    }


def directions() -> Lab:
    """Explaining away: the cost of one factorised Q in both directions."""
    only = "KL(Q || P) falls, KL(P || Q) rises"
    return Lab(
        [
            Slider("s", "strength s of the machine", 0.0, 10.0, 0.1, 4.0),
            Slider("q_rain", "Q's probability of rain", 0.02, 0.98, 0.02, 0.5),
        ],
        directions_values,
        TwoDirections,
        Question(
            "The machine is strong (s = 4), so almost all of P lies on 'rain alone' and "
            "'sprinkler alone'. Q says one half for both. You make Q lean towards rain, up to "
            "0.9. What happens to the two divergences?",
            ("Both fall", only, "KL(Q || P) rises, KL(P || Q) falls", "Both rise"),
            only,
            "A Q that leans wastes less on 'both' and 'neither', where P is almost 0, and "
            "KL(Q || P) counts what Q wastes. But it gives less and less to 'sprinkler alone', "
            "where P is almost one half, and KL(P || Q) counts what Q misses.",
        ),
        title="Two directions",
        legend="Left: both divergences for every lean, the stars at their lowest points. Middle: "
        "the posterior P and your Q. Right: the two best Q, each measured "
        "in both directions.",
    )


def two_peaks() -> Lab:
    """A density with two peaks, and one Gaussian fitted to it in either direction."""
    valley = "Between the peaks, where there is almost no density"
    return Lab(
        [
            Slider("separation", "distance between the peaks", 0.0, 8.0, 0.1, 2.0),
            Slider("weight", "weight of the left peak", 0.05, 0.95, 0.01, 0.5),
            Slider("start", "start of the fit in KL(Q || P)", -6.0, 6.0, 0.2, 3.0),
        ],
        two_peaks_values,
        TwoPeaks,
        Question(
            "P has two equal peaks, and you pull them far apart. A Gaussian Q is fitted by the "
            "least KL(P || Q), the reversed direction. Where does its centre end?",
            ("On one of the two peaks", valley, "On whichever peak the fit starts nearer to"),
            valley,
            "KL(P || Q) is an average under P: every place where P lives must be given something. "
            "A wide Q in the middle pays a little everywhere. A Q on one peak would pay hugely "
            "for the other one.",
        ),
        title="Two peaks",
        legend="Left: P filled, and both fitted Gaussians. Right: the cost of every centre, each "
        "with its best width; the dotted line is the start, the marks are the fits.",
    )


def three_steps() -> Lab:
    """F, F-tilde and dreamt F-tilde along one recognition weight."""
    answer = "F-tilde and dreamt F-tilde"
    return Lab(
        [
            Slider("W_lawn", "W, weight from lawn to rain", -4.0, 10.0, 0.2, 1.0),
            Slider("dreamt", "data become dreams", 0.0, 1.0, 0.02, 0.0),
        ],
        three_steps_values,
        ThreeSteps,
        Question(
            "You push the second slider to 1: the data are now the machine's own dreams. Which "
            "curves become one?",
            ("F and F-tilde", answer, "All three", "None"),
            answer,
            "F-tilde and dreamt F-tilde are the same divergence, averaged over different inputs; "
            "when the inputs agree, so do they. F is the other direction, and that does not go "
            "away by changing the inputs.",
        ),
        title="The three steps",
        legend="Left: the three objectives over one weight, a star at the top of each; dashed and "
        "thin at the top: L. Right: how often each input occurs among the data and in dreams.",
    )


def drawing() -> Lab:
    """The sleep update from n drawn dreams, beside the expected one."""
    return Lab(
        [
            Slider("exponent", "n dreams, as log10 n", 0.0, 4.5, 0.1, 1.0),
            Slider("seed", "seed of the dreams", 0, 49, 1, 0),
        ],
        drawing_values,
        DrawnDreams,
        Question(
            "You want the error of a drawn update to be ten times smaller. How many times as many "
            "dreams do you need?",
            ("About 3 times", "10 times", "100 times"),
            "100 times",
            "The error of an average of n independent draws falls like 1/sqrt(n): a hundred times "
            "the dreams, a tenth of the error.",
        ),
        title="Drawn dreams",
        legend=f"Left: {REPEATS} updates, each an average over n dreams; the cross is the expected "
        "update. Right: their root mean square error for every n, and the line through "
        "sqrt(variance / n).",
    )
