"""What a session is, and how it is saved: the spec, where the user was looking, and how."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from lstmviz.core.spec import BOUNDS, RunSpec, SpecError
from lstmviz.core.words.amounts import quoted, shown

if TYPE_CHECKING:
    from lstmviz.core.asking.looks import Looks
    from lstmviz.core.scenarios.choice import Choice
    from lstmviz.core.trace import Trace

FORMAT_VERSION: Final = 1


class SessionError(ValueError):
    """A saved session that cannot be read; the message is the sentence to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where the user is looking.

    Attributes
    ----------
    layer, direction, item, step, unit : int
        Indices into the trace's arrays; -1 for `layer` means the last.
    units : tuple of int
        Units drawn over time.
    """

    layer: int = -1
    direction: int = 0
    item: int = 0
    step: int = 9
    unit: int = 5
    units: tuple[int, ...] = (2, 5, 11)

    def moved(self, before: View, after: View) -> Self:
        """Return a copy with what differs between two views taken from the later one."""
        names = (item.name for item in fields(self))
        return replace(
            self,
            **{n: getattr(after, n) for n in names if getattr(after, n) != getattr(before, n)},
        )

    def fitted(self, trace: Trace) -> Self:
        """Return the nearest view that `trace` has; unchanged where it fits."""
        last = trace.num_layers - 1
        units = tuple(unit for unit in self.units if unit < trace.hidden_size)
        return replace(
            self,
            layer=last if not 0 <= self.layer <= last else self.layer,
            direction=min(self.direction, trace.num_directions - 1),
            item=min(self.item, trace.batch_size - 1),
            step=min(self.step, trace.seq_len - 1),
            unit=min(self.unit, trace.hidden_size - 1),
            units=units or (0,),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A spec, a view and perhaps a scenario, as saved between two starts and in files.

    Attributes
    ----------
    spec : RunSpec
        The single LSTM.
    view : View
    choice : Choice or None
        The scenario that is shown in its place.
    other_views : mapping of str to View
        Where the user was looking in what is not shown now, by the name of the scenario; an empty
        name is the single LSTM's.
    looks : Looks or None
        How the window stood; None where that was not saved.
    """

    spec: RunSpec = field(default_factory=RunSpec)
    view: View = field(default_factory=View)
    choice: Choice | None = None
    other_views: Mapping[str, View] = field(default_factory=dict)
    looks: Looks | None = None

    @property
    def views(self) -> dict[str, View]:
        """Where the user was looking in each, that of what is shown among them."""
        return {**self.other_views, self.choice.name if self.choice else "": self.view}

    def to_json(self) -> str:
        """Return the session as JSON text."""
        more: dict[str, Any] = {"scenario": self.choice.plain()} if self.choice else {}
        if self.other_views:
            more["other_views"] = {name: asdict(view) for name, view in self.other_views.items()}
        if self.looks:
            more["looks"] = asdict(self.looks)
        return json.dumps(
            {
                "lstmviz": FORMAT_VERSION,
                "settings": self.spec.settings(),
                "view": asdict(self.view),
                **more,
            },
            indent=2,
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises
        ------
        SessionError
            The text is no session, from a newer version, or holds settings that cannot be.
        """
        try:
            data = json.loads(text)
            _check_version(data["lstmviz"])
            return cls(
                spec=RunSpec.from_settings(data["settings"]),
                view=_view(data["view"]),
                choice=_choice(data.get("scenario")),
                # Older files have none.
                other_views=_views(data.get("other_views", {})),
                looks=_looks(data.get("looks")),
            )
        except SpecError as error:
            raise SessionError(error.sentence) from error
        except SessionError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SessionError("This is not a session that lstmviz saved.") from error


def _check_version(version: object) -> None:
    if version != FORMAT_VERSION:
        raise SessionError(
            f"This session has format {quoted(version)}; this lstmviz reads {FORMAT_VERSION}."
        )


def read_session(path: Path) -> Session:
    """Read a session file, or the session in a picture or page of ours, whatever its suffix.

    Raises
    ------
    SessionError
        There is none, with the reason.
    """
    # No start needs it, except one on a file.
    from lstmviz.core.files.carried import session_text
    from lstmviz.core.files.foreignfile import UnreadableFileError

    try:
        text = session_text(path)
    except UnreadableFileError as error:
        raise SessionError(str(error)) from error
    except UnicodeDecodeError:
        raise SessionError(f"{shown(path.name)} is not a session that lstmviz saved.") from None
    return Session.from_json(text)


_LAST: Final[dict[str, float]] = {
    "layer": BOUNDS["num_layers"].high - 1,
    "direction": 1,
    "item": BOUNDS["batch_size"].high - 1,
    "step": BOUNDS["seq_len"].high - 1,
    "unit": BOUNDS["hidden_size"].high - 1,
    "units": BOUNDS["hidden_size"].high - 1,
}
_MOST_UNITS: Final = 64
_MOST_VIEWS: Final = 64


def _choice(data: Any) -> Choice | None:
    if data is None:
        return None
    # Most sessions have none, and a start must not wait for all scenarios to load.
    from lstmviz.core.scenarios.choice import Choice

    return Choice.from_plain(data)


def _looks(data: Any) -> Looks | None:
    if data is None:
        return None
    from lstmviz.core.asking.looks import Looks

    return Looks.from_plain(data)


def _views(data: dict[str, Any]) -> dict[str, View]:
    if len(data) > _MOST_VIEWS:
        raise ValueError("other_views")
    return {name: _view(view) for name, view in data.items()}


def _view(data: dict[str, Any]) -> View:
    read: dict[str, Any] = {}
    for name in data.keys() & _LAST.keys():
        numbers = data[name] if name == "units" else [data[name]]
        least = -1 if name == "layer" else 0
        if not isinstance(numbers, list) or len(numbers) > _MOST_UNITS:
            raise ValueError(name)
        if not all(type(n) is int and least <= n <= _LAST[name] for n in numbers):
            raise ValueError(name)
        read[name] = tuple(numbers) if name == "units" else data[name]
    return View(**read)
