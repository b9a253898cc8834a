"""TorchScript of 1.0 to 1.4: scripted LSTMs, and the module's own checks as it words them."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.setting import Lines

_PAIR: Final[Lines] = (
    "h_0 = torch.zeros(D * num_layers, N, H)",
    "output, hx = self.lstm(x, (h_0, torch.zeros_like(h_0)))",
)
_SIZED: Final = re.compile(r"Expected (?:hidden|hx|\d|\()[^\n]{0,80}got", re.IGNORECASE)
_HERE: Final = r"[^<]{0,300}<--- HERE"


@reading(r"Could not find any matching overloads[\s\S]{0,200}?operator forward_(?:packed|tensor)")
def overloads(said: Said) -> Finding | None:
    """No overload of a scripted LSTM's forward takes these types."""
    return Finding(
        title="A scripted LSTM called with types that its forward does not have",
        sentence="TorchScript found no forward of the LSTM for these arguments. There are"
        " two: forward_tensor takes a Tensor, forward_packed a PackedSequence as a tuple; for both,"
        " hx is the pair (h_0, c_0). A single tensor as hx fits neither.",
        why="TorchScript chooses by types before anything runs, so a state alone fails here and not"
        " at the check of its size.",
        code=_PAIR,
        sure=Sure.LIKELY,
    )


@reading(r"could not export python function call")
def unscripted(said: Said) -> Finding | None:
    """A script method that calls a module TorchScript knew nothing of."""
    if not said.mentions(r"self\.\w*(?:rnn|lstm|gru)\w*\("):
        return None
    return Finding(
        title="A script method that calls an unscripted LSTM",
        sentence="Up to torch 1.0 nn.LSTM is plain Python for TorchScript: a script method can call"
        " it, and save cannot export the call. Newer versions script the module.",
        code=(
            "model = torch.jit.script(model)  # torch 1.2 or newer; plain nn.Module, no decorator",
            "# on the old version: torch.jit.trace(model, x)",
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"expected value of type Tensor for return value but instead got value of type tuple",
)
def returned(said: Said) -> Finding | None:
    """A script method whose unwritten return type is Tensor returns a tuple."""
    return Finding(
        title="A script method that returns the LSTM's tuple as a Tensor",
        sentence="What TorchScript is not told is a Tensor, and nn.LSTM returns"
        " (output, (h_n, c_n)), a tuple.",
        code=("output, (h_n, c_n) = self.lstm(x)", "return output"),
        sure=Sure.LIKELY,
    )


@reading(
    r"Variable '(?P<name>\w+)' previously had type (?P<before>[\w\[\], ]+?) but is now being"
    r" assigned to a value of type (?P<after>[\w\[\], .]+)"
)
def retyped(said: Said) -> Finding | None:
    """A variable that starts as None and becomes the state."""
    name, before, after = said["name"], said["before"], said["after"].strip()
    none = before.startswith("None")
    return Finding(
        title="A variable that changes its type under TorchScript",
        sentence=f"{name} starts as {before} and becomes {after}: in TorchScript a variable has one"
        " type from its first line on. "
        + (
            "A state that starts as None is written with its type."
            if none
            else "Start it with a value of the type that it will have."
        ),
        code=(f"{name}: Optional[{after}] = None",)
        if none
        else (f"{name}: {after} = ...  # of one type all along",),
        anywhere=True,
    )


@reading(r"'RecursiveScriptModule' object has no attribute 'forward'")
def forwardless(said: Said) -> Finding | None:
    """In torch 1.4 a scripted nn.LSTM alone has no forward."""
    if not said.is_recurrent:
        return None
    return Finding(
        title="nn.LSTM scripted by itself",
        sentence="A scripted nn.LSTM has overloads and no forward of its own in torch 1.4; inside a"
        " module that calls it, the overload is chosen and it works.",
        code=(
            "class Model(nn.Module):",
            "    def forward(self, x: torch.Tensor):",
            "        return self.lstm(x)[0]",
            "model = torch.jit.script(Model())",
        ),
        sure=Sure.LIKELY,
    )


@reading(
    rf"(?P<state>hx\.size\(\) != expected_hidden_size){_HERE}",
    rf"(?P<width>self\.input_size != input\.size\(-1\)){_HERE}",
    rf"(?P<axes>input\.dim\(\) != expected_input_dim){_HERE}",
)
def checked(said: Said) -> Finding | None:
    """A check of the module that TorchScript shows as source, without its numbers."""
    if _SIZED.search(said.whole) or not said.mentions(r"raise RuntimeError|Exception"):
        return None
    if said["state"]:
        title = "A state of another size than the LSTM needs"
        rule = "a state is (D·num_layers, N, H), whatever batch_first says"
        code = _PAIR
    elif said["width"]:
        title = "Features that do not match input_size"
        rule = "the input's last axis is input_size long"
        code = ("assert x.size(-1) == self.lstm.input_size, x.shape",)
    else:
        title = "Input with too many or too few axes"
        rule = "the input has three axes, (L, N, H_in) or with batch_first (N, L, H_in)"
        code = ("assert x.dim() == 3, x.shape",)
    return Finding(
        title=title,
        sentence=f"The line marked HERE is the module's own check, and it failed: {rule}."
        " TorchScript of that version leaves the message's numbers out; print the shapes before the"
        " call, or run the module unscripted, which says them.",
        code=code,
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (
    overloads,
    unscripted,
    returned,
    retyped,
    forwardless,
    checked,
)
