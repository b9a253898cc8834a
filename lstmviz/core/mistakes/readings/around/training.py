"""backward and the state that was carried on."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading

_AROUND: Final = r"lstm|gru|\brnn|hidden|\bstate|seq2seq|recurrent|bptt"
_DETACH: Final = (
    "state = tuple(s.detach() for s in state)  # between chunks; nn.GRU: state.detach()",
    "output, state = lstm(x, state)",
)


@reading(
    r"Trying to backward through the graph a second time",
    r"Trying to backward through the graph a second time, but the buffers have already been freed",
)
def backward_again(said: Said) -> Finding | None:
    """The carried state leads back into a freed graph."""
    return Finding(
        title="The state carried into the next chunk with its history",
        sentence="The carried state still leads back into the chunk before, whose graph backward"
        " has"
        " freed; detach it between chunks.",
        code=(*_DETACH, "loss.backward()  # without retain_graph"),
        sure=Sure.CERTAIN if said.mentions("lstm") else Sure.LIKELY,
        mistake="backward-through-old-chunks",
        also=("Two losses that share a part of the graph: add them, and call backward once.",),
    )


@reading(
    r"variables? needed for gradient computation has been modified by an inplace operation"
    r"(?:: \[torch\.(?:cuda\.)?\w+ \[(?P<sizes>[\d, ]*)\])?"
    r"(?:\]?, which is output \d+ of (?P<made>\w+))?"
    r"(?:.{0,80}is at version (?P<version>\d+); expected version (?P<expected>\d+))?"
)
def modified(said: Said) -> Finding | None:
    """An optimizer's step, or an assignment into a tensor."""
    retained = said.mentions(r"retain_graph\s*=\s*True")
    if said["made"] and not _OF_WEIGHTS.fullmatch(said["made"]):
        return _result_modified(said)
    shape = f", ({said['sizes']})," if said["sizes"] else ""
    optimizer = (
        "optimizer.step() changes the weights in place, so a graph kept from the step before no"
        " longer"
        " fits them; a state carried on without detach() keeps that graph"
    )
    return Finding(
        title="retain_graph=True instead of detaching the state"
        if retained
        else "A tensor changed after the graph was built",
        sentence=f"A tensor{shape} that backward needs was changed after it was used. "
        + (
            f"retain_graph=True keeps the old graph alive, but {optimizer}: detach the state"
            " instead."
            if retained
            else f"Around an LSTM it is one of two: {optimizer}; or h[t] = … and += write into a"
            " tensor that the graph holds: collect the steps in a list and torch.stack them."
        ),
        code=(*_DETACH, "loss.backward()")
        if retained
        else (
            *_DETACH,
            "outputs.append(h)  # instead of outputs[t] = h",
            "output = torch.stack(outputs, 1)",
        ),
        sure=Sure.CERTAIN if retained and said.mentions(_AROUND) else Sure.LIKELY,
        mistake="graph-retained-across-steps",
    )


_OF_WEIGHTS: Final = re.compile(r"(?:As)?Strided\w*|T(?:ranspose)?Backward\d?|Detach\w*|View\w*")
"""What makes a view of a weight; an optimizer's step changes what is behind it."""
_KERNELS: Final = re.compile(r"(?:Mkldnn|Cudnn|_?Cudnn|Thnn|Miopen)\w*", re.IGNORECASE)


def _result_modified(said: Said) -> Finding:
    """A tensor that an operation returned and needs again was written into."""
    made = said["made"]
    shape = f", ({said['sizes']})," if said["sizes"] else ","
    what = "the recurrent kernel" if _KERNELS.match(made) else made.removesuffix("0")
    return Finding(
        title="A result changed in place that backward needs",
        sentence=f"A tensor{shape} the result of {what}, was changed in place after something had"
        " kept it for backward: by a method that ends in _ (mul_, add_), by +=, by an assignment"
        " into it (output[t] = …), or by a module with inplace=True.",
        why="The message names the operation whose result it is; the change comes after its line.",
        code=(
            "output = output * scale  # not output *= scale, output.mul_(scale)",
            "output = output.clone()  # before writing into it",
        ),
        sure=Sure.LIKELY,
    )


@reading(r"a view of a leaf Variable that requires grad is being used in an in-place operation")
def leaf_written(said: Said) -> Finding | None:
    """A parameter or a learned state was written into."""
    return Finding(
        title="A tensor that requires grad written into",
        sentence="A leaf, a parameter or a tensor made with requires_grad=True, was written into"
        " while its gradient is recorded. A learned initial state is filled before, or under"
        " torch.no_grad().",
        code=(
            "with torch.no_grad():",
            "    h_0[0] = 1",
            "# or: h_0 = torch.ones(1, n, H).requires_grad_()",
        ),
        anywhere=True,
    )


@reading(r"Only Tensors created explicitly by the user[\s\S]{0,40}support the deepcopy protocol")
def deep_copied(said: Said) -> Finding | None:
    """A result was deep-copied with its history."""
    return Finding(
        title="A result copied with its history",
        sentence="deepcopy takes leaves only, and this tensor remembers how it was computed, as"
        " output, h_n and c_n do: detach and clone it. Where a module is copied, it holds such a"
        " tensor as an attribute, a state kept on self for instance.",
        code=(
            "state = tuple(s.detach().clone() for s in state)",
            "self.state = None  # before copy.deepcopy(model)",
        ),
        anywhere=True,
    )


@reading(r"Function '(?P<name>\w+)' returned nan values in its (?P<at>\d+)th output")
def nan_backward(said: Said) -> Finding | None:
    """Anomaly detection found where the first NaN of backward came up."""
    name = said["name"]
    own = "rnn" in name.lower() or "lstm" in name.lower()
    return Finding(
        title="NaN in a gradient",
        sentence=f"{name} is the first step of backward whose gradient is NaN"
        + (": in the recurrent kernel itself, so " if own else ": ")
        + "look at what was fed to it forward: infinite or NaN input, a root or a logarithm at 0,"
        " a division by 0.",
        code=(
            "print(x.isfinite().all(), loss.isfinite())",
            "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # where gradients explode",
        ),
        sure=Sure.LIKELY,
        anywhere=True,
    )


@reading(r"Can't call numpy\(\) on (?:Tensor|Variable) that requires grad")
def numpy_called(said: Said) -> Finding | None:
    """A result with its history."""
    return Finding(
        title="A result turned into NumPy with its history",
        sentence="output remembers how it was computed; detach it, or run under torch.no_grad().",
        code=("array = output.detach().cpu().numpy()",),
        mistake="numpy-with-gradient",
        anywhere=True,
    )


@reading(
    r"can't convert (?:CUDA tensor|cuda:\d+ device type tensor|CUDA \(.*\)) to numpy",
    r"can't convert a given np\.ndarray|can't convert np\.ndarray of type numpy\.(?P<got>\w+)",
)
def to_numpy(said: Said) -> Finding | None:
    """From the GPU to NumPy, or an array of objects to a tensor."""
    if "np.ndarray" in said.match[0]:
        return Finding(
            title="An array of objects made into a tensor",
            sentence=f"The array holds {said['got'] or 'objects'}, as sequences of unequal length"
            " in one"
            " np.array do: make each a tensor, and pad them together.",
            code=("x = pad_sequence([torch.as_tensor(s) for s in sequences], batch_first=True)",),
            sure=Sure.LIKELY,
        )
    return Finding(
        title="A tensor on the GPU turned into NumPy",
        sentence="NumPy reads the CPU's memory only: bring the tensor there first.",
        code=("array = output.detach().cpu().numpy()",),
    )


@reading(r"grad can be implicitly created only for scalar outputs")
def not_scalar(said: Said) -> Finding | None:
    """Backward of more than one number."""
    return Finding(
        title="backward called on more than one number",
        sentence="backward starts from one number: output, or a loss with reduction='none', has"
        " many;"
        " reduce it first.",
        code=("loss.mean().backward()",),
    )


@reading(r"element 0 of tensors does not require grad and does not have a grad_fn")
def no_graph(said: Said) -> Finding | None:
    """Nothing leads back to a parameter."""
    return Finding(
        title="A loss that leads back to no parameter",
        sentence="The loss has no history: it was computed under torch.no_grad(), from detached or"
        " rebuilt tensors, or through argmax.",
        code=("loss = criterion(scores, targets)  # of scores, not of scores.argmax(-1)",),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (
    backward_again,
    modified,
    leaf_written,
    deep_copied,
    nan_backward,
    numpy_called,
    to_numpy,
    not_scalar,
    no_graph,
)
