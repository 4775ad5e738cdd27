"""Angles and distances between samples, against slow loops."""

import math
import tracemalloc

import numpy as np
import pytest

from hmlib import metrics


def test_an_angle_is_in_degrees():
    assert metrics.angle([1.0, 0], [0, 2.0]) == pytest.approx(90)
    assert metrics.angle([1.0, 1], [-3.0, -3]) == pytest.approx(180)
    assert metrics.angle([1.0, 0, 0], [1.0, 1, 0]) == pytest.approx(45)


@pytest.mark.parametrize("b", [[0.0, 0.0], [1.0, 2.0, 3.0], [np.nan, 1.0]])
def test_an_angle_is_between_two_directions(b):
    with pytest.raises(ValueError, match="accepted"):
        metrics.angle([1.0, 0.0], b)


def slow_mmd2(x, y, s):
    """Every pair by itself, a point with itself left out."""

    def k(a, b):
        return math.exp(-sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) / (2 * s * s))

    def within(z):
        pairs = [(i, j) for i in range(len(z)) for j in range(len(z)) if i != j]
        return sum(k(z[i], z[j]) for i, j in pairs) / len(pairs)

    across = sum(k(a, b) for a in x for b in y) / (len(x) * len(y))
    return within(x) + within(y) - 2 * across


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bandwidth", [0.3, 1.0, 4.0])
def test_mmd2_is_the_sum_over_pairs(seed, bandwidth):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(9, 3)), rng.normal(0.5, 1.5, size=(7, 3))
    assert metrics.mmd2(x, y, bandwidth) == pytest.approx(
        slow_mmd2(x.tolist(), y.tolist(), bandwidth), abs=1e-12
    )


def test_the_default_bandwidth_is_half_the_median_distance_in_the_data():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(10, 2)), rng.normal(size=(8, 2))
    distances = sorted(math.dist(x[i], x[j]) for i in range(len(x)) for j in range(i + 1, len(x)))
    half_median = distances[len(distances) // 2] / 2
    assert len(distances) % 2 == 1
    assert metrics.median_bandwidth(x) == pytest.approx(half_median)
    assert metrics.mmd2(x, y) == pytest.approx(slow_mmd2(x.tolist(), y.tolist(), half_median))


def test_it_is_unbiased_for_equal_distributions_and_sees_a_shift():
    rng = np.random.default_rng(4)
    equal = [
        metrics.mmd2(rng.normal(size=(40, 2)), rng.normal(size=(40, 2)), 1.0) for _ in range(200)
    ]
    assert abs(np.mean(equal)) < 4 * np.std(equal, ddof=1) / math.sqrt(len(equal))
    assert min(equal) < 0
    assert metrics.mmd2(rng.normal(size=(200, 2)), rng.normal(1.0, 1.0, size=(200, 2)), 1.0) > 0.05


@pytest.mark.parametrize(
    ("x", "y", "bandwidth", "words"),
    [
        (np.zeros((3, 2)), np.ones((3, 2)), 0, "bandwidth is 0"),
        (np.zeros((3, 2)), np.ones((3, 2)), -1.0, "bandwidth is -1.0"),
        (np.zeros((3, 2)), np.ones((3, 2)), math.nan, "bandwidth is nan"),
        (np.zeros((3, 2)), np.ones((3, 2)), None, "x has median distance 0"),
        (np.eye(3) * 1e300, np.ones((3, 3)), None, "x has median distance inf"),
        (np.zeros((1, 2)), np.ones((3, 2)), 1.0, r"x has shape \(1, 2\)"),
        (np.zeros((3, 2)), np.ones((3, 3)), 1.0, "y has width 3"),
        (np.zeros((3, 2)), np.full((3, 2), np.nan), 1.0, "y contains nan"),
        (np.zeros(3), np.ones((3, 2)), 1.0, r"x has shape \(3,\)"),
    ],
)
def test_bad_input_is_named(x, y, bandwidth, words):
    with pytest.raises(ValueError, match=words):
        metrics.mmd2(x, y, bandwidth)


# Which of two samples is closer.


def normal(rng, n, mean=0.0):
    return rng.normal(mean, 1.0, size=(n, 2))


@pytest.mark.parametrize("sizes", [(9, 7, 5), (5, 8, 8)])
@pytest.mark.parametrize("bandwidth", [0.4, 2.0])
def test_the_parts_of_the_test_are_sums_over_pairs(sizes, bandwidth):
    rng = np.random.default_rng(5)
    x, a, b = (rng.normal(m, 1.2, size=(n, 3)) for m, n in zip((0, 0.5, 1), sizes, strict=True))
    found = metrics.relative_mmd_test(x, a, b, bandwidth)
    lists = [sample.tolist() for sample in (x, a, b)]
    assert found.mmd2_a == pytest.approx(slow_mmd2(lists[0], lists[1], bandwidth), abs=1e-12)
    assert found.mmd2_b == pytest.approx(slow_mmd2(lists[0], lists[2], bandwidth), abs=1e-12)


def test_blocks_of_the_kernel_leave_nothing_out(monkeypatch):
    rng = np.random.default_rng(6)
    x, a, b = normal(rng, 23), normal(rng, 17, 0.3), normal(rng, 31, -0.2)
    whole = metrics.relative_mmd_test(x, a, b), metrics.mmd2(x, a)
    monkeypatch.setattr(metrics, "_ROWS", 5)
    test, distance = metrics.relative_mmd_test(x, a, b), metrics.mmd2(x, a)
    assert test.statistic == pytest.approx(whole[0].statistic, rel=1e-9)
    assert distance == pytest.approx(whole[1], abs=1e-12)


def test_far_from_zero_or_in_other_units_nothing_changes():
    rng = np.random.default_rng(7)
    samples = normal(rng, 30), normal(rng, 30, 0.3), normal(rng, 30, -0.2)
    here = metrics.relative_mmd_test(*samples)
    there = metrics.relative_mmd_test(*(1e4 * sample + 1e6 for sample in samples))
    assert there.statistic == pytest.approx(here.statistic, rel=1e-6)


@pytest.mark.long
@pytest.mark.parametrize(
    ("sizes", "means"),
    [((40, 40, 40), (0.0, 0.5, -0.5)), ((30, 50, 20), (0.0, 0.8, 0.3)), ((60, 60, 60), (0, 0, 1))],
)
def test_the_variance_is_that_of_repeated_samples(sizes, means):
    rng = np.random.default_rng(8)
    differences, variances = [], []
    for _ in range(1500):
        x, a, b = (normal(rng, n, m) for n, m in zip(sizes, means, strict=True))
        found = metrics.relative_mmd_test(x, a, b, 1.0)
        differences.append(found.mmd2_a - found.mmd2_b)
        variances.append((differences[-1] / found.statistic) ** 2)
    # The variance of 1500 samples is itself known to about 4 %.
    assert np.mean(variances) == pytest.approx(np.var(differences, ddof=1), rel=0.15)


def rejections(rng, repeats, means, n=80):
    p = [metrics.relative_mmd_test(*(normal(rng, n, m) for m in means)).p for _ in range(repeats)]
    return np.array(p)


def test_p_is_uniform_if_both_are_equally_far():
    repeats = 600
    p = rejections(np.random.default_rng(9), repeats, (0.0, 0.6, -0.6))
    for level in (0.05, 0.25, 0.5, 0.75, 0.95):
        # Four standard errors of a frequency.
        limit = 4 * math.sqrt(level * (1 - level) / repeats)
        assert abs((p < level).mean() - level) < limit


def test_p_is_cautious_if_all_three_are_the_same():
    repeats = 600
    p = rejections(np.random.default_rng(10), repeats, (0.0, 0.0, 0.0))
    limit = 4 * math.sqrt(0.05 * 0.95 / repeats)
    assert 0 < (p < 0.05).mean() < 0.05 + limit
    assert 0 < (p > 0.95).mean() < 0.05 + limit
    assert abs(p.mean() - 0.5) < 4 * p.std() / math.sqrt(repeats)


def test_the_closer_sample_is_found():
    rng = np.random.default_rng(11)
    assert (rejections(rng, 20, (0.0, 0.1, 0.7), n=200) < 0.01).all()
    assert (rejections(rng, 20, (0.0, 0.7, 0.1), n=200) > 0.99).all()


def test_swapping_the_samples_turns_p_around():
    rng = np.random.default_rng(12)
    x, a, b = normal(rng, 30), normal(rng, 25, 0.2), normal(rng, 40, -0.3)
    forth, back = metrics.relative_mmd_test(x, a, b), metrics.relative_mmd_test(x, b, a)
    assert forth.p + back.p == pytest.approx(1, abs=1e-12)
    assert forth.statistic == pytest.approx(-back.statistic, abs=1e-12)
    assert (forth.mmd2_a, forth.mmd2_b) == (back.mmd2_b, back.mmd2_a)
    assert metrics.relative_mmd_test(x, a, a).p == 0.5


def test_samples_without_any_spread_have_a_verdict():
    zeros, ones = np.zeros((5, 2)), np.ones((5, 2))
    assert metrics.relative_mmd_test(zeros, zeros, ones, 1.0).p == 0
    assert metrics.relative_mmd_test(zeros, ones, zeros, 1.0).p == 1
    assert metrics.relative_mmd_test(zeros, ones, ones, 1.0).p == 0.5


def test_large_samples_need_little_memory():
    rng = np.random.default_rng(14)
    samples = [rng.normal(size=(4000, 16)) for _ in range(3)]
    tracemalloc.start()
    metrics.relative_mmd_test(*samples, bandwidth=4.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A whole kernel matrix would need 128 MB.
    assert peak < 64e6


def test_the_record_says_its_numbers():
    rng = np.random.default_rng(13)
    found = metrics.relative_mmd_test(normal(rng, 30), normal(rng, 30), normal(rng, 30, 2.0))
    assert repr(found) == (
        f"RelativeMMD: a {found.mmd2_a:.5f}, b {found.mmd2_b:.5f}, "
        f"statistic {found.statistic:.2f}, p {found.p:.2g}"
    )
    with pytest.raises(AttributeError):
        found.p = 1.0


GOOD = np.arange(10.0).reshape(5, 2)


@pytest.mark.parametrize(
    ("x", "a", "b", "bandwidth", "words"),
    [
        (GOOD[:3], GOOD, GOOD, 1.0, r"x has shape \(3, 2\); accepted: \(n, d\) with n >= 4"),
        (GOOD, GOOD[:3], GOOD, 1.0, r"y_a has shape \(3, 2\)"),
        (GOOD, GOOD, GOOD[:, :1], 1.0, "y_b has width 1; accepted: 2, the width of x"),
        (GOOD, np.full((4, 2), np.inf), GOOD, 1.0, "y_a contains inf"),
        (GOOD, GOOD, GOOD, 0, "bandwidth is 0"),
        (np.zeros((5, 2)), GOOD, GOOD, None, "x has median distance 0"),
        (GOOD, GOOD, "b", 1.0, "y_b is 'b'"),
    ],
)
def test_bad_input_of_the_test_is_named(x, a, b, bandwidth, words):
    with pytest.raises(ValueError, match=words):
        metrics.relative_mmd_test(x, a, b, bandwidth)


def test_the_data_themselves_are_no_sample_to_compare() -> None:
    rng = np.random.default_rng(0)
    x, other = rng.standard_normal((2, 100, 2))
    for sample in (x, x[::-1], np.concatenate([x[:60], other[:20]])):
        with pytest.raises(ValueError, match=r"y_a shares .* rows with x; accepted: a sample"):
            metrics.relative_mmd_test(x, sample, other)
    with pytest.raises(ValueError, match="y_b shares 100 of its 100 rows with x"):
        metrics.relative_mmd_test(x, other, x)
    # A row in common by chance is none the less a draw of its own, and so are equal patterns.
    metrics.relative_mmd_test(x, np.concatenate([x[:1], other]), other)
    coins = rng.integers(0, 2, (3, 60, 2))
    assert np.isfinite(metrics.relative_mmd_test(*coins).statistic)


def test_samples_that_do_not_vary_have_a_record_all_the_same() -> None:
    x, far = np.zeros((5, 1)), np.ones((5, 1))
    closer = metrics.relative_mmd_test(x, x, far, bandwidth=1.0)
    assert closer.statistic < -1e6
    assert closer.p == 0
    even = metrics.relative_mmd_test(x, far, far, bandwidth=1.0)
    assert (even.statistic, even.p) == (0.0, 0.5)


def test_every_width_is_a_part_of_the_median():
    rng = np.random.default_rng(11)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(20, 2))
    s = metrics.median_bandwidth(x)
    slow = [slow_mmd2(x.tolist(), y.tolist(), part * s) for part in (1, 0.5, 0.25, 0.1)]
    assert metrics.mmd2_at_widths(x, y) == pytest.approx(slow, abs=1e-12)


@pytest.mark.parametrize("widths", [[], [0.0], [1.0, -0.5], [np.nan]])
def test_a_width_is_above_zero(widths):
    x = np.random.default_rng(0).normal(size=(9, 1))
    with pytest.raises(ValueError, match="widths"):
        metrics.mmd2_at_widths(x, x + 1, widths)
    with pytest.raises(ValueError, match="widths"):
        metrics.mmd_test(x, x + 1, np.random.default_rng(0), widths)


def test_the_deals_are_compared_as_a_slow_loop_does():
    rng = np.random.default_rng(12)
    x, y = rng.normal(size=(6, 2)), rng.normal(0.4, 1.3, size=(4, 2))
    found = metrics.mmd_test(x, y, np.random.default_rng(5), widths=[1.0, 0.3], permutations=40)
    pooled, deals = np.concatenate([x, y]), np.random.default_rng(5)
    s = metrics.median_bandwidth(pooled)
    samples = [(x, y)]
    for _ in range(40):
        order = deals.permutation(10)
        rest = np.setdiff1d(np.arange(10), order[:6])
        samples.append((pooled[order[:6]], pooled[rest]))
    table = np.array(
        [[slow_mmd2(a.tolist(), b.tolist(), part * s) for a, b in samples] for part in (1.0, 0.3)]
    )
    largest = (table / table.std(axis=1, keepdims=True)).max(axis=0)
    assert found.mmd2 == pytest.approx(table[:, 0], abs=1e-12)
    assert found.bandwidths == pytest.approx([s, 0.3 * s])
    assert found.statistic == pytest.approx(largest[0])
    assert found.p == np.mean(largest >= largest[0] - 1e-9)


def test_small_values_of_p_are_as_rare_as_they_should_be():
    """A thousand draws without a difference, of unequal sizes and with ties."""
    rng = np.random.default_rng(13)
    deals, votes = [], []
    for _ in range(1000):
        x, y = np.round(rng.normal(size=(18, 2)), 1), np.round(rng.normal(size=(31, 2)), 1)
        deals.append(metrics.mmd_test(x, y, rng, permutations=39).p)
        votes.append(metrics.neighbour_test(x, y, rng, k=3).p)
    # Three standard deviations of a binomial with 1000 draws.
    for level in (0.05, 0.1, 0.5):
        most = level + 3 * math.sqrt(level * (1 - level) / 1000)
        assert np.mean(np.array(deals) <= level) <= most
        assert np.mean(np.array(votes) <= level) <= most
    assert np.mean(np.array(deals) <= 0.5) > 0.4  # and not by being blind


def test_a_narrow_kernel_sees_what_a_wide_one_does_not():
    """Needles against a smooth bump of the same mean and spread."""
    rng = np.random.default_rng(14)
    x = rng.normal(size=(400, 1))
    y = np.round(rng.normal(size=(400, 1)) / 0.5) * 0.5 + 0.01 * rng.normal(size=(400, 1))
    y = x.mean() + (y - y.mean()) * x.std() / y.std()
    wide = metrics.mmd_test(x, y, rng, widths=[3.0], permutations=99)
    every = metrics.mmd_test(x, y, rng, permutations=99)
    assert wide.p > 0.05
    assert every.p == 0.01
    assert every.mmd2[3] > 20 * abs(wide.mmd2[0])


def slow_votes(asked, known, k):
    """For every asked point, how many of its k nearest come from the first half."""
    half = len(known) // 2
    found = []
    for point in asked:
        nearest = sorted(range(len(known)), key=lambda i: math.dist(point, known[i]))[:k]
        found.append(sum(i < half for i in nearest))
    return found


def test_neighbours_vote_as_in_a_slow_loop():
    rng = np.random.default_rng(15)
    x, y = rng.normal(size=(40, 2)), rng.normal(0.7, 1.0, size=(40, 2))
    found = metrics.neighbour_test(x, y, np.random.default_rng(3), k=5)
    deals = np.random.default_rng(3)
    x, y = (z[deals.permutation(40)] for z in (x, y))
    votes = slow_votes([*x[20:], *y[20:]], [*x[:20], *y[:20]], 5)
    right = sum((vote > 2.5) == (i < 20) for i, vote in enumerate(votes))
    assert found.accuracy == right / 40
    at_least = [math.comb(40, j) / 2**40 for j in range(right, 41)]
    assert found.p == pytest.approx(sum(at_least))
    for end, tail in ((found.low, range(right, 41)), (found.high, range(right + 1))):
        chance = sum(math.comb(40, j) * end**j * (1 - end) ** (40 - j) for j in tail)
        assert chance == pytest.approx(0.025)


def test_neighbours_tell_all_or_nothing():
    rng = np.random.default_rng(16)
    x = rng.normal(size=(60, 2))
    far = metrics.neighbour_test(x, x + 100, rng, k=3)
    assert (far.accuracy, far.high) == (1.0, 1.0)
    assert far.p == pytest.approx(2.0**-60)
    same = metrics.neighbour_test(np.zeros((60, 1)), np.zeros((90, 1)), rng, k=3)
    assert 0.2 < same.accuracy < 0.8
    assert same.p > 0.01


@pytest.mark.parametrize(
    ("x", "y", "k", "words"),
    [
        (np.zeros((40, 2)), np.zeros((40, 2)), 4, "k is 4"),
        (np.zeros((9, 2)), np.zeros((40, 2)), 5, "x has shape"),
        (np.zeros((40, 2)), np.zeros((40, 3)), 5, "y has width 3"),
        (np.zeros((40, 2)), np.full((40, 2), np.nan), 5, "y"),
    ],
)
def test_neighbours_say_what_they_cannot_take(x, y, k, words):
    with pytest.raises(ValueError, match=words):
        metrics.neighbour_test(x, y, np.random.default_rng(0), k=k)


def test_a_deal_needs_samples_of_one_width():
    x = np.random.default_rng(0).normal(size=(9, 2))
    with pytest.raises(ValueError, match="y has width 1"):
        metrics.mmd_test(x, x[:, :1], np.random.default_rng(0))
    with pytest.raises(ValueError, match="median distance"):
        metrics.mmd_test(np.zeros((9, 2)), np.zeros((9, 2)), np.random.default_rng(0))


@pytest.mark.parametrize("sizes", [(2, 3), (3, 2), (2, 60)])
def test_tiny_samples_keep_the_level_and_have_the_fewest_p_values(sizes):
    """With two points against three there are ten deals, and no p can be below a tenth."""
    rng, found = np.random.default_rng(20), []
    for _ in range(1000):
        x, y = (rng.normal(size=(n, 1)) for n in sizes)
        found.append(metrics.mmd_test(x, y, rng, permutations=39).p)
    for level in (0.05, 0.1, 0.5):
        most = level + 3 * math.sqrt(level * (1 - level) / 1000)
        assert np.mean(np.array(found) <= level) <= most
    far = metrics.mmd_test([[0.0], [0.1]], [[9.0], [9.1], [9.2]], rng, permutations=999)
    assert 0.05 < far.p < 0.25


@pytest.mark.parametrize("repeated", [False, True])
def test_the_data_themselves_are_refused_by_the_tests_of_two_samples(repeated) -> None:
    rng = np.random.default_rng(21)
    x = rng.normal(size=(60, 2))
    y = x[rng.integers(60, size=80)] if repeated else x[::-1]
    for test in (metrics.mmd_test, metrics.neighbour_test):
        with pytest.raises(ValueError, match=r"of its \d+ rows with x; accepted: a sample"):
            test(x, y, rng)
    # Coins have few values: there rows are shared without any fault.
    coins = (rng.random((60, 3)) < 0.5).astype(float)
    assert metrics.mmd_test(coins, coins, rng, permutations=19).p > 0.05


def test_draws_that_count():
    log_w = np.log([[1.0, 1.0, 1.0, 1.0], [1.0, 0.5, 0.25, 0.25], [1e-300, 0.1, 1e-9, 1e-9]])
    slow = [sum(w) ** 2 / sum(v * v for v in w) for w in np.exp(log_w).tolist()]
    assert metrics.effective_number(log_w) == pytest.approx(slow)
    assert metrics.effective_number(log_w + 5000) == pytest.approx(slow)
    assert metrics.effective_number([-np.inf, 3.0, -np.inf]) == pytest.approx(1)
    assert metrics.effective_number(np.zeros((2, 3, 7))).shape == (2, 3)


@pytest.mark.parametrize("log_w", [[], 3.0, [np.nan, 0.0], [-np.inf, -np.inf], [np.inf, 0.0]])
def test_draws_without_weight_are_named(log_w):
    with pytest.raises(ValueError, match="log_weights has"):
        metrics.effective_number(log_w)


def test_a_gap_is_minus_a_divergence_and_its_error_that_of_repeats():
    """N(0, 1) seen by a model N(0.5, 1): the divergence is 1/8."""
    rng, found = np.random.default_rng(22), []
    for _ in range(400):
        x = rng.normal(size=200)
        model = -((x - 0.5) ** 2) / 2 + rng.normal(scale=0.02)  # an estimate with a common error
        found.append(metrics.gap(model, -(x**2) / 2, error=0.02))
    gaps = np.array([one.gap for one in found])
    assert gaps.mean() == pytest.approx(-1 / 8, abs=4 * gaps.std() / 20)
    assert np.median([one.error for one in found]) == pytest.approx(gaps.std(), rel=0.15)
    assert found[0].gap == pytest.approx(found[0].model - found[0].truth)


@pytest.mark.parametrize(
    ("model", "truth", "error", "words"),
    [
        ([0.0], [0.0], 0.0, "truth has length 1 and model 1"),
        ([0.0, 1.0], [0.0], 0.0, "truth has length 1 and model 2"),
        ([0.0, np.nan], [0.0, 1.0], 0.0, "model contains nan"),
        ([0.0, 1.0], [0.0, 1.0], -1.0, "error is -1.0"),
        ([0.0, 1.0], [0.0, 1.0], np.nan, "error is nan"),
    ],
)
def test_a_gap_names_what_it_cannot_take(model, truth, error, words):
    with pytest.raises(ValueError, match=words):
        metrics.gap(model, truth, error)
