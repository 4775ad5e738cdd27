"""The course in a browser tab: JupyterLite, with Python and this library in the tab itself."""

from hmlib.course.tab.lite import (
    FOLDER,
    FROM_A_DISK,
    cells_run_there,
    link_to,
    make,
    run_here,
    to_the_notebook,
)

__all__ = [
    "FOLDER", "FROM_A_DISK", "cells_run_there", "link_to", "make", "run_here", "to_the_notebook",
]  # fmt: skip
