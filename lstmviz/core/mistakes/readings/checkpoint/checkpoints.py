"""``load_state_dict``: names that are missing and names that are too many."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.checkpoint.checkpoint_parts import surplus
from lstmviz.core.mistakes.readings.checkpoint.keys import Keys, some
from lstmviz.core.mistakes.readings.checkpoint.parameters import (
    Parameter,
    by_owner,
    prefix_between,
    renamed,
)
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.words import count

_PACKED: Final = frozenset(
    {"state_dict", "model_state_dict", "model", "net", "optimizer", "epoch", "optimizer_state_dict"}
)
_SHOWN: Final = 4


@reading(
    r"(?:Missing|Unexpected) key\(s\) in state_dict: \"",
    r"unexpected key \"[\w.]+\" in state_dict",
    r"missing keys in state_dict: [\"{\[']",
)
def other_names(said: Said) -> Finding | None:
    """Compare the two lists as sets and say what one difference explains them all."""
    keys = Keys.read(said.whole)
    if not keys.missing and not keys.unexpected:
        return None
    return (
        _packed(keys)
        or _prefixed(keys)
        or _wrapped(keys)
        or _renamed(keys)
        or _cells(keys)
        or surplus(keys)
        or _named_otherwise(keys)
    )


def _packed(keys: Keys) -> Finding | None:
    inside = sorted(keys.unexpected)
    known = keys.unexpected & _PACKED
    plain = all("." not in name and not Parameter.of(name) for name in inside)
    if not inside or not plain or not (known or keys.missing):
        return None
    ranked = sorted(inside, key=lambda name: (_weights_in(name), name not in known, name))
    name = ranked[0]
    return Finding(
        title="A checkpoint with the state_dict inside",
        sentence=f"The file is a dictionary with {', '.join(sorted(keys.unexpected)[:_SHOWN])}: the"
        " parameters are one of its entries, and the whole dictionary was given.",
        code=(
            "print(checkpoint.keys())",
            f'model.load_state_dict(checkpoint["{name}"])  # the entry with the parameters',
        ),
        sure=Sure.CERTAIN if known else Sure.LIKELY,
    )


def _weights_in(name: str) -> int:
    """Return how unlikely it is that an entry of this name holds a model's parameters."""
    if re.search(r"optim|sched|scaler|epoch|step|loss|config|args|vocab|rng|version", name):
        return 3
    if re.search(r"model|net", name):
        return 0
    return 1 if re.search(r"state_dict|weights|params", name) else 2


def _prefixed(keys: Keys) -> Finding | None:
    found = prefix_between(keys.missing, keys.unexpected)
    if not found:
        return None
    wanted, saved = found
    prefix = wanted or saved
    parallel = prefix == "module."
    who = "the file's names begin" if saved else "the model's names begin"
    reason = " as DataParallel and DistributedDataParallel name them," if parallel else ""
    name = f'name.removeprefix("{prefix}")' if saved else f'"{prefix}" + name'
    return Finding(
        title="A checkpoint whose names have another prefix",
        sentence=f'The same parameters are on both sides; {who} with "{prefix}",{reason} and the'
        " other side's do not.",
        why="Parameters are matched by their full names.",
        code=(
            f"state = {{{name}: w for name, w in state.items()}}",
            "model.load_state_dict(state)",
        ),
        mistake="",
    )


_EXTRAS: Final = {
    "_raw": "weight dropout keeps the true weight under weight_hh_l0_raw",
    "_g": "weight_norm keeps a weight as weight_g and weight_v",
    "_v": "weight_norm keeps a weight as weight_g and weight_v",
    "_orig": "spectral_norm or pruning keeps a weight as weight_orig",
}


def _wrapped(keys: Keys) -> Finding | None:
    every = keys.missing | keys.unexpected
    extra = next((p.extra for name in sorted(every) if (p := Parameter.of(name)) and p.extra), "")
    newer = any("parametrizations." in name for name in every)
    quantized = any("_all_weight_values" in name or "_packed_params" in name for name in every)
    doubled = _only_recurrent_weights(keys)
    if doubled:
        return doubled
    if not (extra or newer or quantized) or not every:
        return None
    missing = any(
        "parametrizations." in n or "_all_weight" in n or ((p := Parameter.of(n)) and p.extra)
        for n in keys.missing
    )
    reason = (
        "dynamic quantization packs an LSTM's weights under _all_weight_values"
        if quantized
        else _EXTRAS.get(
            extra, "torch.nn.utils.parametrizations keeps a weight under parametrizations"
        )
    )
    side = ("model", "file") if missing else ("file", "model")
    return Finding(
        title="One side has its weights wrapped",
        sentence=f"The {side[0]}'s weights are wrapped and the {side[1]}'s are not: {reason}.",
        code=(
            "# wrap the model as it was when saved, then load; or unwrap it before saving",
            "model.load_state_dict(state)",
        ),
    )


def _only_recurrent_weights(keys: Keys) -> Finding | None:
    """Weight dropout registers weight_hh a second time, without the other three of its layer."""
    every = keys.missing | keys.unexpected
    parameters = [p for name in every if (p := Parameter.of(name)) and not p.extra]
    if len(parameters) != len(every) or {(p.kind, p.part) for p in parameters} != {
        ("weight", "hh")
    }:
        return None
    side = "model" if keys.missing else "file"
    return Finding(
        title="Recurrent weights under a second name, as weight dropout keeps them",
        sentence=f"The {side} has weight_hh of"
        f" {count(len({p.owner for p in parameters}), 'module')} that"
        f" the {'file' if side == 'model' else 'model'} lacks, and no other parameter of theirs:"
        " weight dropout (WeightDrop) keeps the true weight as weight_hh_l0_raw and puts a dropped"
        " copy under the old name, which is saved or not as its version has it.",
        code=(
            "model.load_state_dict(state, strict=False)  # if the weight_hh_l0_raw are there",
            'assert all("_raw" in name or name in state for name in model.state_dict())',
        ),
        sure=Sure.LIKELY,
    )


def _renamed(keys: Keys) -> Finding | None:
    pairs = renamed(keys.missing, keys.unexpected)
    owners = set(by_owner(keys.missing)) | set(by_owner(keys.unexpected))
    if not pairs or len(pairs) * 2 != len(owners):
        return None
    told = "; ".join(
        f"{old.rstrip('.') or 'the top'} is {new.rstrip('.') or 'the top'} in the model"
        for old, new in sorted(pairs.items())[:_SHOWN]
    )
    lines = tuple(
        f'state = {{("{new}" + n[{len(old)}:] if n.startswith("{old}") else n): w'
        " for n, w in state.items()}"
        for old, new in sorted(pairs.items())[:_SHOWN]
    )
    return Finding(
        title="A module renamed since the file was saved",
        sentence="The same parameters stand under different names, as if a module had been"
        " renamed:"
        f" in the file {told}.",
        why="Parameters are matched by their full names.",
        code=(*lines, "model.load_state_dict(state)"),
        sure=Sure.LIKELY,
    )


def _cells(keys: Keys) -> Finding | None:
    missing = [p for name in keys.missing if (p := Parameter.of(name))]
    unexpected = [p for name in keys.unexpected if (p := Parameter.of(name))]
    if not missing or not unexpected:
        return None
    cell_wanted = all(p.layer < 0 for p in missing) and all(p.layer >= 0 for p in unexpected)
    cell_saved = all(p.layer >= 0 for p in missing) and all(p.layer < 0 for p in unexpected)
    if not (cell_wanted or cell_saved):
        return None
    file, model = ("a cell (nn.LSTMCell)", "a layer (nn.LSTM)")
    if cell_wanted:
        file, model = model, file
    rename = (
        '{n + "_l0": w for n, w in state.items()}'
        if cell_saved
        else ('{n.removesuffix("_l0"): w for n, w in state.items()}')
    )
    return Finding(
        title="A cell's parameters against a layer's",
        sentence=f"The file was saved from {file}, and the model has {model}: a cell has weight_ih,"
        " a layer weight_ih_l0. The numbers are laid out alike.",
        code=(f"state = {rename}  # for the recurrent ones", "model.load_state_dict(state)"),
        sure=Sure.CERTAIN,
    )


def _named_otherwise(keys: Keys) -> Finding | None:
    recurrent = [n for n in (*keys.missing, *keys.unexpected) if Parameter.of(n)]
    if not recurrent:
        return None
    if keys.missing and keys.unexpected:
        sentence = (
            f"{count(len(keys.missing), 'parameter')} of the model, {some(sorted(keys.missing))},"
            f" and {len(keys.unexpected)} of the file, {some(sorted(keys.unexpected))}, have no"
            " counterpart: the file was saved from another version of the model, whose modules have"
            " different names or parts"
        )
    else:
        names, who, other = (
            (keys.missing, "model", "file") if keys.missing else (keys.unexpected, "file", "model")
        )
        part = (
            ": a whole module" if any(p.part == "ih" for p in map(Parameter.of, names) if p) else ""
        )
        sentence = (
            f"The {who} has {count(len(names), 'parameter')} that the {other} lacks,"
            f" {some(sorted(names))}{part}, so the file was saved from another version"
            " of the model"
        )
    return Finding(
        title="A checkpoint of another version of the model",
        sentence=f"{sentence}.",
        why="strict=False would leave what does not match at its random values, silently.",
        code=(
            "print(*state.keys(), sep='\\n')  # the file's names",
            "print(model)  # build the model as it was when saved",
        ),
        mistake="checkpoint-of-other-parts",
    )


READINGS: Final[tuple[Reading, ...]] = (other_names,)
