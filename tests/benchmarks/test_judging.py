"""The judge of L by weighed draws, against a sum over a fine grid of latents."""

import numpy as np
import pytest
from scipy import stats

from benchmarks import comparison, judging
from benchmarks.data_sets import WORLDS
from hmlib import ddc

RNG = np.random.default_rng
NETWORK = ddc.Network.random(RNG(1), 3, 2, hidden=5, variance=0.02)
CHAIN = ddc.Chain((NETWORK, ddc.StandardNormal(2)))
X = CHAIN.sample(RNG(2), 30)[0]


def log_joint(z, x):
    """log p(x, z), written out once more."""
    mean = NETWORK.b + np.tanh(z @ NETWORK.V.T + NETWORK.a) @ NETWORK.U.T
    seen = stats.norm.logpdf(x, mean, np.exp(NETWORK.log_var / 2)).sum(axis=-1)
    return seen + stats.norm.logpdf(z).sum(axis=-1)


def test_the_likelihood_is_the_sum_over_a_grid():
    line = np.linspace(-6, 6, 601)
    z = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    area = 2 * np.log(line[1] - line[0])
    right = np.array([np.logaddexp.reduce(log_joint(z, x)) + area for x in X])
    found = judging.proposed_likelihood(CHAIN, X, RNG(3), nights=200)
    assert found.effective > 100
    assert found.each == pytest.approx(right, abs=0.25)
    assert abs(found.each.mean() - right.mean()) < 4 * found.error < 0.1


def test_modes_are_places_from_which_the_joint_falls_every_way():
    q = ddc.Proposal.random(RNG(4), X, 2)
    z, precision = judging.AtModes(CHAIN, q).modes(X)
    here, h = log_joint(z, X), 1e-3
    for step in h * np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [0.7, 0.7], [0.7, -0.7]]):
        assert (log_joint(z + step, X) < here + 1e-8).mean() > 0.9
    assert (np.linalg.eigvalsh(precision) >= 1).all()


def test_what_is_no_plain_network_is_judged_by_its_recogniser():
    bent = ddc.Chain((ddc.Gaussian(np.eye(2), np.zeros(2), np.zeros(2)), ddc.StandardNormal(2)))
    x = bent.sample(RNG(5), 40)[0]
    right = stats.multivariate_normal(np.zeros(2), 2 * np.eye(2)).logpdf(x)
    found = judging.proposed_likelihood(bent, x, RNG(6), nights=200)
    assert found.each == pytest.approx(right, abs=0.15)


@pytest.mark.long
def test_six_latents_have_a_gap_and_the_truth_has_none(monkeypatch):
    monkeypatch.setattr(comparison, "PERMUTATIONS", 20)
    assert WORLDS["six latents"](RNG(0)).chain is not None
    task = comparison.Task("six latents", comparison.TRUTH, 3, None, 1, 200, 100)
    truth = comparison.run(task)
    assert truth.effective > 100
    assert abs(truth.gap) < 0.05
    start = comparison.run(comparison.replace(task, method="untouched start"))
    assert start.truth == truth.truth
    assert start.gap < -5
