"""``lstmviz convert``: an LSTM's weights from one framework's layout to another's, checked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lstmviz.cli.terminal import say
from lstmviz.cli.usage import DONE, FAILED, Parser, UsageError, out_file
from lstmviz.core.files.atomic_file import check_place
from lstmviz.core.words.amounts import quoted, shown

if TYPE_CHECKING:
    import numpy.typing as npt

    from lstmviz.core.conversions import LayoutReading
    from lstmviz.engine.reproduce import Trial

_NAMES: Final = ("torch", "keras", "cudnn", "tensorflow", "onnx", "haste")
_INPUTS: Final = ("input", "x")
_OUTPUTS: Final = ("expected", "output", "y")
_MOST_SAID: Final = 3


def convert_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz convert``."""
    parser = Parser(
        prog="lstmviz convert",
        description="Say whose layout an LSTM's weights have and what each array is in PyTorch;"
        " with an input and the output expected, which reading a real nn.LSTM reproduces it with.",
        allow_abbrev=False,
    )
    parser.add_argument("file", type=Path, metavar="WEIGHTS.npz", help="or .safetensors")
    parser.add_argument("--from", dest="origin", choices=_NAMES, help="whose layout it is")
    parser.add_argument("--to", choices=_NAMES, default="torch", help="the layout to write")
    parser.add_argument(
        "--forget-bias",
        type=float,
        metavar="B",
        help="what a TensorFlow cell adds to its forget gate; 1",
    )
    parser.add_argument("--input", metavar="NAME", help="the array that is the input")
    parser.add_argument("--expected", metavar="NAME", help="the array that is the output expected")
    parser.add_argument("-o", "--output", type=out_file, metavar="OUT", help=".safetensors or .npz")
    return parser


def convert(options: argparse.Namespace) -> int:
    """Read, check and, where asked, write the weights."""
    from lstmviz.core.conversions import ConversionError
    from lstmviz.core.files.arrayfile import ArrayFileError, read_array_file

    if options.output:
        check_place(options.output)
    try:
        return _convert(options, read_array_file(options.file))
    except (ArrayFileError, ConversionError) as error:
        raise UsageError(str(error)) from error


def _convert(options: argparse.Namespace, arrays: dict[str, npt.NDArray[Any]]) -> int:
    given = _taken(arrays, options.input, _INPUTS)
    expected = _taken(arrays, options.expected, _OUTPUTS)
    readings = _readings(options, arrays)
    said = [_fits(readings)]
    chosen, stack, is_sure = readings[0], readings[0].stack, len(readings) == 1
    is_failed = False
    if given is not None and expected is not None:
        from lstmviz.engine.reproduce import reproduce

        trials = reproduce(readings, given, expected)
        said += _trials_in_words(trials, given.shape, expected.shape)
        agreeing = [trial for trial in trials if trial.agrees]
        is_failed = not agreeing
        if agreeing:
            found = agreeing[0].layout
            chosen = next(one for one in readings if one.layout.name == found.name)
            chosen = chosen.in_order(found.gates)
            stack, is_sure = (
                agreeing[0].stack,
                all(trial.stack.equals(agreeing[0].stack) for trial in agreeing),
            )
    said[1:1] = _arrays_in_words(chosen, arrays)
    if chosen.layout.note:
        said.append(f"Mind: {chosen.layout.note}")
    if options.output and not is_failed:
        if not is_sure:
            raise UsageError(
                f"the shapes fit {_titles(readings)}; say whose they are with --from, or add an"
                " input and the output expected"
            )
        said.append(_write(options, stack))
    say("\n".join(said))
    return FAILED if is_failed else DONE


def _taken(
    arrays: dict[str, npt.NDArray[Any]], asked: str | None, known: tuple[str, ...]
) -> npt.NDArray[Any] | None:
    """Take the input or the output out of `arrays`; None where there is none."""
    if asked is not None and asked not in arrays:
        raise UsageError(f"the file has no array {quoted(asked)}")
    name = asked or next((name for name in known if name in arrays), None)
    return None if name is None else arrays.pop(name)


def _readings(
    options: argparse.Namespace, arrays: dict[str, npt.NDArray[Any]]
) -> tuple[LayoutReading, ...]:
    from lstmviz.core.conversions import fitting, layout_named, read_arrays

    if options.origin:
        return (read_arrays(arrays, layout_named(options.origin), options.forget_bias),)
    readings = fitting(arrays, options.forget_bias)
    if not readings:
        shapes = ", ".join(f"{shown(name)} {array.shape}" for name, array in arrays.items())
        raise UsageError(f"these arrays are in no layout known here: {shapes}")
    return readings


def _titles(readings: tuple[LayoutReading, ...]) -> str:
    return " and ".join(one.layout.title.replace("`", "") for one in readings)


def _fits(readings: tuple[LayoutReading, ...]) -> str:
    how = "names and shapes" if readings[0].is_named else "shapes and order"
    rest = "" if len(readings) == 1 else "; only numbers can tell these apart"
    arguments = ", ".join(f"{k}={v}" for k, v in readings[0].stack.arguments.items())
    return f"The {how} fit {_titles(readings)}{rest}.\nnn.LSTM({arguments})"


def _arrays_in_words(reading: LayoutReading, arrays: dict[str, npt.NDArray[Any]]) -> list[str]:
    layout = reading.layout
    lines = [
        f"  {shown(name)} {arrays[name].shape} -> {', '.join(becomes)}"
        for name, becomes in reading.used.items()
    ]
    if layout.name != "torch":
        lines.append(
            f"  gates {', '.join(layout.gates)} -> i, f, g, o; each block of a weight:"
            f" {layout.transposition}; added to f: {layout.added(reading.forget_bias):g}"
        )
    left = [shown(name) for name in arrays if name not in reading.used]
    return [*lines, f"  left out: {', '.join(left)}"] if left else lines


def _trials_in_words(
    trials: tuple[Trial, ...], given: tuple[int, ...], expected: tuple[int, ...]
) -> list[str]:
    if not trials:
        return [f"No nn.LSTM of these sizes makes finite numbers of {expected} from {given}."]
    agreeing = [trial for trial in trials if trial.agrees]
    if not agreeing:
        return ["No order of the gates gives the output expected; the closest:"] + [
            _trial(trial) for trial in trials[:_MOST_SAID]
        ]
    lines = ["A real nn.LSTM gives the output expected, with:", *map(_trial, agreeing)]
    others = [trial for trial in trials if not trial.agrees]
    return [*lines, "The next best:", _trial(others[0])] if others else lines


def _trial(trial: Trial) -> str:
    from lstmviz.core.conversions import layout_named

    sign = "<=" if trial.agrees else ">"
    own = layout_named(trial.layout.name).gates
    other = "" if trial.layout.gates == own else f", not its own {', '.join(own)}"
    return (
        f"  {trial.layout.title.replace('`', '')}, gates {', '.join(trial.layout.gates)}{other},"
        f" batch_first={trial.is_batch_first}: greatest difference {trial.difference:.2g} {sign}"
        f" {trial.tolerance:g}, of {trial.compared}"
    )


def _write(options: argparse.Namespace, stack: Any) -> str:
    from lstmviz.core.conversions import layout_named
    from lstmviz.core.conversions.writing import arrays_in
    from lstmviz.core.files.arrayfile import write_array_file

    arrays = arrays_in(stack, layout_named(options.to), options.forget_bias)
    write_array_file(options.output, arrays)
    return f"{shown(options.output)}: {len(arrays)} arrays, {', '.join(arrays)}."
