"""Names of options and modules that torch does not have, and sizes or input left out."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from lstmviz.core.mistakes.readings.module_kind import calling, module_of, variable
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, reading

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
    r"(?P<class>\w*)\.?forward\(\) got an unexpected keyword argument"
    r" '(?P<name>h_?0|c_?0|hidden|state|hx0|h|lengths?|mask|initial_state)'"
)
def unknown_argument(said: Said) -> Finding | None:
    """The state, or lengths, given by a name that forward does not have."""
    kind, name = module_of(said), said["name"]
    if not kind:
        return None
    one = kind in {"GRU", "RNN", "GRUCell", "RNNCell"}
    lengths = name.startswith(("length", "mask"))
    return Finding(
        title=f"An argument that the call does not have: {name}",
        sentence=f"nn.{kind} is called with input and hx alone"
        + (
            "; lengths go into pack_padded_sequence, and what comes of it is the input."
            if lengths
            else f", and hx is {'h_0' if one else 'the pair (h_0, c_0)'}."
        ),
        code=(
            "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
            calling(kind, "packed"),
        )
        if lengths
        else (calling(kind, "x, h_0" if one else "x, (h_0, c_0)"),),
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


@reading(r"module 'torch\.nn' has no attribute '(?P<name>lstm|LSTm|Lstm|gru|rnn|LSTMcell)'")
def spelled(said: Said) -> Finding | None:
    """Case matters."""
    return Finding(
        title="The module's name in another case",
        sentence=f"torch.nn has no {said['name']}; the modules are nn.LSTM, nn.GRU, nn.RNN and"
        " nn.LSTMCell.",
        code=("lstm = nn.LSTM(input_size, hidden_size)",),
    )


READINGS: Final[tuple[Reading, ...]] = (
    unknown_option,
    unknown_argument,
    missing_option,
    missing_input,
    spelled,
)
