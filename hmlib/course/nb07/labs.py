"""The labs of "Say a distribution in shadows"."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from hmlib._checks import choice
from hmlib.course.nb07 import densities, telling
from hmlib.course.nb07.densities import GRID, STEP
from hmlib.course.nb07.limits import best_weights
from hmlib.course.nb07.pictures import CodeAndDecode, ReadOff, Unseen
from hmlib.course.nb07.records import KINDS, Built, Coded, Pair
from hmlib.ddc import maximum_entropy
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, LogSlider, Slider

# What the pictures show


@lru_cache(maxsize=2048)
def code_values(shape: str, amount: float, K: int) -> Coded:
    """Numbers of the code lab: a density, its code, and the density that the code stands for.

    Args:
        shape, amount: see `densities.density`.
        K: random functions beside z and the constant.
    """
    p, base, T = densities.density(shape, amount), densities.base(), telling.encoding(K)
    code = p @ T(GRID)
    found = maximum_entropy(code, T, GRID, base)
    return Coded(
        shape=shape,
        amount=amount,
        K=K,
        z=GRID[:, 0],
        p=p / STEP,
        mean=float(p @ GRID[:, 0]),
        base=base / STEP,
        decoded=found.density / STEP,
        peaks=densities.peaks(found.density),
        missed=densities.misplaced(p, found.density),
        feasible=found.feasible,
        code=code,
    )


def read_off_values(f: str, K: int, gain: float) -> Built:
    """Numbers of the read-off lab: one f, built out of encodings of every kind.

    Args:
        f: one of `telling.FUNCTIONS`.
        K: random functions beside z and the constant.
        gain: how sharp they are.

    Raises:
        ValueError: for another f.
    """
    names = tuple(telling.FUNCTIONS)
    column = names.index(choice("f", f, names))
    parts = [telling.every_K(kind, gain) for kind in KINDS]
    target = telling.targets()[0][:, column]
    lowest, reach = target.min(), np.ptp(target)
    built = np.array([part.built(K, column) for part in parts])
    path_errors = np.array([part.errors[:, column] for part in parts])
    return Built(
        f=f,
        K=K,
        gain=gain,
        z=GRID[:, 0],
        target=(target - lowest) / reach,
        built=(built - lowest) / reach,
        errors=path_errors[:, K],
        path_errors=path_errors,
    )


def unseen_values(K: int, gain: float, width: float) -> Pair:
    """Numbers of the unseen lab: two densities with one code, far apart in the average of a bump.

    Args:
        K: random functions (tanh) beside z and the constant.
        gain: how sharp they are.
        width: of the bump, which stands at 1.
    """
    z = GRID[:, 0]
    p = 0.4 / len(z) + 0.6 * densities.density("two bumps", 0.6)
    f, T = telling.bump(z, width), telling.encoding(K, "tanh", gain)(GRID)
    pair, built = telling.same_code(T, f, p)
    codes, averages = pair @ T, pair @ f
    return Pair(
        K=K,
        gain=gain,
        width=width,
        z=z,
        f=f,
        built=built,
        densities=pair / STEP,
        missed=densities.misplaced(*pair),
        codes=codes,
        codes_apart=float(np.abs(codes[0] - codes[1]).max()),
        averages=averages,
        difference=float(averages[0] - averages[1]),
        bound=float(2 * np.abs(f - T @ best_weights(T, f)).max()),
    )


# The labs


def codes() -> Lab[Coded]:
    """A density, its code, and the density of largest entropy with that code."""
    answer = "One wide bump in the middle"
    return Lab(
        [
            Choice("shape", "density", densities.SHAPES, "two bumps"),
            Slider("amount", "how far it goes", 0.0, 1.0, 0.025, 0.8),
            Slider("K", "K random functions", 0, 50, 1, 20),
        ],
        code_values,
        CodeAndDecode,
        Question(
            "The density has two bumps. You turn K down to 0: the code is now the mean of z and "
            "the constant 1, nothing else. What does such a code stand for?",
            (
                "Two bumps, a little blurred",
                "A single point at the mean",
                answer,
                "One bump on the higher side",
            ),
            answer,
            "Of all densities with this mean, the one that adds least to the base measure is the "
            "base itself, moved until its mean is right. A mean says nothing about bumps.",
            replies={
                "Two bumps, a little blurred": "It takes a function with a bend to tell the middle "
                "from both sides, and z and 1 have none.",
                "A single point at the mean": "A point has this mean, too. But of all that have "
                "it the one nearest to the base is meant, and the base is wide.",
                "One bump on the higher side": "The mean of such a bump would be there. The mean "
                "of both bumps together lies between them.",
            },
        ),
        title="A code and what it stands for",
        legend="Left: the density filled, the base measure dashed, and the density of largest "
        "entropy with the same code. Right: the code, a bar for the average of each function; the "
        "last two are z / 2 (2 is the spread of the base) and the constant 1.",
    )


def read_off() -> Lab[Built]:
    """E[f] out of a code, for several f and every kind of encoding."""
    answer = "It hardly falls: still above 0.5"
    return Lab(
        [
            Choice("f", "f(z)", tuple(telling.FUNCTIONS), "|z|"),
            Slider("K", "K random functions", 0, telling.MOST, 1, 20),
            LogSlider("gain", "gain: how sharp they are", 0.1, 10.0, 2.0),
        ],
        read_off_values,
        ReadOff,
        Question(
            "f is now the bump of width 0.2, and each tanh is gentle: gain 0.2. Read off 20 of "
            "them, its average has the relative error 0.7. What becomes of the error with 100?",
            (
                "It falls to a fifth: about 0.14",
                "It falls to the root of that: 0.3",
                "It grows: more weights, more noise",
                answer,
            ),
            answer,
            "A tanh of gain 0.2 is nearly a straight line over the width of the bump, and so is a "
            "sum of a hundred, unless their weights are huge and of both signs. The ridge of least "
            "squares does not take such weights.",
            replies={
                "It falls to a fifth: about 0.14": "So it would be if each function brought "
                "something of its own. These are so alike that eighty more add little.",
                "It falls to the root of that: 0.3": "Averages over more draws go like that. Here "
                "nothing is drawn but the functions, and they are alike.",
                "It grows: more weights, more noise": "No noise comes in: the code is exact "
                "here. And what least squares makes small, the misfit plus the ridge times "
                "|alpha|^2, does not grow when functions are added.",
            },
        ),
        title="Averages read off a code",
        legend="Left: f, and f as the encodings of each kind build it. Right: the error of E[f], "
        "over 200 densities; 1 is as bad as always giving the same answer. The dotted line is your "
        "K.",
    )


def unseen() -> Lab[Pair]:
    """Two different densities that no encoding tells apart."""
    answer = "Less far: the bump is built better"
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
            "E[f], for a bump f. Now you make the bump wider, with the same eight functions of "
            "gain 2, and such a pair is made for the wide bump. How far are the two averages "
            "apart?",
            (
                "As far as before: the code is the same",
                "Further: more of z lies in the bump",
                answer,
            ),
            answer,
            "A wide bump is nearly a sum of these encodings. If it were one exactly, densities "
            "with one code would have to agree on it. These are eight functions of one draw, and "
            "how far apart the pair lies does not depend on this alone: the cell below counts.",
            replies={
                "As far as before: the code is the same": "The pair has one code, but what that "
                "leaves open is another amount for every f: what cannot be built of it.",
                "Further: more of z lies in the bump": "So it is at K = 0, from width 0.4 to 1: z "
                "and 1 build neither bump. Eight functions with bends build the wide one better.",
            },
        ),
        title="What a code cannot see",
        legend="Left: two densities, made so as to differ in f, and below them the bump f. Middle: "
        "their codes, a circle and a cross for each function. Right: E[f] under both. The number "
        "after 'at most' is the best bound, over all pairs with one code.",
    )
