"""Carry what you typed from your old notebooks into a new version of the course.

OLD is the folder of your notebooks, NEW the notebooks of the new version. The result is written
into NEW, or into DIR with --out; with --out OLD your old files are put into a folder
before-update-1 first. No text is lost: what has no place of its own is put beside where it stood,
and told.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from pathlib import Path

from hmlib.course.carrying import Given, carry, committed, fingerprints, read, remembered


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed after `update`."""
    parser.add_argument("old", metavar="OLD", type=Path, help="your notebooks, or their course")
    parser.add_argument("new", metavar="NEW", type=Path, help="the new ones, or their course")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the result goes: NEW")
    parser.add_argument(
        "--base", metavar="DIR", type=Path, help="OLD as it was handed out, if you have it"
    )


def run(options: argparse.Namespace) -> int:
    """Carry everything over, and say what became of it."""
    old, new = folder_of("OLD", options.old), folder_of("NEW", options.new)
    base = folder_of("--base", options.base) if options.base else None
    if old.resolve() == new.resolve():
        raise ValueError(f"OLD and NEW are both {str(old)!r}; accepted: two folders")
    bring_over(old, new, options.out or new, base)
    return 0


def bring_over(old: Path, new: Path, out: Path, base: Path | None = None) -> None:
    """Write the new notebooks with what was typed in the old ones, and say what became of it.

    Args:
        old, new: folders with notebooks.
        out: where the result goes; may be either of them.
        base: the old ones as they were handed out, if that is known.

    Raises:
        ValueError: if a notebook cannot be read; nothing is written then.
    """
    made = {}
    for path in sorted(new.glob("*.ipynb")):
        mine = mine_of(path, old)
        if mine is not None:
            was, now = read(mine), read(path)
            pristine = remembered(now) or committed(path)
            made[path.name] = mine.name, carry(was, now, _given(mine, was, base), pristine or None)
    out.mkdir(parents=True, exist_ok=True)
    in_place = out.resolve() == old.resolve()
    if in_place:
        print(f"What you had is in {_put_away(old)}.")
    for name, (was_called, done) in made.items():
        write(out / name, json.dumps(done.notebook, indent=1, ensure_ascii=False) + "\n")
        places = f"{done.taken} answers and changes in their places"
        print(f"{name}: {places}, {done.own} cells of your own.")
        for sentence in done.told:
            print(f"    Look: {sentence}.")
        if in_place and was_called != name:
            (old / was_called).unlink()
    for path in sorted(new.glob("*.ipynb")):
        if path.name not in made and out.resolve() != new.resolve():
            shutil.copyfile(path, out / path.name)
            print(f"{path.name}: new.")
    if not in_place:
        _rest(old, out, {was_called for was_called, _ in made.values()})


def folder_of(name: str, folder: Path) -> Path:
    """Where the notebooks of a folder are: in it, or in its own folder `notebooks`.

    Raises:
        ValueError: if there are none.
    """
    for place in (folder / "notebooks", folder):
        if list(place.glob("[0-9][0-9]_*.ipynb")):
            return place
    raise ValueError(f"{name} is {str(folder)!r}, which has no notebooks; accepted: a folder")


def mine_of(path: Path, old: Path) -> Path | None:
    """The student's notebook of the same name, else of the same number."""
    same = old / path.name
    numbered = re.match(r"\d\d_", path.name)
    found = sorted(old.glob(f"{numbered[0]}*.ipynb")) if numbered else []
    return same if same.exists() else found[0] if found else None


def _given(mine: Path, was: dict[str, object], base: Path | None) -> Given:
    """The fingerprints of a notebook when it was handed out."""
    if base is not None:
        there = mine_of(mine, base)
        return fingerprints(read(there)) if there else {}
    return remembered(was) or committed(mine)


def _put_away(old: Path) -> Path:
    """Copy the notebooks of a folder into a new folder in it."""
    count = 1
    while (old / f"before-update-{count}").exists():
        count += 1
    kept = old / f"before-update-{count}"
    kept.mkdir()
    for path in old.glob("*.ipynb"):
        shutil.copy2(path, kept / path.name)
    return kept


def write(path: Path, text: str) -> None:
    """Write a file in two steps, so that an interruption leaves no half of it."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _rest(old: Path, out: Path, carried: set[str]) -> None:
    """Copy notebooks that are the student's alone, and name the files that stay where they are."""
    for path in sorted(old.glob("*.ipynb")):
        if path.name not in carried and not (out / path.name).exists():
            shutil.copyfile(path, out / path.name)
            print(f"{path.name}: copied, it is yours alone.")
    others = [path.name for path in sorted(old.iterdir()) if path.suffix != ".ipynb"]
    others = [name for name in others if not name.startswith((".", "__", "before-update"))]
    if others:
        print(f"These stay in {old}: {', '.join(others)}.")
