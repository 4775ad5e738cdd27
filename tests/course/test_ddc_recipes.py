"""The recipes by which the course learns with DDC."""

import numpy as np
import pytest

from hmlib import ddc
from hmlib.course import ddc_recipes as recipes
from hmlib.course.wake_sleep_recipes import divergence


@pytest.mark.long
def test_the_layered_laplace_model_comes_near_the_truth():
    rng = np.random.default_rng(0)
    true = recipes.layered_laplace(rng)
    train, test = true.sample(rng, 2000)[0], true.sample(rng, 300)[0]
    start, *_, last = recipes.laplace(train, rng, steps=300, every=300)
    truth, was, now = (
        ddc.laplace_log_likelihood(model, test).mean() for model in (true, start.model, last.model)
    )
    assert truth - now < (truth - was) / 2


def test_code_learns_the_bars():
    last = list(recipes.bars(np.random.default_rng(2), steps=300))[-1]
    start = recipes.bars_start(np.random.default_rng(2))
    world = recipes.bars_world()
    assert len(world.u) == 50
    assert divergence(world, recipes.as_generative(last.model)) < divergence(world, start) / 4


def test_a_binary_machine_and_its_chain_are_one():
    gen = recipes.bars_start(_rng())
    chain = recipes.as_chain(gen)
    assert recipes.as_generative(chain) == gen
    v, u = gen.sample(_rng(), 20)
    np.testing.assert_allclose(chain.log_prob((u, v)), gen.log_prob(v, u))
    with pytest.raises(ValueError, match="Bernoulli and Coins"):
        recipes.as_generative(_gaussian_chain())


def test_curves_are_learnt_from_the_recipe():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 500)
    x = np.column_stack([np.cos(angle), np.sin(angle)])
    for wake in ("code", "score"):
        counts = [step.count for step in recipes.curve(x, rng, wake, steps=4, every=2)]
        assert counts == [0, 2, 4]


def test_recipes_want_steps():
    for recipe in (recipes.curve, recipes.laplace):
        for name in ("steps", "every"):
            with pytest.raises(ValueError, match=f"{name} is 0; accepted: a whole number >= 1"):
                recipe(np.eye(3, 2), _rng(), **{name: 0})


def _rng():
    return np.random.default_rng(0)


def _gaussian_chain():
    A = np.array([[1.0, 0.3], [-0.2, 0.8]])
    return ddc.Chain((ddc.Gaussian(A, [0.1, 0.2], np.log([0.5, 0.4])), ddc.StandardNormal(2)))
