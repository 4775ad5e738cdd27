"""The labs of "Turn the KL around"."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib import exact, tables
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.nb04 import drawn_updates, peaks
from hmlib.course.nb04.leaning import best_lean, leaning
from hmlib.course.nb04.pictures import DrawnDreams, ThreeSteps, TwoDirections, TwoPeaks
from hmlib.course.nb04.records import (
    BestGuess,
    Both,
    Drawn,
    Fit,
    Fitted,
    Leaning,
    Objective,
    Steps,
)
from hmlib.course.nb04.weather import SEEN, SHARES, lawn_and_street, recogniser
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Handle, Slider

Array = NDArray[np.float64]

BIT = float(np.log(2))
"""Nats in a bit."""

_LEAN = np.linspace(0.005, 0.995, 100)
_W_PATH = np.linspace(-4, 10, 71)


def directions_values(s: float, q_rain: float) -> Leaning:
    """Numbers of the two-directions lab: both divergences of one Q and of the best.

    Args:
        s: strength of the wet lawn.
        q_rain: Q's probability of rain; that of the sprinkler is 1 - q_rain.
    """
    posterior, lean = exact.posterior(wet_lawn(s), WET)[0], best_lean(s)
    best_rain = Both(np.unique([1 - lean, lean]), np.array([0.5]))

    def cost(rain: float) -> Both[float]:
        exclusive, inclusive = tables.divergences(leaning(rain)[0], posterior)
        return Both(float(exclusive / BIT), float(inclusive / BIT))

    exclusive, inclusive = tables.divergences(leaning(_LEAN), posterior)
    return Leaning(
        s=s,
        q_rain=q_rain,
        cost=cost(q_rain),
        path_q=_LEAN,
        path=Both(exclusive / BIT, inclusive / BIT),
        best=Both(*(BestGuess(rain, cost(rain[-1])) for rain in best_rain)),
        posterior=posterior,
        q=leaning(q_rain)[0],
    )


def two_peaks_values(separation: float, weight: float, start: float) -> Fitted:
    """Numbers of the two-peaks lab: a Gaussian fitted in either direction.

    Args:
        separation: distance between the peaks, whose width is 1.
        weight: of the left peak.
        start: centre from which the fit in KL(Q || P) goes downhill, its width always the best.
    """

    def fit(centre: float, width: float) -> Fit:
        here = (centre, width, separation, weight)
        costs = peaks.exclusive_divergence(*here), peaks.inclusive_divergence(*here)
        cost = Both(*(max(float(nats), 0) / BIT for nats in costs))
        return Fit(centre, width, peaks.gaussian(peaks.X, centre, width), cost)

    exclusive, inclusive = peaks.valleys(separation, weight)
    return Fitted(
        separation=separation,
        weight=weight,
        start=start,
        x=peaks.X,
        p=np.exp(peaks.log_density(peaks.X, separation, weight)),
        fit=Both(
            fit(*peaks.downhill(separation, weight, start)),
            fit(*peaks.moments(separation, weight)),
        ),
        centres=peaks.CENTRES,
        path=Both(exclusive / BIT, inclusive / BIT),
    )


@cache
def _steps_path() -> tuple[Array, Array, Array]:
    """What no slider of the three-steps lab changes.

    Returns:
        log P[u] (4,), and along the path of weights (71, 4) both divergences of every input,
        KL(Q || P) and KL(P || Q).
    """
    gen = lawn_and_street()
    along = [exact.objectives(gen, recogniser(W), SEEN) for W in _W_PATH]
    q_p, p_q = np.array([o.kl_q_p for o in along]), np.array([o.kl_p_q for o in along])
    return along[0].log_likelihood, q_p, p_q


def three_steps_values(W_lawn: float, dreamt: float) -> Steps:
    """Numbers of the three-steps lab: L, F, F-tilde and dreamt F-tilde along one weight.

    Args:
        W_lawn: weight from the lawn to rain.
        dreamt: how far the data have become the machine's own dreams: 0 is `SHARES`, 1 its
            dreams, mixed in between.
    """
    log_l, q_p, p_q = _steps_path()
    dreams = np.exp(log_l)
    data = (1 - dreamt) * SHARES + dreamt * dreams
    o = exact.objectives(lawn_and_street(), recogniser(W_lawn), SEEN)
    mean_l = float(data @ log_l)

    def objective(here: float, path: Array) -> Objective:
        top = path.argmax()
        return Objective(here, path, float(_W_PATH[top]), float(path[top]))

    return Steps(
        W_lawn=W_lawn,
        dreamt=dreamt,
        data=data,
        dreams=dreams,
        log_likelihood=mean_l,
        path_W=_W_PATH,
        free_energy=objective(float(data @ o.free_energy), mean_l - q_p @ data),
        reversed=objective(float(data @ o.reversed_free_energy), mean_l - p_q @ data),
        dream=objective(mean_l - float(dreams @ o.kl_p_q), mean_l - p_q @ dreams),
    )


def drawing_values(exponent: float, seed: int) -> Drawn:
    """Numbers of the drawn-dreams lab: how far a drawn sleep update is from the expected one.

    Args:
        exponent: log10 of the number of dreams.
        seed: of the dreams.
    """
    mean, variance, drawn = drawn_updates.draws(seed)
    n = drawn_updates.NUMBERS
    place = int(np.searchsorted(n, np.round(10.0**exponent)))
    distance = np.sqrt(((drawn - mean) ** 2).sum(axis=2))
    errors, expected = np.sqrt((distance**2).mean(axis=1)), np.sqrt(variance.sum() / n)
    places, piles = np.unique(np.round(drawn[place, :, :2], 9), axis=0, return_counts=True)
    return Drawn(
        n=int(n[place]),
        seed=seed,
        places=places,
        piles=piles,
        exact=mean[:2],
        error=float(errors[place]),
        expected=float(expected[place]),
        path_n=n,
        path_error=errors,
        path_expected=expected,
    )


def directions() -> Lab[Leaning]:
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
            ("Both of them fall", only, "KL(Q || P) rises, KL(P || Q) falls", "Both of them rise"),
            only,
            "A Q that leans wastes less on 'both' and 'neither', where P is almost 0, and "
            "KL(Q || P) counts what Q wastes. But it gives less and less to 'sprinkler alone', "
            "where P is almost one half, and KL(P || Q) counts what Q misses.",
            replies={
                "Both of them fall": "Leaning helps in one direction only.",
                "KL(Q || P) rises, KL(P || Q) falls": "It is the other way round: look at which "
                "table gives the weight.",
                "Both of them rise": "Leaning hurts in one direction only.",
            },
        ),
        title="Two directions",
        legend="Left: both divergences for every lean, the stars at their lowest points. Middle: "
        "the posterior P and your Q. Right: the two best Q, each measured "
        "in both directions.",
        hides=("lines", "points", "stars", "cost_bars", "cost_labels"),
        handles=(Handle("left", x="q_rain", at=lambda record: record.cost.exclusive),),
    )


def two_peaks() -> Lab[Fitted]:
    """A density with two peaks, and one Gaussian fitted to it in either direction."""
    valley = "Between the peaks, where P is small"
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
            ("On one peak, whichever the start", "On the peak that is nearer to the start", valley),
            valley,
            "KL(P || Q) is an average under P: every place where P lives must be given something. "
            "A wide Q in the middle pays a little at each of them. A Q on one peak would pay "
            "hugely for the other one.",
            replies={
                "On one peak, whichever the start": "A Q on one peak leaves half of P without "
                "weight.",
                "On the peak that is nearer to the start": "So it is for the least KL(Q || P).",
            },
        ),
        title="Two peaks",
        legend="Left: P filled, and both fitted Gaussians. Right: the cost of every centre, each "
        "with its best width; the dotted line is the start, the marks are the fits.",
        handles=(Handle("right", x="start", at=0.0),),
    )


def three_steps() -> Lab[Steps]:
    """F, F-tilde and dreamt F-tilde along one recognition weight."""
    answer = "Left of it, though nearer"
    return Lab(
        [
            Slider("W_lawn", "W, weight from lawn to rain", -4.0, 10.0, 0.2, 1.0),
            Slider("dreamt", "data become dreams", 0.0, 1.0, 0.02, 0.0),
        ],
        three_steps_values,
        ThreeSteps,
        Question(
            "You push the second slider to 1: the data are now the machine's own dreams, as if it "
            "had learnt its world. Where does sleep's star, the top of the dreamt F-tilde, lie "
            "beside the star of F?",
            ("On it: dreams are the data", answer, "Right of it: F moved more"),
            answer,
            "Now F-tilde and the dreamt F-tilde agree, since they are one divergence over the same "
            "inputs. F has the other direction, and other data do not turn it: between the two "
            "stars sleep still lowers F.",
            replies={
                "On it: dreams are the data": "So it is for F-tilde, which has the same direction.",
                "Right of it: F moved more": "The star of F moves left, and stops before that.",
            },
        ),
        title="The three steps",
        legend="Left: the three objectives over one weight, a star at the top of each; dashed and "
        "thin at the top: L. Right: how often each input occurs among the data and in dreams.",
        handles=(Handle("left", x="W_lawn", at=lambda record: record.free_energy.here),),
    )


def drawing() -> Lab[Drawn]:
    """The sleep update from n drawn dreams, beside the expected one."""
    answer = "On a few places, most of them on 0"
    return Lab(
        [
            Slider("exponent", "n dreams, as log10 n", 0.0, 4.5, 0.1, 0.0),
            Slider("seed", "seed of the dreams", 0, 49, 1, 0),
        ],
        drawing_values,
        DrawnDreams,
        Question(
            "A sleep update from a single dream, drawn a hundred times. The cross is the expected "
            "update. Where do the hundred updates lie?",
            (
                answer,
                "In a round cloud about the cross",
                "All of them close to the cross",
                "Along a line through the cross",
            ),
            answer,
            "There are sixteen dreams, so there are few updates. In most dreams lawn and street "
            "are dry; then the input is 0, and so is the update of W. None of the places is the "
            "cross: their average is.",
            replies={
                "In a round cloud about the cross": "It becomes one when n grows.",
                "All of them close to the cross": "They are right on average, not one by one.",
                "Along a line through the cross": "The two weights have different inputs.",
            },
        ),
        title="Drawn dreams",
        legend=f"Left: {drawn_updates.REPEATS} updates, each an average over n dreams; a larger "
        "mark stands for more of them. The cross is the expected update. Right: their root mean "
        "square error for every n, and the line through sqrt(variance / n).",
        hides=("cloud",),
    )
