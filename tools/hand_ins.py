"""Make sixty labelled hand-ins, honest and hostile, to try the marking with.

    python -m tools.hand_ins FOLDER

FOLDER gets a notebook a hand-in, and labels.json: for each file what every question has to get,
and for slips which slip has to be recognised. The solutions and slips of the course are typed into
the notebooks as text, so that nothing here works without the full edition.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from hmlib import check
from hmlib.check.function import Function
from hmlib.check.kinds import Choice
from hmlib.course.handing_out.filling import (
    as_text,
    checked,
    code,
    filled,
    ids,
    published,
    solutions,
    typed,
    written,
)
from tools.hostile_cells import HOSTILE


@dataclass(frozen=True)
class Labelled:
    """One hand-in and what it has to get.

    Attributes:
        name: of the file, or of the student's folder with it.
        content: of the file.
        scores: question -> share of its points; all that is not here gets nothing.
        slips: question -> the slip that has to be recognised.
        marked: False if the file cannot be read as a hand-in at all.
        notebook: its two digits.
    """

    name: str
    content: str
    scores: Mapping[str, float]
    slips: Mapping[str, str] = field(default_factory=dict)
    marked: bool = True
    notebook: str = "02"


def all_right(notebook: str) -> dict[str, float]:
    return dict.fromkeys(ids(notebook), 1.0)


def name_of(who: str, notebook: str = "02") -> str:
    return f"{who}/{notebook}_mine.ipynb"


def right_ones() -> Iterator[Labelled]:
    """All right, in the usual form."""
    for notebook in ("00", "01", "02", "04", "05", "07", "10"):
        cells = filled(notebook, typed(notebook), slim=notebook in ("05", "10"))
        name = name_of(f"right {notebook}", notebook)
        yield Labelled(name, written(cells), all_right(notebook), notebook=notebook)


def odd_ones() -> Iterator[Labelled]:
    """All right, in odd forms."""
    kl, free = typed("02")["02.7"], typed("02")["02.8"]
    one, two = as_text(solutions("02").ANSWERS["02.5"]).strip("(),").split(", ")
    total = as_text(solutions("02").ANSWERS["02.6"])
    named = check.questions("02")[4].names  # type: ignore[attr-defined]
    options = {q.id: q.prose.options[q.answer] for q in check.questions("02") if type(q) is Choice}
    forms = {
        "words": {id: repr(str(text)) for id, text in options.items()},
        "arrays": {
            "02.1": 'list("ECNKAD")',
            "02.5": f"np.array([[{one}], [{two}]])",
            "02.6": f"np.float64({total})",
            "02.9": "np.int64(48)",
        },
        "exact": {
            "02.1": '"E->C->N->K->A->D"',
            "02.5": f"{{{named[0]!r}: {one}, {named[1]!r}: {two}}}",
            "02.6": f"__import__('fractions').Fraction({total})",
            "02.9": "__import__('decimal').Decimal(48)",
        },
        "callable": {
            "02.7": "class Kl:\n    def __call__(self, q, p):\n"
            "        return list(np.sum(q * np.log(q / p), axis=1))\n\n\nkl = Kl()\n",
            "02.8": free + "\n\nfrom functools import partial\n\nfree_energy_ = free_energy\n"
            "free_energy = partial(lambda f, *a: f(*a).astype('float128'), free_energy_)\n",
        },
        "helper": {
            "02.7": "_one = lambda a, b: a * np.log(a / b)\n" + kl.replace(
                "np.sum(q * (np.log(q) - np.log(p)), axis=1)", "_one(q, p).sum(1).tolist()"
            ),
        },
    }  # fmt: skip
    for how, changed in forms.items():
        cells = filled("02", typed("02") | changed, slim=how != "callable")
        yield Labelled(name_of(f"odd {how}"), written(cells), all_right("02"))


def unfinished() -> Iterator[Labelled]:
    """Half done, untouched, a single answer."""
    half = dict(list(typed("02").items())[:5])
    yield Labelled(name_of("half"), written(filled("02", half)), dict.fromkeys(half, 1.0))
    yield Labelled(name_of("untouched"), published("02"), {})
    last = {"02.9": "48"}
    yield Labelled(name_of("last only"), written(filled("02", last, slim=True)), {"02.9": 1.0})
    gap = typed("02") | {
        "02.8": "def free_energy(gen, rec, u):\n    log_q = ...\n    return log_q\n"
    }
    scores = all_right("02") | {"02.8": 0.0}
    yield Labelled(name_of("a gap"), written(filled("02", gap, slim=True)), scores)


CALLS_THE_LIBRARY = {"02.8": ("gap for F", "gap added")}
"""Slips that call what their question bars: handed in, they are told that in place of the slip."""


def slips(notebook: str = "02", most: int = 17) -> Iterator[Labelled]:
    """Every slip of a notebook: the k-th hand-in has the k-th slip of each question."""
    room = f"hmlib.course.nb{notebook}"
    helpers = "\n\n".join(
        inspect.getsource(import_module(f"{room}.{name}"))
        .replace("from __future__ import annotations\n", "")
        .replace(f"from {room}.solutions import ANSWERS\n", "")
        .replace(f"from {room} import variants\n", _typed_in(f"{room}.variants"))
        for name in ("solutions", "checks")
    )
    helpers += "\n\nSLIPS = {q.id: q.slips for q in QUESTIONS}\n"
    for k in range(most):
        answers: dict[str, str] = {}
        expected: dict[str, str] = {}
        scores: dict[str, float] = {}
        for question in check.questions(notebook):
            known = question.all_slips()
            if k >= len(known):
                continue
            slip = list(known)[k]
            if slip not in CALLS_THE_LIBRARY.get(question.id, ()):
                expected[question.id] = slip
            scores[question.id] = question.grade(known[slip]).score
            if isinstance(question, Function):
                name = typed(notebook)[question.id].partition("(")[0].removeprefix("def ").strip()
                answers[question.id] = f"\n{name} = SLIPS[{question.id!r}][{slip!r}]\n"
            else:
                answers[question.id] = as_text(known[slip])
        cells = filled(notebook, answers, slim=True)
        cells.insert(1, code(helpers))
        yield Labelled(name_of(f"slip {k + 1:02}"), written(cells), scores, expected)


def _typed_in(module: str) -> str:
    """Lines that make a module which is not there."""
    source = inspect.getsource(import_module(module))
    name = module.rpartition(".")[2]
    made = f"import types\n\n{name} = types.ModuleType({name!r})\n"
    return f"{made}exec({source!r}, vars({name}))\n"


def rearranged() -> Iterator[Labelled]:
    """Right answers in a notebook that is not as it was."""
    right, all_points = typed("02"), all_right("02")
    slim = filled("02", right, slim=True)
    yield Labelled("my homework (final) 2.ipynb", written(slim), all_points)
    yield Labelled(name_of("reordered"), written(slim[:2] + slim[:1:-1]), all_points)
    yield Labelled(name_of("imports last"), written([*slim[2:], *slim[:2]]), all_points)
    stubs = filled("02", {}, slim=True)[2:]
    yield Labelled(name_of("copied below"), written(slim + stubs), all_points)
    yield Labelled(name_of("copied above"), written(slim[:2] + stubs + slim[2:]), all_points)
    split = []
    for cell in slim:
        source = "".join(cell["source"])
        head, call, tail = source.partition("check(")
        split += [code(head), code("# a note"), code(call + tail)] if call else [cell]
    yield Labelled(name_of("split"), written(split), all_points)
    joined = "\n\n".join("".join(cell["source"]) for cell in slim)
    yield Labelled(name_of("one cell"), written([code(joined)]), all_points)
    yield Labelled(name_of("no imports"), written(slim[1:]), all_points)
    renamed = joined.replace("import Generative, Recognition, check", "import check as asked")
    renamed = renamed.replace("check(", "asked(").replace("free_energy", "my_f")
    yield Labelled(name_of("other names"), written([*slim[:2], code(renamed)]), all_points)
    fewer = [cell for cell in slim if checked(cell, "02") not in ("02.3", "02.8")]
    lost = all_points | {"02.3": 0.0, "02.8": 0.0}
    yield Labelled(name_of("deleted"), written(fewer), lost)
    slipped = filled("02", right | {"02.6": "-0.77 +* 1"}, slim=True)
    yield Labelled(name_of("syntax error"), written(slipped), all_points | {"02.6": 0.0})
    broken = [*slim[:3], code("1 / 0"), code("undefined_name"), *slim[3:]]
    yield Labelled(name_of("cells that stop"), written(broken), all_points)
    first = right | {"02.2": "'A'"}
    again = [cell for cell in slim if checked(cell, "02") == "02.2"]
    guessed = written(filled("02", first, slim=True) + again)
    yield Labelled(name_of("second guess"), guessed, all_points | {"02.2": 0.0}, {"02.2": "A"})


def unreadable() -> Iterator[Labelled]:
    """Files that are no hand-in."""
    yield Labelled(name_of("cut off"), published("02")[:5000], {}, marked=False)
    yield Labelled("a script/02_mine.py", "print(1)\n", {}, marked=False)


def hostile() -> Iterator[Labelled]:
    """Right answers all over, and one cell that does harm: it costs what it touches at most."""
    for name, (touched, source) in HOSTILE.items():
        right = typed("02")
        answers = right | ({touched: source} if touched else {})
        cells = filled("02", answers, slim=True)
        if not touched:
            cells.insert(3, code(source))
        scores = all_right("02") | ({touched: 0.0} if touched else {})
        yield Labelled(name_of(f"hostile {name}"), written(cells), scores)


KINDS: tuple[Callable[[], Iterator[Labelled]], ...] = (
    right_ones,
    odd_ones,
    unfinished,
    slips,
    rearranged,
    unreadable,
    hostile,
)


def everything() -> list[Labelled]:
    """All of them."""
    return [one for kind in KINDS for one in kind()]


def write(folder: Path, chosen: list[Labelled]) -> None:
    """Write hand-ins below a folder, and their labels beside it."""
    for one in chosen:
        path = folder / one.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.content, encoding="utf-8")
    labels = {
        one.name: {"scores": one.scores, "slips": one.slips, "marked": one.marked} for one in chosen
    }
    folder.with_suffix(".labels.json").write_text(json.dumps(labels, indent=1), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.hand_ins", description=__doc__)
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    options = parser.parse_args(arguments)
    found = everything()
    write(options.folder, found)
    print(f"{len(found)} hand-ins are in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
