"""Values that a module cannot be built with, and calls of it that need no numbers to be told."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.module_kind import module_of, variable
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading


@reading(r"proj_size has to be smaller than hidden_size")
def projection(said: Said) -> Finding | None:
    """proj_size too large."""
    return Finding(
        title="proj_size not below hidden_size",
        sentence="A projection narrows h from hidden_size to proj_size numbers; 0 is none.",
        code=("lstm = nn.LSTM(H_in, H, proj_size=P)  # P < H",),
        mistake="proj-size-too-large",
    )


@reading(
    r"(?P<name>input_size|hidden_size) should be of type int, got: (?P<got>\w+)",
    r"empty\(\).*?must be tuple of (?:ints|SymInts)",
)
def size_not_whole(said: Said) -> Finding | None:
    """A size computed with /."""
    name, got = said["name"] or "A size", said["got"]
    inside = said.ran(r"\brnn\.py|nn\.LSTM") or bool(said["name"])
    given = f", and {'an' if got[:1] in 'aeiou' else 'a'} {got} was given" if got else ""
    reason = (
        "; divide with // instead of /" if got in {"float", ""} else f"; {got} is no whole number"
    )
    return Finding(
        title="A size computed with / instead of //"
        if got in {"float", ""}
        else f"{name} given as {got}",
        sentence=f"{name} must be a whole number{given}{reason}.",
        why="/ gives a float even where nothing is left over; // gives a whole number."
        if got in {"float", ""}
        else "input_size and hidden_size are one number each; layers of another width are modules"
        " of their own.",
        code=("lstm = nn.LSTM(int(H_in), H // 2)",)
        if not got
        else ("lstm = nn.LSTM(H_in, H // 2)",)
        if got == "float"
        else (f"print(type({name}))", "lstm = nn.LSTM(int(input_size), int(hidden_size))"),
        sure=Sure.CERTAIN if inside else Sure.LIKELY,
        mistake="size-not-whole",
    )


@reading(r"'(?P<got>float|str|list|tuple)' object cannot be interpreted as an integer")
def layers_not_whole(said: Said) -> Finding | None:
    """num_layers that is no whole number."""
    if not said.module_line:
        return None
    return Finding(
        title=f"num_layers given as {said['got']}",
        sentence=f"num_layers counts the layers, and a {said['got']} was given: it must be a whole"
        " number.",
        code=("lstm = nn.LSTM(H_in, H, num_layers=2)  # int(num_layers)",),
        sure=Sure.LIKELY,
    )


@reading(r"dropout should be a number in range \[0, 1\]")
def dropout(said: Said) -> Finding | None:
    """Dropout is no probability."""
    return Finding(
        title="dropout outside 0 to 1",
        sentence="dropout is a probability between 0 and 1: 20 per cent are 0.2.",
        code=("lstm = nn.LSTM(H_in, H, num_layers=2, dropout=0.5)",),
        mistake="dropout-as-percentage",
    )


@reading(r"(?P<name>bias|batch_first) should be of type bool, got: (?P<got>\w+)")
def option_by_position(said: Said) -> Finding | None:
    """An option by position."""
    return Finding(
        title="Options of nn.LSTM given by position",
        sentence=f"{said['name']} must be True or False, and {said['got']} was given.",
        why="After num_layers come bias, batch_first, dropout and bidirectional; name them, and"
        " give True or False where a switch is meant.",
        code=("lstm = nn.LSTM(H_in, H, num_layers, batch_first=True)",),
        mistake="options-by-position",
    )


@reading(
    r"dropout option adds dropout after all but last recurrent layer,?"
    r" so non-zero dropout expects num_layers greater than 1"
    r"(?:, but got dropout=(?P<p>[\d.]+) and num_layers=(?P<layers>\d+))?"
)
def one_layer(said: Said) -> Finding | None:
    """Dropout on one layer does nothing."""
    p = said["p"] or "p"
    return Finding(
        title="dropout on an LSTM of one layer",
        sentence="nn.LSTM drops between layers only, never after the last: with one layer even"
        " dropout=1.0 drops nothing.",
        code=(
            "output, _ = lstm(x)",
            f"output = nn.functional.dropout(output, {p}, training=model.training)",
        ),
        sure=Sure.CERTAIN,
        mistake="dropout-on-one-layer",
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


READINGS: Final[tuple[Reading, ...]] = (
    layers_not_whole,
    projection,
    size_not_whole,
    dropout,
    option_by_position,
    one_layer,
    not_positive,
    zero_hidden,
    negative_projection,
    projected_gru,
    states_count,
    initialised_bias,
    flattened_with,
)
