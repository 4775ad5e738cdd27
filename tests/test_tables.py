"""Divergences and dependence of tables, against sums written out."""

import itertools
import math

import numpy as np
import pytest

from hmlib import exact, tables


@pytest.mark.parametrize("seed", range(3))
def test_the_divergences_are_sums_over_patterns(seed):
    q, p = np.random.default_rng(seed).dirichlet(np.ones(8), size=(2, 4))
    exclusive, inclusive = tables.divergences(q, p)
    for row in range(4):
        pairs = list(zip(q[row], p[row], strict=True))
        assert exclusive[row] == pytest.approx(sum(a * math.log(a / b) for a, b in pairs))
        assert inclusive[row] == pytest.approx(sum(b * math.log(b / a) for a, b in pairs))


def test_equal_tables_have_divergence_0_and_one_p_serves_many_q():
    p = np.random.default_rng(0).dirichlet(np.ones(4), size=50)
    assert tables.divergences(p, p)[0].tolist() == [0.0] * 50
    assert (tables.divergences(p, p[0])[1] >= 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_no_independent_guess_is_closer_than_the_product_of_the_marginals(seed):
    table = np.random.default_rng(seed).dirichlet(np.ones(4))
    best = tables.divergences(tables.independent(table), table)[1]
    grid = exact.factorised_table(list(itertools.product(np.arange(0.02, 1, 0.02), repeat=2)))
    assert (tables.divergences(grid, table)[1] >= best - 1e-12).all()
    assert tables.mutual_information(table) == pytest.approx(float(best))


def test_independent_causes_say_nothing_about_each_other():
    table = exact.factorised_table([[0.3, 0.8, 0.5], [0.1, 0.2, 0.9]])
    np.testing.assert_allclose(tables.independent(table), table, atol=1e-15)
    assert np.abs(tables.mutual_information(table)).max() < 1e-15
    assert tables.mutual_information([0.49, 0.01, 0.01, 0.49]) > 0.5


def test_a_table_with_a_zero_is_answered_in_words():
    whole, holed = np.full(4, 0.25), np.array([0.5, 0.5, 0.0, 0.0])
    with pytest.raises(ValueError, match="p has minimum 0; accepted"):
        tables.divergences(whole, holed)
    with pytest.raises(ValueError, match="q has minimum 0; accepted"):
        tables.divergences(holed, whole)
    with pytest.raises(ValueError, match="p has minimum 0; accepted"):
        tables.mutual_information(holed)
