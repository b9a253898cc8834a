"""Programs of the shapes that people write: the right ones pass, their wrong twins are named."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import lstmviz
from lstmviz.cli import run
from lstmviz.engine.check.calls import Remembered, listening_to_calls
from lstmviz.engine.check.live import explaining
from lstmviz.engine.check.observer import Observer
from lstmviz.engine.check.script import check_script, report_text

PROGRAMS = json.loads(Path(__file__).with_name("programs.json").read_text("utf-8"))


def checked(tmp_path, source, *arguments):
    script = tmp_path / "program.py"
    script.write_text(source, "utf-8")
    return check_script(script, arguments)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: f"{p['kind']}: {p['name']}")
def test_programs_are_named_for_their_mistakes_and_for_nothing_else(program, tmp_path):
    report = checked(tmp_path, program["source"])
    found = sorted({f"{one.mistake}: {one.place.code}" for one, _ in report.found})
    assert (report.raised, report.trouble) == ("", "")
    assert found == sorted(filter(None, program["expects"].split(" | ")))


def test_there_are_enough_right_programs():
    assert sum(program["kind"] == "right" for program in PROGRAMS) >= 20


def test_a_report_gives_the_line_and_the_numbers(tmp_path, capsys):
    source = (
        "import sys, torch\nfrom torch import nn\nprint(sys.argv[1:])\n"
        "lstm = nn.LSTM(4, 6, batch_first=True, bidirectional=True)\n"
        "for _ in range(3):\n"
        "    out, _ = lstm(torch.randn(8, 10, 4))\n"
        "    y = nn.functional.relu(out[:, -1])\n"
    )
    report = checked(tmp_path, source, "--epochs", "3")
    assert capsys.readouterr().out == "['--epochs', '3']\n"
    text = report_text(report, "program.py").replace(str(tmp_path) + "/", "")
    assert text == (
        "program.py:7: The last step of output as the summary of a bidirectional LSTM"
        "  [last-step-of-both-directions]\n"
        "    y = nn.functional.relu(out[:, -1])\n"
        "  output is (8, 10, 12); at step 9 units 6 to 11 are the reverse direction's, which has"
        " read 1 of 10 steps there. Seen 3 times.\n"
        "  Write: torch.cat((h_n[-2], h_n[-1]), -1)"
    )


def test_the_command_tells_by_its_exit_code(tmp_path, capsys):
    right, wrong, broken = (tmp_path / f"{name}.py" for name in ("right", "wrong", "broken"))
    right.write_text("import torch\ntorch.nn.LSTM(2, 3)(torch.zeros(5, 4, 2))\n", "utf-8")
    wrong.write_text(
        "import torch\nout, (h, c) = torch.nn.LSTM(2, 3, 2)(torch.zeros(5, 4, 2))\nh.view(4, -1)\n",
        "utf-8",
    )
    broken.write_text("import torch\ntorch.nn.LSTM(2, 3)(torch.zeros(5, 4, 7))\n", "utf-8")
    assert run(["check", str(right)]) == 0
    assert "no silent mistake" in capsys.readouterr().out
    assert run(["check", str(wrong)]) == 3
    assert "a row holds the numbers of 2 sequences" in capsys.readouterr().out
    assert run(["check", str(broken)]) == 3
    assert "holds 7 features per step" in capsys.readouterr().out
    assert run(["check", str(tmp_path / "nowhere.py")]) == 2


def test_a_script_ends_as_it_would_have(tmp_path):
    assert checked(tmp_path, "raise SystemExit(4)").exit_code == 4
    assert checked(tmp_path, "import sys\nsys.exit()").exit_code == 0
    report = checked(tmp_path, "def f():\n    raise KeyError('x')\nf()\n")
    assert report.raised.splitlines()[1].endswith('program.py", line 3, in <module>')
    assert report.raised.splitlines()[-1] == "KeyError: 'x'"


def test_our_own_failure_leaves_the_program_alone(monkeypatch):
    def fail(*_args):
        raise ValueError("ours")

    monkeypatch.setattr("lstmviz.engine.check.rules.last_step", fail)
    observer = Observer()
    with observer.watching():
        output, _ = nn.LSTM(2, 3)(torch.zeros(5, 4, 2))
        last = output[-1]
    assert last.shape == (4, 3)
    assert observer.trouble == "ValueError: ours"


def test_nothing_of_torch_stays_changed():
    before = nn.LSTM.__call__, nn.LSTMCell.__call__, torch.utils.data.DataLoader.__iter__
    with pytest.raises(RuntimeError), Observer().watching():
        nn.LSTM(2, 3)(torch.zeros(5, 4, 7))
    after = nn.LSTM.__call__, nn.LSTMCell.__call__, torch.utils.data.DataLoader.__iter__
    assert before == after


def test_calls_are_remembered_with_their_shapes():
    heard = Remembered()
    with listening_to_calls(heard):
        nn.LSTM(2, 3, batch_first=True)(torch.zeros(5, 4, 2))
        nn.LSTM(2, 3)(input=torch.zeros(5, 4, 2), hx=(torch.zeros(1, 4, 3), torch.zeros(1, 4, 3)))
        nn.GRUCell(2, 3)(torch.zeros(5, 2))
    told = [call.told().partition(": ")[2] for call in heard.calls]
    assert told == [
        "nn.LSTM(2, 3, batch_first=True) on (5, 4, 2) float32 cpu -> (5, 4, 3)",
        "nn.LSTM(2, 3) on (5, 4, 2) float32 cpu, state (1, 4, 3), (1, 4, 3) -> (5, 4, 3)",
        "nn.GRUCell(2, 3) on (5, 2) float32 cpu -> (5, 3)",
    ]
    assert [(call.steps, call.batch) for call in list(heard.calls)[:2]] == [(4, 5), (5, 4)]


def test_an_exception_is_explained_where_it_is_raised_and_goes_on():
    written = io.StringIO()
    lstm = nn.LSTM(8, 16, batch_first=True)

    def fail():
        with explaining(written):
            lstm(torch.randn(4, 24, 8))
            lstm(torch.randn(4, 8, 24))

    with pytest.raises(RuntimeError, match="Expected 8, got 24"):
        fail()
    text = written.getvalue()
    assert "holds 24 features per step" in text
    assert "its axis 1 is 8 long, which is input_size, so x.transpose(1, 2)" in text
    assert "on (4, 24, 8) float32 cpu -> (4, 24, 16)\n" in text
    assert text.endswith("on (4, 8, 24) float32 cpu raised\n")
    assert "calls.py" not in text


def test_what_is_not_understood_is_left_to_python():
    written = io.StringIO()
    with pytest.raises(KeyError), lstmviz.explaining(written):
        raise KeyError("x")
    assert written.getvalue() == ""


def test_an_exception_or_a_message_is_explained():
    try:
        nn.LSTM(2, 3)(torch.zeros(5, 4, 7))
    except RuntimeError as error:
        explanation = lstmviz.explain(error)
    assert explanation.title == "Features that do not match input_size"
    assert "\n    lstm = nn.LSTM(7, H)  # where 2 was\n" in str(explanation)
    assert "this LSTM was built with input_size=2" in explanation.sentence
    alone = lstmviz.explain(f"RuntimeError: {explanation.message}").sentence
    assert alone == explanation.sentence.replace("this LSTM", "the module")


def test_uncaught_exceptions_are_explained_after_pythons_own_words():
    code = (
        "import lstmviz, torch; lstmviz.explain_uncaught()\n"
        "torch.nn.LSTM(2, 3)(torch.zeros(5, 4, 7))\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert out.returncode == 1
    before, _, after = out.stderr.partition("\nRuntimeError: input.size(-1)")
    assert before.startswith("Traceback (most recent call last):")
    assert "holds 7 features per step" in after
    assert "The last calls before it:" in after


IN_WORKERS = """
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

def collate(items):
    return {"x": pad_sequence(items, batch_first=True), "n": torch.tensor([len(i) for i in items])}

lstm = nn.LSTM(4, 6, batch_first=True)
series = [torch.randn(n, 4) for n in (3, 7, 5, 2, 6, 4)]
for batch in DataLoader(series, 3, collate_fn=collate, num_workers=2WITH):
    assert type(batch) is dict, type(batch)
    READ
    y = last.sum()
"""
PACKED = (
    "packed = pack_padded_sequence(batch['x'], batch['n'], True, enforce_sorted=False)\n"
    "    last = lstm(packed)[1][0][-1]"
)


@pytest.mark.parametrize(
    ("settings", "read", "found"),
    [
        ("", "last = lstm(batch['x'])[0][:, -1]", ["last-step-is-padding"]),
        ("", PACKED, []),
        (", persistent_workers=True", PACKED, []),
        (", multiprocessing_context='fork', prefetch_factor=1", PACKED, []),
    ],
)
def test_padding_made_in_workers_is_seen_and_their_batches_are_the_programs_own(
    settings, read, found, tmp_path
):
    source = IN_WORKERS.replace("WITH", settings).replace("READ", read)
    report = checked(tmp_path, source)
    assert (report.raised, report.trouble) == ("", "")
    assert [one.mistake for one, _ in report.found] == found


def test_an_error_in_a_workers_collate_stays_the_programs_own(tmp_path):
    source = IN_WORKERS.replace("WITH", "").replace("READ", "last = batch['x']")
    source = source.replace("    return {", "    raise ValueError('odd item')\n    return {")
    report = checked(tmp_path, source)
    assert "ValueError: odd item" in report.raised


def test_a_loader_keeps_its_own_collate_function(tmp_path):
    source = IN_WORKERS.replace("WITH", "").replace("READ", "last = batch['x']")
    kept = "loader = DataLoader(series, 3, collate_fn=collate, num_workers=1)\nfor _ in loader:\n"
    kept += "    assert loader.collate_fn is collate\n"
    report = checked(tmp_path, source + kept)
    assert report.raised == ""
