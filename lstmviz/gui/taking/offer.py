"""What can be taken at one place of a view."""

from __future__ import annotations

from dataclasses import dataclass, field

from lstmviz.core.taken import NumberTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offer:
    """What a menu at one place offers.

    Attributes
    ----------
    view : str
        The figure that shows the same: a `figures.spec.FigureView`.
    texts : tuple of (str, str)
        What an entry is called, and what it puts on the clipboard.
    table : NumberTable or None
        What the plot is drawn from.
    seen : range or None
        The rows in sight, where these are not all.
    """

    view: str
    texts: tuple[tuple[str, str], ...] = ()
    table: NumberTable | None = field(default=None, repr=False)
    seen: range | None = None
