"""Encoder and decoder: one LSTM reads, its final state starts another that writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from lstmviz.core.scenarios.catalogue.encoder_decoder import (
    FREE,
    JOINED,
    LAST_OUTPUT,
    ONE_WAY,
    RESHAPED,
)
from lstmviz.engine.scenarios.findings import is_near

if TYPE_CHECKING:
    from lstmviz.core.trace import Run
    from lstmviz.engine.scenarios.findings import Findings
    from lstmviz.engine.scenarios.run import Record

State = tuple[Tensor, Tensor]


class EncoderDecoder(nn.Module):
    """Read a source sequence and write another, taught or free.

    Parameters
    ----------
    input_size, hidden_size : int
    bridge : str
        How the encoder's final state becomes the decoder's first.
    """

    def __init__(self, input_size: int, hidden_size: int, bridge: str) -> None:
        super().__init__()
        both = bridge != ONE_WAY
        width = hidden_size * (2 if both else 1)
        self.encoder = nn.LSTM(input_size, hidden_size, batch_first=True, bidirectional=both)
        self.decoder = nn.LSTM(input_size, width, batch_first=True)
        self.linear = nn.Linear(width, input_size)
        self.bridge = bridge

    def forward(self, source: Tensor, teacher: Tensor | None = None) -> Tensor:
        """Write as many steps as `source` (N, L, input_size) has; taught by `teacher`, or free."""
        state = self.start(source)
        fed = torch.zeros_like(source[:, :1])
        if teacher is not None:
            fed = torch.cat([fed, teacher[:, :-1]], dim=1)
            taught: Tensor = self.linear(self.decoder(fed, state)[0])
            return taught
        written = []
        for _ in range(source.shape[1]):
            output, state = self.decoder(fed, state)
            fed = self.linear(output)
            written.append(fed)
        return torch.cat(written, dim=1)

    def start(self, source: Tensor) -> State:
        """Return the decoder's h_0 and c_0, (1, N, width)."""
        output, (h_n, c_n) = self.encoder(source)
        return bridged(self.bridge, output, h_n, c_n)


def bridged(bridge: str, output: Tensor, h_n: Tensor, c_n: Tensor) -> State:
    """Make the decoder's first state from what the encoder returned."""
    n = h_n.shape[1]
    if bridge == JOINED:
        return joined(h_n), joined(c_n)
    if bridge == RESHAPED:  # wrong: mixes the sequences of the batch
        return h_n.reshape(1, n, -1), c_n.reshape(1, n, -1)
    if bridge == LAST_OUTPUT:  # wrong: its reverse half has read one step
        return output[:, -1].unsqueeze(0).contiguous(), joined(c_n)
    return h_n, c_n


def joined(state: Tensor) -> Tensor:
    """Join both directions (2, N, H) of each sequence along the features: (1, N, 2·H)."""
    return torch.cat([state[0], state[1]], dim=1).unsqueeze(0)


def play(findings: Findings, record: Record) -> Run:
    """Run the model as set; taught and free beside each other, and every bridge."""
    shape = (findings.size("batch_size"), findings.size("seq_len"), findings.size("input_size"))
    source, target = torch.randn(2, *shape)
    bridge = findings.text("bridge")
    model = EncoderDecoder(shape[2], findings.size("hidden_size"), bridge).eval()
    run = record(model, source, None if findings.text("feeding") == FREE else target)
    forced, free = model(source, target), model(source)
    _examine_feeding(findings, model, source, (forced, free))
    if bridge == ONE_WAY:
        encoder, decoder = run.traces[:2]
        pairs = (decoder.h_0[0], encoder.h_n), (decoder.c_0[0], encoder.c_n)
        theirs, ours = (torch.cat([torch.from_numpy(p[k]) for p in pairs]) for k in (0, 1))
        findings.equal("handover", theirs, ours)
    else:
        _examine_bridge(findings, model, source, target)
    return run


def _examine_feeding(
    findings: Findings, model: EncoderDecoder, source: Tensor, written: tuple[Tensor, Tensor]
) -> None:
    forced, free = written
    axes = ("N", "L", "H_in")
    findings.keep("forced", "Written with teacher forcing", axes, forced)
    findings.keep("free", "Written free running", axes, free)
    parting = (forced - free).abs().amax(dim=(0, 2))
    findings.keep("parting", "Largest difference at each step", ("L",), parting)
    names = ("model(source, teacher)", "model(source)")
    findings.compare("feeding", "Taught and free", names, forced, free)
    findings.agree("equal-first", forced[:, 0], free[:, 0])
    findings.differ("part-next", forced[:, 1], free[:, 1], also=is_near(forced[:, 0], free[:, 0]))
    findings.agree("free-is-forced-on-itself", model(source, free), free)


def _examine_bridge(
    findings: Findings, model: EncoderDecoder, source: Tensor, target: Tensor
) -> None:
    output, (h_n, c_n) = model.encoder(source)
    fed = torch.cat([torch.zeros_like(source[:, :1]), target[:, :-1]], dim=1)
    starts = {name: bridged(name, output, h_n, c_n) for name in (JOINED, RESHAPED, LAST_OUTPUT)}
    written = {name: model.linear(model.decoder(fed, s)[0]) for name, s in starts.items()}
    for name, short in ((RESHAPED, "reshaped"), (LAST_OUTPUT, "last_output")):
        findings.compare(
            short, f"{name} against joined", (short, "joined"), written[name], written[JOINED]
        )
        off = (written[name] - written[JOINED]).abs().amax(dim=(0, 2))
        findings.keep(f"off_{short}", f"{name}: how far off at each step", ("L",), off)
    hidden, h_0 = model.encoder.hidden_size, model.start(source)[0][0]
    if model.bridge == JOINED:
        findings.equal("bridge-keeps-items", h_0, torch.cat([h_n[0], h_n[1]], dim=1))
    elif model.bridge == RESHAPED:
        findings.equal("reshape-mixes-items", h_0[0], torch.cat([h_n[0, 0], h_n[0, 1]]))
    else:
        one_step = model.encoder(source[:, -1:])[0][:, 0, hidden:]
        findings.agree("last-output-forgets", h_0[:, hidden:], one_step)
