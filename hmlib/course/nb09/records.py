"""What the labs of notebook 09 hand to their pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmlib.figures import Progress

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """The numbers of a step that become curves.

    Attributes:
        mmd2: MMD^2 between dreams and data not learnt from.
        noise: of the model, in units of the data's spread.
        r2: held-out R^2 of what sleep regresses in this mode.
        outside: the share of the data outside the dreams.
        dream_score: length of the move that dreams alone would give, over that of the move.
    """

    mmd2: float
    noise: float
    r2: float
    outside: float
    dream_score: float


@dataclass(frozen=True, eq=False)
class Shown:
    """A generator of points in the plane, as it is.

    Attributes:
        name: of the data.
        mode: "code" or "score".
        blur: of the data that are learnt from, in units of their spread; 0 for none.
        data: shape (n, 2).
        dreams: shape (m, 2).
        weights: how much more often each dream should come, shape (m,).
        more: dreams that should come more often.
        rms: root mean square of the weights.
        alarm: the first warning; None if there was none.
    """

    name: str
    mode: str
    blur: float
    data: Array
    dreams: Array
    weights: Array
    more: int
    rms: float
    alarm: str | None


PainterRecord = Progress[Measured, Shown]
"""A generator that learns points in the plane."""


@dataclass(frozen=True)
class Averages:
    """What a posterior, or a code, says of the place.

    Attributes:
        place: E[z].
        right: P[z > 0].
        distance: E[|z|].
    """

    place: float
    right: float
    distance: float


@dataclass(frozen=True, eq=False)
class OneUpdateRecord:
    """Signed weights on dreamt places for one observation, and angles of the moves.

    Attributes:
        x: the observation, a distance.
        noise: standard deviation of x given z_1, in the world and in the model.
        k: number of random encodings.
        z: dreamt places, shape (200,).
        weights: the signed weights M w_s(x) on them, shape (200,).
        least, most: of these weights.
        negative: the share of all weights below 0.
        path_z: places, shape (g,).
        ratio: p(z|x) / p(z) at these, which the weights stand for, shape (g,).
        highest: of this ratio.
        read, exact: read off the code, and by quadrature.
        angles: of the moves by each of `moves.RULES` to the exact gradient, in degrees,
            shape (3,).
        path_noise: standard deviations of the noise, shape (m,).
        path_angles: the angles at these, shape (m, 3).
    """

    x: float
    noise: float
    k: int
    z: Array
    weights: Array
    least: float
    most: float
    negative: float
    path_z: Array
    ratio: Array
    highest: float
    read: Averages
    exact: Averages
    angles: Array
    path_noise: Array
    path_angles: Array


@dataclass(frozen=True, eq=False)
class RungRecord:
    """One rung of the ladder on one set of data, beside the other rungs.

    Attributes:
        rung: its name.
        place: its place among the rungs, from the top, 0.
        name: of the data.
        steps: of learning before the dreams.
        lost: whether the first run had run away by then.
        data: shape (n, 2).
        dreams: of the first run, shape (m, 2).
        log_likelihood: L of each run of every rung at the end, in nats, shape (rungs, runs).
        accuracy: of the neighbours' vote, shape (rungs, runs).
        ran_away: shape (rungs, runs).
    """

    rung: str
    place: int
    name: str
    steps: int
    lost: bool
    data: Array
    dreams: Array
    log_likelihood: Array
    accuracy: Array
    ran_away: NDArray[np.bool_]
