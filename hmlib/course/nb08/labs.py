"""The labs of "DDC asleep": a bird is heard, and only its distance is known."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from hmlib.course import bird
from hmlib.course.nb08 import beliefs, nights
from hmlib.course.nb08.pictures import Angles, AskedAwake, Learning, UnderTheCeiling
from hmlib.course.nb08.records import Averages, Belief, Bound, Ceiling, Learnt, Observed, Turned
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, Slider

Array = NDArray[np.float64]

RIDGES = {"1e-8": 1e-8, "1e-4": 1e-4, "1e-1": 1e-1}

_PATH_A: Array = np.linspace(0.6, 1.6, 51)
_EXPONENTS = (1.7, 2.1, 2.5, 2.9, 3.3, 3.7)
_CEILING_DREAMS = 5000


# What the pictures show


def observe_values(x: float, exponent: float, seed: int) -> Observed:
    """Numbers of the observation lab: posterior, code, decode and Gaussian for one x.

    Args:
        x: distance heard.
        exponent: log10 of the number of dreams M.
        seed: of the dreams.
    """
    n, z = round(10**exponent), bird.GRID[:, 0]
    r, q = nights.decoded(x, n, seed, bird.K)
    (p,), _ = bird.posterior(bird.model(), np.array([[x]]))
    centre, width = beliefs.best_gaussian(x)
    code, exact_code = r[:-1], (p @ bird.encoding()(bird.GRID))[:-1]
    read = nights.read_off(r, nights.asleep(n, seed))
    return Observed(
        x=x,
        n=n,
        z=z,
        posterior=p / bird.STEP,
        decoded=_belief(q, p),
        gaussian=_belief(bird.gaussian(centre, width), p),
        centre=centre,
        width=width,
        code=code,
        exact_code=exact_code,
        largest_error=float(np.abs(code - exact_code).max()),
        read=Averages(*read.tolist()),
        exact=Averages(float(p @ z), float(p @ bird.right()), float(p @ z**2)),
    )


def _belief(q: Array, p: Array) -> Belief:
    return Belief(q / bird.STEP, beliefs.divergence(q, p))


def learning_values(exponent: float, rate: float, seed: int) -> Learnt:
    """Numbers of the learning lab: both rules after the same n dreams, each dream used once.

    Args:
        exponent: log10 of the number of dreams n.
        rate: part of the error that a dream takes away.
        seed: of the dreams.
    """
    both = nights.both_rules(rate, seed)
    place = int(np.abs(nights.PATH_N - 10**exponent).argmin())
    n = int(nights.PATH_N[place])
    dots = min(n, 300)
    return Learnt(
        n=n,
        rate=rate,
        missed=both.missed[:, place],
        path_n=nights.PATH_N,
        path_missed=both.missed,
        path_x=nights.PATH_X[:, 0],
        curves=both.curves[place],
        exact=both.exact,
        dreams_x=both.x[:dots],
        dreams_T=both.T[:dots],
    )


def angle_values(exponent: float, ridge: str, constant: str) -> Turned:
    """Numbers of the angle lab: the gradient read off codes beside the exact one.

    Args:
        exponent: log10 of the number of dreams M.
        ridge: one of `RIDGES`.
        constant: "with" or "without" constant and biases in the features of x.
    """
    n, rho, with_constant = round(10**exponent), RIDGES[ridge], constant == "with"
    path_n = [round(10**e) for e in _EXPONENTS]
    read_off = nights.gradients(n, rho, with_constant, seed=0)
    gradients = np.vstack([nights.exact_gradient(), read_off])
    return Turned(
        n=n,
        ridge=ridge,
        constant=constant,
        gradients=gradients / np.linalg.norm(gradients, axis=1, keepdims=True),
        angles=nights.angles(n, rho, with_constant),
        path_n=np.array(path_n),
        path_angles=np.array([nights.angles(m, rho, with_constant) for m in path_n]).T,
    )


def bound_values(x: float, k: int, A: float) -> Ceiling:
    """Numbers of the ceiling lab: L, and F of the decoded code and of the best Gaussian.

    Args:
        x: distance heard.
        k: random functions in the code, beside z_1 and the constant.
        A: the parameter of the model that is asked; the code was learnt from dreams at A = 1.
    """
    (p,), _ = bird.posterior(bird.model(), np.array([[x]]))
    _, q = nights.decoded(x, _CEILING_DREAMS, 0, k)
    log_p, path_L = _along_A(x)
    place = int(np.abs(_PATH_A - A).argmin())
    L = float(path_L[place])

    def under(q: Array) -> Bound:
        path = beliefs.bound(q, log_p)
        F = float(path[place])
        return Bound(q / bird.STEP, free_energy=F, gap=L - F, path=path)

    return Ceiling(
        x=x,
        k=k,
        A=A,
        z=bird.GRID[:, 0],
        posterior=p / bird.STEP,
        log_likelihood=L,
        path_A=_PATH_A,
        path_log_likelihood=path_L,
        decoded=under(q),
        gaussian=under(bird.gaussian(*beliefs.best_gaussian(x))),
    )


@lru_cache(maxsize=4)
def _along_A(x: float) -> tuple[Array, Array]:
    """log p(x, z_1) on the grid for every A of the path, shape (m, g), and log p(x), (m,)."""
    log_p = np.array([bird.log_joint(bird.model(A=A), np.array([[x]]))[0] for A in _PATH_A])
    return log_p, logsumexp(log_p, axis=1) + np.log(bird.STEP)


# The labs


def observe() -> Lab[Observed]:
    """One distance: the exact posterior, its code, the decode, and a single Gaussian."""
    answer = "The decode has both peaks, the Gaussian one"
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
                "Both have one peak, on the likelier side",
                "Both have one wide peak, in the middle",
                "The Gaussian has both peaks, the decode one",
            ),
            answer,
            "The code learns averages of many functions over all dreams with about this x, and "
            "some of those dreams were left, some right. A Gaussian has one peak, and the least "
            "KL(q || p) puts it where the posterior has one.",
            replies={
                "Both have one peak, on the likelier side": "The Gaussian does. The code was "
                "learnt from dreams on both sides, and their averages keep both.",
                "Both have one wide peak, in the middle": "A Gaussian with the posterior's mean "
                "and spread is like that. The least KL(q || p) rather leaves one peak out than "
                "covers the gap.",
                "The Gaussian has both peaks, the decode one": "A Gaussian has one peak, whatever "
                "its mean and its spread.",
            },
        ),
        title="Asked awake",
        legend="Left: what is believed about the place z_1, exactly, as decoded from the code and "
        "as the best Gaussian. Right: the code, a bar an entry; a mark is the exact average.",
        hides=("q",),
    )


def learning() -> Lab[Learnt]:
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
            ("The delta rule, by far", "They come equally near", answer),
            answer,
            "Least squares finds the minimum for all dreams at once. The delta rule takes a step "
            "a dream: at a large rate it follows the noise of the latest few. At rate 0.02 it "
            "follows more of them, and comes about as near. With few dreams it may even win: least "
            "squares then fits its own dreams better than any others.",
            replies={
                "The delta rule, by far": "Each step takes half of one dream's error away, with "
                "the chance that is in it, and so the latest dreams count most.",
                "They come equally near": "Both aim at one minimum. But with a fixed rate the "
                "delta rule does not come to rest there: the latest dreams keep pulling.",
            },
        ),
        title="Learning a shadow",
        hides=("paths", "points", "curves"),
        legend="Left: the part of the exact codes' variance that is missed, for every number of "
        "dreams. Right: one shadow along x, and dots: T(z) of the dreams it is learnt from.",
    )


def angles() -> Lab[Turned]:
    """The gradient that is read off codes, and its angle to the exact one."""
    answer = "No constant and no biases"
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
            (answer, "A hundred dreams, not 2000", "A ridge of 1e-1, not 1e-4"),
            answer,
            "Without a constant and biases every feature is proportional to x, so every entry of "
            "the code is too: r(2x) = 2 r(x). No number of dreams mends that.",
            replies={
                "A hundred dreams, not 2000": "A hundred dreams turn it by some fifteen degrees on "
                "the median night, with the dreams subtracted as without: less than half of the "
                "other angle.",
                "A ridge of 1e-1, not 1e-4": "A large ridge bends data and dreams in the same way, "
                "and subtracting the dreams takes most of that away.",
            },
        ),
        title="Which way is up?",
        hides=("paths", "points", "rises"),
        legend="Left: the three entries of each gradient, scaled to length 1, seed 0. Right: "
        f"medians over {nights.SEEDS} seeds for six numbers of dreams; the marks are the median "
        "here.",
    )


def ceiling() -> Lab[Ceiling]:
    """F of the decoded code under L, as the code grows and the model moves."""
    answer = "The Gaussian's, by more than a nat"
    return Lab(
        [
            Slider("x", "x, distance heard", 0.0, 3.0, 0.05, 2.0),
            Slider("k", "random functions in the code", 0, bird.K, 1, 4),
            Slider("A", "A of the model that is asked", 0.6, 1.6, 0.02, 1.0),
        ],
        bound_values,
        UnderTheCeiling,
        Question(
            "In lab 1 the decode of 40 functions was nearer to the posterior at x = 2 than the "
            "best Gaussian. Now the code has four functions, z_1 and 1: five averages against the "
            "Gaussian's two numbers. Whose F is higher at A = 1?",
            (
                "The decode's, as it has two peaks",
                answer,
                "The decode's, by a hundredth or two",
                "Neither: they agree to a hundredth",
            ),
            answer,
            "Its averages are nearly right, and the decode was fitted to nothing else. To be "
            "narrow with these four functions it needs large weights, which its small ridge holds "
            "back; and F pays dearly for probability where the posterior has next to none. The "
            "Gaussian was fitted to F. The cell below has other draws of four functions, with "
            "the ridge and with hardly any.",
            replies={
                "The decode's, as it has two peaks": "It has a second bump, hardly seen, and both "
                "are far too wide: where the posterior is almost 0, F pays dearly.",
                "The decode's, by a hundredth or two": "Look at how wide it is. Averages can be "
                "right while most of the probability lies in the wrong place.",
                "Neither: they agree to a hundredth": "They are fitted in different directions, "
                "and to different things: compare the two marks.",
            },
        ),
        title="Under the ceiling",
        legend="Left: posterior, decode and Gaussian at A = 1. Right: L, and F of both, over the "
        "parameter A, with q held still; the marks are at the A that is asked. "
        "What lies below -8 nats is cut off.",
        hides=("decode", "path", "here"),
    )
