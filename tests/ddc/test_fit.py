"""Learning with DDC, step by step: its iterator, its instruments, its recipes, its likelihoods."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import laplace as laplace_distribution
from scipy.stats import norm

from hmlib import ddc, exact, learning
from hmlib.course import ddc_recipes as recipes
from hmlib.course.wake_sleep_recipes import divergence
from hmlib.ddc.instruments import first_alarm, read, runaway
from hmlib.ddc.units import units_about
from hmlib.learning import Diverged

SMALL = {
    "memory": 0.0,
    "ridge": (1e-2, 1e-3),
    "n_dreams": 300,
    "features": 40,
    "encodings": 30,
    "rate": 0.01,
    "watch": 4,
}


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).standard_normal((500, 2)) * [1.0, 3.0] + [2.0, -1.0]


def run(x, wake="score", steps=6, **options):
    rng = np.random.default_rng(1)
    return list(ddc.fit(None, x, rng=rng, wake=wake, steps=steps, **(SMALL | options)))


# The iterator.


@pytest.mark.parametrize(("wake", "memory"), [("score", 0.0), ("code", 0.0), ("code", 0.9)])
def test_stopped_and_continued_is_never_stopped(x, wake, memory):
    whole = run(x, wake, 8, memory=memory)
    kept = {k: SMALL[k] for k in ("n_dreams", "rate", "watch")}
    rest = list(ddc.fit(None, x, steps=5, start=whole[3], **kept))
    assert [step.count for step in rest] == [4, 5, 6, 7, 8]
    for mine, theirs in zip(rest, whole[4:], strict=True):
        assert np.array_equal(mine.model.ravel(), theirs.model.ravel())
        assert mine.rng_state == theirs.rng_state
    assert rest[-1].instruments.outside == whole[-1].instruments.outside


@pytest.mark.parametrize("memory", [0.0, 0.9])
@pytest.mark.parametrize("wake", ddc.MODES)
def test_layers_continue_as_if_never_stopped(wake, memory):
    rng = np.random.default_rng(0)
    data = recipes.layered_laplace(rng).sample(rng, 200)[0]
    model, kept = recipes.laplace_start(data, rng), {"n_dreams": 100, "watch": 3}
    options = {"features": 20, "encodings": 15, "wake": wake, "memory": memory} | kept
    whole, again = (list(ddc.fit(model, data, rng=_rng(), steps=8, **options)) for _ in range(2))
    # Without a rate of its own, the run falls to 0 at the same step.
    rest = list(ddc.fit(None, data, steps=5, start=whole[3], **kept))
    for mine, theirs, twice in zip(rest, whole[4:], again[4:], strict=True):
        assert np.array_equal(mine.learnt.ravel(), theirs.learnt.ravel())
        assert np.array_equal(twice.learnt.ravel(), theirs.learnt.ravel())
        assert mine.rng_state == theirs.rng_state
        assert str(vars(mine.instruments)) == str(vars(theirs.instruments))


def test_a_run_is_planned_for_all_its_parts(x):
    options = {k: v for k, v in SMALL.items() if k != "rate"}
    kept = {k: SMALL[k] for k in ("n_dreams", "watch")}
    whole = list(ddc.fit(None, x, rng=_rng(), steps=6, **options))
    part = list(ddc.fit(None, x, rng=_rng(), steps=2, planned=6, **options))
    for rest in ({"planned": 6}, {}):
        *_, last = ddc.fit(None, x, steps=4, start=part[-1], **kept, **rest)
        assert np.array_equal(last.learnt.ravel(), whole[-1].learnt.ravel())
    # A run that was planned for its first part alone had come to rest there.
    short = list(ddc.fit(None, x, rng=_rng(), steps=2, **options))
    *_, other = ddc.fit(None, x, steps=4, start=short[-1], **kept)
    assert not np.array_equal(other.learnt.ravel(), whole[-1].learnt.ravel())
    with pytest.raises(ValueError, match="planned is 5; accepted: a whole number >= 6"):
        ddc.fit(None, x, steps=4, start=short[-1], planned=5)
    with pytest.raises(ValueError, match="planned is 9 beside a rate"):
        ddc.fit(None, x, steps=4, start=short[-1], planned=9, rate=0.1)


FIXED_BY_START = {
    "model": lambda step: ddc.fresh(np.ones((3, 2)), _rng()),
    "rng": lambda step: np.random.default_rng(77),
    "wake": lambda step: "code",
    "features": lambda step: 41,
    "encodings": lambda step: 31,
    "gain": lambda step: 2.0,
    "ridge": lambda step: 1e-2,
    "memory": lambda step: 0.9,
    "minus_dreams": lambda step: False,
    "blur": lambda step: 0.0,
    "optimiser": lambda step: "sgd",
}


def test_what_a_step_fixes_is_refused_if_it_is_given_and_differs(x):
    step = run(x, steps=1)[-1]
    for name, other in FIXED_BY_START.items():
        with pytest.raises(ValueError, match=rf"^{name} is .*start has .*accepted beside start"):
            ddc.fit(**({"model": None, "x": x, "start": step} | {name: other(step)}))
    for name in ("features", "encodings"):
        with pytest.raises(ValueError, match=f"{name} is .*start has"):
            ddc.fit(None, x, start=step, **{name: [np.cos] if name == "encodings" else np.cos})


def test_what_a_step_fixes_may_be_said_again(x):
    step = run(x, steps=1)[-1]
    kept = {k: SMALL[k] for k in ("n_dreams", "rate", "watch")}
    *_, plain = ddc.fit(None, x, steps=2, start=step, **kept)
    again = {
        "rng": step.generator(), "wake": "score", "ridge": (1e-2, 1e-3), "memory": 0.0,
        "minus_dreams": True, "blur": 0.35, "optimiser": "adam",
    }  # fmt: skip
    for placed in ((40, 30), (step.features, step.encodings)):
        functions = dict(zip(("features", "encodings"), placed, strict=True))
        *_, same = ddc.fit(step.model, x, steps=2, start=step, **kept, **again, **functions)
        assert np.array_equal(plain.learnt.ravel(), same.learnt.ravel())


def test_an_interrupted_run_keeps_what_was_learnt(x):
    def watch(step):
        if step.count == 3:
            raise KeyboardInterrupt
        return step.count

    outcome = learning.train(
        ddc.fit(None, x, rng=_rng(), steps=9, **SMALL), observe=watch, progress=False
    )
    assert outcome.outcome == "interrupted"
    assert outcome.last.count == 3
    kept = {k: SMALL[k] for k in ("n_dreams", "rate", "watch")}
    rest = list(ddc.fit(None, x, steps=6, start=outcome.last, **kept))
    whole = list(ddc.fit(None, x, rng=_rng(), steps=9, **SMALL))
    assert np.array_equal(rest[-1].learnt.ravel(), whole[-1].learnt.ravel())


def test_same_seed_same_numbers_and_instruments_change_nothing(x):
    one, two = run(x, "code"), run(x, "code", watch=1)
    assert np.array_equal(one[-1].model.ravel(), two[-1].model.ravel())
    other = ddc.fit(None, x, rng=np.random.default_rng(2), wake="code", steps=6, **SMALL)
    assert not np.array_equal(list(other)[-1].model.ravel(), one[-1].model.ravel())


def test_records_come_every_so_many_steps_and_at_the_end(x):
    assert [step.count for step in run(x, steps=7, every=3)] == [0, 3, 6, 7]


def test_a_step_is_the_move_that_the_wake_phase_says(x):
    model = ddc.fresh(x, np.random.default_rng(3))
    start, after = islice(
        ddc.fit(
            model, x, rng=np.random.default_rng(4), wake="code", optimiser="sgd", blur=0.0, **SMALL
        ),
        2,
    )
    rng = start.generator()
    dreams = model.sample(rng, SMALL["n_dreams"])
    night = ddc.sleep(dreams, start.features, start.encodings, start.ridge)
    phi, T = start.features(dreams[0]), start.encodings[0](dreams[1])
    m, eye = len(phi), np.eye
    R = np.linalg.solve(phi.T @ phi / m + 1e-2 * eye(phi.shape[1]), phi.T @ T / m).T
    S = np.stack([x, x**2], axis=-1)
    S_dreamt = np.stack([dreams[0], dreams[0] ** 2], axis=-1)
    r, r_dreamt = start.features(x) @ R.T, phi @ R.T
    read_out = T @ np.linalg.inv(T.T @ T / m + 1e-3 * eye(T.shape[1])) / m
    w = read_out @ (r.mean(axis=0) - r_dreamt.mean(axis=0))
    moments = np.einsum("nK,nis->Kis", r, S) / len(x)
    moments = moments - np.einsum("nK,nis->Kis", r_dreamt, S_dreamt) / m
    t = np.einsum("mK,Kis->mis", read_out, moments)
    gradient = model.layers[0].pull(dreams[1], t, w)
    # Gradient and move are both in units of the data's spread.
    scales = np.concatenate(
        [np.ones(60 * 3), np.repeat(x.std(axis=0), 60), x.std(axis=0), np.ones(2)]
    )
    moved = model.ravel() + SMALL["rate"] * scales**2 * gradient
    np.testing.assert_allclose(after.model.ravel(), moved, rtol=1e-7, atol=1e-9)
    assert night.share.sum() == pytest.approx(1)


@pytest.fixture(scope="module")
def plain(x):
    return {kind: run(x, "code", 10, optimiser=kind, watch=10)[-1] for kind in ("adam", "sgd")}


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
@pytest.mark.parametrize("scale", [(100.0, 0.01), (1e6, 1e6), (1e-6, 1e-6)])
def test_units_of_the_data_do_not_matter(x, plain, scale, optimiser):
    scale = np.array(scale)
    shift = 10 * scale
    there = run(x * scale + shift, "code", 10, optimiser=optimiser, watch=10)[-1]
    here = plain[optimiser]
    dreams, rescaled = (
        step.model.sample(np.random.default_rng(5), 500)[0] for step in (here, there)
    )
    np.testing.assert_allclose((rescaled - shift) / scale, dreams, atol=1e-4)
    mine, theirs = here.instruments, there.instruments
    np.testing.assert_allclose(mine.code_r2, theirs.code_r2, atol=1e-3)
    assert 0.2 < mine.spread / theirs.spread < 5
    assert 0.2 < mine.dream_score / theirs.dream_score < 5
    np.testing.assert_allclose(mine.score_r2[0], theirs.score_r2[0], atol=0.3)


def test_the_instruments_read_the_same_in_other_units(x, plain):
    """Powers of 64 are units of their own: no digit changes but by rounding."""
    there = run(x * [64.0**3, 64.0**-3], "code", 10, watch=10)[-1].instruments
    for name, mine in vars(plain["adam"].instruments).items():
        np.testing.assert_allclose(getattr(there, name), mine, rtol=1e-4, atol=1e-6, err_msg=name)


def test_data_of_about_unit_scale_keep_their_unit():
    rng = np.random.default_rng(0)
    still = np.full(300, 0.1)
    data = np.column_stack([rng.normal(0, sd, 300) for sd in (0.15, 1, 7, 64, 1e-3)] + [still])
    assert units_about(data).tolist() == [1, 1, 1, 64, 1 / 64**2, 1]
    assert units_about(data * 64**3).tolist()[:5] == [64**3, 64**3, 64**3, 64**4, 64]
    # What is left when a mean is taken out is rounding, and has no unit of its own.
    assert units_about(np.column_stack([data[:, 0], 1e-14 * data[:, 1]])).tolist() == [1, 1]


def test_split_keeps_the_dream_average_unless_told(x):
    assert not next(iter(ddc.fit(_gaussian_chain(), x, rng=_rng(), wake="split"))).minus_dreams
    assert next(iter(run(x, "code"))).minus_dreams
    assert not run(x, "code", minus_dreams=False)[0].minus_dreams


def test_the_noise_keeps_its_floor(x):
    floor = 0.8
    steps = run(x, "score", 30, floor=floor, rate=0.1)
    sd = np.exp(steps[-1].model.layers[0].log_var / 2)
    assert (sd >= floor * x.std(axis=0) * (1 - 1e-12)).all()
    assert (np.exp(run(x, "score", 30, rate=0.1)[-1].model.layers[0].log_var / 2) < sd).any()


def test_data_weights_are_as_repeated_data(x):
    few = x[:60]
    weights = np.arange(60) % 3
    kinks = {"features": ddc.Encoding.random(_rng(), x, 30, kind="relu"), "steps": 3}
    weighted = run(few, weights=weights, **kinks)[-1]
    start = ddc.fresh(few, np.random.default_rng(1))
    assert start.n_x == 2
    repeated = np.repeat(few, weights, axis=0)
    same = seen_move(weighted, repeated, None), seen_move(weighted, few, weights)
    np.testing.assert_allclose(*same, rtol=1e-9, atol=1e-12)


def seen_move(step, x, weights):
    night = step.night(np.random.default_rng(0), 300)
    return step.direction(night, ddc.seen(x, step.features, step.model.layers[0], weights))


def test_learning_train_follows_it(x):
    steps = ddc.fit(None, x, rng=_rng(), steps=4, **SMALL)
    outcome = learning.train(steps, observe=lambda step: step.count, progress=False)
    assert outcome.outcome == "finished"
    assert outcome.last.count == 4
    assert "Network" in repr(outcome)


def test_any_array_of_data_is_learnt():
    rng = np.random.default_rng(5)
    for n, d in ((2, 1), (30, 1), (80, 3), (50, 7)):
        data = rng.standard_normal((n, d)) * 10.0 ** rng.integers(-3, 4, d)
        last = list(ddc.fit(None, data, rng=rng, wake="code", steps=3, **SMALL))[-1]
        assert np.isfinite(last.model.ravel()).all()
    few = [[1, 2], [3, 5], [8, 1]] * 7
    for data in (few, np.array(few, dtype=object), np.array(few) + 1e6, 1e6 * np.array(few)):
        last = list(ddc.fit(None, data, rng=rng, steps=3, **SMALL))[-1]
        assert np.isfinite(last.model.ravel()).all()


def test_coordinates_that_never_change_are_warned_of_and_learnt():
    rng = np.random.default_rng(5)
    # The mean of 0.1 over and over is not 0.1: its spread is rounding.
    still = np.column_stack([rng.standard_normal(70), np.full(70, 3.0), np.full(70, 0.1)])
    with pytest.warns(RuntimeWarning, match="x: 2 of 3 coordinates never change") as caught:
        steps = ddc.fit(None, still, rng=rng, steps=3, **SMALL)
    assert [w.filename for w in caught] == [__file__]
    last = list(steps)[-1]
    assert np.isfinite(last.model.ravel()).all()
    assert np.abs(last.model.ravel()).max() < 100
    # Coins have no noise that could shrink.
    coins = ddc.Chain((ddc.Bernoulli(np.ones((2, 1)), [0, 0]), ddc.StandardNormal(1)))
    data = np.column_stack([np.zeros(20), np.arange(20) % 2])
    assert list(ddc.fit(coins, data, rng=rng, steps=1, **SMALL))[-1].count == 1


def test_it_learns(x):
    before, *_, after = run(x, "code", 200)
    held_out = np.random.default_rng(9).standard_normal((300, 2)) * [1.0, 3.0] + [2.0, -1.0]
    was, _ = ddc.log_likelihood(before.model, held_out, _rng(), 5000)
    now, _ = ddc.log_likelihood(after.model, held_out, _rng(), 5000)
    assert now.mean() > was.mean() + 0.05


def test_blur_is_taken_off_again(x):
    step = run(x, "code", 3, blur=0.5)[-1]
    sd = 0.5 * x.std(axis=0)
    learnt, model = step.learnt.layers[0], step.model.layers[0]
    np.testing.assert_allclose(np.exp(model.log_var), np.exp(learnt.log_var) - sd**2)
    assert np.array_equal(model.U, learnt.U)
    looked_at = step.looked_at(x)
    assert looked_at.shape == (5 * len(x), 2)
    np.testing.assert_allclose((looked_at - np.tile(x, (5, 1))).std(axis=0), sd, rtol=0.05)
    # However narrow the data, the blurred model keeps the blur, and the sharp one a rest of it.
    with pytest.warns(RuntimeWarning, match="x: 1 of 2 coordinates never change"):
        narrow = run(np.round(x / 10), "code", 60, blur=0.5, rate=0.05)[-1]
    sd = narrow.blur
    assert (np.exp(narrow.learnt.layers[0].log_var / 2) >= sd * (1 - 1e-12)).all()
    assert (np.exp(narrow.model.layers[0].log_var / 2) >= 0.2 * sd * (1 - 1e-12)).all()


def test_only_a_network_is_blurred_unasked(x):
    for wake in ("code", "score"):
        assert run(x, wake)[0].blur is not None
        assert run(x, wake, blur=0.0)[0].blur is None
    split = ddc.fit(_gaussian_chain(), x, rng=_rng(), wake="code", **SMALL)
    assert next(iter(split)).blur is None
    coins = recipes.as_chain(recipes.bars_start(_rng()))
    with pytest.raises(ValueError, match="Bernoulli has no Gaussian noise"):
        ddc.fit(coins, recipes.bars_world().u, rng=_rng(), blur=0.1)


def test_the_gauges_are_printed_in_a_line(x):
    reading = run(x, "code", 4, watch=2)[-1].instruments
    line = repr(reading)
    assert f"R^2 of codes {reading.code_r2[0]:.2f}; " in line
    assert line.endswith(f"data outside {reading.outside:.2f}; spread {reading.spread:.2f}")


# When it runs away.


def test_a_run_that_runs_away_says_what_went_first_and_keeps_the_last_good_step(x):
    with pytest.raises(Diverged, match=r"first to go was the .* at step") as caught:
        run(x, steps=400, rate=3.0, watch=2)
    assert caught.value.step.alarm is None
    assert np.isfinite(caught.value.step.model.ravel()).all()


@pytest.mark.parametrize(("rate", "watch"), [(3.0, 50), (1e3, 50), (0.5, 20)])
def test_the_step_that_is_kept_is_good_by_the_instruments(x, rate, watch):
    with pytest.raises(Diverged) as caught:
        run(x, "code", 400, rate=rate, watch=watch, n_dreams=500)
    kept = caught.value.step
    seen_x = kept.looked_at(x)
    seen = ddc.seen(seen_x, kept.features, kept.learnt.layers[0])
    reading = read(kept, seen_x, seen, np.random.default_rng(1), 500)
    assert first_alarm(reading, kept.count) is None
    # It can be gone on from.
    assert list(ddc.fit(None, x, steps=2, n_dreams=300, rate=0.01, start=kept))[-1].alarm is None


def test_a_run_is_lost_when_its_dreams_are_ten_times_too_wide_or_too_narrow(x):
    reading = run(x, "code", 4, watch=2)[-1].instruments
    for spread, lost in ((0.09, True), (0.11, False), (1.0, False), (9.0, False), (11.0, True)):
        assert runaway(replace(reading, spread=spread)) is lost
    assert runaway(replace(reading, spread=np.nan))


def test_a_machine_that_recovered_is_good(x):
    def schedule(done):
        return 0.001 if done < 13 else 1e200

    ill = replace(run(x, "code", 4, n_dreams=500)[-1], alarm="the spread: 9 at step 2")
    steps = ddc.fit(None, x, steps=30, rate=schedule, n_dreams=500, watch=4, start=ill)
    with pytest.raises(Diverged, match=r"to go was the parameters.*Step 13 is") as caught:
        list(steps)
    assert caught.value.step.alarm == ill.alarm
    again = ddc.fit(None, x, steps=30, rate=1e200, n_dreams=500, watch=4, start=ill)
    with pytest.raises(Diverged, match=r"first to go was the spread: 9 at step 2\. Step 4 is"):
        list(again)


def test_a_good_step_between_two_readings_is_kept(x):
    def schedule(done):
        return 0.001 if done < 13 else 1e200

    with pytest.raises(Diverged, match=r"the rate\. Step 13 is") as caught:
        run(x, "code", 30, rate=schedule, watch=10, n_dreams=500)
    assert caught.value.step.count == 13


def test_infinite_parameters_are_caught_without_an_instrument(x):
    with pytest.raises(Diverged, match="lower the rate") as caught:
        run(x, steps=20, rate=1e200, watch=1000)
    assert caught.value.step.count == 0


# Instruments.


def test_instruments_of_a_model_that_fits_are_quiet():
    rng = np.random.default_rng(0)
    true = recipes.layered_laplace(rng)
    data = true.sample(rng, 2000)[0]
    step = next(iter(ddc.fit(true, data, rng=rng, wake="score", encodings=40, features=60)))
    seen = ddc.seen(data, step.features, true.layers[0])
    reading = read(step, data, seen, np.random.default_rng(1), 1000)
    assert len(reading.code_r2) == 2
    assert 0.3 < min(reading.code_r2) < 1
    assert reading.outside < 0.05
    assert 0.9 < reading.spread < 1.1
    assert first_alarm(reading, 7) is None


def test_instruments_notice_dreams_elsewhere(x):
    model = ddc.fresh(x, _rng())
    step = next(iter(ddc.fit(model, x, rng=_rng(), **SMALL)))
    far = x + 100 * x.std(axis=0)
    seen = ddc.seen(far, step.features, model.layers[0])
    reading = read(step, far, seen, np.random.default_rng(1), 300)
    assert reading.outside == 1
    assert "at step 7" in first_alarm(reading, 7)


@pytest.mark.parametrize("column", [0, 1])
def test_instruments_notice_dreams_elsewhere_in_a_narrow_coordinate(x, column):
    wide = x * [1e6, 1e-6]
    step = next(iter(ddc.fit(None, wide, rng=_rng(), **SMALL)))
    far = wide + 100 * wide.std(axis=0) * (np.arange(2) == column)
    seen = ddc.seen(far, step.features, step.learnt.layers[0])
    assert read(step, far, seen, np.random.default_rng(1), 300).outside == 1


def test_few_dreams_lower_the_held_out_r2(x):
    step = run(x, "code", 40, n_dreams=2000)[-1]
    seen = ddc.seen(x, step.features, step.model.layers[0])
    few, many = (read(step, x, seen, np.random.default_rng(1), n).code_r2[0] for n in (60, 4000))
    assert few < many - 0.02


# Bad input.


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros((3, 0))}, "x has shape"),
        ({"x": np.full((3, 2), np.nan)}, "x contains nan"),
        ({"x": np.zeros((1, 2))}, "n >= 2"),
        ({"ridge": 0.0}, "ridge is 0"),
        ({"ridge": (1.0, 1.0, 1.0)}, "ridge has 3"),
        ({"n_dreams": 0}, "n_dreams is 0"),
        ({"encodings": []}, "encodings has 0"),
        ({"wake": "dream"}, "wake is 'dream'"),
        ({"wake": "split"}, "accepted: 'code', 'score'"),
        ({"rng": None}, "rng is None"),
        ({"floor": -1.0}, "floor is -1"),
        ({"memory": 1.0}, "memory is 1.0"),
        ({"rate": -1.0}, "rate is -1.0"),
        ({"rate": np.nan}, "rate is nan"),
        ({"rate": lambda done: np.nan}, r"rate\(0\) is nan"),
        ({"x": np.zeros(3)}, r"x has shape \(3,\)"),
        ({"x": [[1, 2], [3]]}, "x is "),
        ({"x": np.array([["a", 1], [2, 3]], dtype=object)}, "x is "),
        ({"ridge": np.nan}, "ridge is nan"),
        ({"features": 0}, "features is 0"),
        ({"features": lambda x: x[:, 0]}, "features gives shape"),
        ({"encodings": 0}, "encodings is 0"),
        ({"encodings": [3]}, r"encodings\[0\] is 3; accepted: functions"),
        ({"encodings": [lambda z: np.nan * z]}, r"encodings\[0\] gives"),
        ({"weights": -np.ones(500)}, "weights has minimum -1"),
        ({"weights": np.ones(3)}, "weights has length 3; accepted: 500"),
        ({"start": 3}, "start is of type int; accepted: a ddc.DDCStep"),
        ({"optimiser": "newton"}, "optimiser is 'newton'"),
        ({"model": "network"}, "model is of type str"),
    ],
)
def test_bad_input_is_named_at_the_call(x, change, message):
    options = {"model": None, "x": x, "rng": _rng(), "steps": 2, **SMALL} | change
    model, data = options.pop("model"), options.pop("x")
    with pytest.raises(ValueError, match=message):
        ddc.fit(model, data, **options)


def test_data_outside_the_support_are_named():
    coins = recipes.as_chain(recipes.bars_start(_rng()))
    with pytest.raises(ValueError, match=r"x does not fit Bernoulli.*0\.5"):
        ddc.fit(coins, np.full((4, 9), 0.5), rng=_rng())
    with pytest.raises(ValueError, match="x has shape"):
        ddc.fit(coins, np.zeros((4, 8)), rng=_rng())


def test_poor_functions_are_warned_of_and_learnt_with(x):
    with pytest.warns(RuntimeWarning, match="features: 20 rows for 43 functions"):
        steps = ddc.fit(None, x, rng=_rng(), steps=2, **(SMALL | {"n_dreams": 20, "encodings": 5}))
    assert list(steps)[-1].count == 2
    with pytest.warns(RuntimeWarning, match="encodings of z_1: 20 rows for 33 functions") as caught:
        ddc.fit(None, x, rng=_rng(), steps=2, **(SMALL | {"n_dreams": 20, "features": 5}))
    assert [w.filename for w in caught] == [__file__]

    def doubled(z):
        return np.column_stack([z, np.ones(len(z)), np.ones(len(z)), np.ones(len(z))])

    with pytest.warns(RuntimeWarning, match="encodings of z_1: 3 of 5 functions never change"):
        steps = ddc.fit(None, x, rng=_rng(), steps=2, **(SMALL | {"encodings": [doubled]}))
    assert list(steps)[-1].count == 2


# Recipes.


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


# Likelihoods.


def test_likelihood_from_prior_draws_is_right_within_its_error():
    chain = _gaussian_chain()
    bottom = chain.layers[0]
    x = chain.sample(_rng(), 40)[0]
    cov = bottom.A @ bottom.A.T + np.diag(np.exp(bottom.log_var))
    d = x - bottom.b
    true = -0.5 * np.einsum("ni,ij,nj->n", d, np.linalg.inv(cov), d)
    true -= 0.5 * np.linalg.slogdet(2 * np.pi * cov)[1]
    value, error = ddc.log_likelihood(chain, x, np.random.default_rng(3), 20_000)
    assert np.abs((value - true) / error).max() < 4
    assert 0 < error.min() < error.max() < 0.3


@pytest.mark.parametrize("offset", [1e3, 1e7, -1e9])
def test_likelihood_far_from_0_keeps_its_digits(offset):
    chain = _gaussian_chain()
    bottom, top = chain.layers
    x = chain.sample(_rng(), 20)[0]
    network = ddc.Network.random(_rng(), 2, 2, hidden=4)
    for layer in (bottom, network):
        far = ddc.Chain((replace(layer, b=layer.b + offset), top))
        here, _ = ddc.log_likelihood(ddc.Chain((layer, top)), x, _rng(), 2000)
        there, _ = ddc.log_likelihood(far, x + offset, _rng(), 2000)
        np.testing.assert_allclose(there, here, atol=max(1e-9, 1e-14 * abs(offset)))


def test_likelihood_of_coins_is_that_of_enumeration():
    gen = recipes.bars_start(_rng())
    u = recipes.bars_world().u[:20]
    value, error = ddc.log_likelihood(recipes.as_chain(gen), u, _rng(), 20_000)
    assert (np.abs(value - exact.log_likelihood(gen, u)) < 5 * error + 1e-9).all()


def test_laplace_likelihood_against_plain_quadrature():
    # A diagonal A leaves two integrals of one dimension, given z_2.
    bottom = ddc.Gaussian(np.diag([0.7, 1.3]), np.array([0.2, -0.4]), np.log([0.3, 0.5]))
    chain = ddc.Chain(
        (bottom, ddc.Laplace([[0.8], [-0.5]]), ddc.Mixture([[3.0], [-3.0]], 0.1, (0.3, 0.7)))
    )
    x = np.array([[-3.0, 0.1]])

    def given(z2, point):
        product = 1.0
        for i in range(2):
            scale = np.log1p(np.exp(chain.layers[1].B[i, 0] * z2))
            a, b, sd = bottom.A[i, i], bottom.b[i], np.exp(bottom.log_var[i] / 2)
            product *= integrate.quad(
                lambda z, a=a, b=b, sd=sd, scale=scale, i=i: (
                    laplace_distribution.pdf(z, scale=scale) * norm.pdf(point[i], a * z + b, sd)
                ),
                -60, 60, points=[0, (point[i] - b) / a], limit=200,
            )[0]  # fmt: skip
        return product

    for point, found in zip(x, ddc.laplace_log_likelihood(chain, x), strict=True):
        total = 0.0
        for share, mean in zip((0.3, 0.7), (3.0, -3.0), strict=True):
            nodes, weights = np.polynomial.hermite_e.hermegauss(5)
            values = [given(mean + 0.1 * node, point) for node in nodes]
            total += share * (weights @ values) / weights.sum()
        assert found == pytest.approx(np.log(total), abs=1e-5)


def test_likelihoods_want_a_chain_and_what_it_can_dream():
    coins = recipes.as_chain(recipes.bars_start(_rng()))
    with pytest.raises(ValueError, match=r"x does not fit Bernoulli: y contains 0\.5"):
        ddc.log_likelihood(coins, np.full((2, 9), 0.5), _rng())
    with pytest.raises(ValueError, match="model is of type NoneType; accepted: Chain"):
        ddc.log_likelihood(None, np.zeros((2, 2)), _rng())


def test_recipes_want_steps(x):
    for recipe in (recipes.curve, recipes.laplace):
        for name in ("steps", "every"):
            with pytest.raises(ValueError, match=f"{name} is 0; accepted: a whole number >= 1"):
                recipe(x, _rng(), **{name: 0})


def test_laplace_likelihood_wants_its_chain():
    with pytest.raises(ValueError, match="accepted: Gaussian, Laplace, Mixture"):
        ddc.laplace_log_likelihood(_gaussian_chain(), np.zeros((2, 2)))


def _rng():
    return np.random.default_rng(0)


def _gaussian_chain():
    A = np.array([[1.0, 0.3], [-0.2, 0.8]])
    return ddc.Chain((ddc.Gaussian(A, [0.1, 0.2], np.log([0.5, 0.4])), ddc.StandardNormal(2)))
