"""What cuDNN and PyTorch's own kernels refuse: layout, second derivatives, modes, broken state."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading

_ON_CPU: Final = (
    "# run once on the CPU, where the message names the cause:",
    "model.cpu()(x.cpu())",
    "# on the GPU: CUDA_LAUNCH_BLOCKING=1 python script.py",
    "print(x.device, x.shape, x.dtype, x.is_contiguous(), x.isnan().any())",
)


@reading(
    r"rnn: (?P<which>hx|cx|input|weight\w*) is not contiguous",
    r"CUDNN_STATUS_NOT_SUPPORTED\. This error may appear if you passed in a non-contiguous input",
    r"(?P<which>hx|cx|input) (?:is|must be|should be) (?:not )?contiguous",
)
def not_contiguous(said: Said) -> Finding | None:
    """The kernel wants numbers in order."""
    which = said["which"]
    name = {"hx": "h_0", "cx": "c_0", "input": "x"}.get(which, "")
    said_by = f"{which} ({name})" if name and name != which else which or "the input or the state"
    states = "h_0, c_0 = h_0.contiguous(), c_0.contiguous()"
    lines = {"hx": (states,), "cx": (states,), "input": ("x = x.contiguous()",)}.get(
        which, ("x = x.contiguous()", states)
    )
    return Finding(
        title="A state or input that is not contiguous",
        sentence=f"cuDNN reads the numbers in memory order, and {said_by} is a view with other"
        " strides, as transpose, expand, permute, or a slice of several layers leaves it:"
        " .contiguous() copies it.",
        code=(*lines, "output, (h_n, c_n) = lstm(x, (h_0, c_0))"),
        sure=Sure.CERTAIN if which else Sure.LIKELY,
        also=() if which else ("A batch too large for cuDNN says the same: try half of it.",),
    )


@reading(
    r"\w*(?:Cudnn|cudnn)\w*(?:RNN|rnn)\w* is not differentiable twice",
    r"(?:the )?derivative for"
    r" '?(?:aten::)?(?P<kernel>_cudnn_rnn_backward|_thnn_fused_lstm_cell_backward\w*"
    r"|_thnn_fused_gru_cell_backward|mkldnn_rnn_layer_backward|miopen_rnn_backward"
    r"|_thnn_differentiable\w*)'? is not implemented",
    r"double backwards? (?:of|for|is not supported for) (?:cudnn )?RNNs?",
)
def second_derivative(said: Said) -> Finding | None:
    """The fused kernels have no derivative of their backward."""
    kernel = said["kernel"]
    if "thnn" in kernel:
        return Finding(
            title="A second derivative through a fused LSTM cell",
            sentence="A gradient of a gradient was asked for, as a gradient penalty does, and"
            " PyTorch's"
            f" own fused GPU kernel, {kernel}, has no second derivative in this version, with or"
            " without cuDNN: run this part on the CPU, or write the step with plain operations.",
            code=(
                "gates = x_t @ w_ih.T + h @ w_hh.T + b_ih + b_hh",
                "i, f, g, o = gates.chunk(4, -1)",
                "c = f.sigmoid() * c + i.sigmoid() * g.tanh()",
                "h = o.sigmoid() * c.tanh()  # has derivatives of every order",
            ),
        )
    cpu = "mkldnn" in kernel
    which = "oneDNN's" if cpu else "cuDNN's"
    off = (
        "torch.backends.mkldnn.flags(enabled=False)"
        if cpu
        else "torch.backends.cudnn.flags(enabled=False)"
    )
    return Finding(
        title="A second derivative through a fused LSTM",
        sentence=f"A gradient of a gradient was asked for, as a gradient penalty does, and {which}"
        " recurrent kernel has no second derivative: run this forward without"
        f" {'oneDNN' if cpu else 'cuDNN'}.",
        code=(
            f"with {off}:",
            "    output, _ = lstm(x)",
            "# then autograd.grad(..., create_graph=True)",
        ),
    )


@reading(
    r"cudnn RNN backward can only be called in training mode",
    r"backward_(?:input|weight) can only be called in training mode",
)
def eval_mode(said: Said) -> Finding | None:
    """CuDNN keeps nothing for backward in eval mode."""
    return Finding(
        title="backward on the GPU in eval mode",
        sentence="cuDNN keeps what backward needs in training mode only; set dropout to 0 and call"
        " train(), or turn cuDNN off for this call.",
        code=(
            "lstm.train()  # the rest of the model may stay in eval",
            "# or: with torch.backends.cudnn.flags(enabled=False): output, _ = lstm(x)",
        ),
        mistake="backward-in-eval-mode",
    )


@reading(
    r"(?P<status>CUDNN_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR|MAPPING_ERROR|BAD_PARAM"
    r"|NOT_INITIALIZED|ALLOC_FAILED|ARCH_MISMATCH|NOT_SUPPORTED|SUCCESS"
    r"|VERSION_MISMATCH)\w*)(?!\. This error may)",
    r"(?P<status>CUBLAS_STATUS_\w+)",
)
def cudnn_failed(said: Said) -> Finding | None:
    """CuDNN's own codes name no cause."""
    status = said["status"].upper()
    if "ALLOC_FAILED" in status or said.mentions("out of memory"):
        return _memory(said)
    module = said.ran(r"\brnn\.py|_functions/rnn|_VF\.|lstm|gru")
    causes = {
        "CUDNN_STATUS_BAD_PARAM": "an input, state or weight of another dtype or of wrong sizes;"
        " all of x, h_0, c_0 and the weights need one dtype and the same device",
        "CUDNN_STATUS_MAPPING_ERROR": "an earlier kernel that failed, often an index out of range,"
        " or tensors that are not on the same device",
        "CUDNN_STATUS_NOT_INITIALIZED": "no memory left for cuDNN's own, or a CUDA error before it",
    }
    built = said.ran(r"flatten_parameters|_apply\b|\bcuda\(|\.to\(")
    if built or status in {"CUDNN_STATUS_SUCCESS", "CUDNN_STATUS_ARCH_MISMATCH"}:
        return _unfit(status)
    cause = causes.get(
        status,
        "an earlier kernel that failed, often a token beyond the vocabulary; tensors that are not"
        " on the same device; a cuDNN that does not fit the GPU; no memory left",
    )
    return Finding(
        title="cuDNN failed without saying why"
        if "CUDNN" in status
        else "cuBLAS failed without saying why",
        sentence=f"{status} names no cause. Known ones{' around an LSTM' if module else ''}:"
        f" {cause}."
        " Run the same call on the CPU: there the message says what is wrong.",
        why="CUDA runs behind: what fails is reported at a later call, so the line shown may not be"
        " the one at fault.",
        code=_ON_CPU,
        sure=Sure.LIKELY,
    )


def _unfit(status: str) -> Finding:
    return Finding(
        title="A cuDNN that does not fit the GPU or the driver",
        sentence=f"{status} came up while the weights were laid out or before any data was read, so"
        " no input is at fault: the CUDA and cuDNN that this PyTorch was built with do not fit"
        " the GPU"
        " or its driver, or no memory is left on the same device. Without cuDNN the LSTM runs,"
        " slower.",
        code=(
            "print(torch.version.cuda, torch.backends.cudnn.version())",
            "print(torch.cuda.get_device_name(), torch.cuda.get_device_capability())",
            "torch.backends.cudnn.enabled = False  # to see whether cuDNN is it",
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"CUDA out of memory",
    r"CUDA error: out of memory",
    r"cuda runtime error \(2\)",
    r"DefaultCPUAllocator: (?:can't|not enough memory)",
)
def _memory_reading(said: Said) -> Finding | None:
    """No memory left."""
    return _memory(said)


def _memory(said: Said) -> Finding:
    carried = "; a loss or state kept across steps without .detach() keeps every graph alive"
    return Finding(
        title="No memory left",
        sentence="There was no memory left for this tensor. In training an LSTM keeps its gates for"
        f" all L steps, so memory grows with L·N·H{carried}.",
        code=(
            "state = tuple(s.detach() for s in state)  # between chunks",
            "total += loss.item()  # a number, not the graph behind it",
            "# at evaluation: with torch.no_grad(): ...",
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"device-side assert triggered",
    r"Assertion [`'](?P<assert>[^`'\n]{1,120})['`] failed",
    r"CUDA error: an illegal memory access",
)
def cuda_assert(said: Said) -> Finding | None:
    """An assertion in a CUDA kernel: an index or a class number out of range."""
    text = said.evidence.text
    if "srcIndex" in text or "srcSelectDim" in text:
        return Finding(
            title="A token number outside the vocabulary",
            sentence="A CUDA kernel that looks rows up by number, an nn.Embedding's, was given an"
            " index beyond its table: num_embeddings is the largest token number plus one.",
            code=("print(tokens.min(), tokens.max(), embedding.num_embeddings)",),
            mistake="token-beyond-vocabulary",
        )
    if "n_classes" in text or "cur_target" in text or "t >= 0 && t <" in text:
        return Finding(
            title="A target outside the classes",
            sentence="The loss was given a class number that the scores have no column for: targets"
            " run from 0 to C - 1, and padding needs ignore_index.",
            code=(
                "print(targets.min(), targets.max(), scores.shape)",
                "criterion = nn.CrossEntropyLoss(ignore_index=pad)",
            ),
        )
    if "input_val >= zero" in text or "input_val" in text or "<= 1" in said["assert"]:
        return Finding(
            title="Probabilities outside 0 to 1",
            sentence="BCELoss was given numbers outside 0 to 1, or NaN: give scores to"
            " BCEWithLogitsLoss, or apply a sigmoid first.",
            code=("loss = nn.BCEWithLogitsLoss()(scores, targets)",),
        )
    if said["assert"] and not said.mentions("cuda|THC|ATen"):
        return None
    illegal = "illegal" in said.match[0]
    return Finding(
        title="An assertion failed on the GPU",
        sentence="A CUDA kernel "
        + (
            "read memory that is not its own"
            if illegal
            else "found an index or a class number out of range"
        )
        + "; the line shown is where Python noticed, not where it happened. Run once on the CPU:"
        " there the message names the tensor.",
        why="Around an LSTM it is usually a token beyond num_embeddings or a target beyond the"
        " number of classes.",
        code=(
            "print(tokens.max(), embedding.num_embeddings, targets.max(), scores.shape)",
            *_ON_CPU[:3],
        ),
        sure=Sure.LIKELY,
    )


@reading(r"Expected !pre_compute_input to be true, but got false")
def packed_elsewhere(said: Said) -> Finding | None:
    """A PackedSequence on the CPU for an LSTM on the GPU, in torch 1.7."""
    return Finding(
        title="A PackedSequence on another device than the LSTM",
        sentence="The packed input is not on the GPU where the LSTM's weights are: the input chose"
        " the CPU's kernel, and that stops at this check.",
        why="PackedSequence has .to(device), which moves its data; batch_sizes stay on the CPU.",
        code=("packed = packed.to(next(lstm.parameters()).device)", "output, _ = lstm(packed)"),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (
    packed_elsewhere,
    not_contiguous,
    second_derivative,
    eval_mode,
    _memory_reading,
    cuda_assert,
    cudnn_failed,
)
