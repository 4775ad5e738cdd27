"""Learning with weights on dreams or draws: its iterator, its units, its words."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hmlib import datasets, ddc
from hmlib.course import ddc_recipes as recipes
from hmlib.ddc import particles
from hmlib.ddc.particles import read_particles
from hmlib.learning import Diverged

RNG = np.random.default_rng
SMALL = {"n_dreams": 150, "minibatch": 60, "rate": 0.02, "watch": 3}
WAYS = {
    "local": {"wake": "code"},
    "guided": {"wake": "guided"},
    "decoded": {"wake": "code", "recognition": "trained"},
    "looking": {"wake": "code", "recognition": "trained", "looks": 2, "minus_dreams": True},
}
each_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module")
def x():
    return datasets.ring(RNG(0), 400)


def run(x, way, steps=6, **options):
    return list(ddc.fit(None, x, rng=RNG(1), steps=steps, **(SMALL | WAYS[way] | options)))


@each_way
def test_stopped_and_continued_is_never_stopped(x, way):
    whole = run(x, way, 7, planned=None)
    part = replace(whole[3])
    rest = list(ddc.fit(None, x, steps=4, start=part, **SMALL))
    assert [step.count for step in rest] == [4, 5, 6, 7]
    for mine, theirs in zip(rest, whole[4:], strict=True):
        assert np.array_equal(mine.model.ravel(), theirs.model.ravel())
        assert mine.rng_state == theirs.rng_state


@each_way
def test_a_planned_run_in_two_parts_is_the_whole_run(x, way):
    options = SMALL | WAYS[way] | {"rate": None, "planned": 6}
    *_, whole = ddc.fit(None, x, rng=RNG(1), steps=6, **options)
    *_, part = ddc.fit(None, x, rng=RNG(1), steps=2, **options)
    *_, end = ddc.fit(None, x, steps=4, start=part, **options)
    assert np.array_equal(end.model.ravel(), whole.model.ravel())


def test_what_a_run_takes_by_itself(x):
    step = next(iter(ddc.fit(None, x, RNG(0))))
    assert isinstance(step, ddc.ParticleStep)
    assert (step.mode, step.trained) == ("code", None)
    # Noise that explains all of the data never gives it back.
    assert np.allclose(np.exp(step.model.layers[0].log_var), 0.1 * x.var(axis=0))
    for asked in ({"features": 40}, {"ridge": 0.1}, {"wake": "score"}, {"blur": 0.1}):
        begun = next(iter(ddc.fit(None, x, RNG(0), **asked)))
        assert isinstance(begun, ddc.RegressionStep)
    coins = recipes.as_chain(recipes.bars_start(RNG(0)))
    world = recipes.bars_world()
    assert isinstance(next(iter(ddc.fit(coins, world.u, RNG(0)))), ddc.RegressionStep)


@pytest.mark.long
@each_way
@pytest.mark.parametrize("scale", [1e-4, 1e5])
def test_rescaled_data_give_the_same_dreams_rescaled(x, way, scale):
    plain, other = run(x, way)[-1].model, run(x * scale + 3 * scale, way)[-1].model
    one, two = (model.sample(RNG(3), 50)[0] for model in (plain, other))
    assert np.allclose(two / scale - 3, one, atol=2e-2)


@pytest.mark.long
@each_way
def test_learning_goes_up(x, way):
    held_out = datasets.ring(RNG(9), 300)

    def worth(model):
        return ddc.log_likelihood(model, held_out, RNG(0), 4000)[0].mean()

    options = {"rate": None, "n_dreams": 400, "minibatch": 150, "watch": 50, "every": 120}
    first, *_, last = run(x, way, 120, **options)
    assert worth(last.model) > worth(first.model) + 0.2
    assert last.alarm is None


@each_way
def test_weighted_data_count_as_often_as_they_weigh(x, way):
    twice = np.concatenate([x[:50], x[:20]])
    weights = np.concatenate([np.full(20, 2.0), np.ones(30)])
    options = {"minibatch": 1000, "steps": 1}
    one = run(twice, way, **options)[-1]
    start = run(twice, way, **options)[0]
    given = SMALL | WAYS[way] | options
    step = list(ddc.fit(start.model, x[:50], RNG(1), weights=weights, **given))
    share = weights / weights.sum()
    a, b = (
        s.direction(data, w, RNG(5), 300)
        for s, data, w in ((start, twice, np.full(70, 1 / 70)), (start, x[:50], share))
    )
    if way == "local":
        assert np.allclose(a, b, atol=1e-4 * np.abs(a).max())
        assert step[-1].count == one.count == 1
    else:
        assert a.shape == b.shape


def test_more_layers_learn_too():
    data = recipes.layered_laplace(RNG(0)).sample(RNG(1), 200)[0]
    for given in WAYS.values():
        start = recipes.laplace_start(data, RNG(2))
        first, *_, last = ddc.fit(start, data, RNG(3), steps=4, **(SMALL | given))
        moved = [
            not np.array_equal(a.ravel(), b.ravel())
            for a, b in zip(first.model.layers, last.model.layers, strict=True)
        ]
        # The top layer is given.
        assert moved == [True, True, False]


def test_coins_are_guided_too():
    world = recipes.bars_world()
    bottom = ddc.Bernoulli(RNG(0).standard_normal((9, 2)), np.zeros(9))
    chain = ddc.Chain((bottom, ddc.StandardNormal(2)))
    *_, last = ddc.fit(chain, world.u, RNG(1), "guided", steps=3, **SMALL)
    assert np.isfinite(last.model.ravel()).all()


@each_way
def test_long_tails_are_learnt_bent_and_given_back_straight(way):
    x = RNG(0).standard_t(1.5, (400, 2))
    *_, last = run(x, way)
    assert isinstance(last.model.layers[0], ddc.Warped)
    assert isinstance(last.learnt.layers[0], ddc.Network)
    assert np.allclose(last.looked_at(x), last.model.layers[0].warp(x))
    rest = list(ddc.fit(None, x, steps=2, start=last, **SMALL))
    assert rest[-1].count == last.count + 2


@each_way
def test_the_instruments_read_held_out_dreams(x, way):
    *_, last = run(x, way, 3)
    reading = last.instruments
    assert reading.score_r2 == ()
    assert 0 < reading.code_r2[0] < 1
    # Draws that are not weighed have no number that counts.
    weighed = way in ("local", "guided")
    assert (1 <= reading.effective <= 150) == weighed
    again = read_particles(last, last.looked_at(x), RNG(last.count), 150)
    np.testing.assert_equal(vars(again), vars(reading))
    assert ("effective" in repr(reading)) == weighed


@pytest.mark.parametrize("way", ["guided", "decoded"])
def test_as_many_latents_are_drawn_as_asked_for(x, way, monkeypatch):
    seen: list[int] = []
    drawn = getattr(particles, f"{way}_direction")

    def counted(model, proposal, data, share, rng, draws):
        seen.append(draws)
        return drawn(model, proposal, data, share, rng, draws)

    monkeypatch.setattr(particles, drawn.__name__, counted)
    start = run(x, way, 2, draws=7)[-1]
    list(ddc.fit(None, x, steps=2, start=start, **SMALL))
    assert set(seen) == {7}
    with pytest.raises(ValueError, match="draws"):
        ddc.fit(None, x, start=start, draws=8)
    seen.clear()
    run(x, way, 1)
    assert set(seen) == {20 if way == "guided" else 3}


@each_way
def test_what_runs_away_is_stopped_and_says_where(x, way):
    with pytest.raises(Diverged, match="ran away"):
        run(x, way, 60, rate=1e6)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"recognition": "local", "ridge": 0.1}, "ridge is given, and recognition is 'local'"),
        ({"wake": "guided", "features": 10}, "features is given, and recognition is 'trained'"),
        ({"recognition": "regression", "kappa": 0.5}, "kappa is given, and recognition is 'regr"),
        ({"wake": "score", "recognition": "local"}, "wake is 'score', and recognition 'local'"),
        ({"wake": "dream"}, "wake is 'dream'"),
        ({"recognition": "best"}, "recognition is 'best'"),
        ({"kappa": 1.0}, "kappa is 1.0"),
        ({"minibatch": 0}, "minibatch is 0"),
        ({"draws": 5}, "draws is given, and recognition is 'local'"),
        ({"wake": "guided", "draws": 1}, "draws is 1"),
        ({"wake": "guided", "looks": 3}, "looks is 3; accepted: 1 or 2"),
        ({"looks": 2}, "looks is given, and recognition is 'local'"),
        ({"wake": "guided", "minus_dreams": True}, "minus_dreams is True, and wake 'guided'"),
        ({"wake": "guided", "kappa": 0.5}, "kappa is given, and recognition is 'trained'"),
        ({"n_dreams": 0}, "n_dreams is 0"),
        ({"floor": -1.0}, "floor is -1.0; accepted: a number >= 0"),
        ({"model": ddc.Chain((ddc.Bernoulli(np.ones((2, 2)), np.ones(2)), ddc.StandardNormal(2))),
          "x": np.ones((4, 2)), "recognition": "local"}, "model has a Bernoulli at the bottom"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(x, options, words):
    given = {"model": None, "x": x, "rng": RNG(0)} | options
    with pytest.raises(ValueError, match=words):
        next(iter(ddc.fit(**given)))


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"kappa": 0.3}, "kappa"), ({"wake": "guided"}, "wake"),
        ({"recognition": "trained"}, "recognition"), ({"optimiser": "sgd"}, "optimiser"),
        ({"rng": RNG(77)}, "rng"), ({"features": 3}, "features"),
    ],
)  # fmt: skip
def test_a_start_keeps_what_it_has(x, option, words):
    start = run(x, "local", 1)[-1]
    with pytest.raises(ValueError, match=words):
        ddc.fit(None, x, start=start, **option)


def test_with_more_than_two_latents_recognition_looks_twice_and_dreams_are_subtracted(x):
    for latents, expected in ((2, (1, False)), (3, (2, True))):
        start = ddc.fresh(x, RNG(0), latents=latents)
        for wake in ("code", "guided"):
            step = next(iter(ddc.fit(start, x, RNG(1), wake, recognition="trained", steps=1)))
            assert (step.looks, step.minus_dreams) == (expected[0], expected[1] and wake == "code")
        other = ddc.fit(start, x, RNG(1), recognition="trained", looks=1, minus_dreams=False)
        assert (next(iter(other)).looks, next(iter(other)).minus_dreams) == (1, False)


def test_a_looking_start_keeps_what_it_has(x):
    start = run(x, "looking", 1)[-1]
    for option in ({"looks": 1}, {"minus_dreams": False}):
        with pytest.raises(ValueError, match=next(iter(option))):
            ddc.fit(None, x, start=start, **option)


def test_where_dreams_have_gone_away_learning_goes_back(x, monkeypatch):
    """Told that dreams are near after 40 steps and far ever after, it returns to those 40."""
    distances = iter([0.1, 0.3, 0.1])
    monkeypatch.setattr(particles, "mmd2", lambda *_: next(distances))
    steps = run(x, "looking", 100, rate=0.01, watch=1000)
    nearest, limits = steps[40].learnt, [step.subtraction.limit for step in steps[1:]]
    # The comparison stands before the move: of the forty-first step, and of the sixty-first.
    assert set(limits[:60]) == {1.0}
    halved = 0.5 * steps[60].subtraction.part
    assert halved < limits[60] == limits[99] < steps[60].subtraction.part
    assert max(step.subtraction.part for step in steps[61:]) == limits[60]
    place = steps[60].subtraction.place
    assert np.array_equal(place.learnt.ravel(), nearest.ravel())
    one_move = np.abs(steps[61].learnt.ravel() - nearest.ravel()).max()
    assert one_move < np.abs(steps[60].learnt.ravel() - nearest.ravel()).max()


def test_where_chance_may_have_taken_dreams_away_learning_goes_on(x, monkeypatch):
    """A distance of .103 after one of .1, where .002 is chance: neither as near nor surely gone."""
    learnt = {}
    for then in (0.1, 0.103):
        distances = iter([0.1, then])
        monkeypatch.setattr(particles, "mmd2", lambda *_, given=distances: next(given))
        learnt[then] = run(x, "looking", 70, planned=100, rate=None, watch=1000)
    assert learnt[0.103][-1].subtraction.limit == 1.0
    assert learnt[0.103][-1].subtraction.place is learnt[0.103][41].subtraction.place
    for one, other in zip(*learnt.values(), strict=True):
        assert np.array_equal(one.learnt.ravel(), other.learnt.ravel())


def test_of_its_own_dreams_wake_minus_sleep_makes_nothing(x):
    """A recogniser that has learnt nothing moves the model by data that it dreamt; minus dreams it
    does so no longer, but for chance."""
    start = run(x, "looking", 1)[0]
    data = start.learnt.sample(RNG(3), 80_000)[0]
    share = np.full(80_000, 1 / 80_000)
    whole = replace(start, subtraction=replace(start.subtraction, part=1.0))
    wake, both = (step.direction(data, share, RNG(4), 150) for step in (start, whole))
    assert np.linalg.norm(both) < 0.2 * np.linalg.norm(wake)


def test_a_second_look_is_at_the_model_of_today(x):
    steps = run(x, "looking", 4)
    for before, after in pairwise(steps):
        # What it learnt from were dreams of the model before the move.
        assert after.trained.latest.model.same_as(before.learnt)
    last, share = steps[-1], np.full(40, 1 / 40)
    stale = replace(last, trained=last.trained.facing(steps[0].learnt))
    moves = [step.direction(x[:40], share, RNG(2), 150) for step in (last, stale)]
    assert np.array_equal(*moves)
    readings = [read_particles(step, x, RNG(3), 150).code_r2 for step in (last, stale)]
    assert readings[0] == readings[1]
