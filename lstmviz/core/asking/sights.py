"""Where the user looks, in each of what can be shown: the single LSTM, and every scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lstmviz.core.asking.session import View

if TYPE_CHECKING:
    from lstmviz.core.trace import Trace


class Sights:
    """Views by the name of what they are of; an empty name is the single LSTM's.

    A view is kept as it was chosen and fitted anew to every run: what a smaller run lacks comes
    back with a larger one, and one scenario does not change where another is looked at.

    Parameters
    ----------
    chosen : mapping of str to View
    name : str
        What is shown.

    Attributes
    ----------
    name : str
        What is shown.
    view : View
        Where the user looks in it; fits the run shown.
    """

    def __init__(self, chosen: Mapping[str, View], name: str) -> None:
        self._chosen = dict(chosen)
        self.name = name
        self.view = self._chosen.get(name, View())

    def replace_all(self, chosen: Mapping[str, View], trace: Trace | None) -> None:
        """Take other views for everything."""
        self._chosen = dict(chosen)
        self._fit(trace)

    def show(self, name: str, trace: Trace) -> None:
        """Look at a run of `name`."""
        self.name = name
        self._fit(trace)

    def look(self, view: View, trace: Trace | None, **places: Any) -> None:
        """Look elsewhere: at `view`, of which `places` were named and the rest stayed.

        What was not named, and does not differ from where the user looks, stays as it was chosen.
        """
        fitted = view.fitted(trace) if trace else view
        chosen = self._chosen.get(self.name, View()).moved(self.view, fitted)
        named = {place: getattr(fitted, place) for place in places}
        self._chosen[self.name] = replace(chosen, **named)
        self.view = fitted

    def all_but(self, name: str) -> dict[str, View]:
        """Return every view that was chosen, but for that of `name`."""
        return {other: view for other, view in self._chosen.items() if other != name}

    def of(self, name: str) -> View:
        """Return where the user looks in `name`, or will once it is shown."""
        return self.view if name == self.name else self._chosen.get(name, View())

    def all(self) -> dict[str, View]:
        """Return every view that was chosen."""
        return dict(self._chosen)

    def _fit(self, trace: Trace | None) -> None:
        chosen = self._chosen.get(self.name, View())
        self.view = chosen.fitted(trace) if trace else chosen
        if trace and chosen.layer < 0:
            # The last layer is what is meant by that once, and not of every later run.
            self._chosen[self.name] = replace(chosen, layer=self.view.layer)
