"""Find the sentences of a notebook that say something general: ``python -m tools.claims 04``.

Such a sentence is proved, enumerated, counted or seen, or it is no claim but a definition or a
piece of advice. ``tests/claims/nb04.toml`` says which, sentence by sentence, and what stands behind
it. This prints an entry, to be filled in, for every sentence that is not there yet.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from hmlib import check

ROOT = Path(__file__).resolve().parent.parent

GENERAL = re.compile(
    r"\b(always|never|cannot|can't|every|everywhere|whenever|whatever|wherever|however|must|because|"
    r"the reason|that is why|impossible|at most|at least|guarantee\w*|in general|no matter|nobody|"
    r"nothing|none|all|any|only|exactly)\b",
    re.IGNORECASE,
)
"""Words that make a sentence say more than what was seen."""

_END = re.compile(r"(?<=[.!?:;])[\"')\]]*\s+(?=\S)")
_FRAME = re.compile(r"^(#+ |- |\* |\d+\. |> |\| )|\*\*")


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text with Markdown, spaces made single."""
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*#>|]|\d+\.) ?)", text):
        plain = " ".join(_FRAME.sub("", line.strip()) for line in block.splitlines())
        yield from (s for s in _END.split(" ".join(plain.split())) if s)


def texts(number: str) -> Iterator[str]:
    """What a student reads of one notebook: its cells, questions, labs, and pictures in words."""
    (notebook,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            yield "".join(cell["source"])
    room = ROOT / "hmlib" / "course" / f"nb{number}"
    yield printed(number, (room / "questions.md").read_text(encoding="utf-8"))
    for path in sorted(room.glob("*.py")):
        if path.stem not in {"checks", "variants", "solutions", "records"}:
            yield from spoken(ast.parse(path.read_text(encoding="utf-8")))


def printed(number: str, prose: str) -> str:
    """Questions with the numbers that are printed in the course in place of {name}."""
    values = {question.id: question.values for question in check.questions(number)}
    before, *parts = re.split(r"^(?=## )", prose, flags=re.MULTILINE)
    filled = []
    for part in parts:
        stands = values[part.split()[1]]
        filled.append(re.sub(r"\{(\w+)\}", lambda m, v=stands: v.get(m[1], m[0]), part))
    return before + "".join(filled)


def spoken(tree: ast.AST) -> Iterator[str]:
    """The texts in a module that are spoken: strings of several words, but no docstrings."""
    silent = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in node.values}
            parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if id(node) not in silent and len(text.split()) > 3:
            yield text


def general(number: str) -> list[str]:
    """The general sentences of one notebook, each once, in the order in which they stand."""
    found = (s for text in texts(number) for s in sentences(text) if GENERAL.search(s))
    return list(dict.fromkeys(found))


def main() -> None:
    """Print an entry for every general sentence that is not listed yet."""
    parser = argparse.ArgumentParser(prog="python -m tools.claims", description=__doc__)
    numbers = [f"{number:02}" for number in range(11)]
    parser.add_argument("numbers", nargs="+", choices=numbers, metavar="NN", help="notebooks")
    for number in parser.parse_args().numbers:
        path = ROOT / "tests" / "claims" / f"nb{number}.toml"
        listed = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        known = {entry["says"] for entry in listed.get("sentence", [])}
        for sentence in general(number):
            if sentence not in known:
                print(f"[[sentence]]\nsays = {json.dumps(sentence, ensure_ascii=False)}")
                print('kind = ""\nby = ""\n')


if __name__ == "__main__":
    main()
