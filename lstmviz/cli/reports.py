"""Commands that print or save: numbers, shapes, facts, code, explanations, scenarios."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.cli.usage import DONE, FAILED, Parser, UsageError, command_parser, session_of
from lstmviz.core.proof import ProofVerdict
from lstmviz.core.session import Session
from lstmviz.core.spec import RunSpec, SpecError
from lstmviz.core.trace_wording import nonfinite_in_words, proof_in_words, trace_in_words

if TYPE_CHECKING:
    from lstmviz.core.facts import Fact
    from lstmviz.core.trace import Trace


def trace_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz trace``."""
    parser = command_parser("trace", "Save every number of a run.")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.npz")
    return parser


def save_trace(options: argparse.Namespace) -> int:
    """Run, and save every array of the trace."""
    spec = (session_of(options) or Session()).spec
    path: Path = options.output
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}.")
    trace = _run(spec)
    trace.save(path)
    print("\n".join([f"{path}: {len(trace.arrays())} arrays.", *trace_in_words(trace)]))
    return FAILED if trace.proof.verdict is ProofVerdict.FAILED else DONE


def _run(spec: RunSpec) -> Trace:
    from lstmviz.engine.run import run as run_spec
    from lstmviz.engine.run import timed

    try:
        return timed(run_spec(spec), spec).traces[0]
    except SpecError:
        raise
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        # A device this machine has not is each of these, depending on which it is.
        text = str(error).splitlines() or [type(error).__name__]
        raise UsageError(f"PyTorch refused this run: {text[0]}") from error


def shapes_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz shapes``."""
    parser = command_parser("shapes", "Print every tensor's name, axes, shape, dtype and bytes.")
    parser.add_argument("--json", action="store_true", help="as data")
    return parser


def print_shapes(options: argparse.Namespace) -> int:
    """Print the contract."""
    spec = (session_of(options) or Session()).spec
    print(json.dumps(shapes_data(spec), indent=2) if options.json else shapes_text(spec))
    return DONE


def shapes_data(spec: RunSpec) -> dict[str, Any]:
    """Return the contract as ``lstmviz shapes --json`` prints it."""
    from lstmviz.core.contract import contract

    shapes = contract(spec)
    return {
        "tensors": [
            {
                "name": tensor.name,
                "axes": [axis.symbol for axis in tensor.axes],
                "shape": list(tensor.shape),
                "dtype": tensor.dtype,
                "bytes": tensor.bytes,
            }
            for tensor in shapes.tensors
        ],
        "parameters": shapes.parameters,
    }


def shapes_text(spec: RunSpec) -> str:
    """Return the contract as an aligned table."""
    from lstmviz.core.contract import contract

    shapes = contract(spec)
    rows = [("tensor", "axes", "shape", "dtype", "bytes")]
    for tensor in shapes.tensors:
        axes = ", ".join(axis.symbol for axis in tensor.axes)
        rows.append(
            (tensor.name, f"({axes})", str(tensor.shape), tensor.dtype, f"{tensor.bytes:,}")
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    wide = max(len(row[4]) for row in rows)
    lines = [
        "  ".join(
            [*(cell.ljust(w) for cell, w in zip(row[:4], widths, strict=True)), row[4].rjust(wide)]
        )
        for row in rows
    ]
    return "\n".join([*lines, f"{shapes.parameters:,} parameters"])


def facts_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz facts``."""
    parser = command_parser("facts", "Print what is true of a run, checked on its numbers.")
    parser.add_argument("--json", action="store_true", help="as data")
    return parser


def print_facts(options: argparse.Namespace) -> int:
    """Run, evaluate the facts and print them."""
    spec = (session_of(options) or Session()).spec
    trace = _run(spec)
    from lstmviz.core.facts import facts
    from lstmviz.engine.counterparts import counterparts

    found = facts(spec, trace, counterparts(spec))
    if options.json:
        print(json.dumps([fact.as_json() for fact in found], indent=2))
    else:
        print("\n\n".join([*_doubts(trace), *(fact_text(fact) for fact in found)]))
    return DONE


def _doubts(trace: Trace) -> list[str]:
    """Return what a reader of this run's facts has to know first; mostly nothing."""
    told = [] if trace.proof.ok else [f"! {proof_in_words(trace.proof)}"]
    found = trace.first_nonfinite
    return told if found is None else [*told, f"! {nonfinite_in_words(found)}"]


def fact_text(fact: Fact) -> str:
    """Return one fact as a few lines: verdict and claim, what was compared, why."""
    from lstmviz.core.rounding import rounded
    from lstmviz.core.standing import Standing

    standing = fact.standing
    said = f" ({standing.words})" if standing is Standing.FAILED else ""
    lines = [f"{standing.sign} {fact.claim}{said}"]
    lines += [f"    {expression}" for expression in fact.expressions]
    if fact.max_abs_difference is not None:
        lines.append(f"    max |difference| {rounded(fact.max_abs_difference)}")
    return "\n".join([*lines, f"  {fact.detail}"])


def code_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz code``."""
    parser = command_parser("code", "Print the PyTorch program that makes a run.")
    parser.add_argument("--style", choices=("minimal", "explained"), default="explained")
    return parser


def print_code(options: argparse.Namespace) -> int:
    """Print the program."""
    from lstmviz.core.snippet import Style, snippet

    print(snippet((session_of(options) or Session()).spec, Style(options.style)), end="")
    return DONE


def explain_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz explain``."""
    parser = Parser(
        prog="lstmviz explain",
        description="Say what an error message means and what to change.",
        allow_abbrev=False,
    )
    parser.add_argument("text", nargs="?", help="a message or traceback; - or nothing reads it")
    return parser


def print_explanation(options: argparse.Namespace) -> int:
    """Explain a message given as an argument or on standard input."""
    from lstmviz.core.mistakes import explain, format_explanation

    given = options.text
    text = sys.stdin.read() if given in (None, "-") else given
    if not text.strip():
        raise UsageError("there is no message to explain.")
    print(format_explanation(explain(text)))
    return DONE


def scenarios_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz scenarios``."""
    return Parser(
        prog="lstmviz scenarios", description="List real uses of an LSTM.", allow_abbrev=False
    )


def print_scenarios(_options: argparse.Namespace) -> int:
    """Print every scenario's name and summary."""
    from lstmviz.core.scenario import listing

    print(listing())
    return DONE
