"""The kept comparison: every number read off the file, and the counts that follow from it."""

from __future__ import annotations

import json
import math
import statistics

import pytest

from benchmarks import comparison as benchmark
from hmlib.course.nb10.comparison import (
    AGAINST,
    FILE,
    JUDGES,
    SINES,
    SIX,
    TESTED,
    TESTED_SIX,
    Comparison,
    Run,
    comparison,
)

KEPT, KEPT_SIX = comparison(), comparison(SIX)
RECORDS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def small(seeds: int = 6) -> Comparison:
    """DDC code is better at s0 and by L on all seeds, and worse in all else."""
    runs = []
    for seed in range(seeds):
        runs += [
            Run("moon", "IWAE", seed, 1.0, (0.002, 0.001, 0.001, 0.001), 0.55, -2.0, -0.5),
            Run("moon", "DDC code", seed, 2.0, (0.001, 0.002, 0.003, 0.004), 0.4, -1.5, 0.0),
            Run("moon", "wild", seed, 3.0, (0.5,) * 4, 0.9, diverged=seed == 1),
        ]
    return Comparison(tuple(runs))


def test_the_file_is_read_run_by_run() -> None:
    assert len(KEPT.runs) == len(RECORDS) > 0
    for run, record in zip(KEPT.runs, RECORDS, strict=True):
        assert list(run.mmd2) == record["mmd2"]
        for name in ("data", "method", "seed", "seconds", "accuracy", "log_likelihood", "gap"):
            assert getattr(run, name) == record[name]


def test_ring_and_pinwheel_are_there_with_all_that_the_notebook_names() -> None:
    assert set(KEPT.data) == {"ring", "pinwheel"}
    for data in KEPT.data:
        assert {"IWAE", "40 Gaussians", "untouched start", TESTED[0]} <= set(KEPT.methods(data))
        seeds = {method: {r.seed for r in KEPT.of(data, method)} for method in KEPT.methods(data)}
        assert len(set(map(frozenset, seeds.values()))) == 1, seeds


def test_the_table_has_the_medians_of_the_file() -> None:
    for data in KEPT.data:
        lines = KEPT.table(data).splitlines()[2:]
        for line, method in zip(lines, KEPT.methods(data), strict=True):
            own = [r for r in RECORDS if (r["data"], r["method"]) == (data, method)]
            middle = [1e4 * statistics.median(r["mmd2"][k] for r in own) for k in range(4)]
            numbers = line[18:].split()
            assert line.startswith(method)
            assert numbers[:4] == [f"{value:.1f}" for value in middle]
            assert numbers[4] == f"{statistics.median(r['accuracy'] for r in own):.3f}"


def test_a_table_says_what_is_not_known_and_what_ran_away() -> None:
    iwae, code, wild = small().table("moon").splitlines()[2:]
    assert " ".join(iwae.split()[1:]) == "20.0 10.0 10.0 10.0 0.550 -2.00 -0.50 -0.50 1.0"
    assert " ".join(code.split()[2:]) == "10.0 20.0 30.0 40.0 0.400 -1.50 0.00 0.00 2.0"
    assert " ".join(wild.split()[6:]) == "- - - 3.0 1 ran away"


def test_signs_count_seeds_and_a_star_knows_how_many_tests_there_are() -> None:
    signs = small().signs()
    ahead = {judge: signs["moon", "DDC code", judge].better for judge in JUDGES}
    assert ahead == {"s0": 6, "s0/2": 0, "s0/4": 0, "s0/10": 0, "neighbours": 0, "L": 6}
    # Six seeds: p = 2^-5, and 2^-5 * 6 tests is above .05. Ten seeds: 2^-9 * 6 is below.
    assert "*" not in small(6).signs_table().split("\n", 1)[1]
    assert small(10).signs_table().count("10 of 10*") == 2
    assert small(10).signs_table().count("0 of 10*") == 2 + 4
    assert math.isclose(signs["moon", "DDC code", "L"].p, 2**-5)


def test_heights_are_the_least_and_the_most_of_the_gaps() -> None:
    first = small().heights("moon").splitlines()
    assert first[1].split() == ["DDC", "code", "0.00", "to", "0.00"]
    own = [
        record["gap"]
        for record in RECORDS
        if (record["data"], record["method"]) == ("ring", "IWAE")
    ]
    line = next(line for line in KEPT.heights("ring").splitlines() if line.startswith("IWAE"))
    assert line.split()[1:] == [f"{min(own):.2f}", "to", f"{max(own):.2f}"]


def test_what_was_not_measured_is_not_counted() -> None:
    signs = small().signs(["wild"])
    assert ("moon", "wild", "L") not in signs
    assert signs["moon", "wild", "s0"].worse == 6
    assert small().signs_table(["wild"]).splitlines()[-1].rstrip().endswith("-")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda kept: kept.methods("Mars"), "data is 'Mars'; accepted: 'moon'"),
        (lambda kept: kept.of("moon", "VAE"), "method is 'VAE'; accepted: 'IWAE'"),
    ],
)
def test_unknown_names_are_refused(call, words) -> None:
    with pytest.raises(ValueError, match=words):
        call(small())


def test_a_file_that_is_missing_or_holds_no_runs_is_told_so(tmp_path) -> None:
    path = tmp_path / "runs.json"
    with pytest.raises(FileNotFoundError, match=r"runs.json is missing .*benchmarks.comparison"):
        comparison(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="holds no runs; accepted: a line of JSON"):
        comparison(path)
    for line in ('{"data": "moon"}', "[1]", "{", '{"mmd2": 3}'):
        path.write_text(line + "\n", encoding="utf-8")
        with pytest.raises(ValueError, match=r"runs.json, line 1: .* is no run"):
            comparison(path)


def test_fields_that_nobody_knows_are_passed_over(tmp_path) -> None:
    path = tmp_path / "runs.json"
    record = {"data": "moon", "method": "IWAE", "seed": 1, "seconds": 2.0, "accuracy": 0.5}
    path.write_text(json.dumps(record | {"mmd2": [1, 2, 3, 4], "new": 7}), encoding="utf-8")
    assert comparison(path).runs == (Run("moon", "IWAE", 1, 2.0, (1, 2, 3, 4), 0.5),)


def test_runs_are_paired_by_their_seeds_in_whatever_order_they_came() -> None:
    rows = [Run("moon", m, s, 1.0, (0, 0, 0, 0), 0.5, L) for m, s, L in (
        ("a", 1, -1.0), ("a", 2, -2.0), ("b", 2, -2.5), ("b", 1, -1.5),
    )]  # fmt: skip
    assert "0.50 to 0.50 nats, above 0 on 2 of 2" in Comparison(tuple(rows)).above("moon", "a", "b")


def test_on_six_latents_all_were_tried_on_the_same_ten_seeds() -> None:
    assert KEPT_SIX.data == ("six latents",)
    methods = KEPT_SIX.methods("six latents")
    assert {AGAINST, *TESTED_SIX, "prior dreams", "40 Gaussians", "untouched start"} <= set(methods)
    seeds = {tuple(sorted(run.seed for run in KEPT_SIX.of("six latents", m))) for m in methods}
    assert seeds == {tuple(range(7100, 7110))}


def test_on_six_sines_likewise() -> None:
    kept = comparison(SINES)
    assert kept.data == ("six sines",)
    for method in (AGAINST, *TESTED_SIX, "40 Gaussians"):
        runs = kept.of("six sines", method)
        assert sorted(run.seed for run in runs) == list(range(7100, 7110))
        # Nobody knows how likely these data are under what made them.
        assert all(run.gap is None and run.log_likelihood is not None for run in runs)


@pytest.mark.long
def test_a_row_of_six_latents_is_made_again_from_what_it_says() -> None:
    row = next(row for row in benchmark.kept(SIX) if (row.method, row.seed) == ("guided", 7100))
    again = benchmark.run(benchmark.task_of(row))
    # Data moved in the eighth digit move the gap in the ninth: another processor moves it less.
    assert again.truth == pytest.approx(row.truth, abs=1e-4)
    assert again.gap == pytest.approx(row.gap, abs=1e-4)
