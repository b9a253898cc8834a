"""One unit's step through the LSTM equations, with the numbers of a trace filled in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lstmviz.core.asking.session import View
from lstmviz.core.places import steps_of_item
from lstmviz.core.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStep:
    """What one unit computes at one step.

    ``c = f * c_before + i * g`` and ``gated = o * tanh(c)``, which is h_t itself unless there is a
    projection. Source: the equations on the ``torch.nn.LSTM`` page.

    Attributes
    ----------
    layer, direction, step, item, unit : int
    i, f, g, o : float
        Activated gates.
    c_before : float
        c_{t-1}; the unit's c_0 at the direction's first step.
    before : str
        Where `c_before` stands: ``c_0`` or ``c_{t-1}`` of the step before in this direction.
    c : float
    h : float or None
        h_t as computed; None with a projection, which mixes all units.
    """

    layer: int
    direction: int
    step: int
    item: int
    unit: int
    i: float
    f: float
    g: float
    o: float
    c_before: float
    before: str
    c: float
    h: float | None

    @property
    def gated(self) -> float:
        """``o * tanh(c)``, worked out from the numbers here."""
        return self.o * math.tanh(self.c)

    @property
    def kept(self) -> float:
        """``f * c_before``: what is remembered."""
        return self.f * self.c_before

    @property
    def written(self) -> float:
        """``i * g``: what is new."""
        return self.i * self.g


def cell_step(trace: Trace, view: View) -> CellStep | None:
    """Return the step of the unit that `view` points at; None past a length or without gates."""
    steps = steps_of_item(trace, view.item)
    gates = (trace.input_gate, trace.forget_gate, trace.cell_gate, trace.output_gate)
    if view.step >= steps or any(gate is None for gate in gates):
        return None
    index = (view.layer, view.direction, view.step, view.item, view.unit)
    i, f, g, o = (float(gate[index]) for gate in gates if gate is not None)
    earlier = view.step + 1 if view.direction else view.step - 1
    if 0 <= earlier < steps:
        c_before = trace.cell[(*index[:2], earlier, *index[3:])]
        before = f"c at t = {earlier}"
    else:
        c_before = trace.c_0[view.layer, view.direction, view.item, view.unit]
        before = "c_0"
    is_projected = trace.output_size != trace.hidden_size
    return CellStep(
        layer=view.layer,
        direction=view.direction,
        step=view.step,
        item=view.item,
        unit=view.unit,
        i=i,
        f=f,
        g=g,
        o=o,
        c_before=float(np.float64(c_before)),
        before=before,
        c=float(trace.cell[index]),
        h=None if is_projected else float(trace.hidden[index]),
    )
