"""Questions of notebook 01, "Meet the two models"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hmlib import exact
from hmlib.binary import log_bernoulli, sigmoid
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Decoy, Number, Order
from hmlib.check.question import Wrong
from hmlib.check.slips import averaged, in_bits, summed
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.machines import machines
from hmlib.course.nb01.solutions import ANSWERS

# The lawn with round numbers: tables over neither, sprinkler, rain, both.
PRIOR = np.array([0.48, 0.12, 0.32, 0.08])
P_WET = np.array([0.1, 0.5, 0.5, 0.9])
NEITHER, SPRINKLER, RAIN, BOTH = PRIOR * P_WET
WET_AT_ALL = NEITHER + SPRINKLER + RAIN + BOTH

ROUND = (
    "Rain falls with probability 0.4, and the sprinkler is on with probability 0.2, independently. "
    "The lawn is wet with probability 0.1 if neither happened, 0.5 if one of the two did, and 0.9 "
    "if both did."
)


def _recognitions(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    return ({"rec": case["rec"], "u": case["u"]} for case in machines(rng))


def _generatives(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    return ({"gen": case["gen"], "u": case["u"]} for case in machines(rng))


def _pairs(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """A machine, and causes and inputs of the same data points."""
    for case in _generatives(rng):
        v = rng.integers(0, 2, (len(case["u"]), case["gen"].n_v)).astype(np.float64)
        yield {"gen": case["gen"], "v": v, "u": case["u"]}


def _strengths(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    return ({"s": round(s, 2)} for s in (0.7, 2.0, *rng.uniform(1.0, 5.0, 3)))


def _drive(rec, u):
    return u @ rec.W.T + rec.w


def _log_prior(gen, v):
    return log_bernoulli(v, gen.g)


def _log_likelihood(gen, v, u):
    return log_bernoulli(u, gen.drive(v))


def _on_only(gen, v, u):
    """The factors of the units that are off left out."""
    f_g, f_x = sigmoid(gen.g), sigmoid(gen.drive(v))
    return (v * np.log(f_g)).sum(axis=1) + (u * np.log(f_x)).sum(axis=1)


def _without_h(gen, v, u):
    return _log_prior(gen, v) + log_bernoulli(u, v @ gen.G.T)


def _averaged_units(gen, v, u):
    return _log_prior(gen, v) / gen.n_v + _log_likelihood(gen, v, u) / gen.n_u


def _turned_over(gen, v, u):
    """f for the units that are off, and 1 - f for those that are on."""
    return log_bernoulli(1 - v, gen.g) + log_bernoulli(1 - u, gen.drive(v))


def _joint(gen, u):
    return np.exp(exact.log_joint(gen, u))


def _prior_table(gen, u):
    prior = np.exp(_log_prior(gen, exact.states(gen.n_v)))
    return np.tile(prior, (len(u), 1))


def _likelihood_table(gen, u):
    return _joint(gen, u) / _prior_table(gen, u)


def _shares(table, axis=1):
    return table / table.sum(axis=axis, keepdims=True)


def _mirrored(n_v):
    """Places of the patterns read from the last cause to the first."""
    return (exact.states(n_v) @ 2.0 ** np.arange(n_v)).astype(int)


def _product_of_marginals(gen, u):
    q = exact.posterior(gen, u) @ exact.states(gen.n_v)
    return exact.factorised_table(np.clip(q, 0, 1))


QUESTIONS = (
    Order(
        id="01.1",
        title="Put a dream in order",
        prompt="These lines dream n times with a machine gen = Generative(g, G, h), where f is the "
        "logistic function. Put them in order. Two lines do not belong.",
        lines={
            "A": "v = (rng.random((n, gen.n_v)) < p).astype(float)",
            "B": "u = (rng.random((n, gen.n_u)) < f(x)).astype(float)",
            "C": "x = p @ gen.G.T + gen.h",
            "D": "p = f(gen.g)",
            "E": "u = f(x)",
            "F": "x = v @ gen.G.T + gen.h",
        },
        answer=ANSWERS["01.1"],
        why="Causes first: flip a coin for each with its own probability. Then the inputs, given "
        "the causes that came up. This is called ancestral sampling: parents before children.",
        otherwise="Ask of every line whether all it uses has been made before it.",
        hints=(
            "A dream runs from the top down. What has to be known before the inputs can be driven?",
            "Four lines: a probability, a coin flip, a total input, a coin flip.",
            "Begin with D. The input units are driven by causes that are on or off, not by their "
            "probabilities.",
        ),
        decoys={
            "C": Decoy(
                "F",
                "Line C drives the inputs with probabilities of causes. In a dream every cause is "
                "on or off before it drives anything.",
            ),
            "E": Decoy(
                "B",
                "Line E makes u a probability. Units are binary: a coin must be flipped for each.",
            ),
        },
        wrong=(
            Wrong(
                "inputs before causes",
                "FBDA",
                "Line F uses v, and no cause has been drawn yet. A dream begins at the top.",
            ),
            Wrong(
                "backwards",
                "BFAD",
                "This is the dream backwards: it begins with the inputs. The causes come first.",
            ),
            Wrong(
                "driven too early",
                "DFAB",
                "D is right, but F already uses v. Flip the coins of the causes first.",
            ),
        ),
    ),
    Choice(
        id="01.2",
        title="Spot the slip: feedforward and feedback",
        prompt='A student\'s notes call x = G v + h "the feedforward layer" of the generative '
        'model, and y = W u + w "the feedback layer" of the recognition model. Feedforward means: '
        "from the inputs up, away from the world. What should be said?",
        options={
            "A": "Nothing: the notes are right as they stand.",
            "B": "Both are feedforward, since neither has a loop.",
            "C": "The names are the wrong way round: G runs top-down, from causes to inputs, and W "
            "bottom-up, from inputs to causes.",
            "D": "The names are right and the letters are swapped: it should be x = W u + w and "
            "y = G v + h.",
        },
        answer=ANSWERS["01.2"],
        why="x is the drive to the inputs u and comes from the causes above them: top-down. y is "
        "the drive to the causes v and comes from the inputs below: bottom-up, or feedforward.",
        hints=(
            "For each formula, ask where the numbers come from and which units they drive.",
            "In G v + h the matrix is applied to v. Do causes stand above or below the inputs?",
        ),
        replies={
            "A": "Look at what each matrix is applied to. G is applied to the causes, which stand "
            "at the top.",
            "B": "There is no loop in either, but there is a direction: one runs from causes to "
            "inputs, the other from inputs to causes.",
            "D": "The formulas are right: the generative model is G = {g, G, h}, and it drives the "
            "inputs. It is the words that are wrong.",
        },
    ),
    Function(
        id="01.3",
        title="Type the recognition model",
        prompt="Write recognition_probabilities(rec, u). It returns the probability that each "
        "cause is on, Q[v_a = 1|u] = f(y_a) with y = W u + w, for every row of u: shape (n, n_v). "
        "The parameters are rec.W, shape (n_v, n_u), and rec.w, shape (n_v,).",
        answer=ANSWERS["01.3"],
        cases=_recognitions,
        why="One matrix product and one f, and all causes of all inputs are guessed at once. "
        "Nothing is summed over patterns: that is what makes recognition cheap.",
        otherwise="Compute one row and one cause by hand, with rec.W[0], rec.w[0] and u[0].",
        hints=(
            "First y, then f(y) = 1 / (1 + exp(-y)).",
            "Rows of u are data points, so W u for all rows at once is u @ rec.W.T.",
            "y = u @ rec.W.T + rec.w has shape (n, n_v); w is added to every row.",
        ),
        wrong=(
            Wrong(
                "w forgotten",
                lambda rec, u: sigmoid(u @ rec.W.T),
                "The biases w are missing: y = W u + w. Without them a cause with no input on is "
                "guessed at one half.",
            ),
            Wrong(
                "f forgotten",
                _drive,
                "This is y, the total input. A probability lies between 0 and 1: apply f to y.",
            ),
            Wrong(
                "probability of being off",
                lambda rec, u: sigmoid(-_drive(rec, u)),
                "This is 1 - f(y), the probability that each cause is off. Look at the sign in "
                "the exponent of f.",
            ),
            Wrong(
                "log of the probability",
                lambda rec, u: np.log(sigmoid(_drive(rec, u))),
                "This is the logarithm of the right answer. Return the probability itself.",
            ),
            Wrong(
                "softmax",
                lambda rec, u: _shares(np.exp(_drive(rec, u))),
                "Your causes share one probability that sums to 1 over the causes. Here each cause "
                "has a coin of its own: f(y_a), and several can be on.",
            ),
            Wrong(
                "one axis too few",
                lambda rec, u: np.prod(sigmoid(_drive(rec, u)), axis=1),
                "You multiplied over the causes: this is the probability that all are on. Keep "
                "one number for each cause, shape (n, n_v).",
            ),
            Wrong(
                "transposed",
                lambda rec, u: sigmoid(_drive(rec, u)).T,
                "The numbers are right and the table lies on its side: rows are data points, "
                "columns are causes, shape (n, n_v).",
            ),
            Wrong(
                "bias subtracted",
                lambda rec, u: sigmoid(u @ rec.W.T - rec.w),
                "The bias came in with the wrong sign: y = W u + w.",
            ),
            Wrong(
                "coins flipped at one half",
                lambda rec, u: (_drive(rec, u) > 0).astype(float),
                "You rounded to 0 or 1. Return the probabilities; a coin decides later.",
            ),
        ),
    ),
    Choice(
        id="01.4",
        title="Spot the slip: an index",
        prompt="A student's notes give the recognition model as Q[v|u; W] = prod_a f(y_b)^v_b "
        "(1 - f(y_b))^(1 - v_b), with y = W u + w. The index a counts causes, b counts inputs. "
        "Which formula is meant?",
        options={
            "A": "prod_b f(y_b)^v_b (1 - f(y_b))^(1 - v_b): a product over the inputs.",
            "B": "prod_a f(y_a)^v_a (1 - f(y_a))^(1 - v_a): a product over the causes.",
            "C": "prod_a f(y_a)^u_a (1 - f(y_a))^(1 - u_a): a product over the causes, of the "
            "inputs.",
            "D": "prod_a prod_b f(y_b)^v_a (1 - f(y_b))^(1 - v_a): a product over all pairs.",
        },
        answer=ANSWERS["01.4"],
        why="y has one entry for each cause, and Q is a probability of causes: one factor a cause, "
        "so the index is a throughout.",
        hints=(
            "Of what is Q a probability: of causes or of inputs?",
            "How long is the vector y = W u + w, n_v or n_u? Its index is the one in the formula.",
        ),
        replies={
            "A": "b counts inputs, but v and y have one entry for each cause. A product over the "
            "inputs would go past the end of y, or stop too early.",
            "C": "Q is a probability of the causes v, given the inputs u. The exponents are "
            "entries of v.",
            "D": "Each cause has one coin, so one factor. A product over pairs would count every "
            "cause as often as there are inputs.",
        },
    ),
    Choice(
        id="01.5",
        title="Spot the slip: not invertible",
        prompt="A student's notes say: \"The generative model is not invertible, so the "
        'recognition model uses an approximation." Why is this not quite right?',
        options={
            "A": "The generative model is invertible: x = G v + h can be solved for v.",
            "B": "The inverse does not exist because the causes are drawn at random.",
            "C": "The recognition model is no approximation: it is the inverse.",
            "D": "The inverse P[v|u] always exists, by Bayes' rule. It is intractable: the sum in "
            "it runs over 2**n_v patterns.",
        },
        answer=ANSWERS["01.5"],
        why="Any joint table can be turned around, so the inverse is there. With many causes "
        "nobody can afford it in general: that is what intractable means.",
        hints=(
            "You computed the inverse of the wet lawn yourself. What did it cost?",
            "What happens to the cost when there are 100 causes?",
        ),
        replies={
            "A": "Solving x = G v + h would need x, and only u is seen, which is the result of "
            "coin flips with probabilities f(x).",
            "B": "Random causes are no obstacle: Bayes' rule gives a probability for every "
            "pattern, and you have computed it.",
            "C": "Q has one probability for each cause. The true inverse of the wet lawn cannot be "
            "written that way.",
        },
    ),
    Choice(
        id="01.6",
        title="Where can Q be exact?",
        prompt="For which generative model is the posterior P[v|u] a product over the causes for "
        "every input u, so that a Q could be exact?",
        options={
            "A": "Two causes drive one input, both with strong weights.",
            "B": "Two causes drive four inputs: the first cause only inputs 1 and 2, the second "
            "only inputs 3 and 4.",
            "C": "Two causes drive four inputs, each of them all four with weights that are not 0.",
            "D": "Any model, since the prior P[v] is a product over the causes.",
        },
        answer=ANSWERS["01.6"],
        why="P[v,u] then splits into a part with the first cause and its inputs and a part with "
        "the second and its own. Nothing is left for the two to compete about.",
        hints=(
            "Two causes become dependent when they can explain the same input.",
            "Look for the model in which no input is driven by both causes.",
        ),
        replies={
            "A": "This is the wet lawn: one input, two causes that can explain it. The stronger "
            "the weights, the more they explain each other away.",
            "C": "Every input is driven by both causes, so the two compete to explain each of "
            "them.",
            "D": "Causes that are independent before anything is seen become dependent once a "
            "shared input is seen. That is explaining away.",
        },
    ),
    Function(
        id="01.7",
        title="Told that it rained",
        prompt="Write sprinkler_if_rain(s). It returns P[sprinkler | wet, rain] of the machine "
        "wet_lawn(s). exact.posterior(wet_lawn(s), WET)[0] gives the four probabilities of "
        "neither, sprinkler, rain, both, given a wet lawn.",
        answer=ANSWERS["01.7"],
        cases=_strengths,
        why="Being told that it rained strikes out the two patterns without rain; what is left is "
        "scaled up to sum to 1.",
        otherwise="At s = 0 the right value is 1/2; at s = 2 it is the one that you saw above.",
        hints=(
            "Which of the four patterns are still possible once you know that it rained?",
            "Only rain and both are left. Divide the one with the sprinkler by the sum of the two.",
            "neither, sprinkler, rain, both = exact.posterior(wet_lawn(s), WET)[0] names the four.",
        ),
        wrong=(
            Wrong(
                "odds",
                lambda s: (
                    exact.posterior(wet_lawn(s), WET)[0, 3]
                    / exact.posterior(wet_lawn(s), WET)[0, 2]
                ),
                "This is both against rain alone: odds, not a probability. Divide by the sum of "
                "the two.",
            ),
            Wrong(
                "rain not used",
                lambda s: exact.posterior(wet_lawn(s), WET)[0, [1, 3]].sum(),
                "This is P[sprinkler|wet], before anybody told you about the rain.",
            ),
            Wrong(
                "not normalised again",
                lambda s: exact.posterior(wet_lawn(s), WET)[0, 3],
                "This is P[both|wet]. Now that rain is certain, divide by P[rain|wet].",
            ),
            Wrong(
                "joint with the input",
                lambda s: np.exp(exact.log_joint(wet_lawn(s), WET))[0, 3],
                "This is the joint probability P[both, wet]. Divide by the probability of what "
                "you know: wet and rain.",
            ),
            Wrong(
                "told that it did not rain",
                lambda s: (
                    exact.posterior(wet_lawn(s), WET)[0, 1]
                    / exact.posterior(wet_lawn(s), WET)[0, :2].sum()
                ),
                "This is P[sprinkler | wet, no rain], or one minus the right answer, which is the "
                "same here. Keep the two patterns with rain, and put the one with both on top.",
            ),
            Wrong(
                "lawn not used",
                lambda s: sigmoid(-s),
                "This is the prior P[sprinkler]. The lawn is wet, and that still counts.",
            ),
        ),
    ),
    Number(
        id="01.8",
        title="The sprinkler, by hand",
        prompt=f"{ROUND} The lawn is wet. What is P[sprinkler|wet], to three decimals?",
        unit="",
        answer=ANSWERS["01.8"],
        why="P[sprinkler|wet] = (0.060 + 0.072) / 0.340, about 0.388: nearly twice the 0.2 from "
        "before the lawn was seen.",
        otherwise="Check the table: the four joint probabilities with a wet lawn sum to 0.340.",
        hints=(
            "Make a table of the four patterns with P[v], P[wet|v] and their product.",
            "The products are 0.048, 0.060, 0.160, 0.072 for neither, sprinkler, rain, both.",
            "Add the two rows in which the sprinkler is on, and divide by the sum of all four.",
        ),
        wrong=(
            Wrong(
                "percentage",
                100 * (SPRINKLER + BOTH) / WET_AT_ALL,
                "This is a percentage. Give the probability, a number between 0 and 1.",
            ),
            Wrong(
                "not normalised",
                SPRINKLER + BOTH,
                "This is the joint probability P[sprinkler, wet]. Divide it by P[wet].",
            ),
            Wrong(
                "one pattern forgotten",
                SPRINKLER / WET_AT_ALL,
                "This is the sprinkler without rain. The pattern with both also has the sprinkler "
                "on: add it.",
            ),
            Wrong(
                "both only",
                BOTH / WET_AT_ALL,
                "This is P[both|wet]. The sprinkler may also have been on without rain.",
            ),
            Wrong(
                "prior for the posterior",
                PRIOR[1] + PRIOR[3],
                "This is the prior, before the lawn was seen.",
            ),
            Wrong(
                "prior forgotten",
                (P_WET[1] + P_WET[3]) / P_WET.sum(),
                "The prior is missing: you compared P[wet|v] only. Weight each pattern with P[v].",
            ),
            Wrong(
                "condition turned around",
                (SPRINKLER + BOTH) / (PRIOR[1] + PRIOR[3]),
                "This is P[wet|sprinkler]. The question asks for P[sprinkler|wet]: divide by "
                "P[wet].",
            ),
            Wrong(
                "the other cause",
                (RAIN + BOTH) / WET_AT_ALL,
                "This is P[rain|wet]. Add the rows with the sprinkler on.",
            ),
            Wrong(
                "sprinkler off",
                (NEITHER + RAIN) / WET_AT_ALL,
                "This is the probability that the sprinkler was off.",
            ),
        ),
    ),
    Number(
        id="01.9",
        title="The sprinkler, once you are told of the rain",
        prompt=f"{ROUND} The lawn is wet, and you are told that it rained. What is "
        "P[sprinkler | wet, rain], to three decimals?",
        unit="",
        answer=ANSWERS["01.9"],
        why="P[sprinkler | wet, rain] = 0.072 / 0.232, about 0.310. It was 0.388 before you were "
        "told: the rain explains part of the sprinkler away.",
        otherwise="Strike out the rows of the table without rain; two rows are left.",
        hints=(
            "Start from the table of question 01.8. Which rows are still possible?",
            "Rain and both are left, with joint probabilities 0.160 and 0.072.",
            "Scale the two up so that they sum to 1.",
        ),
        wrong=(
            Wrong(
                "rain not used",
                (SPRINKLER + BOTH) / WET_AT_ALL,
                "This is P[sprinkler|wet], before you are told of the rain.",
            ),
            Wrong(
                "not normalised",
                BOTH,
                "This is the joint probability of rain, sprinkler and a wet lawn. Divide it by "
                "the probability of what you know.",
            ),
            Wrong(
                "divided by the wrong sum",
                BOTH / WET_AT_ALL,
                "You divided by P[wet]. You know more than that: divide by P[wet, rain].",
            ),
            Wrong(
                "lawn not used",
                PRIOR[3] / (PRIOR[2] + PRIOR[3]),
                "This is P[sprinkler|rain]. Without the wet lawn, rain says nothing about the "
                "sprinkler, and you are back at the prior.",
            ),
            Wrong(
                "prior forgotten",
                P_WET[3] / (P_WET[2] + P_WET[3]),
                "The prior is missing: weight P[wet|v] with P[v] in both rows.",
            ),
            Wrong(
                "told that it did not rain",
                SPRINKLER / (NEITHER + SPRINKLER),
                "This is P[sprinkler | wet, no rain]: the wrong two rows were struck out.",
            ),
            Wrong(
                "causes swapped",
                BOTH / (SPRINKLER + BOTH),
                "This is P[rain | wet, sprinkler]. You are told of the rain and asked about the "
                "sprinkler.",
            ),
            Wrong(
                "sprinkler off",
                RAIN / (RAIN + BOTH),
                "This is the probability that the sprinkler was off, given wet and rain.",
            ),
            Wrong(
                "likelihood for the posterior",
                P_WET[3],
                "This is P[wet|both], one entry of the table. Bayes' rule weights it with the "
                "prior and divides.",
            ),
        ),
    ),
    Function(
        id="01.10",
        title="Type the joint",
        prompt="Write my_log_joint(gen, v, u). It returns log P[v,u] = log P[v] + log P[u|v] for "
        "every row, shape (n,), in nats. Row k of v, shape (n, n_v), belongs to row k of u, shape "
        "(n, n_u). The parameters are gen.g, gen.G, shape (n_u, n_v), and gen.h.",
        answer=ANSWERS["01.10"],
        cases=_pairs,
        why="A logarithm turns both products into sums: over the causes with f(g), over the inputs "
        "with f(x). It agrees with gen.log_prob.",
        otherwise="Take a machine with one cause and one input and compare both terms with a hand "
        "computation.",
        hints=(
            "Two terms. The first is a sum over the causes: v log f(g) + (1 - v) log(1 - f(g)).",
            "The second has the same form, with u in place of v and x in place of g.",
            "x = v @ gen.G.T + gen.h has shape (n, n_u). Both sums run along axis=1.",
        ),
        wrong=(
            Wrong(
                "probability for its logarithm",
                lambda gen, v, u: np.exp(gen.log_prob(v, u)),
                "This is P[v,u] itself. Return its logarithm: with many units the product becomes "
                "too small for a computer.",
            ),
            in_bits(lambda gen, v, u: gen.log_prob(v, u)),
            averaged(lambda gen, v, u: gen.log_prob(v, u)),
            summed(
                lambda gen, v, u: gen.log_prob(v, u),
                "You also summed over the data. Return one number for every row, shape (n,): sum "
                "over the units only.",
            ),
            Wrong(
                "h forgotten",
                _without_h,
                "The biases h are missing: the total input is x = G v + h.",
            ),
            Wrong(
                "prior forgotten",
                _log_likelihood,
                "This is log P[u|v]. Add the log prior of the causes, log P[v].",
            ),
            Wrong(
                "likelihood forgotten",
                lambda gen, v, u: _log_prior(gen, v),
                "This is log P[v]. Add the log likelihood of the inputs, log P[u|v].",
            ),
            Wrong(
                "units that are off left out",
                _on_only,
                "Only units that are on are counted. A unit that is off has its own factor, 1 - f.",
            ),
            Wrong(
                "f and 1 - f swapped",
                _turned_over,
                "You used f for units that are off and 1 - f for those that are on. f is the "
                "probability of being on.",
            ),
            Wrong(
                "mean over the units",
                _averaged_units,
                "You averaged over the units. The log of a product is a sum: use np.sum.",
            ),
            Wrong(
                "terms multiplied",
                lambda gen, v, u: _log_prior(gen, v) * _log_likelihood(gen, v, u),
                "You multiplied the two logarithms. Probabilities multiply; their logarithms add.",
            ),
        ),
    ),
    Function(
        id="01.11",
        title="Turn it around: the posterior table",
        prompt="Write my_posterior(gen, u). It returns the table of P[v|u] by Bayes' rule, shape "
        "(n, 2**n_v): a row for every row of u, a column for every pattern in "
        "exact.states(gen.n_v). Use gen.log_prob(v, u), which takes one row of v for every row of "
        "u, and nothing from exact but states.",
        answer=ANSWERS["01.11"],
        cases=_generatives,
        why="The joint of every pattern, divided by their sum: Bayes' rule for any machine small "
        "enough to list its patterns. It agrees with exact.posterior.",
        otherwise="Three checks: the shape is (n, 2**n_v), nothing is below 0, every row sums "
        "to 1.",
        hints=(
            "First make the table of the joint P[v,u], one column for every pattern.",
            "v = np.tile(pattern, (len(u), 1)) repeats a pattern for every row of u; "
            "np.stack(columns, axis=1) puts columns side by side.",
            "gen.log_prob gives logarithms: take np.exp. Then divide by "
            "joint.sum(axis=1, keepdims=True).",
        ),
        wrong=(
            Wrong(
                "not normalised",
                _joint,
                "This is the joint P[v,u]. Divide every row by its sum, which is P[u].",
            ),
            Wrong(
                "normalised over the data",
                lambda gen, u: _shares(_joint(gen, u), axis=0),
                "Your columns sum to 1. Given an input, some pattern is true: it is the rows that "
                "sum to 1, so divide by the sum along axis=1.",
            ),
            Wrong(
                "normalised over everything",
                lambda gen, u: _joint(gen, u) / _joint(gen, u).sum(),
                "You divided by the sum of the whole table. Each row has a sum of its own, P[u].",
            ),
            Wrong(
                "prior forgotten",
                lambda gen, u: _shares(_likelihood_table(gen, u)),
                "The prior is missing: you normalised P[u|v]. Start from P[v,u] = P[v] P[u|v].",
            ),
            Wrong(
                "prior for the posterior",
                _prior_table,
                "This is the prior P[v] in every row: the inputs have not been used.",
            ),
            Wrong(
                "likelihood for the posterior",
                _likelihood_table,
                "This is P[u|v], the probability of the input given the causes. Bayes' rule turns "
                "it around: weight it with P[v] and divide by P[u].",
            ),
            Wrong(
                "log of the posterior",
                lambda gen, u: np.log(exact.posterior(gen, u)),
                "This is the logarithm of the right answer. Take np.exp.",
            ),
            Wrong(
                "logarithms normalised",
                lambda gen, u: _shares(exact.log_joint(gen, u)),
                "You divided logarithms by their sum. Take np.exp first, then divide.",
            ),
            Wrong(
                "transposed",
                lambda gen, u: exact.posterior(gen, u).T,
                "The numbers are right and the table lies on its side: rows are data points, "
                "columns are patterns of causes.",
            ),
            Wrong(
                "first cause least significant",
                lambda gen, u: exact.posterior(gen, u)[:, _mirrored(gen.n_v)],
                "The probabilities are right and stand in the wrong columns: use the order of "
                "exact.states, in which the last cause changes fastest.",
            ),
            Wrong(
                "product of marginals",
                _product_of_marginals,
                "This table treats the causes as independent. The true posterior is not a product "
                "over the causes.",
            ),
        ),
    ),
)
