"""Which results of a scenario are drawn together, and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from lstmviz.core.words.rounding import rounded

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
    names : tuple of str
        What each of several is called; its title without what all titles have in common.
    """

    key: str
    title: str
    form: Form
    results: tuple[Result, ...]
    names: tuple[str, ...] = ()

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
        title, names = _named(key, [result.title for result in together])
        form = form_of(together[0])
        found.append(Sheet(key=key, title=title, form=form, results=together, names=names))
    return tuple(found)


def numbers_of(results: tuple[Result, ...]) -> list[tuple[str, str]]:
    """Return title and words of the results that are single numbers, or yes and no."""
    said = []
    for result in results:
        values = result.values
        if values.dtype == bool:
            said.append((result.title, f"{int(values.sum())} of {values.size}"))
        elif values.ndim == 0:
            said.append((result.title, rounded(float(values))))
    return said


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


def _named(key: str, titles: list[str]) -> tuple[str, tuple[str, ...]]:
    """Return what titles have in common, and what is left of each."""
    if len(titles) == 1:
        return titles[0], ()
    tails = {title.partition(": ")[2] for title in titles}
    if len(tails) == 1 and "" not in tails:
        return tails.pop().capitalize(), tuple(title.partition(": ")[0] for title in titles)
    heads = {title.rpartition(", ")[0] for title in titles}
    if len(heads) == 1 and "" not in heads:
        return heads.pop(), tuple(title.rpartition(", ")[2] for title in titles)
    return "Year by year" if key == "year" else key.capitalize(), tuple(titles)
