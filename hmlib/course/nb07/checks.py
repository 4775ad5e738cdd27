"""Questions of notebook 07, "Say a distribution in shadows"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Numbers
from hmlib.check.question import Wrong
from hmlib.check.slips import wrong_sign
from hmlib.course.nb07.solutions import ANSWERS

mismatch, read_off, bound = (ANSWERS[id] for id in ("07.3", "07.6", "07.8"))

SIZES = ((9, 4), (12, 5), (7, 3))
"""(places, functions) of every trial."""


def _families(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Functions on a few places, a base measure, weights and a code."""
    for n, K in SIZES:
        T = rng.normal(size=(n, K))
        yield {
            "eta": rng.normal(size=K),
            "T": T,
            "base": rng.dirichlet(np.full(n, 2.0)),
            "code": rng.dirichlet(np.full(n, 2.0)) @ T,
        }


def _regressions(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Functions and a target on a few places, a code and a ridge that is felt."""
    for n, K in SIZES:
        T = rng.normal(size=(n, K))
        code = rng.dirichlet(np.full(n, 2.0)) @ T
        yield {"T": T, "f": rng.normal(1.0, 1.0, n), "code": code, "rho": rng.uniform(0.05, 0.2)}


def _fits(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """A target on a few places, and what some functions make of it."""
    for n, K in SIZES:
        T, f = rng.normal(size=(n, K)), rng.normal(1.0, 1.0, n)
        # The largest miss is one where the functions give too much.
        alpha = np.linalg.lstsq(T, f, rcond=None)[0]
        rest = f - T @ alpha
        sign = -np.sign(rest[np.abs(rest).argmax()])
        yield {"f": sign * f, "T": T, "alpha": sign * alpha}


def _heights(eta, T, base):
    return base * np.exp(T @ eta)


def _scaled(q):
    return q / q.sum()


def _weights(T, f, rho):
    n, K = T.shape
    return np.linalg.solve(T.T @ T / n + rho * np.eye(K), T.T @ f / n)


def _rest(f, T, alpha):
    return f - T @ alpha


QUESTIONS = (
    Numbers(
        id="07.1",
        title="A code by hand",
        prompt="z is 0, 1 or 2 with probabilities 1/2, 1/4, 1/4. The encodings are T(z) = "
        "[z, z^2, 1]. Give the code, the three averages in this order.",
        names=("average of z", "average of z^2", "average of 1"),
        answer=ANSWERS["07.1"],
        unit="",
        why="Each entry is an average of one function: 1/4 + 2/4, then 1/4 + 4/4, and the constant "
        "has the average 1 under every distribution.",
        otherwise="For each function: its value at 0, 1 and 2, times the probabilities, added up.",
        hints=(
            "An average is a sum over the values of z: probability times what the function gives.",
            "For z^2 the three values are 0, 1 and 4.",
            "The third function is 1 everywhere.",
        ),
        wrong=(
            Wrong(
                "function of the average",
                (0.75, 0.75**2, 1.0),
                "You put the average of z into the functions. Put every z into the function first, "
                "and average after that: the order is the whole point.",
            ),
            Wrong(
                "probabilities left out",
                (1.0, 5 / 3, 1.0),
                "These are averages in which 0, 1 and 2 count the same. Each counts with its "
                "probability.",
            ),
            Wrong(
                "not averaged",
                (3.0, 5.0, 3.0),
                "You added the values of each function. Each value counts with its probability.",
            ),
            Wrong(
                "variance",
                (0.75, 1.25 - 0.75**2, 1.0),
                "The second entry is the variance. The function is z^2: nothing is subtracted.",
            ),
        ),
    ),
    Choice(
        id="07.2",
        title="Spot the slip",
        prompt='A student notes: "Equation 4 is how a distribution is projected, and in equation '
        '2 the recognition model learns the averages." Which correction is right?',
        options={
            "A": "None is needed.",
            "B": "Equation 2 projects the distribution, equation 4 averages it.",
            "C": "Equation 4 turns a value z into numbers. Only equation 2, an average of these "
            "numbers, turns a distribution into a code.",
            "D": "Equation 4 projects the average of z, and equation 2 is that average.",
        },
        answer=ANSWERS["07.2"],
        why="T(z) needs one z and no distribution. The code r is the average of T(z) over z. "
        "Equation 4 projects values, equation 2 averages them.",
        hints=(
            "What do you have to hand over to the function T? And what to compute r?",
            "In the cells above, `tanh` was applied to the places of the grid. When did the "
            "probabilities come in?",
        ),
        replies={
            "A": "T is a function of one value z. It knows of no distribution.",
            "B": "It is the other way round, and T in equation 4 sees single values only.",
            "D": "This is the wrong order: functions of the average. The functions come first, the "
            "average last.",
        },
    ),
    Function(
        id="07.3",
        title="Type the mismatch",
        prompt="Write mismatch(eta, T, base, code), the slope of log Z - eta . code: the averages "
        "of T under q = base exp(eta . T) / Z, minus the code. T is (g, K), a row a place; base is "
        "(g,); eta and code are (K,). The result is (K,).",
        answer=mismatch,
        cases=_families,
        why="The slope of log Z is the average of T under q. Where it equals the code there is no "
        "slope left: the bottom of the bowl is the density that has the code.",
        otherwise="Two checks: q adds up to 1, and if eta is 0 then q is the base.",
        hints=(
            "First the heights: base * np.exp(T @ eta), one number a place.",
            "Divide by their sum. This is q.",
            "The averages of all functions in one go: q @ T.",
        ),
        wrong=(
            wrong_sign(mismatch, "The sign is wrong: averages under q, minus the code."),
            Wrong(
                "eta with the wrong sign",
                lambda eta, T, base, code: _scaled(_heights(-eta, T, base)) @ T - code,
                "The sign in the exponent is wrong: q is base times exp(+ eta . T).",
            ),
            Wrong(
                "no slope taken",
                lambda eta, T, base, code: np.log(_heights(eta, T, base).sum()) - eta @ code,
                "This is the bowl itself, log Z - eta . code. Its slope is wanted, one number for "
                "each function: the averages of T under q, minus the code.",
            ),
            Wrong(
                "base left out",
                lambda eta, T, base, code: _scaled(np.exp(T @ eta)) @ T - code,
                "Your q ignores the base measure: it multiplies exp(eta . T).",
            ),
            Wrong(
                "not normalised",
                lambda eta, T, base, code: _heights(eta, T, base) @ T - code,
                "Your q does not add up to 1. Divide by the sum of all heights, Z.",
            ),
            Wrong(
                "code not subtracted",
                lambda eta, T, base, code: _scaled(_heights(eta, T, base)) @ T,
                "These are the averages under q. Subtract the code.",
            ),
            Wrong(
                "eta left out",
                lambda eta, T, base, code: base @ T - code,
                "These are averages under the base. Multiply it by exp(eta . T), and divide by the "
                "sum.",
            ),
            Wrong(
                "mean over the places",
                lambda eta, T, base, code: T.mean(axis=0) - code,
                "In your average all places count the same. Each counts with its probability q.",
            ),
        ),
    ),
    Choice(
        id="07.4",
        title="Spot the slip again",
        prompt='The same student: "Equation 3 is the training of a variational approximation, '
        'which makes it the distribution of largest entropy." Which correction is right?',
        options={
            "A": "None is needed.",
            "B": "Equation 3 is never trained, nor even computed. It says which distribution we "
            "mean by a code; learning works with the code alone.",
            "C": "Equation 3 is trained in sleep, not in wake.",
            "D": "Equation 3 is trained, but towards the smallest entropy.",
        },
        answer=ANSWERS["07.4"],
        why="The code r is all that learning keeps and changes. Equation 3 defines q, so that one "
        "may speak of KL divergences and of F. You decode here to see what is in a code.",
        hints=(
            "Which of the cells above would you need to compute r, and which to read off E[f]?",
            "Nobody knows eta and Z of a learnt code. Is anything missing without them?",
        ),
        replies={
            "A": "Look for what is trained. Nothing in equation 3 has a learning rule: no machine "
            "in this course changes eta.",
            "C": "Sleep teaches the map from x to the code. Equation 3 is not touched there, "
            "either.",
            "D": "The entropy is the largest. But the slip is another one: it is about training.",
        },
    ),
    Numbers(
        id="07.5",
        title="What a linear code says",
        prompt="A posterior over two causes, P[z1 z2]: 00 has 0.05, 01 has 0.45, 10 has 0.35, 11 "
        "has 0.15. Its linear code is [E z1, E z2, 1], and all four patterns are equally probable "
        "in the base. Which probability does the decode give to 11, and which to 00?",
        names=("decoded 11", "decoded 00"),
        answer=ANSWERS["07.5"],
        unit="",
        why="exp(eta1 z1 + eta2 z2) is a product of one factor for each cause: the causes are "
        "independent. With the means 0.5 and 0.6 that gives 0.5 * 0.6 and 0.5 * 0.4.",
        otherwise="First the two means. Then think of what exp(eta1 z1 + eta2 z2) says about how "
        "the causes depend on each other.",
        hints=(
            "The code keeps two numbers: how often z1 is on, and how often z2 is.",
            "Largest entropy with given means: the causes become independent, as in mean field.",
            "E z1 = 0.35 + 0.15, E z2 = 0.45 + 0.15. Multiply.",
        ),
        wrong=(
            Wrong(
                "the posterior itself",
                (0.15, 0.05),
                "These are the posterior's own. The code has lost them: it keeps two means.",
            ),
            Wrong(
                "uniform",
                (0.25, 0.25),
                "This is the base, whose means are one half. The second mean of the posterior is "
                "another one.",
            ),
            Wrong(
                "the two means",
                (0.5, 0.6),
                "These are the means, E z1 and E z2. The decode makes the causes independent: "
                "multiply.",
            ),
            Wrong("swapped", (0.2, 0.3), "You have the two the other way round."),
        ),
    ),
    Function(
        id="07.6",
        title="Read an average off",
        prompt="Write read_off(T, f, code, rho): the average of f as the code tells it. T is "
        "(n, K), the encodings of n values of z; f is (n,), f at the same values; code is (K,), "
        "and rho is the ridge. First alpha = (T^T T / n + rho I)^-1 T^T f / n, then alpha . code.",
        answer=read_off,
        cases=_regressions,
        why="alpha builds f out of the encodings, once and for all. After that, an average of f "
        "under any distribution costs one product with its code.",
        otherwise="Look at alpha first: it should equal ddc.readout(T, f[:, None], rho)[:, 0].",
        hints=(
            "np.linalg.solve(A, b) gives A^-1 b.",
            "A is T.T @ T / n + rho * np.eye(K), and b is T.T @ f / n.",
            "Return alpha @ code, one number.",
        ),
        wrong=(
            Wrong(
                "regression left out",
                lambda T, f, code, rho: code @ (T.T @ f) / len(T),
                "You took averages of T times f as weights. Encodings overlap, so these count the "
                "same thing many times: solve with T^T T / n + rho I.",
            ),
            Wrong(
                "ridge left out",
                lambda T, f, code, rho: code @ np.linalg.lstsq(T, f, rcond=None)[0],
                "This is least squares without the ridge rho.",
            ),
            Wrong(
                "ridge not to scale",
                lambda T, f, code, rho: code @ _weights(T, f, rho / len(T)),
                "You did not divide T^T T and T^T f by n, so that your ridge counts n times less.",
            ),
            Wrong(
                "n of the notebook",
                lambda T, f, code, rho: (
                    code
                    @ np.linalg.solve(T.T @ T / 2000 + rho * np.eye(T.shape[1]), T.T @ f / 2000)
                ),
                "You divided by 2000, the number of values in the cell above. Here it is n, the "
                "number of rows of T: len(T).",
            ),
            Wrong(
                "f not averaged",
                lambda T, f, code, rho: len(T) * (code @ _weights(T, f, rho)),
                "Your result is n times too large: T^T f has to be divided by n as well.",
            ),
            Wrong(
                "average over the values",
                lambda T, f, code, rho: f.mean(),
                "This is the average of f over the n values that alpha is learnt from. The code "
                "belongs to another distribution: use it.",
            ),
            Wrong(
                "code left out",
                lambda T, f, code, rho: _weights(T, f, rho),
                "These are the weights alpha. Multiply them by the code, and add up.",
            ),
            Wrong(
                "f out of encodings",
                lambda T, f, code, rho: T @ _weights(T, f, rho),
                "This is f as the encodings build it, at each of the n values. Its average under "
                "the distribution is alpha . code.",
            ),
        ),
    ),
    Numbers(
        id="07.7",
        title="The code of a mixture",
        prompt="Two distributions have the codes (0.2, 0.8) and (0.6, -0.4), under the same two "
        "encodings. What is the code of their mixture, 1/4 of the first and 3/4 of the second?",
        names=("first entry", "second entry"),
        answer=ANSWERS["07.7"],
        unit="",
        why="An average over a mixture is the mixture of the averages: 1/4 of the one and 3/4 of "
        "the other.",
        otherwise="Take each entry by itself: 1/4 of the first code's and 3/4 of the second's. "
        "Mind the minus sign.",
        hints=(
            "With probability 1/4 a value comes from the first distribution. What is T then, on "
            "average?",
            "1/4 * 0.2 + 3/4 * 0.6, and the same for the second entry.",
        ),
        wrong=(
            Wrong(
                "halves",
                (0.4, 0.2),
                "You mixed them in equal parts. The first has 1/4, the second 3/4.",
            ),
            Wrong("shares swapped", (0.3, 0.5), "You gave 3/4 to the first and 1/4 to the second."),
            Wrong(
                "product",
                (0.12, -0.32),
                "You multiplied the entries. A mixture adds densities, with their shares; the code "
                "does the same.",
            ),
            Wrong("sum", (0.8, 0.4), "You added the codes. Each counts with its share."),
        ),
    ),
    Function(
        id="07.8",
        title="Bound what cannot be seen",
        prompt="Write bound(f, T, alpha): the most by which the averages of f can differ between "
        "two distributions with the same code, as far as the weights alpha can tell. f is (g,), "
        "T is (g, K) and alpha is (K,). It is 2 max |f - alpha . T|, over all places.",
        answer=bound,
        cases=_fits,
        why="The averages of alpha . T are the same under both. What is left of f is at most "
        "max |f - alpha . T| anywhere, and its average can be that large with either sign.",
        otherwise="The rest f - T @ alpha has one number for each place. Which one counts?",
        hints=(
            "The rest of f is f - T @ alpha.",
            "Its average under the one distribution is at most the largest |rest|, under the other "
            "at least minus that.",
            "np.abs(...).max(), twice.",
        ),
        wrong=(
            Wrong(
                "once for twice",
                lambda f, T, alpha: np.abs(_rest(f, T, alpha)).max(),
                "This bounds how far one average is from the read-off. Two averages can lie on "
                "either side of it: twice as far.",
            ),
            Wrong(
                "mean for max",
                lambda f, T, alpha: 2 * np.abs(_rest(f, T, alpha)).mean(),
                "You averaged over the places. Distributions that lie on the worst place alone are "
                "not excluded: take the largest.",
            ),
            Wrong(
                "root mean square",
                lambda f, T, alpha: 2 * np.sqrt((_rest(f, T, alpha) ** 2).mean()),
                "A root mean square lets the worst place hide behind the others. Take the largest.",
            ),
            Wrong(
                "range of the rest",
                lambda f, T, alpha: np.ptp(_rest(f, T, alpha)),
                "Largest rest minus smallest: this is a bound, too, and never a looser one. Well "
                "seen. The one asked for is 2 max |rest|; where the constant is among the "
                "encodings, the best alpha makes the two the same.",
            ),
            Wrong(
                "added up over the places",
                lambda f, T, alpha: 2 * np.abs(_rest(f, T, alpha)).sum(),
                "You added up over the places. An average is never above the largest value: take "
                "the largest |rest|.",
            ),
            Wrong(
                "no largest taken",
                lambda f, T, alpha: 2 * np.abs(_rest(f, T, alpha)),
                "This is 2 |rest| at every place. One number is wanted, the largest of these.",
            ),
            Wrong(
                "sign kept",
                lambda f, T, alpha: 2 * _rest(f, T, alpha).max(),
                "The functions may also give too much: take absolute values before the largest.",
            ),
            Wrong(
                "f itself",
                lambda f, T, alpha: 2 * np.abs(f).max(),
                "This is the bound without any code. Subtract what the code does see, T @ alpha.",
            ),
        ),
    ),
    Choice(
        id="07.9",
        title="Is it compressed sensing?",
        prompt="The student's note goes on: \"'shadows' of the posterior in random projections. "
        'This is similar to the aim of compressed sensing." Where does the comparison fail?',
        options={
            "A": "It does not: a few random projections stand for something large in both.",
            "B": "Compressed sensing needs many more projections.",
            "C": "In compressed sensing projections are random, while the encodings are learnt.",
            "D": "Compressed sensing is linear and counts on sparsity. Encodings are non-linear "
            "functions of z, nothing is sparse, and nothing has to be recovered.",
        },
        answer=ANSWERS["07.9"],
        why="Averages are linear in the distribution, and there the likeness ends. Kernel mean "
        "embeddings, averages of many functions of z that stand for its distribution, are a nearer "
        "relative.",
        hints=(
            "Which assumption makes it possible to recover a signal from few projections?",
            "What would averages of linear projections of z keep of a distribution? You had it "
            "before exercise 07.5.",
        ),
        replies={
            "A": "If the projections of z were linear, their averages would be means of z and "
            "nothing else. And compressed sensing assumes something about its signal.",
            "B": "The number is not the difference. Ask what is assumed about the signal, and what "
            "sort of function a projection is.",
            "C": "The encodings are random and fixed, too.",
        },
    ),
    Numbers(
        id="07.10",
        title="A jump, read off by hand",
        prompt="z is -1, 0 or 1. The encodings are T(z) = [z, 1], and f(z) is 1 if z is 1 and 0 "
        "otherwise. alpha is found by least squares, in which the three places count the same. A "
        "distribution gives them 0.3, 0.5, 0.2. What is read off for E[f]? And what is the bound, "
        "2 max |f - alpha . T|?",
        names=("read off", "bound"),
        answer=ANSWERS["07.10"],
        unit="",
        why="alpha = (1/2, 1/3), and the code is (-0.1, 1): 1/3 - 0.05 is read off. The rest is "
        "1/6, -1/3, 1/6, so the bound is 2/3. The true average, 0.2, is well within it.",
        otherwise="For alpha: the slope is sum(z f) / sum(z^2) here, since z adds up to 0; the "
        "other is the mean of f over the places. Read off: slope times E z, plus the other. Bound: "
        "take f minus alpha . T at the three places, and twice the largest of the sizes.",
        hints=(
            "Steps 1 and 2 of the worked example. The slope is 1/2, and the value at 0 is 1/3.",
            "The code is (E z, 1) = (0.2 - 0.3, 1).",
            "f built out of the encodings is -1/6, 1/3, 5/6. Subtract it from 0, 0, 1.",
        ),
        wrong=(
            Wrong(
                "the true average",
                (0.2, 2 / 3),
                "0.2 is the true average. The code does not know it: read off alpha . code. The "
                "bound is right.",
            ),
            Wrong(
                "once for twice",
                (ANSWERS["07.10"][0], 1 / 3),
                "What is read off is right. The bound is twice the largest |rest|: averages can "
                "lie on either side.",
            ),
            Wrong(
                "mean over the places",
                (1 / 3, 2 / 3),
                "1/3 is the mean of f over the places, without the code. Add the slope times E z. "
                "The bound is right.",
            ),
            Wrong(
                "constant left out",
                (-0.05, 2 / 3),
                "You read off the slope times E z. The second entry of the code, the average of 1, "
                "counts too. The bound is right.",
            ),
            Wrong(
                "sign of the mean",
                (1 / 3 + 0.05, 2 / 3),
                "E z is 0.2 - 0.3, below 0. The bound is right.",
            ),
        ),
    ),
)
