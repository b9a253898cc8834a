"""A setting's sizes, as the catalogue's programs write them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from lstmviz.core.recipe import constructor, recipe
from lstmviz.core.spec import DType, InitialState, RunSpec, Values

Lines = tuple[str, ...]

LISTED_LENGTHS: Final = 16
"""Batches up to this size have their lengths written out one by one."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the programs need to know of a spec.

    A mistake is about shapes, so its input is always normal noise from zero states: no coincidence
    of the values can hide a difference.

    Attributes
    ----------
    spec : RunSpec
    """

    spec: RunSpec

    @property
    def batched(self) -> bool:
        """Whether the input has a batch axis."""
        return not self.spec.input.unbatched

    @property
    def first(self) -> bool:
        """Whether the batch axis is the input's first."""
        return self.spec.lstm.batch_first

    @property
    def steps(self) -> int:
        """L."""
        return self.spec.input.seq_len

    @property
    def batch(self) -> int:
        """N; 1 when unbatched."""
        return self.spec.input.columns

    @property
    def width(self) -> int:
        """H_in."""
        return self.spec.lstm.input_size

    @property
    def cell(self) -> int:
        """H_cell."""
        return self.spec.lstm.hidden_size

    @property
    def out(self) -> int:
        """H_out."""
        return self.spec.lstm.output_size

    @property
    def layers(self) -> int:
        """num_layers."""
        return self.spec.lstm.num_layers

    @property
    def directions(self) -> int:
        """D."""
        return self.spec.lstm.num_directions

    @property
    def rows(self) -> int:
        """D·num_layers, the first axis of every state."""
        return self.layers * self.directions

    @property
    def cuda(self) -> bool:
        """Whether the run is on a CUDA device."""
        return self.spec.device.startswith("cuda")

    @property
    def like(self) -> str:
        """Arguments that put a new tensor where the run is; empty for float32 on the CPU."""
        device = "" if self.spec.device == "cpu" else f", device={self.spec.device!r}"
        dtype = "" if self.spec.dtype is DType.FLOAT32 else f", dtype=torch.{self.spec.dtype}"
        return f"{device}{dtype}"

    @property
    def packing(self) -> str:
        """``batch_first`` as an argument of the packing functions; empty for time-major."""
        return ", batch_first=True" if self.first else ""

    @property
    def time(self) -> int:
        """Index of the input's time axis."""
        return 1 if self.first and self.batched else 0

    def at(self, step: str, of: str = "output", features: str = "") -> str:
        """Return the expression for one time step, e.g. ``output[:, -1]``.

        Parameters
        ----------
        step : str
            An index or slice of the time axis.
        of : str
        features : str
            A slice of the last axis, if any.
        """
        parts = [":", step] if self.time else [step]
        if features:
            parts += [features] if self.time or not self.batched else [":", features]
        return f"{of}[{', '.join(parts)}]"

    def one(self, of: str = "x", steps: str = "") -> str:
        """Return the expression for sequence n alone, unbatched, e.g. ``x[n, :length]``."""
        if self.first:
            return f"{of}[n, {steps}]" if steps else f"{of}[n]"
        return f"{of}[{steps or ':'}, n]"

    def shape(self, batch: int, steps: int, width: int) -> str:
        """Return the input's sizes in its own layout, e.g. ``4, 24, 8``."""
        if not self.batched:
            return f"{steps}, {width}"
        return f"{batch}, {steps}, {width}" if self.first else f"{steps}, {batch}, {width}"

    def state(self, rows: int, width: int) -> str:
        """Return a zero state of `rows`, in the layout that the setting needs."""
        return self.zeros(rows, self.batch, width) if self.batched else self.zeros(rows, width)

    def zeros(self, *sizes: int) -> str:
        """Return ``torch.zeros`` of `sizes`, on the run's device and in its dtype."""
        return f"torch.zeros({', '.join(map(str, sizes))}{self.like})"

    def lstm(self, **changes: Any) -> str:
        """Return the setting's LSTM with some arguments changed, placed where the run is."""
        changed = replace(self.spec, lstm=replace(self.spec.lstm, **changes))
        return f"{constructor(changed.geometry)}{self.moved}"

    @property
    def moved(self) -> str:
        """The ``.to`` call that puts a module where the run is; empty for float32 on the CPU."""
        options = [] if self.spec.device == "cpu" else [repr(self.spec.device)]
        if self.spec.dtype is not DType.FLOAT32:
            options.append(f"torch.{self.spec.dtype}")
        return f".to({', '.join(options)})" if options else ""

    @property
    def lengths(self) -> tuple[int, ...]:
        """One length per sequence: the spec's own, else evenly spread from L down."""
        if self.spec.input.lengths:
            return self.spec.input.lengths
        return tuple(max(1, self.steps - n * self.steps // self.batch) for n in range(self.batch))

    @property
    def uneven(self) -> bool:
        """Whether a batch of these lengths holds any padding."""
        return self.batched and min(self.lengths) < self.steps


def ordinary(setting: Setting) -> Lines:
    """Return the lines that make ``lstm`` and ``x``."""
    evaluation = ("lstm.eval()",) if setting.spec.lstm.dropout else ()
    return (*_seeded(setting), *evaluation)


def training(setting: Setting) -> Lines:
    """Return the lines that make ``lstm``, left in training mode, and ``x``."""
    return _seeded(setting)


def padded(setting: Setting) -> Lines:
    """Return the lines that make ``lstm``, ``x`` and ``lengths``."""
    return (*ordinary(setting), _lengths(setting, setting.lengths))


def shortest_first(setting: Setting) -> Lines:
    """Return the lines of `padded`, with lengths that are not in decreasing order."""
    return (*ordinary(setting), _lengths(setting, tuple(sorted(setting.lengths))))


def longest_first(setting: Setting) -> Lines:
    """Return the lines of `padded`, with lengths in decreasing order."""
    return (*ordinary(setting), _lengths(setting, tuple(sorted(setting.lengths)[::-1])))


def packed_setup(setting: Setting) -> Lines:
    """Return the lines that make ``lstm``, ``x``, ``lengths`` and ``packed``."""
    call = f"pack_padded_sequence(x, lengths{setting.packing}, enforce_sorted=False)"
    return (*padded(setting), f"packed = {call}")


def _lengths(setting: Setting, lengths: tuple[int, ...]) -> str:
    if len(lengths) <= LISTED_LENGTHS or setting.spec.input.lengths:
        return f"lengths = torch.tensor({list(lengths)})"
    ends = (setting.steps, 1) if lengths[0] == max(lengths) else (1, setting.steps)
    return f"lengths = torch.linspace({ends[0]}, {ends[1]}, {setting.batch}).long()"


def _seeded(setting: Setting) -> Lines:
    lines = recipe(
        setting.spec.changed(values=Values.NORMAL, initial_state=InitialState.ZEROS, lengths=None)
    )
    return (*lines.module, *lines.input, *lines.placement)
