"""What can be asked for, and the sentence for what cannot."""

from __future__ import annotations

import json
import pickle
from dataclasses import FrozenInstanceError

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.spec import (
    BOUNDS,
    SETTINGS,
    DType,
    InitialState,
    RunSpec,
    SpecError,
    Values,
)

IMPOSSIBLE = [
    ({"hidden_size": 0}, "hidden_size must be between 1 and 8,192, not 0."),
    ({"seq_len": 100_001}, "seq_len must be between 1 and 100,000, not 100,001."),
    ({"seed": 2**32}, "seed must be between 0 and 4,294,967,295, not 4,294,967,296."),
    ({"dropout": 1.5}, "dropout must be between 0 and 1, not 1.5."),
    ({"num_layers": 2.0}, "num_layers must be a whole number, not 2.0."),
    ({"batch_size": True}, "batch_size must be a whole number, not True."),
    ({"dropout": "0.5"}, "dropout must be a number, not '0.5'."),
    ({"proj_size": 16}, "proj_size must be smaller than hidden_size (16), or 0 for none."),
    ({"lengths": (24, 9)}, "lengths needs one number per sequence: 4, not 2."),
    ({"lengths": (24, 9, 3, 0)}, "Each length must be between 1 and seq_len (24), not 0."),
    ({"lengths": (24, 9, 3, 25)}, "Each length must be between 1 and seq_len (24), not 25."),
    ({"lengths": (24, 9, 3, 2.5)}, "lengths must be whole numbers, not 2.5."),
    (
        {"unbatched": True, "lengths": (24, 9, 3, 1)},
        "Unbatched input is one sequence; it cannot be packed.",
    ),
    ({"device": ""}, "'' is not a device; try cpu or cuda:0."),
    ({"device": "cpu; rm"}, "'cpu; rm' is not a device; try cpu or cuda:0."),
]

UNREADABLE = [
    ({"layers": 2}, "layers", "There is no setting called layers."),
    ({"values": "noise"}, "values", "values must be one of normal, uniform, ones, impulse, ramp,"),
    ({"bias": 1}, "bias", "bias must be true or false, not 1."),
    ({"device": 0}, "device", "device must be a name such as cpu, not 0."),
    ({"lengths": "24"}, "lengths", "lengths must be a list of whole numbers, not '24'."),
]


@pytest.mark.parametrize(("settings", "sentence"), IMPOSSIBLE)
def test_an_impossible_setting_is_refused_by_name(settings, sentence):
    with pytest.raises(SpecError) as caught:
        RunSpec().changed(**settings)
    assert caught.value.sentence == sentence
    assert caught.value.field == list(settings)[-1]


@pytest.mark.parametrize(("settings", "field", "start"), UNREADABLE)
def test_an_unreadable_setting_is_refused_by_name(settings, field, start):
    with pytest.raises(SpecError) as caught:
        RunSpec.from_settings(settings)
    assert caught.value.field == field
    assert caught.value.sentence.startswith(start)


@given(st.data())
def test_settings_survive_json(random_specs, data):
    spec = data.draw(random_specs())
    settings = json.loads(json.dumps(spec.settings()))
    assert list(settings) == list(SETTINGS)
    assert RunSpec.from_settings(settings) == spec


def test_read_settings_are_members_not_bare_text():
    spec = RunSpec.from_settings({"values": "ramp", "initial_state": "random", "dtype": "float64"})
    assert spec.input.values is Values.RAMP
    assert spec.input.initial_state is InitialState.RANDOM
    assert spec.dtype is DType.FLOAT64


def test_a_whole_number_reads_as_dropout():
    spec = RunSpec.from_settings({"dropout": 1})
    assert spec.lstm.dropout == 1.0
    assert isinstance(spec.lstm.dropout, float)


def test_changed_finds_each_setting_where_it_lives():
    spec = RunSpec().changed(hidden_size=5, seq_len=7, seed=9)
    assert (spec.lstm.hidden_size, spec.input.seq_len, spec.seed) == (5, 7, 9)
    assert (spec.value("hidden_size"), spec.value("seq_len"), spec.value("seed")) == (5, 7, 9)
    with pytest.raises(KeyError):
        spec.changed(layers=2)


def test_a_change_of_two_settings_is_judged_as_one():
    projected = RunSpec().changed(hidden_size=32, proj_size=20)
    assert projected.changed(hidden_size=8, proj_size=4).lstm.output_size == 4
    with pytest.raises(SpecError):
        projected.changed(hidden_size=8)


def test_specs_are_frozen_and_equal_by_value():
    assert RunSpec() == RunSpec()
    assert hash(RunSpec()) == hash(RunSpec())
    with pytest.raises(FrozenInstanceError):
        RunSpec().seed = 4  # type: ignore[misc]


def test_an_error_keeps_its_field_across_processes():
    error = pickle.loads(pickle.dumps(SpecError("seed", "No.")))  # noqa: S301 - our own bytes
    assert (error.field, error.sentence, str(error)) == ("seed", "No.", "No.")


def test_bounds_are_those_that_pytorch_takes():
    for name in ("input_size", "hidden_size", "num_layers"):
        sizes = {"input_size": 2, "hidden_size": 2, "num_layers": 1}
        torch.nn.LSTM(**{**sizes, name: int(BOUNDS[name].low)})
    with pytest.raises(ValueError, match="proj_size"):
        torch.nn.LSTM(2, 3, proj_size=3)


def test_dtypes_are_torchs_own():
    for dtype in DType:
        assert torch.empty(0, dtype=getattr(torch, dtype.value)).element_size() == dtype.itemsize


def test_steps_are_those_of_the_longest_sequence():
    spec = RunSpec().changed(lengths=(3, 9, 1, 2))
    assert spec.input.steps == 9
    assert RunSpec().input.steps == 24
    assert RunSpec().changed(unbatched=True).input.columns == 1


def test_a_choice_given_as_text_becomes_the_choice():
    spec = RunSpec().changed(dtype="float64", values="ones", initial_state="random")
    assert spec.dtype is DType.FLOAT64
    assert spec.input.values is Values.ONES
    assert spec.input.initial_state is InitialState.RANDOM


@pytest.mark.parametrize(("name", "value"), [("dtype", "float8"), ("bias", 1), ("values", 3)])
def test_a_value_of_no_choice_or_switch_is_refused(name, value):
    with pytest.raises(SpecError) as caught:
        RunSpec().changed(**{name: value})
    assert caught.value.field == name
