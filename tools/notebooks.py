"""Run notebooks and clean them for a commit.

    python -m tools.notebooks run notebooks/02_*.ipynb

Every notebook is executed from top to bottom in a fresh kernel. Its outputs are kept; widget
state, widget views and times are not, since without a kernel a stored view opens as "model not
found". A notebook that fails is left as it was.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from hmlib.lab.foreseen import KEY

VIEW = "application/vnd.jupyter.widget-view+json"


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Remove what differs from run to run, what was predicted, what is dead without a kernel."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        cell.metadata.pop(KEY, None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(VIEW, None)
    return notebook


def execute(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """Run all cells in a fresh kernel whose working folder is the notebook's own."""
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        store_widget_state=False,
        # What is printed in one go stays so, however it was sent.
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    # A progress bar would leave its first state behind.
    return client.execute(env=os.environ | {"TQDM_DISABLE": "1"})


def run(path: Path) -> float:
    """Execute and clean one notebook in place; returns the seconds it took."""
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    execute(notebook, path.parent)
    seconds = time.perf_counter() - start
    nbformat.write(clean(notebook), path)
    return seconds


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    parser.add_argument("command", choices=["run"])
    parser.add_argument("paths", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    for path in options.paths:
        try:
            print(f"{path.name}: {run(path):.1f} s")
        except CellExecutionError as error:
            print(f"{path.name} failed and was left as it was.\n{error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
