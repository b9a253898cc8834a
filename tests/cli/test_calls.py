"""What a command says of a scenario is of the scenario's model, wherever the scenario came from."""

from __future__ import annotations

import functools
import json
import subprocess
import sys

import numpy as np
import pytest

from lstmviz.cli import run
from lstmviz.core.asking.session import Session
from lstmviz.core.files.pngtext import SESSION_KEY, read_text
from lstmviz.core.scenario import SCENARIOS
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.trace import Trace, TraceFileError


def told(capsys, *arguments):
    assert run([str(argument) for argument in arguments]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def recorded(monkeypatch):
    """Every nn.LSTM that is called, with the shapes it was called with, seen by PyTorch itself."""
    import torch

    seen = []
    forward = torch.nn.LSTM.forward

    @functools.wraps(forward)
    def spy(module, *arguments, **options):
        found = forward(module, *arguments, **options)
        parameters = sum(p.numel() for p in module.parameters())
        shapes = {name: list(p.shape) for name, p in module.named_parameters()}
        seen.append((parameters, shapes, list(found[1][0].shape)))
        return found

    monkeypatch.setattr(torch.nn.LSTM, "forward", spy)
    return seen


@pytest.mark.parametrize("name", SCENARIOS)
def test_shapes_are_those_of_the_scenario_s_own_modules(name, capsys, recorded):
    data = told(capsys, "shapes", "--scenario", name, "--json")
    assert data["scenario"] == name
    assert data["settings"] == Choice(name).settings
    assert data["calls"]
    for number, call in enumerate(data["calls"]):
        tensors = {tensor["name"]: tensor["shape"] for tensor in call["tensors"]}
        assert any(
            call["parameters"] == parameters
            and all(tensors[n] == shape for n, shape in shapes.items())
            and tensors["h_n"] == h_n
            for parameters, shapes, h_n in recorded
        )
        alone = told(capsys, "shapes", "--scenario", name, "--json", "--call", number)
        assert alone == {key: call[key] for key in ("tensors", "parameters")}


@pytest.mark.parametrize("name", SCENARIOS)
def test_numbers_are_those_of_the_scenario_s_own_run(name, tmp_path, capsys):
    from lstmviz.engine.scenarios.run import run_scenario

    path = tmp_path / "x.npz"
    assert run(["trace", "--scenario", name, "-o", str(path)]) == 0
    capsys.readouterr()
    traces = run_scenario(name).run.traces
    if len(traces) == 1:
        np.testing.assert_array_equal(Trace.load(path).hidden, traces[0].hidden)
        return
    names = [call["call"] for call in told(capsys, "shapes", "--scenario", name, "--json")["calls"]]
    with np.load(path, allow_pickle=False) as saved:
        for call, trace in zip(names, traces, strict=True):
            for array, values in trace.arrays().items():
                np.testing.assert_array_equal(saved[f"{call}.{array}"], values)
    with pytest.raises(TraceFileError, match="several LSTM calls"):
        Trace.load(path)
    assert run(["trace", "--scenario", name, "-o", str(path), "--call", names[1]]) == 0
    np.testing.assert_array_equal(Trace.load(path).hidden, traces[1].hidden)
    capsys.readouterr()


def test_facts_of_a_scenario_are_its_claims_and_those_of_its_calls(capsys):
    from lstmviz.engine.scenarios.run import run_scenario

    data = told(capsys, "facts", "--scenario", "encoder-decoder", "--json")
    claims = run_scenario("encoder-decoder").claims
    assert [one["claim"] for one in data[: len(claims)]] == [claim.sentence for claim in claims]
    keys = {"claim", "expressions", "max_abs_difference", "holds"}
    assert all(one.keys() - {"call"} == keys for one in data)
    assert {one.get("call") for one in data} == {None, "encoder", "decoder"}
    assert run(["facts", "--scenario", "encoder-decoder"]) == 0
    out = capsys.readouterr().out
    assert "LSTM call 0: encoder\n" in out
    assert claims[0].measured in out


def test_the_program_of_a_scenario_makes_its_run(capsys, tmp_path):
    assert run(["code", "--scenario", "counter", "--style", "minimal"]) == 0
    minimal = capsys.readouterr().out
    assert run(["code", "--scenario", "counter"]) == 0
    assert capsys.readouterr().out.startswith(minimal.rstrip())
    program = tmp_path / "run.py"
    program.write_text(minimal, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True, timeout=120
    )
    assert str(Trace_of("counter").hidden.shape) in done.stdout


def Trace_of(name):  # noqa: N802 - the scenario's one trace
    from lstmviz.engine.scenarios.run import run_scenario

    return run_scenario(name).run.traces[0]


def test_a_saved_scenario_is_the_scenario_for_every_command(capsys, tmp_path):
    choice = Choice("counter", {"text": "((a)(b))"})
    saved = tmp_path / "saved.json"
    saved.write_text(Session(choice=choice).to_json(), encoding="utf-8")
    picture, again = tmp_path / "a.png", tmp_path / "b.png"
    for source, target in ((saved, picture), (picture, again)):
        arguments = [sys.executable, "-m", "lstmviz", "render", source, "-o", target]
        subprocess.run(arguments, check=True, timeout=120)
        assert Session.from_json(read_text(target, SESSION_KEY)).choice == choice
    for source in (saved, again):
        data = told(capsys, "shapes", source, "--json")
        assert (data["scenario"], data["settings"]) == ("counter", choice.settings)
        facts = told(capsys, "facts", source, "--json")
        assert facts[0]["claim"] == choice.scenario.claims[0].sentence
        assert run(["code", str(source), "--style", "minimal"]) == 0
        assert "'text': '((a)(b))'" in capsys.readouterr().out
        assert run(["trace", str(source), "-o", str(tmp_path / "x.npz")]) == 0
        assert Trace.load(tmp_path / "x.npz").seq_len == len("((a)(b))")
        capsys.readouterr()
    # Flags go on from the file: its own settings, and no others.
    changed = told(capsys, "shapes", saved, "--json", "--seed", 5)
    assert changed["settings"] == {**choice.settings, "seed": 5}
    assert run(["shapes", str(saved), "--hidden-size", "5"]) == 2
    assert "has no setting called hidden_size" in capsys.readouterr().err
