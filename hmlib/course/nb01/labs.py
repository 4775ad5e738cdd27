"""The labs of "Meet the two models"."""

from __future__ import annotations

import numpy as np

from hmlib import datasets, exact
from hmlib.binary import Generative, log_bernoulli, sigmoid
from hmlib.course.lawn import WET, wet_lawn
from hmlib.course.nb01.pictures import DreamTable, ExplainingAway, Stripes
from hmlib.lab.base import Lab, Question, Record
from hmlib.lab.controls import Choice, Slider

Array = np.ndarray

WIRINGS = {
    "two columns": ([1, 0, 0] * 3, [0, 1, 0] * 3),
    "a column and a row": ([1, 0, 0] * 3, [1, 1, 1] + [0] * 6),
}
"""Which of the 3 x 3 pixels each of two causes switches on."""

_PATH = np.linspace(0, 6, 61)
_SHOWN = Stripes.rows * Stripes.columns


def independent_guess(table: Array) -> Array:
    """Independent causes that come closest to a table over two causes.

    Args:
        table: probabilities of the four patterns, shape (..., 4).

    Returns:
        The product of the table's marginals, shape (..., 4). Of all factorised Q it is the one
        with the smallest KL(P || Q).
    """
    v = exact.states(2)
    q = (table @ v)[..., None, :]
    return np.where(v == 1, q, 1 - q).prod(axis=-1)


def dependence(table: Array) -> Array:
    """Mutual information of two causes in nats: sum_v P log(P / product of the marginals).

    Args:
        table: probabilities of the four patterns, none of them 0, shape (..., 4).

    Returns:
        One number for each table, shape (...).
    """
    return (table * np.log(table / independent_guess(table))).sum(axis=-1)


def dream_table_values(g_rain: float, weight: float, h: float) -> Record:
    """Numbers of the dream table: joint, posterior of a wet lawn, best independent guess.

    Args:
        g_rain: bias of rain; that of the sprinkler is -2.
        weight: weight from each cause to the lawn.
        h: bias of the lawn.
    """
    gen = Generative(g=[g_rain, -2.0], G=[[weight, weight]], h=[h])
    wet, posterior = np.exp(exact.log_joint(gen, WET)[0]), exact.posterior(gen, WET)[0]
    product = independent_guess(posterior)
    prior = np.exp(log_bernoulli(exact.states(2), gen.g))
    return {
        "prior": prior,
        "wet": wet,
        "dry": prior - wet,
        "posterior": posterior,
        "product": product,
        "p_wet": float(wet.sum()),
        "p_both": float(posterior[3]),
        "p_product": float(product[3]),
    }


def lawn(s: float, reach: float) -> Generative:
    """The wet lawn, with a sprinkler that reaches only part of it: its weight is 2 s reach."""
    gen = wet_lawn(s)
    return Generative(gen.g, gen.G * [1.0, reach], gen.h)


def explaining_away_values(s: float, reach: float) -> Record:
    """Numbers of the explaining-away lab.

    Args:
        s: strength of the wet lawn.
        reach: 1 if the sprinkler waters this lawn, 0 if it does not reach it.

    Returns:
        P[sprinkler] given nothing, a wet lawn, and a wet lawn without or with rain; mutual
        information of the causes of a wet lawn, also as a path over s.
    """
    gen = lawn(s, reach)
    table = exact.posterior(gen, WET)[0]
    neither, sprinkler, rain, both = table
    told = (sigmoid(gen.g[1]), sprinkler + both, sprinkler / (sprinkler + neither),
            both / (both + rain))  # fmt: skip
    return {
        "s": s,
        "reach": reach,
        "sprinkler": np.array(told),
        "dependence": float(dependence(table)),
        "path_s": _PATH,
        "path_dependence": _dependence_path(reach),
    }


def _dependence_path(reach: float) -> Array:
    """Dependence of the causes of a wet lawn at every strength of the path, all at once."""
    s, v = _PATH[:, None], exact.states(2)
    x = 2 * s * (v @ [1.0, reach] - 1)
    # P[v, wet], but for a factor that is the same for all v: f(-s)^2.
    joint = np.exp(-s * v.sum(axis=1)) * sigmoid(x)
    return dependence(joint / joint.sum(axis=1, keepdims=True))


def stripe_machine(s: float, g: float, wiring: str) -> Generative:
    """Two causes that draw on 3 x 3 pixels.

    A pixel that is reached by a cause that is on has total input s, or more if both reach it;
    every other pixel has -s.

    Args:
        s: strength; 0 makes every pixel a fair coin.
        g: bias of both causes.
        wiring: one of `WIRINGS`.
    """
    pixels = np.array(WIRINGS[wiring], dtype=float)
    return Generative(g=[g, g], G=2 * s * pixels.T, h=np.full(9, -s))


def stripes_values(s: float, g: float, wiring: str) -> Record:
    """Numbers of the stripes lab: data, dreams, and how probable stripes are in a dream."""
    world, gen = datasets.stripes(), stripe_machine(s, g, wiring)
    p = np.exp(exact.log_likelihood(gen, world.u))
    # The same coins at every place of the controls, so that the dreams change smoothly.
    dreams = gen.sample(np.random.default_rng(1), _SHOWN)[1]
    stripes = (dreams[:, None] == world.u).all(axis=2).any(axis=1)
    return {
        "data": world.sample(np.random.default_rng(0), _SHOWN).reshape(-1, 3, 3),
        "dreams": dreams.reshape(-1, 3, 3),
        "drawn": sigmoid(gen.drive(np.eye(2))).reshape(-1, 3, 3),
        "p_stripes": float(p.sum()),
        "kinds": int((p > 0.01).sum()),
        "shown_stripes": int(stripes.sum()),
    }


def dream_table() -> Lab:
    """What a machine of two causes dreams, and what a wet lawn then says about the causes."""
    back_to_prior = "It goes back to what the causes do by themselves, the prior"
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
            (
                "Rain and sprinkler both become nearly sure",
                back_to_prior,
                "It stays where it is, since the causes have not changed",
            ),
            back_to_prior,
            "A lawn that is always wet says nothing about its causes. All that is left is the "
            "prior, in which rain and sprinkler are independent: the two kinds of bars agree.",
        ),
        title="The dream table",
        legend="Left: a whole bar is the prior P[v]; its lower, hatched part is dreamt with a wet "
        "lawn. Right, plain: the lower parts scaled up so that they sum to 1. Dotted: the product "
        "of P[rain|wet] and P[sprinkler|wet], and so on: what the same causes would do if they "
        "were independent.",
    )


def explaining_away() -> Lab:
    """One cause becomes less probable when the other is known, as the machine grows stronger."""
    return Lab(
        [
            Slider("s", "strength s of the machine", 0.0, 6.0, 0.1, 2.0),
            Slider("reach", "reach of the sprinkler", 0.0, 1.0, 0.02, 1.0),
        ],
        explaining_away_values,
        ExplainingAway,
        Question(
            "The stronger the machine, the rarer rain and sprinkler. The lawn is wet, and you "
            "raise the strength. What happens to P[sprinkler|wet]?",
            ("It falls", "It rises", "It stays at one half"),
            "It stays at one half",
            "A wet lawn needs a cause, and rain and sprinkler are equally good ones. What falls is "
            "P[sprinkler|wet, rain]: rain accounts for the wet lawn, so the sprinkler is needed "
            "less. It is explained away, unless it cannot wet this lawn (reach 0) or nothing "
            "drives it (s = 0).",
        ),
        title="Explaining away",
        legend="Left: the probability of the sprinkler, for what you are told. Right: how much "
        "rain and sprinkler say about each other once the lawn is known to be wet; 0 means that "
        "they are independent (mutual information). The mark is the machine on the left.",
    )


def stripes() -> Lab:
    """Dreams of a machine with two causes beside pictures of stripes."""
    own_kinds = "Noise turns into clean pictures, but only of the kinds that its causes can draw"
    return Lab(
        [
            Slider("s", "strength s of the drawing", 0.0, 6.0, 0.1, 0.0),
            Slider("g", "bias of both causes, g", -4.0, 4.0, 0.1, 0.0),
            Choice("wiring", "wiring of the causes", tuple(WIRINGS), "two columns"),
        ],
        stripes_values,
        Stripes,
        Question(
            "At strength 0 every pixel is a fair coin. You raise the strength. What happens to "
            "the dreams?",
            (
                "They stay noise, since nobody has trained the machine",
                own_kinds,
                "Noise turns into the same twelve pictures as in the data",
            ),
            own_kinds,
            "Two causes have four patterns, so a strong machine dreams four pictures: the blank "
            "one, two single ones, and both on top of each other. Learning has to find wires and "
            "biases whose dreams are the data, in the right proportions.",
        ),
        title="Dreams of stripes",
        legend="A dark pixel is on (on a dark page, a bright one). Right: what the machine draws "
        "when one cause alone is on; the stronger the colour, the more probable the pixel.",
    )
