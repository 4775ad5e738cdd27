"""The labs of notebook 09 against quadrature, slow formulas and identities."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from hmlib import ddc
from hmlib.course import bird
from hmlib.course.nb09 import labs, moves, painting
from hmlib.course.nb09.pictures import OneUpdate, Painter
from tools.labs import lab_makers

# The bird


def density(x: float, noise: float, A: float = 0.8, b: float = 0.2):
    """The joint density of a place and this distance, as a function of the place."""
    return lambda z: norm.pdf(z, 0.5, 1.5) * norm.pdf(x, A * abs(z) + b, noise)


def integral(f, x: float, A: float = 0.8, b: float = 0.2) -> float:
    peak = (x - b) / A
    return quad(f, -9, 9, points=sorted({-peak, 0.0, peak}), limit=400)[0]


@pytest.mark.parametrize(("x", "noise"), [(1.5, 0.4), (0.3, 0.3), (2.3, 0.15), (3.0, 0.8)])
def test_what_is_exact_is_the_integral(x, noise):
    record = labs.update_values(x, noise, "10")
    p = density(x, noise)
    total = integral(p, x)
    exact = [
        integral(lambda z: z * p(z), x) / total,
        quad(p, 0, 9, points=[max(0.1, (x - 0.2) / 0.8)], limit=400)[0] / total,
        integral(lambda z: abs(z) * p(z), x) / total,
    ]
    assert astuple(record.exact) == pytest.approx(exact, abs=5e-3)
    here = 100
    z = record.path_z[here]
    expected = p(z) / total / norm.pdf(z, 0.5, 1.5)
    assert record.ratio[here] == pytest.approx(expected, abs=0.02)


def test_the_weights_read_off_what_a_regression_reads_off():
    """Ridge by extra rows of plain least squares: recognition first, then each read-out."""
    x, noise, rho = 1.5, 0.3, bird.RIDGE
    record = labs.update_values(x, noise, "10")
    model, _ = moves.asked(noise)
    heard, z = model.sample(np.random.default_rng(0), moves.NIGHT_DREAMS)
    phi, T, M = bird.features()(heard), bird.encoding(10)(z), len(z)

    def ridge(F, Y):
        F = np.vstack([F, np.sqrt(rho * M) * np.eye(F.shape[1])])
        return np.linalg.lstsq(F, np.vstack([Y, np.zeros((F.shape[1], Y.shape[1]))]), rcond=None)[0]

    r = bird.features()(np.array([[x]])) @ ridge(phi, T)
    wanted = np.column_stack([z, z > 0, np.abs(z)])
    assert astuple(record.read) == pytest.approx((r @ ridge(T, wanted))[0], abs=1e-5)
    assert record.z == pytest.approx(z[:200, 0])
    assert len(record.weights) == 200
    assert (record.least, record.most) == (min(record.weights), max(record.weights))
    assert record.highest == max(record.ratio)


def test_the_exact_gradient_is_the_slope_of_l():
    model, heard = moves.asked(0.4)
    heard = heard[:3]

    def likelihood(theta):
        A, b, log_var = theta
        sd = np.exp(log_var / 2)
        return np.mean(
            [np.log(integral(density(x, sd, A, b), x, A, b)) for x in heard[:, 0].tolist()]
        )

    theta, step = model.layers[0].ravel(), 1e-4
    slopes = [
        (likelihood(theta + step * e) - likelihood(theta - step * e)) / (2 * step)
        for e in np.eye(3)
    ]
    assert bird.exact_gradient(model, heard) == pytest.approx(slopes, rel=0.01)


def test_angles_are_medians_over_nights_of_the_librarys_moves():
    noise, k = 0.32, 10
    model, heard = moves.asked(noise)
    truth, found = bird.exact_gradient(model, heard), []
    data = ddc.seen(heard, bird.features(), model.layers[0])
    for seed in range(moves.NIGHTS):
        dreams = model.sample(np.random.default_rng(seed), moves.NIGHT_DREAMS)
        night = ddc.sleep(dreams, bird.features(), [bird.encoding(k)], bird.RIDGE)
        less = data - ddc.seen_in_dreams(night, model.layers[0])
        steps = (
            ddc.wake(model, night, data, "split"),
            ddc.wake(model, night, less, "code"),
            ddc.wake(model, night, less, "score"),
        )
        unit = [move / np.linalg.norm(move) for move in steps]
        found.append(np.degrees(np.arccos(np.array(unit) @ truth / np.linalg.norm(truth))))
    record = labs.update_values(1.0, noise, str(k))
    assert record.angles == pytest.approx(np.median(found, axis=0), abs=1e-6)
    here = labs.SDS.index(noise)
    assert record.path_angles[here] == pytest.approx(record.angles)


@pytest.mark.parametrize("functions", ["5", "10"])
def test_with_little_noise_the_moves_of_code_and_split_go_wrong(functions):
    """What question and prose say."""
    paths = labs.update_values(1.5, 0.4, functions).path_angles
    split, code, score = paths[0] - paths[-1]
    assert split > 20
    assert code > 30
    assert abs(score) < 10
    assert paths[:, 2].max() < 25


def test_functions_that_are_not_on_the_list_are_refused():
    with pytest.raises(ValueError, match=r"functions is '7'; accepted"):
        labs.update_values(1.0, 0.4, "7")


def test_one_update_is_drawn_where_the_record_says():
    picture = OneUpdate()
    record = labs.update_values(1.5, 0.05, "10")
    picture.png(record)
    more, less = picture.signed.more.get_offsets(), picture.signed.less.get_offsets()
    assert len(more) + len(less) == 200
    assert (more[:, 1] > 0).all()
    assert (less[:, 1] <= 0).all()
    assert set(np.round(more[:, 0], 9)) == set(np.round(record.z[record.weights > 0], 9))
    assert picture.ratio.get_ydata().max() == picture.high < record.highest
    for k in range(3):
        assert picture.paths[k].get_ydata() == pytest.approx(record.path_angles[:, k])
        assert picture.points[k].get_ydata() == pytest.approx([record.angles[k]])


# Points in the plane


@pytest.fixture(scope="module", params=labs.MODES)
def lab(request):
    return labs.generator("ring", request.param).advance(30)


def slow_weights(
    step: ddc.RegressionStep, x: np.ndarray, dreams: np.ndarray, z: np.ndarray
) -> np.ndarray:
    """The signed weights of dreams, line by line from the equations."""
    phi, M = step.features(dreams), len(dreams)
    gap = step.features(x).mean(axis=0) - phi.mean(axis=0)
    inverse = np.linalg.inv(phi.T @ phi / M + step.ridge[0] * np.eye(phi.shape[1]))
    if step.mode == "score":
        return phi @ inverse @ gap
    T = step.encodings[0](z)
    R = T.T @ phi / M @ inverse
    return T @ np.linalg.inv(T.T @ T / M + step.ridge[1] * np.eye(T.shape[1])) @ R @ gap


def test_the_weights_are_those_of_the_equations(lab):
    step, x = lab.step, np.random.default_rng(3).normal(size=(300, 2))
    dreams = step.learnt.sample(np.random.default_rng(2), 500)
    night = ddc.sleep(dreams, step.features, step.encodings, step.ridge)
    data = ddc.seen(x, step.features, step.learnt.layers[0])
    expected = slow_weights(step, x, *dreams)
    scale = np.abs(expected).max()
    assert painting.signed_weights(step, night, data) / scale == pytest.approx(
        expected / scale, abs=1e-5
    )


def test_the_shown_weights_are_of_the_dreams_that_the_step_had(lab):
    """Of its blurred dreams and data, while the shown dreams have the blur taken off."""
    x, _ = painting.points("ring")
    step, record = lab.step, lab.record.shown
    data = ddc.seen(step.looked_at(x), step.features, step.learnt.layers[0])
    night = step.night(np.random.default_rng(2), painting.N_SHOWN)
    assert np.array_equal(record.weights, painting.signed_weights(step, night, data))
    assert record.more == sum(w > 0 for w in record.weights)
    assert record.rms**2 == pytest.approx(np.mean([w * w for w in record.weights]))
    dreams = step.model.sample(np.random.default_rng(2), painting.N_SHOWN)[0]
    assert np.array_equal(record.dreams, dreams)
    assert record.blur == pytest.approx(0.25)
    assert labs.generator("ring", step.mode, blur=0).record.shown.blur == 0.0


def test_the_curves_belong_to_the_step(lab):
    x, tested = painting.points("ring")
    step, dreams = lab.step, lab.record.shown.dreams
    d = np.linalg.norm(tested[:, None] - tested, axis=2)
    width = np.median(d[np.triu_indices(len(d), 1)]) / 2

    def kernel(a, b):
        return np.exp(-((a[:, None] - b) ** 2).sum(axis=2) / (2 * width**2))

    def within(a):
        return (kernel(a, a).sum() - len(a)) / (len(a) * (len(a) - 1))

    slow = within(dreams) + within(tested) - 2 * kernel(dreams, tested).mean()
    assert lab.record.now.mmd2 == pytest.approx(slow, abs=1e-10)
    noise = np.mean(np.exp(step.model.layers[0].log_var / 2) / x.std(axis=0))
    assert lab.record.now.noise == pytest.approx(noise)
    reading = step.instruments
    expected = reading.score_r2[0] if step.mode == "score" else reading.code_r2[0]
    assert lab.record.now.r2 == expected
    assert lab.record.counts[-1] == step.count == 30


def test_words_say_which_mode_made_the_picture(lab):
    for words in (Painter.said(lab.record.shown), lab.alt):
        assert ("not DDC" in words) == (lab.step.mode == "score")
        assert ("this is DDC" in words) == (lab.step.mode == "code")
    assert f"wake {lab.step.mode}" in lab.readout
    assert "step 30" in lab.readout


@pytest.mark.long
def test_learning_in_pieces_is_learning_in_one(lab):
    whole = labs.generator("ring", lab.step.mode).advance(55)
    pieces = labs.generator("ring", lab.step.mode)
    for steps in (1, 46, 4, 4):
        pieces.advance(steps)
    assert np.array_equal(pieces.step.model.ravel(), whole.step.model.ravel())
    assert pieces.step.rng_state == whole.step.rng_state
    assert pieces.step.instruments.code_r2 == whole.step.instruments.code_r2
    assert pieces.step.count == whole.step.count == 55


def test_a_lab_learns_what_fit_learns(lab):
    x, _ = painting.points("ring")
    *_, alone = ddc.fit(
        None, x, rng=np.random.default_rng(1), wake=lab.step.mode, steps=30, rate=0.005,
        n_dreams=500, features=100, encodings=60, every=30, blur=0.25,
    )  # fmt: skip
    assert np.array_equal(alone.model.ravel(), lab.step.model.ravel())


def test_stopping_keeps_what_was_learnt_and_reset_forgets_it():
    lab = labs.generator("pinwheel", "score").advance(5)
    before = lab.picture
    lab.set(rate=0.001)
    assert lab.step.count == 5
    assert lab.advance(1).step.count == 6
    assert lab.picture != before
    lab.reset()
    assert lab.step.count == 0
    assert lab.picture == labs.generator("pinwheel", "score").picture


@pytest.mark.long
def test_it_learns_the_ring_while_it_is_watched():
    """By code, in no more steps than half a minute gives."""
    lab = labs.generator().set(rate=0.01).advance(300)
    assert lab.record.now.mmd2 < 0.1 * lab.record.first.mmd2
    assert lab.record.shown.rms < 0.6 * labs.generator().record.shown.rms
    assert lab.record.now.noise < 0.5 < lab.record.first.noise


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (("digits", "code"), r"data is 'digits'; accepted"),
        (("ring", "split"), r"wake is 'split'; accepted"),
        (("ring", "code", -1), r"blur is -1; accepted"),
        (("ring", "code", "much"), r"blur is 'much'; accepted"),
    ],
)
def test_bad_arguments_are_named(bad, words):
    with pytest.raises(ValueError, match=words):
        labs.generator(*bad)


def test_the_dreams_are_drawn_in_two_kinds(lab):
    picture = Painter()
    picture.png(lab.record)
    w = lab.record.shown.weights
    assert len(picture.signed.more.get_offsets()) == (w > 0).sum()
    assert np.array_equal(picture.signed.less.get_offsets(), lab.record.shown.dreams[w <= 0])
    sizes = picture.signed.more.get_sizes()
    assert (np.argsort(sizes, kind="stable") == np.argsort(w[w > 0], kind="stable")).mean() > 0.9


def test_the_curves_are_drawn_as_the_record_has_them(lab):
    picture = Painter()
    picture.png(lab.record)
    numbers = ("mmd2", picture.mmd2), ("noise", picture.noise), ("r2", picture.r2)
    for name, line in numbers:
        assert line.get_xdata() == pytest.approx(lab.record.counts)
        last = getattr(lab.record.now, name)
        assert line.get_ydata()[-1] == pytest.approx(max(last, -0.2))


def test_a_step_without_a_reading_is_refused(lab):
    bare = replace(lab.step, instruments=None)
    with pytest.raises(ValueError, match=r"step is Step 30, .*; accepted: a step of a network"):
        painting.measured(bare, *painting.points("ring"))


def test_where_noise_rests_is_asked_where_there_is_a_blur_and_a_floor():
    asked = [
        labs.generator(*which)._question.text
        for which in (("ring", "code"), ("pinwheel", "score"), ("pinwheel", "score", 0.0))
    ]
    assert "triangles" in asked[0]
    assert "come to rest" in asked[1]
    assert asked[2] == asked[0]


def test_all_labs_are_found():
    assert {"nb09.one_update", "nb09.generator", "nb09.ladder"} <= set(lab_makers())
