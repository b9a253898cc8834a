"""``load_state_dict``: names that are missing and names that are too many."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lstmviz.core.mistakes.readings.parameters import (
    Parameter,
    Surplus,
    by_owner,
    prefix_between,
    renamed,
)
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.setting import Lines
from lstmviz.core.mistakes.words import count

_LISTED: Final = re.compile(
    r"(?P<how>Missing|Unexpected)\s+key\(s\)\s+in\s+state_dict:\s*(?P<names>(?:\"[^\"]*\"\s*,?\s*)+)",
    re.IGNORECASE,
)
_OLD: Final = re.compile(
    r"(?P<how>missing|unexpected)\s+keys?\s+(?:in\s+state_dict:?\s*)?[{\[\"']*(?P<name>[\w.]+)[\"'}\]]*",
    re.IGNORECASE,
)
_PACKED: Final = frozenset(
    {"state_dict", "model_state_dict", "model", "net", "optimizer", "epoch", "optimizer_state_dict"}
)
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Keys:
    """The two lists of a message.

    Attributes
    ----------
    missing : set of str
        What the model has and the file lacks.
    unexpected : set of str
        What the file has and the model lacks.
    """

    missing: set[str]
    unexpected: set[str]

    @classmethod
    def read(cls, text: str) -> Keys:
        """Read both lists, over line breaks."""
        lists: dict[str, set[str]] = {"missing": set(), "unexpected": set()}
        for match in _LISTED.finditer(text):
            names = re.findall(r"\"([^\"]*)\"", match["names"])
            lists[match["how"].lower()] |= {re.sub(r"\s+", "", name) for name in names}
        if not any(lists.values()):
            for match in _OLD.finditer(text):
                lists[match["how"].lower()].add(match["name"])
        return cls(**lists)


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
        or _surplus(keys)
        or _named_otherwise(keys)
    )


def _packed(keys: Keys) -> Finding | None:
    inside = sorted(keys.unexpected & _PACKED)
    if not inside or any(Parameter.of(name) for name in keys.unexpected):
        return None
    name = next((n for n in inside if "state_dict" in n and "optim" not in n), inside[0])
    return Finding(
        title="A checkpoint with the state_dict inside",
        sentence=f"The file is a dictionary with {', '.join(sorted(keys.unexpected)[:_SHOWN])}: the"
        " parameters are one of its entries, and the whole dictionary was given.",
        code=(f'model.load_state_dict(checkpoint["{name}"])',),
    )


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
    if not (extra or newer or quantized):
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


def _surplus(keys: Keys) -> Finding | None:
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
        sentences.append(f"Beside the recurrent ones, {_some(rest)} differ too")
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
    told = [words.get(name, "a projection") for name in names]
    return f"A checkpoint with other {' and '.join(told)}"


def _constructor(options: list[str]) -> Lines:
    given = ", ".join(dict.fromkeys(options))
    return (f"nn.LSTM(H_in, H, {given})  # as the file has it", "model.load_state_dict(state)")


def _named_otherwise(keys: Keys) -> Finding | None:
    recurrent = [n for n in (*keys.missing, *keys.unexpected) if Parameter.of(n)]
    if not recurrent:
        return None
    if keys.missing and keys.unexpected:
        sentence = (
            f"{count(len(keys.missing), 'parameter')} of the model, {_some(sorted(keys.missing))},"
            f" and {len(keys.unexpected)} of the file, {_some(sorted(keys.unexpected))}, have no"
            " counterpart: the file was saved from another version of the model, whose modules have"
            " different names or parts"
        )
    else:
        names, who, other = (
            (keys.missing, "model", "file") if keys.missing else (keys.unexpected, "file", "model")
        )
        sentence = (
            f"The {who} has {count(len(names), 'parameter')} that the {other} lacks,"
            f" {_some(sorted(names))}: a whole module, so the file was saved from another version"
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


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:2])
    return f"{shown}, …" if len(names) > 2 else shown


READINGS: Final[tuple[Reading, ...]] = (other_names,)
