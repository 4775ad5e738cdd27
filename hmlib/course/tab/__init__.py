"""The course in a browser tab: JupyterLite, with Python and this library in the tab itself."""

from hmlib.course.tab.lite import FOLDER, FROM_A_DISK, link_to, make, run_here

__all__ = ["FOLDER", "FROM_A_DISK", "link_to", "make", "run_here"]
