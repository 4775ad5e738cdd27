"""What holds for every lab of the course."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from looked_at import looked_at
from matplotlib.artist import Artist

from hmlib.figures import Picture
from hmlib.lab import LogSlider, Slider, Training

NEGATIVE_ZERO = re.compile(r"-0(\.0+)?(?![\d.])")

UNKNOWN = "The table", "truth"
"""Where NaN stands for what nobody knows."""


def numbers(record: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Everything in a record, by its name: fields, their fields, and what mappings hold."""
    if isinstance(record, tuple) and any(map(is_dataclass, record)):
        record = {str(place): part for place, part in enumerate(record)}
    if is_dataclass(record):
        record = {f.name: getattr(record, f.name) for f in fields(record)}
    if not isinstance(record, Mapping):
        yield name, record
        return
    for part, value in record.items():
        yield from numbers(value, f"{name}.{part}" if name else part)


def test_a_lab_stands_every_value_and_the_same_values_give_the_same_numbers(make_lab):
    """A computation is pure: it may depend on its arguments alone, and not on its last call."""
    lab, other = looked_at(make_lab), make_lab()
    stops = lab.stops(n=2)
    assert len(stops) > 5
    # That each is drawn and put into words is seen where the notebooks run.
    records = [lab._compute(**values) for values in stops]
    there = [dict(numbers(record)) for record in records]
    for values, found, record in zip(stops, there, records, strict=True):
        for kind, words in lab._words(values, record, locked=False).items():
            # Whether 0 is met from below is chance, and another computer's chance is another.
            assert not NEGATIVE_ZERO.search(words), f"{kind} at {values}"
        for name, value in found.items():
            if isinstance(value, float | np.ndarray) and (lab._title, name) != UNKNOWN:
                assert np.isfinite(value).all(), f"{name} at {values}"
    # Another lab goes the way back, so that what a computation left behind would show.
    for values, found in list(zip(stops, there, strict=True))[::-2]:
        again = dict(numbers(other._compute(**values)))
        assert list(found) == list(again)
        for name, value in found.items():
            np.testing.assert_array_equal(value, again[name])


def test_words_and_picture_follow_every_control(make_lab):
    """From end to end of a control picture and words change, at some place of the others."""
    lab, rng = make_lab().predict(), np.random.default_rng(0)
    lab._pictures = looked_at(make_lab)._pictures  # made once, and moved by both
    learns = isinstance(lab, Training)
    for name, control in lab._controls.items():
        if learns and name == "speed":
            continue  # it says how long a picture takes, not what is in it
        for _ in range(4):
            lab.set(**{n: list(c.sweep(rng, 1))[-1] for n, c in lab._controls.items()})
            shown = []
            for value in list(control.sweep(rng, 0))[:2]:
                lab.set(**{name: value})
                if learns:
                    lab.restart().advance(20)
                shown.append((lab.picture, lab.alt))
            (picture, words), (other_picture, other_words) = shown
            if picture != other_picture and words != other_words:
                break
        else:
            pytest.fail(f"{name} moves nothing")


def test_a_lab_asks_a_question_worth_asking(make_lab):
    question = looked_at(make_lab)._question
    assert question.text.endswith("?")
    assert len(question.options) >= 2
    assert question.because.endswith(".")


def test_a_slider_of_the_course_has_film_in_it(make_lab):
    for control in looked_at(make_lab)._controls.values():
        if isinstance(control, Slider | LogSlider):
            assert len(control.values) >= 40


def test_the_printed_form_is_the_same_in_every_run(make_lab):
    text = repr(looked_at(make_lab))
    assert text == repr(make_lab())
    assert " at 0x" not in text


def held(picture: Picture[object], names: tuple[str, ...]) -> list[Artist]:
    """The artists behind the names of attributes."""
    values = [getattr(picture, name) for name in names]
    return [a for v in values for a in (v if isinstance(v, list | tuple) else [v])]


def test_what_a_lab_hides_is_not_in_the_locked_picture(make_lab):
    """Until the prediction: the pixels are those of a picture in which it was never visible."""
    lab = looked_at(make_lab)
    if not lab.locked:
        pytest.skip("hides nothing")
    locked, picture = lab.picture, lab._draw("light")
    shown = picture.png(lab.record)
    for artist in held(picture, lab._hides):
        artist.set_visible(False)
    assert locked == picture.png(lab.record)
    assert locked != shown, "what it hides cannot be seen anyway"


def test_the_words_of_a_locked_lab_do_not_tell(make_lab):
    """Its numbers are those of its controls, of its question and of its legend."""
    lab = looked_at(make_lab)
    if not lab.locked:
        pytest.skip("hides nothing")
    question, spec = lab._question, lab.spec
    known = " ".join([question.text, *question.options, spec["title"], spec["legend"]])
    values = " ".join(f"{v} {v:.2f} {v:g}" for v in lab.values.values() if not isinstance(v, str))
    allowed = set(re.findall(r"\d+(?:\.\d+)?", f"{known} {values}"))
    for said in (lab.alt, lab.readout, repr(lab)):
        assert set(re.findall(r"\d+(?:\.\d+)?", said)) <= allowed, said
        assert question.answer not in said
    open_words = make_lab().predict()
    assert (lab.alt, lab.readout) != (open_words.alt, open_words.readout)
