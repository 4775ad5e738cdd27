"""Draw the house: the rooms of `hmlib` and what each imports.

    python -m tools.house            print the arrows
    python -m tools.house --write    draw them into docs/house.svg

A room is a folder or a file of `hmlib`; in the course it is a notebook's folder, and all that
notebooks share is one room. Arrows are read from the imports, those inside functions and those for
type checkers included. An arrow is left out of the drawing where a longer way leads there too.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DRAWING = ROOT / "docs" / "house.svg"
PACKAGE = "hmlib"

ENGINES = ("figures", "lab", "check")
SHARED = "course"
"""The room of what several notebooks share."""

BOX, GAP, LEVEL = (104, 30), 14, 76
"""Width and height of a room, the space between two, and from floor to floor, in pixels."""


def floor(room: str) -> str:
    """Where a room lies: in the mathematics, the engines or the course."""
    if room == SHARED or room.startswith("nb"):
        return "course"
    return "engines" if room in ENGINES else "mathematics"


def modules() -> dict[str, Path]:
    """Every module of the package, by its dotted name."""
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room(module: str) -> str:
    """The room of a module; empty for the door, `hmlib` itself."""
    _, *inside = module.split(".")
    if not inside:
        return ""
    if inside[0] != "course":
        return inside[0]
    notebook = len(inside) > 1 and inside[1].startswith("nb")
    return inside[1] if notebook else SHARED


@cache
def imports() -> tuple[tuple[str, str], ...]:
    """Pairs of modules of which the first imports the second."""
    known = modules()
    pairs = set()
    for name, path in known.items():
        for target in _imported(ast.parse(path.read_text(encoding="utf-8"))):
            while target not in known and "." in target:
                target = target.rpartition(".")[0]
            if target in known and target != name:
                pairs.add((name, target))
    return tuple(sorted(pairs))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows() -> set[tuple[str, str]]:
    """Pairs of rooms of which the first imports the second."""
    pairs = {(room(a), room(b)) for a, b in imports()}
    return {(a, b) for a, b in pairs if a and b and a != b}


def circle(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The names along one circle of arrows; empty if there is none."""
    onward: dict[str, list[str]] = {}
    for a, b in sorted(pairs):
        onward.setdefault(a, []).append(b)
    done: set[str] = set()

    def search(name: str, way: list[str]) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in done:
            return []
        for other in onward.get(name, ()):
            if found := search(other, [*way, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(onward) if (found := search(name, []))), [])


def levels(pairs: set[tuple[str, str]]) -> dict[str, int]:
    """How many rooms lie below each, along the longest way down."""
    below: dict[str, set[str]] = {}
    for a, b in pairs:
        below.setdefault(a, set()).add(b)
        below.setdefault(b, set())
    heights: dict[str, int] = {}

    def height(name: str) -> int:
        if name not in heights:
            heights[name] = 1 + max((height(other) for other in below[name]), default=-1)
        return heights[name]

    for name in below:
        height(name)
    # Each floor begins above the one below it.
    base = 0
    for part in ("mathematics", "engines", "course"):
        rooms = [name for name in heights if floor(name) == part]
        lift = max(0, base - min((heights[name] for name in rooms), default=base))
        for name in rooms:
            heights[name] += lift
        base = max((heights[name] for name in rooms), default=base - 1) + 1
    return heights


def drawn(pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows without those that a longer way replaces."""
    onward: dict[str, set[str]] = {}
    for a, b in pairs:
        onward.setdefault(a, set()).add(b)

    @cache
    def reached(name: str) -> frozenset[str]:
        below = onward.get(name, set())
        return frozenset(below).union(*(reached(other) for other in below))

    return sorted(
        (a, b) for a, b in pairs if not any(b in reached(other) for other in onward[a] - {b})
    )


def drawing() -> str:
    """The house as SVG: the course above, the mathematics below, an arrow to what is imported."""
    pairs = arrows()
    heights = levels(pairs)
    rows: dict[int, list[str]] = {}
    for name in sorted(heights):
        rows.setdefault(heights[name], []).append(name)
    width = max(len(row) for row in rows.values()) * (BOX[0] + GAP) + GAP
    top = max(rows)
    places = {}
    for level, row in rows.items():
        left = (width - len(row) * (BOX[0] + GAP) + GAP) / 2
        for k, name in enumerate(row):
            places[name] = (left + k * (BOX[0] + GAP), GAP + (top - level) * LEVEL)
    height = GAP + top * LEVEL + BOX[1] + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'font-family="sans-serif" font-size="13" role="img">',
        "<title>The rooms of hmlib; an arrow leads to what is imported</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#666"/></marker></defs>',
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
    ]
    for a, b in drawn(pairs):
        (xa, ya), (xb, yb) = places[a], places[b]
        x1, y1, x2, y2 = xa + BOX[0] / 2, ya + BOX[1], xb + BOX[0] / 2, yb
        bend = (y2 - y1) / 2
        lines.append(
            f'<path d="M{x1:g} {y1:g} C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2:g}" '
            'fill="none" stroke="#999" marker-end="url(#tip)"/>'
        )
    fills = {"mathematics": "#d5e8f5", "engines": "#fbe6c8", "course": "#d6efe2"}
    for name, (x, y) in places.items():
        lines.append(
            f'<rect x="{x:g}" y="{y:g}" width="{BOX[0]}" height="{BOX[1]}" rx="5" '
            f'fill="{fills[floor(name)]}" stroke="#444"/>'
            f'<text x="{x + BOX[0] / 2:g}" y="{y + 20:g}" text-anchor="middle" fill="#222">'
            f"{escape(name)}</text>"
        )
    return "\n".join([*lines, "</svg>"]) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.house", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"draw {DRAWING.name}")
    options = parser.parse_args(arguments)
    found = circle(imports())
    if found:
        print("A circle of imports: " + " -> ".join([*found, found[0]]), file=sys.stderr)
        return 1
    if options.write:
        DRAWING.write_text(drawing(), encoding="utf-8")
        print(f"docs/{DRAWING.name} is drawn")
        return 0
    for a, b in sorted(arrows()):
        print(f"{a} -> {b}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
