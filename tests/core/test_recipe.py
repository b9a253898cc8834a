"""The recipe's lines: what they make, and what a setting may not change."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lstmviz.core.recipe import constructor, input_lines, recipe, sunspots, sunspots_needed
from lstmviz.core.spec import DType, RunSpec, Values
from lstmviz.engine.build import build


def x_of(**settings) -> torch.Tensor:
    """Return the input of an unpacked run, time-major."""
    spec = RunSpec().changed(**{"batch_first": False, **settings})
    return build(spec).input


def test_constructor_names_only_what_differs_from_pytorchs_defaults():
    plain = RunSpec().changed(
        input_size=3, hidden_size=4, num_layers=1, batch_first=False, bidirectional=False
    )
    assert constructor(plain.geometry) == "nn.LSTM(3, 4)"
    changed = RunSpec().changed(bias=False, dropout=0.5, proj_size=2)
    assert constructor(changed.geometry) == (
        "nn.LSTM(8, 16, num_layers=2, bias=False, batch_first=True, dropout=0.5,"
        " bidirectional=True, proj_size=2)"
    )


@pytest.mark.filterwarnings("ignore:dropout option adds dropout")
@given(st.data())
def test_constructor_makes_the_module_it_names(random_specs, data):
    drawn = data.draw(random_specs())
    spec = drawn.lstm
    lstm = eval(constructor(drawn.geometry), {"nn": nn})  # noqa: S307 - our own line
    for name in (
        "input_size",
        "hidden_size",
        "num_layers",
        "bias",
        "batch_first",
        "dropout",
        "bidirectional",
        "proj_size",
    ):
        assert getattr(lstm, name) == getattr(spec, name)


@given(st.data())
def test_input_lines_make_the_axes_they_name(random_specs, data):
    spec = data.draw(random_specs())
    names = {"torch": torch, "sunspots": sunspots()[: sunspots_needed(spec)]}
    for line in input_lines(spec):
        exec(line.code, names)  # noqa: S102 - our own line
        made = names[line.code.split()[0].split("[")[0]]
        assert tuple(made.shape) == tuple(size for _symbol, size in line.axes), line


@pytest.mark.parametrize("values", Values)
@pytest.mark.parametrize("other", [{"batch_first": True}, {"dtype": DType.FLOAT64}])
def test_layout_and_dtype_change_no_number(values, other):
    plain = RunSpec().changed(values=values, batch_first=False)
    first, second = build(plain), build(plain.changed(**other))
    turned = second.input.transpose(0, 1) if "batch_first" in other else second.input
    assert torch.equal(first.input, turned.float())
    for a, b in zip(first.lstm.parameters(), second.lstm.parameters(), strict=True):
        assert torch.equal(a, b.float())


def test_each_kind_of_values_is_what_its_summary_says():
    shape = {"seq_len": 300, "batch_size": 5, "input_size": 6}
    normal = x_of(values=Values.NORMAL, **shape)
    assert abs(float(normal.mean())) < 0.05
    assert abs(float(normal.std()) - 1) < 0.05
    uniform = x_of(values=Values.UNIFORM, **shape)
    assert -1 <= float(uniform.min()) < -0.99
    assert 0.99 < float(uniform.max()) <= 1
    assert torch.equal(x_of(values=Values.ONES, **shape), torch.ones(300, 5, 6))
    impulse = x_of(values=Values.IMPULSE, **shape)
    assert torch.equal(impulse[0], torch.ones(5, 6))
    assert not impulse[1:].any()
    ramp = x_of(values=Values.RAMP, **shape)
    assert torch.equal(ramp[0], -torch.ones(5, 6))
    assert torch.equal(ramp[-1], torch.ones(5, 6))
    assert (ramp.diff(dim=0) > 0).all()


def test_sines_have_6_to_24_steps_per_period():
    x = x_of(values=Values.SINE, seq_len=480, batch_size=2, input_size=4)
    power = torch.fft.rfft(x, dim=0).abs()[1:].argmax(dim=0) + 1
    periods = 480 / power
    assert torch.allclose(periods[:, 0], torch.tensor(6.0))
    assert torch.allclose(periods[:, -1], torch.tensor(24.0))


def test_sunspots_are_standardized_and_lag_by_feature():
    x = x_of(values=Values.SUNSPOTS, seq_len=309, batch_size=1, input_size=1)
    assert abs(float(x.mean())) < 1e-4
    assert abs(float(x.std()) - 1) < 1e-4
    x = x_of(values=Values.SUNSPOTS, seq_len=40, batch_size=3, input_size=5)
    for lag in range(5):
        assert torch.equal(x[lag:, :, lag], x[: 40 - lag, :, 0])
    years = torch.tensor(sunspots())
    assert torch.allclose(x[0, 0] * 40.453 + 49.752, years[:5].flip(0), atol=1e-4)
    follows = x_of(values=Values.SUNSPOTS, seq_len=120, batch_size=1, input_size=5)
    assert torch.equal(torch.cat([x[:, n] for n in range(3)]), follows[:, 0])


def test_sunspots_wrap_from_2008_to_1700():
    x = x_of(values=Values.SUNSPOTS, seq_len=310, batch_size=1, input_size=1)
    assert torch.equal(x[309], x[0])
    assert not torch.equal(x[308], x[0])


@given(st.data())
def test_a_program_needs_no_more_sunspots_than_it_names(random_specs, data):
    spec = data.draw(random_specs()).changed(values=Values.SUNSPOTS)
    count = sunspots_needed(spec)
    assert 1 <= count <= len(sunspots()) == 309
    for years, enough in ((count, True), (count - 1, False)):
        names = {"torch": torch, "sunspots": sunspots()[:years]}
        try:
            exec("\n".join(recipe(spec).input), names)  # noqa: S102 - our own lines
        except IndexError:
            assert not enough
        else:
            assert enough


def test_lengths_short_of_seq_len_are_padded_back_to_it():
    spec = RunSpec().changed(lengths=(3, 9, 1, 2))
    (line,) = recipe(spec).unpacking
    assert line == (
        "output, _ = pad_packed_sequence(packed_output, batch_first=True, total_length=24)"
    )
    (line,) = recipe(spec.changed(lengths=(3, 24, 1, 2), batch_first=False)).unpacking
    assert line == "output, _ = pad_packed_sequence(packed_output)"


def test_a_device_and_a_dtype_are_given_to_every_tensor():
    spec = RunSpec().changed(device="cuda:0", dtype=DType.BFLOAT16)
    assert recipe(spec).placement == (
        'lstm = lstm.to("cuda:0", torch.bfloat16)',
        'x = x.to("cuda:0", torch.bfloat16)',
    )
