"""Questions of notebook 10, "Does it work?"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Decoy, Number, Numbers, Order
from hmlib.check.question import Wrong
from hmlib.check.slips import wrong_sign
from hmlib.course.nb10.solutions import ANSWERS

contract, mmd2 = ANSWERS["10.3"], ANSWERS["10.4"]
ANY_FALSE = ANSWERS["10.6"]


def _jacobians(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Statistics (n, n_y, s) and Jacobians (n, n_y, s, s): no shape gives a wrong sum away."""
    for n, n_y, s, k in ((5, 3, 2, 2), (4, 2, 3, 3), (6, 4, 2, 2), (3, 5, 4, 4), (7, 3, 2, 2)):
        yield {"S": rng.standard_normal((n, n_y, s)), "J": rng.standard_normal((n, n_y, s, k))}


def _samples(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Two samples of different sizes, and a width of the kernel."""
    for n, m, d in ((6, 9, 2), (12, 5, 3), (8, 7, 1), (10, 14, 2)):
        x, y = rng.standard_normal((n, d)), 0.5 + 1.5 * rng.standard_normal((m, d))
        yield {"x": x, "y": y, "s": float(rng.uniform(0.6, 1.4))}


def _kernel(a, b, s, square=2.0):
    return np.exp(-((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2) / (square * s**2))


def _within(a, s, square=2.0):
    k = _kernel(a, a, s, square)
    return (k.sum() - np.trace(k)) / (len(a) * (len(a) - 1))


def _by_distance(x, y, s):
    def kernel(a, b):
        return np.exp(-np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)) / (2 * s**2))

    def within(a):
        k = kernel(a, a)
        return (k.sum() - len(a)) / (len(a) * (len(a) - 1))

    return within(x) + within(y) - 2 * kernel(x, y).mean()


def _wrong_index(S, J):
    """Summed over the last index of J, which is that of the parameters."""
    return np.einsum("nik,nisk->nis", S, J)


QUESTIONS = (
    Numbers(
        id="10.1",
        title="The code of the constant",
        prompt="Two dreams, at x = 1 and at x = 3. The only feature is phi(x) = x: no bias, no "
        "constant, and no ridge either. The last encoding of z is the constant 1. Least squares "
        "learns its code, r(x) = a phi(x). Give r at x = 0, at x = 1 and at x = 5.",
        names=("r(0)", "r(1)", "r(5)"),
        answer=ANSWERS["10.1"],
        unit="",
        why="a = E[phi 1] / E[phi^2] = 2 / 5. The mean of 1 is 1 for every x; this code says 0 at "
        "the origin and 2 at x = 5, and every other code is bent in the same way.",
        otherwise="Find a first: the least squares weight is E[phi T] / E[phi^2] over the dreams.",
        hints=(
            "The target is 1 for both dreams. a makes (a 1 - 1)^2 + (a 3 - 1)^2 least.",
            "The slope of that in a is 2 (a - 1) + 6 (3 a - 1). Where is it 0?",
            "a = 4 / 10.",
        ),
        wrong=(
            Wrong(
                "as it should be",
                (1.0, 1.0, 1.0),
                "That is what the mean of the constant is, and what these features cannot say: at "
                "x = 0 the feature is 0, and so is its code.",
            ),
            Wrong(
                "through the mean",
                (0.0, 0.5, 2.5),
                "You took a = 1 / E[phi]. Least squares weighs the far dream more: a = E[phi] / "
                "E[phi^2].",
            ),
            Wrong(
                "sum for mean",
                (0.0, 0.8, 4.0),
                "Your a is twice too large: both E[phi] and E[phi^2] are means over two dreams, or "
                "both are sums.",
            ),
            Wrong(
                "turned over",
                (0.0, 2.5, 12.5),
                "Your a is E[phi^2] / E[phi]. Turn the fraction over.",
            ),
            Wrong(
                "each dream alone",
                (0.0, 2 / 3, 10 / 3),
                "You averaged the weights that each dream would want for itself, 1 and 1/3. There "
                "is one regression over both.",
            ),
        ),
    ),
    Choice(
        id="10.2",
        title="Read the gauges",
        prompt="A patient: R^2 of the codes .99, nothing learnt by heart, the code of the constant "
        "right. Held-out R^2 of the read-outs .48. The ridge leaves 27 features of x, as in a "
        "healthy machine, and 2.0 encodings of z_1 where a healthy one has 7.5. Which switch is "
        "on?",
        options={
            "A": "ridge too large",
            "B": "too few functions",
            "C": "nearly affine encodings",
            "D": "one gradient step a night",
            "E": "features without a constant",
        },
        answer=ANSWERS["10.2"],
        why="Forty encodings that are all straight lines on the dreams are two functions, z_1 and "
        "the constant. They are easy to predict and say little.",
        hints=(
            "One side of the machine is as it should be: the features of x. Which switches would "
            "touch them as well?",
            "There are 42 encodings, and the ridge hears two. What do 42 functions of one number "
            "look like if only two are different?",
        ),
        replies={
            "A": "A large ridge silences the features of x as well: of them, too, only a few would "
            "be left.",
            "B": "With few functions on both sides the features of x would be few as well. Here "
            "they are as many as in a healthy machine.",
            "D": "Slow regressions leave the functions as they are: the ridge would leave 7.5 "
            "encodings. And the codes would be worse than .99.",
            "E": "Without a constant among the features the code of the constant is far off, and "
            "here it is right.",
        },
    ),
    Function(
        id="10.3",
        title="Sum over the statistics",
        prompt="Write contract(S, J): for statistics S of shape (n, n_y, s) and Jacobians J of "
        "shape (n, n_y, s, k), the products S^T J of every row and unit, shape (n, n_y, k). That "
        "is sum over s of S[n, i, s] J[n, i, s, k].",
        answer=contract,
        cases=_jacobians,
        why="Each parameter adds up what it does to all statistics of its unit. Where s = k, only "
        "the numbers can tell the right sum from the wrong one: hold them against central "
        "differences.",
        otherwise='np.einsum takes the letters of the formula: "nis,nisk->nik".',
        hints=(
            "The letter that stands in both factors and not in the result is summed over. Which?",
            'np.einsum("...,...->nik", S, J): fill in the letters of S and of J.',
            "Without einsum: (S[..., None] * J).sum(axis=2).",
        ),
        wrong=(
            Wrong(
                "the wrong index",
                _wrong_index,
                "You summed over the last index of J, that of the parameters. Where s = k every "
                "shape is right, and the numbers are wrong: this is the fifth trap.",
            ),
            Wrong(
                "units summed",
                lambda S, J: np.einsum("nis,nisk->nk", S, J),
                "You also summed over the units. Each has parameters of its own: keep the index i.",
            ),
            Wrong(
                "rows averaged",
                lambda S, J: np.einsum("nis,nisk->ik", S, J) / len(S),
                "You averaged over the rows. Keep one product for each row; the average comes "
                "later.",
            ),
            Wrong(
                "mean for sum",
                lambda S, J: np.einsum("nis,nisk->nik", S, J) / S.shape[2],
                "You took the mean over the statistics. It is a product of a vector and a matrix: "
                "sum.",
            ),
            Wrong(
                "not summed",
                lambda S, J: S[..., None] * J,
                "The products are right and still to be summed, over the index of the statistics, "
                "axis 2.",
            ),
            wrong_sign(contract),
        ),
    ),
    Function(
        id="10.4",
        title="MMD^2, without bias",
        prompt="Write mmd2(x, y, s) for samples x (n, d) and y (m, d): the mean of the kernel "
        "over pairs of different points of x, plus that over pairs of different points of y, "
        "less twice the mean over all pairs of a point of x and a point of y. The kernel is "
        "exp(-|a - b|^2 / (2 s^2)).",
        answer=mmd2,
        cases=_samples,
        why="Leaving out the pairs of a point with itself makes the mean over many samples of one "
        "and the same distribution exactly 0: so it may fall below 0.",
        otherwise="Three means of kernels: two over different points, n (n - 1) of them, and one "
        "over all n m pairs.",
        hints=(
            "All differences at once: x[:, None, :] - y[None, :, :], shape (n, m, d).",
            "A point is at distance 0 from itself, so its kernel is 1: subtract n from the sum of "
            "the kernel over x and x, and divide by n (n - 1).",
            "within(x) + within(y) - 2 * kernel(x, y).mean().",
        ),
        wrong=(
            Wrong(
                "points paired with themselves",
                lambda x, y, s: (
                    _kernel(x, x, s).mean() + _kernel(y, y, s).mean() - 2 * _kernel(x, y, s).mean()
                ),
                "You counted each point with itself, where the kernel is 1. This is the biased "
                "MMD^2: above 0 even for two samples of one distribution. Leave the diagonal out.",
            ),
            Wrong(
                "diagonal out, divisor kept",
                lambda x, y, s: (
                    _within(x, s) * (len(x) - 1) / len(x)
                    + _within(y, s) * (len(y) - 1) / len(y)
                    - 2 * _kernel(x, y, s).mean()
                ),
                "The diagonal is left out of the sums but not of the number of pairs: divide by "
                "n (n - 1), not by n^2.",
            ),
            Wrong(
                "across once",
                lambda x, y, s: _within(x, s) + _within(y, s) - _kernel(x, y, s).mean(),
                "Subtract the mean across twice, as in (a - b)^2 = a^2 + b^2 - 2 a b.",
            ),
            Wrong(
                "kernel without the 2",
                lambda x, y, s: (
                    _within(x, s, 1.0) + _within(y, s, 1.0) - 2 * _kernel(x, y, s, 1.0).mean()
                ),
                "Your kernel is exp(-|a - b|^2 / s^2). Divide by 2 s^2.",
            ),
            Wrong(
                "square of s forgotten",
                lambda x, y, s: (
                    _within(x, np.sqrt(s))
                    + _within(y, np.sqrt(s))
                    - 2 * _kernel(x, y, np.sqrt(s)).mean()
                ),
                "Your kernel is exp(-|a - b|^2 / (2 s)). The width is squared.",
            ),
            Wrong(
                "distance not squared",
                _by_distance,
                "Your kernel is exp(-|a - b| / (2 s^2)): do not take the root of the sum of "
                "squares.",
            ),
            wrong_sign(mmd2),
        ),
    ),
    Choice(
        id="10.5",
        title="What does p say?",
        prompt="The relative-MMD test holds dreams of A and dreams of B beside held-out data and "
        "says p = 0.003 for 'A is closer than B'. What does that mean?",
        options={
            "A": "A is the better model with probability 0.997.",
            "B": "If A and B were equally far from the data, so clear a difference in favour of A "
            "would be seen in 3 samples of 1000.",
            "C": "The MMD of A is 0.003, so A is almost perfect.",
            "D": "A and B differ by 0.3 %.",
        },
        answer=ANSWERS["10.5"],
        why="A p-value is the chance of such data if there were no difference. It says nothing of "
        "how far both are from the data, and nothing of what another seed would give.",
        hints=(
            "A p-value is a probability of samples, under an assumption. Which assumption?",
            "Two poor models may have a tiny p between them. So what can p not be?",
        ),
        replies={
            "A": "That would be a probability of a statement about models, given the samples. p "
            "is a probability of samples, given that the models are equally far.",
            "C": "p belongs to a comparison of two. Both may be far from the data, and p as "
            "small as you like.",
            "D": "p does not measure the difference: with more dreams a difference of the same "
            "size gets a smaller p.",
        },
    ),
    Number(
        id="10.6",
        title="Twenty-five tries",
        prompt="Two methods are in truth equally good. They are compared on 25 data sets, with an "
        "honest test at p < 0.01 for 'A is closer'. What is the probability that at least one of "
        "the 25 tests says so?",
        answer=ANY_FALSE,
        unit="",
        why="1 - 0.99^25, more than one in five. So the whole table is printed, and not the data "
        "set that came out best.",
        otherwise="Begin with the probability that none of them says so.",
        hints=(
            "One test keeps silent with probability 0.99. And all 25?",
            "They are independent: 0.99^25 is the probability that none speaks.",
        ),
        wrong=(
            Wrong(
                "added up",
                0.25,
                "You added 25 times 0.01. That is how many false verdicts to expect; the "
                "probability of at least one is a little lower.",
            ),
            Wrong(
                "a single test",
                0.01,
                "This is the probability for one data set. There are 25 of them.",
            ),
            Wrong(
                "none of them",
                0.99**25,
                "This is the probability that none speaks. Take it away from 1.",
            ),
            Wrong(
                "exactly one",
                25 * 0.01 * 0.99**24,
                "This is the probability of exactly one. Two or more count as well.",
            ),
        ),
        atol=2e-3,
    ),
    Choice(
        id="10.7",
        title="Spot the slip",
        prompt="A sentence from a report: 'On the ring, with one layer of latents, we woke by "
        "score: the scores of dreams were regressed on features of x. Its MMD is below that of the "
        "IWAE, which shows that distributed distributional codes work.' What is wrong?",
        options={
            "A": "A regression on features of x is not allowed: x is not latent.",
            "B": "An IWAE cannot be trained on a ring, so the comparison is unfair.",
            "C": "MMD is of no use on the ring: only a log likelihood counts.",
            "D": "With one layer of latents, score uses no code at all: it shows that score works, "
            "not that codes do.",
        },
        answer=ANSWERS["10.7"],
        why="The bottom layer of score goes from features of x straight to the gradient. Codes "
        "come in above it, so a single layer has none. A table has to name the mode.",
        hints=(
            "Go through score on a chain with one layer of latents. Where would r_1(x) be used?",
            "In notebook 09: which layers of a chain does score read off codes?",
        ),
        replies={
            "A": "It is allowed, and it works well: averages of the gradient given x are what wake "
            "needs. It only should not be called by another name.",
            "B": "An IWAE can learn a ring, and it is a fair rival. The slip is in the last half "
            "of the sentence.",
            "C": "Both belong in a table, and neither is of no use. The slip is in what is said to "
            "have been shown.",
        },
    ),
    Order(
        id="10.8",
        title="A fair comparison, in order",
        prompt="Put the lines in order. Two do not belong.",
        lines={
            "A": "judge all runs on test data drawn anew for each seed",
            "B": "tune every method with the same budget, on seeds kept for tuning",
            "C": "print the whole table, with spread and seconds, as it comes out",
            "D": "write down data, methods, measures and seeds",
            "E": "leave out the seeds on which one of the methods ran away",
            "F": "train every method on fresh seeds, from the same start, for the same seconds",
            "G": "choose for each run the step with the lowest MMD on the test data",
        },
        answer=ANSWERS["10.8"],
        why="What is decided after looking at the result is part of the result. A run that ran "
        "away is one of the things to be said.",
        otherwise="What has to be fixed before anybody has seen a number?",
        hints=(
            "The first line is written before anything is run.",
            "Tuning comes before the runs that count, and on other seeds.",
        ),
        decoys={
            "E": Decoy(
                "C",
                "A seed on which a method runs away says something about that method: it stays in "
                "the table.",
            ),
            "G": Decoy(
                "A",
                "Choosing by the test data makes them training data. The last step counts, or one "
                "chosen on other data.",
            ),
        },
        wrong=(
            Wrong(
                "tuned on the seeds that count",
                "DFBAC",
                "You tuned after the runs that count. Tune first, on other seeds; otherwise the "
                "seeds that count have been used up.",
            ),
            Wrong(
                "written down last",
                "BFACD",
                "You wrote down last what to measure. Then it is chosen with the result in sight: "
                "write it down first.",
            ),
        ),
    ),
)
