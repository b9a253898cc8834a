"""Long sequences in chunks: the state carried, detached or reset, against the whole at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from lstmviz.core.scenarios.catalogue.chunks import CARRIED, DETACHED, RESET, WHOLE
from lstmviz.core.words.rounding import rounded
from lstmviz.engine.scenarios.findings import is_near

if TYPE_CHECKING:
    from lstmviz.core.trace import Run
    from lstmviz.engine.scenarios.findings import Findings
    from lstmviz.engine.scenarios.run import Record


class ChunkedModel(nn.Module):
    """Run an LSTM over a long sequence, a chunk at a time.

    Its forget gate starts open, with a bias of 2, as is often done for long sequences: the past
    then fades over tens of steps instead of a few.
    """

    def __init__(self, input_size: int, hidden_size: int, chunk: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        forget = self.lstm.get_parameter("bias_hh_l0")[hidden_size : 2 * hidden_size]
        nn.init.constant_(forget, 2.0)
        self.chunk = chunk

    def forward(self, x: Tensor, policy: str) -> Tensor:
        """Return every step's output, (N, L, H_cell), for `x` (N, L, H_in)."""
        if policy == WHOLE:
            whole: Tensor = self.lstm(x)[0]
            return whole
        outputs, state = [], None
        for part in torch.split(x, self.chunk, dim=1):
            output, (h, c) = self.lstm(part, state)
            outputs.append(output)
            state = (h.detach(), c.detach()) if policy == DETACHED else (h, c)
            if policy == RESET:
                state = None
        return torch.cat(outputs, dim=1)


def play(findings: Findings, record: Record) -> Run:
    """Run the sequence as set, and in every other way beside it."""
    seq_len, chunk = findings.size("seq_len"), findings.size("chunk")
    width = findings.size("input_size")
    model = ChunkedModel(width, findings.size("hidden_size"), chunk).eval()
    x = torch.randn(findings.size("batch_size"), seq_len, width)
    run = record(model, x, findings.text("state"))
    _examine_forward(findings, model, x)
    _examine_gradients(findings, model, x)
    failed = second_backward(model, x)
    findings.judge("second-backward-fails", "second time" in failed, failed or "nothing failed")
    return run


def _examine_forward(findings: Findings, model: ChunkedModel, x: Tensor) -> None:
    whole = model(x, WHOLE)
    found = {policy: model(x, policy) for policy in (CARRIED, DETACHED, RESET)}
    for policy, name in ((CARRIED, "carried"), (DETACHED, "detached"), (RESET, "reset")):
        off = (found[policy] - whole).abs().amax(dim=(0, 2))
        findings.keep(f"difference_{name}", f"{policy}: difference at each step", ("L",), off)
        findings.compare(name, f"{policy} against the whole",
                         (name, "lstm(x)[0]"), found[policy], whole)  # fmt: skip
    findings.agree("carried-is-whole", found[CARRIED], whole)
    findings.equal("detach-changes-no-number", found[DETACHED], found[CARRIED])
    start = model.chunk
    findings.differ(
        "reset-forgets",
        found[RESET][:, start],
        whole[:, start],
        also=is_near(found[RESET][:, :start], whole[:, :start]),
    )


def _examine_gradients(findings: Findings, model: ChunkedModel, x: Tensor) -> None:
    last = (x.shape[1] - 1) // model.chunk * model.chunk
    whole, carried, cut = (gradient(model, x, policy) for policy in (WHOLE, CARRIED, DETACHED))
    for name, values in (("whole", whole), ("carried", carried), ("detached", cut)):
        sizes = torch.linalg.vector_norm(values, dim=(0, 2))
        findings.keep(f"gradient_{name}", f"|d loss / d x_t|, {name}", ("L",), sizes)
    before = float(cut[:, :last].abs().max())
    findings.judge(
        "detach-cuts-gradient",
        before == 0 and bool(cut[:, last:].any()) and bool(whole[:, :last].any()),
        f"largest before step {last:,}: {rounded(before)},"
        f" undetached {rounded(float(whole[:, :last].abs().max()))}",
        before,
    )
    scale = float(whole.abs().max()) or 1.0
    findings.agree("carried-gradient-is-whole", carried / scale, whole / scale)


def gradient(model: ChunkedModel, x: Tensor, policy: str) -> Tensor:
    """Return d loss / d x, (N, L, H_in), for a loss on the last step alone."""
    with torch.enable_grad():
        leaf = x.clone().requires_grad_()
        loss = model(leaf, policy)[:, -1].pow(2).mean()
        return torch.autograd.grad(loss, leaf)[0]


def second_backward(model: ChunkedModel, x: Tensor) -> str:
    """Train on the first two chunks, state carried; return PyTorch's words where that fails."""
    parts = torch.split(x, model.chunk, dim=1)[:2]
    with torch.enable_grad():
        state = None
        for part in parts:
            output, state = model.lstm(part, state)
            try:
                torch.autograd.grad(output.pow(2).mean(), list(model.parameters()))
            except RuntimeError as error:
                return str(error).split(". ", maxsplit=1)[0] + "."
    return ""
