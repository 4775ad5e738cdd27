"""The labs of "Meet the two models"."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, exact
from hmlib.binary import Generative, log_bernoulli, sigmoid
from hmlib.course.lawn import WET
from hmlib.course.nb01.pictures import DreamTable, ExplainingAway, Stripes
from hmlib.course.nb01.records import SHEET, Dreamt, Explained, StripeDreams
from hmlib.course.nb01.small_machines import WIRINGS, lawn_within_reach, stripe_machine
from hmlib.lab.base import Lab, Question
from hmlib.lab.controls import Choice, Slider
from hmlib.tables import independent, mutual_information

Array = NDArray[np.float64]

_PATH = np.linspace(0, 6, 61)
_SHOWN = SHEET[0] * SHEET[1]


def dream_table_values(g_rain: float, weight: float, h: float) -> Dreamt:
    """Numbers of the dream table: joint, posterior of a wet lawn, best independent guess.

    Args:
        g_rain: bias of rain; that of the sprinkler is -2.
        weight: weight from each cause to the lawn.
        h: bias of the lawn.
    """
    gen = Generative(np.array([g_rain, -2.0]), np.array([[weight, weight]]), np.array([h]))
    wet, posterior = np.exp(exact.log_joint(gen, WET)[0]), exact.posterior(gen, WET)[0]
    product = independent(posterior)
    prior = np.exp(log_bernoulli(exact.states(2), gen.g))
    return Dreamt(
        prior=prior,
        wet=wet,
        dry=prior - wet,
        posterior=posterior,
        product=product,
        p_wet=float(wet.sum()),
        p_both=float(posterior[3]),
        p_product=float(product[3]),
    )


def explaining_away_values(s: float, reach: float) -> Explained:
    """Numbers of the explaining-away lab.

    Args:
        s: strength of the wet lawn.
        reach: 1 if the sprinkler waters this lawn, 0 if it does not reach it, -1 if it dries it.
    """
    gen = lawn_within_reach(s, reach)
    table = exact.posterior(gen, WET)[0]
    neither, sprinkler, rain, both = table
    told = (sigmoid(gen.g[1]), sprinkler + both, sprinkler / (sprinkler + neither),
            both / (both + rain))  # fmt: skip
    return Explained(
        s=s,
        reach=reach,
        sprinkler=np.array(told),
        dependence=float(mutual_information(table)),
        path_s=_PATH,
        path_dependence=_dependence_path(reach),
    )


def _dependence_path(reach: float) -> Array:
    """Dependence of the causes of a wet lawn at every strength of the path, all at once."""
    s, v = _PATH[:, None], exact.states(2)
    x = 2 * s * (v @ [1.0, reach] - 1)
    # P[v, wet], but for a factor that is the same for all v: f(-s)^2.
    joint = np.exp(-s * v.sum(axis=1)) * sigmoid(x)
    return mutual_information(joint / joint.sum(axis=1, keepdims=True))


def stripes_values(s: float, g: float, wiring: str) -> StripeDreams:
    """Numbers of the stripes lab: data, dreams, and how probable stripes are in a dream.

    Args:
        s, g, wiring: see `stripe_machine`.
    """
    world, gen = datasets.stripes(), stripe_machine(s, g, wiring)
    p = np.exp(exact.log_likelihood(gen, world.u))
    # The same coins at every place of the controls, so that the dreams change smoothly.
    dreams = gen.sample(np.random.default_rng(1), _SHOWN)[1]
    are_stripes = (dreams[:, None] == world.u).all(axis=2).any(axis=1)
    return StripeDreams(
        data=world.sample(np.random.default_rng(0), _SHOWN).reshape(-1, 3, 3),
        dreams=dreams.reshape(-1, 3, 3),
        drawn=sigmoid(gen.drive(np.eye(2))).reshape(-1, 3, 3),
        p_stripes=float(p.sum()),
        kinds=int((p > 0.01).sum()),
        shown_stripes=int(are_stripes.sum()),
    )


def dream_table() -> Lab[Dreamt]:
    """What a machine of two causes dreams, and what a wet lawn then says about the causes."""
    both_sure = "Rain and sprinkler both become nearly sure causes"
    back_to_prior = "It goes back to the prior, as if nothing were seen"
    stays = "It stays where it is, since no cause has changed"
    return Lab(
        [
            Slider("g_rain", "bias of rain, g", -6.0, 2.0, 0.1, -2.0),
            Slider("weight", "weight of each cause, G", 0.0, 8.0, 0.1, 4.0),
            Slider("h", "bias of the lawn, h", -8.0, 8.0, 0.2, -4.0),
        ],
        dream_table_values,
        DreamTable,
        Question(
            "You raise the bias h of the lawn until the lawn is wet whatever the causes do. What "
            "happens to the posterior, the probability of each pattern given a wet lawn?",
            (both_sure, back_to_prior, stays),
            back_to_prior,
            "A lawn that is always wet says nothing about its causes. All that is left is the "
            "prior, in which rain and sprinkler are independent: the two kinds of bars agree.",
            {
                both_sure: "What makes a lawn wet speaks for causes if it would be dry without "
                "them. This one would be wet anyway.",
                stays: "The causes are the same, and still a wet lawn now says less about them: "
                "it would have been wet without them.",
            },
        ),
        title="The dream table",
        legend="Left: a whole bar is the prior P[v]; its lower, hatched part is dreamt with a wet "
        "lawn. Right, plain: the lower parts scaled up so that they sum to 1. Dotted: the product "
        "of P[rain|wet] and P[sprinkler|wet], and so on: what the same causes would do if they "
        "were independent.",
    )


def explaining_away() -> Lab[Explained]:
    """One cause becomes less probable when the other is known, as the machine grows stronger."""
    return Lab(
        [
            Slider("s", "strength s of the machine", 0.0, 6.0, 0.1, 2.0),
            Slider("reach", "reach of the sprinkler", -1.0, 1.0, 0.02, 1.0),
        ],
        explaining_away_values,
        ExplainingAway,
        Question(
            "The stronger the machine, the rarer rain and sprinkler. The lawn is wet, and you "
            "raise the strength. What happens to P[sprinkler|wet]?",
            ("It stays at one half", "It falls below one half", "It rises above one half"),
            "It stays at one half",
            "Of the two causes alone each is as probable as the other, and at reach 1 neither and "
            "both are as probable as each other too. What falls is P[sprinkler|wet, rain]: rain "
            "accounts for the wet lawn, so the sprinkler is needed less. It is explained away.",
            {
                "It falls below one half": "The sprinkler becomes rarer, and so does everything "
                "else that could have wet the lawn. A wet lawn still needs something.",
                "It rises above one half": "A wet lawn needs a cause more and more, and rain "
                "answers the need as well as the sprinkler does.",
            },
        ),
        title="Explaining away",
        legend="Left: the probability of the sprinkler, for what you are told. Right: how much "
        "rain and sprinkler say about each other once the lawn is known to be wet; 0 means that "
        "they are independent (mutual information). The mark is the machine on the left. Reach: 1 "
        "waters this lawn, 0 leaves it alone, -1 dries it.",
        hides=("limit", "legend"),
    )


def stripes() -> Lab[StripeDreams]:
    """Dreams of a machine with two causes beside pictures of stripes."""
    two, four, twelve = "two different ones", "four different ones", "twelve different ones"
    return Lab(
        [
            Slider("s", "strength s of the drawing", 0.0, 6.0, 0.1, 0.0),
            Slider("g", "bias of both causes, g", -4.0, 4.0, 0.1, 0.0),
            Choice("wiring", "wiring of the causes", tuple(WIRINGS), "two columns"),
        ],
        stripes_values,
        Stripes,
        Question(
            "At strength 0 every pixel is a fair coin, so any of 512 pictures can be dreamt. You "
            "raise the strength to 6. How many pictures make up nearly all of the dreams?",
            (two, twelve, four),
            four,
            "Two causes have four patterns, so a strong machine dreams four pictures: the blank "
            "one, two single ones, and both on top of each other. Learning has to find wires and "
            "biases whose dreams are the data, in the right proportions.",
            {
                two: "One for each cause: but both may be on, or neither, and that makes pictures "
                "of their own.",
                twelve: "The data have twelve kinds. This machine has not learnt from them: its "
                "two wires draw what they draw.",
            },
        ),
        title="Dreams of stripes",
        legend="A dark pixel is on (on a dark page, a bright one). Right: what the machine draws "
        "when one cause alone is on; the stronger the colour, the more probable the pixel.",
    )
