"""What to run: the LSTM, its input and where it runs. Frozen, and always valid."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final, Self

from lstmviz.core.cells import LSTM
from lstmviz.core.geometry import ITEMSIZES, Geometry
from lstmviz.core.words.amounts import grouped, named, quoted
from lstmviz.core.words.typed import endless, said

MAX_SEED: Final = 2**32 - 1
_LONGEST_DEVICE: Final = 32


class SpecError(ValueError):
    """A setting that cannot be.

    Attributes
    ----------
    field : str
        Name of the setting at fault, as in `FIELDS`.
    sentence : str
        What is wrong and what would do, to show beside that field.
    """

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence

    def __reduce__(self) -> tuple[type[SpecError], tuple[str, str]]:
        return SpecError, (self.field, self.sentence)


class Values(StrEnum):
    """Where the input's numbers come from."""

    NORMAL = "normal"
    UNIFORM = "uniform"
    ONES = "ones"
    IMPULSE = "impulse"
    RAMP = "ramp"
    SINE = "sine"
    SUNSPOTS = "sunspots"


class InitialState(StrEnum):
    """The state the LSTM starts from."""

    ZEROS = "zeros"
    RANDOM = "random"


class DType(StrEnum):
    """Floating-point types that ``nn.LSTM`` computes in, by torch's own names."""

    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        return ITEMSIZES[self.value]


@dataclass(frozen=True, slots=True)
class Bound:
    """Range of a whole-number or real setting, both ends included; a year counts nothing."""

    low: float
    high: float
    is_whole: bool = True
    is_count: bool = True

    def in_words(self, value: float) -> str:
        """Return `value` for people: ``100,000`` of a count, ``1921`` of a year."""
        return grouped(value) if self.is_count else f"{value}"


BOUNDS: Final[dict[str, Bound]] = {
    "input_size": Bound(1, 8192),
    "hidden_size": Bound(1, 8192),
    "num_layers": Bound(1, 64),
    "proj_size": Bound(0, 8191),
    "dropout": Bound(0, 1, is_whole=False),
    "seq_len": Bound(1, 100_000),
    "batch_size": Bound(1, 65_536),
    "seed": Bound(0, MAX_SEED),
}


def check_bound(name: str, value: object, bound: Bound) -> None:
    """Refuse what is no number within `bound`; `name` is what stands before its field.

    Raises
    ------
    SpecError
    """
    within = f"{name} must be between {bound.in_words(bound.low)} and {bound.in_words(bound.high)}"
    if endless(value):
        raise SpecError(name, f"{within}, not {endless(value)}.")
    kinds = (int,) if bound.is_whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        number = "a whole number" if bound.is_whole else "a number"
        raise SpecError(name, f"{name} must be {number}, not {said(value)}.")
    if not bound.low <= value <= bound.high:
        raise SpecError(name, f"{within}, not {said(value)}.")


def _check(spec: object) -> None:
    """Refuse values that settings cannot have; a choice given as text becomes the choice."""
    for item in fields(spec):  # type: ignore[arg-type]  # called by dataclasses only
        bound = BOUNDS.get(item.name)
        value = getattr(spec, item.name)
        if item.name in _CHOICES or item.name in _SWITCHES:
            object.__setattr__(spec, item.name, _read(item.name, value))
        if bound is None:
            continue
        check_bound(item.name, value, bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class LstmSpec:
    """Architecture of the LSTM under study; an instance is always valid.

    Attributes
    ----------
    input_size : int
        Features per time step, ``H_in``; at least 1.
    hidden_size : int
        Units, ``H_cell``; at least 1.
    num_layers : int
        Stacked layers; at least 1.
    bias : bool
        Whether ``bias_ih`` and ``bias_hh`` exist.
    batch_first : bool
        Whether input and output are (N, L, H) instead of (L, N, H).
    dropout : float
        Probability of dropping a number between layers in training; 0 to 1.
    bidirectional : bool
        Whether a second LSTM reads each layer's input backwards.
    proj_size : int
        Width of the projected hidden state, ``H_out``; 0 for none, else below ``hidden_size``.

    Raises
    ------
    SpecError
        With the sentence to show beside the field.
    """

    input_size: int = 8
    hidden_size: int = 16
    num_layers: int = 2
    bias: bool = True
    batch_first: bool = True
    dropout: float = 0.0
    bidirectional: bool = True
    proj_size: int = 0

    def __post_init__(self) -> None:
        _check(self)
        if self.proj_size >= self.hidden_size:
            raise SpecError(
                "proj_size",
                f"proj_size must be smaller than hidden_size ({self.hidden_size}), or 0 for none.",
            )

    @property
    def num_directions(self) -> int:
        """D: 2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def output_size(self) -> int:
        """``H_out``: proj_size, or hidden_size without a projection."""
        return self.proj_size or self.hidden_size


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """The input sequence: its size and where its numbers come from.

    Attributes
    ----------
    seq_len : int
        Time steps, ``L``; at least 1.
    batch_size : int
        Sequences, ``N``; at least 1; 1 when `unbatched`.
    unbatched : bool
        Whether the batch axis is left out.
    lengths : tuple of int, or None
        One length per sequence, 1 to `seq_len`, to pack the batch; None to leave it unpacked.
    values : Values
    initial_state : InitialState

    Raises
    ------
    SpecError
        With the sentence to show beside the field.
    """

    seq_len: int = 24
    batch_size: int = 4
    unbatched: bool = False
    lengths: tuple[int, ...] | None = None
    values: Values = Values.SINE
    initial_state: InitialState = InitialState.ZEROS

    def __post_init__(self) -> None:
        _check(self)
        if self.lengths is not None:
            self._check_lengths(self.lengths)

    def _check_lengths(self, lengths: tuple[int, ...]) -> None:
        if self.unbatched:
            raise SpecError("lengths", "Unbatched input is one sequence; it cannot be packed.")
        for length in lengths:
            is_number = isinstance(length, int) and not isinstance(length, bool)
            if not is_number and not endless(length):
                raise SpecError("lengths", f"lengths must be whole numbers, not {said(length)}.")
            if not is_number or not 1 <= length <= self.seq_len:
                raise SpecError(
                    "lengths",
                    f"Each length must be between 1 and seq_len ({self.seq_len:,}),"
                    f" not {said(length)}.",
                )
        if len(lengths) != self.batch_size:
            raise SpecError(
                "lengths",
                f"lengths needs one number per sequence: {self.batch_size:,},"
                f" not {len(lengths):,}.",
            )

    @property
    def columns(self) -> int:
        """N as the LSTM sees it: 1 when unbatched."""
        return 1 if self.unbatched else self.batch_size

    @property
    def steps(self) -> int:
        """Time steps the LSTM computes for the longest sequence."""
        return max(self.lengths) if self.lengths else self.seq_len


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """Everything that decides a run's numbers.

    Attributes
    ----------
    lstm : LstmSpec
    input : InputSpec
    device : str
        As torch names it: ``"cpu"``, ``"cuda:0"``, ``"mps"``.
    dtype : DType
    seed : int
        Seeds parameters, input and initial state; 0 to 2**32 - 1.

    Raises
    ------
    SpecError
        With the sentence to show beside the field.
    """

    lstm: LstmSpec = field(default_factory=LstmSpec)
    input: InputSpec = field(default_factory=InputSpec)
    device: str = "cpu"
    dtype: DType = DType.FLOAT32
    seed: int = 3

    def __post_init__(self) -> None:
        _check(self)
        named_so = self.device.replace(":", "").isalnum() and len(self.device) <= _LONGEST_DEVICE
        if not named_so:
            raise SpecError("device", f"{quoted(self.device)} is not a device; try cpu or cuda:0.")

    def value(self, name: str) -> Any:
        """Return the setting called `name`, wherever it lives.

        Raises
        ------
        KeyError
            No setting has that name.
        """
        return getattr(getattr(self, _HOMES[name]) if _HOMES[name] else self, name)

    def changed(self, **settings: Any) -> Self:
        """Return a copy with `settings` changed, wherever each lives.

        Raises
        ------
        KeyError
            No setting has that name.
        SpecError
            The combination cannot be.
        """
        homes: dict[str, dict[str, Any]] = {"": {}, "lstm": {}, "input": {}}
        for name, value in settings.items():
            homes[_HOMES[name]][name] = value
        parts: dict[str, Any] = dict(homes[""])
        for home in ("lstm", "input"):
            if homes[home]:
                parts[home] = replace(getattr(self, home), **homes[home])
        return replace(self, **parts)

    @property
    def geometry(self) -> Geometry:
        """The sizes and the layout of the call."""
        lstm, given = self.lstm, self.input
        return Geometry(
            input_size=lstm.input_size,
            hidden_size=lstm.hidden_size,
            proj_size=lstm.proj_size,
            num_layers=lstm.num_layers,
            num_directions=lstm.num_directions,
            bias=lstm.bias,
            dropout=lstm.dropout,
            seq_len=given.seq_len,
            batch_size=given.columns,
            batched=not given.unbatched,
            batch_first=lstm.batch_first,
            lengths=given.lengths,
            has_state=given.initial_state is not InitialState.ZEROS,
            dtype=self.dtype.value,
        )

    @classmethod
    def like(cls, geometry: Geometry, *, device: str = "cpu") -> Self:
        """Return a spec of the same sizes and layout, with numbers of its own.

        Raises
        ------
        SpecError
            The call is larger than a spec may be, or no LSTM's.
        """
        if geometry.kind is not LSTM:
            module = geometry.kind.module
            raise SpecError("hidden_size", f"A single LSTM cannot stand for an nn.{module}.")
        return cls(
            lstm=LstmSpec(
                input_size=geometry.input_size,
                hidden_size=geometry.hidden_size,
                num_layers=geometry.num_layers,
                bias=geometry.bias,
                batch_first=geometry.batch_first,
                dropout=geometry.dropout,
                bidirectional=geometry.num_directions > 1,
                proj_size=geometry.proj_size,
            ),
            input=InputSpec(
                seq_len=geometry.seq_len,
                batch_size=geometry.batch_size,
                unbatched=not geometry.batched,
                lengths=geometry.lengths,
                values=Values.NORMAL,
                initial_state=InitialState.RANDOM if geometry.has_state else InitialState.ZEROS,
            ),
            device=device,
            dtype=DType(geometry.dtype),
        )

    def settings(self) -> dict[str, Any]:
        """Return every setting by name, flat and JSON-ready, in the order of `SETTINGS`."""
        return {name: self.value(name) for name in SETTINGS}

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Self:
        """Rebuild a spec from `settings`, as JSON gives it back; missing ones take the default.

        Raises
        ------
        SpecError
            A setting is unknown, of the wrong type or cannot be.
        """
        read: dict[str, Any] = {}
        for name, value in settings.items():
            if name not in _HOMES:
                raise SpecError(name, f"There is no setting called {named(name)}.")
            read[name] = _read(name, value)
        return cls().changed(**read)


_HOMES: Final[dict[str, str]] = {
    **{item.name: "lstm" for item in fields(LstmSpec)},
    **{item.name: "input" for item in fields(InputSpec)},
    **dict.fromkeys(("device", "dtype", "seed"), ""),
}

_CHOICES: Final[dict[str, type[StrEnum]]] = {
    "values": Values,
    "initial_state": InitialState,
    "dtype": DType,
}
_SWITCHES: Final = frozenset({"bias", "batch_first", "bidirectional", "unbatched"})


def _read(name: str, value: Any) -> Any:
    if name in _CHOICES:
        choices = [choice.value for choice in _CHOICES[name]]
        if value not in choices:
            raise SpecError(
                name, f"{name} must be one of {', '.join(choices)}, not {quoted(value)}."
            )
        return _CHOICES[name](value)
    if name in _SWITCHES and not isinstance(value, bool):
        raise SpecError(name, f"{name} must be true or false, not {quoted(value)}.")
    if name == "device" and not isinstance(value, str):
        raise SpecError(name, f"device must be a name such as cpu, not {quoted(value)}.")
    if name == "dropout" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if name == "lengths" and value is not None:
        if not isinstance(value, list | tuple):
            raise SpecError(name, f"lengths must be a list of whole numbers, not {quoted(value)}.")
        return tuple(value)
    return value


SETTINGS: Final[tuple[str, ...]] = tuple(_HOMES)
"""Every setting's name, as nn.LSTM and the command line spell it."""
