from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstmviz.engine.model.capture import CaptureError, capture, run_captured, watch


class Tagger(nn.Module):
    """Embedding, stacked LSTM inside a block, linear layer, softmax."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 5)
        self.block = nn.ModuleDict(
            {"lstm": nn.LSTM(5, 6, 2, batch_first=True, bidirectional=True, dropout=dropout)}
        )
        self.head = nn.Sequential(nn.Linear(12, 3), nn.Softmax(dim=-1))

    def forward(self, words):
        return self.head(self.block["lstm"](self.embedding(words))[0])


class Decoder(nn.Module):
    """A loop that feeds an LSTM, or a cell, its own output."""

    def __init__(self, cell: bool = False) -> None:
        super().__init__()
        self.rnn = nn.LSTMCell(3, 4) if cell else nn.LSTM(3, 4, batch_first=True)
        self.out = nn.Linear(4, 3)
        self.cell = cell

    def forward(self, fed, steps):
        state, written = None, []
        for _ in range(steps):
            if self.cell:
                state = self.rnn(fed, state)
                fed = self.out(state[0])
            else:
                output, state = self.rnn(fed, state)
                fed = self.out(output)
            written.append(fed)
        return torch.stack(written, 1) if self.cell else torch.cat(written, 1)


def hooks_of(model):
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_forward_hooks_with_kwargs",
             "_forward_hooks_always_called", "_forward_pre_hooks_with_kwargs")  # fmt: skip
    return [len(getattr(module, kind)) for module in model.modules() for kind in kinds]


def ports(stage_ports):
    return {port.name: (port.axes, port.shape) for port in stage_ports}


def test_capture_names_stages_shapes_and_axes():
    model = Tagger()
    run = run_captured(model, torch.arange(28).view(4, 7) % 11, generation=5)
    assert run.generation == 5
    assert [(s.name, s.kind, s.trace) for s in run.stages] == [
        ("", "Tagger", None),
        ("embedding", "Embedding", None),
        ("block.lstm", "LSTM", 0),
        ("head", "Sequential", None),
        ("head.0", "Linear", None),
        ("head.1", "Softmax", None),
    ]
    assert ports(run.stages[0].inputs) == {"words": (("N", "L"), (4, 7))}
    assert run.stages[0].inputs[0].dtype == "int64"
    assert ports(run.stages[2].inputs) == {"input": (("N", "L", "H_in"), (4, 7, 5))}
    assert ports(run.stages[2].outputs) == {
        "output": (("N", "L", "D·H_cell"), (4, 7, 12)),
        "h_n": (("D·num_layers", "N", "H_cell"), (4, 4, 6)),
        "c_n": (("D·num_layers", "N", "H_cell"), (4, 4, 6)),
    }
    assert ports(run.stages[4].outputs) == {"output": (("N", "L", "out_features"), (4, 7, 3))}
    assert ports(run.stages[0].outputs) == {"output": (("N", "L", "out_features"), (4, 7, 3))}


def test_capture_follows_axes_through_views_and_leaves_others_unnamed():
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4, 2)
            self.a, self.b, self.c = nn.Identity(), nn.Identity(), nn.Identity()

        def forward(self, x):
            output, (h_n, _) = self.lstm(x)
            self.a(output[-1])
            self.b(h_n.transpose(0, 1))
            return self.c(torch.randn(9, 8))

    run = run_captured(Last(), torch.randn(7, 5, 3))
    by_name = {stage.name: stage.inputs[0].axes for stage in run.stages}
    assert by_name["a"] == ("N", "D·H_cell")
    assert by_name["b"] == ("N", "D·num_layers", "H_cell")
    assert by_name["c"] == ("", "")


def test_trace_holds_the_numbers_of_the_models_own_call():
    model, words = Tagger(), torch.arange(28).view(4, 7) % 11
    (trace,) = run_captured(model, words).traces
    output, (h_n, c_n) = model.block["lstm"](model.embedding(words))
    np.testing.assert_array_equal(trace.output, output.detach())
    np.testing.assert_array_equal(trace.h_n, h_n.detach())
    np.testing.assert_array_equal(trace.c_n, c_n.detach())
    assert trace.proof.ok


@pytest.mark.parametrize("cell", [False, True])
def test_decoder_loop_is_one_trace_of_all_its_steps(cell):
    model = Decoder(cell)
    start = torch.randn(2, 3) if cell else torch.randn(2, 1, 3)
    run = run_captured(model, start, 300)
    (trace,) = run.traces
    assert len(run.stages) == 3
    assert ports(run.stages[1].inputs)["input"][1][0] == 300
    assert ports(run.stages[2].outputs)["output"][0][0] == "calls"
    assert trace.seq_len == 300
    assert "300 calls of rnn" in trace.notes[-1]
    state, fed, h, c = None, start, [], []
    with torch.no_grad():
        for _ in range(300):
            out = model.rnn(fed, state)
            state = out if cell else out[1]
            fed = model.out(out[0])
            h.append(state[0].reshape(2, 4))
            c.append(state[1].reshape(2, 4))
    np.testing.assert_allclose(trace.hidden[0, 0], torch.stack(h), rtol=0, atol=1e-6)
    np.testing.assert_allclose(trace.cell[0, 0], torch.stack(c), rtol=0, atol=1e-6)
    assert trace.proof.ok


def test_calls_are_joined_only_where_one_continues_the_other():
    lstm = nn.LSTM(3, 4)
    x = torch.randn(6, 2, 3)

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = lstm

        def forward(self, x):
            _, state = self.lstm(x)  # a first sequence
            self.lstm(x * 2)  # another, from zeros
            self.lstm(x, (state[0].detach().clone(), state[1]))  # goes on with the first
            self.lstm(x, (state[0] + 1, state[1]))  # starts elsewhere
            self.lstm(x[:, :1])  # another batch size

    run = run_captured(Twice(), x)
    assert [t.seq_len for t in run.traces] == [12, 6, 6, 6]
    assert [s.trace for s in run.stages] == [None, 0, 1, 2, 3]
    whole = lstm(torch.cat([x, x]))[0].detach().numpy()
    np.testing.assert_allclose(run.traces[0].output, whole, rtol=0, atol=1e-6)


def test_bidirectional_chunks_are_not_joined():
    class Chunks(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4, bidirectional=True)

        def forward(self, x):
            _, state = self.lstm(x)
            return self.lstm(x, state)[0]

    run = run_captured(Chunks(), torch.randn(6, 2, 3))
    assert [t.seq_len for t in run.traces] == [6, 6]
    assert all(t.proof.ok for t in run.traces)


def test_packed_and_keyword_calls():
    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4, batch_first=True, bidirectional=True)

        def forward(self, x, lengths, state):
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            output, _ = self.lstm(input=packed, hx=state)
            return pad_packed_sequence(output, batch_first=True)[0]

    model, x, lengths = Packed(), torch.randn(3, 6, 3), torch.tensor([4, 6, 2])
    state = (torch.randn(2, 3, 4), torch.randn(2, 3, 4))
    run = run_captured(model, x, lengths=lengths, state=state)
    (trace,) = run.traces
    assert trace.lengths.tolist() == [4, 6, 2]
    assert ports(run.stages[1].inputs)["h_0"] == (("D·num_layers", "N", "H_cell"), (2, 3, 4))
    assert ports(run.stages[1].inputs)["input.data"] == (("Σ lengths", "H_in"), (12, 3))
    for n, length in enumerate([4, 6, 2]):
        one = tuple(s[:, n].contiguous() for s in state)
        alone = model.lstm(x[n, :length], one)[0].detach()
        np.testing.assert_allclose(trace.hidden[0, 0, :length, n], alone[:, :4], atol=1e-6)
        np.testing.assert_allclose(trace.hidden[0, 1, :length, n], alone[:, 4:], atol=1e-6)


def test_what_the_model_writes_into_afterwards_does_not_reach_the_trace():
    class InPlace(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4)

        def forward(self, x):
            output, _ = self.lstm(x)
            x.zero_()
            return output.mul_(0)

    model, x = InPlace(), torch.randn(5, 2, 3)
    before = x.clone()
    with torch.no_grad():
        (trace,) = run_captured(model, x).traces
        wanted = model.lstm(before)[0]
    np.testing.assert_array_equal(trace.output, wanted)
    np.testing.assert_array_equal(trace.input, before)
    assert trace.proof.ok


def test_dropout_is_opened_with_the_masks_that_were_drawn():
    model, words = Tagger(dropout=0.5).train(), torch.arange(28).view(4, 7) % 11
    torch.manual_seed(1)
    with torch.no_grad():
        wanted = model(words)
    state = torch.get_rng_state()
    torch.manual_seed(1)
    with torch.no_grad(), capture(model) as seen:
        got = model(words)
    assert torch.equal(got, wanted)
    assert torch.equal(torch.get_rng_state(), state)
    assert seen.run.traces[0].proof.ok
    assert model.training


def test_model_and_gradients_are_as_without_capture():
    model, words = Tagger(), torch.arange(28).view(4, 7) % 11
    model(words).pow(2).sum().backward()
    wanted = {name: p.grad.clone() for name, p in model.named_parameters()}
    model.zero_grad()
    before = hooks_of(model)
    with capture(model):
        model(words).pow(2).sum().backward()
    assert hooks_of(model) == before
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter.grad, wanted[name]), name


def test_an_error_in_forward_keeps_its_words_and_says_where():
    model = Tagger()
    before = hooks_of(model)
    with pytest.raises(RuntimeError, match=r"input\.size") as caught, capture(model):
        model.block["lstm"](torch.randn(4, 7, 9))
    assert hooks_of(model) == before
    assert caught.value.__notes__ == [
        "Raised in block.lstm (LSTM), called with input (4, 7, 9).",
    ]


def test_an_error_that_the_model_catches_leaves_no_stage():
    class Careful(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4)

        def forward(self, x):
            try:
                self.lstm(x[..., :2])
            except RuntimeError:
                return self.lstm(x)[0]

    run = run_captured(Careful(), torch.randn(5, 2, 3))
    assert [s.name for s in run.stages] == ["", "lstm"]
    assert [t.seq_len for t in run.traces] == [5]


def test_other_peoples_hooks_stay_and_are_honoured():
    model, calls = Decoder(), []
    model.rnn.register_forward_pre_hook(lambda _m, args: (args[0] * 2, *args[1:]))
    model.out.register_forward_hook(lambda *_: calls.append(1))
    x = torch.randn(2, 1, 3)
    (trace,) = run_captured(model, x, 1).traces
    np.testing.assert_array_equal(trace.input, x * 2)
    assert calls == [1]
    assert len(model.rnn._forward_pre_hooks) == 1


def test_a_model_too_large_to_open_is_refused(monkeypatch):
    monkeypatch.setattr("lstmviz.engine.model.capture.memory_limit", lambda: 1000)
    with pytest.raises(CaptureError, match="1,000 bytes can be used"):
        run_captured(Tagger(), torch.zeros(4, 7, dtype=torch.long))


def test_sequences_beyond_the_limit_are_folded_without_a_trace(monkeypatch):
    monkeypatch.setattr("lstmviz.engine.model.capture.MAX_TRACES", 3)

    class Many(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4)

        def forward(self, x):
            for _ in range(10):
                self.lstm(x)

    run = run_captured(Many(), torch.randn(5, 2, 3))
    assert len(run.traces) == 3
    assert [s.trace for s in run.stages] == [None, 0, 1, 2, None]
    assert ports(run.stages[-1].inputs)["input"] == (("calls", "L", "N", "H_in"), (7, 5, 2, 3))


def test_progress_is_told_and_cancels():
    told = []
    run_captured(Decoder(), torch.randn(2, 1, 3), 5, progress=told.append)
    assert told
    assert max(told) <= 1

    class Stop(Exception):  # noqa: N818 - no error, a wish
        pass

    def stop(_fraction):
        raise Stop

    model = Decoder()
    with pytest.raises(Stop):
        run_captured(model, torch.randn(2, 1, 3), 5, progress=stop)
    assert sum(hooks_of(model)) == 0


def test_watch_keeps_a_run_for_each_call_and_the_newest_of_them():
    model = Decoder()
    before = hooks_of(model)
    with watch(model, keep=2) as seen:
        for steps in (1, 2, 3):
            model(torch.randn(2, 1, 3), steps)
        assert len(seen.runs) == 2
    assert [run.traces[0].seq_len for run in seen.runs] == [2, 3]
    assert [run.generation for run in seen.runs] == [1, 2]
    assert hooks_of(model) == before


@pytest.mark.slow
def test_watch_sees_training_as_it_was_at_each_step():
    model, x = Decoder(), torch.randn(2, 4, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    wanted = []
    with watch(model) as seen:
        for _ in range(3):
            y = model(x, 1)
            wanted.append(y.detach().clone())
            optimizer.zero_grad()
            y.pow(2).sum().backward()
            optimizer.step()
    for run, y in zip(seen.runs, wanted, strict=True):
        assert run.traces[0].proof.ok
        assert run.stages[0].outputs[0].shape == tuple(y.shape)
    first, last = (run.traces[0].output for run in (seen.runs[0], seen.runs[-1]))
    assert np.abs(first - last).max() > 1e-3


def test_watch_gives_calls_of_parts_a_run_of_their_own_and_survives_errors():
    model = Decoder()
    with watch(model) as seen:
        model.rnn(torch.randn(2, 5, 3))
        model(torch.randn(2, 1, 3), 2)
        with pytest.raises(RuntimeError):
            model(torch.randn(2, 1, 9), 2)
        model(torch.randn(2, 1, 3), 4)
    assert [len(run.stages) for run in seen.runs] == [1, 3, 3]
    assert [run.traces[0].seq_len for run in seen.runs] == [5, 2, 4]


@pytest.mark.parametrize("size", [3, 256])
def test_threads_that_share_a_model_have_runs_of_their_own(size):
    """Small calls and those large enough to work in a spare workspace."""
    lstm = nn.LSTM(3, size, 2)
    model = nn.Sequential(nn.Linear(3, 3), lstm)
    inputs = [torch.randn(60, 8, 3, generator=torch.Generator().manual_seed(k)) for k in range(4)]
    wanted = [model(x)[0].detach().numpy() for x in inputs]
    together, errors = threading.Barrier(4), []

    def work(x):
        try:
            together.wait()
            for _ in range(3):
                model(x)
        except Exception as error:  # noqa: BLE001 - told where the test can see it
            errors.append(error)

    with watch(model) as seen:
        threads = [threading.Thread(target=work, args=(x,)) for x in inputs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not errors
    assert len(seen.runs) == 12
    assert sorted(run.generation for run in seen.runs) == list(range(12))
    counts = [0] * 4
    for run in seen.runs:
        assert [stage.name for stage in run.stages] == ["", "0", "1"]
        (trace,) = run.traces
        assert trace.proof.ok
        (which,) = (k for k, y in enumerate(wanted) if np.abs(trace.output - y).max() < 1e-5)
        counts[which] += 1
    assert counts == [3, 3, 3, 3]


def test_a_capture_takes_in_the_calls_of_every_thread():
    model = Decoder()

    def work():
        model(torch.randn(2, 1, 3), 2)

    with capture(model) as seen:
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [trace.seq_len for trace in seen.run.traces] == [2, 2, 2]
    assert all(trace.proof.ok for trace in seen.run.traces)
