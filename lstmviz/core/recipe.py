"""The PyTorch source that makes a run's module, input and state.

The engine executes these very lines and the code panel prints them, so the program shown is the
program that ran. Random numbers are drawn on the CPU in float32, time-major, before anything is
moved or cast: changing the device, dtype or batch_first changes no number but by rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from lstmviz.core import resources
from lstmviz.core.spec import DType, InitialState, LstmSpec, RunSpec, Values

SUNSPOTS_FIRST_YEAR: Final = 1700


@cache
def sunspots() -> tuple[float, ...]:
    """Return the yearly mean sunspot numbers from 1700 to 2008; 309 values.

    Source: see ``resources/samples/README.md``.
    """
    text = (resources.root() / "samples" / "sunspots.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    return tuple(float(number) for _year, number in rows)


_VALUES: Final[dict[Values, tuple[str, ...]]] = {
    Values.NORMAL: ("x = torch.randn({L}, {N}, {H_in})",),
    Values.UNIFORM: ("x = torch.rand({L}, {N}, {H_in}) * 2 - 1",),
    Values.ONES: ("x = torch.ones({L}, {N}, {H_in})",),
    Values.IMPULSE: ("x = torch.zeros({L}, {N}, {H_in})", "x[0] = 1.0"),
    Values.RAMP: ("x = torch.linspace(-1, 1, {L})[:, None, None].repeat(1, {N}, {H_in})",),
    Values.SINE: (
        "t = torch.arange({L})[:, None, None]",
        "phase = torch.arange({N})[:, None] / {N}",
        "period = torch.linspace(6, 24, {H_in})",
        "x = torch.sin(2 * torch.pi * (t / period + phase))",
        "x = x + 0.1 * torch.randn({L}, {N}, {H_in})",
    ),
    Values.SUNSPOTS: (
        "series = torch.tensor(sunspots)",
        "series = (series - series.mean()) / series.std()",
        "t = torch.arange({L})[:, None, None]",
        "start = torch.arange({N})[:, None] * {L}",
        "lag = torch.arange({H_in})",
        "x = series[(t + start - lag) % len(series)]",
    ),
}

VALUES_SUMMARY: Final[dict[Values, str]] = {
    Values.NORMAL: "Standard normal noise",
    Values.UNIFORM: "Uniform noise between −1 and 1",
    Values.ONES: "Ones everywhere",
    Values.IMPULSE: "One at the first step, zero after it",
    Values.RAMP: "From −1 at the first step to 1 at the last",
    Values.SINE: "Sines of 6 to 24 steps per period, one per feature, with a little noise",
    Values.SUNSPOTS: (
        "Yearly sunspot numbers 1700 to 2008, standardized; feature k lags k years,"
        " each batch item starts where the one before ends, 2008 wraps to 1700"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Source lines, in the order they run.

    Attributes
    ----------
    module : tuple of str
        Make ``lstm``, seeded.
    input : tuple of str
        Make ``x``, in the module's layout.
    state : tuple of str
        Make ``h_0`` and ``c_0``; empty for zeros, which are PyTorch's default.
    placement : tuple of str
        Move all of them to the device and dtype; empty for the CPU in float32.
    packing : tuple of str
        Make ``packed`` from ``x``; empty without lengths.
    call : str
        The forward call.
    """

    module: tuple[str, ...]
    input: tuple[str, ...]
    state: tuple[str, ...]
    placement: tuple[str, ...]
    packing: tuple[str, ...]
    call: str


def recipe(spec: RunSpec) -> Recipe:
    """Return the lines that make the run which `spec` describes."""
    state = _state(spec)
    packing = _packing(spec)
    source = "packed" if packing else "x"
    argument = f"{source}, (h_0, c_0)" if state else source
    result = "packed_output" if packing else "output"
    return Recipe(
        module=(f"torch.manual_seed({spec.seed})", f"lstm = {constructor(spec.lstm)}"),
        input=_input(spec),
        state=state,
        placement=_placement(spec, has_state=bool(state)),
        packing=packing,
        call=f"{result}, (h_n, c_n) = lstm({argument})",
    )


def constructor(lstm: LstmSpec) -> str:
    """Return the shortest call that makes `lstm`, e.g. ``nn.LSTM(8, 16, num_layers=2)``."""
    default = LstmSpec(
        input_size=1, hidden_size=1, num_layers=1, batch_first=False, bidirectional=False
    )
    named = ("num_layers", "bias", "batch_first", "dropout", "bidirectional", "proj_size")
    options = [
        f"{name}={getattr(lstm, name)!r}"
        for name in named
        if getattr(lstm, name) != getattr(default, name)
    ]
    return f"nn.LSTM({', '.join([str(lstm.input_size), str(lstm.hidden_size), *options])})"


def _input(spec: RunSpec) -> tuple[str, ...]:
    sizes = {"L": spec.input.seq_len, "N": spec.input.columns, "H_in": spec.lstm.input_size}
    lines = tuple(line.format(**sizes) for line in _VALUES[spec.input.values])
    if spec.input.unbatched:
        return (*lines, "x = x[:, 0]")
    if spec.lstm.batch_first:
        return (*lines, "x = x.transpose(0, 1)")
    return lines


def _state(spec: RunSpec) -> tuple[str, ...]:
    if spec.input.initial_state is InitialState.ZEROS:
        return ()
    rows = spec.lstm.num_layers * spec.lstm.num_directions
    batch = "" if spec.input.unbatched else f"{spec.input.batch_size}, "
    return (
        f"h_0 = torch.randn({rows}, {batch}{spec.lstm.output_size})",
        f"c_0 = torch.randn({rows}, {batch}{spec.lstm.hidden_size})",
    )


def _placement(spec: RunSpec, *, has_state: bool) -> tuple[str, ...]:
    options = []
    if spec.device != "cpu":
        options.append(repr(spec.device))
    if spec.dtype is not DType.FLOAT32:
        options.append(f"torch.{spec.dtype}")
    if not options:
        return ()
    names = ("lstm", "x", "h_0", "c_0") if has_state else ("lstm", "x")
    return tuple(f"{name} = {name}.to({', '.join(options)})" for name in names)


def _packing(spec: RunSpec) -> tuple[str, ...]:
    if not spec.input.lengths:
        return ()
    first = ", batch_first=True" if spec.lstm.batch_first else ""
    return (
        f"lengths = torch.tensor({list(spec.input.lengths)})",
        f"packed = pack_padded_sequence(x, lengths{first}, enforce_sorted=False)",
    )
