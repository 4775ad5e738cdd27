"""Changes that a test must notice, a line or two each: tools/mutate.py tries them."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """One change: in this file the old text, which is there once, becomes the new one.

    Attributes:
        name: what is said of it.
        file: from the root of the tree.
        old, new: texts.
        tests: files of tests or single tests, as pytest names them; one of them must fail.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


# fmt: off
MUTATIONS = (
    Mutation(
        "softplus-without-log1p", "hmlib/binary.py",
        "np.log1p(np.exp(-np.abs(x)))", "np.log(1 + np.exp(-np.abs(x)))",
        ("tests/test_binary.py",),
    ),
    Mutation(
        "rows-of-u-left-over", "hmlib/binary.py",
        "    if len(v) != len(u):", "    if len(v) > len(u):",
        ("tests/test_binary.py",),
    ),
    Mutation(
        "sum-of-machines-of-one-size", "hmlib/binary.py",
        "if [a.shape for a in other.arrays()] != [a.shape for a in self.arrays()]:",
        "if other.ravel().size != self.ravel().size:",
        ("tests/test_binary.py::test_bad_input_is_refused_in_words",),
    ),
    Mutation(
        "vector-with-a-tail", "hmlib/binary.py",
        "if vector.size != sum(sizes):\n            raise",
        "if vector.size < sum(sizes):\n            raise",
        ("tests/test_binary.py::test_bad_input_is_refused_in_words",),
    ),
    Mutation(
        "states-from-the-right", "hmlib/exact.py",
        "np.arange(n_v - 1, -1, -1)) & 1", "np.arange(n_v)) & 1",
        ("tests/test_exact.py::test_states_are_the_binary_numbers_first_cause_most_significant",),
    ),
    Mutation(
        "dreams-without-ddof", "hmlib/exact.py",
        "divergence.std(ddof=1) / np.sqrt(n)", "divergence.std() / np.sqrt(n)",
        ("tests/test_exact.py::test_the_error_of_drawn_dreams_is_that_of_their_mean",),
    ),
    Mutation(
        "gradient-of-the-normaliser", "hmlib/exact.py",
        "post * (ratio - divergence) * weights", "post * ratio * weights",
        ("tests/test_exact.py::test_gradients_against_central_differences",),
    ),
    Mutation(
        "any-row-sums-to-one", "hmlib/exact.py",
        "abs(worst - 1) > 1e-8", "abs(worst - 1) > 1e-2",
        ("tests/test_exact.py::test_bad_input_is_refused_in_words",),
    ),
    Mutation(
        "nineteen-units-at-most", "hmlib/exact.py",
        "if gen.n_u + gen.n_v > MAX_UNITS:", "if gen.n_u + gen.n_v >= MAX_UNITS:",
        ("tests/test_exact.py::test_as_many_units_as_are_accepted_are_accepted",),
    ),
    Mutation(
        "nineteen-causes-at-most", "hmlib/exact.py",
        "if n_v > MAX_CAUSES:", "if n_v >= MAX_CAUSES:",
        ("tests/test_exact.py::test_as_many_units_as_are_accepted_are_accepted",),
    ),
    Mutation(
        "unweighted-dreamt-f", "hmlib/exact.py",
        "return float(data_weights(weights, len(u)) @ log_likelihood(gen, u)) - dreamt",
        "return float(log_likelihood(gen, u).mean()) - dreamt",
        ("tests/test_exact.py::test_a_weight_of_0_leaves_a_row_out",),
    ),
    Mutation(
        "negative-probabilities", "hmlib/exact.py",
        "if q.min() < 0 or abs(worst", "if abs(worst",
        ("tests/test_exact.py::test_bad_input_is_refused_in_words",),
    ),
    Mutation(
        "layers-top-first", "hmlib/layered.py",
        "np.hstack(layers[-2::-1])", "np.hstack(layers[:-1])",
        ("tests/test_layered.py::test_samples_follow_the_probabilities",),
    ),
    Mutation(
        "error-of-l-over-k", "hmlib/importance.py",
        "np.sqrt(np.maximum(k * squares - 1, 0) / (k - 1))",
        "np.sqrt(np.maximum(k * squares - 1, 0) / k)",
        ("tests/test_layered.py::test_effective_samples_and_errors_from_their_definition",),
    ),
    Mutation(
        "error-of-f-without-ddof", "hmlib/importance.py",
        "log_ratio.std(axis=1, ddof=1)", "log_ratio.std(axis=1)",
        ("tests/test_layered.py::test_effective_samples_and_errors_from_their_definition",),
    ),
    Mutation(
        "error-of-the-weighted-mean", "hmlib/importance.py",
        "np.sqrt(share**2 @ errors**2)", "np.sqrt(share @ errors**2)",
        ("tests/test_layered.py::test_effective_samples_and_errors_from_their_definition",),
    ),
    Mutation(
        "no-guesses-past-a-block", "hmlib/importance.py",
        "[min(_BLOCK, k - done) for", "[_BLOCK for",
        ("tests/test_layered.py::test_blocks_change_nothing_but_the_draws",),
    ),
    Mutation(
        "dreams-about-zero", "hmlib/linear/closed_form.py",
        "second = off**2 + np.einsum", "second = np.einsum",
        ("tests/test_linear.py::test_dreamt_f_tilde_is_an_integral_over_dreams",),
    ),
    Mutation(
        "least-informative-first", "hmlib/linear/closed_form.py",
        "G = gen.G @ turn[:, ::-1]", "G = gen.G @ turn",
        (
            "tests/test_linear.py::test_an_aligned_machine_is_an_equal_machine_with_independent_causes",
        ),
    ),
    Mutation(
        "largest-weight-negative", "hmlib/linear/closed_form.py",
        "np.where(largest < 0, -G, G)", "np.where(largest > 0, -G, G)",
        (
            "tests/test_linear.py::test_an_aligned_machine_is_an_equal_machine_with_independent_causes",
        ),
    ),
    Mutation(
        "largest-weight-signed", "hmlib/linear/closed_form.py",
        "np.abs(G).argmax(axis=0)", "G.argmax(axis=0)",
        (
            "tests/test_linear.py::test_an_aligned_machine_is_an_equal_machine_with_independent_causes",
        ),
    ),
    Mutation(
        "as-many-causes-as-inputs", "hmlib/linear/closed_form.py",
        'if count("n_v", n_v) >= h.size:', 'if count("n_v", n_v) > h.size:',
        ("tests/test_linear.py::test_bad_input_is_named",),
    ),
    Mutation(
        "noise-of-nothing", "hmlib/linear/models.py",
        "if variance.min() <= 0:", "if variance.min() < 0:",
        ("tests/test_linear.py::test_bad_input_is_named",),
    ),
    Mutation(
        "error-without-its-mean", "hmlib/linear/rules.py",
        "of_error + mean**2 - variance", "of_error - variance",
        ("tests/test_linear.py::test_expected_deltas_are_sums_over_the_rules_own_draws",),
    ),
    Mutation(
        "adam-epsilon-inside", "hmlib/learning/optimisers.py",
        "np.sqrt(square / (1 - b2**t)) + 1e-8", "np.sqrt(square / (1 - b2**t) + 1e-8)",
        ("tests/learning/test_learning.py::test_adam_against_its_published_loop",),
    ),
    Mutation(
        "first-rates-a-step-longer", "hmlib/learning/optimisers.py",
        "first if done < switch * steps else then", "first if done <= switch * steps else then",
        ("tests/learning/test_delta_rules.py::test_schedules",),
    ),
    Mutation(
        "no-rate-of-zero", "hmlib/learning/optimisers.py",
        "not 0 <= value < np.inf:", "not 0 < value < np.inf:",
        ("tests/learning/test_delta_rules.py::test_schedules",),
    ),
    Mutation(
        "annealed-from-the-start", "hmlib/learning/optimisers.py",
        "(1 - done / steps) / (1 - start)", "1 - done / steps",
        ("tests/learning/test_delta_rules.py::test_schedules",),
    ),
    Mutation(
        "shares-of-the-first-data", "hmlib/learning/sampled.py",
        "self.share[:: self.k]", "self.share[: self.n]",
        ("tests/learning/test_delta_rules.py::test_the_bound_lies_between_f_and_l",),
    ),
    Mutation(
        "sum-of-two-recognitions", "hmlib/learning/sampled.py",
        "            self.rec.gradient /= 2\n", "",
        (
            "tests/learning/test_delta_rules.py::test_reweighted_phases_agree_with_loops_in_the_mean",
        ),
    ),
    Mutation(
        "weights-of-one-left-out", "hmlib/learning/sampled.py",
        "self.share = (weights * n).repeat(k)", "self.share = (weights * n * k).repeat(k)",
        (
            "tests/learning/test_delta_rules.py::test_guesses_that_are_certain_count_as_one_however_many",
        ),
    ),
    Mutation(
        "more-than-always-on", "hmlib/learning/em_phases.py",
        "np.clip(statistics.per_state @ exact.states(gen.n_v), 0, 1)",
        "statistics.per_state @ exact.states(gen.n_v)",
        (
            "tests/learning/test_learning.py::test_shares_that_sum_to_more_than_1_by_rounding_keep_a_finite_bias",
        ),
    ),
    Mutation(
        "causes-swept-at-once", "hmlib/learning/em_phases.py",
        "on, off = q.copy(), q.copy()", "on, off = before.copy(), before.copy()",
        ("tests/learning/test_learning.py::test_one_mean_field_sweep_goes_cause_by_cause",),
    ),
    Mutation(
        "sum-over-data-in-em", "hmlib/learning/em_phases.py",
        "statistics.add(step.table(u) * weights[:, None], u)", "statistics.add(step.table(u), u)",
        ("tests/learning/test_learning.py::test_the_m_phase_ends_on_a_plateau",),
    ),
    Mutation(
        "past-the-last-step", "hmlib/learning/walking.py",
        "learner.advance(min(every, end - step.count))", "learner.advance(every)",
        ("tests/learning/test_delta_rules.py::test_every_so_many_steps_is_the_same_run_thinned",),
    ),
    Mutation(
        "nan-is-workable", "hmlib/learning/walking.py",
        "if not (np.abs(vector) <= _LARGEST).all():", "if (np.abs(vector) > _LARGEST).any():",
        ("tests/learning/test_delta_rules.py::test_numbers_without_a_finite_l_are_not_workable",),
    ),
    Mutation(
        "relu-kinks", "hmlib/ddc/encodings.py",
        'beyond = (points @ weights).max(axis=0) > np.einsum("dk,kd->k", weights, kinks)',
        'beyond = (points @ weights).max(axis=0) >= np.einsum("dk,kd->k", weights, kinks)',
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "scale-without-a-mean", "hmlib/ddc/encodings.py",
        "(z - self.centre) / self.scale", "z / self.scale",
        ("tests/ddc/test_encodings.py::test_values_against_a_slow_loop",),
    ),
    Mutation(
        "dual-with-twice-the-ridge", "hmlib/ddc/decoding.py",
        "total + 0.5 * rho * theta @ self.pull @ theta", "total + rho * theta @ self.pull @ theta",
        ("tests/ddc/test_decoding.py::test_the_averages_match_however_nearly_the_functions_depend_on_each_other",),
    ),
    Mutation(
        "ridge-of-what-never-moves", "hmlib/ddc/decoding.py",
        "self.scaled @ theta + self.still / ridge", "self.scaled @ theta + self.still",
        ("tests/ddc/test_decoding.py::test_a_ridge_meets_a_code_with_an_error_nearly",),
    ),
    Mutation(
        "mixture-of-other-width", "hmlib/ddc/tops.py",
        "np.full(self.n_y, 2 * np.log(self.sd))", "np.full(self.n_y, np.log(self.sd))",
        (
            "tests/ddc/test_families.py::test_density_is_normalised_and_mu_is_the_expectation_of_s",
            "tests/ddc/test_families.py::test_log_prob_against_loops",
            "tests/ddc/test_families.py::test_far_below_0_a_laplace_scale_is_small_and_finite",
        ),
    ),
    Mutation(
        "one-ridge-for-all", "hmlib/ddc/sleep.py",
        "(self.encoded[l - 1], self.ridges[1]) if l else (self.phi, self.ridges[0])",
        "(self.encoded[l - 1], self.ridges[0]) if l else (self.phi, self.ridges[0])",
        ("tests/ddc/test_codes.py::test_each_map_is_least_squares_from_one_variable_to_the_next",),
    ),
    Mutation(
        "recognised-without-earlier-nights", "hmlib/ddc/sleep.py",
        "return self._before.with_latest({name: self._latest[name]})[name]",
        "return self._latest[name]",
        ("tests/ddc/test_wake.py::test_averages_of_earlier_nights_enter_the_regressions",),
    ),
    Mutation(
        "top-pulls-though-nothing-is-seen", "hmlib/ddc/wake.py",
        "what.mass * _contracted(top.mean(latents[-1]), J)[0]",
        "_contracted(top.mean(latents[-1]), J)[0]",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "shares-forgotten-while-awake", "hmlib/ddc/wake.py",
        "return share @ phi, moments", "return phi.mean(axis=0), moments",
        ("tests/ddc/test_wake.py::test_seen_is_the_average_in_loops",),
    ),
    Mutation(
        "rows-of-nothing-divide", "hmlib/ddc/readouts.py",
        "/ max(F @ F, 1e-12)", "/ (F @ F)",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "still-where-it-counts", "hmlib/ddc/readouts.py",
        "np.ptp(targets[share > 0], axis=0)", "np.ptp(targets, axis=0)",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "ridge-forgotten", "hmlib/ddc/readouts.py",
        "square + ridge * np.eye(len(square))", "square",
        ("tests/ddc/test_readouts.py",),
    ),
    Mutation(
        "error-of-one-draw", "hmlib/ddc/likelihood.py",
        "np.maximum(1 / effective - 1 / k, 0.0)", "np.maximum(1 / effective, 0.0)",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "no-noise-left", "hmlib/ddc/blur.py",
        "np.maximum(_variance(model) - sd**2, least**2)",
        "np.maximum(_variance(model) - sd**2, least)",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "copies-side-by-side", "hmlib/ddc/blur.py",
        "np.tile(x, (copies, 1))", "np.repeat(x, copies, axis=0)",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "nine-in-ten-dreams", "hmlib/ddc/instruments.py",
        "np.quantile(own[:, 1], 0.99)", "np.quantile(own[:, 1], 0.9)",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "alarm-at-ten-times", "hmlib/ddc/instruments.py",
        "not 0.2 < spread < 5", "not 0.1 < spread < 10",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "spread-about-the-dreams", "hmlib/ddc/instruments.py",
        "_rms(dreams - x.mean(axis=0))", "_rms(dreams - dreams.mean(axis=0))",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "floor-beside-the-blur", "hmlib/ddc/regressions.py",
        "np.hypot(least, step.blur)", "(least + step.blur)",
        ("tests/ddc/test_limits.py",),
    ),
    Mutation(
        "angle-without-a-clip", "hmlib/metrics.py",
        "np.arccos(np.clip(a @ b / size, -1, 1))", "np.arccos(a @ b / size)",
        ("tests/test_limits.py",),
    ),
    Mutation(
        "variance-of-x-without-ddof", "hmlib/metrics.py",
        "np.var(xa.rows / n_a - xb.rows / n_b, ddof=1)", "np.var(xa.rows / n_a - xb.rows / n_b)",
        ("tests/test_limits.py",),
    ),
    Mutation(
        "pairs-of-other-number", "hmlib/metrics.py",
        "return max(float(left), 0.0) / (n * (n - 3))",
        "return max(float(left), 0.0) / (n * (n - 1))",
        ("tests/test_limits.py",),
    ),
    Mutation(
        "rows-over-one-too-many", "hmlib/metrics.py",
        "np.var(aa.rows / (n_a - 2) - xa.columns / n, ddof=1)",
        "np.var(aa.rows / (n_a - 1) - xa.columns / n, ddof=1)",
        ("tests/test_limits.py",),
    ),
    Mutation(
        "second-order-forgotten", "hmlib/metrics.py",
        "return max(float(first), 0.0) + float(second)", "return max(float(first), 0.0)",
        ("tests/test_metrics.py::test_p_is_cautious_if_all_three_are_the_same",),
    ),
    Mutation(
        "whole-median-distance", "hmlib/metrics.py",
        'np.median(pdist(_sample("x", x)))) / 2', 'np.median(pdist(_sample("x", x))))',
        (
            "tests/test_metrics.py::test_the_default_bandwidth_is_half_the_median_distance_in_the_data",
        ),
    ),
    Mutation(
        "no-entropy-of-the-guess", "hmlib/rivals/autoencoders.py",
        "(d_z * noise).sum(axis=1) + 1 / (2 * len(x))", "(d_z * noise).sum(axis=1)",
        ("tests/rivals/test_rivals.py::test_gradients_are_central_differences",),
    ),
    Mutation(
        "share-of-dreams", "hmlib/rivals/estimate.py",
        "np.log1p(-dreamt) + log_guess", "log_guess",
        ("tests/rivals/test_rivals.py::test_the_estimate_comes_up_to_the_log_likelihood",),
    ),
    Mutation(
        "error-of-one-guess", "hmlib/rivals/estimate.py",
        "(1 / self.effective - 1 / self.k).clip(0).sum()", "(1 / self.effective).sum()",
        ("tests/rivals/test_rivals.py::test_the_standard_error_is_that_of_repeated_estimates",),
    ),
    Mutation(
        "wide-data-wide-drives", "hmlib/rivals/encoder.py",
        " * np.sqrt(points.shape[1])", "",
        ("tests/rivals/test_limits.py",),
    ),
    Mutation(
        "drive-from-zero", "hmlib/rivals/encoder.py",
        "biases = (-first @ points.mean(axis=0),", "biases = (np.zeros(units),",
        ("tests/rivals/test_rivals.py::test_a_fresh_encoder_sees_data_in_any_units",),
    ),
    Mutation(
        "variance-for-deviation", "hmlib/rivals/gradients.py",
        "owner, miss) / family.sd**2", "owner, miss) / family.sd",
        ("tests/rivals/test_rivals.py::test_gradients_are_central_differences",),
    ),
    Mutation(
        "ink-above-one-half", "hmlib/datasets/pictures.py",
        '(grey["train"] >= 0.5)', '(grey["train"] > 0.5)',
        (
            "tests/datasets/test_datasets.py::test_digits_are_split_in_grey_and_binary",
            "tests/datasets/test_datasets.py::test_independent_pixels_cost_25_nats_a_test_digit",
        ),
    ),
    Mutation(
        "arms-of-another-curve", "hmlib/datasets/points.py",
        "0.25 * np.exp(r)", "0.25 * np.exp(r / 2)",
        ("tests/datasets/test_datasets.py::test_points_turned_back_lie_on_five_straight_arms",),
    ),
    Mutation(
        "no-widest-world", "hmlib/datasets/worlds.py",
        'side = _listed("side", side, least=2, most=_MOST_SWITCHES // 2)',
        'side = _listed("side", side, least=2, most=_MOST_SWITCHES // 2 - 1)',
        (
            "tests/datasets/test_datasets.py::test_the_largest_worlds_can_be_listed",
            "tests/datasets/test_datasets.py::test_bad_arguments_are_named_with_what_is_accepted",
        ),
    ),
    Mutation(
        "coin-that-never-falls", "hmlib/datasets/worlds.py",
        "not 0 < value < 1:", "not 0 <= value < 1:",
        ("tests/datasets/test_datasets.py::test_bad_arguments_are_named_with_what_is_accepted",),
    ),
    Mutation(
        "contrast-of-a-pixel", "hmlib/datasets/pictures.py",
        "u - u.mean(axis=1, keepdims=True)", "u - u.mean(axis=0, keepdims=True)",
        ("tests/datasets/test_datasets.py::test_patches_without_their_mean_keep_their_contrast",),
    ),
    Mutation(
        "miss-in-other-units", "hmlib/ddc/looks.py",
        "miss / (2 * unit)", "miss / unit",
        ("tests/ddc/test_looks.py",),
    ),
    Mutation(
        "second-look-without-the-guess", "hmlib/ddc/looks.py",
        "return m + d, C", "return d, C",
        ("tests/ddc/test_looks.py",),
    ),
    Mutation(
        "second-look-learns-z-itself", "hmlib/ddc/looks.py",
        "slope(said, z - guess[0])", "slope(said, z)",
        ("tests/ddc/test_looks.py",),
    ),
    Mutation(
        "dreams-added", "hmlib/ddc/particles.py",
        "moved - self.subtraction.part * asleep", "moved + self.subtraction.part * asleep",
        ("tests/ddc/test_particles.py::test_of_its_own_dreams_wake_minus_sleep_makes_nothing",),
    ),
    Mutation(
        "look-at-the-model-of-yesterday", "hmlib/ddc/particles.py",
        "facing = step.trained.facing(step.learnt)", "facing = step.trained",
        ("tests/ddc/test_particles.py::test_a_second_look_is_at_the_model_of_today",),
    ),
    Mutation(
        "limit-that-stays", "hmlib/ddc/subtracting.py",
        "limit=min(self.limit, part) / 2", "limit=min(self.limit, part)",
        ("tests/ddc/test_looks.py",),
    ),
    Mutation(
        "all-subtracted-at-once", "hmlib/ddc/subtracting.py",
        "(count / max(end, 1) - _FIRST) / (_WHOLE - _FIRST)", "count",
        ("tests/ddc/test_looks.py",),
    ),
)
# fmt: on
