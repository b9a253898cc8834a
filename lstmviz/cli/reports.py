"""Commands that print what is true of a run: its shapes, its facts, its program."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from lstmviz.cli.calls import LstmCall, add_call, calls_of
from lstmviz.cli.terminal import complain, say
from lstmviz.cli.usage import DONE, command_parser, session_of
from lstmviz.core.asking.session import Session
from lstmviz.core.words.of_traces import nonfinite_in_words, proof_in_words

if TYPE_CHECKING:
    from lstmviz.core.facts import Fact
    from lstmviz.core.geometry import Geometry
    from lstmviz.core.scenarios.results import Claim
    from lstmviz.core.trace import Trace
    from lstmviz.core.words.standing import Standing


def shapes_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz shapes``."""
    parser = command_parser("shapes", "Print every tensor's name, axes, shape, dtype and bytes.")
    add_call(parser)
    parser.add_argument("--json", action="store_true", help="as data")
    return parser


def print_shapes(options: argparse.Namespace) -> int:
    """Print the contract; of a scenario that of each of its LSTM calls."""
    session = session_of(options) or Session()
    if session.choice is None and options.call is None:
        # Known without a run.
        sizes = session.spec.geometry
        say(json.dumps(shapes_data(sizes), indent=2) if options.json else shapes_text(sizes))
        return DONE
    calls, _claims = calls_of(session, options.call)
    if options.json:
        say(json.dumps(_shapes_of_calls(session, calls, options.call), indent=2))
    else:
        say("\n\n".join(_headed(call, calls, shapes_text(call.geometry)) for call in calls))
    return DONE


def _shapes_of_calls(
    session: Session, calls: tuple[LstmCall, ...], asked: str | None
) -> dict[str, Any]:
    if asked is not None or session.choice is None:
        return shapes_data(calls[0].geometry)
    told = [{"call": call.name, **shapes_data(call.geometry)} for call in calls]
    return {"scenario": session.choice.name, "settings": session.choice.settings, "calls": told}


def _headed(call: LstmCall, calls: tuple[LstmCall, ...], text: str) -> str:
    return f"LSTM call {calls.index(call)}: {call.name}\n{text}" if call.name else text


def shapes_data(geometry: Geometry) -> dict[str, Any]:
    """Return the contract as ``lstmviz shapes --json`` prints it."""
    from lstmviz.core.contract import contract

    shapes = contract(geometry)
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


def shapes_text(geometry: Geometry) -> str:
    """Return the contract as an aligned table."""
    from lstmviz.core.contract import contract

    shapes = contract(geometry)
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
    add_call(parser)
    parser.add_argument("--json", action="store_true", help="as data")
    return parser


def print_facts(options: argparse.Namespace) -> int:
    """Run, evaluate the facts and print them; of a scenario also its own claims."""
    session = session_of(options) or Session()
    calls, claims = calls_of(session, options.call)
    found = {call.name: _facts_of(call, session) for call in calls}
    if options.json:
        told = [_claim_data(claim) for claim in claims]
        for name, told_of in found.items():
            told += [fact.as_json() | ({"call": name} if name else {}) for fact in told_of]
        for call in calls:
            for sentence in _doubts(call.trace):  # Standard output is the facts alone.
                complain(sentence)
        say(json.dumps(told, indent=2))
        return DONE
    blocks = [claim_text(claim) for claim in claims]
    for call in calls:
        texts = [*_doubts(call.trace), *(fact_text(fact) for fact in found[call.name])]
        blocks += [_headed(call, calls, "\n" + texts[0]), *texts[1:]] if call.name else texts
    say("\n\n".join(blocks))
    return DONE


def _facts_of(call: LstmCall, session: Session) -> tuple[Fact, ...]:
    from lstmviz.core.facts import facts

    if session.choice is not None:
        # A model's LSTM cannot be called in other ways without its model.
        return facts(call.geometry, call.trace)
    from lstmviz.engine.counterparts import counterparts

    return facts(call.geometry, call.trace, counterparts(session.spec))


def _claim_data(claim: Claim) -> dict[str, Any]:
    difference = claim.max_abs_difference
    return {
        "claim": claim.sentence,
        "expressions": list(claim.expressions),
        "max_abs_difference": None if difference != difference else difference,  # noqa: PLR0124
        "holds": claim.holds,
    }


def claim_text(claim: Claim) -> str:
    """Return one claim of a scenario as a few lines: verdict, what was compared, what was found."""
    lines = [_marked(claim.standing, claim.sentence)]
    lines += [f"    {text}" for text in claim.expressions]
    return "\n".join([*lines, f"  {claim.measured}"])


def _marked(standing: Standing, claim: str) -> str:
    """Return a claim behind its sign; what fails says so in words too."""
    return f"{standing.sign} {claim}" + (f" ({standing.words})" if standing.is_failure else "")


def _doubts(trace: Trace) -> list[str]:
    """Return what a reader of this run's facts has to know first; mostly nothing."""
    told = [] if trace.proof.ok else [proof_in_words(trace.proof)]
    if trace.first_nonfinite is not None:
        told.append(nonfinite_in_words(trace.first_nonfinite))
    return [f"! {sentence}" for sentence in (*told, *trace.notes)]


def fact_text(fact: Fact) -> str:
    """Return one fact as a few lines: verdict and claim, what was compared, why."""
    from lstmviz.core.words.rounding import rounded

    lines = [_marked(fact.standing, fact.claim)]
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
    """Print the program; a scenario's is the run, and explained also its model."""
    session = session_of(options) or Session()
    if session.choice is not None:
        from lstmviz.core.scenarios.program import program

        say(program(session.choice, with_model=options.style == "explained"), end="")
        return DONE
    from lstmviz.core.snippet import Style, snippet

    say(snippet(session.spec, Style(options.style)), end="")
    return DONE
