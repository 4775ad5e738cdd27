"""The command that prints DDC beside its rivals, at a small size, and the file it keeps."""

import dataclasses

import numpy as np
import pytest

from benchmarks import ddc as bench
from benchmarks import ddc_pictures, judging
from hmlib import ddc, metrics
from hmlib.course import ddc_recipes as recipes


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(recipes, "CURVE_STEPS", 8)
    monkeypatch.setattr(recipes, "LAPLACE_STEPS", 10)
    monkeypatch.setattr(recipes, "BARS_STEPS", 40)
    monkeypatch.setattr(bench, "VAE_STEPS", 40)
    monkeypatch.setattr(bench, "IWAE_STEPS", 20)
    monkeypatch.setattr(bench, "LAPLACE_RIVAL_STEPS", {"VAE": 20, "IWAE": 10})
    monkeypatch.setattr(bench, "WAKE_SLEEP_STEPS", 400)
    monkeypatch.setattr(bench, "TRAIN", 500)
    monkeypatch.setattr(bench, "PRIOR_DRAWS", 2000)
    monkeypatch.setattr(bench, "TEST", 600)
    monkeypatch.setattr(bench, "JUDGED", 50)
    monkeypatch.setattr(ddc_pictures, "SECONDS", 0.1)
    monkeypatch.setattr(ddc_pictures, "JUDGE_STEPS", 200)
    monkeypatch.setattr(ddc_pictures, "GUESSES", 20)
    monkeypatch.setattr(ddc_pictures, "GRID_STEP", 2.0)


def timeless(records):
    return [dataclasses.replace(record, seconds=0.0) for record in records]


@pytest.mark.long
def test_a_curve_is_learnt_by_every_method_and_twice_the_same():
    records = bench.one(False, "ring", 1)
    assert [record.method for record in records] == ["DDC code", "score", "VAE", "IWAE"]
    for record in records:
        assert np.isfinite([record.mmd2, record.log_likelihood, record.seconds]).all()
        assert record.log_likelihood_error > 0
        if record.method == "IWAE":
            assert record.p_closer is None
        else:
            assert record.p_closer + record.p_farther == pytest.approx(1)
    assert timeless(bench.one(False, "ring", 1)) == timeless(records)


@pytest.mark.long
def test_the_layered_model_is_held_against_its_truth():
    records = bench.one(False, "layered Laplace", 2)
    methods = ["DDC split", "DDC code", "DDC score", "VAE", "IWAE"]
    assert [record.method for record in records] == methods
    assert len({record.truth for record in records}) == 1
    assert all(record.log_likelihood < record.truth for record in records)


def test_the_bars_are_exact():
    records = bench.one(False, "3 x 3 bars", 1)
    methods = ["DDC split", "DDC code", "score", "wake-sleep"]
    assert [record.method for record in records] == methods
    for record in records:
        assert record.truth == pytest.approx(-recipes.bars_world().entropy)
        assert record.log_likelihood < record.truth
        assert record.log_likelihood_error == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("data", "methods"),
    [
        ("patches", ["DDC code", "DDC score", "IWAE"]),
        ("digits", ["DDC code", "DDC score", "reweighted", "wake-sleep", "IWAE"]),
    ],
)
def test_pictures_are_learnt_by_every_method(data, methods):
    records = bench.one(False, data, 1)
    assert [record.method for record in records] == methods
    for record in records:
        assert record.mmd2 > 0
        assert np.isfinite([record.log_likelihood, record.log_likelihood_error]).all()
        assert (record.p_closer is None) == (record.method == "IWAE")


def test_half_of_the_pictures_are_learnt_from_and_none_of_them_tested():
    for train, test in (ddc_pictures.turned(1)[:2], ddc_pictures.shuffled(1)):
        together = np.unique(np.concatenate([train, test]).round(9), axis=0)
        alone = [np.unique(u.round(9), axis=0) for u in (train, test)]
        if train.shape[1] == 256:
            assert len(together) == sum(map(len, alone))
        assert len(train) + len(test) in (4096, 1797)
    again, other = ddc_pictures.shuffled(1)[1], ddc_pictures.shuffled(2)[1]
    assert np.array_equal(again, test)
    assert not np.array_equal(other, test)


def test_the_likelihood_of_patches_is_an_integral():
    rng = np.random.default_rng(0)
    bottom = ddc_pictures.Basis(
        rng.standard_normal((4, 3)), rng.standard_normal(4), 0.3 * rng.standard_normal(4)
    )
    scale = ddc.GaussianScale(0.5 * rng.standard_normal((3, 2)), np.zeros(3))
    model = ddc.Chain((bottom, scale, ddc.StandardNormal(2)))
    x = model.sample(rng, 5)[0]
    z_2 = rng.standard_normal((200_000, 2))
    sd = np.exp(z_2 @ scale.B.T / 2)
    noise = np.diag(np.exp(bottom.log_var))
    covariances = np.einsum("ij,sj,kj->sik", bottom.A, sd**2, bottom.A) + noise
    missed = np.linalg.solve(covariances[:, None], (x - bottom.b)[None, ..., None])[..., 0]
    exponents = -np.einsum("snd,nd->sn", missed, x - bottom.b) / 2
    constants = -np.linalg.slogdet(2 * np.pi * covariances)[1] / 2
    values = np.exp(exponents + constants[:, None])
    error = values.std(axis=0) / np.sqrt(len(z_2)) / values.mean(axis=0)
    found = ddc_pictures.exact_log_likelihood(model, x, step=0.15)
    assert np.all(np.abs(found - np.log(values.mean(axis=0))) < 4 * error + 1e-6)


def test_a_layer_of_patches_has_the_gradient_of_a_layer_with_a_jacobian():
    rng = np.random.default_rng(0)
    A, b, log_var = rng.standard_normal((4, 3)), rng.standard_normal(4), rng.standard_normal(4)
    z, t, w = rng.standard_normal((6, 3)), rng.standard_normal((6, 4, 2)), rng.standard_normal(6)
    slow = ddc.Gaussian(A, b, log_var).pull(z, t, w)
    assert np.allclose(ddc_pictures.Basis(A, b, log_var).pull(z, t, w), slow, atol=1e-12)


def test_p_values_are_those_of_the_test_against_iwae():
    rng = np.random.default_rng(0)
    test, near, far = (rng.standard_normal((300, 2)) + shift for shift in (0.0, 0.1, 1.0))
    found = judging.held_beside_iwae(test, {"near": near, "IWAE": far})
    p = metrics.relative_mmd_test(test, near, far).p
    assert found == {"near": (p, 1 - p), "IWAE": (None, None)}
    assert p < 0.01


def test_a_run_that_runs_away_is_said_to(monkeypatch):
    def away(x, rng, wake, steps):
        return ddc.fit(None, x, rng=rng, wake=wake, steps=30, rate=3.0, watch=2, every=1)

    monkeypatch.setattr(recipes, "curve", away)
    records = bench.curve("ring", 1, quick=True)
    assert [record.diverged for record in records] == [True, True, False, False]
    assert all(np.isfinite(record.mmd2) for record in records)


def test_the_table_is_printed_and_kept(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")
    arguments = ["--only", "3 x 3 bars", "--seeds", "1", "2", "--jobs", "1", "--quick", "--write"]
    assert bench.main(arguments) == 0
    out = capsys.readouterr().out
    assert "3 x 3 bars: 2 seeds" in out
    assert "wake-sleep" in out
    kept = bench.earlier()
    assert len(kept) == 8
    assert bench.main([*arguments[:2], "--seeds", "3", *arguments[5:]]) == 0
    assert {record.seed for record in bench.earlier()} == {3}


def test_other_parts_are_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")
    other = bench.Row("ring", "IWAE", 5, 1.0, 0.001, -1.0, 0.01)
    bench.RESULTS.write_text(bench.kept([other]), encoding="utf-8")
    arguments = ["--only", "3 x 3 bars", "--seeds", "1", "--jobs", "1", "--write"]
    assert bench.main(arguments) == 0
    assert bench.earlier()[0] == other
    assert {record.data for record in bench.earlier()} == {"ring", "3 x 3 bars"}


@pytest.mark.long
def test_the_error_of_a_sampled_likelihood_is_that_of_repeats():
    rng = np.random.default_rng(0)
    network = ddc.Network.random(rng, 2, 2, hidden=20, variance=0.01)
    model = ddc.Chain((network, ddc.StandardNormal(2)))
    x = model.sample(rng, 300)[0]
    # The same datum three hundred times has three hundred times the same error.
    for data, k in ((x, 400), (x, 2000), (x[:1].repeat(300, axis=0), 2000)):
        found = [judging.sampled_likelihood(model, data, rng, k) for _ in range(60)]
        spread = np.std([one.each.mean() for one in found], ddof=1)
        # The sd of an sd over 60 repeats is 9 %.
        assert np.median([one.error for one in found]) == pytest.approx(spread, rel=0.35)
    _, errors = ddc.log_likelihood(model, data, rng, k)
    as_if_independent = np.sqrt((errors**2).sum()) / len(errors)
    assert as_if_independent < 0.1 * spread


def test_draws_that_count_are_those_of_all_groups_together():
    rng = np.random.default_rng(1)
    model = ddc.Chain((ddc.Gaussian(np.eye(2), [0, 0], [-1, -1]), ddc.StandardNormal(2)))
    x = model.sample(rng, 40)[0]
    found = judging.sampled_likelihood(model, x, np.random.default_rng(2), 200, groups=4)
    draws = np.random.default_rng(2)
    z = np.concatenate([model.sample(draws, 50)[1] for _ in range(4)])
    slow = np.array(
        [[model.layers[0].log_prob(x[[i]], z[[s]])[0] for s in range(200)] for i in range(40)]
    )
    assert found.effective == pytest.approx(np.median(metrics.effective_number(slow)))
    assert found.each == pytest.approx(np.log(np.exp(slow).mean(axis=1)))
