"""Claims about a run, each evaluated on its numbers.

To add one: write a function of a `RunReading` that yields a `Fact`, or nothing where it does not
apply, and list it in `SOURCES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lstmviz.core.facts import conventions, dropout, final, packing, summary
from lstmviz.core.facts.counterparts import Counterparts, Returned
from lstmviz.core.facts.fact import Fact, FactKind
from lstmviz.core.facts.reading import RunReading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lstmviz.core.geometry import Geometry
    from lstmviz.core.trace import Trace

__all__ = ["Counterparts", "Fact", "FactKind", "Returned", "facts"]

SOURCES: Final[tuple[Callable[[RunReading], Iterator[Fact]], ...]] = (
    final.output_ends_in_h_n,
    final.reverse_half_has_begun_only,
    final.cell_ends_in_c_n,
    summary.right_summary,
    summary.last_step_as_summary,
    summary.reverse_row_as_summary,
    summary.rows_are_layers_then_directions,
    summary.rows_mixed_by_view,
    summary.directions_mixed_by_view,
    packing.padding_is_zero,
    packing.padding_spoils_reverse,
    packing.padding_spoils_final_state,
    packing.padding_spares_forward,
    conventions.batch_first_moves,
    conventions.batch_first_spares_states,
    conventions.projection_narrows_h,
    conventions.parameters_of_layer_0,
    dropout.between_layers_only,
    dropout.in_one_layer,
)
"""Where facts come from, in the order they are shown."""


def facts(
    geometry: Geometry,
    trace: Trace,
    counterparts: Counterparts | None = None,
    *,
    between: Callable[[], None] | None = None,
) -> tuple[Fact, ...]:
    """Return what is true of this run, and what looks true and is not.

    Parameters
    ----------
    geometry : Geometry
        What was run.
    trace : Trace
        What came out.
    counterparts : Counterparts, optional
        What came out of the same LSTM otherwise called; facts that compare with one of these are
        left out where it is missing.
    between : callable, optional
        Called before each fact is evaluated; raises to stop.

    Returns
    -------
    tuple of Fact
        Those that apply to `geometry`.
    """
    reading = RunReading(geometry, trace, counterparts or Counterparts())
    found: list[Fact] = []
    for source in SOURCES:
        facts_of_source = source(reading)
        while True:
            if between is not None:
                between()
            fact = next(facts_of_source, None)
            if fact is None:
                break
            found.append(fact)
    return tuple(found)
