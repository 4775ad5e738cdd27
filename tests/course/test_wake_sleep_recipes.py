"""The recipes: they begin where they say, keep their promises, and do not depend on luck."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import oracles
import pytest

from hmlib import Generative, Layered, datasets, importance
from hmlib.course import wake_sleep_recipes as recipes
from hmlib.learning import Step, Steps

Recipe = Callable[..., Steps]


def digits_of_one_layer(rng: np.random.Generator, **options: int) -> Steps:
    return recipes.digits(rng, 32, **options)


RECIPES: dict[Recipe, tuple[int, ...]] = {
    recipes.bars: (16, 8, 1),
    recipes.or_bars: (16, 8),
    recipes.stripes: (9, 6, 1),
    recipes.shifter: (32, 16, 4),
    recipes.digits: (64, 32, 16),
    digits_of_one_layer: (64, 32),
}


def slow_divergence(world: datasets.Patterns, gen: object) -> float:
    """sum_k p_k (log p_k - log P[u_k]), one pattern and one state after the other."""
    return sum(
        p * (math.log(p) - oracles.log_likelihood(gen, u))
        for p, u in zip(world.weights.tolist(), world.u, strict=True)
    )


@pytest.mark.parametrize("sizes", [(9, 3), (9, 3, 2)])
def test_divergence_against_loops(sizes: tuple[int, ...]) -> None:
    kind = Generative if len(sizes) == 2 else Layered
    gen, world = kind.random(np.random.default_rng(0), *sizes), datasets.stripes()
    assert recipes.divergence(world, gen) == pytest.approx(slow_divergence(world, gen), abs=1e-12)


def test_divergence_of_the_best_blind_model() -> None:
    world = datasets.or_bars(side=3, p=0.3)
    p = world.weights @ world.u
    gen = Generative(np.zeros(1), np.zeros((9, 1)), np.log(p / (1 - p)))
    assert recipes.divergence(world, gen) == pytest.approx(blind(world), abs=1e-12)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_short_run_has_its_machine_and_its_records(recipe: Recipe) -> None:
    steps = list(recipe(np.random.default_rng(0), steps=40, every=5))
    first, last = steps[0], steps[-1]
    assert first.gen.sizes == last.gen.sizes == last.rec.sizes == RECIPES[recipe]
    assert not any(weights.any() for weights in first.gen.weights)
    assert (first.count, last.count) == (0, 40)
    counts = [step.count for step in steps if step.tries == 1 and step.count <= 10]
    assert counts[:3] == [0, 5, 10]


@pytest.mark.parametrize("recipe", RECIPES)
def test_same_seed_same_machine(recipe: Recipe) -> None:
    def last(seed: int) -> Step:
        *_, step = recipe(np.random.default_rng(seed), steps=40)
        return step

    one, again, other = last(0), last(0), last(1)
    assert one.gen == again.gen
    assert one.rec == again.rec
    assert one.gen != other.gen


def test_bars_begin_anew_when_stuck_and_the_best_try_goes_on() -> None:
    """After 100 steps every run is far from the data, so each of the ten tries is given up."""
    steps = list(recipes.bars(np.random.default_rng(0), steps=400, every=50))
    tries, going_on = steps[:30], steps[30:]
    assert [step.tries for step in tries] == [k for k in range(1, 11) for _ in range(3)]
    assert [step.count for step in tries] == [0, 50, 100] * 10
    halts = {step.gen.ravel().tobytes(): step for step in tries[2::3]}
    assert len(halts) == 10
    best = min(halts.values(), key=lambda step: recipes.divergence(datasets.bars(), step.gen))
    assert {step.tries for step in going_on} == {best.tries}
    assert going_on[0].gen == best.gen
    assert going_on[-1].count == 400


def test_bars_keep_their_sign_and_their_rare_causes() -> None:
    steps = list(recipes.bars(np.random.default_rng(0), steps=400, every=50))
    assert all((step.gen.weights[0] >= 0).all() for step in steps)
    assert (steps[0].gen.biases[1] == -3).all()
    assert (steps[0].gen.biases[2] == -3).all()


def test_the_top_of_the_bars_waits_for_a_quarter() -> None:
    steps = list(recipes.bars(np.random.default_rng(0), steps=400, every=50))
    last_try = [step for step in steps if step.tries == steps[-1].tries]
    moved = {}
    for before, after in itertools.pairwise(last_try):
        if after.count == before.count + 50:
            change = np.abs(after.gen.weights[1] - before.gen.weights[1]).max()
            moved.setdefault(before.count < 100, []).append(change)
    assert max(moved[True]) < 0.05 < max(moved[False])


@pytest.mark.long
def test_bars_come_within_the_figure_of_the_paper() -> None:
    """The whole recipe, four seconds: 0.10 bits in 1995, below 0.06 here."""
    *_, last = recipes.bars(np.random.default_rng(2003))
    assert last.count == recipes.BARS_STEPS
    nats = slow_divergence(datasets.bars(), last.gen)
    assert 0 < nats / math.log(2) < 0.06


@pytest.mark.parametrize(
    ("recipe", "world"),
    [(recipes.stripes, datasets.stripes()), (recipes.or_bars, datasets.or_bars())],
)
def test_a_short_run_learns(recipe: Recipe, world: datasets.Patterns) -> None:
    first, *_, last = recipe(np.random.default_rng(0), steps=1000)
    before, after = (recipes.divergence(world, step.gen) for step in (first, last))
    assert after < blind(world) - 0.3 < before


def blind(world: datasets.Patterns) -> float:
    """Divergence of pixels that are independent: the sum of their entropies, less the world's."""
    entropies = (-p * math.log(p) - (1 - p) * math.log(1 - p) for p in world.weights @ world.u)
    return sum(entropies) - world.entropy


@pytest.mark.parametrize("recipe", [recipes.shifter, recipes.digits])
def test_a_short_run_of_a_large_machine_learns(recipe: Recipe) -> None:
    first, *_, last = recipe(np.random.default_rng(0), steps=600)
    u = datasets.shifter().u[::10] if recipe is recipes.shifter else datasets.digits().test[:50]
    log_l = [
        importance.estimate(
            step.gen, step.rec, u, np.random.default_rng(1), 50
        ).log_likelihood.mean()
        for step in (first, last)
    ]
    assert log_l[0] == pytest.approx(-u.shape[1] * math.log(2), abs=0.5)
    assert log_l[1] > log_l[0] + 5


@pytest.mark.parametrize("recipe", [recipes.bars, recipes.or_bars])
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"steps": 0}, "steps is 0"),
        ({"steps": 402}, "steps is 402"),
        ({"every": 7}, "every is 7"),
        ({"every": 0}, "every is 0"),
    ],
)
def test_a_run_that_cannot_be_checked_is_refused(
    recipe: Recipe, options: dict[str, int], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        recipe(np.random.default_rng(0), **options)


@pytest.mark.parametrize("recipe", RECIPES)
def test_bad_input_is_named(recipe: Recipe) -> None:
    with pytest.raises(ValueError, match="steps is 0"):
        recipe(np.random.default_rng(0), steps=0)
    with pytest.raises(ValueError, match="every is 0"):
        recipe(np.random.default_rng(0), every=0)
    with pytest.raises(ValueError, match="rng"):
        recipe(None)
