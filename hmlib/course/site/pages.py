"""The pages: Sphinx, myst-nb and the theme of Jupyter Book, told what is ours.

Everything that a page needs lies beside it, and every address in it is relative, so the folder
works on any host, under any path, and opened from a disk.
"""

from __future__ import annotations

import io
import warnings
from copy import deepcopy
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from hmlib.course.site import formulas
from hmlib.course.site.freshness import fingerprint, write
from hmlib.course.site.glossary import NAME as WORDS
from hmlib.course.site.opening import drag
from hmlib.course.site.stills import LABS
from hmlib.figures import THEMES

NAME = "The Helmholtz machine"

SETTINGS: dict[str, Any] = {
    "project": NAME,
    "author": "",
    "copyright": "the authors of the course. Code: BSD 3-Clause; words and figures: CC BY 4.0",
    "language": "en",
    "extensions": ["myst_nb", "hmlib.course.site.formulas"],
    "root_doc": "index",
    "nb_execution_mode": "off",
    "nb_render_markdown_format": "myst",
    # A question comes as Markdown with its formulas, and as plain text beside it.
    "nb_mime_priority_overrides": [
        ("html", "text/html", 0),
        ("html", "text/markdown", 1),
        ("html", "image/png", 2),
        ("html", "text/plain", 3),
    ],
    "myst_enable_extensions": ["dollarmath"],
    "myst_dmath_double_inline": True,
    "html_theme": "sphinx_book_theme",
    "html_title": NAME,
    "html_math_renderer": "mathml",
    "html_show_sphinx": False,
    "html_use_index": False,
    "html_copy_source": True,
    "html_sourcelink_suffix": "",
    "html_theme_options": {
        "show_navbar_depth": 1,
        "use_download_button": True,
        "use_fullscreen_button": False,
        "home_page_in_toc": True,
        "navbar_persistent": [],
        "extra_footer": f'<p><a href="{WORDS}.html">Symbols and words</a></p>',
    },
    "html_css_files": ["hmlib.css"],
    "html_js_files": ["hmlib.js"],
    # Else the theme complains of its own default in every browser.
    "html_context": {"default_mode": "auto"},
}


def build(aside: Path, out: Path) -> int:
    """Make the pages whose sources have changed; returns how many those are.

    Args:
        aside: has their sources in `source`, and keeps what Sphinx has read.
        out: the folder to publish.

    Raises:
        RuntimeError: if Sphinx has anything to complain of; says what.
    """
    static = aside / "static"
    write(static / "hmlib.css", style())
    own = resources.files("hmlib.course.site")
    write(static / "favicon.svg", own.joinpath("favicon.svg").read_bytes())
    write(static / "hmlib.js", own.joinpath("page.js").read_bytes())
    for name, content in drag().items():
        write(static / name, content)
    write(out / LABS / "labs.js", script())
    said, complaints = io.StringIO(), io.StringIO()
    # The theme changes what it is given.
    settings = deepcopy(SETTINGS) | {
        "html_static_path": [str(static)],
        "html_favicon": str(static / "favicon.svg"),
    }
    # Sphinx writes all pages again where this has changed; it does not look at what sets formulas.
    settings["html_context"]["formulas"] = fingerprint(formulas.__name__)
    with patch_docutils(), docutils_namespace(), warnings.catch_warnings():
        # What the tools will have to change among themselves is not for whoever makes pages.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        app = Sphinx(
            srcdir=aside / "source",
            confdir=None,
            outdir=out,
            doctreedir=aside / "read",
            buildername="html",
            confoverrides=settings,
            status=said,
            warning=complaints,
        )
        made: set[str] = set()
        app.connect("html-page-context", partial(_to_a_page, made=made))
        app.build()
    if complaints.getvalue():
        raise RuntimeError(complaints.getvalue().strip())
    font = out / "_static" / "mathematics.woff"
    if made or not font.exists():
        write(font, formulas.font(_letters(out)))
    # Icons come from a font that the style sheet names; this would be 1.5 MB to draw them again.
    write(out / "_static" / "scripts" / "fontawesome.js", "// Icons come from a font.\n")
    return len(made)


def style() -> str:
    """The style sheet of the pages: that of the labs, and what is the pages' own."""
    own = resources.files("hmlib.course.site").joinpath("site.css").read_text(encoding="utf-8")
    labs = resources.files("hmlib.lab").joinpath("lab.css").read_text(encoding="utf-8")
    papers = "\n".join(
        f'html[data-theme="{name}"] {{ --jp-layout-color0: {theme.paper}; '
        f"--jp-ui-font-color1: {theme.ink}; }}"
        for name, theme in THEMES.items()
    )
    return "\n".join((labs, papers, own))


def script() -> str:
    """The front end of all labs, as one script: the same files that a notebook gets."""
    lab = resources.files("hmlib.lab")
    parts = [
        lab.joinpath(name).read_text(encoding="utf-8") for name in ("pure.js", "parts.js", "lab.js")
    ]
    export = "export default { render };"
    assert parts[-1].count(export) == 1, "lab.js ends otherwise than it did"
    parts[-1] = parts[-1].replace(export, "")
    own = resources.files("hmlib.course.site").joinpath("kernelless.js")
    return "\n".join(("(() => {", *parts, own.read_text(encoding="utf-8"), "})();\n"))


def _to_a_page(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: Node | None,
    made: set[str],
) -> None:  # fmt: skip
    """What Sphinx is told of each page that it makes."""
    if doctree is None:
        return
    made.add(name)
    if "hm-place" in context.get("body", ""):
        app.add_js_file(f"../{LABS}/labs.js", priority=900)


def _letters(out: Path) -> set[str]:
    """The characters of the formulas of all pages."""
    pages = sorted(out.glob("*.html"))
    return set[str]().union(
        *(formulas.characters(page.read_text(encoding="utf-8")) for page in pages)
    )
