"""The first page: a lab that moves, what the course is, and its notebooks.

What moves is a drag that was recorded in a browser (`python -m tools.drag`); README.md shows the
same file. It can be put away, and who wants no motion gets a picture that stands still.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from importlib import resources

from PIL import Image

from hmlib.course.site.chapters import Chapter
from hmlib.course.site.glossary import NAME as WORDS
from hmlib.course.tab import FROM_A_DISK

DRAG = ("drag.webp", "drag.png")
"""The recorded drag, and the picture that stands still."""

RUNS = (
    '<span class="hm-served">each page runs its own here in the browser, and </span>'
    '<span class="hm-from-disk">each page </span>'
)
"""What the first page promises, but not where it was opened from the disk."""

SEEN = (
    "A lab called “Why is the lawn wet?” is dragged. Left, a ring moves along a curve, the free "
    "energy F over the guessed probability of rain; the curve stays below a dashed line, the "
    "ceiling L, and moves as the other guess does. Right, the guess’s bars move beside those of "
    "the true posterior, and the line of numbers below follows."
)


def first_page(
    chapters: Sequence[Chapter], folder: str, printed: str = "", runs: bool = False
) -> str:
    """The first page, in Markdown.

    Args:
        chapters: the notebooks.
        folder: where the page finds the files of `DRAG`.
        printed: where it finds the print edition; empty if there is none.
        runs: whether each page leads to its notebook in a tab of the browser.
    """
    lines = [
        "# The Helmholtz machine, in notebooks you can move",
        "A course on how two networks, one that dreams and one that recognises, learn to describe "
        f"the same data. **Begin with [{chapters[0].title[5:]}]({chapters[0].name}.ipynb)**, in "
        f"some {minutes(chapters[0])} minutes; it says what you need to know.",
        "On these pages you read, predict, and move the labs; nothing has to be installed. To type "
        "the mathematics and have it checked, take the notebooks: "
        + (RUNS if runs else "each page ")
        + "offers it to download. Whoever gave you this site also has the course as a folder, "
        "which starts with `python start.py`.",
        *([FROM_A_DISK] if runs else []),
        moving_picture(folder, f"{chapters[0].name}.html"),
        f"Each page asks one question. Letters and words are looked up in [one place]({WORDS}.md)."
        + (
            f' For paper there is <a href="{printed}">all of it as one PDF</a> '
            f"(tagged{size_of(printed)}), and each page leads to its own."
            if printed
            else ""
        ),
        "| | | the question | minutes |\n|---|---|---|---|\n"
        + "\n".join(
            f"| {one.name[:2]} | [{one.title[5:]}]({one.name}.ipynb) | {one.said('The question')} "
            f"| {minutes(one)} |"
            for one in chapters
        ),
        "\n".join(["```{toctree}", ":hidden:\n", *(one.name for one in chapters), WORDS, "```"]),
    ]
    return "\n\n".join(lines) + "\n"


def size_of(file: str) -> str:
    """A place for the size of a file of the site, as HTML; it is named once all files are there."""
    return f'<span data-size-of="{file}"></span>'


def moving_picture(folder: str, lab: str) -> str:
    """The recorded drag, as HTML, which leads to the page that has the lab."""
    moving, still = (f"{folder}/{name}" for name in DRAG)
    width, height = Image.open(io.BytesIO(drag()[DRAG[1]])).size
    return (
        '<details class="hm-drag" open><summary>A lab, dragged (fold it to stop it)</summary>'
        f'<a href="{lab}" title="Drag it yourself">'
        f'<picture><source srcset="{still}" media="(prefers-reduced-motion: reduce)"/>'
        f'<img src="{moving}" width="{width}" height="{height}" alt="{SEEN}"/></picture>'
        "<span>Drag it yourself</span></a></details>"
    )


def drag() -> dict[str, bytes]:
    """The files of the recorded drag, by name."""
    here = resources.files("hmlib.course.site")
    return {name: here.joinpath(name).read_bytes() for name in DRAG}


def minutes(chapter: Chapter) -> str:
    """How long a chapter takes, such as "110 to 130"."""
    found = re.search(r"\d+( to \d+)?", chapter.said("Minutes"))
    return found[0] if found else ""
