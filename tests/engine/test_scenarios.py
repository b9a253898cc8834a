from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from lstmviz.core.recipe import sunspots
from lstmviz.core.scenario import SCENARIOS, scenario
from lstmviz.core.scenarios.catalogue import chunks as chunks_text
from lstmviz.core.scenarios.catalogue import encoder_decoder as translation_text
from lstmviz.core.scenarios.catalogue import sentence_classifier as sentence_text
from lstmviz.core.spec import SpecError
from lstmviz.engine import train
from lstmviz.engine.scenarios import run_scenario
from lstmviz.engine.scenarios.models import chunks, counter, forecaster
from lstmviz.engine.scenarios.models import encoder_decoder as translation
from lstmviz.engine.scenarios.models import sentence_classifier as sentence
from lstmviz.engine.scenarios.models import variable_lengths as lengths
from lstmviz.engine.scenarios.trained import ParametersError, load, path_of


def assert_sound(done):
    for claim in done.claims:
        assert claim.holds, f"{done.scenario} {done.settings}: {claim.name}: {claim.measured}"
    for trace in done.run.traces:
        assert trace.proof.ok, trace.proof


# Every tour, every setting --------------------------------------------------------------------


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_the_tour_shows_what_it_says(name):
    changes, shown = {}, set()
    for step in scenario(name).tour:
        changes |= step.changes
        done = run_scenario(name, changes)
        if step.claim:
            assert done.claim(step.claim).holds, step.text
            shown.add(step.claim)
        at = step.at
        if at.result:
            assert done.result(at.result) is not None
            continue
        stage = {s.name: s for s in done.run.stages}[at.stage]
        if at.tensor:
            ports = {p.name: p.shape for p in (*stage.inputs, *stage.outputs)}
            traced = None if stage.trace is None else done.run.traces[stage.trace]
            shape = ports[at.tensor] if at.tensor in ports else getattr(traced, at.tensor).shape
            region = at.region(shape, done.settings)
            assert all(0 <= low < high <= n for (low, high), n in zip(region.ranges, shape))  # noqa: B905
    assert len(shown) >= 3


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_claims_hold_under_every_option_and_other_sizes(name):
    chosen = scenario(name)
    small = {
        "sentence-classifier": {"seq_len": 5, "batch_size": 3, "input_size": 4, "hidden_size": 6},
        "encoder-decoder": {"seq_len": 4, "batch_size": 3, "input_size": 5, "hidden_size": 4},
        "variable-lengths": {"seq_len": 9, "lengths": "4 9;1,7", "hidden_size": 5},
        "chunks": {"seq_len": 17, "chunk": 5, "batch_size": 1, "hidden_size": 6},
        "counter": {"practice": 16, "practice_len": 100, "text": "((x))"},
        "forecaster": {"alone_from": 1950, "alone_years": 7},
    }[name]
    options = [o for o in chosen.options if o.choices or isinstance(o.default, bool)]
    for values in itertools.product(*(o.choices or (False, True) for o in options)):
        named = dict(zip((o.name for o in options), values, strict=True))
        for seed in (3, 4) if any(s.name == "seed" for s in chosen.sizes) else (None,):
            extra = {} if seed is None else {"seed": seed}
            assert_sound(run_scenario(name, {**small, **extra}, named))


def test_a_run_is_repeatable_and_leaves_the_callers_randomness_alone():
    state, grad = torch.get_rng_state(), torch.is_grad_enabled()
    one, two = (run_scenario("sentence-classifier", {"seq_len": 4}) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.is_grad_enabled() == grad
    np.testing.assert_array_equal(one.result("logits_last_step"), two.result("logits_last_step"))
    other = run_scenario("sentence-classifier", {"seq_len": 4, "seed": 9})
    assert np.abs(one.result("logits_last_step") - other.result("logits_last_step")).max() > 1e-3


# Values, against plain PyTorch written out here -----------------------------------------------


def test_sentence_logits_are_those_of_a_plain_program():
    done = run_scenario("sentence-classifier", {}, {"bidirectional": True})
    torch.manual_seed(3)
    lstm = nn.LSTM(100, 128, batch_first=True, bidirectional=True)
    linear = nn.Linear(256, 2)
    words = torch.randn(32, 20, 100)
    with torch.no_grad():
        output, (h_n, _) = lstm(words)
        wrong, right = linear(output[:, -1]), linear(torch.cat([h_n[-2], h_n[-1]], dim=1))
    np.testing.assert_allclose(done.result("logits_last_step"), wrong, rtol=0, atol=1e-6)
    np.testing.assert_allclose(done.result("logits_final_states"), right, rtol=0, atol=1e-6)
    gap = float((wrong - right).abs().max())
    assert done.comparison("logits").max_abs_difference == pytest.approx(gap, abs=1e-6)
    assert done.result("changed").tolist() == (wrong.argmax(1) != right.argmax(1)).tolist()
    assert [s.name for s in done.run.stages] == ["", "lstm", "linear"]


def test_encoder_decoder_parts_where_a_plain_program_does():
    done = run_scenario("encoder-decoder", {}, {"feeding": translation_text.FREE})
    torch.manual_seed(3)
    source, target = torch.randn(2, 16, 30, 50)
    encoder, decoder = (nn.LSTM(50, 64, batch_first=True) for _ in range(2))
    linear = nn.Linear(64, 50)
    with torch.no_grad():
        _, state = encoder(source)
        shifted = torch.cat([torch.zeros(16, 1, 50), target[:, :-1]], dim=1)
        forced = linear(decoder(shifted, state)[0])
        fed, free = torch.zeros(16, 1, 50), []
        for _ in range(30):
            output, state = decoder(fed, state)
            fed = linear(output)
            free.append(fed)
    free = torch.cat(free, dim=1)
    np.testing.assert_allclose(done.result("forced"), forced, rtol=0, atol=1e-6)
    np.testing.assert_allclose(done.result("free"), free, rtol=0, atol=1e-6)
    parting = (forced - free).abs().amax(dim=(0, 2)).numpy()
    np.testing.assert_allclose(done.result("parting"), parting, rtol=0, atol=1e-6)
    assert parting[0] < 1e-6
    assert (parting[1:] > 1e-2).all()
    assert [t.seq_len for t in done.run.traces] == [30, 30]
    assert [s.name for s in done.run.stages] == ["", "encoder", "decoder", "linear"]


def test_wrong_bridges_are_as_far_off_as_in_a_plain_program():
    done = run_scenario("encoder-decoder", {}, {"bridge": translation_text.RESHAPED})
    torch.manual_seed(3)
    source, target = torch.randn(2, 16, 30, 50)
    encoder = nn.LSTM(50, 64, batch_first=True, bidirectional=True)
    decoder, linear = nn.LSTM(50, 128, batch_first=True), nn.Linear(128, 50)
    with torch.no_grad():
        output, (h, c) = encoder(source)
        join = lambda s: torch.cat([s[0], s[1]], 1)[None]  # noqa: E731
        shifted = torch.cat([torch.zeros(16, 1, 50), target[:, :-1]], dim=1)
        right = linear(decoder(shifted, (join(h), join(c)))[0])
        mixed = linear(decoder(shifted, (h.reshape(1, 16, 128), c.reshape(1, 16, 128)))[0])
        last = linear(decoder(shifted, (output[:, -1][None].contiguous(), join(c)))[0])
    for name, wrong in (("reshaped", mixed), ("last_output", last)):
        gap = float((wrong - right).abs().max())
        assert gap > 0.01
        assert done.comparison(name).max_abs_difference == pytest.approx(gap, abs=1e-6)
    np.testing.assert_allclose(done.run.traces[1].h_0[0, 0], h.reshape(16, 128), rtol=0, atol=1e-6)


def test_variable_lengths_shows_the_packed_sequence_itself():
    done = run_scenario("variable-lengths", {}, {"bidirectional": True})
    sizes = torch.tensor([40, 30, 25, 50, 15, 45, 35, 20])
    torch.manual_seed(3)
    lstm = nn.LSTM(30, 100, batch_first=True, bidirectional=True)
    linear = nn.Linear(200, 2)
    x = torch.randn(8, 50, 30)
    for n, size in enumerate(sizes):
        x[n, size:] = 0
    packed = pack_padded_sequence(x, sizes, batch_first=True, enforce_sorted=False)
    with torch.no_grad():
        _, (h_n, _) = lstm(packed)
        wanted, careless = linear(torch.cat([h_n[0], h_n[1]], 1)), lstm(x)[0]
    shown = done.packed
    np.testing.assert_array_equal(shown.data, packed.data)
    np.testing.assert_array_equal(shown.batch_sizes, packed.batch_sizes)
    assert shown.sorted_indices.tolist() == [3, 5, 0, 6, 1, 2, 7, 4]
    assert shown.unsorted_indices.tolist() == packed.unsorted_indices.tolist()
    assert (len(shown.data), shown.padded_steps) == (260, 400)
    assert shown.saved == pytest.approx(0.35)
    rows = x[torch.from_numpy(shown.row_item), torch.from_numpy(shown.row_step)]
    assert torch.equal(rows, packed.data)
    np.testing.assert_allclose(done.result("predictions"), wanted, rtol=0, atol=1e-6)
    error = done.result("reverse_error")
    for n, size in enumerate(sizes.tolist()):
        with torch.no_grad():
            alone = lstm(x[n, :size])[0][:, 100:]
        off = (careless[n, :size, 100:] - alone).abs().amax(1)
        np.testing.assert_allclose(error[n, :size], off, rtol=0, atol=1e-6)
        assert np.isnan(error[n, size:]).all()
    assert np.nanmax(error[3]) < 1e-6
    assert np.nanmax(np.delete(error, 3, axis=0)) > 0.05


def test_chunks_differ_per_step_as_in_a_plain_program():
    done = run_scenario("chunks", {"seq_len": 60, "chunk": 20}, {"state": chunks_text.RESET})
    torch.manual_seed(3)
    lstm = nn.LSTM(8, 32, batch_first=True)
    nn.init.constant_(lstm.bias_hh_l0[32:64], 2.0)
    x = torch.randn(4, 60, 8).requires_grad_()
    whole, _ = lstm(x)
    apart = torch.cat([lstm(part)[0] for part in x.split(20, dim=1)], dim=1)
    off = (apart - whole).abs().amax(dim=(0, 2)).detach()
    np.testing.assert_allclose(done.result("difference_reset"), off, rtol=0, atol=1e-6)
    assert off[:20].max() < 1e-6
    assert off[20] > 1e-2
    (gradient,) = torch.autograd.grad(whole[:, -1].pow(2).mean(), x)
    sizes = gradient.norm(dim=(0, 2))
    np.testing.assert_allclose(done.result("gradient_whole"), sizes, rtol=1e-4, atol=1e-9)
    cut = done.result("gradient_detached")
    assert not cut[:40].any()
    np.testing.assert_allclose(cut[40:], sizes[40:], rtol=1e-4, atol=1e-9)
    assert done.result("difference_detached").max() < 1e-6
    assert [t.seq_len for t in done.run.traces] == [20, 20, 20]


def test_counter_counts_in_one_cell():
    text = "a(b(c)d)()"
    done = run_scenario("counter", {}, {"text": text})
    true = [0, 1, 1, 2, 2, 1, 1, 0, 1, 0]
    assert done.result("depth_true").tolist() == true
    assert done.result("depth_read").round().tolist() == true
    unit = int(done.result("unit"))
    cell = done.result("counting_cell")
    np.testing.assert_array_equal(cell, done.run.traces[0].cell[0, 0, :, 0, unit])
    assert abs(np.corrcoef(cell, true)[0, 1]) > 0.98
    assert {r.labels for r in done.results if r.axes == ("L",)} == {tuple(text)}


def test_counter_is_right_as_deep_as_it_was_trained_and_honest_beyond():
    torch.manual_seed(77)
    model = counter.BracketCounter().eval()
    about = load(model, path_of("counter"))
    assert about["training"].startswith("steps 2000, seed 0, torch 2.")
    kinds = counter.practice(100, 200)
    level, deepest = np.zeros(100, int), 0
    right = 0
    with torch.no_grad():
        read = model(counter.one_hot(kinds)).round().numpy()
    for t in range(200):
        level = level + np.where(kinds[:, t] == 0, 1, np.where(kinds[:, t] == 1, -1, 0))
        deepest = max(deepest, level.max())
        assert level.min() >= 0
        right += (read[:, t] == level).sum()
    assert deepest == 10
    assert right / 20_000 > 0.999
    assert run_scenario("counter", {}, {"text": "(" * 10 + ")" * 10}).claim("reads-this-text").holds
    deep = run_scenario("counter", {}, {"text": "(" * 25}).claim("reads-this-text")
    assert not deep.holds
    assert deep.measured == "10 of 25 characters right"


def test_forecaster_beats_persistence_on_years_it_never_saw():
    done = run_scenario("forecaster", {"alone_from": 2000, "alone_years": 5})
    years = np.array(sunspots())
    assert done.result("truth") == pytest.approx(years)
    forecast = done.result("forecast")
    labels = {r.name: r.labels for r in done.results}
    assert (labels["forecast"][0], labels["forecast"][-1]) == ("1701", "2008")
    error = np.sqrt(np.mean((forecast[220:] - years[221:]) ** 2))
    naive = np.sqrt(np.mean((years[220:-1] - years[221:]) ** 2))
    assert done.result("errors")[:2] == pytest.approx([error, naive], rel=1e-4)
    assert error < 20
    assert naive > 30
    assert labels["alone"] == ("2000", "2001", "2002", "2003", "2004")
    model = forecaster.Forecaster().eval()
    load(model, path_of("forecaster"))
    known, alone = torch.tensor(years[:300], dtype=torch.float32), []
    with torch.no_grad():
        for _ in range(5):
            alone.append(float(model(known[None])[0, -1]))
            known = torch.cat([known, torch.tensor(alone[-1:])])
    np.testing.assert_allclose(done.result("alone"), alone, rtol=1e-4)


# Broken on purpose ----------------------------------------------------------------------------


def shaken(what):
    """Return a forward for nn.LSTM that is a little off in one of its results."""
    plain = nn.LSTM.forward

    def forward(self, input, hx=None):  # noqa: A002 - nn.LSTM's own name
        output, (h_n, c_n) = plain(self, input, hx)
        if what == "silent" and isinstance(output, torch.Tensor):
            return output * 0, (h_n, c_n)
        if what == "detached":
            return output, (h_n.detach(), c_n.detach())
        if what == "h_n":
            return output, (h_n + 1e-3, c_n)
        if what == "last output" and isinstance(output, torch.Tensor):
            output = output.clone()
            output[..., -1, :] += 1e-3 * output.shape[-2]
        return output, (h_n, c_n)

    return forward


def as_if(model, called, done):
    """Return a forward that does `done` where `called` was asked for."""
    plain = model.forward

    def forward(self, *inputs):
        return plain(self, *inputs[:-1], done if inputs[-1] == called else inputs[-1])

    return forward


def ones_past_the_end(packed, **options):
    return nn.utils.rnn.pad_packed_sequence(packed, padding_value=1.0, **options)


def longer_than_asked(packed, **options):
    return nn.utils.rnn.pad_packed_sequence(packed, **{"total_length": 60, **options})


def packed_with_padding(x, sizes, **options):
    return pack_padded_sequence(x, torch.full_like(sizes, x.shape[1]), **options)


def packed_and_never_sorted_back(x, sizes, **options):
    packed = pack_padded_sequence(x, sizes, **options)
    return PackedSequence(packed.data, packed.batch_sizes, *[packed.sorted_indices] * 2)


def always_joined(_bridge, output, h_n, c_n):
    return plain_bridge(translation_text.JOINED, output, h_n, c_n)


plain_bridge = translation.bridged


def deaf_to_the_teacher(self, source, _teacher=None):
    return translation_forward(self, source)


translation_forward = translation.EncoderDecoder.forward
BROKEN = {
    "last-is-final": ("sentence-classifier", {}, nn.LSTM, "forward", shaken("h_n")),
    "reverse-ends-at-first": (
        "sentence-classifier", {"bidirectional": True}, nn.LSTM, "forward", shaken("h_n"),
    ),
    "reverse-saw-one-word": (
        "sentence-classifier", {"bidirectional": True}, nn.LSTM, "forward", shaken("last output"),
    ),
    "final-at-length": ("sentence-classifier", {"padded": True}, nn.LSTM, "forward", shaken("h_n")),
    "summaries-differ": (
        "sentence-classifier", {"bidirectional": True}, sentence.SentenceClassifier, "forward",
        as_if(sentence.SentenceClassifier, sentence_text.LAST_STEP, sentence_text.FINAL_STATES),
    ),
    "last-is-padding": (
        "sentence-classifier", {"padded": True}, nn.LSTM, "forward", shaken("silent"),
    ),
    "packed-is-alone": (
        "sentence-classifier", {"padded": True}, sentence, "packed", lambda words, _: words,
    ),
    "handover": (
        "encoder-decoder", {}, translation, "bridged", lambda _b, _o, h, c: (h * 0, c),
    ),
    "part-next": (
        "encoder-decoder", {}, translation.EncoderDecoder, "forward", deaf_to_the_teacher,
    ),
    "bridge-keeps-items": (
        "encoder-decoder", {"bridge": translation_text.JOINED}, translation, "joined",
        lambda s: torch.cat([s[1], s[0]], 1)[None],
    ),
    "rows-are-steps": (
        "variable-lengths", {}, lengths, "pack_padded_sequence",
        lambda x, n, **o: pack_padded_sequence(x.flip(2), n, **o),
    ),
    "last-is-true-last": ("variable-lengths", {}, nn.LSTM, "forward", shaken("h_n")),
    "padding-is-zero": (
        "variable-lengths", {}, lengths, "pad_packed_sequence", ones_past_the_end,
    ),
    "carried-is-whole": (
        "chunks", {}, chunks.ChunkedModel, "forward",
        as_if(chunks.ChunkedModel, chunks_text.CARRIED, chunks_text.RESET),
    ),
    "carried-gradient-is-whole": (
        "chunks", {}, chunks.ChunkedModel, "forward",
        as_if(chunks.ChunkedModel, chunks_text.CARRIED, chunks_text.DETACHED),
    ),
    "detach-cuts-gradient": (
        "chunks", {}, chunks.ChunkedModel, "forward",
        as_if(chunks.ChunkedModel, chunks_text.DETACHED, chunks_text.CARRIED),
    ),
    "reset-forgets": (
        "chunks", {}, chunks.ChunkedModel, "forward",
        as_if(chunks.ChunkedModel, chunks_text.RESET, chunks_text.CARRIED),
    ),
    "reads-this-text": ("counter", {}, counter, "load", lambda *_: {}),
    "cell-counts": ("counter", {}, counter, "load", lambda *_: {}),
    "held-out": ("counter", {}, counter, "load", lambda *_: {}),
    "beats-persistence": ("forecaster", {}, forecaster, "load", lambda *_: {}),
    "has-the-cycle": ("forecaster", {}, forecaster, "load", lambda *_: {}),
    "one-step-per-bracket": ("counter", {}, counter, "load", lambda *_: {}),
    "knows-the-direction": ("forecaster", {}, forecaster, "load", lambda *_: {}),
    "reverse-read-padding": (
        "sentence-classifier", {"bidirectional": True, "padded": True}, nn.LSTM, "forward",
        shaken("silent"),
    ),
    "packed-is-alone-both-ways": (
        "sentence-classifier", {"bidirectional": True, "padded": True}, sentence, "packed",
        lambda words, _: words,
    ),
    "equal-first": ("encoder-decoder", {}, nn.LSTM, "forward", shaken("last output")),
    "free-is-forced-on-itself": (
        "encoder-decoder", {}, nn.LSTM, "forward", shaken("last output"),
    ),
    "reshape-mixes-items": (
        "encoder-decoder", {"bridge": translation_text.RESHAPED}, translation, "bridged",
        always_joined,
    ),
    "last-output-forgets": (
        "encoder-decoder", {"bridge": translation_text.LAST_OUTPUT}, translation, "bridged",
        always_joined,
    ),
    "batch-sizes-count": (
        "variable-lengths", {}, lengths, "pack_padded_sequence", packed_with_padding,
    ),
    "order-restored": (
        "variable-lengths", {}, lengths, "pack_padded_sequence", packed_and_never_sorted_back,
    ),
    "same-as-alone": ("variable-lengths", {}, nn.LSTM, "forward", shaken("last output")),
    "total-length": ("variable-lengths", {}, lengths, "pad_packed_sequence", longer_than_asked),
    "unpacked-final-is-wrong": (
        "variable-lengths", {}, lengths, "pack_padded_sequence", packed_with_padding,
    ),
    "forward-survives": ("variable-lengths", {}, nn.LSTM, "forward", shaken("last output")),
    "reverse-is-wrong": (
        "variable-lengths", {"bidirectional": True}, lengths, "pack_padded_sequence",
        packed_with_padding,
    ),
    "detach-changes-no-number": (
        "chunks", {}, chunks.ChunkedModel, "forward",
        as_if(chunks.ChunkedModel, chunks_text.DETACHED, chunks_text.RESET),
    ),
    "second-backward-fails": ("chunks", {}, nn.LSTM, "forward", shaken("detached")),
}  # fmt: skip


def test_every_claim_is_broken_on_purpose():
    assert set(BROKEN) == {claim.name for s in SCENARIOS.values() for claim in s.claims}


@pytest.mark.parametrize("claim", list(BROKEN))
def test_a_claim_fails_when_the_model_is_broken(claim, monkeypatch):
    name, settings, owner, attribute, replacement = BROKEN[claim]
    assert run_scenario(name, settings).claim(claim).holds
    torch.manual_seed(0)
    monkeypatch.setattr(owner, attribute, replacement)
    assert not run_scenario(name, settings).claim(claim).holds


# What cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings", "field"),
    [
        ("chunks", {"seq_len": 20, "chunk": 20}, "chunk"),
        ("chunks", {"seq_len": 5000, "chunk": 1}, "chunk"),
        ("variable-lengths", {"lengths": "3, 51"}, "lengths"),
        ("variable-lengths", {"lengths": "3, 0"}, "lengths"),
        ("variable-lengths", {"lengths": "3, x"}, "lengths"),
        ("variable-lengths", {"lengths": "9" * 30}, "lengths"),
        ("variable-lengths", {"lengths": " , "}, "lengths"),
        ("encoder-decoder", {"bridge": "none"}, "bridge"),
        ("nonsense", {}, "scenario"),
    ],
)
def test_what_cannot_be_is_refused_with_the_setting(name, settings, field):
    with pytest.raises(SpecError) as caught:
        run_scenario(name, settings)
    assert caught.value.field == field


# Training -------------------------------------------------------------------------------------


def test_parameters_of_another_size_or_model_are_refused(tmp_path):
    with pytest.raises(
        ParametersError, match=r"lstm\.weight_ih_l0 has shape \(16, 3\), .*\(20, 3\)"
    ):
        load(counter.BracketCounter(5), path_of("counter"))
    with pytest.raises(ParametersError, match=r"does not fit this model: .*mean"):
        load(counter.BracketCounter(), path_of("forecaster"))
    (tmp_path / "x.safetensors").write_bytes(b"\xff" * 100)
    for name in ("x", "missing"):
        with pytest.raises(ParametersError, match="cannot be read"):
            load(counter.BracketCounter(), tmp_path / f"{name}.safetensors")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["counter", "forecaster"])
def test_training_is_repeatable_and_writes_what_loads(name, tmp_path, capsys):
    files = [tmp_path / f"{k}.safetensors" for k in range(3)]
    for file, seed in zip(files, ("1", "1", "2"), strict=True):
        assert train.main([name, "--steps", "3", "--seed", seed, "-o", str(file)]) == 0
    assert "3 steps" in capsys.readouterr().out
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()
    model = counter.BracketCounter() if name == "counter" else forecaster.Forecaster()
    assert load(model, files[0])["training"] == f"steps 3, seed 1, torch {torch.__version__}"


def test_training_learns():
    few, more = (train.train_forecaster(steps) for steps in (5, 60))
    series = torch.tensor(sunspots())[: forecaster.HELD_OUT]
    with torch.no_grad():
        errors = [forecaster.rmse(m(series[None, :-1])[0], series[1:]) for m in (few, more)]
    assert errors[1] < 0.7 * errors[0]
