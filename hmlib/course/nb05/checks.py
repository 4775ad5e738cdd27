"""Questions of notebook 05, "Wake and sleep"."""

from __future__ import annotations

import numpy as np

from hmlib import exact
from hmlib.binary import Generative, Recognition, sigmoid
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Decoy, Numbers, Order
from hmlib.check.question import Wrong
from hmlib.check.slips import wrong_sign
from hmlib.course.machines import machines
from hmlib.course.nb05.solutions import ANSWERS, RATE, SLEEP_UPDATE, SLOPE_OF_F

wake, sleep, distance = (ANSWERS[id] for id in ("05.2", "05.3", "05.7"))
CHANGES = ANSWERS["05.5"]


def _generative(error_v, error_u, v, n):
    """A change of G, from one error a row."""
    return Generative(error_v.sum(axis=0) / n, error_u.T @ v / n, error_u.sum(axis=0) / n)


def _recognition(error, u, n):
    return Recognition(error.sum(axis=0) / n, error.T @ u / n)


def _summed_wake(gen, rec, u, rng):
    return len(u) * wake(gen, rec, u, rng)


def _dreams_in_wake(gen, rec, u, rng):
    v, u = gen.sample(rng, len(u))
    return _generative(v - sigmoid(gen.g), u - sigmoid(gen.drive(v)), v, len(u))


def _causes_from_prior(gen, rec, u, rng):
    v, _ = gen.sample(rng, len(u))
    return _generative(v - sigmoid(gen.g), u - sigmoid(gen.drive(v)), v, len(u))


def _posterior_in_wake(gen, rec, u, rng):
    return exact.grad_log_likelihood(gen, u)


def _means_for_draws(gen, rec, u, rng):
    q = sigmoid(rec.drive(u))
    return _generative(q - sigmoid(gen.g), u - sigmoid(gen.drive(q)), q, len(u))


def _reconstruction(gen, rec, u, rng):
    """Inputs are drawn anew from the guessed causes and taken for data."""
    v = rec.sample(rng, u)
    again = (rng.random(u.shape) < sigmoid(gen.drive(v))).astype(float)
    return _generative(v - sigmoid(gen.g), again - sigmoid(gen.drive(v)), v, len(u))


def _other_prior(gen, rec, u, rng):
    """The causes are expected by the recogniser, whose own draws they are."""
    v = rec.sample(rng, u)
    return _generative(v - sigmoid(rec.drive(u)), u - sigmoid(gen.drive(v)), v, len(u))


def _without_f_in_wake(gen, rec, u, rng):
    v = rec.sample(rng, u)
    return _generative(v - gen.g, u - gen.drive(v), v, len(u))


def _without_prediction_in_wake(gen, rec, u, rng):
    v = rec.sample(rng, u)
    return _generative(v, u, v, len(u))


def _h_forgotten(gen, rec, u, rng):
    v = rec.sample(rng, u)
    return _generative(v - sigmoid(gen.g), u - sigmoid(v @ gen.G.T), v, len(u))


def _data_in_sleep(gen, rec, u, rng):
    v = rec.sample(rng, u)
    return _recognition(v - sigmoid(rec.drive(u)), u, len(u))


def _half_a_dream(gen, rec, u, rng):
    v, _ = gen.sample(rng, len(u))
    return _recognition(v - sigmoid(rec.drive(u)), u, len(u))


def _data_times_error(gen, rec, u, rng):
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - sigmoid(rec.drive(dream)), u, len(u))


def _guess_from_data(gen, rec, u, rng):
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - sigmoid(rec.drive(u)), dream, len(u))


def _summed_sleep(gen, rec, u, rng):
    return len(u) * sleep(gen, rec, u, rng)


def _without_f_in_sleep(gen, rec, u, rng):
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - rec.drive(dream), dream, len(u))


def _without_guess(gen, rec, u, rng):
    v, dream = gen.sample(rng, len(u))
    return _recognition(v, dream, len(u))


def _drawn_guess(gen, rec, u, rng):
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - rec.sample(rng, dream), dream, len(u))


def _prior_as_guess(gen, rec, u, rng):
    v, dream = gen.sample(rng, len(u))
    return _recognition(v - sigmoid(gen.g), dream, len(u))


def _all_dreams(gen, rec, u, rng):
    return exact.grad_dream(gen, rec, u)[1]


def _generative_in_sleep(gen, rec, u, rng):
    """The other network's rule, (u - f(x)) v^T, turned to the shape of W."""
    v, dream = gen.sample(rng, len(u))
    error = dream - sigmoid(gen.drive(v))
    return Recognition((v - sigmoid(gen.g)).mean(axis=0), v.T @ error / len(u))


def _free_energy_slope(gen, rec, u, rng):
    return exact.grad_free_energy(gen, rec, u)[1]


def _recognition_in_wake(gen, rec, u, rng):
    """The other network's rule, (v - f(y)) u^T, turned to the shape of G."""
    v = rec.sample(rng, u)
    error = v - sigmoid(rec.drive(u))
    zero = np.zeros(gen.n_u)
    return Generative(error.mean(axis=0), u.T @ error / len(u), zero)


def _in_nats(gen, u, weights):
    return distance(gen, u, weights) * np.log(2)


def _entropy_dropped(gen, u, weights):
    return -float(weights @ exact.log_likelihood(gen, u)) / np.log(2)


def _unweighted(gen, u, weights):
    return float(np.mean(np.log(weights) - exact.log_likelihood(gen, u))) / np.log(2)


def _added_up(gen, u, weights):
    return float(np.sum(np.log(weights) - exact.log_likelihood(gen, u))) / np.log(2)


def _dreams_as_weights(gen, u, weights):
    log_p = exact.log_likelihood(gen, u)
    return float(np.exp(log_p) @ (log_p - np.log(weights))) / np.log(2)


def _fraction_kept(gen, u, weights):
    log_p = exact.log_likelihood(gen, u)
    return float(np.exp(log_p) @ (np.log(weights) - log_p)) / np.log(2)


def _nats_and_bits(gen, u, weights):
    return float(weights @ (np.log2(weights) - exact.log_likelihood(gen, u)))


def _learning(rng):
    """Random machines and data, and a generator to draw with, the same for every function."""
    for case in machines(rng):
        yield case | {"rng": np.random.default_rng(rng.integers(2**32))}


def _worlds(rng):
    """A machine, different patterns, and how often each of them occurs."""
    for case in machines(rng):
        inputs = exact.states(case["gen"].n_u)
        u = inputs[np.sort(rng.permutation(len(inputs))[: len(case["u"])])]
        yield {"gen": case["gen"], "u": u, "weights": rng.dirichlet(np.full(len(u), 2.0))}


QUESTIONS = (
    Order(
        id="05.1",
        title="One step of wake-sleep",
        prompt="Put the lines of one step of wake-sleep in order, wake first. wake_change and "
        "sleep_change stand for the delta rules. Two of the lines do not belong.",
        lines={
            "A": "v, dream = gen.sample(rng, n)",
            "B": "v = rec.sample(rng, u)",
            "C": "v = rec.sample(rng, dream)",
            "D": "gen = gen + rate * wake_change(gen, v, u)",
            "F": "rec = rec + rate * sleep_change(rec, v, dream)",
            "H": "rec = rec + rate * sleep_change(rec, v, u)",
        },
        answer=ANSWERS["05.1"],
        why="Awake, the recogniser guesses the causes of real inputs and the generative model "
        "learns from both. Asleep, the generative model dreams and the recogniser learns to tell "
        "what a dream was made from.",
        otherwise="In each phase one model draws and the other one learns.",
        hints=(
            "Two lines for each phase: one that draws, one that learns.",
            "Awake: who guesses the causes of u, and who learns from the guess?",
            "Asleep: gen.sample gives both a cause and its input. No data and no guess come in.",
        ),
        decoys={
            "C": Decoy(
                "A",
                "Line C lets the recogniser guess the causes of a dream, and then learn from its "
                "own guess. The causes that the dream was made from are the targets.",
            ),
            "H": Decoy(
                "F",
                "Line H pairs dreamt causes with inputs u from the data, which they did not make. "
                "In sleep the inputs are the dream's own.",
            ),
        },
        wrong=(
            Wrong(
                "sleep first",
                "AFBD",
                "These are the right four lines, and sleep comes before wake. Nothing would "
                "break, but here wake is wanted first.",
            ),
            Wrong(
                "models swapped",
                "BFAD",
                "The model that drew is also the one that learns here. Awake the recogniser "
                "draws and the generative model learns; asleep it is the other way round.",
            ),
            Wrong(
                "learning before drawing",
                "DBFA",
                "A delta rule needs a v to learn from: in each phase the draw comes first.",
            ),
        ),
    ),
    Function(
        id="05.2",
        title="Type the wake update",
        prompt="Write wake(gen, rec, u, rng): how the wake phase changes the generative model at "
        "rate 1, as a mean over the rows of u. Draw causes once, v = rec.sample(rng, u). "
        "gen.drive(v) is x, shape (n, n_u). Return Generative(g=..., G=..., h=...) of the changes, "
        "shapes (n_v,), (n_u, n_v), (n_u,).",
        answer=wake,
        cases=_learning,
        why="What happened minus what was expected, for the causes and for the inputs, and the "
        "second times the cause for each weight. Averaged over draws it is the slope of F in G.",
        otherwise="Three errors to make: v - f(g) for g, u - f(x) for h, and (u - f(x)) v^T for G.",
        hints=(
            "First v = rec.sample(rng, u), then error_u = u - sigmoid(gen.drive(v)) and "
            "error_v = v - sigmoid(gen.g).",
            "A mean over the rows is error_u.mean(axis=0), shape (n_u,).",
            "For G: error_u.T @ v adds up error v^T over the rows; divide by len(u).",
        ),
        wrong=(
            wrong_sign(
                wake,
                "The size is right and the sign is wrong: target minus prediction, and both are "
                "climbed. You may have swapped targets and predictions.",
            ),
            Wrong(
                "sum for the mean",
                _summed_wake,
                "You took the sum over the rows. A mean is wanted: divide by len(u), in all three.",
            ),
            Wrong(
                "dreams where data belong",
                _dreams_in_wake,
                "You learnt from dreams. Their errors average to 0: the machine already dreams "
                "as it dreams. Awake, the inputs are the rows of u.",
            ),
            Wrong(
                "causes from the prior",
                _causes_from_prior,
                "Your causes are drawn from the prior and have not seen the input. Awake they "
                "are guessed from it: v = rec.sample(rng, u).",
            ),
            Wrong(
                "posterior for Q",
                _posterior_in_wake,
                "You averaged under the true posterior: that is the slope of L, and it needs the "
                "table of all patterns. Wake draws v from the recogniser, once.",
            ),
            Wrong(
                "probabilities for draws",
                _means_for_draws,
                "You used the probabilities f(y) as if they were causes. x depends on v through "
                "f, so draw: v = rec.sample(rng, u).",
            ),
            Wrong(
                "reconstruction for data",
                _reconstruction,
                "Your targets are inputs drawn anew from the causes. The targets are the data, "
                "the rows of u themselves.",
            ),
            Wrong(
                "guess for the prior",
                _other_prior,
                "For g you compared v with f(y), the recogniser's own guess: on average that is "
                "0. The generative model expects f(g).",
            ),
            Wrong(
                "the other network's gradient",
                _recognition_in_wake,
                "This is (v - f(y)) u^T, the rule of the recognition network, turned round. In "
                "wake the generative network learns: (u - f(x)) v^T.",
            ),
            Wrong(
                "f left out",
                _without_f_in_wake,
                "The f is missing: what is expected is a probability, f(x) and f(g).",
            ),
            Wrong(
                "prediction left out",
                _without_prediction_in_wake,
                "Only what happened is there. Subtract what was expected, f(x) and f(g), or the "
                "weights grow without end.",
            ),
            Wrong(
                "h forgotten",
                _h_forgotten,
                "The drive is x = G v + h; the h is missing. gen.drive(v) has it.",
            ),
        ),
    ),
    Function(
        id="05.3",
        title="Type the sleep update",
        prompt="Write sleep(gen, rec, u, rng): how the sleep phase changes the recognition model "
        "at rate 1, as a mean over as many dreams as u has rows. Draw them once, with "
        "gen.sample(rng, n). rec.drive(...) is y, shape (n, n_v). Return Recognition(w=..., "
        "W=...) of the changes, shapes (n_v,), (n_v, n_u).",
        answer=sleep,
        cases=_learning,
        why="Dreamt cause minus guess, times the dreamt input. No posterior, no table, and no "
        "data: of u you need only the number of rows.",
        otherwise="Two lines: v - f(y) for w, and (v - f(y)) input^T for W, with the inputs of "
        "the dreams.",
        hints=(
            "Begin with v, dream = gen.sample(rng, len(u)).",
            "The guess about a dream is sigmoid(rec.drive(dream)); the error is v minus that.",
            "For W: error.T @ dream adds up error dream^T over the dreams; divide by len(dream).",
        ),
        wrong=(
            wrong_sign(
                sleep,
                "The size is right and the sign is wrong: dreamt cause minus guess. You may have "
                "swapped targets and predictions.",
            ),
            Wrong(
                "sum for the mean",
                _summed_sleep,
                "You took the sum over the dreams. A mean is wanted: divide by their number, in "
                "both.",
            ),
            Wrong(
                "data where dreams belong",
                _data_in_sleep,
                "You took the data and let the recogniser guess their causes. A recogniser that "
                "marks its own homework learns nothing. In sleep the pairs are dreamt.",
            ),
            Wrong(
                "dreamt causes with data",
                _half_a_dream,
                "Your causes are dreamt and your inputs are the data, which those causes did not "
                "make. Take both from one dream.",
            ),
            Wrong(
                "error times data",
                _data_times_error,
                "The error is right, and w too. For W it is multiplied by the dreamt input; you "
                "used u.",
            ),
            Wrong(
                "guess about the data",
                _guess_from_data,
                "You compared dreamt causes with the guess about u. The guess is about the dream: "
                "rec.drive(dream).",
            ),
            Wrong(
                "guess drawn",
                _drawn_guess,
                "You subtracted a drawn guess. It is right on average, but noisier: subtract the "
                "probability f(y).",
            ),
            Wrong(
                "prior for the guess",
                _prior_as_guess,
                "You subtracted f(g), what the generative model expects. The recogniser learns, "
                "so subtract its own guess f(y).",
            ),
            Wrong(
                "every dream",
                _all_dreams,
                "This is the expected update, over all dreams there are. Draw: as many dreams as "
                "u has rows.",
            ),
            Wrong(
                "the other network's gradient",
                _generative_in_sleep,
                "This is (u - f(x)) v^T, the rule of the generative network, turned round. In "
                "sleep the recognition network learns: (v - f(y)) u^T.",
            ),
            Wrong(
                "slope of F",
                _free_energy_slope,
                "This is the slope of F in W, with log(P / Q) in it. Sleep climbs the dreamt "
                "F-tilde, and its rule is v - f(y).",
            ),
            Wrong(
                "f left out",
                _without_f_in_sleep,
                "The f is missing: the guess about a cause is f(y), a probability.",
            ),
            Wrong(
                "guess left out",
                _without_guess,
                "Only the dreamt cause is there. Subtract the guess f(y), or the weights grow "
                "without end.",
            ),
        ),
    ),
    Choice(
        id="05.4",
        title="Find the bug",
        prompt="A student's machine learns for hours, and L hardly moves. One step of the program "
        "reads (f is the logistic function; @ multiplies matrices; "
        "moved applies the delta rule to weights and biases; the line for g is right and not "
        "shown):\n"
        "1. v = rec.sample(rng, u)\n"
        "2. gen = moved(gen, targets=u, expected=f(v @ gen.G.T + gen.h), times=v)\n"
        "3. v, dream = gen.sample(rng, len(u))\n"
        "4. rec = moved(rec, targets=v, expected=f(u @ rec.W.T + rec.w), times=u)\n"
        "Where is the bug?",
        options={
            "A": "Line 1: awake, v should come from gen.sample.",
            "B": "Line 2: targets and expected are swapped.",
            "C": "Line 4: it should have dream in both places where it has u.",
            "D": "Line 3: asleep, v should come from rec.sample.",
        },
        answer=ANSWERS["05.4"],
        why="Dreamt causes were paired with real inputs. They have nothing to do with each "
        "other, so the recogniser learns to say the prior, whatever it sees.",
        hints=(
            "Go through the four lines of exercise 05.1 beside these four.",
            "Which inputs did the causes of line 3 make? Which inputs does line 4 use?",
        ),
        replies={
            "A": "Awake the inputs are given and their causes are wanted, so the recogniser draws "
            "them. Line 1 is right.",
            "B": "The targets of the generative model are the inputs that happened, and it "
            "expected f(G v + h). Line 2 is right.",
            "D": "Asleep the generative model draws both, causes and inputs. Line 3 is right; see "
            "what becomes of the dream afterwards.",
        },
    ),
    Numbers(
        id="05.5",
        title="Does this sleep step lower F?",
        prompt="A recogniser has two weights. The slope of F in them is "
        f"({SLOPE_OF_F[0]:.2f}, {SLOPE_OF_F[1]:.2f}). The expected sleep update at rate 1 is "
        f"({SLEEP_UPDATE[0]:.2f}, {SLEEP_UPDATE[1]:.2f}), and it is the slope of the dreamt "
        f"F-tilde. One step of sleep is done at rate {RATE}. Give the pair (change of F, change "
        "of the dreamt F-tilde), to first order, to four decimals.",
        names=("change of F", "change of the dreamt F-tilde"),
        answer=CHANGES,
        atol=6e-5,
        why="A change is slope times step, added up over the weights. Sleep always climbs its own "
        "objective; F goes down here because the two slopes disagree about the second weight, "
        "which moves most.",
        otherwise="The step is rate times the sleep update. Multiply it with a slope, weight by "
        "weight, and add up.",
        hints=(
            "The step is 0.1 times (0.10, 0.40): how far each weight moves.",
            "To first order the change of a function is its slope times the step, added up over "
            "the weights.",
            "F: 0.30 times 0.01 plus -0.20 times 0.04. For the dreamt F-tilde take its own slope.",
        ),
        wrong=(
            Wrong(
                "swapped",
                CHANGES[::-1],
                "Both numbers are right and in the wrong order: F comes first.",
            ),
            wrong_sign(CHANGES, "The sizes are right and the signs are wrong."),
            Wrong(
                "rate forgotten",
                (CHANGES[0] / RATE, CHANGES[1] / RATE),
                "The rate is missing: the step is 0.1 times the update.",
            ),
            Wrong(
                "sign of F wrong",
                (-CHANGES[0], CHANGES[1]),
                "The second is right. The first has the wrong sign: 0.003 minus 0.008 is below 0.",
            ),
            Wrong(
                "F climbed",
                (RATE * float(np.square(SLOPE_OF_F).sum()), CHANGES[1]),
                "The second is right. For the first you moved along the slope of F. Sleep moves "
                "along its own update.",
            ),
            Wrong(
                "one function for both",
                (CHANGES[0], CHANGES[0]),
                "The first is right. The second is another function: its slope is the sleep "
                "update itself.",
            ),
            Wrong(
                "rate squared",
                (CHANGES[0] * RATE, CHANGES[1] * RATE),
                "The rate came in twice. It is in the step, not in the slope.",
            ),
            Wrong(
                "slopes added up",
                (RATE * sum(SLOPE_OF_F), RATE * sum(SLEEP_UPDATE)),
                "You added up each slope by itself. The change is slope times step, weight by "
                "weight.",
            ),
        ),
    ),
    Choice(
        id="05.6",
        title="Predict: when does sleep lower F?",
        prompt="Four recognisers for the same generative model, whose dreams are not yet like the "
        "data. Each gets one small, exact step of sleep. The tops of F and of the dreamt F-tilde "
        "over W lie at different places. For which recogniser is it certain that F falls?",
        options={
            "A": "One with all weights 0, which knows nothing.",
            "B": "The one with the highest F that any W can have.",
            "C": "The one with the highest dreamt F-tilde that any W can have.",
            "D": "For all of them: sleep never climbs F.",
        },
        answer=ANSWERS["05.6"],
        why="At the top of F every move leads down or nowhere, and sleep moves, as its own top is "
        "elsewhere. Far from both tops the two slopes mostly agree, and sleep raises F too.",
        hints=(
            "Sleep has a top of its own. Where would each of the four go?",
            "At the top of a hill, which directions lead up?",
        ),
        replies={
            "A": "This one has much to learn, and what it learns in dreams mostly holds for data: "
            "both objectives rise at first. See the line 'blank' "
            "of the table in this section.",
            "C": "This one does not move at all: the expected sleep update is the slope of the "
            "dreamt F-tilde, and at its top that is 0.",
            "D": "Nothing makes sleep climb F, and nothing forbids it. While a recogniser lags "
            "behind, the two slopes mostly agree.",
        },
    ),
    Function(
        id="05.7",
        title="How far are the dreams from the data?",
        prompt="Write distance(gen, u, weights): KL(data || dreams) in bits, one number. The rows "
        "of u are all pictures of a small world, weights (above 0) say how often each occurs, and "
        "exact.log_likelihood(gen, u) is log P[u; G] in nats.",
        answer=distance,
        cases=_worlds,
        why="It is minus the entropy of the data, less L, turned into bits: how much more each "
        "picture costs when it is written in the machine's code than in the best one.",
        otherwise="Write the sum first: p(u) log(p(u) / P[u; G]) over all pictures, then divide "
        "by ln 2.",
        hints=(
            "A divergence of the data from the dreams is an average over the data: weights @ ....",
            "The logarithm of the fraction is np.log(weights) - exact.log_likelihood(gen, u).",
            "That is in nats. A bit is ln 2 nats, so divide by np.log(2).",
        ),
        wrong=(
            Wrong("nats for bits", _in_nats, "This is right in nats. Divide by ln 2."),
            Wrong(
                "entropy dropped",
                _entropy_dropped,
                "This is minus L in bits. The data have an entropy of their own, which no machine "
                "can beat: log p(u) is missing.",
            ),
            wrong_sign(
                distance, "The size is right and the sign is wrong: log p(u) - log P[u; G]."
            ),
            Wrong(
                "weights left out",
                _unweighted,
                "You took the plain mean over the pictures. Each counts as often as it occurs: "
                "use weights.",
            ),
            Wrong(
                "sum without weights",
                _added_up,
                "You added up the logarithms without weights. Each counts as often as it occurs.",
            ),
            Wrong(
                "KL turned around",
                _dreams_as_weights,
                "You weighted with P[u; G]: that is the part of KL(dreams || data) that falls on "
                "these pictures. Weight with the data.",
            ),
            Wrong(
                "weights of the dreams",
                _fraction_kept,
                "The fraction is right, but you weighted with P[u; G]. KL(data || dreams) is an "
                "average over the data.",
            ),
            Wrong(
                "bits less nats",
                _nats_and_bits,
                "The entropy is in bits and the log likelihood in nats. Turn both into bits.",
            ),
        ),
    ),
    Choice(
        id="05.8",
        title="Judge a machine",
        prompt="A machine has learnt the bars. Of 1000 dreams all 1000 are pictures of the data. "
        "What follows?",
        options={
            "A": "KL(data || dreams) is almost 0.",
            "B": "Q is close to the posterior, on dreams and on data.",
            "C": "Each cause draws one bar.",
            "D": "It hardly ever dreams what is not in the data. Whether it dreams all of the "
            "data, and as often as they occur, has to be looked at.",
        },
        answer=ANSWERS["05.8"],
        why="A machine that dreams one picture only, the blank one, passes this test. "
        "KL(data || dreams) is what notices a missing picture, and L measures it.",
        hints=(
            "Think of the laziest machine that passes this test.",
            "It dreams the blank picture, always. Go through A, B and C for it.",
        ),
        replies={
            "A": "A machine that dreams the blank picture only passes the test. For it log "
            "P[u; G] of every other picture is minus infinity, and so is L.",
            "B": "The test looks at dreams of the generative model alone. The recogniser takes "
            "no part in it.",
            "C": "Two causes may share a bar, or one may draw two bars that go together. The "
            "dreams do not show how they were made.",
        },
    ),
)
