"""backward and the state that was carried on."""

from __future__ import annotations

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
def second_backward(said: Said) -> Finding | None:
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
    r"(?:.{0,80}is at version (?P<version>\d+); expected version (?P<expected>\d+))?"
)
def modified(said: Said) -> Finding | None:
    """An optimizer's step, or an assignment into a tensor."""
    retained = said.mentions(r"retain_graph\s*=\s*True")
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


@reading(r"Can't call numpy\(\) on (?:Tensor|Variable) that requires grad")
def numpy_called(said: Said) -> Finding | None:
    """A result with its history."""
    return Finding(
        title="A result turned into NumPy with its history",
        sentence="output remembers how it was computed; detach it, or run under torch.no_grad().",
        code=("array = output.detach().cpu().numpy()",),
        mistake="numpy-with-gradient",
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
    second_backward,
    modified,
    numpy_called,
    to_numpy,
    not_scalar,
    no_graph,
)
