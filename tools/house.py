"""Draw the house: the rooms of `hmlib` and what each imports.

    python -m tools.house            print the arrows
    python -m tools.house --write    draw them into docs/house.md

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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "house.md"
PACKAGE = "hmlib"

ENGINES = ("figures", "lab", "check")
SHARED = "course"
"""The room of what several notebooks share."""

NOTEBOOKS = "nb00 to nb10"
"""How the notebooks' folders are called in the drawing."""

FLOORS = ("course", "engines", "mathematics")
"""From the roof to the ground."""


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
    """The house as a Mermaid flow chart, which GitHub and JupyterLab draw."""
    pairs = {(_shown(a), _shown(b)) for a, b in arrows() if _shown(a) != _shown(b)}
    rooms = sorted({name for pair in pairs for name in pair})
    lines = ["```mermaid", "flowchart TD"]
    for part in FLOORS:
        lines.append(f'    subgraph floor_{part}["{part}"]')
        lines += [
            f'        {_key(name)}["{_label(name)}"]' for name in rooms if floor(name) == part
        ]
        lines.append("    end")
    lines += [f"    {_key(a)} --> {_key(b)}" for a, b in drawn(pairs)]
    return "\n".join([*lines, "```"])


def _shown(name: str) -> str:
    """The notebooks' folders are one room of the drawing."""
    return NOTEBOOKS if name.startswith("nb") else name


def _label(name: str) -> str:
    return "shared by notebooks" if name == SHARED else name


def _key(name: str) -> str:
    return name.replace(" ", "_")


def page(text: str) -> str:
    """A page with the drawing of today in place of the one it has."""
    before, _, rest = text.partition("```mermaid\n")
    _, fence, after = rest.partition("\n```")
    if not fence:
        raise ValueError(f"{PAGE.name} has no drawing; accepted: one block of ```mermaid")
    return before + drawing() + after


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.house", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"draw them into {PAGE.name}")
    options = parser.parse_args(arguments)
    found = circle(imports())
    if found:
        print("A circle of imports: " + " -> ".join([*found, found[0]]), file=sys.stderr)
        return 1
    if options.write:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"{PAGE.name} has the drawing of today")
        return 0
    for a, b in sorted(arrows()):
        print(f"{a} -> {b}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
