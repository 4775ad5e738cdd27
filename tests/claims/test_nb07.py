"""What notebook 07 counts, on seeds that it does not show, and the controls of its reasons."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

from hmlib import ddc, exact
from hmlib.course import bird
from hmlib.course.nb07 import choices, densities, limits, telling
from hmlib.course.nb07.densities import GRID

FRESH = range(1000, 1020)
Z = GRID[:, 0]
KINDS = ("tanh", "sigmoid", "relu", "fourier")
P = 0.6 * densities.gaussian(-2, 0.5) + 0.4 * densities.gaussian(2, 0.5)


def member(eta, T, base):
    heights = base * np.exp(T @ eta)
    return heights / heights.sum()


def kl(p, q):
    inside = p > 0
    return p[inside] @ np.log(p[inside] / q[inside])


def test_the_bowl_is_the_divergence_and_least_where_the_averages_agree():
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        T, p, base = rng.normal(size=(9, 3)), *rng.dirichlet(np.ones(9), 2)
        eta = rng.normal(size=3)
        bowl = np.log(base @ np.exp(T @ eta)) - eta @ (p @ T)
        assert kl(p, base) + bowl == pytest.approx(kl(p, member(eta, T, base)))
        q = ddc.maximum_entropy(p @ T, lambda z, T=T: T, np.arange(9.0)[:, None], base).density
        assert q @ T == pytest.approx(p @ T, abs=1e-6)
        others = [member(eta + rng.normal(size=3), T, base) for _ in range(20)]
        assert kl(p, q) <= min(kl(p, other) for other in others)


def test_plain_newton_leaps_over_the_bowl_where_the_library_arrives():
    arrived = {K: [choices.newton_arrives(P, K, seed) for seed in FRESH] for K in (3, 10, 20)}
    assert sum(arrived[3]) >= 16
    assert 5 <= sum(arrived[10]) <= 15
    assert sum(arrived[20]) <= 6
    for seed in FRESH:
        T = choices.drawn(seed, 20)
        assert ddc.maximum_entropy(P @ T(GRID), T, GRID, densities.base()).feasible


def test_the_decode_adds_least_to_the_base_among_all_with_its_code():
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        T, p, base = rng.normal(size=(9, 3)), *rng.dirichlet(np.full(9, 2.0), 2)
        q = ddc.maximum_entropy(p @ T, lambda z, T=T: T, np.arange(9.0)[:, None], base).density
        free = np.linalg.svd(np.column_stack([T, np.ones(9)]).T)[2][4:]
        for step in rng.normal(0, 0.02, (20, len(free))):
            other = q + step @ free
            if other.min() > 0:
                assert kl(other, base) >= kl(q, base) - 1e-9


def test_with_all_places_alike_no_density_on_the_line_has_the_form():
    rng = np.random.default_rng(7)
    for seed in FRESH:
        eta, T = rng.normal(0, 3, 22), choices.drawn(seed, 20)
        far = np.linspace(-2000, 2000, 4001)[:, None]
        tails = [T(far[:20]) @ eta, T(far[-20:]) @ eta]
        assert max(tail.min() for tail in tails) >= -np.abs(eta).sum()


def test_a_direction_beyond_every_place_is_beyond_every_average():
    found = ddc.maximum_entropy(
        [2.0, 3.0, 1.0], lambda x: np.hstack([x, x**2, x**0]), GRID, densities.base()
    )
    heights = np.column_stack([Z, Z**2, Z**0]) @ found.direction
    assert found.direction @ [2.0, 3.0, 1.0] > heights.max() + 0.2
    for p in np.random.default_rng(0).dirichlet(np.ones(161), 20):
        assert p @ heights <= heights.max()


def test_learning_never_decodes(monkeypatch):
    """Neither by the name that others use nor inside the library."""

    def refuse(*_, **__):
        raise AssertionError("a code was decoded")

    monkeypatch.setattr(ddc, "maximum_entropy", refuse)
    monkeypatch.setattr("hmlib.ddc.decoding._Dual", refuse)
    model = bird.model()
    x = bird.model(A=1.3).sample(np.random.default_rng(0), 200)[0]
    for wake in ("split", "code"):
        steps = ddc.fit(model, x, rng=np.random.default_rng(1), wake=wake, n_dreams=400)
        for _ in range(3):
            assert np.isfinite(next(steps).learnt.layers[0].A).all()
    with pytest.raises(AssertionError, match="decoded"):
        ddc.maximum_entropy([1.0], lambda z: z, GRID)


def test_every_decode_is_a_member_of_the_family():
    base = choices.BASES["wide"]
    for seed in FRESH:
        T = choices.drawn(seed, 5)
        p = densities.mixture(np.random.default_rng(seed))
        q = ddc.maximum_entropy(p @ T(GRID), T, GRID, base).density
        inside = q > 1e-12
        ratio = np.log(q[inside] / base[inside])
        left = ratio - T(GRID[inside]) @ np.linalg.lstsq(T(GRID[inside]), ratio, rcond=None)[0]
        assert np.abs(left).max() < 1e-3


def test_a_member_is_its_own_decode_whatever_its_shape():
    base = choices.BASES["wide"]
    for seed in FRESH:
        T, rng = choices.drawn(seed, 4), np.random.default_rng(seed)
        q = member(rng.normal(size=6), T(GRID), base)
        decode = ddc.maximum_entropy(q @ T(GRID), T, GRID, base).density
        assert densities.misplaced(q, decode) < 1e-4


def test_gain_and_base_are_choices():
    wide, narrow = choices.BASES["wide"], choices.BASES["narrow"]
    gentle, mild = (choices.misplaced(5, gain, wide, FRESH) for gain in (0.2, 2.0))
    sharp, other = (choices.misplaced(5, 10.0, m, FRESH) for m in (wide, narrow))
    assert np.median(sharp) > 1.5 * np.median(mild)
    assert (mild < sharp).sum() >= 15
    assert 6 <= (mild < gentle).sum() <= 14
    assert np.abs(sharp - other).max() > 0.02


def test_where_alpha_is_learnt_has_to_cover_the_distribution():
    """But for z, which is an encoding itself."""
    far = []
    for seed in FRESH:
        T, rng = choices.drawn(seed, 20), np.random.default_rng([seed, 1])
        wide = rng.normal(0, 2, (2000, 1))
        for places in (wide, wide / 4):
            f = np.column_stack([function(places[:, 0]) for function in telling.FUNCTIONS.values()])
            here = np.column_stack([function(Z) for function in telling.FUNCTIONS.values()])
            far.append(np.abs(P @ T(GRID) @ ddc.readout(T(places), f, 1e-6) - P @ here))
    covered, crowded = np.median(np.reshape(far, (20, 2, -1)), axis=0)
    assert (crowded[1:] > 20 * covered[1:]).all()
    assert crowded[0] < 0.05


def test_a_linear_code_tells_the_means_alone_and_its_decode_factorises():
    v = exact.states(2)
    for table in np.random.default_rng(1).dirichlet(np.ones(4), 20):
        linear = np.column_stack([v, np.ones(4)])
        says = ddc.maximum_entropy(table @ linear, lambda z, T=linear: T, v).density
        assert says == pytest.approx(exact.factorised_table((table @ v)[None])[0], abs=1e-6)
    other = np.array([0.3, 0.2, 0.2, 0.3])
    mixed = np.array([0.25, 0.25, 0.25, 0.25])
    assert other @ v == pytest.approx(mixed @ v)


def test_one_bend_gives_two_causes_back():
    v = exact.states(2)
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        table, bent = rng.dirichlet(np.full(4, 2.0)), ddc.Encoding.random(rng, v, 1)
        T = bent(v)
        if np.linalg.matrix_rank(T, tol=1e-3) == 4:
            says = ddc.maximum_entropy(table @ T, bent, v).density
            assert says == pytest.approx(table, abs=1e-5)


def test_read_off_and_decode_agree_on_what_is_built_exactly():
    for seed in FRESH:
        T = choices.drawn(seed, 6)
        f = T(GRID) @ np.random.default_rng(seed).normal(size=8)
        alpha = ddc.readout(T(GRID), f[:, None], 1e-9, densities.base())[:, 0]
        q = ddc.maximum_entropy(P @ T(GRID), T, GRID, densities.base()).density
        assert [alpha @ (P @ T(GRID)), q @ f] == pytest.approx([P @ f] * 2, abs=2e-4)


def test_the_decode_is_nearer_with_exact_codes_and_as_often_behind_with_draws():
    off = np.array([choices.both_errors(P, 10, seed) for seed in FRESH])
    nearer = (np.abs(off[:, 1]) < np.abs(off[:, 0])).sum(axis=0)
    assert nearer[1:].min() >= 15
    off = np.array([choices.both_errors(P, 10, seed, 1000) for seed in FRESH])
    nearer = (np.abs(off[:, 1]) < np.abs(off[:, 0])).sum(axis=0)
    assert nearer[:4].max() <= 16
    assert nearer[:4].min() >= 4
    read, decoded = np.sqrt((off**2).mean(axis=0))
    assert (decoded <= 1.02 * read).all()


@functools.cache
def relative_errors(kind, gain):
    """Of every function, for 20 draws of a hundred, shape (20, m)."""
    return np.array([choices.kind_errors(kind, gain, seed) for seed in FRESH])


def test_no_kind_is_best_for_all_and_a_kink_likes_kinks():
    each = np.array([relative_errors(kind, 2.0) for kind in KINDS])
    best = each.argmin(axis=0)
    names = list(telling.FUNCTIONS)
    assert (best[:, names.index("|z|")] == 2).sum() >= 19
    assert (best[:, names.index("z squared")] == 3).sum() >= 19


def shares(E, kept):
    return ddc.Encoding(E.weights[:, kept], E.bias[kept], E.kind, True, E.centre, E.scale)


def test_relus_near_the_kink_make_it_and_the_ridge_makes_them_win_without_one():
    base, many, rounded = densities.base(), densities.many_densities(), np.sqrt(Z**2 + 1)

    def off(T, f, ridge=1e-6):
        alpha = ddc.readout(T(GRID), f[:, None], ridge, base)[:, 0]
        return np.sqrt(((many @ (T(GRID) @ alpha - f)) ** 2).mean())

    lost, wins = 0, {1e-6: 0, 1e-9: 0}
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        points = rng.normal(0, densities.SPREAD, (500, 1))
        relu, tanh = (ddc.Encoding.random(rng, points, 100, k, 2.0) for k in ("relu", "tanh"))
        near = np.abs(relu.bias / relu.weights[0]) < 0.4
        fewer = rng.permutation(100)[near.sum() :]
        without, control = off(shares(relu, ~near), np.abs(Z)), off(shares(relu, fewer), np.abs(Z))
        lost += without > 20 * control
        for ridge in wins:
            wins[ridge] += off(relu, rounded, ridge) < off(tanh, rounded, ridge)
    assert lost >= 18
    assert wins[1e-6] >= 18
    assert wins[1e-9] <= 4


def test_a_narrow_bump_can_be_made_of_functions_that_change_over_a_width_of_1():
    f, varies = telling.targets()[0][:, 4], telling.targets()[1][4]
    for seed in FRESH:
        E = choices.drawn(seed, 100)
        w = np.clip(E.weights, -2, 2)
        T = ddc.Encoding(w, w[0] * E.bias / E.weights[0], "tanh", True, E.centre, E.scale)(GRID)
        alpha = ddc.readout(T, f[:, None], 1e-6, densities.base())[:, 0]
        off = densities.many_densities() @ (T @ alpha - f)
        assert np.sqrt((off**2).mean()) < 0.1 * varies


def test_a_mixture_of_kinds_is_safe_and_not_the_best():
    mixed = np.array([choices.mixed_errors(seed) for seed in FRESH]).max(axis=1)
    safer = {kind: (mixed < relative_errors(kind, 2.0).max(axis=1)).sum() for kind in KINDS}
    assert min(safer["tanh"], safer["sigmoid"], safer["fourier"]) >= 16
    assert 10 <= safer["relu"] <= 18
    assert (mixed < relative_errors("fourier", 10.0).max(axis=1)).sum() <= 9


def test_misfit_and_ridge_do_not_grow_when_functions_are_added():
    f, base = telling.targets()[0][:, 4], densities.base()
    worse_fit = 0
    for seed, kind in itertools.product(FRESH, KINDS):
        rng = np.random.default_rng(seed)
        points = rng.normal(0, densities.SPREAD, (500, 1))
        T = np.roll(ddc.Encoding.random(rng, points, 100, kind, 0.2)(GRID), 2, axis=1)
        least, fit = np.inf, np.inf
        for K in range(20, 101, 4):
            some = T[:, : K + 2]
            alpha = ddc.readout(some, f[:, None], 1e-6, base)[:, 0]
            misfit = base @ (some @ alpha - f) ** 2
            total = misfit + 1e-6 * alpha @ alpha
            assert total <= least * (1 + 1e-6)
            worse_fit += misfit > 1.001 * fit
            least, fit = total, misfit
    assert worse_fit > 0  # the misfit alone may


def test_gentle_functions_do_not_make_a_narrow_bump_and_sharp_ones_spoil_a_parabola():
    gentle, mild, sharp = (relative_errors("tanh", gain) for gain in (0.2, 2.0, 10.0))
    assert (gentle[:, 4] > 0.5).all()
    assert (mild[:, 4] < 0.1 * gentle[:, 4]).sum() >= 19
    assert (sharp[:, 4] < 0.1 * mild[:, 4]).sum() >= 19
    assert (mild[:, 1] < sharp[:, 1]).sum() > 10
    few = []
    for seed in FRESH:
        T, f = choices.drawn(seed, 20, 0.2)(GRID), telling.targets()[0][:, 4]
        alpha = ddc.readout(T, f[:, None], 1e-6, densities.base())[:, 0]
        p = densities.many_densities()
        few.append(np.sqrt(((p @ T @ alpha - p @ f) ** 2).mean()) / telling.targets()[1][4])
    assert (gentle[:, 4] > 0.75 * np.array(few)).all()


def test_the_rest_of_least_squares_has_no_average_with_any_encoding():
    for seed in FRESH:
        T, f = choices.drawn(seed, 8)(GRID), telling.bump(Z, 0.4)
        p = 0.4 / 161 + 0.6 * P
        alpha = np.linalg.lstsq(np.sqrt(p)[:, None] * T, np.sqrt(p) * f, rcond=None)[0]
        assert np.abs(p * (f - T @ alpha) @ T).max() < 1e-7


def test_no_pair_with_one_code_passes_a_bound_and_the_best_bound_is_met():
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        T, f = choices.drawn(seed, 5)(GRID), telling.bump(Z, 0.4)
        pair = limits.furthest_pair(T, f)
        apart = (pair[0] - pair[1]) @ f
        best = limits.best_weights(T, f)
        assert apart == pytest.approx(2 * np.abs(f - T @ best).max(), abs=1e-7)
        assert apart <= 1
        for alpha in best + rng.normal(0, 0.1, (20, T.shape[1])):
            assert apart <= 2 * np.abs(f - T @ alpha).max() + 1e-9
            rest = f - T @ alpha
            assert np.ptp(rest) <= 2 * np.abs(rest).max() + 1e-12


def test_mixtures_are_read_off_better_than_the_worst_case():
    part = []
    for seed in FRESH:
        T, f = choices.drawn(seed, 8)(GRID), telling.bump(Z, 0.4)
        alpha = ddc.readout(T, f[:, None], 1e-6, densities.base())[:, 0]
        least = np.abs(f - T @ limits.best_weights(T, f)).max()
        part.append(np.median(np.abs(densities.many_densities() @ (f - T @ alpha))) / least)
    assert np.median(part) < 0.15
    assert max(part) < 0.4


def test_no_rule_takes_two_codes_to_the_code_of_the_product():
    base = densities.base()
    for seed in FRESH:
        T, p = choices.drawn(seed, 8)(GRID), 0.4 / 161 + 0.6 * P
        pair, _ = telling.same_code(T, telling.bump(Z, 0.4), p)
        assert np.abs(pair[0] @ T - pair[1] @ T).max() < 1e-9
        joined = [s**2 / base / (s**2 / base).sum() @ T for s in pair]
        assert np.abs(joined[0] - joined[1]).max() > 1e-3


def test_a_wider_bump_is_built_better_and_a_pair_may_be_near_for_another_reason():
    widths = (0.1, 0.4, 0.6, 1.0)
    apart = np.array([choices.pair_differences(seed, 8, widths) for seed in FRESH])
    bound = np.array([choices.best_bounds(seed, 8, widths) for seed in FRESH])
    assert (apart[:, 2] < apart[:, 1]).sum() >= 15
    assert (apart[:, 3] < apart[:, 1]).sum() >= 17
    assert (np.diff(bound, axis=1) < 0).all()
    assert (apart[:, 0] < apart[:, 1]).sum() >= 11
    # Both of the pair are at most twice p, and so are their averages of f.
    p = 0.4 / 161 + 0.6 * densities.density("two bumps", 0.6)
    assert (apart[:, 0] <= 2 * p @ telling.bump(Z, 0.1)).all()
    assert 2 * p @ telling.bump(Z, 0.1) < 0.05
    blind = choices.drawn(0, 1)(GRID)[:, -2:]
    bumps = [telling.bump(Z, width) for width in (0.4, 1.0)]
    none = [telling.same_code(blind, f, 0.4 / 161 + 0.6 * P)[0] @ f for f in bumps]
    assert none[1][0] - none[1][1] > none[0][0] - none[0][1]


def test_more_coordinates_need_more_functions():
    for seed in range(1000, 1005):
        errors = [choices.coordinate_errors(d, seed, (100,))[0] for d in (1, 2, 3, 4)]
        assert errors == sorted(errors)
        assert errors[3] > 100 * errors[0]


def test_odd_functions_build_nothing_of_an_even_one():
    z = np.linspace(-6, 6, 161)
    for seed in FRESH:
        odd = np.tanh(np.outer(z, np.random.default_rng(seed).normal(size=20)))
        assert ddc.readout(odd, np.abs(z)[:, None], 1e-6) == pytest.approx(0, abs=1e-8)


def test_it_is_the_shifts_that_are_missed_and_not_the_constant():
    for seed in FRESH:
        rng = np.random.default_rng(seed)
        w, c, places = rng.normal(size=20), rng.normal(0, 2, 20), rng.normal(0, 2, (2000, 1))

        def off(shift, one, w=w, c=c, places=places):
            T = [
                np.column_stack([np.tanh(w * (x - shift * c)), np.full(len(x), one)])
                for x in (places, GRID)
            ]
            alpha = ddc.readout(T[0], np.abs(places), 1e-6)[:, 0]
            return abs(P @ (T[1] @ alpha - np.abs(Z)))

        assert off(1, 0) < 0.05
        assert off(0, 1) > 0.3
        assert off(0, 0) > 1.8
