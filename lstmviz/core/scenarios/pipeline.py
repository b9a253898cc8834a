"""A run as a line of stages: what goes in, then every submodule with what comes out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from lstmviz.core.contract import AxisKind

if TYPE_CHECKING:
    from lstmviz.core.trace import Port, Run, Stage

CALLS: Final = "calls"
"""Symbol of the axis that joins repeated calls of one stage."""

_KINDS: Final = {
    "N": AxisKind.BATCH,
    "L": AxisKind.TIME,
    "Σ lengths": AxisKind.TIME,
    "D·num_layers": AxisKind.LAYERS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLink:
    """One stage of the line.

    Attributes
    ----------
    stage : str
        Path of the submodule; empty for what goes into the model.
    title : str
        Its name, or the names of the inputs.
    kind : str
        Its class, or ``"input"``.
    axes : tuple of str
        Of its first tensor: symbols, empty where the axis has no name.
    shape : tuple of int
    calls : int
        How often it was called.
    trace : int or None
        Index into the run's traces where it is an LSTM that can be opened.
    tensors : tuple of str
        Every tensor that it takes and gives, in words.
    """

    stage: str
    title: str
    kind: str
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    calls: int = 1
    trace: int | None = None
    tensors: tuple[str, ...] = ()


def kind_of(symbol: str) -> AxisKind | None:
    """Return what an axis counts by its symbol; None for one without a name."""
    plain = symbol.lstrip("≤")
    return _KINDS.get(plain, AxisKind.FEATURES) if plain else None


def pipeline(run: Run) -> tuple[StageLink, ...]:
    """Return the stages of `run` in order; neighbours that differ in nothing are joined."""
    links: list[StageLink] = []
    for stage in run.stages:
        link = _of_model(stage) if not stage.name and stage.trace is None else _of_stage(stage)
        last = links[-1] if links else None
        if last and link.trace is None and replace(last, calls=link.calls) == link:
            links[-1] = replace(last, calls=last.calls + link.calls)
        else:
            links.append(link)
    return tuple(_numbered(links))


def _numbered(links: list[StageLink]) -> Iterator[StageLink]:
    """Tell calls of one LSTM apart that are not joined, because each has its own state."""
    counts = Counter(link.stage for link in links if link.trace is not None)
    seen: Counter[str] = Counter()
    for link in links:
        if link.trace is None or counts[link.stage] == 1:
            yield link
        else:
            seen[link.stage] += 1
            yield replace(link, kind=f"{link.kind}, call {seen[link.stage]}")


def _of_model(stage: Stage) -> StageLink:
    first = stage.inputs[0] if stage.inputs else None
    return StageLink(
        stage=stage.name,
        title=", ".join(port.name for port in stage.inputs) or stage.kind,
        kind="input",
        axes=first.axes if first else (),
        shape=first.shape if first else (),
        tensors=_tensors(stage),
    )


def _of_stage(stage: Stage) -> StageLink:
    port = (stage.outputs or stage.inputs or (None,))[0]
    axes, shape = (port.axes, port.shape) if port else ((), ())
    calls = 1
    if axes and axes[0] == CALLS:
        calls, axes, shape = shape[0], axes[1:], shape[1:]
    return StageLink(
        stage=stage.name,
        title=stage.name or stage.kind,
        kind=stage.kind,
        axes=axes,
        shape=shape,
        calls=calls,
        trace=stage.trace,
        tensors=_tensors(stage),
    )


def _tensors(stage: Stage) -> tuple[str, ...]:
    takes = tuple(f"takes {_in_words(port)}" for port in stage.inputs)
    return takes + tuple(f"gives {_in_words(port)}" for port in stage.outputs)


def _in_words(port: Port) -> str:
    symbols = ", ".join(symbol or "·" for symbol in port.axes)
    return f"{port.name}  ({symbols}) = {port.shape} {port.dtype}"
