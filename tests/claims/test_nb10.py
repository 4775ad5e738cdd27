"""What notebook 10 counts and proves, on seeds that it does not show."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import judging
from benchmarks.data_sets import WORLDS
from hmlib import datasets, metrics, verdicts
from hmlib.course import kept_runs
from hmlib.course.nb10 import bench, gauges, labs, traps
from hmlib.course.nb10.comparison import LONGER, SINES, SIX, TESTED, comparison
from hmlib.course.nb10.two_bumps import exact
from hmlib.rivals.baselines import gaussian_mixture
from tools import count_failures

FRESH = range(3000, 3020)

ASIDE = np.array([0.5, 0.0])


def test_mmd2_of_two_heaps_of_one_kind_is_0_on_average():
    found = []
    for seed in range(300):
        x, y = np.random.default_rng([seed, 31]).standard_normal((2, 30, 2))
        found.append(metrics.mmd2(x, y, 1.0))
    assert min(found) < 0
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_features_through_the_origin_give_every_code_0_there():
    for seed in range(3000, 3003):
        patient = traps.through_the_origin(bench.healthy(seed))
        night = patient.night(np.random.default_rng(seed))
        assert not night.recogniser.codes(np.zeros((1, 2)))[0].any()


def test_the_standard_error_of_the_relative_test_is_the_scatter_of_the_difference():
    tests = []
    for seed in range(200):
        x, a, b = np.random.default_rng([seed, 32]).standard_normal((3, 80, 2))
        tests.append(metrics.relative_mmd_test(x, a + ASIDE, b - ASIDE))
    apart = np.array([test.mmd2_a - test.mmd2_b for test in tests])
    errors = apart / [test.statistic for test in tests]
    assert np.median(errors) == pytest.approx(apart.std(), rel=0.2)
    assert 0.03 < np.mean([test.p < 0.1 for test in tests]) < 0.18


def test_holm_gives_a_false_verdict_no_more_often_than_the_level():
    """p-values of four tests that hang together, all of them without a difference."""
    rng = np.random.default_rng(33)
    for shared in (0.0, 0.7, 1.0):
        p = rng.random((2000, 4))
        p = np.where(rng.random((2000, 1)) < shared, p[:, :1], p)
        false = np.mean([verdicts.holm(row).min() <= 0.05 for row in p])
        assert false < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_blurred_pinwheel_passes_at_the_usual_width_and_not_at_finer_ones():
    floor, blurred = [], []
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        held, fresh, other = (datasets.pinwheel(rng, 500) for _ in range(3))
        other = other + 0.1 * rng.standard_normal(other.shape)
        for found, y in ((floor, fresh), (blurred, other)):
            found.append(metrics.mmd2_at_widths(held, y, (1.0, 0.1)))
    wide, fine = (np.array(blurred) > np.max(floor, axis=0)).T
    assert wide.sum() < 3
    assert fine.sum() > 17


@pytest.mark.long
def test_the_vote_just_sees_the_blur_and_a_test_with_300_points_often_misses_it():
    """With as many points as in the notebook; with all of them the test sees it as well."""
    told, small, large = [], [], []
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        held, other = datasets.pinwheel(rng, 1000), datasets.pinwheel(rng, 1000)
        other = other + 0.1 * rng.standard_normal(other.shape)
        told.append(metrics.neighbour_test(held, other, np.random.default_rng([seed, 1])))
        for found, n in ((small, 300), (large, 1000)):
            shuffle = np.random.default_rng([seed, 2])
            found.append(metrics.mmd_test(held[:n], other[:n], shuffle, permutations=99).p)
    assert 10 < sum(vote.low > 0.5 for vote in told) < 20
    assert max(vote.accuracy for vote in told) < 0.6
    assert sum(p > 0.05 for p in small) > 8
    assert sum(p > 0.05 for p in large) < 3


@pytest.mark.long
def test_some_errors_are_the_same_every_night_and_some_are_not():
    """Of the squared error of a move, the part that twenty machines have on each of six nights."""
    ways = (
        (traps.few_dreams, "another"), (traps.tiny_ridge, "another"),
        (traps.great_ridge, "the same"), (traps.few_functions, "the same"),
    )  # fmt: skip
    for spring, wrong in ways:
        shares = []
        for seed in FRESH:
            patient = spring(bench.healthy(seed, n_dreams=500))
            nights = [patient.night(np.random.default_rng([seed, k])) for k in range(6)]
            truth = exact(patient.model, patient.x).gradient
            off = np.array([patient.direction(night) for night in nights]) - truth
            by_chance = off.var(axis=0, ddof=1).sum() / len(off)
            shares.append(
                (off.mean(axis=0) @ off.mean(axis=0) - by_chance) / (off**2).sum(1).mean()
            )
        if wrong == "another":
            assert np.median(shares) < 0.15, spring
        else:
            assert np.median(shares) > 0.85, spring


def test_half_of_the_gauges_see_a_small_ridge_at_the_first_seed_and_fewer_at_most_others():
    outside = [
        len(labs.switch_values("ridge too small", seed).board.outside) for seed in range(12, 32)
    ]
    assert len(labs.switch_values("ridge too small", 0).board.outside) == 5
    assert sum(n < 5 for n in outside) > 8


def test_the_mean_gap_to_the_truth_is_below_0():
    gaps = []
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        seen, held = datasets.pinwheel(rng, 400), datasets.pinwheel(rng, 400)
        model = gaussian_mixture(seen, 1, rng)
        gaps.append(metrics.gap(model.log_prob(held), datasets.pinwheel_log_density(held)).gap)
    assert max(gaps) < 0


def test_the_chosen_of_five_wins_more_often_than_one():
    def smallest(seed, tries):
        rng = np.random.default_rng([seed, 34])
        x, a, b = rng.standard_normal((3, 60, 2))
        more = [a, *rng.standard_normal((tries - 1, 60, 2))]
        right = b - ASIDE
        return min(metrics.relative_mmd_test(x, y + ASIDE, right).p for y in more)

    one, five = (np.array([smallest(s, tries) for s in range(100)]) < 0.05 for tries in (1, 5))
    assert five.sum() > one.sum()
    assert (five | ~one).all()  # the first of the five is the one


def test_the_weights_of_a_kernel_are_inflated_as_the_formula_says():
    """By a sum over a fine grid of the dream's noise."""
    e = np.linspace(-9, 9, 20_001)
    p = np.exp(-(e**2) / 2)
    p /= p.sum()
    for kappa in (0.3, 0.5, 2 / 3, 0.95):
        for d in (0.0, 1.0, 2.0):
            w = np.exp(-((d - np.sqrt(1 - kappa) * e) ** 2) / (2 * kappa))
            found = (p @ w**2) / (p @ w) ** 2
            said = np.exp((1 - 1 / (2 - kappa)) * d**2) / np.sqrt(2 * kappa * (1 - kappa / 2))
            assert found == pytest.approx(said, rel=1e-8)


def test_on_the_ring_and_the_pinwheel_nothing_is_said_that_the_file_does_not_say():
    """Every method of the signs was run on the seeds of the one it is held against."""
    kept = comparison()
    for (data, method, _), test in kept.signs().items():
        assert method in TESTED
        assert test.better + test.worse + test.ties == len(kept.of(data, "IWAE"))


def test_the_first_patient_has_normal_regressions_and_a_wrong_upper_layer():
    now = dict(
        zip([g.name for g in gauges.GAUGES], labs.readings(labs.fault_of(labs.FIRST),
                                                           labs.FIRST - 1), strict=True)
    )  # fmt: skip
    low, high = labs.normal().T
    names = [gauge.name for gauge in gauges.GAUGES]
    for name in ("code_r2", "slack", "readout_r2", "constant"):
        k = names.index(name)
        room = 0.02 * gauges.GAUGES[k].span
        assert low[k] - room <= now[name] <= high[k] + room
    assert now["upper"] > 2
    assert now["bottom"] < 20


def test_the_night_of_the_doses_lab_is_in_the_middle_of_twenty():
    angles = [labs.doses_values(1000, 40, 1e-3, night).angle for night in range(20)]
    place = sorted(angles).index(angles[labs.NIGHT])
    assert place in (9, 10)


def test_each_way_of_wake_made_again_for_one_patient():
    for (mode, minus), lost in kept_runs.ways_of_wake().items():
        found = count_failures.late_run(7, mode, minus)
        assert found == pytest.approx(lost[7], abs=0.02), (mode, minus)


def six(method: str, what, file=SIX, data="six latents") -> np.ndarray:
    """One number of each run on six latents, in the order of the seeds; NaN where there is none."""
    return comparison(file).values(data, method, what)


def test_on_six_latents_the_heights_are_those_of_the_file():
    heights = {
        method: six(method, lambda run: run.gap)
        for method in comparison(SIX).methods("six latents")
    }
    trained, guided, iwae = (heights[m] for m in ("code, trained", "guided", "IWAE"))
    assert (trained > iwae).all()
    assert (trained - iwae).max() < 0.25
    assert (guided - iwae).min() > 0.17
    assert (guided > trained).sum() == 9
    assert min(trained.min(), guided.min()) > -0.6
    neither, look, wake = (
        heights[m] for m in ("code, neither", "code, one look", "code, wake only")
    )
    assert min((look - neither).min(), (wake - neither).min()) > 0.8
    assert max((look - neither).max(), (wake - neither).max()) < 1.8
    assert (trained - np.maximum(look, wake)).min() > 1.2
    assert max(look.max(), wake.max()) < -1.7
    prior, code = heights["prior dreams"], heights["DDC code"]
    assert ((np.array([code, prior]) > -10) & (np.array([code, prior]) < -7)).all()
    least_squares = heights.pop("code, regressed")
    del heights["untouched start"]
    assert (least_squares < np.min(list(heights.values()), axis=0)).all()
    assert six("code, regressed", lambda run: run.diverged).sum() == 6
    same, from_data = heights["IWAE, two looks"], heights["guided, from data"]
    assert (same > iwae).all()
    assert (same > trained).sum() == 9
    assert (same - trained).max() <= 0.15
    assert (same > guided).sum() == 5
    assert np.abs(from_data - guided).max() < 0.1


def test_on_six_latents_vote_and_mmd_turn_the_order_round():
    votes, mmd2 = (lambda run: abs(run.accuracy - 0.5)), (lambda run: run.mmd2[0])
    assert six("prior dreams", lambda run: run.accuracy).max() <= 0.55
    for judge in (votes, mmd2):
        assert (six("DDC code", judge) < six("code, neither", judge)).all()
    height = {m: six(m, lambda run: run.gap) for m in ("DDC code", "code, neither")}
    assert (height["code, neither"] - height["DDC code"]).min() > 3


def test_of_six_latents_one_draw_of_the_prior_counts():
    for seed in range(3):
        world = WORLDS["six latents"](np.random.default_rng(seed))
        x = world.sample(np.random.default_rng(seed), 20)
        found = judging.sampled_likelihood(world.chain, x, np.random.default_rng(1), 100_000)
        assert 1 <= found.effective < 1.5


def test_on_six_sines_the_order_turns_round():
    def height(method):
        return six(method, lambda run: run.log_likelihood, SINES, "six sines")

    code, guided, iwae = map(height, ("code, trained", "guided", "IWAE"))
    assert len(iwae) == 10
    assert (iwae > guided).all()
    assert (guided > code).all()
    assert ((iwae - code > 1.7) & (iwae - code < 4.8)).all()
    ahead = [
        (
            six("code, trained", lambda run, k=k: run.mmd2[k], SINES, "six sines")
            < six("IWAE", lambda run, k=k: run.mmd2[k], SINES, "six sines")
        ).sum()
        for k in range(4)
    ]
    assert ahead[0] == 7
    assert max(ahead[1:]) <= 2


def test_on_six_sines_it_is_neither_the_networks_nor_the_data_but_the_steps():
    def height(method, kept=SINES):
        return six(method, lambda run: run.log_likelihood, kept, "six sines")

    iwae, guided = height("IWAE"), height("guided")
    longer = {method: height(method, LONGER) for method in ("IWAE", "guided")}
    rows = [json.loads(line) for line in SINES.read_text(encoding="utf-8").splitlines()]
    steps = {(row["method"], row["seed"]): row["steps"] for row in rows}
    part = [steps["guided", seed] / steps["IWAE", seed] for seed in range(7100, 7110)]
    assert max(part) < 0.42
    assert min(part) > 0.33
    assert (height("IWAE, two looks") > iwae).sum() == 7
    assert (height("guided, from data") > guided).all()
    assert (height("guided, from data", LONGER) > guided).sum() == 6
    assert (longer["guided"] - guided).min() > 1.5
    assert ((longer["IWAE"] - iwae > 0.5) & (longer["IWAE"] - iwae < 2.6)).all()
    assert (longer["guided"] - guided).max() < 6.7
    assert (longer["guided"] > longer["IWAE"]).sum() == 6
    code = height("code, trained", LONGER)
    told = ~np.isnan(code)
    assert told.sum() == 9
    assert (code > height("code, trained"))[told].all()
    assert (code < longer["IWAE"])[told].all()
