"""Every colour there is, light and dark, on screen and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lstmviz.core.contract import AxisKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Every colour of the window, as ``#rrggbb``.

    The four axis colours mean the same everywhere. `negative`, `zero` and `positive` are the ends
    and the middle of the diverging map; blue and orange stay apart for colour-blind eyes. `least`,
    `half` and `most` are the sequential map, which rests on lightness: all eyes see that.
    """

    is_dark: bool
    window: str
    panel: str
    card: str
    field: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    bad: str
    time: str
    batch: str
    features: str
    layers: str
    negative: str
    zero: str
    positive: str
    least: str
    half: str
    most: str
    absent: str
    box_front: str
    box_side: str
    box_top: str

    def axis(self, kind: AxisKind) -> str:
        """Return the colour of an axis kind."""
        return str(getattr(self, kind.value))


LIGHT: Final = Theme(
    is_dark=False,
    window="#f2f4f8",
    panel="#fbfcfe",
    card="#ffffff",
    field="#ffffff",
    line="#dde1e9",
    text="#161a22",
    muted="#5d6675",
    accent="#2563eb",
    on_accent="#ffffff",
    accent_soft="#e4ecfd",
    good="#0b7a4b",
    bad="#c32b2b",
    time="#1a5fd0",
    batch="#b45309",
    features="#0a7d5a",
    layers="#7c3aed",
    negative="#2b6be0",
    zero="#f7f8fb",
    positive="#e0662b",
    least="#f3f6f7",
    half="#5f9ea0",
    most="#1d2f52",
    absent="#e3e6ec",
    box_front="#e9ecf2",
    box_side="#d9dee8",
    box_top="#f3f5f9",
)

DARK: Final = Theme(
    is_dark=True,
    window="#16191f",
    panel="#1b1f26",
    card="#21262e",
    field="#1b1f26",
    line="#343b47",
    text="#edf0f5",
    muted="#98a2b3",
    accent="#5b9dff",
    on_accent="#0b1220",
    accent_soft="#24344f",
    good="#4cc38a",
    bad="#ff7b7b",
    time="#6cabff",
    batch="#f5a552",
    features="#53d3a6",
    layers="#c59bff",
    negative="#4a8df6",
    zero="#272c35",
    positive="#f08a4b",
    least="#272c35",
    half="#4f8f93",
    most="#e3f4e6",
    absent="#1a1d23",
    box_front="#333a45",
    box_side="#2a303a",
    box_top="#3d4551",
)

CURVES: Final = ("#d97706", "#2b6be0", "#0f9f76", "#a855f7", "#db2777", "#64748b")
"""Colours of single units over time; distinct in lightness too."""

ITEMS: Final = (
    "#2b6be0", "#e0662b", "#0f9f76", "#a855f7", "#d9a406", "#db2777", "#0891b2", "#7c8796",
)  # fmt: skip
"""Colours of batch items: neighbours differ in hue and in lightness; the ninth has the first's."""
