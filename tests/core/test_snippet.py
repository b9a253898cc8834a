"""Printed programs, run by interpreters that know nothing of lstmviz, against the engine's runs."""

from __future__ import annotations

import ast
import base64
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lstmviz.core.contract import contract
from lstmviz.core.recipe import sunspots_needed
from lstmviz.core.snippet import Style, snippet
from lstmviz.core.spec import DType, InitialState, RunSpec, Values
from lstmviz.engine.build import build
from lstmviz.engine.opening.trace import trace

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

Arrays = dict[str, np.ndarray[Any, Any]]

EXPORT = """
def export(names):
    import base64, io, numpy, torch
    def plain(tensor):
        half = tensor.dtype in (torch.float16, torch.bfloat16)
        return (tensor.float() if half else tensor).detach().numpy()
    found = {name: plain(v) for name, v in names.items() if isinstance(v, torch.Tensor)}
    for name in ("packed", "packed_output"):
        if name in names:
            found[name + ".data"] = plain(names[name].data)
    found |= {"lstm." + name: plain(p) for name, p in names["lstm"].named_parameters()}
    found["training"] = numpy.array(names["lstm"].training)
    file = io.BytesIO()
    numpy.savez(file, **found)
    return base64.b64encode(file.getvalue()).decode()
"""

SERVER = f"""
import json, sys
{EXPORT}
for line in sys.stdin:
    names = {{}}
    exec(compile(json.loads(line), "<program>", "exec"), names)
    print(export(names), flush=True)
"""

FRESH = {
    "default": RunSpec(),
    "packed, projected, stateful, float64": RunSpec().changed(
        lengths=(20, 9, 23, 1),
        proj_size=5,
        initial_state=InitialState.RANDOM,
        dtype=DType.FLOAT64,
        dropout=0.25,
        num_layers=3,
        bias=False,
    ),
    "unbatched sunspots": RunSpec().changed(
        unbatched=True, values=Values.SUNSPOTS, bidirectional=False, seq_len=200
    ),
    "one of everything, bfloat16": RunSpec().changed(
        input_size=1,
        hidden_size=1,
        num_layers=1,
        seq_len=1,
        batch_size=1,
        dtype=DType.BFLOAT16,
        batch_first=False,
        values=Values.RAMP,
    ),
}


def arrays(text: str) -> Arrays:
    with np.load(io.BytesIO(base64.b64decode(text))) as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="module")
def run_program() -> Iterator[Callable[[str], Arrays]]:
    """Run programs in one other interpreter, each in names of its own."""
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None

    def run(program: str) -> Arrays:
        server.stdin.write(json.dumps(program) + "\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        assert answer, f"the program failed:\n{program}"
        return arrays(answer)

    yield run
    server.stdin.close()
    server.stdout.close()
    server.wait()


def compare(spec: RunSpec, found: Arrays) -> None:
    """Hold every tensor of a program to the engine's run."""
    call = build(spec)
    seen = trace(call.lstm, call.input, call.hx)
    near = seen.proof.tolerance_h
    packed = spec.input.lengths is not None
    np.testing.assert_array_equal(found["packed.data"] if packed else found["x"], _input(call))
    if call.hx:
        for name, state in zip(("h_0", "c_0"), call.hx, strict=True):
            np.testing.assert_array_equal(found[name], _plain(state))
    for name, weight in call.lstm.named_parameters():
        np.testing.assert_array_equal(found[f"lstm.{name}"], _plain(weight))
    returned = "packed_output.data" if packed else "output"
    for name, ours in ((returned, seen.output), ("h_n", seen.h_n), ("c_n", seen.c_n)):
        assert found[name].shape == ours.shape
        np.testing.assert_allclose(found[name], ours, rtol=0, atol=near)
    shapes = contract(spec.geometry)
    for name in ("output", "h_n", "c_n"):
        assert found[name].shape == shapes.tensor(name).shape
    np.testing.assert_allclose(found["last"], _last(seen), rtol=0, atol=near)
    if packed:
        compare_padding(spec, found)
    assert not found["training"]


def compare_padding(spec: RunSpec, found: Arrays) -> None:
    """Hold the padded output to the packed one: the same numbers, else zeros."""
    output = found["output"] if spec.lstm.batch_first else found["output"].swapaxes(0, 1)
    order = sorted(range(len(output)), key=lambda n: -spec.input.lengths[n])
    steps = range(max(spec.input.lengths))
    rows = [output[n, t] for t in steps for n in order if t < spec.input.lengths[n]]
    np.testing.assert_array_equal(found["packed_output.data"], np.array(rows))
    for n, length in enumerate(spec.input.lengths):
        assert not output[n, length:].any()


def _plain(tensor: Any) -> np.ndarray[Any, Any]:
    half = tensor.element_size() == 2
    return (tensor.float() if half else tensor).detach().numpy()


def _input(call: Any) -> np.ndarray[Any, Any]:
    return _plain(getattr(call.input, "data", call.input))


def _last(seen: Any) -> np.ndarray[Any, Any]:
    """Return the last layer's final states from the opened trace, each where it ends."""
    lengths = np.full(seen.batch_size, seen.seq_len) if seen.lengths is None else seen.lengths
    top = seen.hidden[-1]
    states = [top[0, lengths - 1, np.arange(seen.batch_size)], *(way[0] for way in top[1:])]
    joined = np.concatenate(states, axis=-1)
    return joined if seen.batched else joined[0]


@pytest.mark.slow
@given(st.data())
@example(None)
def test_programs_make_the_run_shown(random_specs, run_program, data):
    specs = [data.draw(random_specs())] if data else list(FRESH.values())
    for spec in specs:
        for style in Style:
            compare(spec, run_program(snippet(spec, style)))


@pytest.mark.slow
@pytest.mark.parametrize("spec", FRESH.values(), ids=FRESH)
def test_a_program_runs_in_a_fresh_interpreter(spec, tmp_path):
    file = tmp_path / "program.py"
    ending = f"{EXPORT}\nprint(export(globals()))\n"
    file.write_text(snippet(spec) + ending, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    compare(spec, arrays(done.stdout))


# The comments -------------------------------------------------------------------------------------

SHAPE = re.compile(r"\(([^()=]+)\) += \(([^()]+)\)$")


def named_sizes(spec: RunSpec) -> dict[str, int]:
    d, lengths = spec.lstm.num_directions, spec.input.lengths
    return {
        "1": 1,
        "L": spec.input.seq_len,
        "N": spec.input.columns,
        "D·num_layers": d * spec.lstm.num_layers,
        "H_in": spec.lstm.input_size,
        "H_cell": spec.lstm.hidden_size,
        "H_out": spec.lstm.output_size,
        "D·H_cell": d * spec.lstm.hidden_size,
        "D·H_out": d * spec.lstm.output_size,
        "Σ lengths": sum(lengths) if lengths else 0,
        "years": sunspots_needed(spec),
    }


def parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def shape_comments(program: str) -> Iterator[tuple[str, list[str], list[int]]]:
    """Yield the source line, the symbols and the sizes of each shape comment."""
    for line in program.splitlines():
        if (found := SHAPE.search(line)) and "#" in line:
            yield line, parts(found[1]), [int(size) for size in parts(found[2])]


@given(st.data())
def test_every_symbol_in_a_comment_has_its_size(random_specs, data):
    spec = data.draw(random_specs())
    sizes = named_sizes(spec)
    comments = list(shape_comments(snippet(spec, Style.MINIMAL)))
    assert len(comments) >= 5
    for line, symbols, found in comments:
        assert [sizes[symbol] for symbol in symbols] == found, line


@given(st.data())
def test_every_statement_makes_the_shape_its_comment_says(random_specs, data):
    program = snippet(data.draw(random_specs()), data.draw(st.sampled_from(Style)))
    lines, names, checked = program.splitlines(), {}, 0
    for node in ast.parse(program).body:
        exec(compile(ast.Module([node], []), "<line>", "exec"), names)  # noqa: S102 - our program
        if not isinstance(node, ast.Assign):
            continue
        near = [lines[node.end_lineno - 1], lines[node.lineno - 2]]
        commented = [line for line in near if SHAPE.search(line) and "#" in line]
        name = re.search(r"\w+", ast.unparse(node.targets[0]))[0]
        if name == "lstm":
            continue
        assert commented, ast.unparse(node)
        made = names[name].data if name == "packed" else names[name]
        shape = list(made.shape) if hasattr(made, "shape") else [len(made)]
        assert [int(size) for size in parts(SHAPE.search(commented[0])[2])] == shape, commented
        checked += 1
    assert checked >= 2


@given(st.data())
def test_programs_import_what_they_use_and_keep_to_88_columns(random_specs, data):
    spec = data.draw(random_specs())
    for style in Style:
        program = snippet(spec, style)
        tree = ast.parse(program)
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert imported <= used
        assert max(map(len, program.splitlines())) <= 88
        assert program.endswith("\n")
        assert not re.search(r"[ \t]\n|\n\n\n", program)


def test_the_largest_settings_keep_to_88_columns():
    spec = RunSpec().changed(
        input_size=8192,
        hidden_size=8192,
        num_layers=64,
        proj_size=8191,
        bias=False,
        dropout=0.3333333333333333,
        seq_len=100_000,
        initial_state=InitialState.RANDOM,
        dtype=DType.BFLOAT16,
        device="cuda:0",
        seed=2**32 - 1,
    )
    ragged = spec.changed(batch_size=65_536, lengths=(100_000,) * 65_536)
    for largest in (ragged, *(spec.changed(values=values) for values in Values)):
        for style in Style:
            program = snippet(largest, style)
            assert max(map(len, program.splitlines())) <= 88
            ast.parse(program)


DEFAULT = """\
import torch
from torch import nn

torch.manual_seed(3)
# 9,728 parameters
lstm = nn.LSTM(8, 16, num_layers=2, batch_first=True, bidirectional=True)
lstm.eval()

t = torch.arange(24)[:, None, None]                 # (L, 1, 1) = (24, 1, 1)
phase = torch.arange(4)[:, None] / 4                # (N, 1) = (4, 1)
period = torch.linspace(6, 24, 8)                   # (H_in,) = (8,)
x = torch.sin(2 * torch.pi * (t / period + phase))  # (L, N, H_in) = (24, 4, 8)
x = x + 0.1 * torch.randn(24, 4, 8)                 # (L, N, H_in) = (24, 4, 8)
x = x.transpose(0, 1)                               # (N, L, H_in) = (4, 24, 8)

with torch.no_grad():
    output, (h_n, c_n) = lstm(x)
# output  (N, L, D·H_cell)          = (4, 24, 32)
# h_n     (D·num_layers, N, H_cell) = (4, 4, 16)
# c_n     (D·num_layers, N, H_cell) = (4, 4, 16)

last = torch.cat([h_n[-2], h_n[-1]], dim=-1)  # (N, D·H_cell) = (4, 32)
"""


def test_the_default_program_reads_like_this():
    assert snippet(RunSpec(), Style.MINIMAL) == DEFAULT


def test_the_summary_of_one_direction_is_named_without_d():
    program = snippet(RunSpec().changed(bidirectional=False), Style.MINIMAL)
    assert program.endswith("last = h_n[-1]  # (N, H_cell) = (4, 16)\n")


def test_the_explained_program_is_the_minimal_one_with_reasons():
    for spec in FRESH.values():
        minimal, explained = snippet(spec, Style.MINIMAL), snippet(spec, Style.EXPLAINED)
        assert set(minimal.splitlines()) <= set(explained.splitlines())
        body = ast.parse(explained).body
        assert isinstance(body[0].value, ast.Constant)
        assert ast.unparse(ast.Module(body[1:], [])) == ast.unparse(ast.parse(minimal))


@pytest.mark.parametrize(
    ("settings", "warning"),
    [
        ({}, "Not output[:, -1]: there the reverse direction has taken one step."),
        ({"batch_first": False}, "Not output[-1]: there the reverse direction"),
        ({"lengths": (20, 9, 23, 1)}, "Not output[:, -1]: for a sequence that ends earlier,"),
        ({"bidirectional": False}, None),
        ({"seq_len": 1}, None),
    ],
)
def test_the_summary_warns_of_what_is_wrong_in_this_setting(settings, warning):
    text = snippet(RunSpec().changed(**settings)).replace("\n# ", " ")
    if warning is None:
        assert "Not output" not in text
    else:
        assert warning in text
