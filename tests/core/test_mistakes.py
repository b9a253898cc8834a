import json
import re
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.mistakes import (
    CATALOGUE,
    MistakeKind,
    SetupPart,
    explain,
    format_explanation,
    mistake,
)
from lstmviz.core.spec import DType, RunSpec

SPECS = {
    "default": RunSpec(),
    "one way, time-major": RunSpec().changed(
        batch_first=False, bidirectional=False, num_layers=1, seq_len=7, batch_size=3
    ),
    "unbatched": RunSpec().changed(unbatched=True, hidden_size=6, seq_len=9),
    "projected, with lengths": RunSpec().changed(proj_size=5, lengths=(24, 9, 3, 12)),
    "float64": RunSpec().changed(dropout=0.5, bidirectional=False, dtype=DType.FLOAT64),
    "large batch": RunSpec().changed(batch_size=200, seq_len=40),
    "one of everything": RunSpec().changed(
        input_size=1,
        hidden_size=1,
        num_layers=1,
        seq_len=1,
        batch_size=1,
        bidirectional=False,
        bias=False,
    ),
}

MESSAGES = json.loads(Path(__file__).with_name("public_messages.json").read_text("utf-8"))
PUBLIC = {row["source"]: row["text"] for row in MESSAGES}

UNKNOWN = {
    "another error": "KeyError: 'weights'",
    "half a line": "RuntimeError: Expected hidden",
    "prose": "my LSTM does not learn, what now?",
    "binary": "\x00\xff\ud800" * 50,
}


def test_catalogue_is_large_and_its_names_are_unique_slugs():
    names = [m.name for m in CATALOGUE]
    assert len(CATALOGUE) >= 25
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", name) for name in names)
    assert {m.kind for m in CATALOGUE} == set(MistakeKind)


@pytest.mark.parametrize("m", CATALOGUE, ids=lambda m: m.name)
def test_every_mistake_says_what_a_reader_needs(m):
    assert m.why.endswith(".")
    assert not m.title.endswith(".")
    assert bool(m.messages) or m.kind is MistakeKind.SILENT
    assert bool(m.result) == bool(m.proof) == (m.kind is MistakeKind.SILENT)
    assert bool(m.needs) == bool(m.example)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
@pytest.mark.parametrize("m", CATALOGUE, ids=lambda m: m.name)
def test_every_program_compiles_and_every_offered_setting_applies(m, spec):
    change = m.nearest({}, spec)
    assert change is not None
    changed = spec.changed(**change)
    assert m.applies(changed)
    assert change == {k: v for k, v in change.items() if spec.value(k) != v}
    for part in SetupPart:
        compile("\n".join(m.program(changed, part)), m.name, "exec")
    assert m.code(changed) != m.fix(changed)


@pytest.mark.parametrize("row", MESSAGES, ids=PUBLIC)
def test_public_messages_are_explained(row):
    explanation = explain(row["text"])
    assert (explanation.mistake and explanation.mistake.name) == row["mistake"]
    assert explanation.sentence == row["sentence"]
    assert bool(explanation.search) == (row["mistake"] is None)


def test_the_setting_settles_what_the_message_leaves_open():
    text = PUBLIC["aladdinpersson/Machine-Learning-Collection#110"]
    spec = RunSpec().changed(num_layers=2, bidirectional=False, hidden_size=1024, batch_size=1)
    explanation = explain(text, spec)
    assert explanation.mistake == mistake("state-without-layers")
    assert explanation.spec_change == {}
    assert any("do not count the layers" in other for other in explain(text).also)


def test_sizes_are_named_as_the_issue_asks():
    explanation = explain("RuntimeError: Expected hidden[1] size (2, 2, 6), got (4, 2, 6)")
    assert explanation.sentence.startswith(
        "hidden[1] is c_0; you passed (4, 2, 6), the decoder needs (2, 2, 6): "
    )
    assert explanation.sizes == {"which": "1", "expected": "2, 2, 6", "got": "4, 2, 6"}
    changed = RunSpec().changed(**(explanation.spec_change or {}))
    assert changed.lstm.num_layers == 2
    assert changed.lstm.bidirectional
    assert (changed.lstm.hidden_size, changed.input.batch_size) == (6, 2)


def test_a_part_of_the_model_named_in_the_traceback_is_named_in_the_sentence():
    text = (
        "    out, state = self.decoder(x, state)\n"
        "RuntimeError: Expected hidden[0] size (2, 8, 32), got [2, 16, 32]"
    )
    assert "the decoder needs (2, 8, 32)" in explain(text).sentence


def test_features_are_told_from_time_by_the_setting():
    text = "RuntimeError: input.size(-1) must be equal to input_size. Expected 8, got 24"
    assert explain(text).mistake == mistake("input-of-another-width")
    here = explain(text, RunSpec())
    assert here.mistake == mistake("features-not-last")
    assert "(24 is seq_len here)" in here.sentence


@pytest.mark.parametrize(
    "text",
    [
        (
            "RuntimeError: could not create a primitive descriptor for the LSTM forward propagation"
            " primitive. Run workload with environment variable ONEDNN_VERBOSE=all to get"
            " additional diagnostic information."
        ),
        "could not create a primitive descriptor for the LSTM backward propagation primitive",
        "could not create a primitive descriptor for an LSTM forward propagation primitive",
        "could not create a descriptor for a LSTM forward\npropagation primitive",
    ],
)
def test_what_onednn_says_of_mixed_types_is_explained_by_what_is_certain_of_it(text):
    explanation = explain(text, RunSpec().changed(dtype=DType.BFLOAT16))
    assert explanation.mistake == mistake("state-of-another-dtype")
    assert explanation.certain
    assert explanation.sentence.startswith(
        "oneDNN, which runs LSTMs on the CPU, has no kernel for the types that met:"
    )
    assert "this processor has no LSTM kernel for it" in explanation.sentence


@pytest.mark.parametrize("what", ["matmul", "convolution forward propagation", "reorder"])
def test_what_onednn_says_of_other_operations_is_not_taken_for_an_lstms(what):
    text = f"RuntimeError: could not create a primitive descriptor for the {what} primitive."
    assert explain(text).mistake is None


def test_the_last_known_exception_counts():
    first = "RuntimeError: Expected sequence length to be larger than 0 in RNN\n"
    during = "\nDuring handling of the above exception, another exception occurred:\n\n"
    known = "ValueError: proj_size has to be smaller than hidden_size\n"
    assert explain(first + during + known).mistake == mistake("proj-size-too-large")
    after = explain(first + during + "KeyError: 'x'\n")
    assert after.mistake == mistake("input-without-steps")
    assert after.also == ("The text goes on with KeyError: 'x', which this does not explain.",)
    cause = "\nThe above exception was the direct cause of the following exception:\n\n"
    assert explain(first + cause + "KeyError: 'x'\n").mistake == mistake("input-without-steps")


def test_a_message_that_others_share_is_certain_only_around_an_lstm():
    text = PUBLIC["patrickloeber/pytorch-chatbot#12"]
    assert not explain(text).certain
    linear = '  File "/lib/site-packages/torch/nn/modules/linear.py", line 125, in forward\n'
    assert explain("    out, _ = self.lstm(x)\n" + linear + text).certain
    assert "Other operations say this too" in format_explanation(explain(text))


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_text_is_not_guessed_at(text):
    explanation = explain(text, RunSpec())
    assert explanation.mistake is None
    unread = "No error message was found in this text"
    assert "does not guess" in explanation.sentence or unread in explanation.sentence
    assert "Search for" in format_explanation(explanation)


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_nothing_pasted_is_said_to_be_nothing(text):
    assert explain(text).sentence.startswith("There is nothing to explain.")
    assert explain(text).search == ""


@given(st.text(max_size=400), st.sampled_from(sorted(PUBLIC)))
def test_any_text_around_a_message_is_survived(noise, source):
    format_explanation(explain(noise))
    explanation = explain(PUBLIC[source] + "\n" + noise, SPECS["unbatched"])
    json.dumps(explanation.spec_change)
    format_explanation(explanation)


@given(
    st.sampled_from(sorted(PUBLIC)),
    st.sampled_from([None, *SPECS.values()]),
    st.lists(st.integers(0, 10**6) | st.just(10**5000), min_size=1, max_size=6),
)
def test_any_numbers_in_a_message_are_survived(source, spec, numbers):
    turn = cycle(numbers)
    digits = {10**5000: "1" + "0" * 5000}
    text = re.sub(r"\d+", lambda _: digits.get(n := next(turn)) or str(n), PUBLIC[source])
    explanation = explain(text, spec)
    if explanation.spec_change:
        changed = (spec or RunSpec()).changed(**explanation.spec_change)
        assert explanation.mistake is None or explanation.mistake.applies(changed)
    format_explanation(explanation)


@pytest.mark.parametrize("unit", ["A.", " ", "Error", "Expected ", "Expected hidden[0] size ("])
def test_a_paste_ten_times_as_long_takes_about_ten_times_as_long(unit):
    def seconds(length):
        text, taken = unit * (length // len(unit)), []
        for _ in range(3):
            began = time.process_time()
            explain(text)
            taken.append(time.process_time() - began)
        return min(taken)

    # Searches that start again at every character would take a hundred times as long.
    assert seconds(300_000) < 40 * seconds(30_000)


def test_printed_explanation():
    assert format_explanation(explain(PUBLIC["PetrochukM/PyTorch-NLP#51"])) == (
        "RuntimeError: Expected hidden[0] size (1, 70, 1150), got (1, 10, 1150)\n\n"
        "A state made for a batch of another size  [state-of-another-batch]\n\n"
        "hidden[0] is h_0; you passed (1, 10, 1150), the LSTM needs (1, 70, 1150): this input\n"
        "holds 70 sequences and the state was made for 10.\n\n"
        "The second axis of a state is the batch, and this one was made for another: one sequence\n"
        "at inference, a smaller last batch, another loader. Make the state from the size of the\n"
        "batch at hand, or pass none, which starts from zeros.\n\n"
        "What to write:\n"
        "    n = x.size(0)  # x.size(1) without batch_first\n"
        "    h_0 = torch.zeros(1, n, 1150, device=x.device, dtype=x.dtype)\n"
        "    c_0 = torch.zeros_like(h_0)\n"
        "    output, (h_n, c_n) = lstm(x, (h_0, c_0))\n\n"
        "To see it happen, set num_layers=1, bidirectional=False, batch_size=70,\n"
        "hidden_size=1150.\n\n"
        "Also possible:\n"
        "- If your batch holds 10 and 70 is its sequence length, batch and time are mixed up:\n"
        "build the module with batch_first=True, or transpose the input.\n"
    )


def test_the_catalogue_needs_neither_torch_nor_qt():
    code = "import sys, lstmviz.core.mistakes; print([m for m in sys.modules if m in %r])"
    banned = ("torch", "PySide6", "pyqtgraph")
    out = subprocess.run(
        [sys.executable, "-c", code % (banned,)], capture_output=True, text=True, check=True
    )
    assert out.stdout == "[]\n"
