"""Small signs in the tool bar: where it ran, how long it took, whether it is proven."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from lstmviz.core.trace import Proof, ProofVerdict
from lstmviz.core.trace_wording import timing_in_words
from lstmviz.core.wording import time_in_words
from lstmviz.gui.document import Document


class Chips(QWidget):
    """Show device and type, forward time, and the proof of the run shown."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._place = _chip()
        self._time = _chip()
        self.proof = _chip()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(7)
        for chip in (self._place, self._time, self.proof):
            layout.addWidget(chip)
        document.run_changed.connect(self._show)
        document.freshness.changed.connect(self._show)
        document.timing_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        trace, timing = self._document.trace, self._document.forward_timing
        for chip in (self._place, self._time, self.proof):
            chip.setVisible(trace is not None)
        if trace is None or timing is None:
            return
        self._place.setText(f"{trace.device} · {trace.dtype}")
        self._time.setText(f"forward {time_in_words(timing.seconds)}")
        self._time.setToolTip(
            f"Forward: {timing_in_words(timing)}."
            f" The whole trace took {time_in_words(trace.trace_seconds)}."
        )
        self.proof.setText(proof_text(trace.proof))
        earlier = self._document.freshness.notice
        tip = _proof_tip(trace.proof, trace.notes)
        self.proof.setToolTip(f"{earlier}\n{tip}" if earlier else tip)
        state = "neutral" if earlier else "good" if trace.proof.ok else "bad"
        if self.proof.property("state") != state:
            self.proof.setProperty("state", state)
            self.proof.style().polish(self.proof)


def proof_text(proof: Proof) -> str:
    """Return the proof in a few words; "exact" only where every bit agrees."""
    if proof.verdict is ProofVerdict.EXACT:
        return "✓ trace = nn.LSTM, exact"
    if proof.verdict is ProofVerdict.UNPROVEN:
        return "? trace of nn.LSTM, not proven"
    difference = proof.max_abs_difference
    number = "NaN" if math.isnan(difference) else f"{difference:.1e}"
    if proof.ok:
        return f"✓ trace ≈ nn.LSTM, max |Δ| {number}"
    return f"✕ trace ≠ nn.LSTM, max |Δ| {number}"


def _proof_tip(proof: Proof, notes: tuple[str, ...]) -> str:
    lines = [
        "Largest difference between the opened trace and the module's own result:",
        (
            f"output {proof.output:.2g}, h_n {proof.h_n:.2g}, c_n {proof.c_n:.2g};"
            f" tolerance {proof.tolerance_h:.2g} for h, {proof.tolerance_c:.2g} for c."
        ),
        proof.reason,
    ]
    if proof.unproven:
        lines.append(f"Not proven: {proof.unproven}")
    lines += notes
    return "\n".join(lines)


class _Chip(QLabel):
    """A sign that never gets narrower, so that its neighbours stand still."""

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setMinimumWidth(max(self.minimumWidth(), self.sizeHint().width()))


def _chip() -> QLabel:
    label = _Chip()
    label.setProperty("role", "chip")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
