"""The frame of the pages of a marking: single files of plain HTML that load nothing."""

from __future__ import annotations

import html
from collections.abc import Iterable

STATES = ("correct", "not yet", "not attempted", "not there")

STYLE = """\
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; }
tr { border-bottom: 1px solid #bbb; }
td.number { text-align: right; white-space: nowrap; }
.bar { display: flex; height: 1.2rem; min-width: 14rem; border: 1px solid #555; }
.bar span { overflow: hidden; font-size: .8rem; line-height: 1.2rem; text-align: center; }
.correct { background: #2a7f62; color: #fff; }
.not-yet { background: #e0a030; color: #000; }
.not-attempted { background: #d5d5d5; color: #000; }
.not-there { background: #fff; color: #000; }
p.said { white-space: pre-line; margin: .2rem 0; }
h1, h2, p, li, td strong, summary { overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  body { padding: 0 .5rem; }
  table { font-size: .85rem; }
  th, td { padding: .3rem .2rem; }
  td.number { white-space: normal; }
  .bar { min-width: 5rem; }
}
"""


def page(title: str, body: Iterable[str], style: str = "") -> str:
    """A whole page.

    Args:
        title: of the page; it is escaped.
        body: HTML in lines.
        style: rules of this page alone.
    """
    inside = "\n".join(body)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}</title>\n"
        f"<style>\n{STYLE}{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{html.escape(title)}</h1>\n{inside}\n</main>\n</body>\n</html>\n"
    )


def amount(points: float) -> str:
    """Points as they are written everywhere: up to two decimals, so that all pages say the same."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def class_of(state: str) -> str:
    """The style of a state."""
    return state.replace(" ", "-")
