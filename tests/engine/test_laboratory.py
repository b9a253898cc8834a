import json
import os
import subprocess
import sys
import threading
import time

import pytest
import torch

from lstmviz.core.mistakes import CATALOGUE, MistakeKind, SetupPart, explain, mistake
from lstmviz.core.mistakes.experiment import Verdict, ended
from lstmviz.core.spec import DType, RunSpec
from lstmviz.engine.lab import child as laboratory_child
from lstmviz.engine.lab.laboratory import Laboratory, LaboratoryError

pytestmark = pytest.mark.kernels

SPECS = {
    "default": RunSpec(),
    "one way, time-major": RunSpec().changed(
        batch_first=False, bidirectional=False, num_layers=1, seq_len=7, batch_size=3
    ),
    "unbatched": RunSpec().changed(unbatched=True, hidden_size=6, seq_len=9),
    "projected, with lengths": RunSpec().changed(proj_size=5, lengths=(24, 9, 3, 12)),
    "time-major, no bias": RunSpec().changed(batch_first=False, bias=False, input_size=3),
    "float64": RunSpec().changed(dropout=0.5, bidirectional=False, dtype=DType.FLOAT64),
    "bfloat16": RunSpec().changed(dtype=DType.BFLOAT16, num_layers=1, batch_size=20),
}
TOLERANCE = {DType.FLOAT64: 1e-12, DType.FLOAT32: 1e-5, DType.BFLOAT16: 2e-2}
EXPECTED = {
    MistakeKind.ERROR: Verdict.RAISED,
    MistakeKind.CRASH: Verdict.CRASHED,
    MistakeKind.SILENT: Verdict.DIFFERS,
}
SAME_MESSAGE = {
    ("state-alone", "state-without-batch-axis"),
    ("state-alone", "state-with-batch-axis"),
    ("packed-output-indexed", "tuple-indexed"),
    ("state-without-layers", "state-without-directions"),
}
"""Mistakes of which PyTorch says the same as of another, which is then the one that is named."""
NOT_REPRODUCED: set[tuple[str, str]] = set()


@pytest.fixture(scope="module")
def experiments():
    with Laboratory() as laboratory:
        yield {
            (m.name, name): laboratory.run(m.name, spec)
            for name, spec in SPECS.items()
            for m in CATALOGUE
            if m.applies(spec)
        }


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_every_mistake_without_cuda_was_run(experiments):
    run = {name for name, _ in experiments}
    rest = [m for m in CATALOGUE if m.name not in run]
    assert {m.name for m in rest} == {
        "input-on-another-device",
        "state-on-another-device",
        "lengths-on-gpu",
        "backward-in-eval-mode",
    }
    assert all("CUDA" in m.needs for m in rest)


def test_every_mistake_still_reproduces(experiments):
    changed = {
        key: experiment
        for key, experiment in experiments.items()
        if experiment["verdict"] != EXPECTED[mistake(key[0]).kind]
    }
    version = next(iter(experiments.values()))["torch"]
    print(f"\ntorch {version}: {len(experiments)} runs, {len(changed)} do not reproduce")
    for (name, setting), experiment in changed.items():
        print(f"  {name} ({setting}): {experiment['verdict']}: {ended(experiment['code'])}")
    assert set(changed) == NOT_REPRODUCED


def test_every_fix_runs_clean(experiments):
    broken = {
        key: ended(experiment[part])
        for key, experiment in experiments.items()
        for part in (SetupPart.FIX, SetupPart.TRUTH)
        if experiment[part] and ended(experiment[part]) != "It ran through."
    }
    assert broken == {}


def test_live_messages_are_explained_by_their_own_mistake(experiments):
    wrong = {}
    for (name, setting), experiment in experiments.items():
        m = mistake(name)
        if m.kind is MistakeKind.ERROR:
            explanation = explain(ended(experiment["code"]), SPECS[setting])
            named = explanation.mistake.name if explanation.mistake else ""
            if name != named and (name, named) not in SAME_MESSAGE:
                wrong[name, setting] = (ended(experiment["code"]), explanation.mistake)
    assert wrong == {}


@pytest.mark.parametrize("weights", ["float32", "float64", "bfloat16", "float16"])
@pytest.mark.parametrize("state", ["float32", "float64", "bfloat16", "float16"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("grad", [False, True])
def test_whatever_pytorch_says_here_of_a_state_of_another_dtype_is_explained(
    weights, state, packed, grad
):
    dtype, other = (getattr(torch, name) for name in (weights, state))
    x = torch.randn(5, 2, 3, dtype=dtype)
    given = torch.nn.utils.rnn.pack_sequence(list(x.unbind(1))) if packed else x
    h_0 = torch.zeros(1, 2, 4, dtype=other)
    said = ""
    with torch.set_grad_enabled(grad):
        try:
            torch.nn.LSTM(3, 4, dtype=dtype)(given, (h_0, h_0))
        except RuntimeError as error:
            said = str(error)
    assert not said or weights != state
    if said:
        explanation = explain(f"{said}\n")
        # Some wordings do not say whose dtype is the other one.
        named = [mistake("state-of-another-dtype"), mistake("input-of-another-dtype")]
        assert explanation.mistake in named, said


def test_silent_mistakes_differ_and_the_right_numbers_are_true(experiments):
    for (name, setting), experiment in experiments.items():
        if mistake(name).kind is MistakeKind.SILENT:
            tolerance = TOLERANCE[SPECS[setting].dtype]
            assert experiment["wrong_right"]["max_abs"] > 3 * tolerance, (name, setting)
            assert experiment["right_truth"]["max_abs"] <= tolerance, (name, setting)
            shapes = [experiment[part]["numbers"]["shape"] for part in SetupPart]
            assert shapes[0] == shapes[1] == shapes[2], (name, setting)


def test_the_numbers_shown_are_those_compared(experiments):
    experiment = experiments["last-step-of-both-directions", "default"]
    wrong, right = (
        experiment[part]["numbers"]["values"] for part in (SetupPart.CODE, SetupPart.FIX)
    )
    assert experiment["code"]["numbers"]["shape"] == [4, 32]
    assert len(wrong) == len(right) == 64
    assert wrong[:16] == pytest.approx(right[:16], abs=1e-6)
    assert wrong[16:32] != pytest.approx(right[16:32], abs=1e-3)


def test_experiments_are_plain_data(experiments):
    for experiment in experiments.values():
        assert json.loads(json.dumps(experiment)) == experiment


def test_a_segmentation_fault_is_named_and_the_fix_still_runs(experiments):
    experiment = experiments["packed-state-rows", "default"]
    assert experiment["code"]["signal"] == "SIGSEGV"
    assert ended(experiment["code"]) == (
        "Segmentation fault: the process died (SIGSEGV) without a message."
    )
    assert ended(experiment["fix"]) == "It ran through."


def test_warnings_are_kept(experiments):
    experiment = experiments["dropout-on-one-layer", "bfloat16"]
    assert any(mistake("dropout-on-one-layer").match(w) for w in experiment["code"]["warnings"])


@pytest.mark.slow
def test_a_program_that_takes_too_long_is_stopped():
    spec = RunSpec().changed(seq_len=100_000, batch_size=1, hidden_size=128, num_layers=4)
    with Laboratory(seconds=0.2) as laboratory:
        experiment = laboratory.run("state-kept-between-batches", spec)
    assert experiment["verdict"] == Verdict.TIMED_OUT
    assert experiment["code"]["timed_out"]
    assert ended(experiment["code"]) == "It was stopped after 0 s."


@pytest.mark.slow
def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    threads = set(threading.enumerate())
    with Laboratory() as laboratory:
        laboratory.run("packed-state-rows", RunSpec())
        pid = laboratory._child._process.pid
        assert alive(pid)
    assert not alive(pid)
    assert set(threading.enumerate()) == threads
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_child_goes_when_its_parent_is_killed():
    code = (
        "import os, lstmviz.engine.lab.child as c; child = c.Child();"
        "print(child._process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid, deadline = int(out.stdout), time.monotonic() + 60
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


def test_a_child_that_cannot_start_is_one_sentence(monkeypatch):
    monkeypatch.setattr(laboratory_child, "MODULE", "lstmviz.nowhere")
    with pytest.raises(LaboratoryError, match=r"did not start \(exit code 1\)\."):
        Laboratory().run("three-results", RunSpec())


def test_an_unknown_mistake_starts_no_child():
    laboratory = Laboratory()
    with pytest.raises(KeyError):
        laboratory.run("no-such-mistake", RunSpec())
    assert laboratory._child is None
