"""The labs of "DDC awake": a generative model that learns from shadows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from numbers import Real

import numpy as np

from hmlib import datasets, ddc
from hmlib._checks import choice
from hmlib.course.nb08 import labs as asleep
from hmlib.course.nb09.pictures import OneUpdate, Painter
from hmlib.ddc import instruments
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice, LogSlider, Slider
from hmlib.lab.live import Training
from hmlib.metrics import mmd2

Array = np.ndarray

DATA = {"ring": datasets.ring, "pinwheel": datasets.pinwheel}
MODES = ("code", "score")

N_DATA, N_TESTED, N_SHOWN = 1000, 500, 500
DREAMS, FEATURES, ENCODINGS, WATCH = 500, 100, 60, 50
"""A lighter machine than `ddc.fit` takes by itself, so that it can be watched."""

BLUR = 0.25
"""What `ddc.fit` takes by itself in mode code, in units of the data's spread."""

RECORDS = 4
"""Records from one picture to the next: after a failure the last of them is kept."""

_LUCK = 2
"""Seed of the dreams that are shown: a dream keeps its luck and moves only as the model does."""


# A machine that learns points in the plane


@cache
def points(data: str) -> tuple[Array, Array]:
    """What is learnt from, shape (1000, 2), and what dreams are held against, shape (500, 2)."""
    rng = np.random.default_rng(1)
    return DATA[data](rng, N_DATA), DATA[data](rng, N_TESTED)


def signed_weights(step: ddc.DDCStep, night: ddc.Night, data: ddc.Seen) -> Array:
    """How much more often each dream should come, in units of how often it comes, shape (M,).

    In `score` they are the weights on dreamt x, from features of x: c_s M. In `code` they are the
    weights on dreamt z_1, from the codes: how much more often the data use this cause than the
    prior does. Both are read off what is seen in the data minus what is seen in the dreams.

    Args:
        step: where learning stands.
        night: a sleep phase of its model.
        data: averages over the data.
    """
    more = data - ddc.seen_in_dreams(night, step.learnt.layers[0])
    if step.mode == "score":
        return len(night.phi) * night.particles(0, more.phi[:, None])[:, 0]
    r = night.recogniser.climb(more.phi)[0]
    return len(night.phi) * night.particles(1, r[:, None])[:, 0]


def seen_by(step: ddc.DDCStep, x: Array) -> ddc.Seen:
    """What a step sees of the data x, shape (n, 2): their averages, through its blur."""
    return ddc.seen(step.looked_at(x), step.features, step.learnt.layers[0])


def generator_seen(step: ddc.DDCStep, x: Array) -> Record:
    """What the picture shows of a step: dreams, and which of them should come more often.

    Args:
        step: where learning stands.
        x: data, shape (n, 2).
    """
    night = step.night(np.random.default_rng(_LUCK), N_SHOWN)
    blur = 0.0 if step.blur is None else float((step.blur / ddc.spread_about(x)).mean())
    return {
        "mode": step.mode,
        "blur": blur,
        "data": x[:N_SHOWN],
        # The same luck, without the blur.
        "dreams": step.model.sample(np.random.default_rng(_LUCK), N_SHOWN)[0],
        "weights": signed_weights(step, night, seen_by(step, x)),
        "alarm": step.alarm,
    }


def generator_measured(step: ddc.DDCStep, x: Array, tested: Array) -> dict[str, float]:
    """The numbers that become curves.

    Args:
        step: where learning stands, its instruments read.
        x: data, shape (n, 2).
        tested: other data, shape (m, 2).

    Returns:
        MMD^2 of dreams and other data; noise in units of the data's spread; held-out R^2 of what
        this mode regresses (scores on features of x, or encodings on features of x); the share of
        the data outside the dreams; and the length of the move that dreams alone would give.
    """
    read = step.instruments
    dreams = step.model.sample(np.random.default_rng(_LUCK), N_TESTED)[0]
    noise = np.exp(step.model.layers[0].log_var / 2) / ddc.spread_about(x)
    return {
        "mmd2": mmd2(tested, dreams),
        "noise": float(noise.mean()),
        "r2": float(read.score_r2[0] if step.mode == "score" else read.code_r2[0]),
        "outside": read.outside,
        "dream_score": read.dream_score,
    }


def _begun(x: Array, wake: str, blur: float, seed: int) -> ddc.DDCStep:
    """The first step of a run, its instruments read."""
    begun = ddc.fit(
        None, x, rng=np.random.default_rng(seed), wake=wake, steps=1, n_dreams=DREAMS,
        features=FEATURES, encodings=ENCODINGS, blur=blur,
    )  # fmt: skip
    step = next(iter(begun))
    looked_at, rng = step.looked_at(x), np.random.default_rng(0)
    reading = instruments.read(step, looked_at, seen_by(step, x), rng, DREAMS)
    return replace(step, instruments=reading)


def generator(data: str = "ring", wake: str = "code", blur: float = BLUR) -> Training:
    """A network generator that learns points in the plane.

    Args:
        data: "ring" or "pinwheel".
        wake: "code", or "score", which uses no code here and so is no DDC.
        blur: standard deviation of noise added to the data that are learnt from, in units of
            their spread; it is taken off what is shown. 0 for none.

    Raises:
        ValueError: for other data, another mode, or a blur that is no number from 0 to 1.
    """
    data, wake = choice("data", data, tuple(DATA)), choice("wake", wake, MODES)
    if not isinstance(blur, Real) or not 0 <= blur <= 1:
        raise ValueError(f"blur is {blur!r}; accepted: a number from 0 to 1")
    x, tested = points(data)

    def run(step: ddc.DDCStep, rate: float, steps: int) -> Iterator[ddc.DDCStep]:
        return ddc.fit(
            None, x, rate=rate, steps=steps, n_dreams=DREAMS, watch=WATCH,
            every=-(-steps // RECORDS), start=step,
        )  # fmt: skip

    return Training(
        lambda seed: _begun(x, wake, blur, seed),
        run,
        lambda step: generator_measured(step, x, tested),
        lambda step: {"name": data} | generator_seen(step, x),
        draw=Painter,
        question=Question(
            "Triangles are dreams that should come more often, rings are dreams that should come "
            "less often. Before learning the dreams are one wide cloud. When the machine has "
            "learnt, what will have become of the triangles and rings?",
            (
                "All dreams are triangles",
                "Triangles where the data are, rings elsewhere",
                "Small ones everywhere, mixed up",
            ),
            "Small ones everywhere, mixed up",
            "A weight says how much more often the data come by here than the dreams do. Where "
            "both come equally often, nothing is left but the chance in 500 dreams.",
        ),
        rate=LogSlider("rate", "learning rate (Adam)", 0.0001, 0.01, 0.005),
        speed="10 steps a picture",
        title=f"Learn the {data}",
        legend="Grey: data. Triangles and rings: dreams, larger the more they should come more or "
        "less often. Top: MMD^2 between dreams and data not learnt from; below the line is what "
        "two samples of data differ by. Bottom: noise, over the spread of the data, and the "
        "held-out R^2 of the sleep regression. " + _LEGENDS[wake],
    )


_LEGENDS = {
    "code": "Mode code: recognition and read-outs go through the code of z. This is DDC.",
    "score": "Mode score with one layer of latents: no code is used. This is not DDC.",
}


# One update


KS = {"5": 5, "10": 10, "40": 40}
HEARD, NIGHTS, NIGHT_DREAMS = 300, 5, 1000
RULES = ("split", "code", "score")
SDS = (0.05, 0.08, 0.13, 0.2, 0.32, 0.5, 0.8)
"""Noise of the model at the points of the curves."""

DRAWN = slice(200)
"""The dreams that are drawn, of all."""


def asked(noise: float) -> tuple[ddc.Chain, Array]:
    """A model that is a little wrong about the bird, and what was heard, shape (300, 1)."""
    x = asleep.bird(noise=noise).sample(np.random.default_rng(0), HEARD)[0]
    return asleep.bird(A=0.8, b=0.2, noise=noise), x


def exact_gradient(model: ddc.Chain, x: Array) -> Array:
    """Gradient of L in A, b and the log variance, by quadrature, shape (3,).

    Args:
        model: a bird.
        x: observations, shape (n, 1).
    """
    p, _ = asleep.posterior(model, x)
    pairs = np.repeat(x, len(asleep.GRID), axis=0), np.tile(asleep.GRID, (len(x), 1))
    return model.layers[0].weighted_score(*pairs, p.ravel() / len(x))


def angle(a: Array, b: Array) -> float:
    """Angle between two directions, in degrees."""
    cosine = a @ b / np.sqrt((a @ a) * (b @ b))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _night(model: ddc.Chain, k: int, seed: int) -> ddc.Night:
    dreams = model.sample(np.random.default_rng(seed), NIGHT_DREAMS)
    return ddc.sleep(dreams, asleep.features(), [asleep.encoding(k)], asleep.RIDGE)


@lru_cache(maxsize=512)
def _angles(noise: float, k: int) -> Array:
    """Angles of split, code and score to the exact gradient; medians over three nights, (3,)."""
    model, x = asked(noise)
    bottom, truth = model.layers[0], exact_gradient(model, x)
    data = ddc.seen(x, asleep.features(), bottom)
    found = []
    for seed in range(NIGHTS):
        night = _night(model, k, seed)
        less = data - ddc.seen_in_dreams(night, bottom)
        moves = [ddc.wake(model, night, data if m == "split" else less, m) for m in RULES]
        found.append([angle(move, truth) for move in moves])
    return np.median(found, axis=0)


@lru_cache(maxsize=512)
def _kept_night(noise: float, k: int) -> ddc.Night:
    return _night(asked(noise)[0], k, 0)


def update_values(x: float, noise: float, functions: str) -> Record:
    """Numbers of the lab that takes one update apart.

    Args:
        x: the observation, a distance.
        noise: standard deviation of x given z_1, in the world and in the model.
        functions: number of random encodings, one of `KS`.

    Returns:
        `z` and `weights` (200,): dreamt places and the signed weights M w_s(x) on them; `path_z`
        and `ratio` (g,): p(z|x) / p(z), which they stand for; `read` and `exact` (3,): E[z],
        P[z > 0] and E[|z|] read off the code and by quadrature; `angles` (3,) of split, code and
        score to the exact gradient, in degrees; `path_noise` and `path_angles` (m, 3) beside.
    """
    k = KS[choice("functions", functions, tuple(KS))]
    model, _ = asked(noise)
    night = _kept_night(noise, k)
    r = night.recogniser.codes(np.array([[x]]))[0]
    z = night.dreams[1][:, 0]
    w = night.particles(1, r.T)[:, 0]
    p = asleep.posterior(model, np.array([[x]]))[0][0]
    grid = asleep.GRID[:, 0]
    # The place 0 of the grid lies half on the right.
    right = (grid > 0) + 0.5 * (grid == 0)
    return {
        "x": x,
        "noise": noise,
        "k": k,
        "z": z[DRAWN],
        "weights": len(z) * w[DRAWN],
        "negative": float((w < 0).mean()),
        "path_z": grid,
        "ratio": p / asleep.prior(),
        "read": np.array([w @ z, w @ (z > 0), w @ np.abs(z)]),
        "exact": np.array([p @ grid, p @ right, p @ np.abs(grid)]),
        "angles": _angles(noise, k),
        "path_noise": np.array(SDS),
        "path_angles": np.array([_angles(sd, k) for sd in SDS]),
    }


def one_update() -> Lab:
    """Signed weights for one observation, and where the model's parameters move."""
    blind = "The weights stay as broad as the functions are, and the angle of code grows"
    return Lab(
        [
            Slider("x", "distance heard x", 0.0, 4.0, 0.05, 1.5),
            Slider("noise", "noise of x", 0.05, 0.8, 0.01, 0.4),
            Choice("functions", "random functions K", tuple(KS), "10"),
        ],
        update_values,
        OneUpdate,
        Question(
            "With little noise, the posterior of the place is two thin needles. Move the noise "
            "down with K = 10. What will the weights on the dreams, and the move, do?",
            (
                "The weights become two needles, too, and all moves stay right",
                blind,
                "All three moves go wrong together",
            ),
            blind,
            "Weights are as broad as the functions that they are made of, so needles are not seen. "
            "And the score divides every error of an average by the variance of the noise: the "
            "same small error counts for more and more. Score regresses the score itself on "
            "features of x, and needs no needle in z; with more layers it, too, must use codes "
            "above.",
        ),
        title="One update",
        legend="Left: triangles and rings are dreams, with the signed weight that the code of x "
        "gives them; line: the exact ratio p(z|x) / p(z), cut off at 12. Right: angle of the whole "
        "move, for 300 distances heard, to the exact gradient; medians over five nights of 1000 "
        "dreams.",
    )
