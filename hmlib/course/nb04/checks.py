"""Questions of notebook 04, "Turn the KL around"."""

from __future__ import annotations

import numpy as np

from hmlib import exact
from hmlib.binary import sigmoid
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number, Numbers
from hmlib.check.question import Wrong
from hmlib.check.slips import in_bits, wrong_sign
from hmlib.course.machines import machines
from hmlib.course.nb04.solutions import ANSWERS

grad_W, sleep_W = ANSWERS["04.4"], ANSWERS["04.9"]
EXCLUSIVE, INCLUSIVE = ANSWERS["04.1"]
SLEEP = ANSWERS["04.8"]
LN6, LN_3_2 = np.log(6), np.log(3 / 2)
DREAMS = 5000

# The machine of exercise 04.8: P[v, u] as [v][u], the guess for u = 0 and u = 1, and the data.
DREAMT = np.array([[0.6, 0.15], [0.05, 0.2]])
GUESS = np.array([0.2, 0.8])
ON_DATA = np.array([0.1, 0.9])


def _pair(error_by_input):
    """(update of w, update of W) from the error summed over the causes, for u = 0 and u = 1."""
    return float(error_by_input.sum()), float(error_by_input[1])


_POSTERIOR = DREAMT[1] / DREAMT.sum(axis=0)
_PRIOR = DREAMT.sum(axis=1)[1]


def _means(gen, table):
    """The mean of every cause under a table (n, 2**n_v), shape (n, n_v)."""
    return table @ exact.states(gen.n_v)


def _guess(rec, u):
    return sigmoid(rec.drive(u))


def _targets(gen, u):
    return _means(gen, exact.posterior(gen, u))


def _delta(target, guess, u):
    """Mean over the rows of (target - guess) u^T."""
    return (target - guess).T @ u / len(u)


def _free_energy_slope(gen, rec, u):
    return exact.grad_free_energy(gen, rec, u)[1].W


def _generative_slope(gen, rec, u):
    """The other network's rule, (u - f(x)) v^T under the posterior, turned to the shape of W."""
    return exact.grad_log_likelihood(gen, u).G.T


def _sureness(gen, rec, u):
    """The most probable pattern as the target."""
    best = exact.states(gen.n_v)[exact.posterior(gen, u).argmax(axis=1)]
    return _delta(best, _guess(rec, u), u)


def _prior_means(gen, u):
    return np.tile(sigmoid(gen.g), (len(u), 1))


def _dreamt_inputs(gen):
    """Every input and how often it is dreamt."""
    inputs = exact.states(gen.n_u)
    return inputs, np.exp(exact.log_likelihood(gen, inputs))


def _weighted(gen, rec, target, weight):
    """sum over all inputs of weight (target - f(y)) u^T."""
    inputs = exact.states(gen.n_u)
    return ((target(inputs) - _guess(rec, inputs)) * weight[:, None]).T @ inputs


def _every_input_alike(gen, rec, u):
    n = 2**gen.n_u
    return _weighted(gen, rec, lambda all_u: _targets(gen, all_u), np.full(n, 1 / n))


def _posteriors_added(gen, rec, u):
    return _weighted(gen, rec, lambda all_u: _targets(gen, all_u), np.ones(2**gen.n_u))


def _prior_targets(gen, rec, u):
    return _weighted(gen, rec, lambda all_u: _prior_means(gen, all_u), _dreamt_inputs(gen)[1])


def _likelihood_for_joint(gen, rec, u):
    inputs, v = exact.states(gen.n_u), exact.states(gen.n_v)
    prior = np.exp(v @ gen.g - np.logaddexp(0, gen.g).sum())
    table = np.exp(exact.log_joint(gen, inputs)) / prior
    error = table @ v - table.sum(axis=1, keepdims=True) * _guess(rec, inputs)
    return error.T @ inputs


def _without_f(gen, rec, u):
    inputs, chance = _dreamt_inputs(gen)
    error = _targets(gen, inputs) - rec.drive(inputs)
    return (error * chance[:, None]).T @ inputs


def _without_guess(gen, rec, u):
    inputs, chance = _dreamt_inputs(gen)
    return (_targets(gen, inputs) * chance[:, None]).T @ inputs


def _data_in_the_loop(gen, rec, u):
    """The loop over dreams with the rows of the data in place of all inputs."""
    chance = np.exp(exact.log_joint(gen, u))
    error = chance @ exact.states(gen.n_v) - chance.sum(axis=1, keepdims=True) * _guess(rec, u)
    return error.T @ u


def _own_targets(gen, rec, u):
    return np.zeros_like(rec.W)


QUESTIONS = (
    Numbers(
        id="04.1",
        title="Both directions by hand",
        prompt="Two causes, with the posterior P = 1/8, 3/8, 3/8, 1/8 for v = 00, 01, 10, 11. "
        "The guess Q says 3/4 for the first cause and 1/4 for the second, independently. Give "
        "the pair (KL(Q || P), KL(P || Q)) in nats, to three decimals.",
        names=("KL(Q || P)", "KL(P || Q)"),
        answer=(EXCLUSIVE, INCLUSIVE),
        why="The logarithms are the same in both, but for their sign; the weights differ. Q "
        "leans to 10 and gives 01 a sixth of what it should have: P counts that with 3/8, Q with "
        "1/16 only.",
        otherwise="Make a table with a row for each pattern: P, Q, log(Q / P). Two checks: Q adds "
        "up to 1, and neither divergence is below 0.",
        hints=(
            "First the table of Q: independent guesses multiply. For 00 it is 1/4 times 3/4.",
            "Q = 3/16, 1/16, 9/16, 3/16, so log(Q / P) is ln(3/2), -ln 6, ln(3/2), ln(3/2).",
            "KL(Q || P) weights these with Q. KL(P || Q) weights them with P and changes the sign.",
        ),
        wrong=(
            Wrong(
                "swapped",
                (INCLUSIVE, EXCLUSIVE),
                "Both numbers are right and in the wrong order. KL(Q || P) comes first: the "
                "average under Q.",
            ),
            wrong_sign(
                (EXCLUSIVE, INCLUSIVE),
                "The sizes are right and the signs are wrong: whatever gives the weight stands "
                "above in the fraction.",
            ),
            in_bits(
                (EXCLUSIVE, INCLUSIVE), "Both are in bits. Multiply by ln 2: the answer is in nats."
            ),
            Wrong(
                "fraction not turned over",
                (EXCLUSIVE, -INCLUSIVE),
                "The first is right. For the second you changed the weights and kept log(Q / P). "
                "It is log(P / Q): no divergence is below 0.",
            ),
            Wrong(
                "fraction turned over, weights kept",
                (EXCLUSIVE, -EXCLUSIVE),
                "The first is right. For the second you turned the fraction over and kept the "
                "weights Q. They have to be P.",
            ),
            Wrong(
                "the same number twice",
                (EXCLUSIVE, EXCLUSIVE),
                "The first is right. The second is another number: a divergence is not the same "
                "from both ends, as the weights change.",
            ),
            Wrong(
                "weights left out",
                (3 * LN_3_2 - LN6, LN6 - 3 * LN_3_2),
                "You added up the logarithms without weights. Each counts with its Q in the first, "
                "and with its P in the second.",
            ),
        ),
    ),
    Choice(
        id="04.2",
        title="A possibility dropped",
        prompt="Something happens on half of the days: its posterior is 1/2. Q gives it "
        "probability almost 0. Everywhere else Q is as good as it can be. What do the two "
        "divergences say?",
        options={
            "A": "KL(Q || P) is huge, KL(P || Q) is small.",
            "B": "KL(P || Q) is huge, KL(Q || P) may be as small as one bit.",
            "C": "Both are huge: Q is wrong in half of the cases.",
            "D": "Both are small: Q is wrong in one place only.",
        },
        answer=ANSWERS["04.2"],
        why="KL(P || Q) weights log(P / Q) with P = 1/2, and the logarithm grows without end. "
        "KL(Q || P) gives that place no weight; elsewhere Q is up to twice P, and log 2 is one "
        "bit.",
        hints=(
            "Write down the term of this place in both sums. Which weight does each have?",
            "In KL(P || Q) the term is 1/2 log(1/2 / Q). What happens as Q goes to 0? And to "
            "Q log(Q / (1/2))?",
        ),
        replies={
            "A": "It is the other way round. KL(Q || P) is an average under Q, and Q never goes "
            "to the place that it has dropped.",
            "C": "KL(Q || P) does not see the place: its weight there is Q, almost 0. The blue "
            "stars of lab 1 did just this.",
            "D": "The one place has weight 1/2 in KL(P || Q), and log(P / Q) grows without end "
            "as Q goes to 0.",
        },
    ),
    Choice(
        id="04.3",
        title="Choose the direction",
        prompt="Two people fit a simple Q to a posterior with several peaks. A doctor wants a "
        "list of causes from which no serious possibility is missing. A painter wants one "
        "explanation that holds together, to draw it. Which divergence should each of them make "
        "small?",
        options={
            "A": "The doctor KL(Q || P), the painter KL(P || Q).",
            "B": "Both KL(Q || P): it is the one in F.",
            "C": "Both KL(P || Q): it leaves nothing out.",
            "D": "The doctor KL(P || Q), the painter KL(Q || P).",
        },
        answer=ANSWERS["04.3"],
        why="KL(P || Q) covers the mass: it punishes whatever is left out. KL(Q || P) seeks a "
        "mode: it punishes what Q says where P is almost 0, such as the place between two peaks.",
        hints=(
            "Which of the two fits of lab 2 left a peak out? Which put its centre between the "
            "peaks?",
            "Who of the two minds a missing peak, and who minds a mixture of two peaks that is "
            "neither?",
        ),
        replies={
            "A": "The other way round. The fit in KL(Q || P) sat on one peak and forgot the other: "
            "bad news for the patient.",
            "B": "The least KL(Q || P) drops whole peaks, and the doctor must not. That it stands "
            "in F makes learning climb one function; it does not make it right for everybody.",
            "C": "The least KL(P || Q) puts weight between the peaks. The painter would get a "
            "mixture of two explanations, which is neither.",
        },
    ),
    Function(
        id="04.4",
        title="Type the delta rule of step 2",
        prompt="Write grad_W(gen, rec, u): the slope of F-tilde = L - KL(P || Q) in the "
        "recognition weights W, shape (n_v, n_u), as a mean over the rows of u. exact.posterior("
        "gen, u) is the table of P[v|u], shape (n, 2**n_v), its columns in the order of "
        "exact.states(gen.n_v); rec.drive(u) is y, shape (n, n_v).",
        answer=grad_W,
        cases=machines,
        why="Posterior mean minus guess, times the input: a delta rule. It is minus the gradient "
        "of KL(P || Q) in exact.grad_kl_p_q. Only the targets are out of reach for a large "
        "machine.",
        otherwise="Take one row and one cause: the slope is (P[v=1|u] - f(y)) u^T.",
        hints=(
            "The target of every cause is its mean under the posterior: a table times the "
            "patterns.",
            "target = exact.posterior(gen, u) @ exact.states(gen.n_v) has shape (n, n_v). "
            "Subtract the guess sigmoid(rec.drive(u)).",
            "error.T @ u sums error u^T over the rows; divide by len(u).",
        ),
        wrong=(
            Wrong(
                "sum over the data",
                lambda gen, rec, u: len(u) * grad_W(gen, rec, u),
                "You took the sum over the data. A mean over the rows of u is wanted: divide by "
                "len(u).",
            ),
            wrong_sign(
                grad_W,
                "The size is right and the sign is wrong: this is the slope of the divergence. "
                "F-tilde is L less the divergence, so it is target minus guess.",
            ),
            Wrong(
                "transposed",
                lambda gen, rec, u: grad_W(gen, rec, u).T,
                "The numbers are right and lie on their side. W has shape (n_v, n_u): causes "
                "down, inputs across.",
            ),
            Wrong(
                "f left out",
                lambda gen, rec, u: _delta(_targets(gen, u), rec.drive(u), u),
                "The f is missing: the guess about a cause is f(y), a probability, and not y "
                "itself.",
            ),
            Wrong(
                "guess left out",
                lambda gen, rec, u: _delta(_targets(gen, u), 0, u),
                "This is the average of target times input. Subtract the guess f(y): a delta rule "
                "stops when target and guess agree.",
            ),
            Wrong(
                "KL turned around",
                _free_energy_slope,
                "This is the slope of F, with log(P / Q) in it. In F-tilde the divergence is "
                "KL(P || Q), and its slope is a delta rule.",
            ),
            Wrong(
                "the other network",
                _generative_slope,
                "This is the rule of the generative weights, with inputs as targets and causes "
                "on the right. In W the causes are the targets: (v - f(y)) u^T.",
            ),
            Wrong(
                "prior for the posterior",
                lambda gen, rec, u: _delta(_prior_means(gen, u), _guess(rec, u), u),
                "Your targets are f(g), the prior. The targets of step 2 have seen the input: "
                "they come from P[v|u].",
            ),
            Wrong(
                "most probable pattern",
                _sureness,
                "Your target is the most probable pattern. Use the mean of v under the "
                "posterior: every pattern counts with its probability.",
            ),
            Wrong(
                "dreams for data",
                sleep_W,
                "This is the expected sleep update, with dreamt inputs: step 3. In step 2 the "
                "inputs are still the rows of u.",
            ),
            Wrong(
                "own guesses as targets",
                _own_targets,
                "This is 0 everywhere: the targets are the recogniser's own guesses. They should "
                "come from the posterior.",
            ),
        ),
    ),
    Choice(
        id="04.5",
        title="Spot the slip: which distribution?",
        prompt="A student's notes on step 3 say: \"Approximate the prior using the generative "
        "model instead! ... i.e. use the prior defined above rather than some true statistics "
        'over the input data". The prior defined above, in those notes, is P[v|G] = '
        "prod_a f(g_a)^v_a (1 - f(g_a))^(1 - v_a). Which sentence puts it right?",
        options={
            "A": "Nothing is wrong: in step 3 the average is taken under the prior over causes.",
            "B": "The inputs should be drawn from Q[v|u; W], the recognition model.",
            "C": "What replaces the data is a distribution over inputs, the model's own marginal "
            "P[u; G] = sum_v P[v, u; G]: dreams. The prior is only where a dream begins.",
            "D": "The prior is right, but it should be fitted to the causes of the data first.",
        },
        answer=ANSWERS["04.5"],
        why="E_u in step 1 and 2 is an average over inputs, so only a distribution over inputs can "
        "take its place. To draw from P[u; G], draw v from the prior and u from P[u|v]: the pair "
        "is a dream, and its v comes from the posterior of its u.",
        hints=(
            "What kind of thing is averaged over in E_u: causes or inputs?",
            "Which distribution over inputs does the machine own, and how does one draw from it?",
        ),
        replies={
            "A": "The average in front of the divergence is one over inputs u. A prior over "
            "causes v cannot be put in its place.",
            "B": "Q is a distribution over causes, given an input. Somebody has to supply the "
            "input first, and here it is the generative model.",
            "D": "However it is fitted, a prior is about causes. The average in front of the "
            "divergence is over inputs.",
        },
    ),
    Number(
        id="04.6",
        title="How many dreams?",
        prompt="A sleep update from 50 dreams has a root mean square error of 0.06. From how many "
        "dreams would you expect an error of 0.006?",
        answer=DREAMS,
        unit="dreams",
        atol=0.5,
        why="The error falls like 1/sqrt(n), so ten times less error needs a hundred times as many "
        "dreams. Draws are cheap, and precise averages are not.",
        otherwise="Go back to the right of lab 4: by how much does n grow while the error falls "
        "from 0.1 to 0.01?",
        hints=(
            "The error of an average of n independent draws is sqrt(variance / n).",
            "0.06 = sqrt(variance / 50) and 0.006 = sqrt(variance / n). Divide one by the other.",
        ),
        wrong=(
            Wrong(
                "1/n for 1/sqrt(n)",
                500,
                "That would do if the error fell like 1/n. It falls like 1/sqrt(n).",
            ),
            Wrong(
                "root taken the wrong way",
                50 * np.sqrt(10),
                "You multiplied by the root of 10. The root stands over n, so n has to grow by "
                "the square of 10.",
            ),
            Wrong(
                "factor alone",
                100,
                "This is the factor by which n grows. The question asks for the number of dreams.",
            ),
            Wrong(
                "more dreams, not all of them",
                4950,
                "These are the dreams on top of the first fifty. The question asks for all of "
                "them.",
            ),
            Wrong(
                "divided",
                0.5,
                "You went the wrong way: fewer dreams make the error larger.",
            ),
        ),
    ),
    Choice(
        id="04.7",
        title="Spot the slip: one objective for both?",
        prompt="The same notes write one symbol, F-tilde(W, G), for the objectives of step 2 and "
        'of step 3, and then: "Training the Helmholtz machine on this approximated EM-algorithm '
        'is also called the wake-sleep algorithm." So F-tilde would take the place of F in both '
        "phases. Which sentence is right?",
        options={
            "A": "The dreamt F-tilde is climbed in W only, by sleep. Wake still climbs the F of "
            "step 1 in G. So no single function is climbed by both.",
            "B": "The notes are right: both phases climb the dreamt F-tilde, so it never falls.",
            "C": "Wake climbs the dreamt F-tilde in G, and sleep climbs F in W.",
            "D": "Both phases climb F; F-tilde is only a way of writing it.",
        },
        answer=ANSWERS["04.7"],
        why="Wake takes inputs from the data and causes from Q: that is the slope of F in G. The "
        "slope of F-tilde in G would need the posterior again, and the slope of the divergence. "
        "Each phase climbs its own function, both below L.",
        hints=(
            "Wake guesses the causes of data with Q and moves G. Whose slope is E_Q[(u - f(x)) "
            "v^T]?",
            "Which objective has no slope in G that can be had without the posterior?",
        ),
        replies={
            "B": "Look at the table after the counterexample: a wake step lowered the dreamt "
            "F-tilde. Wake climbs another function.",
            "C": "The other way round. Sleep uses dreams, and moves W; wake uses data and Q, and "
            "moves G.",
            "D": "F has the divergence KL(Q || P) and inputs from the data; F-tilde has neither. "
            "In lab 3 their tops were in different places.",
        },
    ),
    Numbers(
        id="04.8",
        title="A sleep update by hand",
        prompt="The dreams of the worked example: (v, u) = (0,0), (0,1), (1,0), (1,1) with "
        "P[v,u] = 0.60, 0.15, 0.05, 0.20. The recogniser guesses f(y) = 0.2 when the input is off "
        "and 0.8 when it is on. In the data the input is on in nine of ten cases. Give the pair "
        "of expected sleep updates, (of w, of W), to three decimals.",
        names=("update of w", "update of W"),
        answer=SLEEP,
        unit="",
        why="Both are below 0: in its dreams the machine finds that the cause is on less often "
        "than the recogniser says. How often the input is on in the data does not come in.",
        otherwise="Make a table with a row for each dream: P[v,u], v - f(y), u. Multiply along "
        "the rows, add down the columns.",
        hints=(
            "The errors v - f(y) of the four dreams are -0.2, -0.8, 0.8, 0.2.",
            "Each counts with its P[v,u]. For W only the dreams with the input on count.",
            "The first dream adds 0.60 times -0.2 = -0.12 to the update of w, and nothing to that "
            "of W.",
        ),
        wrong=(
            Wrong(
                "swapped",
                SLEEP[::-1],
                "Both numbers are right and in the wrong order: first w, then W.",
            ),
            wrong_sign(
                SLEEP,
                "The sizes are right and the signs are wrong: dreamt cause minus guess.",
            ),
            Wrong(
                "data where dreams belong",
                _pair(ON_DATA * (_POSTERIOR - GUESS)),
                "You averaged over the data, with the posterior as the target: that is step 2. "
                "Sleep averages over dreams and never looks at the data.",
            ),
            Wrong(
                "inputs all alike",
                _pair(_POSTERIOR - GUESS),
                "You took the posterior of each input and added up. Each dream counts with "
                "P[v,u], so an input counts as often as it is dreamt.",
            ),
            Wrong(
                "prior for the dreamt cause",
                _pair(DREAMT.sum(axis=0) * (_PRIOR - GUESS)),
                "Your target is 1/4, the prior, for both inputs. The cause and the input of a "
                "dream belong together: use P[v,u] row by row.",
            ),
            Wrong(
                "guess left out",
                _pair(DREAMT[1]),
                "These are the averages of v and of v u. Subtract the guess f(y) from v.",
            ),
            Wrong(
                "multiplied by v, not by u",
                (SLEEP[0], float((DREAMT[1] * (1 - GUESS)).sum())),
                "The update of w is right. In W the error is multiplied by the input u; you used "
                "the dreams in which the cause is on.",
            ),
            Wrong(
                "guess of one half",
                _pair(DREAMT[1] - 0.5 * DREAMT.sum(axis=0)),
                "This is the worked example, with f(y) = 1/2. The recogniser is now another one: "
                "0.2 and 0.8.",
            ),
            Wrong(
                "posterior minus guess, given the input on",
                (SLEEP[0], SLEEP[1] / 0.35),
                "The update of w is right. For W you divided by P[u=1]: a dream with the input off "
                "adds 0, and it counts in the average all the same.",
            ),
        ),
    ),
    Function(
        id="04.9",
        title="Type the expected sleep update",
        prompt="Write sleep_W(gen, rec, u): the expected sleep update of the weights W, shape "
        "(n_v, n_u). It is the average of (v - f(y)) input^T over all dreams (v, input) of gen. u "
        "holds the data; decide whether you need them. exact.states(n) lists all patterns of n "
        "units; gen.log_prob takes one row for v and one for the input, both of shape (1, ...).",
        answer=sleep_W,
        cases=machines,
        why="Every dream counts with how often it is dreamt. It is the slope of the dreamt F-tilde "
        "in W, as in exact.grad_dream, and the data are not needed.",
        otherwise="Two checks: the chances of all dreams add up to 1, and the update is 0 if the "
        "guess is the posterior mean for every input.",
        hints=(
            "Two loops: over exact.states(gen.n_v) for v, over exact.states(gen.n_u) for the "
            "input.",
            "The chance of a dream is np.exp(gen.log_prob(v[None], dream[None])[0]); the error is "
            "v - sigmoid(rec.W @ dream + rec.w).",
            "Add chance * np.outer(error, dream). Nothing is divided: the chances add up to 1.",
        ),
        wrong=(
            Wrong(
                "data where dreams belong",
                grad_W,
                "You averaged over the data, with posterior means as targets: that is step 2. In "
                "sleep the inputs are dreamt; the argument u is not needed.",
            ),
            Wrong(
                "rows of the data in the loop",
                _data_in_the_loop,
                "Your loop goes over the rows of u, and these are the data: some inputs are "
                "missing, others come twice. Go through all that can be dreamt, "
                "exact.states(gen.n_u).",
            ),
            wrong_sign(
                sleep_W, "The size is right and the sign is wrong: dreamt cause minus guess."
            ),
            Wrong(
                "mean over the dreams",
                lambda gen, rec, u: sleep_W(gen, rec, u) / 2 ** (gen.n_u + gen.n_v),
                "You divided by the number of dreams as well. The chances add up to 1 already: "
                "take the sum.",
            ),
            Wrong(
                "transposed",
                lambda gen, rec, u: sleep_W(gen, rec, u).T,
                "The numbers are right and lie on their side. W has shape (n_v, n_u): causes "
                "down, inputs across.",
            ),
            Wrong(
                "inputs all alike",
                _every_input_alike,
                "Every input counts the same in your average. An input counts as often as it is "
                "dreamt, P[u; G].",
            ),
            Wrong(
                "chances that do not add up to 1",
                _posteriors_added,
                "You weighted with P[v|input], so that the weights add up to 1 for every input. "
                "A dream counts with P[v, input].",
            ),
            Wrong(
                "likelihood for the joint",
                _likelihood_for_joint,
                "The prior is missing: you weighted with P[input|v]. A dream begins with a v "
                "drawn from the prior.",
            ),
            Wrong(
                "prior as the target",
                _prior_targets,
                "Your inputs are dreamt and your targets are f(g), whatever the input. The cause "
                "of a dream belongs to its input.",
            ),
            Wrong(
                "the other network",
                lambda gen, rec, u: np.zeros((gen.n_v, gen.n_u)),
                "This is 0 everywhere. So are (u - f(x)) v^T, the rule of the other network, over "
                "dreams, and a recogniser whose targets are its own guesses. Sleep compares the "
                "dreamt cause with the guess.",
            ),
            Wrong(
                "f left out",
                _without_f,
                "The f is missing: the guess about a cause is f(y), a probability, and not y "
                "itself.",
            ),
            Wrong(
                "guess left out",
                _without_guess,
                "This is the average of v times input. Subtract the guess f(y) from v.",
            ),
            Wrong(
                "KL turned around",
                _free_energy_slope,
                "This is the slope of F in W, with log(P / Q) and with inputs from the data. "
                "Sleep climbs the dreamt F-tilde.",
            ),
        ),
    ),
)
