"""How a claim's standing looks: a sign, its colour, and words where a claim has failed."""

from __future__ import annotations

from lstmviz.core.scenes.colors import Theme
from lstmviz.core.words.standing import Standing


def mark_color(standing: Standing, theme: Theme) -> str:
    """Return the colour of a standing; a true "is not" is as calm as the text beside it."""
    return {
        Standing.HOLDS: theme.good,
        Standing.IS_NOT: theme.muted,
        Standing.FAILED: theme.bad,
    }[standing]


def mark_cell(standing: Standing, theme: Theme) -> str:
    """Return the sign as the first cell of a table row; a failed claim's stands on its colour."""
    color = mark_color(standing, theme)
    ground = ""
    if standing is Standing.FAILED:
        color, ground = theme.card, f' bgcolor="{color}"'
    return f'<td align="center"{ground} style="color:{color}"><b>{standing.sign}</b></td>'


def failed_words(standing: Standing, theme: Theme) -> str:
    """Return what is said behind a claim that has failed; nothing behind one that has not."""
    if standing is not Standing.FAILED:
        return ""
    return f' <span style="color:{theme.bad}"><b>{standing.words} on this run</b></span>'
