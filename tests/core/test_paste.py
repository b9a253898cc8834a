"""A message is read the same, whatever terminals, mails and logs have put around it."""

import html
import json
import re
from pathlib import Path

import pytest

from lstmviz.core.mistakes import explain, format_explanation
from lstmviz.core.mistakes.paste import Weight, cleaned, evidence_in, frames, joined_lines
from lstmviz.core.mistakes.readings import READINGS, Sure
from lstmviz.core.spec import RunSpec

LIVE = json.loads(Path(__file__).with_name("live_messages.json").read_text("utf-8"))
"""What torch 2.13 said to every mistake of the laboratory that raises, run for real."""

HEAD = """Traceback (most recent call last):
  File "/home/user/project/train.py", line 41, in <module>
    main(parse_arguments())
  File "/home/user/project/model.py", line 17, in step
    y = self.lstm(x)
"""


def hard(text, width):
    return "\n".join(
        line[at : at + width]
        for line in text.split("\n")
        for at in range(0, max(len(line), 1), width)
    )


def coloured(text):
    text = re.sub(r"(\d)(\d)", "\\1\x1b[0m\x1b[1;31m\\2", text)
    return re.sub(r"\w*Error", lambda m: f"\x1b[31m{m[0]}\x1b[0m", text)


def jupyter(text):
    message = text.removeprefix(HEAD)
    rule = "-" * 75
    return (
        f"{rule}\n{message.split(':')[0]:<42}Traceback (most recent call last)\n"
        "Cell In[7], line 3\n      1 model = Model()\n      2 x = load()\n"
        "----> 3 y = model.lstm(x)\n"
        f"\n{message}"
    )


def by_pytest(text):
    kind, _, message = text.removeprefix(HEAD).partition(": ")
    body = "\n".join(f"E   {line}" for line in f"    {kind}: {message}".split("\n"))
    short = f"FAILED tests/test_model.py::test_step - {kind}: {message.split(chr(10))[0][:20]}..."
    return (
        "    def test_step():\n>       y = model.lstm(x)\n"
        f"{body}\n\ntests/test_model.py:9: {kind}\n"
        f"=========== short test summary info ===========\n{short}\n=== 1 failed in 1.21s ===\n"
    )


def each(prefix):
    return lambda text: "\n".join(prefix + line for line in text.split("\n"))


def boxed(text):
    top = "╭" + "─" * 96 + "╮\n"
    inside = "".join(
        f"│ {line:<94} │\n"
        for line in ("/home/user/project/train.py:41 in <module>", "❱ 41 y = model.lstm(x)")
    )
    return top + inside + "╰" + "─" * 96 + "╯\n" + text.removeprefix(HEAD)


FORMS = {
    "colours": coloured,
    "79 columns": lambda text: hard(text, 79),
    "60 columns": lambda text: hard(text, 60),
    "quoted": each("> "),
    "quoted twice": each("> > "),
    "Jupyter": jupyter,
    "pytest": by_pytest,
    "rich": boxed,
    "torchrun": each("[rank0]: "),
    "ray": each("(RayTrainWorker pid=4711, ip=10.0.0.7) "),
    "docker": each("trainer-1  | "),
    "logging": each("2024-05-01 12:00:00,123 ERROR train: "),
    "bracketed time": each("[2024-05-01 12:00:00] "),
    "entities": html.escape,
    "entities twice": lambda text: html.escape(html.escape(text)),
    "curly quotes": lambda text: text.replace('"', "”").replace("'", "’"),
    "full width": lambda text: text.translate(str.maketrans("():,[]", "（）：，［］")),
    "long numbers": lambda text: re.sub(r"(\d)([,)\]])", r"\1L\2", text),
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "fenced": lambda text: f"I get this:\n```python\n{text}\n```\nWhat now?",
    "ignored after it": lambda text: (
        text
        + "\nException ignored in: <function _Iter.__del__ at 0x7f>\nTraceback (most recent call"
        ' last):\n  File "/venv/lib/python3.8/loader.py", line 1324, in __del__\nAssertionError:'
        " can only join a child process\n"
    ),
    "torchrun's summary after it": lambda text: (
        text + "\ntorch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n"
        "====\ntrain.py FAILED\n----\nRoot Cause (first observed failure):\n  rank : 0\n"
        "  exitcode : 1 (pid: 4711)\n"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_message_means_the_same_in_every_form_or_nothing(form):
    other, silent = {}, []
    for name, message in LIVE.items():
        text = f"{HEAD}{message}\n"
        clean, found = explain(text), explain(FORMS[form](text))
        assert clean.title, name
        if not found.title:
            silent.append(name)
        elif (found.title, found.sentence) != (clean.title, clean.sentence):
            other[name] = (found.title, found.sentence, clean.sentence)
    assert other == {}
    assert len(silent) <= len(LIVE) // 10, silent


PUBLIC = json.loads(Path(__file__).with_name("public_pastes.json").read_text("utf-8"))
"""Pastes from public threads, names and paths replaced, and what a right answer must hold."""

NOT_OURS = {
    "a file": "FileNotFoundError: [Errno 2] No such file or directory: 'data/train.csv'\n",
    "a key": "  File \"a.py\", line 3, in f\nKeyError: 'hidden'\n",
    "a name": "NameError: name 'lstm' is not defined\n",
    "a plain tuple": "AttributeError: 'tuple' object has no attribute 'append'\n",
    "a plain unpacking": (
        '  File "read.py", line 9, in rows\n    key, value = line.split("=")\n'
        "ValueError: too many values to unpack (expected 2)\n"
    ),
    "a module": "ModuleNotFoundError: No module named 'torchtext'\n",
    "a division": '  File "mean.py", line 2, in f\nZeroDivisionError: division by zero\n',
    "an option of one's own": (
        "TypeError: Trainer.__init__() got an unexpected keyword argument 'x'\n"
    ),
    "another library": (
        "ValueError: Input 0 of layer lstm_1 is incompatible with the layer: expected ndim=3, found"
        " ndim=2. Full shape received: (None, 10)\n"
    ),
    "a list without dim": (
        '  File "plot.py", line 4, in draw\n    rank = rows.dim()\n'
        "AttributeError: 'list' object has no attribute 'dim'\n"
    ),
}


def answered(text):
    """Return the answer without the echo of the message."""
    return format_explanation(explain(text)).partition("\n\n")[2]


@pytest.mark.parametrize("row", PUBLIC, ids=lambda row: row["kind"])
def test_public_pastes_are_explained(row):
    assert re.search(row["must_match"], answered(row["input"]))


@pytest.mark.parametrize("text", NOT_OURS.values(), ids=NOT_OURS)
@pytest.mark.parametrize("spec", [None, RunSpec()])
def test_what_is_not_an_lstms_is_not_explained(text, spec):
    explanation = explain(text, spec)
    assert explanation.title == ""
    assert explanation.sentence.startswith("This is not a mistake that lstmviz knows")


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("if hx.size() != expected_hidden_size:", "a state is (D·num_layers, N, H)"),
        ("if self.input_size != input.size(-1):", "the input's last axis is input_size long"),
        ("if input.dim() != expected_input_dim:", "the input has three axes"),
    ],
)
def test_a_check_that_torchscript_shows_without_its_numbers(check, told):
    text = (
        "RuntimeError: Exception\nThe above operation failed in interpreter, with the following"
        f" stack trace:\nat /l/site-packages/torch/nn/modules/rnn.py:153:12\n        {check}\n"
        "            raise RuntimeError(msg)\n            ~~~~~ <--- HERE\n"
    )
    explanation = explain(text)
    assert told in explanation.sentence
    assert not explanation.certain
    # With the numbers there, those are what counts.
    said = "RuntimeError: Expected hidden[0] size (1, 4, 6), got (1, 3, 6)\n"
    assert explain(text + said).sizes["expected"] == "1, 4, 6"


def test_only_a_mark_at_the_start_of_a_line_is_pytests():
    assert cleaned("~~~ <--- HERE\nE   said\nE\nTYPE  x") == "~~~ <--- HERE\nsaid\n\nTYPE  x"


def test_an_unknown_answer_says_what_is_certain():
    text = (
        'Traceback (most recent call last):\n  File "net.py", line 12, in forward\n'
        "    y = self.mix(x)\n"
        '  File "/v/lib/python3.11/site-packages/torch/mix.py", line 9, in mix\n    raise E\n'
        "RuntimeError: mixing (4, 7) with torch.float16 is not possible\n"
        "wandb: Synced 5 files\n"
    )
    explanation = explain(text)
    assert explanation.message == "mixing (4, 7) with torch.float16 is not possible"
    assert explanation.sentence == (
        "This is not a mistake that lstmviz knows, so it does not guess. What is certain: it was"
        " raised from line 12 of net.py, in forward; the innermost call is mix in mix.py; the"
        " message names the sizes (4, 7); it names the dtypes torch.float16."
    )
    assert explanation.search == "pytorch RuntimeError mixing with torch.float is not possible"
    assert explain(text.replace("self.mix", "self.lstm")).search.startswith("pytorch LSTM Runtime")


def test_numbers_are_the_readers_own_and_the_rest_are_letters():
    text = "RuntimeError: Expected hidden[0] size (2, 5, 33), got [2, 9, 33]"
    assert explain(text, RunSpec()).fix == (
        "n = x.size(0)  # x.size(1) without batch_first",
        "h_0 = torch.zeros(2, n, 33, device=x.device, dtype=x.dtype)",
        "c_0 = torch.zeros_like(h_0)",
        "output, (h_n, c_n) = lstm(x, (h_0, c_0))",
    )
    width = "input.size(-1) must be equal to input_size. Expected 5, got 7"
    built = "lstm = nn.LSTM(7, H)  # where 5 was"
    assert explain(f"RuntimeError: {width}").fix[0] == f"{built}; or nn.GRU, nn.RNN"
    assert explain(f"nn.LSTM(5, 3)\nRuntimeError: {width}").fix[0] == built


@pytest.mark.parametrize(
    ("broken", "sizes"),
    [
        ("Expected hidden[0] size (1, 3\n2, 256), got [1, 8, 256]", ("1, 32, 256", "1, 8, 256")),
        ("Expected hidden[0] size (1, 32,\n256), got [1, 8, 256]", ("1, 32,\n256", "1, 8, 256")),
        ("Expected hidden[0] size (1, 32, 256), got [1, 8, 25\n6]", ("1, 32, 256", "1, 8, 256")),
    ],
)
def test_no_size_is_read_that_is_not_there(broken, sizes):
    found = explain(f"RuntimeError: {broken}\n").sizes
    assert (found["expected"], found["got"]) == sizes


def test_what_came_after_the_known_exception_is_named():
    text = (
        "RuntimeError: input.size(-1) must be equal to input_size. Expected 5, got 7\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "KeyError: 'loss'\n"
    )
    explanation = explain(text)
    assert "holds 7 features" in explanation.sentence
    assert explanation.also[-1] == (
        "The text goes on with KeyError: 'loss', which this does not explain."
    )


def test_of_a_chain_of_causes_the_first_is_explained():
    text = (
        "RuntimeError: Expected sequence length to be larger than 0 in RNN\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        "RuntimeError: input.size(-1) must be equal to input_size. Expected 5, got 7\n"
    )
    explanation = explain(text)
    assert explanation.title == "An empty sequence"
    assert any("holds 7 features" in other for other in explanation.also)


def test_cleaning_keeps_what_is_the_programs_own():
    kept = (
        ">       raise ValueError(x)\nE       ValueError: 3 | 4 [5] <module> a < b\n\nm.py:2: E\n"
    )
    assert "ValueError: 3 | 4 [5] <module> a < b" in cleaned(kept)
    assert cleaned("\x1b[1;31mgot 1\x1b[0m2\x1b[0m") == "got 12"
    assert cleaned("&lt;module&gt; &amp;lt;x&amp;gt;") == "<module> <x>"
    assert cleaned("(2L, 3L)  1Lx") == "(2, 3)  1x"
    assert cleaned(">>> lstm(x)\n1\n") == ">>> lstm(x)\n1\n"


def test_lines_are_joined_at_the_width_of_a_terminal_only():
    text = hard('  File "/home/user/project/model.py", line 17, in step\n' + "x" * 150, 60)
    joined, certain = joined_lines(text)
    assert certain
    assert joined.split("\n")[-1] == "x" * 150
    assert joined_lines("one line\nand another\n") == ("one line\nand another\n", False)


def test_frames_are_read_as_each_tool_writes_them():
    text = (
        '  File "/a/model.py", line 8, in forward\n    y = f(x)\n'
        "/opt/conda/lib/python3.6/site-packages/torch/nn/modules/rnn.py in forward(self, input)\n"
        "    149   a\n--> 150   raise b\n\n"
        "Cell In[5], line 3\n      2 a\n----> 3 net(x)\n\n"
        "File ~/env/rnn.py:226, in RNNBase.check_hidden_size(self, hx)\n--> 226   raise c\n\n"
        "tests/test_a.py:20: in test_it\n"
    )
    found = [(f.name, f.line, f.function, f.code, f.is_library) for f in frames(text)]
    assert found == [
        ("model.py", 8, "forward", "y = f(x)", False),
        ("rnn.py", 150, "forward", "raise b", True),
        ("Cell In[5]", 3, "", "net(x)", False),
        ("rnn.py", 226, "check_hidden_size", "raise c", False),
        ("test_a.py", 20, "test_it", "", False),
    ]


def test_an_exception_weighs_more_than_what_surrounds_it():
    text = (
        "a.py:3: UserWarning: slow\nRuntimeError: bad\n"
        "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n"
        "FAILED t.py::t - RuntimeError: ba...\n"
    )
    assert [(one.type, one.weight) for one in evidence_in(text).raised] == [
        ("UserWarning", Weight.WARNING),
        ("RuntimeError", Weight.EXCEPTION),
        ("ChildFailedError", Weight.WRAPPER),
        ("RuntimeError", Weight.CUT),
    ]


def test_every_anchor_is_in_what_its_pattern_finds():
    texts = [*LIVE.values(), *(row["input"] for row in PUBLIC)]
    for text in map(cleaned, texts):
        for reading in READINGS:
            for pattern, words in reading.patterns:
                for match in pattern.finditer(text):
                    assert not words or any(word in match[0].lower() for word in words)


def test_doubt_is_said():
    assert explain("RuntimeError: Expected sequence length to be larger than 0 in RNN").sure is (
        Sure.CERTAIN
    )
    shared = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (4x32 and 16x2)\n"
    assert explain(shared).sure is Sure.POSSIBLE
    assert "Other operations say this too" in answered(shared)
