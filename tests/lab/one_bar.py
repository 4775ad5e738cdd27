"""A lab of one bar, as plain as a lab can be, for tests of what every lab does."""

from __future__ import annotations

from hmlib.figures import Picture
from hmlib.lab import Choice, Lab, Question, Slider

PNG = b"\x89PNG\r\n\x1a\n"


class Bar(Picture):
    """One bar, as plain as a picture can be."""

    size = (2.0, 1.5)

    def build(self, style):
        axes = style.dress(self.figure.subplots())
        axes.set(xlim=(-1, 1), ylim=(0, 10))
        (self.bar,) = axes.bar([0], [0], **style.bar("data"))
        return [self.bar]

    def update(self, record):
        self.bar.set_height(record["y"])

    def alt(self, record):
        return f"A bar of height {record['y']:.1f}."

    def readout(self, record):
        return f"y = {record['y']:.1f}"


class Speechless(Bar):
    """A slip of the pen in its words."""

    def alt(self, record):
        return f"A bar of height {record['heigth']}."


QUESTION = Question("Does the bar grow?", ("yes", "no"), "yes", "Its height is x times k.")
X = Slider("x", "x, a number", 0.0, 2.0, 0.5, 1.0)
K = Choice("k", "k, a factor", ("once", "twice"), "once")


def product(x, k="once"):
    return {"y": x * (2 if k == "twice" else 1)}


def fails_at_the_top(x):
    if x == 2.0:
        raise ZeroDivisionError("nothing is left to divide")
    return {"y": x}


def make(controls=(X, K), compute=product, draw=Bar, title="A bar", **options):
    return Lab(controls, compute, draw, QUESTION, title=title, **options)
