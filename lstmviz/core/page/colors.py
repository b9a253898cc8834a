"""The window's colours for a page: as style sheet variables, and as tables for its heatmaps."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Final

from lstmviz.core.scenes.colors import CURVES, DARK, LIGHT, Theme
from lstmviz.core.scenes.plots.colormap import Ramp, color_table

THEMES: Final = ("system", "light", "dark")
"""What a page can begin with; "system" is what the reader's system prefers."""


def variables() -> str:
    """Return the style sheet of both themes; paper is light."""
    light, dark = _declared(LIGHT), _declared(DARK)
    return (
        f":root{{color-scheme:light;--curve:{CURVES[0]};{light}}}\n"
        "@media screen and (prefers-color-scheme:dark){"
        f":root[data-theme=system]{{color-scheme:dark;{dark}}}}}\n"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n"
    )


def _declared(theme: Theme) -> str:
    colors = {name: value for name, value in asdict(theme).items() if isinstance(value, str)}
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in colors.items())


def tables() -> dict[str, dict[str, str]]:
    """Return the colour table of each theme and ramp, base64 of 256 rows of RGBA."""
    themes = {"light": LIGHT, "dark": DARK}
    return {
        name: {
            ramp.value: base64.b64encode(color_table(theme, ramp).tobytes()).decode()
            for ramp in Ramp
        }
        for name, theme in themes.items()
    }
