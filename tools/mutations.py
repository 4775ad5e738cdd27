"""Changes that a test must notice, each of one line: see tools/mutate.py."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """One change: in this file the old text, there once, becomes the new one.

    `tests` are files of tests or single tests, as pytest names them, of which one must fail.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTATIONS = (
    Mutation('softplus-without-log1p', 'hmlib/binary.py', 'np.log1p(np.exp(-np.abs(x)))', 'np.log(1 + np.exp(-np.abs(x)))', ('tests/test_binary.py',)),
    Mutation('rows-of-u-left-over', 'hmlib/binary.py', '    if len(v) != len(u):', '    if len(v) > len(u):', ('tests/test_binary.py',)),
    Mutation('sum-of-machines-of-one-size', 'hmlib/binary.py', 'if [a.shape for a in other.arrays()] != [a.shape for a in self.arrays()]:', 'if other.ravel().size != self.ravel().size:', ('tests/test_binary.py',)),
    Mutation('vector-with-a-tail', 'hmlib/binary.py', 'if vector.size != sum(sizes):\n            raise', 'if vector.size < sum(sizes):\n            raise', ('tests/test_binary.py',)),
    Mutation('states-from-the-right', 'hmlib/exact.py', 'np.arange(n_v - 1, -1, -1)) & 1', 'np.arange(n_v)) & 1', ('tests/test_exact.py::test_states_are_the_binary_numbers_first_cause_most_significant',)),
    Mutation('dreams-without-ddof', 'hmlib/exact.py', 'divergence.std(ddof=1) / np.sqrt(n)', 'divergence.std() / np.sqrt(n)', ('tests/test_exact.py::test_drawn_dreams_agree_with_listed_ones', 'tests/test_exact.py::test_drawn_dreams_are_the_same_for_the_same_seed')),
    Mutation('gradient-of-the-normaliser', 'hmlib/exact.py', 'post * (ratio - divergence) * weights', 'post * ratio * weights', ('tests/test_exact.py::test_gradients_against_central_differences',)),
    Mutation('any-row-sums-to-one', 'hmlib/exact.py', 'abs(worst - 1) > 1e-8', 'abs(worst - 1) > 1e-2', ('tests/test_exact.py::test_bad_input_is_refused_in_words',)),
    Mutation('nineteen-units-at-most', 'hmlib/exact.py', 'if gen.n_u + gen.n_v > MAX_UNITS:', 'if gen.n_u + gen.n_v >= MAX_UNITS:', ('tests/test_exact.py::test_dream_objective_against_full_enumeration', 'tests/test_exact.py::test_bad_input_is_refused_in_words', 'tests/test_exact.py::test_drawn_dreams_agree_with_listed_ones')),
    Mutation('nineteen-causes-at-most', 'hmlib/exact.py', 'if n_v > MAX_CAUSES:', 'if n_v >= MAX_CAUSES:', ('tests/test_exact.py::test_more_than_twenty_causes_are_refused_and_the_memory_is_named', 'tests/test_exact.py::test_states_are_the_binary_numbers_first_cause_most_significant', 'tests/test_exact.py::test_bad_input_is_refused_in_words')),
    Mutation('unweighted-dreamt-f', 'hmlib/exact.py', 'return float(data_weights(weights, len(u)) @ log_likelihood(gen, u)) - dreamt', 'return float(log_likelihood(gen, u).mean()) - dreamt', ('tests/test_exact.py::test_weights_are_as_good_as_repeats', 'tests/test_exact.py::test_a_weight_of_0_leaves_a_row_out')),
    Mutation('negative-probabilities', 'hmlib/exact.py', 'if q.min() < 0 or abs(worst', 'if abs(worst', ('tests/test_exact.py::test_bad_input_is_refused_in_words',)),
    Mutation('layers-top-first', 'hmlib/layered.py', 'np.hstack(layers[-2::-1])', 'np.hstack(layers[:-1])', ('tests/test_layered.py::test_samples_follow_the_probabilities',)),
    Mutation('error-of-l-over-k', 'hmlib/importance.py', 'np.sqrt(np.maximum(k * squares - 1, 0) / (k - 1))', 'np.sqrt(np.maximum(k * squares - 1, 0) / k)', ('tests/test_layered.py::test_effective_samples_and_errors_from_their_definition',)),
    Mutation('error-of-f-without-ddof', 'hmlib/importance.py', 'log_ratio.std(axis=1, ddof=1)', 'log_ratio.std(axis=1)', ('tests/test_layered.py::test_effective_samples_and_errors_from_their_definition',)),
    Mutation('error-of-the-weighted-mean', 'hmlib/importance.py', 'np.sqrt(share**2 @ errors**2)', 'np.sqrt(share @ errors**2)', ('tests/test_layered.py::test_effective_samples_and_errors_from_their_definition', 'tests/test_layered.py::test_estimates_tend_to_the_exact_values_with_honest_errors')),
    Mutation('no-guesses-past-a-block', 'hmlib/importance.py', '[min(_BLOCK, k - done) for', '[_BLOCK for', ('tests/test_layered.py::test_blocks_change_nothing_but_the_draws',)),
    Mutation('dreams-about-zero', 'hmlib/linear/closed_form.py', 'second = off**2 + np.einsum', 'second = np.einsum', ('tests/test_linear.py::test_dreamt_f_tilde_is_an_integral_over_dreams', 'tests/test_linear.py::test_the_best_guess_is_the_top_of_dreamt_f_tilde')),
    Mutation('least-informative-first', 'hmlib/linear/closed_form.py', 'G = gen.G @ turn[:, ::-1]', 'G = gen.G @ turn', ('tests/test_linear.py::test_an_aligned_machine_is_an_equal_machine_with_independent_causes',)),
    Mutation('largest-weight-negative', 'hmlib/linear/closed_form.py', 'np.where(largest < 0, -G, G)', 'np.where(largest > 0, -G, G)', ('tests/test_linear.py::test_an_aligned_machine_is_an_equal_machine_with_independent_causes',)),
    Mutation('largest-weight-signed', 'hmlib/linear/closed_form.py', 'np.abs(G).argmax(axis=0)', 'G.argmax(axis=0)', ('tests/test_linear.py::test_an_aligned_machine_is_an_equal_machine_with_independent_causes',)),
    Mutation('as-many-causes-as-inputs', 'hmlib/linear/closed_form.py', 'if count("n_v", n_v) >= h.size:', 'if count("n_v", n_v) > h.size:', ('tests/test_linear.py::test_bad_input_is_named',)),
    Mutation('noise-of-nothing', 'hmlib/linear/models.py', 'if variance.min() <= 0:', 'if variance.min() < 0:', ('tests/test_linear.py::test_bad_input_is_named',)),
    Mutation('error-without-its-mean', 'hmlib/linear/rules.py', 'of_error + mean**2 - variance', 'of_error - variance', ('tests/test_linear.py::test_expected_deltas_are_sums_over_the_rules_own_draws',)),
    Mutation('adam-epsilon-inside', 'hmlib/learning/optimisers.py', 'np.sqrt(square / (1 - b2**t)) + 1e-8', 'np.sqrt(square / (1 - b2**t) + 1e-8)', ('tests/learning/test_learning.py::test_adam_against_its_published_loop', 'tests/learning/test_learning.py::test_ascent_by_adam_follows_the_slopes_it_has_met')),
    Mutation('first-rates-a-step-longer', 'hmlib/learning/optimisers.py', 'first if done < switch * steps else then', 'first if done <= switch * steps else then', ('tests/learning/test_delta_rules.py::test_schedules',)),
    Mutation('no-rate-of-zero', 'hmlib/learning/optimisers.py', 'not 0 <= value < np.inf:', 'not 0 < value < np.inf:', ('tests/learning/test_delta_rules.py::test_schedules', 'tests/learning/test_delta_rules.py::test_bad_schedules_are_refused', 'tests/learning/test_delta_rules.py::test_a_run_stopped_and_continued_is_the_run_never_stopped')),
    Mutation('annealed-from-the-start', 'hmlib/learning/optimisers.py', '(1 - done / steps) / (1 - start)', '1 - done / steps', ('tests/learning/test_delta_rules.py::test_schedules',)),
    Mutation('shares-of-the-first-data', 'hmlib/learning/sampled.py', 'self.share[:: self.k]', 'self.share[: self.n]', ('tests/learning/test_delta_rules.py', 'tests/learning/test_wake_sleep.py')),
    Mutation('sum-of-two-recognitions', 'hmlib/learning/sampled.py', '            self.rec.gradient /= 2\n', '', ('tests/learning/test_delta_rules.py::test_reweighted_phases_agree_with_loops_in_the_mean',)),
    Mutation('weights-of-one-left-out', 'hmlib/learning/sampled.py', 'self.share = (weights * n).repeat(k)', 'self.share = (weights * n * k).repeat(k)', ('tests/learning/test_delta_rules.py::test_reweighted_phases_agree_with_loops_in_the_mean', 'tests/learning/test_delta_rules.py::test_all_data_and_their_weights_without_minibatches', 'tests/learning/test_wake_sleep.py::test_reweighted_wake_follows_the_slope_of_the_bound')),
    Mutation('more-than-always-on', 'hmlib/learning/em_phases.py', 'np.clip(statistics.per_state @ exact.states(gen.n_v), 0, 1)', 'statistics.per_state @ exact.states(gen.n_v)', ('tests/learning/test_learning.py',)),
    Mutation('causes-swept-at-once', 'hmlib/learning/em_phases.py', 'on, off = q.copy(), q.copy()', 'on, off = before.copy(), before.copy()', ('tests/learning/test_learning.py::test_one_mean_field_sweep_goes_cause_by_cause',)),
    Mutation('sum-over-data-in-em', 'hmlib/learning/em_phases.py', 'statistics.add(step.table(u) * weights[:, None], u)', 'statistics.add(step.table(u), u)', ('tests/learning/test_learning.py::test_the_m_phase_ends_on_a_plateau',)),
    Mutation('past-the-last-step', 'hmlib/learning/walking.py', 'learner.advance(min(every, end - step.count))', 'learner.advance(every)', ('tests/learning/test_delta_rules.py::test_every_so_many_steps_is_the_same_run_thinned',)),
    Mutation('nan-is-workable', 'hmlib/learning/walking.py', 'if not (np.abs(vector) <= _LARGEST).all():', 'if (np.abs(vector) > _LARGEST).any():', ('tests/learning/test_delta_rules.py::test_a_run_that_diverges_keeps_its_last_good_step', 'tests/learning/test_delta_rules.py::test_ascent_that_diverges_keeps_its_last_good_step', 'tests/learning/test_wake_sleep.py::test_every_rule_keeps_its_last_good_step')),
    Mutation('relu-kinks', 'hmlib/ddc/encodings.py', 'beyond = (points @ weights).max(axis=0) > np.einsum("dk,kd->k", weights, kinks)', 'beyond = (points @ weights).max(axis=0) >= np.einsum("dk,kd->k", weights, kinks)', ('tests/ddc/test_encodings.py', 'tests/ddc/test_codes.py::test_codes_are_posterior_expectations')),
    Mutation('scale-without-a-mean', 'hmlib/ddc/encodings.py', '(z - self.centre) / self.scale', 'z / self.scale', ('tests/ddc/test_encodings.py',)),
    Mutation('dual-with-twice-the-ridge', 'hmlib/ddc/decoding.py', 'total + 0.5 * rho * theta @ self.pull @ theta', 'total + rho * theta @ self.pull @ theta', ('tests/ddc/test_decoding.py',)),
    Mutation('ridge-of-what-never-moves', 'hmlib/ddc/decoding.py', 'self.scaled @ theta + self.still / ridge', 'self.scaled @ theta + self.still', ('tests/ddc/test_decoding.py',)),
    Mutation('mixture-of-other-width', 'hmlib/ddc/tops.py', 'np.full(self.n_y, 2 * np.log(self.sd))', 'np.full(self.n_y, np.log(self.sd))', ('tests/ddc/test_families.py::test_density_is_normalised_and_mu_is_the_expectation_of_s', 'tests/ddc/test_families.py::test_log_prob_against_loops', 'tests/ddc/test_families.py::test_far_below_0_a_laplace_scale_is_small_and_finite')),
    Mutation('one-ridge-for-all', 'hmlib/ddc/sleep.py', '(self.encoded[l - 1], self.ridges[1]) if l else (self.phi, self.ridges[0])', '(self.encoded[l - 1], self.ridges[0]) if l else (self.phi, self.ridges[0])', ('tests/ddc/test_codes.py::test_each_map_is_least_squares_from_one_variable_to_the_next', 'tests/ddc/test_codes.py::test_recognise_learns_what_a_night_learns', 'tests/ddc/test_wake.py::test_particles_times_f_are_the_read_out_of_f', 'tests/ddc/test_wake.py::test_score_is_a_regression_of_the_scores_on_features_of_x', 'tests/ddc/test_wake.py::test_split_above_the_bottom_reads_each_term_off_its_own_layer', 'tests/ddc/test_fit.py::test_a_step_is_the_move_that_the_wake_phase_says')),
    Mutation('recognised-without-earlier-nights', 'hmlib/ddc/sleep.py', 'return self._before.with_latest({name: self._latest[name]})[name]', 'return self._latest[name]', ('tests/ddc/test_wake.py::test_averages_of_earlier_nights_enter_the_regressions',)),
    Mutation('top-pulls-though-nothing-is-seen', 'hmlib/ddc/wake.py', 'what.mass * _contracted(top.mean(latents[-1]), J)[0]', '_contracted(top.mean(latents[-1]), J)[0]', ('tests/ddc/test_wake.py::test_wake_is_linear_in_what_was_seen',)),
    Mutation('shares-forgotten-while-awake', 'hmlib/ddc/wake.py', 'return share @ phi, moments', 'return phi.mean(axis=0), moments', ('tests/ddc/test_wake.py::test_seen_is_the_average_in_loops', 'tests/ddc/test_wake.py::test_the_dreams_are_seen_with_their_shares')),
    Mutation('square-without-rounding', 'hmlib/ddc/readouts.py', 'np.maximum(values + ridge, rounding)', '(values + ridge)', ('tests/ddc/test_readouts.py::test_a_ridge_below_rounding_still_gives_the_best_fit',)),
    Mutation('rows-of-nothing-divide', 'hmlib/ddc/readouts.py', '/ max(F @ F, 1e-12)', '/ (F @ F)', ('tests/ddc/test_readouts.py',)),
    Mutation('still-where-it-counts', 'hmlib/ddc/readouts.py', 'np.ptp(targets[share > 0], axis=0)', 'np.ptp(targets, axis=0)', ('tests/ddc/test_readouts.py',)),
    Mutation('ridge-forgotten', 'hmlib/ddc/readouts.py', 'square + ridge * np.eye(len(square))', 'square', ('tests/ddc/test_readouts.py',)),
    Mutation('error-of-one-draw', 'hmlib/ddc/likelihood.py', 'np.maximum(1 / effective - 1 / k, 0.0)', 'np.maximum(1 / effective, 0.0)', ('tests/ddc/test_fit.py::test_likelihood_from_prior_draws_is_right_within_its_error', 'tests/ddc/test_fit.py::test_likelihood_of_coins_is_that_of_enumeration')),
    Mutation('no-noise-left', 'hmlib/ddc/blur.py', 'np.maximum(_variance(model) - sd**2, least**2)', 'np.maximum(_variance(model) - sd**2, least)', ('tests/ddc/test_fit.py::test_blur_is_taken_off_again', 'tests/ddc/test_fit.py::test_the_noise_keeps_its_floor')),
    Mutation('copies-side-by-side', 'hmlib/ddc/blur.py', 'np.tile(x, (copies, 1))', 'np.repeat(x, copies, axis=0)', ('tests/ddc/test_fit.py::test_blur_is_taken_off_again', 'tests/ddc/test_fit.py::test_data_weights_are_as_repeated_data', 'tests/ddc/test_fit.py::test_a_step_is_the_move_that_the_wake_phase_says')),
    Mutation('nine-in-ten-dreams', 'hmlib/ddc/instruments.py', 'np.quantile(own[:, 1], 0.99)', 'np.quantile(own[:, 1], 0.9)', ('tests/ddc/test_fit.py::test_instruments_of_a_model_that_fits_are_quiet', 'tests/ddc/test_fit.py::test_instruments_notice_dreams_elsewhere')),
    Mutation('alarm-at-ten-times', 'hmlib/ddc/instruments.py', 'not 0.2 < spread < 5', 'not 0.1 < spread < 10', ('tests/ddc/test_fit.py::test_instruments_of_a_model_that_fits_are_quiet', 'tests/ddc/test_fit.py::test_instruments_notice_dreams_elsewhere', 'tests/ddc/test_fit.py::test_a_run_that_runs_away_says_what_went_first_and_keeps_the_last_good_step', 'tests/ddc/test_fit.py::test_a_machine_that_recovered_is_good', 'tests/ddc/test_fit.py::test_a_run_is_lost_when_its_dreams_are_ten_times_too_wide_or_too_narrow')),
    Mutation('spread-about-the-dreams', 'hmlib/ddc/instruments.py', '_rms(dreams - x.mean(axis=0))', '_rms(dreams - dreams.mean(axis=0))', ('tests/ddc/test_fit.py::test_instruments_of_a_model_that_fits_are_quiet', 'tests/ddc/test_fit.py::test_instruments_notice_dreams_elsewhere')),
    Mutation('floor-beside-the-blur', 'hmlib/ddc/fit.py', 'np.hypot(floor * spread, start.blur)', '(floor * spread + start.blur)', ('tests/ddc/test_fit.py::test_the_noise_keeps_its_floor', 'tests/ddc/test_fit.py::test_blur_is_taken_off_again')),
    Mutation('angle-without-a-clip', 'hmlib/metrics.py', 'np.arccos(np.clip(a @ b / size, -1, 1))', 'np.arccos(a @ b / size)', ('tests/test_metrics.py::test_an_angle_is_in_degrees', 'tests/test_metrics.py::test_an_angle_is_between_two_directions')),
    Mutation('variance-of-x-without-ddof', 'hmlib/metrics.py', 'np.var(xa.rows / n_a - xb.rows / n_b, ddof=1)', 'np.var(xa.rows / n_a - xb.rows / n_b)', ('tests/test_metrics.py::test_the_variance_is_that_of_repeated_samples', 'tests/test_metrics.py::test_far_from_zero_or_in_other_units_nothing_changes')),
    Mutation('pairs-of-other-number', 'hmlib/metrics.py', 'return max(float(left), 0.0) / (n * (n - 3))', 'return max(float(left), 0.0) / (n * (n - 1))', ('tests/test_metrics.py::test_the_variance_is_that_of_repeated_samples', 'tests/test_metrics.py::test_p_is_cautious_if_all_three_are_the_same')),
    Mutation('rows-over-one-too-many', 'hmlib/metrics.py', 'np.var(aa.rows / (n_a - 2) - xa.columns / n, ddof=1)', 'np.var(aa.rows / (n_a - 1) - xa.columns / n, ddof=1)', ('tests/test_metrics.py::test_the_variance_is_that_of_repeated_samples', 'tests/test_metrics.py::test_swapping_the_samples_turns_p_around')),
    Mutation('second-order-forgotten', 'hmlib/metrics.py', 'return max(float(first), 0.0) + float(second)', 'return max(float(first), 0.0)', ('tests/test_metrics.py::test_p_is_cautious_if_all_three_are_the_same', 'tests/test_metrics.py::test_samples_without_any_spread_have_a_verdict')),
    Mutation('whole-median-distance', 'hmlib/metrics.py', 'np.median(pdist(_sample("x", x)))) / 2', 'np.median(pdist(_sample("x", x))))', ('tests/test_metrics.py::test_the_default_bandwidth_is_half_the_median_distance_in_the_data',)),
    Mutation('no-entropy-of-the-guess', 'hmlib/rivals/autoencoders.py', '(d_z * noise).sum(axis=1) + 1 / (2 * len(x))', '(d_z * noise).sum(axis=1)', ('tests/rivals/test_rivals.py::test_gradients_are_central_differences',)),
    Mutation('share-of-dreams', 'hmlib/rivals/estimate.py', 'np.log1p(-dreamt) + log_guess', 'log_guess', ('tests/rivals/test_rivals.py::test_the_estimate_comes_up_to_the_log_likelihood',)),
    Mutation('error-of-one-guess', 'hmlib/rivals/estimate.py', '(1 / self.effective - 1 / self.k).clip(0).sum()', '(1 / self.effective).sum()', ('tests/rivals/test_rivals.py::test_the_standard_error_is_that_of_repeated_estimates',)),
    Mutation('wide-data-wide-drives', 'hmlib/rivals/encoder.py', ' * np.sqrt(points.shape[1])', '', ('tests/rivals/test_rivals.py::test_a_fresh_encoder_sees_data_in_any_units', 'tests/rivals/test_rivals.py::test_a_coordinate_that_never_moves_has_no_scale')),
    Mutation('drive-from-zero', 'hmlib/rivals/encoder.py', 'biases = (-first @ points.mean(axis=0),', 'biases = (np.zeros(units),', ('tests/rivals/test_rivals.py::test_a_fresh_encoder_sees_data_in_any_units',)),
    Mutation('variance-for-deviation', 'hmlib/rivals/gradients.py', 'owner, miss) / family.sd**2', 'owner, miss) / family.sd', ('tests/rivals/test_rivals.py::test_gradients_are_central_differences',)),
    Mutation('ink-above-one-half', 'hmlib/datasets/pictures.py', '(grey["train"] >= 0.5)', '(grey["train"] > 0.5)', ('tests/datasets/test_datasets.py::test_digits_are_split_in_grey_and_binary', 'tests/datasets/test_datasets.py::test_independent_pixels_cost_25_nats_a_test_digit')),
    Mutation('arms-of-another-curve', 'hmlib/datasets/points.py', '0.25 * np.exp(r)', '0.25 * np.exp(r / 2)', ('tests/datasets/test_datasets.py::test_points_turned_back_lie_on_five_straight_arms',)),
    Mutation('no-widest-world', 'hmlib/datasets/worlds.py', 'side = _listed("side", side, least=2, most=_MOST_SWITCHES // 2)', 'side = _listed("side", side, least=2, most=_MOST_SWITCHES // 2 - 1)', ('tests/datasets/test_datasets.py::test_the_largest_worlds_can_be_listed', 'tests/datasets/test_datasets.py::test_bad_arguments_are_named_with_what_is_accepted')),
    Mutation('coin-that-never-falls', 'hmlib/datasets/worlds.py', 'not 0 < value < 1:', 'not 0 <= value < 1:', ('tests/datasets/test_datasets.py::test_bad_arguments_are_named_with_what_is_accepted',)),
    Mutation('contrast-of-a-pixel', 'hmlib/datasets/pictures.py', 'u - u.mean(axis=1, keepdims=True)', 'u - u.mean(axis=0, keepdims=True)', ('tests/datasets/test_datasets.py::test_patches_without_their_mean_keep_their_contrast',)),
)
