"""What was predicted in a lab, from the kernel to the saved notebook.

The kernel notes a prediction in a small file of Jupyter's own folder for what runs now, under the
id of the lab's view. The server that saves the notebook finds it there by the view that it takes
away, and writes it into the cell's metadata: `{"hmlib": {"predictions": {title: prediction}}}`. So
it is kept wherever kernel and server share a home, on a hub too, and nowhere else.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

KEY = "hmlib"
"""Under which a cell's metadata has its predictions."""
FOLDER = "hmlib-predictions"
DAYS = 90
"""After so many without a look, a note is removed."""

_ID = re.compile(r"[0-9a-zA-Z-]{8,64}")


def note(view: str, title: str, prediction: str) -> None:
    """Note a prediction, if this is a kernel; where that cannot be done, it is not kept.

    Args:
        view: id of the lab's view.
        title: of the lab.
        prediction: one of the options.
    """
    if not _in_a_kernel() or not _ID.fullmatch(view):
        return
    with contextlib.suppress(OSError, ImportError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        _forget_old(folder)
        told = {"lab": title, "prediction": prediction}
        (folder / f"{view}.json").write_text(json.dumps(told), encoding="utf-8")


def noted(view: object) -> dict[str, str]:
    """Title -> prediction of the lab of a view; empty if none was noted."""
    if not isinstance(view, str) or not _ID.fullmatch(view):
        return {}
    try:
        told = json.loads((_folder() / f"{view}.json").read_text(encoding="utf-8"))
        return {str(told["lab"]): str(told["prediction"])}
    except (OSError, ImportError, ValueError, KeyError, TypeError):
        return {}


def kept(cell: Any) -> dict[str, str]:
    """Title -> prediction, as the metadata of a cell have them, whoever wrote them."""
    about = cell.get("metadata") if isinstance(cell, dict) else None
    own = about.get(KEY) if isinstance(about, dict) else None
    told = own.get("predictions") if isinstance(own, dict) else None
    if not isinstance(told, dict):
        return {}
    return {
        title: said for title, said in told.items() if isinstance(title, str) and type(said) is str
    }


def keep(cell: dict[str, Any], predictions: dict[str, str]) -> None:
    """Write predictions into the metadata of a cell, beside those that it has."""
    if not predictions:
        return
    about = cell.setdefault("metadata", {})
    if isinstance(about, dict):
        about[KEY] = {"predictions": kept(cell) | predictions}


def _in_a_kernel() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def _folder() -> Path:
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir()) / FOLDER


def _forget_old(folder: Path) -> None:
    oldest = time.time() - DAYS * 86400
    for path in folder.glob("*.json"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
