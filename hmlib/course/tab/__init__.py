"""The course in a browser tab: JupyterLite, with Python and this library in the tab itself."""

from hmlib.course.tab.lite import FOLDER, link_to, make, run_here

__all__ = ["FOLDER", "link_to", "make", "run_here"]
