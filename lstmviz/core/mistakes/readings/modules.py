"""The module itself: built with what it does not take, or unpickled from another version."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from lstmviz.core.mistakes.readings.module_kind import calling, module_of, variable
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
        return beyond or _deleted(kind, attribute)
    if dropped:
        return _deleted(kind, attribute)
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
    needs = [f"num_layers={layer + 1} or more"] if layer else []
    needs += ["bidirectional=True"] if reverse else []
    return Finding(
        title="A parameter of a layer or direction that the module does not have",
        sentence=f"This {kind} has no {attribute}: layers are numbered from l0, and a reverse"
        f" direction ends in _reverse, so {attribute} is there with {' and '.join(needs)}.",
        code=(
            "print([name for name, _ in lstm.named_parameters()])",
            f"lstm = nn.{kind}(input_size, hidden_size, {', '.join(needs).replace(' or more', '')})",
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
    if owner not in _CLASSES and not (not owner and said.ran(r"\brnn\.py|nn\.(?:LSTM|GRU|RNN)")):
        return None
    cell = owner.endswith(("Cell", "CellBase"))
    known = _CELL_OPTIONS if cell else _OPTIONS
    near = get_close_matches(name, known, n=1, cutoff=0.75)
    other = _ELSEWHERE.get(name) or (f"perhaps {near[0]}" if near else "")
    kind = module_of(said) or ("LSTMCell" if cell else "LSTM")
    meant = f", {near[0]}=..." if near and near[0] not in known[:2] else ""
    return Finding(
        title=f"An option that the module does not have: {name}",
        sentence=f"There is no argument {name}{': ' + other if other else ''}. They are"
        f" {', '.join(known[:-1])} and {known[-1]}.",
        code=(f"{variable(kind)} = nn.{kind}(input_size, hidden_size{meant})",),
    )


_CLASSES: Final = frozenset(
    {"RNNBase", "LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell", "RNNCellBase"}
)
_CELL_OPTIONS: Final = ("input_size", "hidden_size", "bias")
_OPTIONS: Final = (
    *_CELL_OPTIONS[:2],
    "num_layers",
    "bias",
    "batch_first",
    "dropout",
    "bidirectional",
    "proj_size",
)
_ELSEWHERE: Final = {
    "return_sequences": "output holds every step; output[:, -1] or h_n[-1] is the last",
    "return_state": "the states are always returned: output, (h_n, c_n) = lstm(x)",
    "units": "it is hidden_size here",
    "hidden_dim": "it is hidden_size here",
    "hidden_units": "it is hidden_size here",
    "input_dim": "it is input_size here",
    "n_layers": "it is num_layers here",
    "layers": "it is num_layers here",
    "recurrent_dropout": "there is none; dropout acts between layers",
    "input_shape": "input_size is the number of features per step",
    "stateful": "pass the state on yourself: output, state = lstm(x, state)",
    "activation": "an LSTM's are fixed: sigmoid and tanh",
    "nonlinearity": "only nn.RNN has one; an LSTM's are fixed: sigmoid and tanh",
    "proj_size": "it came with torch 1.8, for nn.LSTM only",
    "device": "it came with torch 1.9; before, use .to(device)",
    "dtype": "it came with torch 1.9; before, use .to(dtype)",
}
"""What is meant by names that other libraries or versions have."""


@reading(
    r"(?P<class>\w*)\.?__init__\(\) missing (?P<count>\d+) required positional arguments?:"
    r" (?P<names>'\w+'(?:,? and '\w+')?)"
)
def missing_option(said: Said) -> Finding | None:
    """A module built without its sizes."""
    owner = said["class"]
    if owner not in _CLASSES and not said.ran(r"nn\.(?:LSTM|GRU|RNN)"):
        return None
    kind = module_of(said) or ("LSTMCell" if owner.endswith("CellBase") else "LSTM")
    return Finding(
        title="A module built without its sizes",
        sentence=f"nn.{kind} was built without {said['names']}: input_size, the features of each"
        " step, and hidden_size, the units, have no default. The length of the sequence and the"
        " batch are no part of the module.",
        code=(f"{variable(kind)} = nn.{kind}(input_size, hidden_size)",),
    )


@reading(
    r"(?P<class>\w*)\.?forward\(\) missing \d+ required positional arguments?: '(?P<name>input|x)'"
)
def missing_input(said: Said) -> Finding | None:
    """A module called without what it reads."""
    kind = module_of(said)
    if not kind:
        return None
    return Finding(
        title="A module called without input",
        sentence=f"nn.{kind} was called without its input: the first argument is the"
        " tensor to read, the state comes second and may be left out.",
        code=(calling(kind),),
    )


@reading(r"proj_size should be a positive integer or zero to disable projections")
def negative_projection(said: Said) -> Finding | None:
    """proj_size below zero."""
    return Finding(
        title="proj_size below zero",
        sentence="proj_size is negative; it is 0 for no projection, or the width that h is"
        " projected to, below hidden_size.",
        code=("lstm = nn.LSTM(input_size, hidden_size)  # proj_size=0, the default",),
    )


@reading(r"proj_size argument is only supported for LSTM, not RNN or GRU")
def projected_gru(said: Said) -> Finding | None:
    """A projection asked of a GRU or an RNN."""
    kind = module_of(said)
    kind = kind if kind in {"GRU", "RNN"} else "GRU"
    return Finding(
        title="A projection asked of an nn.GRU or nn.RNN",
        sentence="proj_size is nn.LSTM's alone: a projection keeps c at hidden_size while h is"
        " narrower, and a GRU or RNN has no c. A Linear after the module narrows its output.",
        code=(
            f"{variable(kind)} = nn.{kind}(input_size, hidden_size)",
            "project = nn.Linear(hidden_size, P)",
        ),
    )


@reading(r"(?:lstm|LSTM) expects two hidden states")
def states_count(said: Said) -> Finding | None:
    """A tuple of another number of states than two."""
    return Finding(
        title="A state of another number of parts than two",
        sentence="The state that reached nn.LSTM has another number of parts than two: it is the"
        " pair (h_0, c_0), for all layers and directions together, each (D·num_layers, N, H).",
        why="Layers and directions are rows of the two tensors, not further tensors.",
        code=("output, (h_n, c_n) = lstm(x, (h_0, c_0))",),
    )


@reading(
    r"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    r"Only tensors with 2 or more dimensions are supported",
)
def initialised_bias(said: Said) -> Finding | None:
    """xavier, kaiming or orthogonal on a bias."""
    return Finding(
        title="A weight initialisation used on a bias",
        sentence="xavier_, kaiming_ and orthogonal_ need two axes, and a bias has one: an LSTM's"
        " parameters are weight_ih_l0 (4·H, H_in), weight_hh_l0 (4·H, H) and the biases"
        " bias_ih_l0 and bias_hh_l0 (4·H).",
        code=(
            "for name, p in lstm.named_parameters():",
            "    if p.dim() > 1:",
            "        nn.init.xavier_uniform_(p)",
            "    else:",
            "        nn.init.zeros_(p)",
        ),
        anywhere=True,
    )


@reading(r"cannot assign module before Module\.__init__\(\) call")
def before_init(said: Said) -> Finding | None:
    """A layer set before super().__init__()."""
    return _without_super("A layer was assigned")


@reading(r"takes 1 positional argument but (?P<given>\d+) were given")
def flattened_with(said: Said) -> Finding | None:
    """flatten_parameters was given something."""
    if not said.mentions(r"flatten_parameters\(\) takes"):
        return None
    return Finding(
        title="flatten_parameters called with an argument",
        sentence="flatten_parameters takes none: it lays the module's own weights out in one block,"
        " whichever they are.",
        code=("lstm.flatten_parameters()",),
    )


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
    missing_option,
    missing_input,
    negative_projection,
    projected_gru,
    states_count,
    initialised_bias,
    before_init,
    flattened_with,
    spelled,
    scattered_weights,
)
