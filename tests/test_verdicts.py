"""Sign tests by listing all coins, Holm's correction by its definition, and their levels."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from hmlib.verdicts import holm, sign_test


def by_listing(better: int, worse: int) -> float:
    """Part of all sequences of coins whose split is as uneven."""
    n = better + worse
    splits = [abs(2 * sum(coins) - n) for coins in itertools.product([0, 1], repeat=n)]
    return sum(split >= abs(better - worse) for split in splits) / len(splits)


@pytest.mark.parametrize(("better", "worse", "ties"), [(7, 1, 2), (5, 5, 0), (0, 9, 1), (1, 0, 0)])
@pytest.mark.parametrize("higher", [True, False])
def test_signs_are_counted_as_all_coins_would_fall(better, worse, ties, higher) -> None:
    sign = 1.0 if higher else -1.0
    differences = sign * np.array([2.0] * better + [-0.1] * worse + [0.0] * ties)
    b = np.random.default_rng(0).normal(size=len(differences)).round(3)
    found = sign_test(b + differences, b, higher)
    assert (found.better, found.worse, found.ties) == (better, worse, ties)
    assert found.p == pytest.approx(min(1.0, by_listing(better, worse)))
    assert f"better in {better} of {better + worse + ties}" in repr(found)


def test_ties_alone_say_nothing() -> None:
    assert sign_test([1.0, 2.0], [1.0, 2.0]).p == 1.0


def by_definition(p: list[float], level: float) -> list[bool]:
    """Step down: the smallest against level / m, the next against level / (m - 1), ..."""
    rejected, m = [False] * len(p), len(p)
    for rank, i in enumerate(sorted(range(m), key=lambda i: p[i])):
        if p[i] > level / (m - rank):
            break
        rejected[i] = True
    return rejected


def test_corrected_values_reject_what_holm_rejects() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        p = rng.random(rng.integers(1, 9)) ** 3
        for level in (0.01, 0.05, 0.2, 0.7):
            assert (holm(p) <= level).tolist() == by_definition(p.tolist(), level)
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_one_false_rejection_or_more_is_as_rare_as_the_level() -> None:
    """2000 sets of 12 sign tests of ten pairs without a difference."""
    rng = np.random.default_rng(1)
    wrong = [
        holm([sign_test(*rng.normal(size=(2, 10))).p for _ in range(12)]).min() <= 0.05
        for _ in range(2000)
    ]
    assert np.mean(wrong) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sign_test([], []), "b has length 0 and a 0"),
        (lambda: sign_test([1.0, 2.0], [1.0]), "b has length 1 and a 2"),
        (lambda: sign_test([np.nan], [1.0]), "a contains nan"),
        (lambda: holm([]), "p is []"),
        (lambda: holm([0.5, 1.5]), "accepted: one number or more from 0 to 1"),
    ],
)
def test_bad_input_is_named(call, words) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        call()
