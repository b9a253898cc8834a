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
from lstmviz.core.cells import RNN_RELU
from lstmviz.core.geometry import Geometry
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


@dataclass(frozen=True, slots=True)
class Line:
    """One line of source that makes a tensor.

    Attributes
    ----------
    code : str
    axes : tuple of (str, int)
        Symbol and size of each axis of what it makes.
    """

    code: str
    axes: tuple[tuple[str, int], ...]


_VALUES: Final[dict[Values, tuple[tuple[str, str], ...]]] = {
    Values.NORMAL: (("x = torch.randn({L}, {N}, {H_in})", "L N H_in"),),
    Values.UNIFORM: (("x = torch.rand({L}, {N}, {H_in}) * 2 - 1", "L N H_in"),),
    Values.ONES: (("x = torch.ones({L}, {N}, {H_in})", "L N H_in"),),
    Values.IMPULSE: (
        ("x = torch.zeros({L}, {N}, {H_in})", "L N H_in"),
        ("x[0] = 1.0", "L N H_in"),
    ),
    Values.RAMP: (
        ("ramp = torch.linspace(-1, 1, {L})", "L"),
        ("x = ramp[:, None, None].repeat(1, {N}, {H_in})", "L N H_in"),
    ),
    Values.SINE: (
        ("t = torch.arange({L})[:, None, None]", "L 1 1"),
        ("phase = torch.arange({N})[:, None] / {N}", "N 1"),
        ("period = torch.linspace(6, 24, {H_in})", "H_in"),
        ("x = torch.sin(2 * torch.pi * (t / period + phase))", "L N H_in"),
        ("x = x + 0.1 * torch.randn({L}, {N}, {H_in})", "L N H_in"),
    ),
    Values.SUNSPOTS: (
        # The mean and standard deviation of all 309 years, so that few of them can stand alone.
        ("series = (torch.tensor(sunspots) - 49.752) / 40.453", "years"),
        ("t = torch.arange({L})[:, None, None]", "L 1 1"),
        ("start = torch.arange({N})[:, None] * {L}", "N 1"),
        ("year = {last_lag} - torch.arange({H_in})", "H_in"),
        ("x = series[{year}]", "L N H_in"),
    ),
}
"""Lines of each kind of input, time-major, with the symbols of the axes they make."""

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
        Make ``lstm``, seeded; it is in training mode, as PyTorch makes it.
    evaluation : str
        Turn dropout off.
    input : tuple of str
        Make ``x``, in the module's layout.
    state : tuple of str
        Make ``h_0`` and ``c_0``; empty for zeros, which are PyTorch's default.
    placement : tuple of str
        Move all of them to the device and dtype; empty for the CPU in float32.
    packing : tuple of str
        Make ``packed`` from ``x``; empty without lengths.
    call : str
        The forward call, which wants ``torch.no_grad()`` around it.
    unpacking : tuple of str
        Make the padded ``output``; empty without lengths.
    summary : str
        Make ``last``, one vector per sequence: the last layer's final state, both directions.
    """

    module: tuple[str, ...]
    evaluation: str
    input: tuple[str, ...]
    state: tuple[str, ...]
    placement: tuple[str, ...]
    packing: tuple[str, ...]
    call: str
    unpacking: tuple[str, ...]
    summary: str


def recipe(spec: RunSpec) -> Recipe:
    """Return the lines that make the run which `spec` describes."""
    state = _state(spec)
    packing = _packing(spec)
    source = "packed" if packing else "x"
    argument = f"{source}, (h_0, c_0)" if state else source
    result = "packed_output" if packing else "output"
    return Recipe(
        module=(f"torch.manual_seed({spec.seed})", f"lstm = {constructor(spec.geometry)}"),
        evaluation="lstm.eval()",
        input=tuple(line.code for line in input_lines(spec)),
        state=state,
        placement=_placement(spec, has_state=bool(state)),
        packing=packing,
        call=f"{result}, (h_n, c_n) = lstm({argument})",
        unpacking=_unpacking(spec),
        summary=f"last = {summary(spec.lstm)}",
    )


def summary(lstm: LstmSpec) -> str:
    """Return the expression for the last layer's final state, both directions joined."""
    return "torch.cat([h_n[-2], h_n[-1]], dim=-1)" if lstm.bidirectional else "h_n[-1]"


_DEFAULTS: Final = {
    "num_layers": 1,
    "bias": True,
    "batch_first": False,
    "dropout": 0.0,
    "bidirectional": False,
    "proj_size": 0,
}
"""What ``nn.LSTM`` takes where nothing is said."""


def constructor(geometry: Geometry) -> str:
    """Return the shortest call that makes the module, e.g. ``nn.LSTM(8, 16, num_layers=2)``."""
    values = {name: getattr(geometry, name) for name in _DEFAULTS}
    options = [f"{name}={values[name]!r}" for name in values if values[name] != _DEFAULTS[name]]
    sizes = (str(geometry.input_size), str(geometry.hidden_size))
    options += ["nonlinearity='relu'"] if geometry.kind is RNN_RELU else []
    return f"nn.{geometry.kind.module}({', '.join([*sizes, *options])})"


def input_lines(spec: RunSpec) -> tuple[Line, ...]:
    """Return the lines that make ``x``, each with the axes it makes."""
    sizes = {"L": spec.input.seq_len, "N": spec.input.columns, "H_in": spec.lstm.input_size}
    sizes |= {"years": sunspots_needed(spec), "1": 1}
    texts = {"last_lag": spec.lstm.input_size - 1, "year": _year(spec)}
    lines = [
        Line(code.format(**sizes, **texts), tuple((name, sizes[name]) for name in axes.split()))
        for code, axes in _VALUES[spec.input.values]
    ]
    if spec.input.unbatched:
        lines.append(_line("x = x[:, 0]", sizes, "L", "H_in"))
    elif spec.lstm.batch_first:
        lines.append(_line("x = x.transpose(0, 1)", sizes, "N", "L", "H_in"))
    return tuple(lines)


def _line(code: str, sizes: dict[str, int], *axes: str) -> Line:
    return Line(code, tuple((name, sizes[name]) for name in axes))


def sunspots_needed(spec: RunSpec) -> int:
    """Return how many years, from 1700 on, the sunspot input of `spec` reads; at most all."""
    return min(_last_year(spec), len(sunspots()))


def _last_year(spec: RunSpec) -> int:
    return spec.input.seq_len * spec.input.columns + spec.lstm.input_size - 1


def _year(spec: RunSpec) -> str:
    years = len(sunspots())
    return "t + start + year" if _last_year(spec) <= years else f"(t + start + year) % {years}"


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
        options.append(f'"{spec.device}"')
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


def _unpacking(spec: RunSpec) -> tuple[str, ...]:
    if not spec.input.lengths:
        return ()
    options = ", batch_first=True" if spec.lstm.batch_first else ""
    if spec.input.steps < spec.input.seq_len:
        options += f", total_length={spec.input.seq_len}"
    return (f"output, _ = pad_packed_sequence(packed_output{options})",)
