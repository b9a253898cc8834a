"""The selected cell: its equations with this run's numbers filled in."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from lstmviz.core.equation import CellStep, cell_step
from lstmviz.core.geometry import DIRECTIONS
from lstmviz.core.plotted import Plotted
from lstmviz.core.scenes.colors import Theme
from lstmviz.gui.controls.heading import heading
from lstmviz.gui.document import Document
from lstmviz.gui.richtext import RichLabel
from lstmviz.gui.theme import Appearance, mono

_LINES = 7
_HEADING = "SELECTED CELL"


class CellPanel(QFrame):
    """Show how one unit at one step came to its c_t and h_t."""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._heading = heading(_HEADING)
        self._text = RichLabel()
        self._text.setFont(mono())
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setAccessibleName("Equations of the selected cell")
        # Always the same room: else every step lays the whole side out again.
        self._text.setFixedHeight(_LINES * (self._text.fontMetrics().lineSpacing() + 2))
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 4, 10, 12)
        layout.setSpacing(4)
        layout.addWidget(self._heading)
        layout.addWidget(self._text)
        document.run_changed.connect(self._show)
        document.view_changed.connect(self._show)
        document.pinned_changed.connect(self._show)
        appearance.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        plotted, view = self._document.plotted, self._document.view
        if plotted is None:
            self._text.setText(_muted("Click a number in the plots.", self._appearance.theme))
            return
        self._heading.setText(_HEADING + _whose(plotted))
        step = cell_step(plotted.trace, view)
        if step is None:
            sentence = f"Step {view.step} is past the end of sequence {view.item}."
            self._text.setText(_muted(sentence, self._appearance.theme))
            return
        self._text.setText(equations(step, self._appearance.theme))


def _whose(plotted: Plotted) -> str:
    """Return whose cell it is; the equations hold within a run and not between two."""
    if not plotted.is_pinned:
        return ""
    words, _ = plotted.sources[0]
    return f" · {words.upper()}"


def equations(step: CellStep, theme: Theme) -> str:
    """Return the equations of `step` as rich text, names above numbers."""
    where = ", ".join(
        f'<span style="color:{color}">{text}</span>'
        for color, text in (
            (theme.layers, f"layer {step.layer} {DIRECTIONS[step.direction]}"),
            (theme.time, f"t {step.step}"),
            (theme.batch, f"n {step.item}"),
            (theme.features, f"unit {step.unit}"),
        )
    )
    gates = " &nbsp;".join(f"{name} {number(getattr(step, name))}" for name in "ifgo")
    lines = (where, gates, *_memory(step, theme), *_hidden(step))
    return "<br>".join(lines)


def _memory(step: CellStep, theme: Theme) -> tuple[str, ...]:
    kept, written = number(step.kept), number(step.written)
    return (
        "<b>c<sub>t</sub> = f·c<sub>t−1</sub> + i·g</b>",
        (
            f"{number(step.c)} = {number(step.f)}·{bracketed(step.c_before)}"
            f" + {number(step.i)}·{bracketed(step.g)}"
        ),
        _muted(f"c<sub>t−1</sub> is {step.before}; kept {kept}, written {written}", theme),
    )


def _hidden(step: CellStep) -> tuple[str, ...]:
    gate = f"{number(step.o)}·tanh({number(step.c)})"
    if step.h is not None:
        return "<b>h<sub>t</sub> = o·tanh(c<sub>t</sub>)</b>", f"{number(step.h)} = {gate}"
    return (
        "<b>h<sub>t</sub> = W_hr·(o·tanh(c<sub>t</sub>))</b>",
        f"o·tanh(c<sub>t</sub>) = {gate} = {number(step.gated)}",
    )


def number(value: float) -> str:
    """Return `value` in four significant digits with a true minus sign."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("−∞" if value < 0 else "∞")
    return f"{value:.4g}".replace("-", "−")


def bracketed(value: float) -> str:
    """Return `value` in brackets where it has a sign."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def _muted(text: str, theme: Theme) -> str:
    return f'<span style="color:{theme.muted}">{text}</span>'
