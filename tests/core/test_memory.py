from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.contract import contract, trace_bytes
from lstmviz.core.cost.footprint import Footprint
from lstmviz.core.cost.memory import check_fits, is_out_of_memory, needed
from lstmviz.core.spec import RunSpec, SpecError
from lstmviz.core.words.amounts import bytes_from_words, bytes_in_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 bytes"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KiB"),
        (71 * 1024, "71 KiB"),
        (1.5 * 2**30, "1.5 GiB"),
        (2**50, "1.0 PiB"),
        (5000 * 2**50, "5,000 PiB"),
    ],
)
def test_bytes_in_words(count, words):
    assert bytes_in_words(count) == words


@pytest.mark.parametrize(
    ("words", "count"),
    [("4GiB", 2**32), ("1.5 mib", 3 * 2**19), ("2kb", 2000), ("700", 700), (" 5 bytes ", 5)],
)
def test_bytes_from_words(words, count):
    assert bytes_from_words(words) == count


@pytest.mark.parametrize("words", ["", "0", "-1", "4 G", "much", "1e9", "nan", "4GiB\n5", "٤"])
def test_what_is_no_size_is_refused(words):
    with pytest.raises(ValueError, match="such as 4GiB"):
        bytes_from_words(words)


@given(
    st.integers(1, 40),
    st.integers(1, 20),
    st.integers(1, 3),
    st.booleans(),
    st.integers(1, 30),
    st.integers(1, 5),
    st.sampled_from(["float32", "float64", "bfloat16"]),
    st.data(),
)
def test_the_estimate_of_a_trace_is_what_its_arrays_take(
    seq_len, batch_size, layers, both, hidden, features, dtype, data
):
    from lstmviz.engine.run import run

    spec = RunSpec.from_settings(
        {
            "seq_len": seq_len,
            "batch_size": batch_size,
            "num_layers": layers,
            "bidirectional": both,
            "hidden_size": hidden,
            "input_size": features,
            "dtype": dtype,
            "proj_size": data.draw(st.integers(0, hidden - 1)),
            "unbatched": data.draw(st.booleans()),
        }
    )
    trace = run(spec).traces[0]
    assert trace_bytes(spec.geometry) == trace.nbytes
    assert needed(spec) > trace.nbytes


def test_the_parameters_are_those_of_the_module():
    import torch

    spec = RunSpec.from_settings({"hidden_size": 20, "proj_size": 7, "num_layers": 3})
    lstm = torch.nn.LSTM(8, 20, 3, bidirectional=True, proj_size=7)
    assert contract(spec.geometry).parameters == sum(p.numel() for p in lstm.parameters())


def test_a_run_that_fits_to_the_byte_is_taken_and_one_more_is_refused():
    spec = RunSpec()
    check_fits(spec, needed(spec))
    with pytest.raises(SpecError, match="can be used") as refused:
        check_fits(spec, needed(spec) - 1)
    assert bytes_in_words(needed(spec)) in refused.value.sentence


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"hidden_size": 8192, "num_layers": 64, "seq_len": 1, "batch_size": 1}, "hidden_size"),
        ({"seq_len": 100_000, "batch_size": 65_536}, "seq_len"),
    ],
)
def test_the_refusal_stands_at_the_setting_that_weighs_most(settings, field):
    with pytest.raises(SpecError) as refused:
        check_fits(RunSpec.from_settings(settings), 2**30)
    assert refused.value.field == field


def test_a_gates_worth_of_memory_is_asked_for_in_every_moment_that_has_it():
    """Each part that a run once took beyond its estimate counts where it lies in memory."""
    base = {"input_size": 256, "hidden_size": 512, "seq_len": 500, "batch_size": 64}
    plain = RunSpec.from_settings({**base, "num_layers": 1, "bidirectional": False})
    found = Footprint.of(plain)
    assert found.calling > found.parameters + found.entry + 10 * found.state
    for changes, moment in (
        ({"proj_size": 64}, "calling"),
        ({"dtype": "float64"}, "calling"),
        ({"lengths": (500,) * 63 + (250,)}, "finishing"),
        ({"input_size": 8192, "hidden_size": 64, "values": "sine"}, "building"),
        ({"hidden_size": 64, "seq_len": 20, "batch_size": 8}, "facts"),
    ):
        spec = plain.changed(**changes)
        assert needed(spec) >= getattr(Footprint.of(spec), moment) > spec.dtype.itemsize
    assert Footprint.of(plain).facts == 0  # too large to be repeated


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (RuntimeError("could not create a primitive"), True),
        (RuntimeError("could not create a primitive descriptor for the LSTM forward"), False),
        (MemoryError(), True),
        (OSError(12, "Cannot allocate memory"), True),
        (OSError(28, "No space left on device"), False),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (RuntimeError("std::bad_alloc"), True),
        (RuntimeError("input.size(-1) must be equal to input_size"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_memory_that_ran_out_is_known_however_it_is_said(error, is_one):
    assert is_out_of_memory(error) is is_one
