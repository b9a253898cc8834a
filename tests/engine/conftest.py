"""The equations of the nn.LSTM page, written out once, for the engine's tests to compare with."""

from __future__ import annotations

import numpy as np
import pytest

NAMES = ("hidden", "cell", "input_gate", "forget_gate", "cell_gate", "output_gate")


def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def equations(lstm, x, h_0, c_0):
    """Step a float64 batch x (L, N, H_in) through `lstm`, one step of one direction at a time."""
    w = {name: value.detach().cpu().double().numpy() for name, value in lstm.named_parameters()}
    ways = ("", "_reverse")[: 2 if lstm.bidirectional else 1]
    layers = {name: [] for name in NAMES}
    for layer in range(lstm.num_layers):
        found = {name: [] for name in NAMES}
        for way, suffix in enumerate(ways):
            end = f"_l{layer}{suffix}"
            h, c = h_0[layer * len(ways) + way], c_0[layer * len(ways) + way]
            steps = {name: [None] * len(x) for name in NAMES}
            for t in reversed(range(len(x))) if way else range(len(x)):
                z = x[t] @ w["weight_ih" + end].T + h @ w["weight_hh" + end].T
                if lstm.bias:
                    z = z + w["bias_ih" + end] + w["bias_hh" + end]
                i, f, g, o = np.split(z, 4, axis=1)
                i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
                c = f * c + i * g
                h = o * np.tanh(c)
                if lstm.proj_size:
                    h = h @ w["weight_hr" + end].T
                for name, value in zip(NAMES, (h, c, i, f, g, o), strict=True):
                    steps[name][t] = value
            for name in NAMES:
                found[name].append(np.stack(steps[name]))
        x = np.concatenate(found["hidden"], axis=2)
        for name in NAMES:
            layers[name].append(np.stack(found[name]))
    return {name: np.stack(values) for name, values in layers.items()}


@pytest.fixture(scope="session")
def by_hand():
    return equations
