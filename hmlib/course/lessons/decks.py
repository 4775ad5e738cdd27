"""Makes the slides of lessons: one file of Markdown each, with pictures that labs draw.

`docs/teaching/slides/*.md` are the sources. A heading of the second level begins a slide. A picture
is what a lab shows: `![](lab:nb02.ceiling)` before the prediction, with everything hidden that the
lab asks for, and `![](lab:nb02.ceiling?q_rain=0.9)` afterwards, with its controls where they are
put; `&advance=100` lets a lab learn first. The words to a picture are the lab's own, and below a
picture before its prediction stand the lab's question and what can be predicted. Sphinx and
reveal.js make the rest, and nothing is fetched when slides are shown.
"""

from __future__ import annotations

import base64
import importlib
import io
import re
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from hmlib.check.text import markdown
from hmlib.course.handing_out.filling import ROOT
from hmlib.lab import Lab, Training

SOURCES = ROOT / "docs" / "teaching" / "slides"
NEEDED = ("sphinx", "sphinx_revealjs", "myst_parser", "latex2mathml", "ziamath")
"""Modules, which the extra `release` brings."""

PICTURE = re.compile(r"!\[\]\(lab:(nb\d\d)\.(\w+)(\?[^)]*)?\)")

SETTINGS: dict[str, Any] = {
    "project": "The Helmholtz machine",
    "author": "",
    "copyright": "",
    "language": "en",
    "extensions": ["myst_parser", "sphinx_revealjs", "hmlib.course.site.formulas"],
    "root_doc": "index",
    "myst_enable_extensions": ["dollarmath"],
    "html_math_renderer": "mathml",
    "revealjs_style_theme": "white",
    "revealjs_use_index": False,
    "revealjs_css_files": ["slides.css"],
    "revealjs_script_conf": {
        "hash": True,
        "slideNumber": "c/t",
        "transition": "none",  # nothing moves that nobody asked to move
        "width": 1280,
        "height": 720,
        "center": False,
    },
}

STYLE = """\
@font-face { font-family: "STIX Two Math"; src: local("STIX Two Math"), url("mathematics.woff"); }
math { font-family: "STIX Two Math", "Cambria Math", math; }
.reveal { font-size: 27px; }
.reveal h1 { font-size: 1.9em; text-transform: none; text-align: left; }
.reveal h2, .reveal h3 { font-size: 1.4em; text-transform: none; text-align: left; }
.reveal section > p, .reveal section ul, .reveal section ol { text-align: left; }
.reveal section ul, .reveal section ol { display: block; margin-left: 1.2em; }
.reveal section > p:has(img) { margin: 0; }
.reveal section > p:has(img) ~ * { font-size: 0.82em; margin-top: 0.3em; }
.reveal section img { max-height: 330px; max-width: 100%; margin: 0 auto; display: block; }
.reveal .math { margin: 0.8em 0; }
.reveal a { color: #1a5fb4; text-decoration: underline; }
.reveal pre { font-size: 0.7em; width: 100%; box-shadow: none; background: #f3f3f3; color: #111; }
"""


def lab_of(room: str, name: str, query: str | None) -> Lab[Any]:
    """A lab as a slide shows it.

    Args:
        room: such as "nb02".
        name: the function that makes it; it stands in a module of the room that ends in "labs".
        query: None before the prediction; else its controls, such as "?s=2&q_rain=0.9".

    Raises:
        ValueError: if there is no such lab, or a control cannot be put there.
    """
    made = _made(room, name)
    if query is None:
        return made
    made.predict()
    values = dict(parse_qsl(query.removeprefix("?")))
    steps = values.pop("advance", None)
    controls = {control.name: control for control in made.controls}
    for key in values:
        if key not in controls:
            raise ValueError(f"lab:{room}.{name} has no control {key!r}; accepted: {[*controls]}")
    made.set(**{key: _value(text) for key, text in values.items()})
    if steps is not None:
        if not isinstance(made, Training):
            raise ValueError(f"lab:{room}.{name} does not learn, so `advance` is nothing to it")
        made.advance(int(steps))
    return made


def _made(room: str, name: str) -> Lab[Any]:
    """The lab of this name, made anew."""
    for path in sorted((ROOT / "hmlib" / "course" / room).glob("*labs.py")):
        make = getattr(importlib.import_module(f"hmlib.course.{room}.{path.stem}"), name, None)
        if callable(make):
            lab = make()
            if isinstance(lab, Lab):
                return lab
    raise ValueError(f"lab:{room}.{name} is no lab of the course")


def _value(text: str) -> Any:
    """A control's value as it is typed: a number if it is one."""
    try:
        return float(text)
    except ValueError:
        return text


def drawn(text: str, folder: Path) -> str:
    """A source with its labs drawn: pictures are written into a folder, their words beside them.

    Args:
        text: Markdown.
        folder: where pictures go; it stands beside the source.
    """

    def picture(found: re.Match[str]) -> str:
        room, name, query = found.groups()
        lab = lab_of(room, name, query)
        file = folder / (re.sub(r"[^\w.-]+", "-", f"{room}.{name}{query or ''}") + ".png")
        # The bytes that a notebook keeps.
        data = lab.picture
        file.write_bytes(base64.b64decode(data) if isinstance(data, str) else data)
        shown = f"![{_bare(lab.alt)}]({folder.name}/{file.name})"
        return shown if query is not None else f"{shown}\n\n{_asked(lab)}"

    return PICTURE.sub(picture, text)


def _bare(words: str) -> str:
    """Words that stand between brackets of Markdown."""
    return words.replace("\n", " ").replace("[", "(").replace("]", ")")


def _asked(lab: Lab[Any]) -> str:
    """The question of a lab and its options, as Markdown."""
    question = lab.spec["question"]
    options = [f"- {markdown(option)}" for option in question["options"]]
    return "\n".join([f"**{markdown(question['text'])}**", "", *options])


def build(out: Path) -> int:
    """Make all slides; returns how many lessons there are.

    Args:
        out: the folder; one page for each lesson, and `index.html`.

    Raises:
        ImportError: if Sphinx or what goes with it is not installed.
        ValueError: if there are no sources, or a lab is asked for that is none.
        RuntimeError: if Sphinx has anything to complain of; says what.
    """
    sources = sorted(SOURCES.glob("lesson-*.md"))
    if not sources:
        raise ValueError(f"no slides in {SOURCES}: they are made from a checkout")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        (source / "drawn").mkdir(parents=True)
        (source / "static").mkdir()
        for path in sources:
            text = drawn(path.read_text(encoding="utf-8"), source / "drawn")
            (source / path.name).write_text(text, encoding="utf-8")
        (source / "index.md").write_text(_contents(sources), encoding="utf-8")
        (source / "static" / "slides.css").write_text(STYLE, encoding="utf-8")
        _sphinx(source, Path(folder) / "made")
        # It holds the place of this making, so that no two would have the same bytes.
        ignored = shutil.ignore_patterns(".buildinfo")
        shutil.copytree(Path(folder) / "made", out, dirs_exist_ok=True, ignore=ignored)
    return len(sources)


def _contents(sources: list[Path]) -> str:
    """The first page: a link to each lesson."""
    lines = ["# The Helmholtz machine: slides", ""]
    for path in sources:
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        lines.append(f"- [{title}]({path.stem}.md)")
    hidden = ["```{toctree}", ":hidden:", "", *(path.stem for path in sources), "```"]
    return "\n".join([*lines, "", *hidden]) + "\n"


def _sphinx(source: Path, out: Path) -> None:
    """Let Sphinx make pages of slides."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    from hmlib.course.site import formulas

    complaints = io.StringIO()
    settings = {**SETTINGS, "revealjs_static_path": [str(source / "static")]}
    with patch_docutils(), docutils_namespace(), warnings.catch_warnings():
        # What the tools will have to change among themselves is not for whoever makes slides.
        warnings.simplefilter("ignore")
        app = Sphinx(
            srcdir=source,
            confdir=None,
            outdir=out,
            doctreedir=source.parent / "read",
            buildername="revealjs",
            confoverrides=settings,
            status=io.StringIO(),
            warning=complaints,
        )
        app.build()
    if complaints.getvalue():
        raise RuntimeError(complaints.getvalue().strip())
    signs = [formulas.characters(page.read_text(encoding="utf-8")) for page in out.glob("*.html")]
    font = formulas.font(set[str]().union(*signs))
    (out / "_static" / "mathematics.woff").write_bytes(font)
