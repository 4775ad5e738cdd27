"""The eight traps: each is worse than its healthy baseline, on its own instrument, every time."""

from __future__ import annotations

import inspect
import math
from dataclasses import replace

import numpy as np
import pytest

from hmlib import ddc
from hmlib.course.nb10 import traps
from hmlib.course.nb10.traps import TRAPS, Centred, Turned

each_trap = pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)


@each_trap
def test_it_is_worse_by_its_least_effect_for_each_of_five_seeds(trap: traps.Trap) -> None:
    found = [trap.worse(seed) for seed in range(5)]
    assert min(found) >= trap.least > 0, found


@each_trap
def test_it_differs_from_its_baseline_in_its_own_piece_alone(trap: traps.Trap) -> None:
    pieces = {
        "features without a constant": {"features"},
        "nearly affine encodings": {"encodings"},
        "one gradient step a night": {"sleep"},
        "split to the letter": {"mode", "minus_dreams"},
        "Jacobian summed over the wrong index": {"seen_by_wake"},
        "top read-out never fitted": {"sleep"},
        "too few dreams": {"n_dreams"},
        "too few functions": {"features", "encodings"},
        "ridge too small": {"ridge"},
        "ridge too large": {"ridge"},
        "noise below what the encodings resolve": {"model"},
    }
    well = trap.healthy(0)
    ill = trap.spring(well)
    changed = {name for name in vars(well) if getattr(well, name) is not getattr(ill, name)}
    assert changed == pieces[trap.name]
    assert np.array_equal(well.x, trap.healthy(0).x)


def test_there_are_eight_and_the_library_knows_none_of_them() -> None:
    assert {trap.number for trap in TRAPS} == set(range(1, 9))
    assert len({trap.name for trap in TRAPS}) == len(TRAPS)
    source = "".join(
        inspect.getsource(module) for module in vars(ddc).values() if inspect.ismodule(module)
    )
    assert "trap" not in source


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mode", ["code", "score", "split"])
def test_the_healthy_machine_is_healthy(mode: str, seed: int) -> None:
    reading = traps.examine(traps.bench(seed, mode=mode), seed)
    assert reading.angle < 20
    assert reading.error < 0.4
    assert reading.code_r2 > 0.95
    assert abs(reading.slack) < 0.03
    assert reading.readout_r2 > 0.95
    assert reading.constant < 0.1
    assert reading.encodings > 6
    assert reading.features > 20
    assert 0.2 < reading.noise < 0.8


def test_never_fitted_and_wrong_index_spare_the_other_layer() -> None:
    def reading(name: str) -> tuple[traps.Reading, traps.Reading]:
        trap = next(trap for trap in TRAPS if trap.name.startswith(name))
        well = trap.healthy(1)
        return traps.examine(well, 1), traps.examine(trap.spring(well), 1)

    well, ill = reading("Jacobian")
    assert ill.upper == pytest.approx(well.upper)
    assert ill.bottom > well.bottom + 20
    well, ill = reading("top read-out")
    assert ill.bottom == pytest.approx(well.bottom)
    assert ill.upper > well.upper + 1


# The exact values


def slow_log_p(A, noise, a, spread, row) -> float:
    """log p(x) of one row, by loops over coarse grids of z_2 and z_1."""
    total = 0.0
    steps = [(-1.5 + 0.5 * t, t) for t in np.linspace(-3, 3, 7)]
    steps += [(1.5 + 0.5 * t, t) for t in np.linspace(-3, 3, 7)]
    # The other bump counts as well, wherever z_2 is.
    weights = [
        math.exp(-(((z + 1.5) / 0.5) ** 2) / 2) + math.exp(-(((z - 1.5) / 0.5) ** 2) / 2)
        for z, _ in steps
    ]
    step = 0.02
    for (z_2, _), weight in zip(steps, weights, strict=True):
        for z_1 in np.arange(-6, 6, step):
            p = math.exp(-(((z_1 - a * z_2) / spread) ** 2) / 2) / spread
            for i in range(2):
                p *= math.exp(-(((row[i] - A[i] * z_1) / noise) ** 2) / 2) / noise
            total += weight / sum(weights) * p * step / (2 * math.pi) ** 1.5
    return math.log(total)


def test_the_likelihood_is_that_of_slow_sums() -> None:
    parts = ((0.8, 0.9), 0.4, 0.6, 0.7)
    x = np.array([[0.3, -1.0], [2.0, 1.5], [-0.5, 0.2]])
    expected = np.mean([slow_log_p(*parts, row) for row in x])
    assert traps.exact(traps.chain(*parts), x).log_likelihood == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", list(traps.MODELS))
def test_the_gradient_is_that_of_central_differences(name: str) -> None:
    model, x = traps.MODELS[name], traps.WORLD.sample(np.random.default_rng(1), 20)[0]
    theta, h = model.ravel(), 1e-5
    expected = [
        (
            traps.exact(model.like(theta + h * e), x).log_likelihood
            - traps.exact(model.like(theta - h * e), x).log_likelihood
        )
        / (2 * h)
        for e in np.eye(theta.size)
    ]
    np.testing.assert_allclose(traps.exact(model, x).gradient, expected, rtol=1e-5, atol=1e-6)


def test_the_posterior_says_the_share_of_dreams_near_an_observation() -> None:
    model = traps.MODELS["halfway"]
    x, z, _ = model.sample(np.random.default_rng(2), 400_000)
    here = np.array([[0.5, 0.4]])
    near = np.abs(x - here).max(axis=1) < 0.08
    exact = traps.exact(model, here).code(lambda z: np.column_stack([z, z**2]))[0]
    assert near.sum() > 1000
    error = 4 / math.sqrt(near.sum())
    assert z[near].mean() == pytest.approx(exact[0], abs=error)
    assert (z[near] ** 2).mean() == pytest.approx(exact[1], abs=error)


# The family whose Jacobian is square


def test_centred_is_a_gaussian_without_biases() -> None:
    rng = np.random.default_rng(3)
    A, log_var, z = rng.standard_normal((2, 1)), rng.standard_normal(2), rng.standard_normal((6, 1))
    family = Centred(A, log_var)
    y = family.sample(np.random.default_rng(4), z)
    whole = ddc.Gaussian(A, np.zeros(2), log_var)
    np.testing.assert_allclose(family.log_prob(y, z), whole.log_prob(y, z))
    theta, h = family.ravel(), 1e-6
    for k, e in enumerate(np.eye(theta.size)):
        up, down = family.like(theta + h * e), family.like(theta - h * e)
        slope = (up.log_prob(y, z) - down.log_prob(y, z)) / (2 * h)
        np.testing.assert_allclose(family.score(y, z)[:, k], slope, rtol=1e-5, atol=1e-6)


def test_turned_has_the_right_shape_and_the_wrong_numbers() -> None:
    z = np.array([[0.5], [-1.0]])
    right, wrong = (cls([[1.0], [2.0]], [0.1, 0.2]).jacobian(z) for cls in (Centred, Turned))
    assert right.shape == wrong.shape == (2, 2, 2, 2)
    np.testing.assert_array_equal(wrong[:, :, 0, 1], right[:, :, 1, 0])
    assert np.abs(right - wrong).max() > 0.1


# The pieces


def test_the_bench_moves_as_the_library_does() -> None:
    for mode, minus in (("code", True), ("score", True), ("split", False)):
        healthy = traps.bench(2, mode=mode, minus_dreams=minus)
        found = healthy.direction(healthy.night(np.random.default_rng(5)))
        dreams = healthy.model.sample(np.random.default_rng(5), 1000)
        night = ddc.sleep(dreams, healthy.features, healthy.encodings, 1e-3)
        what = ddc.seen(healthy.x, healthy.features, healthy.model.layers[0])
        if minus:
            what = what - ddc.seen(dreams[0], healthy.features, healthy.model.layers[0])
        np.testing.assert_allclose(found, ddc.wake(healthy.model, night, what, mode), rtol=1e-6)


def test_features_through_the_origin_grow_with_x_and_vanish_at_0() -> None:
    phi = traps.through_the_origin(traps.bench(0)).features
    x = np.array([[0.3, -0.7]])
    assert not phi(0 * x).any()
    np.testing.assert_allclose(phi(3 * x), 3 * phi(x))
    assert (phi(x) >= 0).all()


def test_slow_regressions_step_downhill_and_remember() -> None:
    rng = np.random.default_rng(6)
    F, Y, slow = rng.standard_normal((50, 3)), rng.standard_normal((50, 2)), traps.SlowSleep()
    rate = 1 / max(np.linalg.eigvalsh(F.T @ F))
    A = np.zeros((3, 2))
    for _ in range(3):
        A = A - rate * F.T @ (F @ A - Y)
        np.testing.assert_allclose(slow.step("alpha", F, Y), A)
    for _ in range(2000):
        found = slow.step("alpha", F, Y)
    np.testing.assert_allclose(found, np.linalg.lstsq(F, Y, rcond=None)[0], atol=1e-8)


def test_a_night_of_slow_regressions_starts_where_the_last_one_ended() -> None:
    patient = traps.by_slow_gradient(traps.bench(0, mode="split"))
    rng = np.random.default_rng(7)
    readings = []
    for _ in range(3):
        night = patient.night(rng)
        patient.direction(night)
        r = night.recogniser.codes(night.dreams[0])[0]
        readings.append(ddc.r_squared(r, night.encoded[0]))
    assert readings[0] < readings[1] < readings[2]


def test_angles() -> None:
    assert traps.degrees(np.array([1.0, 0]), np.array([0.0, 2])) == pytest.approx(90)
    assert traps.degrees(np.array([1.0, 1]), np.array([2.0, 2])) == pytest.approx(0, abs=1e-5)
    assert traps.degrees(np.array([1.0, 0]), np.array([-3.0, 0])) == pytest.approx(180)
    assert traps.degrees(np.zeros(2), np.ones(2)) == 90


def test_the_world_falls_short_of_itself_by_nothing() -> None:
    assert traps.below(traps.WORLD, traps.WORLD) == 0
    assert 0.5 < traps.below(traps.WORLD, traps.MODELS["start"]) < traps.GONE
    assert traps.below(traps.NOISELESS, traps.MODELS["late"]) > 1
    lost = traps.chain((0.0, 0.0), 1e-9, 1.0, 1.0)
    assert traps.below(traps.WORLD, lost) == traps.GONE


def test_readings_repeat_and_do_not_move_the_bench() -> None:
    patient = traps.bench(3)
    first = traps.examine(patient, 3)
    assert traps.examine(patient, 3) == first
    assert traps.examine(replace(patient), 4) != first
