"""What a step of a tour points at, in the numbers of the run shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lstmviz.core.cells import OPENED_NAMES
from lstmviz.core.contract import contract
from lstmviz.core.region import Region

if TYPE_CHECKING:
    from lstmviz.core.geometry import Geometry
    from lstmviz.core.scenarios.parts import Pointer, Settings
    from lstmviz.core.trace import Run, Stage, Trace

PACKED: Final = ("input.data", "input.batch_sizes")
"""Tensors of a stage that are drawn as the picture of the packed data."""

_OUTER: Final = ("input", "h_0", "c_0", "output", "h_n", "c_n")


def stage_at(pointer: Pointer, run: Run) -> Stage | None:
    """Return the stage that `pointer` names; None where it names a result or this run has none."""
    if pointer.result:
        return None
    return next((stage for stage in run.stages if stage.name == pointer.stage), None)


def regions_at(
    pointer: Pointer, settings: Settings, trace: Trace, geometry: Geometry
) -> tuple[Region, ...]:
    """Return the parts of the tensors of `trace` that `pointer` points at.

    Nothing for a stage as a whole, for a result, for packed data, and for a part that this run
    does not have.

    Parameters
    ----------
    pointer : Pointer
        Its stage is the one that `trace` is of.
    settings : mapping
        Of the scenario.
    trace : Trace
    geometry : Geometry
        The trace's own sizes.
    """
    if pointer.tensor in OPENED_NAMES:
        shape = trace.array(pointer.tensor).shape
    elif pointer.tensor in _OUTER:
        shape = contract(geometry).tensor(pointer.tensor).shape
    else:
        return ()
    region = pointer.region(shape, settings)
    return (region,) if all(low < high for low, high in region.ranges) else ()
