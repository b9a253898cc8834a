"""What whole parts of a module one side of ``load_state_dict`` has more than the other."""

from __future__ import annotations

from lstmviz.core.mistakes.readings.checkpoint.keys import Keys, some
from lstmviz.core.mistakes.readings.checkpoint.parameters import (
    Parameter,
    Surplus,
    by_owner,
)
from lstmviz.core.mistakes.readings.reading import Finding
from lstmviz.core.mistakes.setting import Lines
from lstmviz.core.mistakes.words import count


def surplus(keys: Keys) -> Finding | None:
    """One side has whole parts of a module more than the other."""
    sentences: list[str] = []
    options: list[str] = []
    for names, has, lacks in (
        (keys.missing, "model", "file"),
        (keys.unexpected, "file", "model"),
    ):
        for owner, leaves in by_owner(names).items():
            surplus = Surplus.of(leaves)
            if surplus is None:
                return None
            both = any("_reverse" in leaf for leaf in leaves)
            told, option = _surplus_words(surplus, has, lacks, both=both)
            where = f"{owner.rstrip('.')}: " if owner else ""
            sentences += [where + sentence for sentence in told]
            options += option
    if not sentences:
        return None
    rest = [n for n in sorted(keys.missing | keys.unexpected) if not Parameter.of(n)]
    if rest:
        sentences.append(f"Beside the recurrent ones, {some(rest)} differ too")
    return Finding(
        title=_surplus_title(options),
        sentence=". ".join(dict.fromkeys(sentences)) + ".",
        why="Parameters are matched by name: the same layers, directions and biases are needed.",
        code=_constructor(options),
        mistake="checkpoint-of-other-parts",
    )


def _surplus_words(
    surplus: Surplus, has: str, lacks: str, *, both: bool
) -> tuple[list[str], list[str]]:
    sentences, options = [], []
    if surplus.layers:
        first, last = surplus.layers[0], surplus.layers[-1]
        beyond = f"the {lacks} ends at layer {first - 1}, num_layers={first}"
        where = f"the {has} has more layers, num_layers={last + 1} or so"
        exact = f"the {has} has {count(last + 1, 'layer')}, num_layers={last + 1}"
        sentences.append(
            f"{exact if surplus.layers == tuple(range(first, last + 1)) else where}, and {beyond}"
        )
        options.append(f"num_layers={last + 1 if has == 'file' else first}")
    if surplus.directions:
        sentences.append(f"the {has} is bidirectional and the {lacks} is not")
        options.append(f"bidirectional={has == 'file'}")
    elif surplus.layers and both:
        options.append("bidirectional=True")
    if surplus.biases:
        sentences.append(f"the {has} has biases and the {lacks} has none, bias=False")
        options.append(f"bias={has == 'file'}")
    if surplus.projections:
        sentences.append(f"the {has} has a projection, proj_size, and the {lacks} has none")
        options.append("proj_size=P" if has == "file" else "proj_size=0")
    return [sentence[0].upper() + sentence[1:] for sentence in sentences], options


def _surplus_title(options: list[str]) -> str:
    names = dict.fromkeys(option.split("=")[0] for option in options)
    words = {"num_layers": "layers", "bidirectional": "directions", "bias": "biases"}
    told = [words.get(name, "projections") for name in names]
    return f"A checkpoint with other {' and '.join(told)}"


def _constructor(options: list[str]) -> Lines:
    given = ", ".join(dict.fromkeys(options))
    return (f"nn.LSTM(H_in, H, {given})  # as the file has it", "model.load_state_dict(state)")
