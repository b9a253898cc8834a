"""Weights of other frameworks: each framework's equations in numpy against a real nn.LSTM."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lstmviz.core.conversions import (
    LAYOUTS,
    ConversionError,
    Stack,
    fitting,
    layout_named,
    read_arrays,
)
from lstmviz.core.conversions.layouts import ORDERS
from lstmviz.core.conversions.stack import DirectionWeights, from_direction
from lstmviz.core.conversions.writing import arrays_in
from lstmviz.engine.reproduce import reproduce

Array = npt.NDArray[Any]
FOREIGN = [layout.name for layout in LAYOUTS if layout.name != "torch"]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def scanned(x: Array, hidden: int, gates: Any) -> Array:
    """Return every h of (L, N, I), from what gives i, f, g and o, activated, of x and h."""
    h = np.zeros((x.shape[1], hidden))
    c = np.zeros_like(h)
    steps = []
    for x_t in x:
        i, f, g, o = gates(x_t, h)
        c = f * c + i * g
        h = o * np.tanh(c)
        steps.append(h)
    return np.stack(steps)


def keras(x: Array, kernel: Array, recurrent_kernel: Array, bias: Array) -> Array:
    def gates(x_t: Array, h: Array) -> tuple[Array, ...]:
        z0, z1, z2, z3 = np.split(x_t @ kernel + h @ recurrent_kernel + bias, 4, axis=1)
        return sigmoid(z0), sigmoid(z1), np.tanh(z2), sigmoid(z3)

    return scanned(x, len(recurrent_kernel), gates)


def cudnn(x: Array, kernel: Array, recurrent_kernel: Array, bias: Array) -> Array:
    """Undo what Keras does when it loads CuDNNLSTM's weights in an LSTM, gate by gate."""
    blocks = [k.T.reshape(k.shape, order="F") for k in np.hsplit(kernel, 4)]
    recurrent = [k.T for k in np.hsplit(recurrent_kernel, 4)]
    return keras(x, np.hstack(blocks), np.hstack(recurrent), sum(np.split(bias, 2)))


def tensorflow(x: Array, kernel: Array, bias: Array, forget_bias: float = 1.0) -> Array:
    def gates(x_t: Array, h: Array) -> tuple[Array, ...]:
        i, j, f, o = np.split(np.concatenate((x_t, h), axis=1) @ kernel + bias, 4, axis=1)
        return sigmoid(i), sigmoid(f + forget_bias), np.tanh(j), sigmoid(o)

    return scanned(x, kernel.shape[1] // 4, gates)


def onnx(x: Array, W: Array, R: Array, B: Array) -> Array:  # noqa: N803 - the operator's names
    hidden = R.shape[2]
    ways = []
    for way, (w, r, b) in enumerate(zip(W, R, B, strict=True)):
        (wi, wo, wf, wc), (ri, ro, rf, rc) = np.split(w, 4), np.split(r, 4)
        wbi, wbo, wbf, wbc, rbi, rbo, rbf, rbc = np.split(b, 8)

        def gates(x_t: Array, h: Array) -> tuple[Array, ...]:
            return (
                sigmoid(x_t @ wi.T + h @ ri.T + wbi + rbi),  # noqa: B023 - called in this turn
                sigmoid(x_t @ wf.T + h @ rf.T + wbf + rbf),  # noqa: B023
                np.tanh(x_t @ wc.T + h @ rc.T + wbc + rbc),  # noqa: B023
                sigmoid(x_t @ wo.T + h @ ro.T + wbo + rbo),  # noqa: B023
            )

        out = scanned(x[::-1] if way else x, hidden, gates)
        ways.append(out[::-1] if way else out)
    return np.stack(ways, axis=1)


def haste(x: Array, kernel: Array, recurrent_kernel: Array, bias: Array) -> Array:
    def gates(x_t: Array, h: Array) -> tuple[Array, ...]:
        i, g, f, o = np.split(x_t @ kernel + h @ recurrent_kernel + bias, 4, axis=1)
        return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)

    return scanned(x, len(recurrent_kernel), gates)


def foreign_run(name: str, x: Array, arrays: dict[str, Array]) -> Array:
    return {
        "keras": keras,
        "cudnn": cudnn,
        "tensorflow": tensorflow,
        "onnx": onnx,
        "haste": haste,
    }[name](x, **arrays)


def random_foreign(name: str, width: int, hidden: int, ways: int, seed: int) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    sizes = {"I": width, "H": hidden, "I+H": width + hidden, "D": ways}
    sizes |= {"4H": 4 * hidden, "8H": 8 * hidden}
    return {
        one.names[0]: rng.normal(size=[sizes[axis] for axis in one.axes])
        for one in layout_named(name).stored
    }


def torch_run(stack: Stack, x: Array) -> Array:
    lstm = nn.LSTM(**stack.arguments, dtype=torch.float64)
    lstm.load_state_dict({k: torch.tensor(v) for k, v in stack.state_dict().items()})
    with torch.no_grad():
        output: Array = lstm(torch.tensor(x))[0].numpy()
    return output


SIZES = st.integers(1, 5)


@settings(deadline=None)
@given(st.sampled_from(FOREIGN), SIZES, SIZES, st.integers(1, 2), st.integers(0, 2**31))
def test_converted_weights_give_what_the_framework_gives(name, width, hidden, ways, seed):
    arrays = random_foreign(name, width, hidden, ways, seed)
    x = np.random.default_rng(seed + 1).normal(size=(6, 3, width))

    stack = read_arrays(arrays, layout_named(name)).stack
    expected = foreign_run(name, x, arrays)

    assert stack.directions == (ways if name == "onnx" else 1)
    if name == "onnx":
        expected = expected.transpose(0, 2, 1, 3).reshape(6, 3, -1)
    assert np.allclose(torch_run(stack, x), expected, rtol=0, atol=1e-12)


@settings(deadline=None)
@given(st.sampled_from(FOREIGN), SIZES, SIZES, st.integers(1, 2), st.integers(1, 3), st.booleans())
def test_a_real_module_comes_back_from_every_layout(name, width, hidden, ways, layers, bias):
    torch.manual_seed(width * 7 + hidden)
    lstm = nn.LSTM(width, hidden, layers, bias=bias, bidirectional=ways == 2, dtype=torch.float64)
    state = {k: v.numpy() for k, v in lstm.state_dict().items()}
    stack = read_arrays(state, layout_named("torch")).stack

    back = read_arrays(arrays_in(stack, layout_named(name)), layout_named(name)).stack

    assert stack.arguments == {**back.arguments, "bias": bias}
    x = np.random.default_rng(hidden).normal(size=(5, 2, width))
    with torch.no_grad():
        expected = lstm(torch.tensor(x))[0].numpy()
    assert np.allclose(torch_run(back, x), expected, rtol=0, atol=1e-12)


@given(st.sampled_from(FOREIGN), SIZES, SIZES, st.integers(0, 2**31))
def test_foreign_arrays_come_back_as_they_were(name, width, hidden, seed):
    layout = layout_named(name)
    arrays = random_foreign(name, width, hidden, 2, seed)

    back = arrays_in(read_arrays(arrays, layout).stack, layout)

    assert back.keys() == arrays.keys()
    for role, array in arrays.items():
        assert np.allclose(back[role], array, rtol=0, atol=1e-12), role


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_the_gates_is_found_whatever_it_is(order):
    arrays = random_foreign("keras", 3, 4, 1, 5)
    x = np.random.default_rng(8).normal(size=(2, 6, 3))
    own = read_arrays(arrays, layout_named("keras")).stack
    expected = np.swapaxes(torch_run(own, np.swapaxes(x, 0, 1)), 0, 1)
    # What a framework would store whose gates stand in `order`.
    stored = {
        role: np.concatenate([np.split(array, 4, axis=-1)["ifgo".index(g)] for g in order], -1)
        for role, array in arrays.items()
    }

    trials = reproduce([read_arrays(stored, layout_named("keras"))], x, expected)

    assert [(t.layout.gates, t.is_batch_first) for t in trials if t.agrees] == [(order, True)]
    assert trials[0].difference < 1e-12
    assert trials[1].difference > 1e-3


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("last_only", [False, True])
def test_an_input_and_an_output_tell_whose_layout_it_is(name, last_only):
    arrays = random_foreign(name, 5, 4, 1, 3)
    x = np.random.default_rng(4).normal(size=(6, 3, 5))
    output = foreign_run(name, x, arrays)
    # As the layer's own default has it.
    given, expected = x, (output[-1] if last_only else output)
    if layout_named(name).is_batch_first:
        given = np.swapaxes(x, 0, 1)
        expected = output[-1] if last_only else np.swapaxes(output, 0, 1)
    if name == "onnx" and last_only:
        expected = output[-1]  # (D, N, H), as Y_h

    trials = reproduce(fitting(arrays), given, expected.astype("f4"))

    agreeing = [trial for trial in trials if trial.agrees]
    assert [(t.layout.name, t.layout.gates) for t in agreeing] == [(name, layout_named(name).gates)]
    assert agreeing[0].is_batch_first == layout_named(name).is_batch_first
    assert 0 < agreeing[0].difference < 1e-6


def test_an_output_of_another_model_is_reproduced_by_nothing():
    arrays = random_foreign("keras", 5, 4, 1, 3)
    x = np.random.default_rng(4).normal(size=(3, 6, 5))
    expected = np.random.default_rng(5).uniform(-1, 1, size=(3, 6, 4))

    trials = reproduce(fitting(arrays), x, expected)

    assert len({(t.layout.name, t.layout.gates, t.is_batch_first) for t in trials}) == 2 * 24 * 2
    assert not any(trial.agrees for trial in trials)
    assert not reproduce(fitting(arrays), x, expected[..., :2])
    assert not reproduce(fitting(arrays), x, np.full_like(expected, np.nan))
    assert not reproduce(fitting(arrays), x[:0], expected[:0])


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("keras", {"haste"}),
        ("haste", {"keras"}),
        ("cudnn", set()),
        ("tensorflow", set()),
        ("onnx", set()),
        ("torch", set()),
    ],
)
def test_names_and_shapes_tell_what_they_can(name, others):
    stack = Stack(((DirectionWeights(**_torch_arrays(5, 3)),),))
    arrays = arrays_in(stack, layout_named(name))

    assert {one.layout.name for one in fitting(arrays)} == {name, *others}
    nameless = {f"arr_{n}": array for n, array in enumerate(arrays.values())}
    assert {one.layout.name for one in fitting(nameless)} == {name, *others}


def _torch_arrays(width: int, hidden: int) -> dict[str, Array]:
    lstm = nn.LSTM(width, hidden, dtype=torch.float64)
    return {k.removesuffix("_l0"): v.numpy() for k, v in lstm.state_dict().items()}


def test_names_of_two_directions_and_many_layers_are_put_in_order():
    layout = layout_named("keras")
    arrays: dict[str, Array] = {"dense/kernel:0": np.zeros((8, 2)), "dense/bias:0": np.zeros(2)}
    made: dict[str, DirectionWeights] = {}
    for index in (10, 2, 1):
        for way in ("backward", "forward"):
            width = 3 if index == 1 else 8
            one = DirectionWeights(**_torch_arrays(width, 4))
            place = f"bidirectional_{index}/{way}_lstm_{index}/lstm_cell"
            made[f"{index}{way}"] = one
            for role, array in from_direction(layout, one).items():
                name = next(s.names[0] for s in layout.stored if s.role == role)
                arrays[f"{place}/{name}:0"] = array

    reading = read_arrays(arrays, layout)

    found = reading.stack.layers
    for layer, index in zip(found, (1, 2, 10), strict=True):
        for one, way in zip(layer, ("forward", "backward"), strict=True):
            assert np.array_equal(one.weight_hh, made[f"{index}{way}"].weight_hh)
    name = "bidirectional_2/backward_lstm_2/lstm_cell/kernel:0"
    assert reading.used[name] == ("weight_ih_l1_reverse",)
    assert "dense/kernel:0" not in reading.used


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kernel": np.zeros((3, 20))}, r"kernel has the shape \(3, 20\), which cannot be"),
        ({"recurrent_kernel": np.zeros((4, 12))}, r"recurrent_kernel has the shape \(4, 12\)"),
        ({"bias": np.zeros(15)}, r"bias has the shape \(15,\), which cannot be \(4H,\)"),
        ({"bias": np.zeros(16, "i4")}, "bias has the shape"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_by_name(change, sentence):
    arrays = {**random_foreign("keras", 3, 4, 1, 0), **change}

    with pytest.raises(ConversionError, match=sentence):
        read_arrays(arrays, layout_named("keras"))


def test_two_lstms_that_are_no_stack_are_refused():
    arrays = {
        f"{place}/{name}": array
        for place, hidden in (("lstm", 4), ("lstm_1", 5))
        for name, array in random_foreign("keras", 3, hidden, 1, 0).items()
    }

    with pytest.raises(ConversionError, match="layer 1 takes 3 features to 5 units"):
        read_arrays(arrays, layout_named("keras"))


def test_a_forget_bias_that_is_given_counts():
    arrays = random_foreign("tensorflow", 3, 4, 1, 0)
    x = np.random.default_rng(1).normal(size=(6, 2, 3))

    stack = read_arrays(arrays, layout_named("tensorflow"), forget_bias=0.25).stack

    expected = tensorflow(x, **arrays, forget_bias=0.25)
    assert np.allclose(torch_run(stack, x), expected, rtol=0, atol=1e-12)
