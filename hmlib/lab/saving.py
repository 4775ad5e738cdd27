"""What a saved notebook keeps of a lab: its picture and words, not its dead controls."""

from __future__ import annotations

from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"


def forget_views(model: dict[str, Any], **_: Any) -> None:
    """Remove the views of labs from a notebook that Jupyter is about to save, in place.

    Without its kernel a view opens as "model not found", and hides the picture beside it. Views
    that have no picture stay. For Jupyter's option `ContentsManager.pre_save_hook`.
    """
    content = model.get("content") if model.get("type") == "notebook" else None
    for cell in (content or {}).get("cells", []):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data.pop(VIEW, None)
