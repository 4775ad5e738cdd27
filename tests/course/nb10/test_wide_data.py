"""The kept runs on patches: every number read off the file, and one row made again."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import digit_layers, patch_scales
from hmlib import ddc
from hmlib.course.nb10 import wide_labs
from hmlib.course.nb10.wide_data import DIGITS, PATCHES, as_grey, wide_runs
from hmlib.datasets.files import DATA
from hmlib.rivals.baselines import StudentT
from tools import run_wide

KEPT, DIGITS_KEPT = wide_runs(PATCHES), wide_runs(DIGITS)


def test_the_file_has_what_the_methods_are_called() -> None:
    assert tuple(patch_scales.METHODS) == PATCHES.methods
    seeds, methods = KEPT.log_likelihood.shape
    assert methods == len(PATCHES.methods)
    assert KEPT.mmd2.shape == (seeds, methods, 4)
    assert len(KEPT.dreams) == methods
    assert KEPT.held.shape[1] == PATCHES.side**2


def test_the_table_has_the_medians_of_the_file() -> None:
    with np.load(DATA / PATCHES.file) as file:
        L = file["L"].astype(float)
    for line, name, own in zip(KEPT.table().splitlines()[1:], PATCHES.methods, L.T, strict=True):
        assert line.startswith(name)
        middle = np.sort(own)[[(len(own) - 1) // 2, len(own) // 2]].mean()
        assert line[16:].split()[:2] == [f"{middle:.2f}", f"{own.min():.2f}"]
        assert np.array_equal(KEPT.of(name), own)


def test_signs_are_counted_split_by_split() -> None:
    for (method, other), test in KEPT.signs().items():
        better = sum(a > b for a, b in zip(KEPT.of(method), KEPT.of(other), strict=True))
        assert (test.better, test.worse) == (better, len(KEPT.of(method)) - better)
        assert f"{method} above {other} on {better} of" in KEPT.signs_table()


def test_what_lies_between_two_methods_is_said_in_words() -> None:
    apart = [a - b for a, b in zip(KEPT.of("IWAE"), KEPT.of("DDC"), strict=True)]
    said = f"IWAE above DDC: {min(apart):.2f} to {max(apart):.2f} nats, above 0 on 10 of 10"
    assert KEPT.above("IWAE", "DDC") == said
    assert KEPT.above("DDC", "IWAE").endswith("above 0 on 0 of 10")
    with pytest.raises(ValueError, match="method is 'VAE'"):
        KEPT.above("VAE", "DDC")


def test_the_quadrature_of_every_run_is_converged() -> None:
    assert KEPT.error.max() < 0.05


def test_a_row_made_again_is_the_one_that_was_kept() -> None:
    number = PATCHES.methods.index("untouched start")
    again = run_wide.of_patches("untouched start", run_wide.FIRST)
    assert float(again["L"]) == pytest.approx(KEPT.log_likelihood[0, number], abs=1e-3)
    assert again["accuracy"] == pytest.approx(KEPT.accuracy[0, number], abs=1e-6)
    assert np.allclose(again["dreams"], KEPT.dreams[number], atol=1e-4)


@pytest.mark.long
def test_a_run_of_ddc_made_again_is_the_one_that_was_kept() -> None:
    number = PATCHES.methods.index("DDC")
    split = patch_scales.split(run_wide.FIRST)
    rng = np.random.default_rng([run_wide.FIRST, 1])
    model = patch_scales.by_ddc(split.train, rng, int(KEPT.steps[0, number]))
    found = patch_scales.log_likelihood(model, split.test[: run_wide.JUDGED], 3).mean()
    assert found == pytest.approx(KEPT.log_likelihood[0, number], abs=0.3)


def test_splits_share_no_patch_and_are_told_apart_from_grey_values_by_a_rotation_alone() -> None:
    one = patch_scales.split(3)
    assert one.train.shape == one.test.shape == (2048, 255)
    assert np.allclose(one.axes @ one.axes.T, np.eye(255), atol=1e-8)
    assert (one.train**2).mean() * 255 / 256 == pytest.approx(1, rel=1e-6)
    assert not set(map(bytes, one.train.round(6))) & set(map(bytes, one.test.round(6)))


def test_the_lab_shows_what_was_kept() -> None:
    record = wide_labs.dreams_values("DDC", "second")
    number = PATCHES.methods.index("DDC")
    assert record.log_likelihood == pytest.approx(np.median(KEPT.log_likelihood[:, number]))
    assert np.array_equal(record.shown, as_grey(KEPT.dreams[number][12:24]))
    fresh = wide_labs.dreams_values(wide_labs.FRESH, "first")
    assert fresh.log_likelihood is None
    assert np.array_equal(fresh.shown, as_grey(KEPT.held[24:36]))


def test_what_the_notebook_says_of_the_splits_holds_on_each() -> None:
    ddc, t, iwae = (KEPT.of(name) for name in ("DDC", "multivariate t", "IWAE"))
    one, exact = KEPT.of("DDC, one scale"), KEPT.of("exact posterior")
    assert ((ddc - t > 16) & (ddc - t < 18.2)).all()
    assert ((one - t > 1.5) & (one - t < 3)).all()
    assert ((iwae - ddc > 0.5) & (iwae - ddc < 1.6)).all()
    assert (exact - ddc).max() < 1.1
    assert (exact < ddc).sum() == 1
    assert (exact - ddc < (iwae - ddc) / 2).sum() == 9
    start, own = (PATCHES.methods.index(name) for name in ("untouched start", "DDC"))
    assert (KEPT.accuracy[:, start] < 0.5).sum() == 9
    assert (KEPT.mmd2[:, start, 0] < KEPT.mmd2[:, own, 0]).sum() == 9


def test_one_scale_keeps_the_ratio_of_any_two_variances() -> None:
    t = StudentT(np.zeros(3), np.diag([4.0, 1.0, 0.25]), 3.0)
    variances = t.sample(np.random.default_rng(0), 200_000)
    for weak, strong in ((0.0, 0.5), (0.5, 1.0)):
        size = variances[:, 0] ** 2 / 4
        low, high = np.quantile(size, (weak, strong))
        some = variances[(size > low) & (size <= high)]
        assert some[:, 1].var() / some[:, 2].var() == pytest.approx(4, rel=0.15)


def test_the_file_of_digits_has_what_the_methods_are_called() -> None:
    assert tuple(digit_layers.METHODS) == DIGITS.methods
    assert DIGITS_KEPT.log_likelihood.shape[1] == len(DIGITS.methods) == len(DIGITS_KEPT.dreams)
    assert DIGITS_KEPT.held.shape[1] == DIGITS.side**2
    assert DIGITS_KEPT.error.max() < 0.05


def test_what_the_notebook_says_of_digits_holds_on_each_split() -> None:
    coins, wake_sleep, reweighted, alone, tuned, pairs = map(DIGITS_KEPT.of, DIGITS.methods)
    ahead = pairs - wake_sleep
    assert ((ahead > 0.1) & (ahead < 0.3)).sum() == 8
    assert ((ahead < 0) & (ahead > -0.05)).sum() == 2
    assert ((pairs > alone) & (pairs < alone + 0.3)).all()
    assert ((pairs > tuned + 0.1) & (pairs < tuned + 0.35)).all()
    assert (tuned < wake_sleep).sum() == 7
    assert (np.abs(pairs - reweighted) < 0.3).all()
    assert (reweighted > pairs).sum() == 6
    assert (np.abs(alone - wake_sleep) < 0.17).all()
    assert (np.minimum(wake_sleep, np.minimum(alone, tuned)) - coins > 0.4).all()
    assert (np.minimum(reweighted, pairs) - coins > 0.4).all()


def test_a_row_of_digits_made_again_is_the_one_that_was_kept() -> None:
    again = run_wide.of_digits("60 coins", run_wide.FIRST)
    assert float(again["L"]) == pytest.approx(DIGITS_KEPT.of("60 coins")[0], abs=1e-3)
    assert np.array_equal(again["dreams"], DIGITS_KEPT.dreams[0])


@pytest.mark.long
def test_a_code_of_pairs_made_again_is_as_good_as_the_one_that_was_kept() -> None:
    again = run_wide.of_digits("code of pairs", run_wide.FIRST)
    assert float(again["L"]) == pytest.approx(DIGITS_KEPT.of("code of pairs")[0], abs=0.3)


def test_without_pairs_causes_stay_untied() -> None:
    x = digit_layers.shuffled(3)[0][:200]
    start = digit_layers.belief_network(np.random.default_rng(0), x)
    ways = (True, False)
    tied, untied = (
        [*ddc.fit_tied(start, x, np.random.default_rng(1), 5, pairs=p, every=5)][-1] for p in ways
    )
    assert all((q.A == 0).all() for q in untied.recognisers)
    assert all((q.A != 0).any() for q in tied.recognisers)
