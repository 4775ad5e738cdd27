"""What the cells of a notebook need of one another, read off their sources."""

from __future__ import annotations

import ast
from collections.abc import Mapping


def assigned(tree: ast.Module) -> set[str]:
    """Names that a cell leaves behind for other cells; loop variables are not meant to stay."""
    names = set()
    for line in tree.body:
        if isinstance(line, ast.FunctionDef | ast.ClassDef):
            names.add(line.name)
        targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
        if isinstance(line, ast.Assign | ast.AugAssign | ast.AnnAssign):
            names |= {
                node.id for t in targets for node in ast.walk(t) if isinstance(node, ast.Name)
            }
    return names


def needed(sources: Mapping[int, str], wanted: set[int]) -> list[int]:
    """The cells that some cells need, with themselves and the first, which imports; in order."""
    trees = {place: ast.parse(source) for place, source in sources.items()}
    makers = {name: place for place, tree in trees.items() for name in assigned(tree)}
    found, waiting = {min(trees)}, set(wanted)
    while waiting:
        place = waiting.pop()
        found.add(place)
        used = {node.id for node in ast.walk(trees[place]) if isinstance(node, ast.Name)}
        waiting |= {makers[name] for name in used if name in makers} - found
    return sorted(found)
