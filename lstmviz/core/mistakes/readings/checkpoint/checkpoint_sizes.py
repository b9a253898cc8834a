"""``load_state_dict``: parameters of other sizes, and what hyperparameters they tell of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import Pattern
from typing import Final

from lstmviz.core.mistakes.readings.checkpoint.parameters import MODULES, Parameter
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.words import SIZES, as_size, message, sizes

_MISMATCH: Final = (
    r"size mismatch for (?P<name>[\w.]+): copying a param with shape "
    + SIZES.format("saved")
    + r" from checkpoint, the shape in current model is "
    + SIZES.format("model"),
    r"size mismatch for (?P<name>[\w.]+): copying a param of "
    + SIZES.format("saved")
    + r" from checkpoint, where the shape is "
    + SIZES.format("model")
    + r" in current model",
    r"While copying the parameter named \"?(?P<name>[\w.]+?)\"?, whose dimensions in the model are "
    + SIZES.format("model")
    + r" and whose dimensions in the checkpoint are "
    + SIZES.format("saved"),
)
_PATTERNS: Final[tuple[Pattern[str], ...]] = tuple(message(source) for source in _MISMATCH)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One parameter of two sizes."""

    name: str
    saved: tuple[int, ...]
    model: tuple[int, ...]


@reading(*_MISMATCH)
def other_sizes(said: Said) -> Finding | None:
    """Say what the sizes tell of input_size, hidden_size and the kind of module."""
    found = _all(said)
    recurrent = [
        (one, p) for one in found if (p := Parameter.of(one.name)) and one.saved and one.model
    ]
    if not recurrent:
        return _elsewhere(found)
    one, parameter = recurrent[0]
    told, options, gates = _differences(recurrent)
    also_keys = said.mentions(r"Missing key\(s\)|Unexpected key\(s\)")
    sentence = (
        f"{parameter.leaf} is {as_size(one.saved)} in the file and {as_size(one.model)} in the"
        f" model: {'; '.join(told) or 'the sizes differ'}."
    )
    if also_keys:
        sentence += " Names differ too, so more than one size is another."
    settings = {name: value for name, value in options.items() if isinstance(value, int)}
    return Finding(
        title="A checkpoint of other sizes"
        if len(gates) < 2
        else f"A checkpoint of an {gates[0]} loaded into an {gates[1]}",
        sentence=sentence,
        why="A state_dict holds numbers, not sizes: build the model with the sizes it was saved"
        " with.",
        code=_code(one, options, gates),
        mistake="checkpoint-of-other-sizes" if not gates[1:] else "",
        told=settings,
    )


def _all(said: Said) -> list[Mismatch]:
    text = said.whole
    matches = sorted(
        (match for pattern in _PATTERNS for match in pattern.finditer(text)),
        key=lambda match: match.start(),
    )
    return [Mismatch(m["name"], sizes(m["saved"]), sizes(m["model"])) for m in matches]


def _gates(p: Parameter, shape: tuple[int, ...]) -> int:
    """Return how many gates a weight_hh of `shape` stacks; 0 if it does not tell."""
    if (p.kind, p.part) != ("weight", "hh") or len(shape) != 2:
        return 0
    rows, width = shape
    gates = rows // width if width and rows % width == 0 else 0
    return gates if gates in MODULES else 0


def _differences(
    found: list[tuple[Mismatch, Parameter]],
) -> tuple[list[str], dict[str, int | str], list[str]]:
    """Return what differs, in words and as arguments, and the modules if they are of two kinds."""
    told: dict[str, None] = {}
    options: dict[str, int | str] = {}
    saved_gates = next((g for one, p in found if (g := _gates(p, one.saved))), 0)
    model_gates = next((g for one, p in found if (g := _gates(p, one.model))), 0)
    kinds: list[str] = []
    if saved_gates and model_gates and saved_gates != model_gates:
        kinds = [MODULES[saved_gates], MODULES[model_gates]]
        told[
            f"rows over hidden_size are {saved_gates} in the file, {kinds[0]}'s, and {model_gates}"
            f" in the model, {kinds[1]}'s"
        ] = None
    for one, p in found:
        _hidden(one, p, told, options, (saved_gates, model_gates))
        _width(one, p, told, options)
    return list(told), options, kinds


def _hidden(
    one: Mismatch,
    p: Parameter,
    told: dict[str, None],
    options: dict[str, int | str],
    gates: tuple[int, int],
) -> None:
    if p.part == "hr":
        if one.saved[0] != one.model[0]:
            told[f"proj_size {one.saved[0]} saved, {one.model[0]} in the model"] = None
            options["proj_size"] = one.saved[0]
        if one.saved[-1] != one.model[-1]:
            told[f"hidden_size {one.saved[-1]} saved, {one.model[-1]} in the model"] = None
            options["hidden_size"] = one.saved[-1]
        return
    if one.saved[0] == one.model[0]:
        return
    if all(gates):
        hidden = one.saved[0] // gates[0], one.model[0] // gates[1]
        if hidden[0] != hidden[1]:
            told[f"hidden_size {hidden[0]} saved, {hidden[1]} in the model"] = None
        options["hidden_size"] = hidden[0]
    elif gate := _named_gates(one):
        hidden = one.saved[0] // gate, one.model[0] // gate
        told[f"hidden_size {hidden[0]} saved, {hidden[1]} in the model"] = None
        options["hidden_size"] = hidden[0]
    else:
        told[
            f"{one.saved[0]} rows saved, {one.model[0]} in the model, which are 4·hidden_size in an"
            " nn.LSTM and 3·hidden_size in an nn.GRU"
        ] = None
        options.setdefault("hidden_size", "H")


def _named_gates(one: Mismatch) -> int:
    """Return the gates that the module's own name tells of: ``lstm``, ``gru``; 0 if none."""
    name = one.name.lower()
    gates = 4 if "lstm" in name else 3 if "gru" in name else 0
    fits = gates and one.saved[0] % gates == 0 and one.model[0] % gates == 0
    return gates if fits else 0


def _width(
    one: Mismatch, p: Parameter, told: dict[str, None], options: dict[str, int | str]
) -> None:
    if (p.kind, p.part) != ("weight", "ih") or one.saved[-1] == one.model[-1]:
        return
    if p.layer <= 0:
        told[f"input_size {one.saved[-1]} saved, {one.model[-1]} in the model"] = None
        options.setdefault("input_size", one.saved[-1])
        return
    text = f"D·H_out of the layer below {one.saved[-1]} saved, {one.model[-1]} in the model"
    if one.saved[-1] == 2 * one.model[-1]:
        text += ", twice as wide: it was bidirectional"
    elif 2 * one.saved[-1] == one.model[-1]:
        text += ", half as wide: it was not bidirectional"
    told[text] = None


def _code(one: Mismatch, options: dict[str, int | str], kinds: list[str]) -> tuple[str, ...]:
    named = {3: "nn.GRU", 4: "nn.LSTM"}.get(_named_gates(one), "")
    module = kinds[0] if kinds else named or "nn.LSTM"
    note = "as it was saved" if kinds or named else "or nn.GRU, as it was saved"
    size, hidden = options.get("input_size", "H_in"), options.get("hidden_size", "H")
    projection = f", proj_size={options['proj_size']}" if "proj_size" in options else ""
    return (
        f"{module}({size}, {hidden}{projection})  # {note}",
        "model.load_state_dict(state)",
    )


def _elsewhere(found: list[Mismatch]) -> Finding | None:
    if not found:
        return None
    one = found[0]
    if len(one.saved) == 2 and re.search(r"embed|encoder\.weight|wte", one.name, re.IGNORECASE):
        told = []
        if one.saved[0] != one.model[0]:
            told.append(f"num_embeddings {one.saved[0]:,} saved, {one.model[0]:,} in the model")
        if one.saved[1] != one.model[1]:
            told.append(f"embedding_dim {one.saved[1]} saved, {one.model[1]} in the model")
        reason = "; ".join(told) + ": use the vocabulary that the file was trained with"
    else:
        reason = "build this layer with the sizes it was saved with"
    return Finding(
        title="A checkpoint of other sizes",
        sentence=f"{one.name} is {as_size(one.saved)} in the file and {as_size(one.model)} in the"
        f" model: {reason}. No recurrent parameter is among those listed.",
        code=("print({name: tuple(w.shape) for name, w in state.items()})",),
        sure=Sure.CERTAIN,
    )


READINGS: Final[tuple[Reading, ...]] = (other_sizes,)
