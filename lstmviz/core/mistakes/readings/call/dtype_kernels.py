"""Dtypes that an operation has no kernel for, and those that only backward notices."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.call.dtypes import WHOLE, dtype, indices_of_floats
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading


@reading(
    r"Expected tensor for argument #1 'indices' to have (?:one of the following )?"
    r"scalar types?:? Long(?:, Int)?; but got (?:torch\.)?(?P<got>[\w.]+)"
)
def float_indices(said: Said) -> Finding | None:
    """The indices' dtype is named."""
    return indices_of_floats(dtype(said["got"].split(".")[-1]))


@reading(r"Found dtype (?P<got>\w+) but expected (?P<expected>\w+)")
def backward_dtype(said: Said) -> Finding | None:
    """A loss whose target had another dtype says so in backward."""
    got, expected = dtype(said["got"]), dtype(said["expected"])
    return Finding(
        title="A loss of two dtypes",
        sentence=f"The gradient is {got} and {expected} was expected: the target of the loss is"
        f" probably {got}, as NumPy makes it, and the output is {expected}.",
        code=("loss = criterion(output, target.to(output.dtype))",),
        sure=Sure.LIKELY,
    )


@reading(r"\"(?P<kernel>\w+)\" not implemented for '(?P<got>\w+)'")
def missing_kernel(said: Said) -> Finding | None:
    """No kernel exists for the dtype on that device."""
    kernel, got = said["kernel"], dtype(said["got"])
    device = (
        "the GPU" if "cuda" in kernel.lower() else "the CPU" if "cpu" in kernel else "this device"
    )
    if got in WHOLE:
        loss = "nll" in kernel or "cross" in kernel or said.ran(r"\bloss\.py")
        return Finding(
            title="An operation on whole numbers",
            sentence=f"The tensor is {got} and {kernel} computes in floating-point numbers"
            + (
                ": the loss reads int64 class numbers or float scores."
                if loss
                else ": cast it with .float()."
            ),
            code=("loss = criterion(scores, targets.long())",) if loss else ("x = x.float()",),
            sure=Sure.LIKELY,
        )
    recurrent = re.search(r"lstm|rnn|gru", kernel, re.IGNORECASE)
    other = " (float16 on the CPU: bfloat16 has more kernels)" if got == "float16" else ""
    return Finding(
        title=f"No kernel for {got}",
        sentence=f"This PyTorch has no {kernel} for {got} on {device}"
        + (", which is the LSTM cell without cuDNN" if recurrent else "")
        + f": compute in float32{other}.",
        why="torch.autocast casts only where a kernel exists; a model turned to half by hand runs"
        " everywhere in half.",
        code=(
            "model = model.float()  # float32 for the LSTM",
            "output, _ = lstm(x.float())",
            "# under autocast: with torch.autocast(x.device.type, enabled=False): ...",
        ),
    )


_CAST: Final = (
    "h_0, c_0 = (s.to(x.dtype) for s in (h_0, c_0))",
    "output, (h_n, c_n) = lstm(x, (h_0, c_0))",
)


@reading(r"get_mkldnn_dtype: unsupported data type")
def no_name_for_state(said: Said) -> Finding | None:
    """The CPU's fused kernel met a state of another dtype."""
    return Finding(
        title="A state of another dtype than the weights",
        sentence="The state has another dtype than the weights, and the fast CPU kernel has no name"
        " for it.",
        why="torch.zeros makes float32 and NumPy makes float64, whatever the model is.",
        code=_CAST,
        sure=Sure.LIKELY,
        mistake="state-of-another-dtype",
    )


@reading(
    r"could not create a (?:primitive )?descriptor for (?:an?|the) LSTM (?:forward|backward)"
    r" propagation primitive"
)
def no_primitive(said: Said) -> Finding | None:
    """Where the processor has bfloat16, a state of another dtype gets as far as oneDNN."""
    return Finding(
        title="A state of another dtype than the weights",
        sentence="oneDNN, which runs LSTMs on the CPU, has no kernel for the types that met: input,"
        " weights, h_0 and c_0 must be of one dtype, and torch.zeros makes float32 unless told"
        " otherwise. If they are of one dtype, this processor has no LSTM kernel for it: run in"
        " float32.",
        code=_CAST,
        mistake="state-of-another-dtype",
    )


READINGS: Final[tuple[Reading, ...]] = (
    float_indices,
    backward_dtype,
    missing_kernel,
    no_name_for_state,
    no_primitive,
)
