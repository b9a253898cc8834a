"""Small signs in the tool bar: where it ran, how long it took, whether it is proven and finite."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from lstmviz.core.proof import Proof, ProofVerdict
from lstmviz.core.timing import Timing
from lstmviz.core.trace import NonFinite, Trace
from lstmviz.core.words.amounts import time_in_words
from lstmviz.core.words.of_traces import (
    half_in_words,
    nonfinite_in_short,
    nonfinite_in_words,
    proof_in_short,
    proof_in_words,
    timing_in_words,
)
from lstmviz.gui.document import Document
from lstmviz.gui.richtext import Label, plain_tip

_MARKS: Final = {
    ProofVerdict.EXACT: "✓",
    ProofVerdict.WITHIN_ROUNDING: "✓",
    ProofVerdict.UNPROVEN: "?",
    ProofVerdict.FAILED: "✕",
}
_STATES: Final = {
    ProofVerdict.EXACT: "good",
    ProofVerdict.WITHIN_ROUNDING: "good",
    ProofVerdict.UNPROVEN: "unsure",
    ProofVerdict.FAILED: "bad",
}
_DOUBTS: Final = tuple(ProofVerdict)
"""From what is worth most to what is worth least."""


class Badges(QWidget):
    """Show the first NaN, device and type, forward time, and the proof of the run shown."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.nonfinite = QToolButton()
        self.nonfinite.setProperty("role", "chip")
        self.nonfinite.setAccessibleName("first NaN or infinity")
        self.nonfinite.clicked.connect(self._go_to_nonfinite)
        self.place = _chip()
        self.time = _chip()
        self.proof = _chip()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(7)
        for chip in (self.nonfinite, self.place, self.time, self.proof):
            layout.addWidget(chip)
        document.run_changed.connect(self._show)
        document.freshness.changed.connect(self._show)
        document.timing_changed.connect(self._show)
        document.pinned_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        plotted = self._document.plotted
        for chip in (self.place, self.time, self.proof):
            chip.setVisible(plotted is not None)
        # That of a difference, too, is where this run was.
        trace = plotted.trace if plotted else None
        self._show_nonfinite(trace.first_nonfinite if trace else None)
        if plotted is None or trace is None:
            return
        is_shown = trace is self._document.trace
        timing = (self._document.forward_timing if is_shown else None) or trace.forward_timing
        half = half_in_words(trace.dtype)
        self.place.setText(f"{trace.device} · {trace.dtype}{' as float32' if half else ''}")
        self.place.setToolTip(plain_tip(half))
        self._show_time(trace, timing)
        self._show_proof(plotted.sources)

    def _show_nonfinite(self, found: NonFinite | None) -> None:
        self.nonfinite.setVisible(found is not None)
        if found is not None:
            self.nonfinite.setText(f"! {nonfinite_in_short(found)}")
            sentence = nonfinite_in_words(found)
            self.nonfinite.setToolTip(plain_tip(sentence))
            self.nonfinite.setAccessibleName(sentence)

    def _show_time(self, trace: Trace, timing: Timing) -> None:
        # A first call prepares its kernels, and is no measure of the forward.
        name = "forward" if timing.warm else "first call"
        self.time.setText(f"{name} {time_in_words(timing.seconds)}")
        self.time.setToolTip(
            plain_tip(
                f"Forward: {timing_in_words(timing)}."
                f" The whole trace took {time_in_words(trace.trace_seconds)}."
            )
        )

    def _show_proof(self, sources: tuple[tuple[str, Trace], ...]) -> None:
        """Show the proof of the run that the plots show; of two, the one that is worth less."""
        earlier = self._document.freshness.notice
        words, trace = max(sources, key=lambda source: _DOUBTS.index(source[1].proof.verdict))
        is_this = len(sources) == 1 and trace is self._document.trace
        self.proof.setText(("" if is_this else f"{words}: ") + proof_text(trace.proof))
        said = [earlier]
        for whose, source in sources:
            head = "" if is_this else f"{whose}: "
            said += [f"{head}{proof_in_words(source.proof)}", source.proof.reason, *source.notes]
        self.proof.setToolTip(plain_tip("\n".join(filter(None, said))))
        state = "neutral" if earlier else _STATES[trace.proof.verdict]
        if self.proof.property("state") != state:
            self.proof.setProperty("state", state)
            self.proof.style().polish(self.proof)

    def _go_to_nonfinite(self) -> None:
        """Look at the first state that is not finite, where there is one."""
        trace = self._document.trace
        found = trace.first_nonfinite if trace else None
        if found is None:
            return
        place = found.reached or (found.index if found.where in ("hidden", "cell") else None)
        if place is not None:
            layer, direction, step, item, unit = place
            self._document.look_at(
                layer=layer, direction=direction, step=step, item=item, unit=unit
            )


def proof_text(proof: Proof) -> str:
    """Return mark and proof in a few words; "=" only where every bit agrees."""
    return f"{_MARKS[proof.verdict]} {proof_in_short(proof)}"


class _Chip(Label):
    """A sign that never gets narrower, so that its neighbours stand still."""

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setMinimumWidth(max(self.minimumWidth(), self.sizeHint().width()))


def _chip() -> Label:
    label = _Chip()
    label.setProperty("role", "chip")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
