"""The records of the labs of notebook 01, against slow loops that share no code with hmlib."""

import io
import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from oracles import f, factorised, log_joint, patterns
from PIL import Image

from hmlib.course.nb01 import labs
from hmlib.course.nb01.small_machines import WIRINGS, stripe_machine
from hmlib.tables import mutual_information

BOTH = (1, 1)
TIGHT = {"rtol": 0, "atol": 1e-12}


def machine(g, weights, h):
    """A model of plain lists: one weight for each pair of input and cause."""
    return SimpleNamespace(g=g, G=weights, h=h)


def joint_of(gen, u):
    return {v: math.exp(log_joint(gen, v, u)) for v in patterns(len(gen.g))}


def given(table, known):
    """The patterns that are still possible, scaled up so that they sum to 1."""
    total = sum(p for v, p in table.items() if known(v))
    return {v: p / total for v, p in table.items() if known(v)}


def chance(table, event):
    return sum(p for v, p in table.items() if event(v))


def best_product(posterior):
    return factorised([chance(posterior, lambda v, a=a: v[a] == 1) for a in (0, 1)])


@pytest.mark.parametrize(
    ("g_rain", "weight", "h"), [(-2, 4, -4), (-6, 0, -8), (2, 8, 8), (0.3, 1.7, -0.6), (1, 8, -8)]
)
def test_the_dream_table_is_the_joint_and_its_posterior(g_rain, weight, h):
    record = labs.dream_table_values(g_rain, weight, h)
    gen = machine([g_rain, -2], [[weight, weight]], [h])
    wet, dry = joint_of(gen, (1,)), joint_of(gen, (0,))
    posterior = given(wet, lambda v: True)
    product = best_product(posterior)
    for shown, table in (
        (record.wet, wet),
        (record.dry, dry),
        (record.posterior, posterior),
        (record.product, product),
    ):
        np.testing.assert_allclose(shown, [table[v] for v in patterns(2)], **TIGHT)
    np.testing.assert_allclose(record.prior, [wet[v] + dry[v] for v in patterns(2)], **TIGHT)
    assert record.p_wet == pytest.approx(sum(wet.values()), abs=1e-12)
    assert record.p_both == pytest.approx(posterior[BOTH], abs=1e-12)
    assert record.p_product == pytest.approx(product[BOTH], abs=1e-12)


def test_a_lawn_that_is_always_wet_gives_the_prior_back():
    record = labs.dream_table_values(-2.0, 4.0, 8.0)
    np.testing.assert_allclose(record.posterior, record.prior, atol=1e-3)
    np.testing.assert_allclose(record.posterior, record.product, atol=1e-3)
    start = labs.dream_table_values(-2.0, 4.0, -4.0)
    assert np.abs(start.posterior - start.prior).max() > 0.2


@pytest.mark.parametrize(
    ("s", "reach"), [(2, 1), (0, 0), (0, 1), (6, 1), (6, 0), (3.3, 0.42), (2, -1)]
)
def test_explaining_away_is_conditioning_on_more(s, reach):
    record = labs.explaining_away_values(s, reach)
    gen = machine([-s, -s], [[2 * s, 2 * s * reach]], [-2 * s])
    wet = given(joint_of(gen, (1,)), lambda v: True)
    prior = {v: p + joint_of(gen, (0,))[v] for v, p in joint_of(gen, (1,)).items()}

    def on(v):
        return v[1] == 1

    told = [
        chance(prior, on),
        chance(wet, on),
        chance(given(wet, lambda v: v[0] == 0), on),
        chance(given(wet, lambda v: v[0] == 1), on),
    ]
    np.testing.assert_allclose(record.sprinkler, told, **TIGHT)
    product = best_product(wet)
    information = sum(p * math.log(p / product[v]) for v, p in wet.items())
    assert record.dependence == pytest.approx(information, abs=1e-12)
    place = int(np.argmin(np.abs(record.path_s - s)))
    assert record.path_s[place] == pytest.approx(s)
    assert record.path_dependence[place] == pytest.approx(information, abs=1e-12)


def test_a_sprinkler_that_does_not_reach_the_lawn_is_not_explained_away():
    for s in (0.5, 2.0, 5.0):
        record = labs.explaining_away_values(s, 0.0)
        np.testing.assert_allclose(record.sprinkler, f(-s), **TIGHT)
        assert abs(record.dependence) < 1e-12
        assert labs.explaining_away_values(s, 1.0).dependence > 1e-4


@pytest.mark.parametrize("seed", range(3))
def test_no_independent_guess_is_closer_than_the_product_of_the_marginals(seed):
    table = np.random.default_rng(seed).dirichlet(np.ones(4))
    best = mutual_information(table)
    grid = [0.02 * k for k in range(1, 50)]
    for q in itertools.product(grid, grid):
        guess = factorised(q)
        divergence = sum(
            p * math.log(p / guess[v]) for p, v in zip(table, patterns(2), strict=True)
        )
        assert divergence >= best - 1e-12


def is_stripes(picture):
    """Neither blank nor full, and all rows alike or all columns alike."""
    rows = [tuple(row) for row in picture]
    columns = list(zip(*rows, strict=True))
    on = sum(map(sum, rows))
    return 0 < on < 9 and (len(set(rows)) == 1 or len(set(columns)) == 1)


@pytest.mark.parametrize("wiring", WIRINGS)
@pytest.mark.parametrize(("s", "g"), [(0, 0), (6, 4), (6, -4), (2.5, 0.7)])
def test_the_chance_of_stripes_is_a_sum_over_all_pictures(s, g, wiring):
    record = labs.stripes_values(s, g, wiring)
    reached = WIRINGS[wiring]
    weights = [[2 * s * reached[a][b] for a in (0, 1)] for b in range(9)]
    gen = machine([g, g], weights, [-s] * 9)
    stripes = [u for u in patterns(9) if is_stripes(np.reshape(u, (3, 3)).tolist())]
    chances = [sum(joint_of(gen, u).values()) for u in stripes]
    assert len(stripes) == 12
    assert record.p_stripes == pytest.approx(sum(chances), abs=1e-12)
    assert record.kinds == sum(p > 0.01 for p in chances)
    shown = sum(is_stripes(dream.astype(int).tolist()) for dream in record.dreams)
    assert record.shown_stripes == shown
    assert all(is_stripes(picture.astype(int).tolist()) for picture in record.data)
    for a in (0, 1):
        drawn = [f(2 * s * reached[a][b] - s) for b in range(9)]
        np.testing.assert_allclose(record.drawn[a].ravel(), drawn, **TIGHT)


def test_the_dreams_shown_are_as_probable_as_the_machine_says():
    gen = stripe_machine(2.0, 0.0, "two columns")
    dreams = gen.sample(np.random.default_rng(5), 20_000)[1]
    share = np.mean([is_stripes(u.reshape(3, 3).astype(int).tolist()) for u in dreams])
    assert share == pytest.approx(labs.stripes_values(2.0, 0.0, "two columns").p_stripes, abs=0.02)


def pixels(lab):
    return np.asarray(Image.open(io.BytesIO(lab.picture)).convert("RGB"))


@pytest.mark.parametrize(
    ("make", "moves"),
    [
        (labs.dream_table, ({"g_rain": 1.0}, {"weight": 0.0}, {"h": 8.0})),
        (labs.explaining_away, ({"s": 6.0}, {"reach": 0.0})),
        (
            labs.stripes,
            ({"s": 3.0}, {"s": 3.0, "g": 4.0}, {"s": 3.0, "wiring": "a column and a row"}),
        ),
    ],
    ids=("dream_table", "explaining_away", "stripes"),
)
def test_the_picture_and_its_words_move_with_every_control(make, moves):
    lab = make().predict()
    seen, words = [pixels(lab)], [lab.alt]
    for move in moves:
        lab.reset().set(**move)
        assert all((pixels(lab) != other).any() for other in seen)
        assert lab.alt not in words
        seen.append(pixels(lab))
        words.append(lab.alt)
    np.testing.assert_array_equal(pixels(lab.reset()), seen[0])
