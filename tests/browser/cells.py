"""Notebooks made for the browser tests: labs that fail, that take their time, that learn."""

from __future__ import annotations

# Labs that go wrong or take their time. The computations take as long as the course's longest.
PROBE = """
import os
import time

from hmlib.figures import Picture
from hmlib.lab import Handle, Lab, Question, Slider

os.environ["HMLIB_FETCH_AHEAD"] = "1"


class Bar(Picture):
    size = (4.0, 2.0)

    def build(self, style):
        self.axes = style.dress(self.figure.subplots(), "a bar", "", "height")
        self.axes.set(xlim=(-1, 1), ylim=(0, 4))
        (self.bar,) = self.axes.bar([0], [0], **style.bar("data"))
        return [self.bar]

    def update(self, record):
        self.bar.set_height(record["x"])

    def alt(self, record):
        return f"A bar of height {record['x']:.1f}."

    def readout(self, record):
        return f"x = {record['x']:.1f}"


def fails_at_the_top(x):
    if x == 4.0:
        raise ZeroDivisionError("nothing is left to divide")
    return {"x": x}


def quick(x):
    return {"x": x}


def slow(x):
    time.sleep(0.5)
    return {"x": x}


def make(title, compute, **options):
    question = Question("Does the bar grow?", ("yes", "no"), "yes", "It is as high as x.")
    x = Slider("x", "x, a number", 0.0, 4.0, 0.1, 2.0)
    return Lab([x], compute, Bar, question, title=title, **options)
""".strip()
PROBE_LABS = (
    'fails = make("It fails", fails_at_the_top)\nfails',
    'make("On release", slow, update="release")',
    'make("On a button", slow, update="button")',
    'make("It can be dragged", quick, hides=("bar",), handles=[Handle("axes", y="x", at=0.0)])',
)
BUSY, TELL, SET = (len(PROBE_LABS) + i for i in (1, 2, 3))
PROBE_CELLS = (
    PROBE,
    *PROBE_LABS,
    'time.sleep(4)\nprint("the cell has ended")',
    'print("x is", fails.values["x"])',
    "fails.set(x=0.5)\nNone",
)

# Labs that learn, beside one that computes.
LEARNING_LABS = (
    "lab = training.stripes()\nlab",
    "free_energy.ceiling()",
    "broken = training.stripes(rule=lambda *given: 1 / 0)\nbroken",
    "short = training.stripes()\nshort._most = 120\nshort",
)
LEARNING_CELLS = (
    "import time\n\nfrom hmlib.course.nb02 import labs as free_energy\n"
    "from hmlib.course.nb05 import training_labs as training",
    *LEARNING_LABS,
    'time.sleep(4)\nprint("the cell has ended")',
    'print("steps:", lab.step.count)',
    "lab.advance(50)\nNone",
)
LEARN_BUSY, LEARN_TELL, LEARN_MORE = (len(LEARNING_LABS) + i for i in (1, 2, 3))
