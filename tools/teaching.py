"""Write the pages of docs/teaching that are made from questions and papers.

    python -m tools.teaching --write

Without --write it says which of them are not of today.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hmlib.course.lessons.handouts import for_everyone

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "teaching"


def old_pages() -> list[Path]:
    """Pages that are not as they would be made now."""
    return [
        FOLDER / name
        for name, text in for_everyone().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.teaching", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write them")
    options = parser.parse_args(arguments)
    old = old_pages()
    for path in old:
        if options.write:
            path.write_text(for_everyone()[path.name], encoding="utf-8", newline="\n")
        print(f"{path.name} {'is written' if options.write else 'is not of today'}")
    return 0 if options.write or not old else 1


if __name__ == "__main__":
    sys.exit(main())
