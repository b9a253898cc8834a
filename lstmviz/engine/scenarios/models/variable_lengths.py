"""Variable lengths: a padded batch, packed without sorting, run and unpacked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstmviz.core.scenarios.catalogue.variable_lengths import read_lengths
from lstmviz.core.scenarios.results import PackedData

if TYPE_CHECKING:
    from lstmviz.core.trace import Run
    from lstmviz.engine.scenarios.findings import Findings
    from lstmviz.engine.scenarios.run import Record


class PackedModel(nn.Module):
    """Run padded sequences packed; two outputs from the true last step, and every step's output."""

    def __init__(
        self, input_size: int, hidden_size: int, outputs: int, *, bidirectional: bool
    ) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True, bidirectional=bidirectional)
        self.linear = nn.Linear(hidden_size * (2 if bidirectional else 1), outputs)

    def forward(self, padded: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return predictions (N, outputs) and the unpacked output (N, L, D·H_cell)."""
        packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
        packed_output, (h_n, _) = self.lstm(packed)
        output, _ = pad_packed_sequence(
            packed_output, batch_first=True, total_length=padded.shape[1]
        )
        return self.linear(torch.cat(list(h_n), dim=1)), output


def play(findings: Findings, record: Record) -> Run:
    """Run the batch packed, and unpacked beside it."""
    seq_len, width = findings.size("seq_len"), findings.size("input_size")
    lengths = torch.tensor(read_lengths(findings.text("lengths"), seq_len))
    model = PackedModel(
        width,
        findings.size("hidden_size"),
        findings.size("outputs"),
        bidirectional=findings.switch("bidirectional"),
    ).eval()
    padded = torch.randn(len(lengths), seq_len, width)
    padded[torch.arange(seq_len) >= lengths[:, None]] = 0
    run = record(model, padded, lengths)
    packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
    findings.packed = _packed_data(packed, lengths, seq_len)
    predictions, output = model(padded, lengths)
    findings.keep("predictions", "Predictions", ("N", "outputs"), predictions)
    findings.keep("lengths", "Length of each sequence", ("N",), lengths)
    _examine_packing(findings, packed, padded, lengths)
    _examine_output(findings, model, padded, lengths, output)
    _examine_unpacked(findings, model, padded, lengths, output)
    return run


def _packed_data(packed: PackedSequence, lengths: Tensor, seq_len: int) -> PackedData:
    sorted_indices, unsorted_indices = packed.sorted_indices, packed.unsorted_indices
    assert sorted_indices is not None  # noqa: S101 - packed with enforce_sorted=False
    assert unsorted_indices is not None  # noqa: S101 - the same
    counts = packed.batch_sizes
    return PackedData(
        data=packed.data.numpy(),
        batch_sizes=counts.numpy(),
        sorted_indices=sorted_indices.numpy(),
        unsorted_indices=unsorted_indices.numpy(),
        lengths=lengths.numpy(),
        row_item=torch.cat([sorted_indices[:count] for count in counts.tolist()]).numpy(),
        row_step=torch.arange(len(counts)).repeat_interleave(counts).numpy(),
        padded_steps=len(lengths) * seq_len,
    )


def _examine_packing(
    findings: Findings, packed: PackedSequence, padded: Tensor, lengths: Tensor
) -> None:
    shown = findings.packed
    assert shown is not None  # noqa: S101 - set by play
    rows = padded[torch.from_numpy(shown.row_item), torch.from_numpy(shown.row_step)]
    findings.equal("rows-are-steps", packed.data, rows)
    goes_on = lengths[:, None] > torch.arange(int(lengths.max()))
    findings.equal("batch-sizes-count", packed.batch_sizes, goes_on.sum(0))
    order, back = packed.sorted_indices, packed.unsorted_indices
    assert order is not None  # noqa: S101 - packed with enforce_sorted=False
    assert back is not None  # noqa: S101 - the same
    findings.equal("order-restored", lengths[order][back], lengths)
    findings.keep("order", "sorted_indices", ("N",), order)
    findings.keep("steps_run", "Steps run, packed and padded", ("2",), torch.tensor(
        [len(packed.data), shown.padded_steps]), labels=("packed", "padded"))  # fmt: skip


def _examine_output(
    findings: Findings, model: PackedModel, padded: Tensor, lengths: Tensor, output: Tensor
) -> None:
    items, hidden = torch.arange(len(lengths)), model.lstm.hidden_size
    packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
    packed_output, (h_n, _) = model.lstm(packed)
    findings.equal("last-is-true-last", h_n[0], output[items, lengths - 1, :hidden])
    alone = [model.lstm(padded[n : n + 1, :length])[0][0] for n, length in enumerate(lengths)]
    together = [output[n, :length] for n, length in enumerate(lengths)]
    findings.agree("same-as-alone", torch.cat(together), torch.cat(alone))
    past = output[torch.arange(padded.shape[1]) >= lengths[:, None]]
    findings.equal("padding-is-zero", past, torch.zeros_like(past))
    without = pad_packed_sequence(packed_output, batch_first=True)[0].shape[1]
    found = torch.tensor([without, output.shape[1]])
    findings.keep("returned_lengths", "L without and with total_length", ("2",), found,
                  labels=("without", "with"))  # fmt: skip
    findings.judge(
        "total-length",
        without == int(lengths.max()) and output.shape[1] == padded.shape[1],
        f"{without} steps without it, {output.shape[1]} with it",
    )


def _examine_unpacked(
    findings: Findings, model: PackedModel, padded: Tensor, lengths: Tensor, output: Tensor
) -> None:
    hidden, steps = model.lstm.hidden_size, torch.arange(padded.shape[1])
    packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
    right = model.lstm(packed)[1][0]
    careless, (h_n, _) = model.lstm(padded)
    short, present = lengths < padded.shape[1], steps < lengths[:, None]
    wrong = (h_n[0] - right[0]).abs().amax(1)
    findings.keep("final_error", "How wrong h_n is, unpacked", ("N",), wrong)
    findings.differ("unpacked-final-is-wrong", h_n[0][short], right[0][short])
    findings.compare("h_n", "h_n without and with packing",
                     ("lstm(padded)[1][0]", "lstm(packed)[1][0]"), h_n, right)  # fmt: skip
    findings.agree("forward-survives", careless[present][:, :hidden], output[present][:, :hidden])
    if model.lstm.bidirectional:
        error = (careless - output)[..., hidden:].abs().amax(2)
        error[~present] = torch.nan
        findings.keep("reverse_error", "How wrong the reverse direction is, unpacked",
                      ("N", "L"), error)  # fmt: skip
        last = error[torch.arange(len(lengths)), lengths - 1]
        full = bool((error[~short] < 1e-5).all())
        findings.differ("reverse-is-wrong", last[short][:, None], last[short][:, None] * 0,
                        also=full)  # fmt: skip
