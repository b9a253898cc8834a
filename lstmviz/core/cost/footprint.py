"""What lies in memory when: while a run is built, called, opened, and while its facts are found.

The parts follow from shapes; how many states' worth a kernel or a graph takes was measured with
tests/benchmarks/bench_memory.py on the CPU. Other processors' kernels may take a little less.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

from lstmviz.core.contract import contract
from lstmviz.core.cost.kernels import is_fused
from lstmviz.core.facts.counterparts import are_affordable, calls
from lstmviz.core.recipe import sunspots, sunspots_needed
from lstmviz.core.spec import RunSpec, Values

_LOADED: Final = 8 << 20
"""Threads, compiled kernels and workspaces that a first run of its kind loads."""

_INPUT: Final = {Values.UNIFORM: 2, Values.SINE: 3, Values.SUNSPOTS: 3}
"""How many float32 inputs the lines that make one hold at once, where it is more than one."""

_KEPT: Final = 5.1
"""States of one direction that a fused kernel keeps for the backward pass: four gates and c_t."""
_SCRATCH: Final = 4.0
"""What it works in beside that: the products of all steps."""
_WITHOUT_GRADIENTS: Final = 1.1
"""What it works in where no gradients are recorded."""
_DEEP: Final = 4.8
"""What the kernels of a deeper layer of two directions were seen to take beyond that."""
_STEPWISE: Final = 7.0
"""States that the graph of an unfused direction keeps beside h_t: four gates, c_t, its tanh and
what is freed too small to be given back."""
_LARGE: Final = 1 << 16
"""States of one direction from which a kernel is handed the arrays to keep its gates in."""


@dataclass(frozen=True)
class Footprint:
    """Bytes of the parts of one run.

    Attributes
    ----------
    spec : RunSpec
    parameters, trace : int
        The module, and every array that is shown.
    entry : int
        The input as the module takes it: packed, if it is.
    state : int
        c_t of all steps of one direction of one layer, as the module computes it.
    hidden : int
        h_t likewise.
    shown : int
        h_t, c_t and gates of one direction as they are shown, padded and in float32 at least.
    """

    spec: RunSpec
    parameters: int
    trace: int
    entry: int
    state: int
    hidden: int
    shown: int

    @classmethod
    def of(cls, spec: RunSpec) -> Self:
        """Read them off a spec."""
        lstm, inputs, size = spec.lstm, spec.input, spec.dtype.itemsize
        shapes = contract(spec.geometry)
        rows = sum(inputs.lengths) if inputs.lengths else inputs.seq_len * inputs.columns
        numbers = 5 * lstm.hidden_size + lstm.output_size
        return cls(
            spec=spec,
            parameters=shapes.parameter_bytes,
            trace=shapes.trace_bytes,
            entry=rows * lstm.input_size * size,
            state=rows * lstm.hidden_size * size,
            hidden=rows * lstm.output_size * size,
            shown=inputs.steps * inputs.columns * numbers * max(size, 4),
        )

    @property
    def peak(self) -> int:
        """Bytes at the worst moment."""
        moments = (self.building, self.calling, self.rerunning, self.finishing, self.facts)
        return int(max(moments)) + _LOADED

    @property
    def building(self) -> float:
        """Module and input, drawn in float32, then cast and packed."""
        spec, inputs = self.spec, self.spec.input
        numbers = inputs.seq_len * inputs.columns * spec.lstm.input_size
        made = self._making * 4 * numbers
        drawn, size = self.parameters * 4 // spec.dtype.itemsize, spec.dtype.itemsize
        cast = max(drawn, self.parameters) + self._largest_weight
        placing = cast + 4 * numbers + (size * numbers if size != 4 else 0)
        packing = 0
        if inputs.lengths:  # Sorted, then cut into steps, then joined.
            pieces = 2 if spec.lstm.batch_first else 1
            packing = self.parameters + 2 * size * numbers + pieces * self.entry
        return max(drawn + made, placing if size != 4 else 0, packing)

    @cached_property
    def _making(self) -> int:
        spec = self.spec
        wraps = spec.input.values is Values.SUNSPOTS and sunspots_needed(spec) == len(sunspots())
        return 4 if wraps else _INPUT.get(spec.input.values, 1)

    @property
    def calling(self) -> float:
        """The module's call at its last direction, and what was opened by then."""
        return self._given + (self._fused_call if is_fused(self.spec) else self._stepwise_call)

    @property
    def _given(self) -> int:
        return self.parameters + self.entry

    @property
    def _rows(self) -> int:
        return self.spec.lstm.num_layers * self.spec.lstm.num_directions

    @property
    def _fused_call(self) -> float:
        kernel = self.state * (1 + _KEPT + _SCRATCH) + self._largest_layer
        if self.spec.lstm.num_directions == 2 and self.spec.lstm.num_layers > 1:
            kernel += _DEEP * self.state
        before = self._rows - 1
        if not self._is_opened_meanwhile:  # Every kernel's own memory is kept to the end.
            return kernel + before * self.state * (1 + _KEPT) + self._joined(before)
        return kernel + before * (self.shown + self.state) + self._joined(before)

    @property
    def _is_opened_meanwhile(self) -> bool:
        inputs = self.spec.input
        states = inputs.steps * inputs.columns * self.spec.lstm.hidden_size
        return is_fused(self.spec) and not inputs.lengths and states >= _LARGE

    def _joined(self, rows: int) -> int:
        """Return what the outputs of both directions take once more, joined for the next layer."""
        return rows // 2 * 2 * self.hidden if self.spec.lstm.num_directions == 2 else 0

    @property
    def _stepwise_call(self) -> float:
        return self._rows * self._graph + self._joined(self._rows) + _SCRATCH * self.state

    @property
    def _graph(self) -> float:
        """What one unfused direction keeps while gradients are recorded."""
        projected = self.state if self.spec.lstm.proj_size else 0
        return _STEPWISE * self.state + projected + 2 * self.hidden

    @property
    def rerunning(self) -> float:
        """The last but one layer, run again for its h_t, which an unfused call does not show."""
        lstm = self.spec.lstm
        if is_fused(self.spec) or lstm.num_layers == 1:
            return 0
        d = lstm.num_directions
        opened = (lstm.num_layers - 2) * d * self.shown + self._chunk
        again = d * self._graph + _SCRATCH * self.state + (d * self.hidden if d == 2 else 0)
        return self._given + self._output + d * self.hidden + opened + again

    @property
    def _output(self) -> int:
        return self.spec.lstm.num_directions * self.hidden

    @property
    def finishing(self) -> float:
        """Everything shown, beside what it was copied from and computed in."""
        kept: float = self._output
        if is_fused(self.spec):
            kept = self._rows * self.state + self._joined(self._rows)
            if not self._is_opened_meanwhile:  # Seen to be let go of only afterwards.
                kept += (self._rows - 1) * _KEPT * self.state
        if self.spec.input.lengths:  # Input and output once more, past each length too.
            kept += 2 * self._padded(self.entry) + self._padded(self._output)
        beside = self.state // 4 if self._is_opened_meanwhile else self._chunk
        return self._given + self.trace + kept + beside

    def _padded(self, packed: int) -> int:
        inputs = self.spec.input
        return packed * inputs.seq_len * inputs.columns // sum(inputs.lengths or (1,))

    @property
    def _chunk(self) -> int:
        """What the equations of a few steps are worked in."""
        cells, inputs = self.spec.lstm.hidden_size, self.spec.input
        size = self.spec.dtype.itemsize
        rows = max(1024, (2 << 20) // (4 * cells * size))
        works = 18 if self.spec.input.lengths else 12
        return works * min(rows, inputs.steps * inputs.columns) * cells * max(size, 4)

    @property
    def facts(self) -> float:
        """The trace, and the same call made otherwise."""
        spec = self.spec
        if not are_affordable(spec):
            return 0
        output = self._padded(self._output) if spec.input.lengths else self._output
        whole = self._padded(self.state) if spec.input.lengths else self.state
        works = whole * _WITHOUT_GRADIENTS + self._largest_layer
        if not is_fused(spec):
            works = whole * _SCRATCH
        shown = calls(spec) * output * max(4 // spec.dtype.itemsize, 1)
        repacked = 2 * self.entry if spec.input.lengths else 0
        return self.trace + max(self.building, self._given + repacked + works + shown)

    @property
    def _largest_weight(self) -> int:
        lstm = self.spec.lstm
        joined = lstm.num_directions * lstm.output_size if lstm.num_layers > 1 else 0
        widest = max(lstm.input_size, lstm.output_size, joined)
        return 4 * lstm.hidden_size * widest * self.spec.dtype.itemsize

    @property
    def _largest_layer(self) -> int:
        """Weights of the widest direction, which a kernel puts into an order of its own."""
        lstm = self.spec.lstm
        joined = lstm.num_directions * lstm.output_size if lstm.num_layers > 1 else 0
        widest = max(lstm.input_size, joined) + lstm.output_size
        return 4 * lstm.hidden_size * widest * self.spec.dtype.itemsize
