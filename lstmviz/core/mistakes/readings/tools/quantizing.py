"""Quantized LSTMs: packed input, projections, missing kernels."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading

_QUANTIZED: Final = r"quanti[sz]"


@reading(r"assert batch_sizes is None", r"'?NoneType'? .*batch_sizes()")
def quantized_packed(said: Said) -> Finding | None:
    """Dynamically quantized LSTMs of older versions take no packed input."""
    if not said.mentions(_QUANTIZED):
        return None
    return Finding(
        title="Packed input given to a quantized LSTM",
        sentence="This version's quantized LSTM cannot take packed input: its forward asserts that"
        " there are no batch_sizes. Feed the padded batch, or leave the LSTM out of quantization.",
        why="For one direction the output at valid steps is the same without packing; the reverse"
        " direction and h_n are not.",
        code=(
            "output, _ = quantized.lstm(x)  # padded; read row n at step lengths[n] - 1",
            "model = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, torch.qint8)",
        ),
    )


@reading(r"number of rows in the packB should be equal to K: (?P<k>\d+)")
def quantized_projection(said: Said) -> Finding | None:
    """Quantized kernels multiply h of hidden_size, where a projection made it narrower."""
    return Finding(
        title="A quantized LSTM with a projection or of another width",
        sentence=f"A quantized product was given {said['k']} features and its weight holds another"
        " number. The quantized LSTM does not know proj_size: with a projection, quantized"
        " weights for"
        " h do not fit. Without one, the input is not input_size wide.",
        code=(
            "# leave the LSTM in float, and quantize the rest",
            "model = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, torch.qint8)",
        ),
        sure=Sure.CERTAIN if said.mentions("lstm") else Sure.LIKELY,
    )


@reading(
    r"Didn't find engine for operation quantized::(?P<op>\w+)",
    r"Could not run '(?:quantized|aten)::(?P<op>\w*(?:lstm|gru|rnn|quantize)\w*)[\w.]*' with"
    r" arguments from the"
    r" '(?P<backend>\w+)' backend",
)
def quantized_backend(said: Said) -> Finding | None:
    """No quantized kernel here."""
    backend = said["backend"]
    if backend and "cpu" not in backend.lower() and "quant" not in said.match[0].lower():
        return Finding(
            title=f"No kernel for this on {backend}",
            sentence=f"There is no {said['op']} for {backend} in this PyTorch: run the LSTM on"
            " the CPU.",
            code=("model.cpu()(x.cpu())",),
        )
    return Finding(
        title="A quantized LSTM without a kernel for this machine",
        sentence=f"There is no kernel for {said['op']} here"
        + (f" with {backend} tensors" if backend else "")
        + ": dynamic quantization runs on the CPU, with an engine that the build holds, fbgemm or"
        " qnnpack.",
        code=(
            "print(torch.backends.quantized.supported_engines)",
            'torch.backends.quantized.engine = "qnnpack"  # one of them',
            "quantized = quantized.cpu()",
        ),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (
    quantized_packed,
    quantized_projection,
    quantized_backend,
)
