"""Typed records: what a lab's computation hands to its picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from hmlib import Generative, Recognition
from hmlib.figures import Picture, Progress
from hmlib.lab import Lab, LogSlider, Question, Slider, Training
from hmlib.learning import Step

QUESTION = Question("Does it grow?", ("yes", "no"), "yes", "It is as high as x.")


@dataclass(frozen=True)
class Height:
    y: float


@dataclass(frozen=True)
class Measured:
    total: float
    largest: float


class Bar(Picture[Height]):
    size = (2.0, 1.5)

    def build(self, style):
        axes = style.dress(self.figure.subplots())
        axes.set(xlim=(-1, 1), ylim=(0, 10))
        (self.bar,) = axes.bar([0], [0], **style.bar("data"))
        return [self.bar]

    def update(self, record):
        self.bar.set_height(record.y)

    def alt(self, record):
        return f"A bar of height {record.y:.1f}."

    def readout(self, record):
        return f"y = {record.y:.1f}"


class Curve(Picture[Progress[Measured, Height]]):
    size = (2.0, 1.5)

    def build(self, style):
        axes = style.dress(self.figure.subplots())
        (self.line,) = axes.plot([], [], **style.line("data"))
        return [self.line]

    def update(self, record):
        self.line.set_data(record.counts, record.curve(lambda step: step.total))

    def alt(self, record):
        return f"A curve from {record.first.total:.1f} to {record.now.total:.1f}."

    def readout(self, record):
        return f"step {record.count}, rate {record.rate:g}: {record.shown.y:.1f}"


def counting(step: Step, rate: float, steps: int):
    for _ in range(steps):
        gen = step.gen.like(step.gen.ravel() + rate)
        step = Step(gen, step.rec, count=step.count + 1)
        yield step


def total(step: Step) -> float:
    return float(step.gen.ravel().sum())


def training(measure, show, draw=Curve) -> Training:
    return Training(
        lambda seed: Step(Generative.zeros(2, 1), Recognition.zeros(2, 1)),
        counting, measure, show, draw, QUESTION,
        rate=LogSlider("rate", "rate", 0.01, 1, 0.1), title="A sum",
    )  # fmt: skip


def test_a_record_passes_from_the_computation_to_the_picture_as_it_is():
    lab = Lab([Slider("y", "y", 0, 4, 1, 2)], Height, Bar, QUESTION, title="A bar")
    assert lab.set(y=3).record == Height(3)
    assert lab.readout == "y = 3.0"
    assert [record for _, record in lab.sweep(n=0)][:3] == [Height(2), Height(0), Height(4)]


def test_a_lab_that_learns_gives_its_picture_progress():
    lab = training(lambda s: Measured(total(s), s.gen.ravel().max()), lambda s: Height(total(s)))
    record = lab.advance(3).record
    assert isinstance(record, Progress)
    assert (record.count, record.rate, record.seed) == (3, 0.1, 1)
    np.testing.assert_array_equal(record.counts, [0, 1, 2, 3])
    np.testing.assert_allclose(record.curve(lambda s: s.total), [0.0, 0.5, 1.0, 1.5])
    assert record.first == Measured(0, 0)
    assert record.now.largest == pytest.approx(0.3)
    assert record.shown == Height(record.now.total)
    assert lab.alt == "A curve from 0.0 to 1.5."
    assert lab.readout == "step 3, rate 0.1: 1.5"
    lab.sweep(n=1)
