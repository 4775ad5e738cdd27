"""The kept table of rivals: every number read off the file, and the words that follow from it."""

from __future__ import annotations

import json
import math
import re
import statistics

import numpy as np
import pytest

from hmlib.course.nb10 import rivals_labs
from hmlib.course.nb10.comparison import FILE as NEW
from hmlib.course.nb10.records import Spread
from hmlib.course.nb10.rivals_pictures import Strips
from hmlib.course.nb10.rivals_table import FILE, MEASURES, RivalsTable, Row, rivals_table

KEPT = rivals_table()
RECORDS = json.loads(FILE.read_text(encoding="utf-8"))


def small() -> RivalsTable:
    """Three seeds, one method that wins, one that loses and ran away once."""
    rows = []
    for seed in range(3):
        rows += [
            Row("moon", "wild", seed, 2.0, 0.03, -3.0, 0.01, -1.0, 0.999, 0.001, seed == 1),
            Row("moon", "DDC code", seed, 1.0 + seed, 0.001 * seed, None, None, -1.0, 0.001, 0.999),
            Row("moon", "IWAE", seed, 1.5, 0.004, -2.0, 0.02, -1.0),
        ]
    return RivalsTable((*rows, Row("sun", "wake-sleep", 0, 1.0, 0.1, -5.0, 0.0)))


def test_the_file_is_read_row_by_row() -> None:
    assert len(KEPT.rows) == len(RECORDS) > 0
    for row, record in zip(KEPT.rows, RECORDS, strict=True):
        for name in ("data", "method", "seed", *MEASURES):
            assert getattr(row, name) == record.get(name)


def test_every_method_is_named_with_its_mode() -> None:
    for data in KEPT.data:
        for method in KEPT.methods(data):
            assert method in (
                "DDC split", "DDC code", "DDC score", "score", "wake-sleep", "reweighted",
                "VAE", "IWAE", "Gaussian",
            )  # fmt: skip
    single_layer = {"ring", "pinwheel", "3 x 3 bars"}
    for row in KEPT.rows:
        if row.data in single_layer:
            assert row.method != "DDC score"


def test_values_are_in_order_of_the_file_and_nan_where_not_taken() -> None:
    kept = small()
    assert kept.data == ("moon", "sun")
    assert kept.methods("moon") == ("DDC code", "wild", "IWAE")
    assert kept.values("moon", "DDC code", "seconds").tolist() == [1, 2, 3]
    assert np.isnan(kept.values("moon", "DDC code", "log_likelihood")).all()
    assert kept.truth("moon") == -1
    assert math.isnan(kept.truth("sun"))
    assert [row.seed for row in kept.of("moon", "wild")] == [0, 1, 2]


def test_the_table_says_medians_worst_and_both_directions() -> None:
    lines = small().table("moon").splitlines()
    assert lines[0] == "moon: 3 seed(s)"
    code, wild, iwae = (line.split() for line in lines[2:])
    assert code == ["DDC", "code", "0.0010", "0.0020", "-", "-", "3/3", "0/3", "2.0"]
    assert wild == ["wild", "0.0300", "0.0300", "-3.000", "-3.000", "0/3", "3/3", "2.0",
                    "1", "ran", "away"]  # fmt: skip
    assert iwae == ["IWAE", "0.0040", "0.0040", "-2.000", "-2.000", "-", "-", "1.5"]


@pytest.mark.parametrize("data", KEPT.data)
def test_the_medians_of_the_file_by_another_way(data: str) -> None:
    for line, method in zip(KEPT.table(data).splitlines()[2:], KEPT.methods(data), strict=True):
        found = [r["mmd2"] for r in RECORDS if (r["data"], r["method"]) == (data, method)]
        assert f"{statistics.median(found):.4f}" in line
        assert line.startswith(method)


def test_a_verdict_says_wins_and_losses() -> None:
    kept = small()
    assert kept.verdict("moon", "DDC code") == (
        "DDC code on moon: wins; closer than IWAE on 3 of 3 seeds, farther on 0, undecided on 0."
    )
    assert ": loses; closer than IWAE on 0 of 3 seeds, farther on 3" in kept.verdict("moon", "wild")
    assert kept.verdict("moon", "IWAE").endswith("not held beside IWAE.")
    assert "neither wins nor loses" in kept.verdict("moon", "DDC code", level=1e-4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda kept: kept.methods("Mars"), "data is 'Mars'; accepted: 'moon', 'sun'"),
        (lambda kept: kept.of("sun", "VAE"), "method is 'VAE'; accepted: 'wake-sleep'"),
        (lambda kept: kept.values("sun", "wake-sleep", "speed"), "measure is 'speed'; accepted"),
    ],
)
def test_unknown_names_are_refused(call, words) -> None:
    with pytest.raises(ValueError, match=words):
        call(small())


def test_a_file_that_is_missing_or_no_list_of_records_is_told_so(tmp_path) -> None:
    path = tmp_path / "records.json"
    with pytest.raises(
        FileNotFoundError, match=r"records.json is missing .*benchmarks.ddc --write"
    ):
        rivals_table(path)
    for text in ("[]", '{"a": 1}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match="holds no records; accepted"):
            rivals_table(path)
    path.write_text('[{"data": "moon"}]', encoding="utf-8")
    with pytest.raises(ValueError, match="is no record"):
        rivals_table(path)


def test_fields_that_nobody_knows_are_passed_over(tmp_path) -> None:
    path = tmp_path / "records.json"
    record = {"data": "moon", "method": "IWAE", "seed": 1, "seconds": 2.0, "mmd2": 0.1, "new": 7}
    path.write_text(json.dumps([record]), encoding="utf-8")
    assert rivals_table(path).rows == (Row("moon", "IWAE", 1, 2.0, 0.1),)


NEW_RECORDS = [json.loads(line) for line in NEW.read_text(encoding="utf-8").splitlines()]
SHOWN = rivals_labs.table()._controls["data"].options


def expected(data: str, method: str, name: str) -> list[float]:
    """What a file has for a method, read without the course."""
    if data in rivals_labs.OLD:
        found = [r.get(name) for r in RECORDS if (r["data"], r["method"]) == (data, method)]
    else:
        read = {
            "mmd2": lambda r: r["mmd2"][0],
            "fine": lambda r: r["mmd2"][-1],
            "neighbours": lambda r: abs(r["accuracy"] - 0.5),
        }.get(name, lambda r: r[name])
        found = [read(r) for r in NEW_RECORDS if (r["data"], r["method"]) == (data, method)]
    return [value for value in found if value is not None]


@pytest.mark.parametrize("measure", rivals_labs.WORDS)
@pytest.mark.parametrize("data", SHOWN)
def test_the_picture_shows_the_numbers_of_the_files(data: str, measure: str) -> None:
    record = rivals_labs.table_values(data, measure)
    name = rivals_labs.WORDS[measure][0]
    for strip in record.strips:
        known = expected(data, strip.method, name)
        assert list(strip.values) == known
        if known:
            middle = statistics.median(known)
            assert strip.spread == Spread(pytest.approx(middle), min(known), max(known))
        else:
            assert strip.spread is None
    shown = [value for strip in record.strips for value in strip.values]
    if record.truth is not None:
        assert name == "log_likelihood"
        if data in rivals_labs.OLD:
            truths = [r["truth"] for r in RECORDS if r["data"] == data]
        else:
            truths = [r["truth"] for r in NEW_RECORDS if r["data"] == data and r["gap"]]
        assert record.truth == pytest.approx(np.mean(truths))
        shown.append(record.truth)
    assert (record.low, record.high) == (min(shown, default=0), max(shown, default=1))


def test_the_picture_stands_where_the_record_says() -> None:
    picture = Strips()
    for data in SHOWN:
        for words in rivals_labs.WORDS:
            record = rivals_labs.table_values(data, words)
            picture.png(record)
            left, right = picture.axes.get_xlim()
            for strip, dots, bar in zip(record.strips, picture.dots, picture.bars, strict=False):
                assert dots.get_xdata() == pytest.approx(strip.values)
                assert all(left < value < right for value in strip.values)
                if strip.spread is not None:
                    assert bar.get_xdata() == pytest.approx([strip.spread.median] * 2)
                else:
                    assert f"{strip.method}: not measured" in picture.alt(record)
            assert picture.truth.get_visible() == (record.truth is not None)
            if record.truth is not None:
                assert picture.truth.get_xdata() == [record.truth] * 2


def test_the_words_under_the_table_name_who_is_ahead_and_who_is_behind() -> None:
    for words, better in (("log likelihood, held out", max), ("MMD^2, width s0", min)):
        record = rivals_labs.table_values("digits", words)
        best = better(record.strips, key=lambda strip: strip.spread.median)
        said = Strips().readout(record)
        told = re.search(rf"medians: {re.escape(best.method)} (\S+) is ahead", said)
        assert told, said
        assert float(told[1]) == pytest.approx(best.spread.median, rel=5e-3)


def test_on_digits_both_kinds_of_wake_sleep_are_likelier_than_the_others_on_every_split() -> None:
    found = {m: KEPT.values("digits", m, "log_likelihood") for m in KEPT.methods("digits")}
    kinds = [found.pop("wake-sleep"), found.pop("reweighted")]
    assert (np.min(kinds, axis=0) > np.max(list(found.values()), axis=0)).all()
    assert np.median(kinds[0]) >= np.median(kinds[1])
