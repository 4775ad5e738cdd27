"""What a saved notebook keeps of a lab: its picture and words, and what was predicted, not its dead
controls.

This is an extension of Jupyter Server, so that every server in an environment with hmlib, a hub's
too, saves labs in this way. `etc/jupyter/jupyter_server_config.d/hmlib.json` turns it on; to turn
it off: `jupyter server extension disable hmlib.lab.saving`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hmlib.lab import foreseen

VIEW = "application/vnd.jupyter.widget-view+json"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "hmlib.lab.saving"}]


def _load_jupyter_server_extension(server: Any) -> None:
    server.contents_manager.register_pre_save_hook(forget_views)


def forget_views(model: Any, **_: Any) -> None:
    """Remove the views of labs from a notebook that Jupyter is about to save, in place.

    Without its kernel a view opens as "model not found", and hides the picture beside it. What was
    predicted there goes into the metadata of the cell. Views that have no picture stay. What is not
    a valid notebook is for Jupyter to judge, and is let be.
    """
    for cell, output in _outputs(model):
        data = output.get("data")
        if isinstance(data, dict) and "image/png" in data:
            view = data.pop(VIEW, None)
            if isinstance(view, dict):
                foreseen.keep(cell, foreseen.noted(view.get("model_id")))


def _outputs(model: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every output of a notebook that has the shape of one, with its cell."""
    if not isinstance(model, dict) or model.get("type") != "notebook":
        return
    content = model.get("content")
    for cell in _records(content.get("cells") if isinstance(content, dict) else None):
        for output in _records(cell.get("outputs")):
            yield cell, output


def _records(values: Any) -> list[dict[str, Any]]:
    """Those members of a list that are dictionaries; none if it is no list."""
    if not isinstance(values, list):
        return []
    return [value for value in values if isinstance(value, dict)]
