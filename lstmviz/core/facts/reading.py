"""The parts of a run's tensors that facts speak of: as PyTorch writes them, and as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import groupby

import numpy as np

from lstmviz.core.contract import Contract, contract
from lstmviz.core.facts.counterparts import Counterparts, Returned
from lstmviz.core.facts.fact import FactPart
from lstmviz.core.geometry import Geometry
from lstmviz.core.region import Region
from lstmviz.core.trace import Array, Trace

Range = tuple[int, int]


class RunReading:
    """Reads one run, and what its counterparts returned, part by part.

    ``output`` is the padded tensor of ``seq_len`` steps for packed input too, which is what
    ``pad_packed_sequence(…, total_length=seq_len)`` gives.

    Parameters
    ----------
    geometry : Geometry
    trace : Trace
    counterparts : Counterparts
    """

    def __init__(self, geometry: Geometry, trace: Trace, counterparts: Counterparts) -> None:
        self.geometry, self.trace, self.counterparts = geometry, trace, counterparts
        self.layers, self.directions = geometry.num_layers, geometry.num_directions
        self.width = geometry.output_size
        self.steps, self.items = geometry.seq_len, geometry.batch_size
        self.batched = geometry.batched
        self.tolerance_h = trace.proof.tolerance_h
        self.tolerance_c = trace.proof.tolerance_c

    @cached_property
    def is_ragged(self) -> bool:
        """Whether a sequence ends before ``seq_len``."""
        lengths = self.geometry.lengths
        return lengths is not None and min(lengths) < self.steps

    @cached_property
    def contract(self) -> Contract:
        """Every tensor's shape."""
        return contract(self.geometry)

    @cached_property
    def lengths(self) -> Array:
        """Each sequence's length, ``seq_len`` where nothing is packed."""
        return np.array(self.geometry.lengths or (self.steps,) * self.items)

    @property
    def top_row(self) -> int:
        """Row of the last layer's forward direction in ``h_n`` and ``c_n``."""
        return (self.layers - 1) * self.directions

    def output(self, step: int, half: int | None = None) -> FactPart:
        """Return ``output`` at step 0 or -1, both directions or one."""
        at = step % self.steps
        values = self._features(self._output_at(at), half)
        text = f"output{self._index(f'{step}', half)}"
        return FactPart(text, values, (self.output_region((at, at + 1), (0, self.items), half),))

    def ends(self, half: int | None = None) -> FactPart:
        """Return ``output`` at each sequence's own last step, both directions or one."""
        if not self.is_ragged:
            return self.output(-1, half)
        every = f"torch.arange({self.items})"
        pair = (every, "lengths - 1") if self.geometry.batch_first else ("lengths - 1", every)
        text = f"output[{', '.join((*pair, *self._feature_text(half)))}]"
        regions = (
            self.output_region((length - 1, length), items, half)
            for length, items in self.runs_of_lengths()
        )
        return FactPart(text, self._features(self._output_at_ends(), half), tuple(regions))

    def all_output(self) -> FactPart:
        """Return all of ``output``; for packed input as the `padded` counterpart holds it."""
        padded = self.counterparts.padded
        values = self.trace.output if padded is None else padded.output
        return FactPart("output", values, (self.whole("output"),))

    def output_region(self, steps: Range, items: Range, half: int | None = None) -> Region:
        """Return the region of some steps and batch items of ``output``."""
        features = self._feature_range(half)
        return Region("output", self.geometry.layout.sequence(steps, items, features))

    def row(self, name: str, row: int, counting: str = "up") -> FactPart:
        """Return one row of ``h_n`` or ``c_n``, counted up from 0 or down from -1."""
        shown = row if counting == "up" else row - self.layers * self.directions
        return FactPart(f"{name}[{shown}]", self.trace.array(name)[row], (self.rows(name, row),))

    def rows(self, name: str, low: int, high: int | None = None) -> Region:
        """Return the region of some rows of ``h_n`` or ``c_n``; one row unless `high` is given."""
        rest = self.whole(name).ranges[1:]
        return Region(name, ((low, low + 1 if high is None else high), *rest))

    def of(self, name: str) -> FactPart:
        """Return all of ``h_n`` or ``c_n``."""
        return FactPart(name, self.trace.array(name), (self.whole(name),))

    def returned(
        self, prefix: str, returned: Returned, name: str, step: int, half: int
    ) -> FactPart:
        """Return one step and direction of ``output``, or that direction's last row of ``h_n``.

        Parameters
        ----------
        prefix : str
            The counterpart's, as in ``unpacked_output``.
        returned : Returned
        name : str
            ``"output"`` or ``"h_n"``.
        step, half : int
            `step` is of no account for ``h_n``.
        """
        if name == "h_n":
            row = self.top_row + half
            return FactPart(f"{prefix}_h_n[{row}]", returned.h_n[row])
        which = half if self.directions == 2 else None
        output = returned.output if not self._time_axis else returned.output.swapaxes(0, 1)
        values = self._features(output[step], which)
        return FactPart(f"{prefix}_output{self._index(f'{step}', which)}", values)

    def runs_of_lengths(self) -> Iterator[tuple[int, Range]]:
        """Yield each length with the run of neighbouring batch items that share it."""
        start = 0
        for length, run in groupby(self.lengths.tolist()):
            end = start + sum(1 for _ in run)
            yield length, (start, end)
            start = end

    def whole(self, name: str) -> Region:
        """Return all of a tensor of the contract."""
        return Region(name, tuple((0, size) for size in self.contract.tensor(name).shape))

    @property
    def _time_axis(self) -> int:
        return self.geometry.layout.time_axis

    def _index(self, step: str, half: int | None) -> str:
        parts = [":", step] if self._time_axis else [step]
        if half is not None and self.batched and not self._time_axis:
            parts.append(":")
        return f"[{', '.join((*parts, *self._feature_text(half)))}]"

    def _feature_text(self, half: int | None) -> tuple[str, ...]:
        if half is None:
            return ()
        return (f"{self.width}:" if half else f":{self.width}",)

    def _features(self, values: Array, half: int | None) -> Array:
        low, high = self._feature_range(half)
        return values[..., low:high]

    def _feature_range(self, half: int | None) -> Range:
        if half is None:
            return 0, self.directions * self.width
        return half * self.width, (half + 1) * self.width

    def _output_at(self, step: int) -> Array:
        """Return ``output`` at one step, (N, D·H_out), or (D·H_out,) if unbatched."""
        sizes = self.trace.batch_sizes
        if sizes is None:
            return self.trace.output[:, step] if self._time_axis else self.trace.output[step]
        values = np.zeros((self.items, self.trace.output.shape[1]), self.trace.output.dtype)
        if step < len(sizes):
            start, count = int(sizes[:step].sum()), int(sizes[step])
            order = self.trace.sorted_indices
            present = slice(count) if order is None else order[:count]
            values[present] = self.trace.output[start : start + count]
        return values

    def _output_at_ends(self) -> Array:
        """Return packed ``output`` at each sequence's last step, (N, D·H_out)."""
        assert self.trace.batch_sizes is not None  # noqa: S101 - ragged runs are packed
        starts = np.cumsum(self.trace.batch_sizes) - self.trace.batch_sizes
        order = self.trace.unsorted_indices
        ranks = np.arange(self.items) if order is None else order
        rows: Array = self.trace.output[starts[self.lengths - 1] + ranks]
        return rows
