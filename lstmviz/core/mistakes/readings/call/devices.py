"""Two devices in one operation: whose is where."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading

_MOVE: Final = "x = x.to(device)  # .to returns a new tensor: assign it"


@reading(
    r"Input and (?P<what>parameter|hidden) tensors are not (?:at|on) the same device, found input"
    r" tensor at (?P<input>[\w:]+) and (?:parameter|hidden) tensor at (?P<other>[\w:]+)"
)
def named_devices(said: Said) -> Finding | None:
    """Both are named."""
    one, other = said["input"], said["other"]
    if "meta" in {one.lower(), other.lower()}:
        return _meta(one, other, "state" if said["what"].lower() == "hidden" else "model")
    if one != other and one.startswith("cuda") and other.startswith("cuda"):
        return _two_gpus(one, other, "state" if said["what"].lower() == "hidden" else "weights")
    if said["what"].lower() == "hidden":
        return Finding(
            title="A state on another device than the input",
            sentence=f"The input is on {one} and the state on {other}; make the state with"
            " device=x.device.",
            why="torch.zeros makes its tensor on the CPU; moving the model does not move a state"
            " made beside it.",
            code=(
                "h_0, c_0 = (s.to(x.device) for s in (h_0, c_0))",
                "output, (h_n, c_n) = lstm(x, (h_0, c_0))",
            ),
            mistake="state-on-another-device",
        )
    return Finding(
        title="Input on another device than the model",
        sentence=f"The input is on {one} and the weights are on {other}; move both with"
        " .to(device), and assign what x.to(device) returns.",
        why="x.to(device) returns a new tensor and leaves x where it was; model.to moves in place.",
        code=(
            f"model.to({one!r})" if "cpu" in other else f"x = x.to({other!r})",
            "output, _ = lstm(x)",
        ),
        mistake="input-on-another-device",
    )


def _meta(one: str, other: str, what: str) -> Finding:
    """A tensor without numbers cannot be moved: it must be made, or loaded."""
    empty = what if other.lower() == "meta" else "input"
    real = one if other.lower() == "meta" else other
    lines = {
        "model": (
            f"model = model.to_empty(device={real!r})  # room for numbers, with none in it",
            f"model.load_state_dict(torch.load(path, map_location={real!r}))",
        ),
        "state": (f"h_0 = torch.zeros(D * num_layers, N, H, device={real!r})  # made anew",),
        "input": ("x = torch.randn(x.shape)  # or the real data, made outside of device('meta')",),
    }
    return Finding(
        title="A tensor that holds no numbers",
        sentence=f"The {empty} is on the device meta, whose tensors have a shape and no numbers: it"
        " was made under torch.device('meta') or init_empty_weights, and nothing was loaded into"
        " it. .to(device) cannot move what is not there.",
        code=lines[empty],
    )


def _two_gpus(one: str, other: str, what: str) -> Finding:
    return Finding(
        title="A state or model left on the first GPU",
        sentence=f"The input is on {one} and the {what} {'is' if what == 'state' else 'are'} on"
        f" {other}:"
        " DataParallel runs a replica on each GPU, and what is kept beside the parameters, a"
        " state made"
        " in __init__ or outside of forward, stays where it was made.",
        code=("h_0 = torch.zeros(D * num_layers, n, H, device=x.device)  # inside forward",),
        sure=Sure.LIKELY,
    )


@reading(
    r"Expected all tensors to be on the same device, but found at least two devices,"
    r" (?P<one>[\w:]+) and (?P<other>[\w:]+)!?"
    r"(?: \(when checking (?:the )?argument for argument (?P<name>\w+) in method"
    r" (?P<method>\w+)\))?",
    r"Expected all tensors to be on the same device, but got (?P<name>\w+) is on (?P<other>[\w:]+),"
    r" different from other tensors on (?P<one>[\w:]+)"
    r"(?: \(when checking (?:the )?argument in method (?P<method>\w+)\))?",
)
def two_devices(said: Said) -> Finding | None:
    """Two devices, and sometimes the argument's name and the operation."""
    one, other, name = said["one"], said["other"], said["name"]
    method = said["method"].lower()
    whose, code = _whose(said, name, method)
    exact = (
        f"{name} is on {other}, the other tensors on {one}"
        if "different" in said.match[0]
        else (f"one tensor is on {one} and another on {other}")
    )
    return Finding(
        title="Tensors on two devices",
        sentence=f"In one operation {exact}{whose}.",
        why="model.to(device) moves parameters and buffers only: inputs, states made in forward"
        " and plain attributes are moved by hand.",
        code=code,
        sure=Sure.CERTAIN,
        mistake="input-on-another-device",
    )


def _whose(said: Said, name: str, method: str) -> tuple[str, tuple[str, ...]]:
    state = (
        "h_0 = torch.zeros(D * num_layers, n, H, device=x.device)",
        "c_0 = torch.zeros_like(h_0)",
    )
    if "index_select" in method or "embedding" in method or said.ran(r"\bsparse\.py"):
        return (
            ": the embedding's indices and its table. Move the tokens to the model's device",
            (
                "tokens = tokens.to(next(model.parameters()).device)",
                "output, _ = lstm(embedding(tokens))",
            ),
        )
    if "nll" in method or "loss" in method or "cross" in method or said.ran(r"\bloss\.py"):
        return ": the scores and the targets of the loss", ("targets = targets.to(scores.device)",)
    if said.ran(r"\brnn\.py|_VF\.|lstm\(|gru\("):
        return (
            ": the LSTM's input, its state or its weights. The state is most easily forgotten",
            ("model.to(device)", _MOVE, *state),
        )
    if said.ran(r"\boptim\b|adam\.py|sgd\.py"):
        return (
            ": the optimizer's own numbers. Make the optimizer after model.to(device)",
            ("model.to(device)", "optimizer = torch.optim.Adam(model.parameters())"),
        )
    return "", ("model.to(device)", _MOVE)


@reading(
    r"Input type \(torch\.(?P<input>cuda\.)?(?P<dtype>\w+)Tensor\) and weight type"
    r" \(torch\.(?P<weight>cuda\.)?\w+Tensor\) should be the same",
    r"input must have the type torch\.(?P<weight>cuda\.)?\w+Tensor, got type"
    r" torch\.(?P<input>cuda\.)?(?P<dtype>\w+)Tensor",
)
def cuda_types(said: Said) -> Finding | None:
    """The types name the device: with ``cuda.`` it is the GPU."""
    if bool(said["input"]) is bool(said["weight"]):
        return None
    one, other = ("the GPU", "the CPU") if said["input"] else ("the CPU", "the GPU")
    return Finding(
        title="Input on another device than the model",
        sentence=f"The input is on {one} and the weights are on {other}; move both with"
        " .to(device), and assign what x.to(device) returns.",
        code=("model.to(device)", _MOVE),
        mistake="input-on-another-device",
    )


@reading(
    r"Expected object of (?:backend|device type) (?P<one>\w+) but got (?:backend|device type)"
    r" (?P<other>\w+) for argument #\d+ '(?P<name>\w+)'(?: in call to (?P<call>\w+))?",
    r"Expected object of type torch\.(?P<one>cuda)\.\w+ but found type torch\.(?P<other>\w+?)Tensor"
    r" for argument #\d+ '(?P<name>\w+)'",
    r"Tensor for (?:argument #\d+ )?'(?P<name>\w+)' is on (?P<other>\w+), but expected it to be on"
    r" (?P<one>\w+)(?: \(while checking arguments for (?P<call>[\w]+))?",
    r"Expected tensor for argument #\d+ '(?P<name>\w+)' to (?:have the same device|be on GPU)",
    r"(?:tensors?|arguments) (?:is|are) located on different GPUs",
    r"expected (?P<one>CPU|CUDA) tensor \(got (?P<other>CPU|CUDA) tensor\)",
    r"indices should be either on cpu or on the same device as the indexed tensor",
)
def argument_elsewhere(said: Said) -> Finding | None:
    """An argument of an operation is elsewhere."""
    name, call = said["name"], said["call"].lower()
    argument = f"the argument {name}" if name else "one of its tensors"
    whose = ""
    if name == "index" or "index_select" in call or "embedding" in call:
        whose = ": the embedding's indices. Move the tokens with .to(device)"
    elif "lstm" in call or "rnn" in call or said.ran(r"\brnn\.py"):
        whose = ": of the LSTM's input, state and weights, one was not moved"
    return Finding(
        title="Tensors on two devices",
        sentence=f"{argument[0].upper()}{argument[1:]} is on another device than the"
        f" others{whose}.",
        why="x.to(device) returns a new tensor; a state made beside the model is moved by hand.",
        code=(
            "model.to(device)",
            _MOVE,
            "h_0 = torch.zeros(D * num_layers, n, H, device=x.device)",
        ),
    )


@reading(
    r"module must have its parameters and buffers on device (?P<one>[\w:]+)(?:"
    r" \(device_ids\[0\]\))?"
    r" but found one of them on device: (?P<other>[\w:]+)"
)
def module_elsewhere(said: Said) -> Finding | None:
    """DataParallel's own check."""
    return Finding(
        title="A model that was not moved before DataParallel",
        sentence=f"DataParallel starts from the model on {said['one']}, and one of its parameters"
        f" is on {said['other']}.",
        code=(f"model = nn.DataParallel(model.to({said['one']!r}))",),
    )


@reading(
    r"Torch not compiled with CUDA enabled",
    r"Found no NVIDIA driver on your system",
    r"No CUDA GPUs are available",
    r"Attempting to deserialize object on a CUDA device but torch\.cuda\.is_available\(\) is"
    r" False",
)
def no_gpu(said: Said) -> Finding | None:
    """There is no GPU that this PyTorch could use."""
    loading = "deserialize" in said.match[0].lower()
    return Finding(
        title="No GPU that PyTorch can use",
        sentence="The file was saved from a GPU and there is none here: map it to the CPU."
        if loading
        else "Something was sent to the GPU, and this PyTorch was built without CUDA, or there is"
        " no GPU or driver. Take the device from what is there.",
        code=('state = torch.load(path, map_location="cpu")',)
        if loading
        else (
            'device = "cuda" if torch.cuda.is_available() else "cpu"',
            "model.to(device)  # instead of .cuda()",
        ),
        anywhere=True,
    )


READINGS: Final[tuple[Reading, ...]] = (
    named_devices,
    two_devices,
    cuda_types,
    argument_elsewhere,
    module_elsewhere,
    no_gpu,
)
