"""Pure drawing: pictures whose artists are made once and then only moved.

A picture is given a record of numbers and computes nothing. Colours, line styles and markers
come from one table, for light and for dark pages.
"""

from hmlib.figures.picture import Picture
from hmlib.figures.progress import Progress
from hmlib.figures.style import THEMES, Role, Style

__all__ = ["THEMES", "Picture", "Progress", "Role", "Style"]
