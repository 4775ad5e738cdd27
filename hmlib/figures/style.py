"""The one table of colours, line styles, markers and hatches.

The hues are those of Okabe & Ito, told apart by colour-blind readers; each role also has a line
style, a marker and a hatch of its own, so that no meaning hangs on colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.legend import Legend


@dataclass(frozen=True)
class Role:
    """How one quantity looks in every figure of the course."""

    colour: str
    line: str
    marker: str
    hatch: str


@dataclass(frozen=True)
class Style:
    """Colours of the page, and a `Role` for each quantity that is drawn."""

    paper: str
    ink: str
    faint: str
    roles: MappingProxyType[str, Role]
    ramp: tuple[str, ...]

    def __getitem__(self, role: str) -> Role:
        return self.roles[role]

    @property
    def colormap(self) -> LinearSegmentedColormap:
        """From low to high, the same order of brightness on light and dark pages."""
        return LinearSegmentedColormap.from_list("hmlib", self.ramp)

    def line(self, role: str) -> dict[str, Any]:
        """Keywords for a line of this role."""
        r = self[role]
        return {"color": r.colour, "linestyle": r.line, "linewidth": 2.0}

    def bar(self, role: str) -> dict[str, Any]:
        """Keywords for a bar of this role."""
        r = self[role]
        return {"facecolor": r.colour, "edgecolor": self.ink, "hatch": r.hatch, "linewidth": 0.6}

    def point(self, role: str) -> dict[str, Any]:
        """Keywords for a single marked point of this role."""
        r = self[role]
        return {
            "color": r.colour,
            "marker": r.marker,
            "markersize": 9,
            "markeredgecolor": self.ink,
            "linestyle": "none",
        }

    def dress(self, ax: Axes, title: str = "", x: str = "", y: str = "") -> Axes:
        """Give axes this page's colours, a title and labels."""
        ax.set_facecolor(self.paper)
        ax.set_title(title, color=self.ink, fontsize=10, loc="left")
        ax.set_xlabel(x, color=self.ink, fontsize=9)
        ax.set_ylabel(y, color=self.ink, fontsize=9)
        ax.tick_params(colors=self.ink, labelsize=8)
        for side, spine in ax.spines.items():
            spine.set_color(self.ink)
            spine.set_visible(side in ("left", "bottom"))
        return ax

    def legend(self, ax: Axes, **where: Any) -> Legend:
        """Give axes a small legend in this page's colours."""
        options: dict[str, Any] = {"fontsize": 8, "frameon": False, "labelcolor": self.ink} | where
        return ax.legend(**options)


_LOOKS = {
    # role: (light page, dark page, line, marker, hatch)
    "likelihood": ("#000000", "#f2f2f2", "--", "D", ""),
    "free_energy": ("#0072b2", "#56b4e9", "-", "o", ""),
    "gap": ("#d55e00", "#ff8c42", ":", "v", "////"),
    "posterior": ("#009e73", "#2fd6a3", "-", "s", ""),
    "recognition": ("#b87700", "#f0b429", "-.", "^", "...."),
    "energy": ("#cc79a7", "#e3a1c6", "-", "P", "xxxx"),
    "entropy": ("#2b8cc4", "#8fd0f5", ":", "X", "\\\\\\\\"),
    "data": ("#444444", "#cccccc", "-", "h", ""),
    "reversed": ("#6a3d9a", "#b79ce6", "-.", "<", "oo"),
    "dream": ("#882255", "#d98ab3", "--", "d", "++"),
}


def _style(page: int, paper: str, ink: str, faint: str, ramp: tuple[str, ...]) -> Style:
    roles = {name: Role(look[page], *look[2:]) for name, look in _LOOKS.items()}
    return Style(paper, ink, faint, MappingProxyType(roles), ramp)


THEMES: MappingProxyType[str, Style] = MappingProxyType(
    {
        "light": _style(
            0, "#ffffff", "#222222", "#d9d9d9", ("#17304f", "#0072b2", "#7fc4e8", "#fdf6d8")
        ),
        "dark": _style(
            1, "#111111", "#e6e6e6", "#444444", ("#0b1c33", "#0a5f94", "#69b7e0", "#fff3c4")
        ),
    }
)
