"""Messages that need no numbers: each is its mistake's own."""

from __future__ import annotations

from typing import Final

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
        why="/ gives a float even where nothing is left over; // gives a whole number.",
        code=("lstm = nn.LSTM(int(H_in), H // 2)" if not got else "lstm = nn.LSTM(H_in, H // 2)",),
        sure=Sure.CERTAIN if inside else Sure.LIKELY,
        mistake="size-not-whole",
    )


@reading(r"dropout should be a number in range \[0, 1\]")
def dropout(said: Said) -> Finding | None:
    """Dropout is no probability."""
    return Finding(
        title="dropout given in per cent",
        sentence="dropout is a probability between 0 and 1.",
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


READINGS: Final[tuple[Reading, ...]] = (
    projection,
    size_not_whole,
    dropout,
    option_by_position,
    one_layer,
)
