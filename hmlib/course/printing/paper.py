"""A page of the site, made ready for paper."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import groupby

from bs4 import BeautifulSoup, Tag

ARTICLE = "article"
USELESS = (
    ".headerlink",
    "script",
    "style",
    "button",
    ".hm-here",
    ".hm-moved",
    ".prev-next-footer",
    ".hm-run-here",
)
"""What paper cannot do."""

HINT = re.compile(r"(\d\d\.\d+), hint \d+ of \d+")
"""How the summary of a hint reads, with its question."""

END = "Hints, answers and labs that were moved"
"""The heading of what is folded on a page."""

HINTS = "Hints for "
"""How all hints of a question are announced."""


def article_of(page: str, name: str, labs: Mapping[str, str]) -> str:
    """What a page says, as HTML for paper: what is folded and where links lead stand at the end.

    Args:
        page: a page of the site.
        name: of its notebook; its places are called after it where several share a paper.
        labs: key of a lab -> the lab on paper.

    Raises:
        ValueError: if it is no page of the site, or has a lab that is not in `labs`.
    """
    article = BeautifulSoup(page, "html.parser").select_one(ARTICLE)
    if article is None:
        raise ValueError(f"page is one without <{ARTICLE}>; accepted: a page of the site")
    for useless in article.select(", ".join(USELESS)):
        useless.decompose()
    for place in article.select(".hm-place"):
        key = str(place.get("data-lab"))
        if key not in labs:
            raise ValueError(f"page has the lab {key!r}; accepted: {', '.join(labs)}")
        place.replace_with(BeautifulSoup(labs[key], "html.parser"))
    _gather(article)
    for image in article.select("img"):
        image.attrs.pop("loading", None)
        if not image.get("alt"):
            image["alt"] = ""
    notes = _notes(article, name)
    for marked in article.select("[id]"):
        marked["id"] = f"{name}-{marked['id']}"
    return f'<article id="{name}">{article.decode_contents()}{notes}</article>'


def _gather(article: Tag) -> None:
    """Move hints, answers and moved labs to the end, since nothing can be folded on paper."""

    def words_of(folded: Tag) -> str:
        summary = folded.find("summary")
        assert isinstance(summary, Tag)
        said = " ".join(summary.get_text().split())
        summary.decompose()
        return f"{HINTS}{hint[1]}" if (hint := HINT.fullmatch(said)) else said

    new = BeautifulSoup("", "html.parser").new_tag
    end = new("section", attrs={"class": "gathered"})
    end.append(new("h2", string=END))
    folded = [(one, words_of(one)) for one in article.select("details")]
    # The hints of a question share a number; everything else has one of its own.
    shared = groupby(folded, lambda one: one[1] if one[1].startswith(HINTS) else id(one[0]))
    for number, (_, group) in enumerate(shared, 1):
        parts = list(group)
        first, words = parts[0]
        heading = first.find_previous(["h1", "h2", "h3"])
        assert isinstance(heading, Tag)
        named = words if words.startswith(HINTS) else f"{words} ({heading.get_text(strip=True)})"
        see = new("p", attrs={"class": "see"})
        link = new("a", href=f"#gathered-{number}", string=f"number {number}")
        said = f"{words} See " if words.endswith("?") else f"{words}: see "
        see.extend([said, link, " at the end of this notebook."])
        first.insert_before(see)
        opened = new("div", id=f"gathered-{number}", attrs={"class": "opened"})
        opened.append(new("p", string=f"{number}. {named}", attrs={"class": "summary"}))
        for one, _ in parts:
            opened.extend(list(one.extract().contents))
        end.append(opened)
    if folded:
        article.append(end)


def _notes(article: Tag, name: str) -> str:
    """Number the links to elsewhere; returns the list of where they lead."""
    numbers: dict[str, int] = {}
    for link in article.select("a[href]"):
        address = str(link["href"])
        if address.startswith("#"):
            link["href"] = f"#{name}-{address[1:]}"
        elif address.startswith(("http://", "https://")):
            number = numbers.setdefault(address, len(numbers) + 1)
            mark = BeautifulSoup(f'<sup class="note">{number}</sup>', "html.parser")
            link.insert_after(mark)
        else:
            # Another notebook, or a file of the site: on paper it has no address of its own.
            link.unwrap()
    if not numbers:
        return ""
    lines = "".join(f"<li>{html.escape(address)}</li>" for address in numbers)
    return f'<section class="notes"><h2>Where the links lead</h2><ol>{lines}</ol></section>'


def paper_of(title: str, articles: Sequence[str], contents: str = "") -> str:
    """A whole document for the printer, which must lie in the site's folder as its pages do.

    Args:
        title: of the document.
        articles: one or several.
        contents: the first page, if there is one.
    """
    style = (resources.files("hmlib.course.printing") / "paper.css").read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head>"
        f"<body>{contents}{''.join(articles)}</body></html>"
    )
