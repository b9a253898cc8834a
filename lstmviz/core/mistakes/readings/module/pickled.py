"""A module that lacks an attribute: pickled by another version, quantized, or never set up."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading

_KINDS: Final = r"(?P<kind>LSTM|GRU|RNN|LSTMCell|GRUCell|RNNCell|RNNBase|\w*LSTM\w*|\w*GRU\w*)"
_SAVED: Final = (
    "# with the PyTorch that wrote the file:",
    'torch.save(model.state_dict(), "weights.pt")',
    "# with this one:",
    "model = Model(...)",
    'model.load_state_dict(torch.load("weights.pt", map_location="cpu"))',
)


@reading(
    rf"'{_KINDS}"
    r"' object has no attribute '(?P<attribute>_flat_weights\w*|_all_weights|"
    r"all_weights|proj_size|_data_ptrs|batch_first|_weight_buf_size|_flat_weight_refs|bidirectional"
    r"|_param_buf_size|weight_(?:ih|hh)_l\d(?:_reverse)?|bias_(?:ih|hh)_l\d(?:_reverse)?"
    r"|mode|_backward_hooks|_parameters)'"
)
def old_module(said: Said) -> Finding | None:
    """An attribute that an unpickled or half-built module lacks."""
    kind, attribute = said["kind"], said["attribute"]
    dropped = said.mentions(r"weight_?\s?drop") and not said.ran(r"torch\.load|serialization")
    if attribute.startswith(("weight_", "bias_")) and not dropped:
        beyond = _beyond(kind, attribute)
        return beyond or _deleted(said, kind, attribute)
    if dropped:
        return _deleted(said, kind, attribute)
    if said.mentions(r"quanti[sz]"):
        return _quantized(kind, attribute)
    if attribute in {"_parameters", "_backward_hooks"} and not said.ran(
        "torch.load|serialization|_load"
    ):
        return _without_super(f"{kind} has no {attribute}: something was set")
    loaded = said.ran(r"torch\.load|\.load\(|serialization|from_file|unpickle|pickle")
    older = (
        "an older version of PyTorch"
        if attribute in {"proj_size", "_flat_weights", "_flat_weights_names"}
        else "another version of PyTorch"
    )
    return Finding(
        title="A whole module pickled by another version of PyTorch",
        sentence=f"This {kind} has no {attribute}, which PyTorch gives every one it builds: it was"
        f" pickled whole by {older}, whose nn.{kind} had other attributes."
        " A state_dict moves between versions; a pickled module does not.",
        code=_SAVED,
        sure=Sure.CERTAIN if loaded else Sure.LIKELY,
        also=()
        if loaded
        else (
            "A class of your own that derives from it and does not call super().__init__().",
            "Weight dropout that deletes parameters; take one written for this version.",
        ),
    )


def _beyond(kind: str, attribute: str) -> Finding | None:
    """Say of a layer after the first, or of a reverse direction, that it may not be there."""
    layer = int(re.sub(r"\D", "", attribute) or 0)
    reverse = attribute.endswith("_reverse")
    if not layer and not reverse:
        return None
    needs = [f"num_layers={layer + 1}"] if layer else []
    needs += ["bidirectional=True"] if reverse else []
    return Finding(
        title="A parameter of a layer or direction that the module does not have",
        sentence=f"This {kind} has no {attribute}: layers are numbered from l0, and a reverse"
        f" direction ends in _reverse, so {attribute} is there with {' and '.join(needs)}.",
        code=(
            "print([name for name, _ in lstm.named_parameters()])",
            f"lstm = nn.{kind}(input_size, hidden_size, {', '.join(needs)})",
        ),
        sure=Sure.LIKELY,
        also=("Weight dropout that took the parameter out to put a copy in its place.",),
    )


def _quantized(kind: str, attribute: str) -> Finding:
    return Finding(
        title="A quantized module asked for its float weights",
        sentence=f"A dynamically quantized {kind} has no {attribute}: its weights are packed under"
        " _all_weight_values. What reads or flattens weights has to be done before quantization.",
        code=(
            "lstm.flatten_parameters()  # before",
            "model = torch.ao.quantization.quantize_dynamic(model, {nn.LSTM}, torch.qint8)",
        ),
        sure=Sure.LIKELY,
    )


def _deleted(said: Said, kind: str, attribute: str) -> Finding:
    dropped = said.mentions(r"weight_?\s?drop")
    return Finding(
        title="A weight that was deleted, as weight dropout does",
        sentence=f"This {kind} has no {attribute}: something took the parameter out, as WeightDrop"
        " does to put a dropped copy in its place. Since torch 1.4 the module keeps a list of its"
        " own weights, _flat_weights, and such code breaks.",
        code=(
            "# keep the parameter, and drop a copy at each call:",
            "w = nn.functional.dropout(lstm.weight_hh_l0, p, training=lstm.training)",
            'output, _ = torch.func.functional_call(lstm, {"weight_hh_l0": w}, (x,))',
        ),
        sure=Sure.LIKELY,
        also=()
        if dropped
        else (
            "The module was quantized: its weights are packed, and read before that.",
            "A class of your own that is called LSTM.",
        ),
    )


@reading(
    r"cannot assign '(?P<got>[\w.]+)'(?: object)? (?:as|to) parameter"
    r" '(?P<attribute>(?:weight|bias)_(?:hh|ih)_l\d{1,3}(?:_reverse)?)'"
)
def weight_assigned(said: Said) -> Finding | None:
    """A tensor put where a parameter is: by hand, or by weight dropout."""
    attribute = said["attribute"]
    if said.mentions(r"weight_?\s?drop") or ("weight_hh" in attribute and said.ran(r"dropout")):
        return _deleted(said, "module", attribute)
    return Finding(
        title="A parameter replaced by a plain tensor",
        sentence=f"{attribute} is a parameter, and a {said['got']} was assigned to it: copy the"
        " numbers into the parameter, which keeps it where the module and the optimizer look for"
        " it.",
        code=(
            "with torch.no_grad():",
            f"    lstm.{attribute}.copy_(tensor)  # of the same shape",
        ),
    )


@reading(r"Can't get attribute '(?P<name>\w+)' on <module '(?P<module>[\w.]+)'")
def class_gone(said: Said) -> Finding | None:
    """Unpickling needs the class where it was."""
    return Finding(
        title="A whole module pickled without its class",
        sentence=f"The file names the class {said['name']} in {said['module']}, and it is not"
        " there:"
        " a pickled module needs its own source at the same place. Save a state_dict instead.",
        code=(f"from model import {said['name']}  # before torch.load", *_SAVED[1:2]),
        sure=Sure.CERTAIN if said.ran(r"torch|serialization|load") else Sure.LIKELY,
    )


@reading(r"cannot assign module before Module\.__init__\(\) call")
def before_init(said: Said) -> Finding | None:
    """A layer set before super().__init__()."""
    return _without_super("A layer was assigned")


def _without_super(what: str) -> Finding:
    return Finding(
        title="A module used before super().__init__()",
        sentence=f"{what} before super().__init__() was called, which makes the place for it.",
        code=(
            "class Model(nn.Module):",
            "    def __init__(self):",
            "        super().__init__()  # first",
        ),
        anywhere=True,
    )


@reading(r"RNN module weights are not part of single contiguous chunk of memory")
def scattered_weights(said: Said) -> Finding | None:
    """A warning: weights were replaced or replicated."""
    return Finding(
        title="Weights that are not one block of memory",
        sentence="The numbers are right; each call copies the weights together first, which costs"
        " time and memory. Weights were replaced, replicated or moved one by one.",
        code=("lstm.flatten_parameters()  # first line of forward, or once after loading",),
    )


READINGS: Final[tuple[Reading, ...]] = (
    old_module,
    weight_assigned,
    class_gone,
    before_init,
    scattered_weights,
)
