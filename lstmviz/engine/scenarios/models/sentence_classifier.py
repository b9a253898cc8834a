"""Sentence classifier: word vectors, an LSTM, one summary of the sentence, a linear layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from lstmviz.core.scenarios.catalogue.sentence_classifier import FINAL_STATES, LAST_STEP

if TYPE_CHECKING:
    from lstmviz.core.trace import Run
    from lstmviz.engine.scenarios.findings import Findings
    from lstmviz.engine.scenarios.run import Record


class SentenceClassifier(nn.Module):
    """Classify sentences, summed up by the last step of output or by the final states."""

    def __init__(
        self, input_size: int, hidden_size: int, classes: int, *, bidirectional: bool
    ) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True, bidirectional=bidirectional)
        self.linear = nn.Linear(hidden_size * (2 if bidirectional else 1), classes)

    def forward(self, words: Tensor, lengths: Tensor | None, summary: str) -> Tensor:
        """Return logits (N, classes) for `words` (N, L, input_size)."""
        if summary == LAST_STEP:
            output, _ = self.lstm(words)
            sentence = output[:, -1]
        else:
            _, (h_n, _) = self.lstm(words if lengths is None else packed(words, lengths))
            sentence = torch.cat(list(h_n), dim=1)
        logits: Tensor = self.linear(sentence)
        return logits


def packed(words: Tensor, lengths: Tensor) -> PackedSequence:
    """Pack a padded batch (N, L, F), in any order of lengths."""
    return pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)


def sentences(n: int, seq_len: int, width: int, *, padded: bool) -> tuple[Tensor, Tensor | None]:
    """Return random word vectors, and with `padded` lengths from a quarter of `seq_len` to all."""
    words = torch.randn(n, seq_len, width)
    if not padded:
        return words, None
    shortest = max(1, seq_len // 4)
    lengths = torch.linspace(seq_len if n > 1 else shortest, shortest, n).long()[torch.randperm(n)]
    words[torch.arange(seq_len) >= lengths[:, None]] = 0
    return words, lengths


def play(findings: Findings, record: Record) -> Run:
    """Run the classifier as set, and with the right summary beside it."""
    both, padded_ = findings.switch("bidirectional"), findings.switch("padded")
    model = SentenceClassifier(
        findings.size("input_size"),
        findings.size("hidden_size"),
        findings.size("classes"),
        bidirectional=both,
    ).eval()
    n, width = findings.size("batch_size"), findings.size("input_size")
    words, lengths = sentences(n, findings.size("seq_len"), width, padded=padded_)
    run = record(model, words, lengths, findings.text("summary"))
    naive, right = model(words, lengths, LAST_STEP), model(words, lengths, FINAL_STATES)
    _keep(findings, naive, right, lengths)
    if lengths is not None:
        _examine_padded(findings, model, words, lengths)
    elif both:
        _examine_bidirectional(findings, model, words, naive, right)
    else:
        output, (h_n, _) = model.lstm(words)
        findings.equal("last-is-final", output[:, -1], h_n[-1])
    return run


def _keep(findings: Findings, naive: Tensor, right: Tensor, lengths: Tensor | None) -> None:
    findings.keep("logits_last_step", "Logits from the last step", ("N", "classes"), naive)
    findings.keep("logits_final_states", "Logits from the final states", ("N", "classes"), right)
    changed = naive.argmax(1) != right.argmax(1)
    findings.keep("changed", "Sentences that get another class", ("N",), changed)
    if lengths is not None:
        findings.keep("lengths", "Length of each sentence", ("N",), lengths)
    findings.compare(
        "logits",
        "Logits from the last step and from the final states",
        ("linear(output[:, -1])", "linear(torch.cat(list(h_n), dim=1))"),
        naive,
        right,
    )


def _examine_bidirectional(
    findings: Findings, model: SentenceClassifier, words: Tensor, naive: Tensor, right: Tensor
) -> None:
    hidden = model.lstm.hidden_size
    output, (h_n, _) = model.lstm(words)
    last_word_alone = model.lstm(words[:, -1:])[0][:, 0, hidden:]
    findings.agree("reverse-saw-one-word", output[:, -1, hidden:], last_word_alone)
    findings.equal("reverse-ends-at-first", output[:, 0, hidden:], h_n[-1])
    findings.differ("summaries-differ", naive, right)


def _examine_padded(
    findings: Findings, model: SentenceClassifier, words: Tensor, lengths: Tensor
) -> None:
    hidden, seq_len = model.lstm.hidden_size, words.shape[1]
    output, _ = model.lstm(words)
    _, (h_n, _) = model.lstm(packed(words, lengths))
    true_last = output[torch.arange(len(words)), lengths - 1, :hidden]
    short = lengths < seq_len
    findings.differ("last-is-padding", output[short, -1, :hidden], true_last[short])
    findings.agree("final-at-length", h_n[0], true_last)
    alone = [
        model(words[n : n + 1, : int(lengths[n])], None, FINAL_STATES) for n in range(len(words))
    ]
    ways = "-both-ways" if model.lstm.bidirectional else ""
    findings.agree(f"packed-is-alone{ways}", model(words, lengths, FINAL_STATES), torch.cat(alone))
    if model.lstm.bidirectional:
        at_last_word = output[torch.arange(len(words)), lengths - 1, hidden:]
        alone_there = torch.cat(
            [model.lstm(words[n : n + 1, end - 1 : end])[0] for n, end in enumerate(lengths)]
        )[:, 0, hidden:]
        findings.differ("reverse-read-padding", at_last_word[short], alone_there[short])
