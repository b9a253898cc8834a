"""The module itself: built with what it does not take, or unpickled from another version."""

from __future__ import annotations

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
    if attribute.startswith(("weight_", "bias_")) or dropped:
        return _deleted(kind, attribute)
    if said.mentions(r"quanti[sz]"):
        return _quantized(kind, attribute)
    if attribute in {"_parameters", "_backward_hooks"} and not said.ran(
        "torch.load|serialization|_load"
    ):
        return Finding(
            title="A module used before super().__init__()",
            sentence=f"{kind} has no {attribute}: a class of your own set a layer before it called"
            " super().__init__().",
            code=(
                "class Model(nn.Module):",
                "    def __init__(self):",
                "        super().__init__()  # first",
            ),
            sure=Sure.LIKELY,
        )
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


def _deleted(kind: str, attribute: str) -> Finding:
    return Finding(
        title="A weight that was deleted, as weight dropout does",
        sentence=f"This {kind} has no {attribute}: something took the parameter out, as WeightDrop"
        " does to put a dropped copy in its place. Since torch 1.4 the module keeps a list of its"
        " own"
        " weights, _flat_weights, and such code breaks.",
        code=(
            "# keep the parameter, and drop a copy at each call:",
            "w = nn.functional.dropout(lstm.weight_hh_l0, p, training=lstm.training)",
            'output, _ = torch.func.functional_call(lstm, {"weight_hh_l0": w}, (x,))',
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"cannot assign '(?P<got>[\w.]+)'(?: object)? (?:as|to) parameter"
    r" '(?P<attribute>weight_hh_l\d|weight_ih_l\d)(?:_reverse)?'"
)
def weight_assigned(said: Said) -> Finding | None:
    """Weight dropout's own assignment."""
    return _deleted("module", said["attribute"])


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


@reading(
    r"(?P<name>input_size|hidden_size|num_layers) must be greater than zero",
)
def not_positive(said: Said) -> Finding | None:
    """A size of zero or less."""
    name = said["name"]
    return Finding(
        title=f"{name} not positive",
        sentence=f"{name} is 0 or less; it must be at least 1. It was computed, or two arguments"
        " changed places: nn.LSTM(input_size, hidden_size, num_layers).",
        code=(
            "print(input_size, hidden_size, num_layers)",
            "lstm = nn.LSTM(input_size, hidden_size, num_layers)",
        ),
    )


@reading(r"(?:float )?division by zero")
def zero_hidden(said: Said) -> Finding | None:
    """Before 2.0 hidden_size=0 was noticed when the weights were drawn."""
    if not said.ran(r"reset_parameters|\brnn\.py"):
        return None
    return Finding(
        title="hidden_size not positive",
        sentence="The weights are drawn within 1/sqrt(hidden_size), and hidden_size is 0.",
        code=("lstm = nn.LSTM(input_size, hidden_size)  # hidden_size at least 1",),
    )


@reading(
    r"(?P<class>\w*)\.?__init__\(\) got an unexpected keyword argument '(?P<name>\w+)'",
)
def unknown_option(said: Said) -> Finding | None:
    """An argument that nn.LSTM does not have."""
    name, owner = said["name"], said["class"]
    if owner not in {
        "RNNBase",
        "LSTM",
        "GRU",
        "RNN",
        "LSTMCell",
        "GRUCell",
        "RNNCell",
        "RNNCellBase",
    } and not (not owner and said.ran(r"\brnn\.py|nn\.(?:LSTM|GRU|RNN)")):
        return None
    other = {
        "return_sequences": "output holds every step; output[:, -1] or h_n[-1] is the last",
        "return_state": "the states are always returned: output, (h_n, c_n) = lstm(x)",
        "units": "it is hidden_size here",
        "recurrent_dropout": "there is none; dropout acts between layers",
        "input_shape": "input_size is the number of features per step",
        "stateful": "pass the state on yourself: output, state = lstm(x, state)",
        "activation": "an LSTM's are fixed: sigmoid and tanh",
        "proj_size": "it came with torch 1.8, for nn.LSTM only",
        "device": "it came with torch 1.9; before, use .to(device)",
        "dtype": "it came with torch 1.9; before, use .to(dtype)",
        "bidirection": "it is bidirectional",
        "num_layer": "it is num_layers",
    }.get(name)
    return Finding(
        title=f"An option that the module does not have: {name}",
        sentence=f"There is no argument {name}{': ' + other if other else ''}. They are input_size,"
        " hidden_size, num_layers, bias, batch_first, dropout, bidirectional and proj_size.",
        code=("lstm = nn.LSTM(input_size, hidden_size, num_layers=1, batch_first=True)",),
    )


@reading(r"module 'torch\.nn' has no attribute '(?P<name>lstm|LSTm|Lstm|gru|rnn|LSTMcell)'")
def spelled(said: Said) -> Finding | None:
    """Case matters."""
    return Finding(
        title="The module's name in another case",
        sentence=f"torch.nn has no {said['name']}; the modules are nn.LSTM, nn.GRU, nn.RNN and"
        " nn.LSTMCell.",
        code=("lstm = nn.LSTM(input_size, hidden_size)",),
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
    not_positive,
    zero_hidden,
    unknown_option,
    spelled,
    scattered_weights,
)
