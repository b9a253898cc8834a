"""``lstmviz convert`` as it is typed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from lstmviz.cli import run


@pytest.fixture
def module():
    torch.manual_seed(1)
    return nn.LSTM(5, 4, batch_first=True)


@pytest.fixture
def keras(module):
    """What ``layer.get_weights()`` gives for the Keras layer with the module's numbers."""
    return {
        "kernel": module.weight_ih_l0.detach().numpy().T,
        "recurrent_kernel": module.weight_hh_l0.detach().numpy().T,
        "bias": (module.bias_ih_l0 + module.bias_hh_l0).detach().numpy(),
    }


@pytest.fixture
def called(module):
    x = torch.randn(3, 6, 5)
    with torch.no_grad():
        return {"input": x.numpy(), "expected": module(x)[0].numpy()}


def test_shapes_alone_name_those_they_fit(keras, tmp_path, capsys):
    np.savez(tmp_path / "w.npz", **keras)

    assert run(["convert", str(tmp_path / "w.npz")]) == 0

    said = capsys.readouterr().out
    assert "The names and shapes fit Keras LSTM and haste LSTM; only numbers can tell" in said
    assert "nn.LSTM(input_size=5, hidden_size=4, num_layers=1, bias=True" in said
    assert "  recurrent_kernel (4, 16) -> weight_hh_l0\n" in said


def test_an_output_settles_it_and_the_state_dict_is_that_of_the_module(
    keras, called, tmp_path, capsys
):
    np.savez(tmp_path / "w.npz", **keras, **called)
    out = tmp_path / "state.safetensors"

    assert run(["convert", str(tmp_path / "w.npz"), "-o", str(out)]) == 0

    assert "Keras LSTM, gates i, f, g, o, batch_first=True: greatest" in capsys.readouterr().out
    again = nn.LSTM(5, 4, batch_first=True)
    again.load_state_dict(load_file(out))
    with torch.no_grad():
        made = again(torch.tensor(called["input"]))[0].numpy()
    assert np.allclose(made, called["expected"], rtol=0, atol=1e-6)


def test_an_order_that_is_not_the_layouts_own_is_found_and_said(keras, called, tmp_path, capsys):
    moved = {
        name: np.concatenate([np.split(array, 4, axis=-1)[n] for n in (3, 2, 1, 0)], axis=-1)
        for name, array in keras.items()
    }
    np.savez(tmp_path / "w.npz", **moved, **called)

    assert run(["convert", str(tmp_path / "w.npz"), "--from", "keras"]) == 0

    said = capsys.readouterr().out
    assert "  gates o, g, f, i -> i, f, g, o" in said
    assert "Keras LSTM, gates o, g, f, i, not its own i, f, g, o, batch_first=True" in said


def test_there_and_back(module, keras, tmp_path):
    np.savez(tmp_path / "t.npz", **{k: v.numpy() for k, v in module.state_dict().items()})

    assert (
        run(["convert", str(tmp_path / "t.npz"), "--to", "keras", "-o", str(tmp_path / "k.npz")])
        == 0
    )

    with np.load(tmp_path / "k.npz") as found:
        assert found.keys() == keras.keys()
        for name, array in keras.items():
            assert np.allclose(found[name], array, rtol=0, atol=1e-7)


def test_an_output_that_nothing_gives_is_said_and_nothing_is_written(
    keras, called, tmp_path, capsys
):
    called["expected"] = called["expected"] + 0.25
    np.savez(tmp_path / "w.npz", **keras, **called)
    out = tmp_path / "state.safetensors"

    assert run(["convert", str(tmp_path / "w.npz"), "-o", str(out)]) == 1

    said = capsys.readouterr().out
    assert "No order of the gates gives the output expected; the closest:" in said
    assert "-> weight_ih_l0" in said
    assert not out.exists()


def test_a_cells_forget_bias_goes_to_tensorflow_and_comes_back(module, tmp_path, capsys):
    state = {k: v.numpy() for k, v in module.state_dict().items()}
    np.savez(tmp_path / "t.npz", **state)
    forth = ["convert", str(tmp_path / "t.npz"), "--to", "tensorflow", "--forget-bias", "0.25"]
    back = ["convert", str(tmp_path / "f.npz"), "--from", "tensorflow", "--forget-bias", "0.25"]

    assert run([*forth, "-o", str(tmp_path / "f.npz")]) == 0
    assert run([*back, "-o", str(tmp_path / "b.npz")]) == 0

    assert "added to f: 0.25" in capsys.readouterr().out
    bias = state["bias_ih_l0"] + state["bias_hh_l0"]
    with np.load(tmp_path / "f.npz") as found:
        assert np.allclose(found["bias"][8:12], bias[4:8] - 0.25, rtol=0, atol=1e-6)
    with np.load(tmp_path / "b.npz") as found:
        assert np.allclose(found["bias_ih_l0"] + found["bias_hh_l0"], bias, rtol=0, atol=1e-6)


def test_an_output_of_another_shape_is_said(keras, called, tmp_path, capsys):
    called["expected"] = called["expected"][..., :2]
    np.savez(tmp_path / "w.npz", **keras, **called)

    assert run(["convert", str(tmp_path / "w.npz")]) == 1

    said = capsys.readouterr().out
    assert "No nn.LSTM of these sizes makes finite numbers of (3, 6, 2) from (3, 6, 5)." in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "OUT"], "the shapes fit Keras LSTM and haste LSTM; say whose they are with --from"),
        (["--from", "onnx"], "no arrays are named or shaped as ONNX LSTM stores them"),
        (["--input", "nothing"], "the file has no array 'nothing'"),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments, sentence, keras, tmp_path, capsys):
    np.savez(tmp_path / "w.npz", **keras)
    given = [str(tmp_path / "out.npz") if one == "OUT" else one for one in arguments]

    assert run(["convert", str(tmp_path / "w.npz"), *given]) == 2

    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out.npz").exists()
