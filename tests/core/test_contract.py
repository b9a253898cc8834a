"""The contract against the tensors of real nn.LSTM calls."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstmviz.core.contract import AxisKind, Role, contract
from lstmviz.core.spec import RunSpec
from lstmviz.engine.build import build
from lstmviz.engine.opening.trace import trace


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@given(st.data())
def test_contract_has_the_shapes_of_a_real_call(random_specs, data):
    spec = data.draw(random_specs())
    call, found = build(spec), contract(spec.geometry)
    with torch.no_grad():
        output, (h_n, c_n) = call.lstm(call.input, call.hx)
    real = {"h_n": h_n, "c_n": c_n, **dict(call.lstm.named_parameters())}
    if isinstance(call.input, PackedSequence):
        assert found.tensor("packed.data").shape == tuple(call.input.data.shape)
        assert found.tensor("packed.batch_sizes").shape == tuple(call.input.batch_sizes.shape)
        output, _lengths = pad_packed_sequence(
            output, batch_first=spec.lstm.batch_first, total_length=spec.input.seq_len
        )
    else:
        real["input"] = call.input
    real["output"] = output
    if call.hx:
        real |= {"h_0": call.hx[0], "c_0": call.hx[1]}
    for name, tensor in real.items():
        ours = found.tensor(name)
        assert ours.shape == tuple(tensor.shape), name
        assert ours.dtype == str(tensor.dtype).removeprefix("torch.")
        assert ours.bytes == tensor.numel() * tensor.element_size()


@given(st.data())
def test_parameters_are_named_ordered_and_counted_as_pytorch_does(random_specs, data):
    spec = data.draw(random_specs())
    real, found = dict(build(spec).lstm.named_parameters()), contract(spec.geometry)
    assert [t.name for t in found.tensors if t.role is Role.PARAMETER] == list(real)
    assert found.parameters == sum(p.numel() for p in real.values())
    assert found.parameter_bytes == sum(p.numel() * p.element_size() for p in real.values())


@given(st.data())
def test_worked_sizes_multiply_to_the_axis(random_specs, data):
    for tensor in contract(data.draw(random_specs()).geometry).tensors:
        for axis in tensor.axes:
            product = 1
            for factor in axis.worked.split("·"):
                product *= int(factor)
            assert product == axis.size, (tensor.name, axis)


@given(st.data())
def test_trace_bytes_is_what_a_trace_takes(random_specs, data):
    spec = data.draw(random_specs())
    call = build(spec)
    taken = trace(call.lstm, call.input, call.hx).nbytes
    # Packed input too: without its padding, and with its lengths, sizes and orders.
    assert contract(spec.geometry).trace_bytes == taken


def test_axes_are_named_as_on_the_nn_lstm_page():
    spec = RunSpec().changed(proj_size=5)
    found = contract(spec.geometry)
    symbols = {t.name: " ".join(axis.symbol for axis in t.axes) for t in found.tensors}
    assert symbols["input"] == "N L H_in"
    assert symbols["output"] == "N L D·H_out"
    assert symbols["h_n"] == symbols["h_0"] == "D·num_layers N H_out"
    assert symbols["c_n"] == symbols["c_0"] == "D·num_layers N H_cell"
    assert symbols["weight_ih_l0"] == "4·H_cell H_in"
    assert symbols["weight_ih_l1_reverse"] == "4·H_cell D·H_out"
    assert symbols["weight_hr_l0"] == "H_out H_cell"
    assert [axis.kind for axis in found.tensor("output").axes] == [
        AxisKind.BATCH,
        AxisKind.TIME,
        AxisKind.FEATURES,
    ]
    assert found.tensor("h_n").axes[0].kind is AxisKind.LAYERS
    assert found.tensor("output").axes[2].worked == "2·5"
    assert found.tensor("h_n").axes[0].worked == "2·2"


def test_batch_first_swaps_input_and_output_only():
    first = contract(RunSpec().changed(batch_first=True).geometry)
    second = contract(RunSpec().changed(batch_first=False).geometry)
    moved = {a.name for a, b in zip(first.tensors, second.tensors, strict=True) if a.axes != b.axes}
    assert moved == {"input", "output"}


def test_an_unknown_tensor_is_a_key_error():
    with pytest.raises(KeyError, match="weight_hr_l0"):
        contract(RunSpec().geometry).tensor("weight_hr_l0")
