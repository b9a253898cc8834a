"""Which results of a scenario are drawn together, and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstmviz.core.scenarios.results import Result

TIMES = ("L", "year")
"""Axes along which time runs."""


class Form(StrEnum):
    """How numbers are drawn."""

    NUMBER = "number"
    CURVES = "curves"
    BARS = "bars"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Results that share one drawing.

    Attributes
    ----------
    key : str
        The same in every run of a scenario that has these results.
    title : str
    form : Form
    results : tuple of Result
        Several only for curves.
    """

    key: str
    title: str
    form: Form
    results: tuple[Result, ...]

    @property
    def is_wide(self) -> bool:
        """Whether it takes the whole width: whatever runs along time."""
        return self.form is Form.CURVES or bool(set(self.results[0].axes) & set(TIMES))

    def shows(self, name: str) -> bool:
        """Return whether the result called `name` is drawn here."""
        return any(result.name == name for result in self.results)


def sheets(results: tuple[Result, ...]) -> tuple[Sheet, ...]:
    """Return `results` as sheets, in their order: curves that belong together share one."""
    found = []
    for key, group in groupby(results, key=_key):
        together = tuple(group)
        title = together[0].title if len(together) == 1 else _common(key)
        found.append(
            Sheet(key=key, title=title, form=form_of(together[0]), results=together),
        )
    return tuple(found)


def form_of(result: Result) -> Form:
    """Return how `result` is drawn."""
    if result.values.ndim == 0 or result.values.dtype == bool:
        return Form.NUMBER
    if result.values.ndim > 1:
        return Form.MAP
    return Form.CURVES if result.axes[0] in TIMES else Form.BARS


def _key(result: Result) -> str:
    if form_of(result) is not Form.CURVES:
        return result.name
    if result.axes[0] != "L":
        return result.axes[0]
    return result.name.partition("_")[0]


def _common(key: str) -> str:
    return "Year by year" if key == "year" else key.capitalize()
