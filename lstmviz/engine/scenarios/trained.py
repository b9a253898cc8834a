"""Parameters that ship with a scenario: read from safetensors, every name and size checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open

from lstmviz.core import resources

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn


class ParametersError(RuntimeError):
    """Shipped parameters that are missing or do not fit; the message is the sentence to show."""


def path_of(name: str) -> Path:
    """Return where the parameters of the scenario called `name` are."""
    return resources.root() / "scenarios" / f"{name}.safetensors"


def load(model: nn.Module, path: Path) -> dict[str, str]:
    """Fill `model` from the file at `path`; return what the file says about its training.

    Raises
    ------
    ParametersError
        There is no such file, it is damaged, or it holds other names, sizes or types.
    """
    expected = model.state_dict()
    try:
        with safe_open(path, framework="pt") as file:
            names = set(file.keys())
            if names != set(expected):
                odd = ", ".join(sorted(names ^ set(expected)))
                raise ParametersError(f"{path.name} does not fit this model: {odd}.")
            for name, values in expected.items():
                shape = tuple(file.get_slice(name).get_shape())
                if shape != tuple(values.shape):
                    raise ParametersError(
                        f"{path.name}: {name} has shape {shape}, this model needs"
                        f" {tuple(values.shape)}."
                    )
            model.load_state_dict({name: file.get_tensor(name) for name in expected})
            return dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise ParametersError(f"{path.name} cannot be read: {error}.") from error
