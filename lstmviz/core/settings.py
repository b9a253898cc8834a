"""How each setting of a single LSTM is put before people: its row, its flag, its help page.

What a setting may be is the spec's to say (`lstmviz.core.spec`); form, command line and help read
everything else of it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lstmviz.core.recipe import VALUES_SUMMARY
from lstmviz.core.spec import BOUNDS, DType, InitialState, Values


class SettingKind(StrEnum):
    """What is typed or pressed for a setting."""

    NUMBER = "number"
    """A number with a range that a slider runs over."""
    PLAIN_NUMBER = "plain number"
    """A number that counts nothing."""
    SWITCH = "switch"
    CHOICE = "choice"
    LENGTHS = "lengths"
    """Whole numbers, one a sequence; None for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChoice:
    """One of the values of a choice.

    Attributes
    ----------
    value : str
    title : str
        What its row shows.
    tip : str
        More about it; may be empty.
    """

    value: str
    title: str
    tip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingEntry:
    """One setting of a single LSTM.

    Attributes
    ----------
    name : str
        As in the spec.
    kind : SettingKind
    group : str
        Heading that it stands under.
    tip : str
        One sentence.
    page : str
        Help page of its row.
    label : str
        What stands before its row; `name` where that is empty.
    choices : tuple of SettingChoice
    is_open : bool
        Whether there may be other choices than these, which only the machine knows.
    flag_help : str
        What the command line's help says; from its range or choices where that is empty.
    metavar : str
        What stands for the value in that help.
    """

    name: str
    kind: SettingKind
    group: str
    tip: str
    page: str
    label: str = ""
    choices: tuple[SettingChoice, ...] = ()
    is_open: bool = False
    flag_help: str = ""
    metavar: str = "N"

    @property
    def flag(self) -> str:
        """Its option on the command line, e.g. ``--input-size``."""
        return "--" + self.name.replace("_", "-")

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole."""
        return BOUNDS[self.name].is_whole

    @property
    def range_in_words(self) -> str:
        """The range of a number, e.g. ``1 to 8,192``."""
        bound = BOUNDS[self.name]
        return f"{bound.low:,} to {bound.high:,}"


_MODEL, _INPUT, _STATE, _PLACE = "Model", "Input", "Initial state", "Run on"
_SHAPES, _AROUND = "tensors-and-axes", "getting-around"


def _number(name: str, group: str, tip: str, page: str) -> SettingEntry:
    return SettingEntry(name=name, kind=SettingKind.NUMBER, group=group, tip=tip, page=page)


def _switch(name: str, group: str, tip: str, page: str) -> SettingEntry:
    return SettingEntry(name=name, kind=SettingKind.SWITCH, group=group, tip=tip, page=page)


_VALUE_TITLES: Final = {
    Values.NORMAL: "Normal noise",
    Values.UNIFORM: "Uniform noise",
    Values.ONES: "Ones",
    Values.IMPULSE: "Impulse",
    Values.RAMP: "Ramp",
    Values.SINE: "Sine + noise",
    Values.SUNSPOTS: "Sunspots",
}
_STATE_TITLES: Final = {InitialState.ZEROS: "Zeros", InitialState.RANDOM: "Random"}

TABLE: Final = (
    _number("input_size", _MODEL, "H_in: features of the input at each time step.", _SHAPES),
    _number("hidden_size", _MODEL, "H_cell: units, the width of the cell state.", _SHAPES),
    _number(
        "num_layers", _MODEL, "Layers stacked; each reads the h_t of the one below.", "stacked"
    ),
    _switch("bidirectional", _MODEL, "A second LSTM reads each layer backwards.", "bidirectional"),
    _number("proj_size", _MODEL, "H_out: project h_t to this width; 0 for none.", "projections"),
    SettingEntry(
        name="dropout",
        kind=SettingKind.NUMBER,
        group=_MODEL,
        tip="Between layers, in training only; runs here are in eval mode: no number changes.",
        page="stacked",
        metavar="P",
    ),
    _switch("bias", _MODEL, "Whether bias_ih and bias_hh are there.", "gates"),
    _number("seq_len", _INPUT, "L: time steps of the input.", _SHAPES),
    _number("batch_size", _INPUT, "N: sequences that run side by side.", _SHAPES),
    _switch("batch_first", _INPUT, "Input and output as (N, L, H); h_n and c_n stay.", _SHAPES),
    _switch("unbatched", _INPUT, "One sequence, without the batch axis.", _SHAPES),
    SettingEntry(
        name="lengths",
        kind=SettingKind.LENGTHS,
        group=_INPUT,
        tip="Each sequence's length: the batch is packed.",
        page="packed",
        flag_help="pack the batch",
        metavar="12,9,7",
    ),
    SettingEntry(
        name="values",
        kind=SettingKind.CHOICE,
        group=_INPUT,
        tip="Where the input's numbers come from.",
        page=_AROUND,
        choices=tuple(
            SettingChoice(value=value, title=_VALUE_TITLES[value], tip=VALUES_SUMMARY[value])
            for value in Values
        ),
        flag_help="the input's numbers",
    ),
    SettingEntry(
        name="initial_state",
        kind=SettingKind.CHOICE,
        group=_STATE,
        label="h_0, c_0",
        tip="The state before the first step; zeros are PyTorch's default.",
        page="stateful",
        choices=tuple(
            SettingChoice(value=state, title=_STATE_TITLES[state]) for state in InitialState
        ),
    ),
    SettingEntry(
        name="device",
        kind=SettingKind.CHOICE,
        group=_PLACE,
        tip="Where the LSTM runs.",
        page=_AROUND,
        choices=(SettingChoice(value="cpu", title="CPU"),),
        is_open=True,
        flag_help="cpu, cuda:0, mps",
        metavar="NAME",
    ),
    SettingEntry(
        name="dtype",
        kind=SettingKind.CHOICE,
        group=_PLACE,
        tip="Type of every number.",
        page=_AROUND,
        choices=tuple(SettingChoice(value=dtype, title=dtype) for dtype in DType),
    ),
    SettingEntry(
        name="seed",
        kind=SettingKind.PLAIN_NUMBER,
        group=_PLACE,
        tip="Seeds parameters, input and initial state.",
        page=_AROUND,
    ),
)
"""Every setting, in the order of the form. Which devices there are, the engine tells later."""

SETTING_GROUPS: Final = tuple(dict.fromkeys(setting.group for setting in TABLE))
"""Headings of the form, in order."""

BY_NAME: Final[Mapping[str, SettingEntry]] = MappingProxyType({s.name: s for s in TABLE})
