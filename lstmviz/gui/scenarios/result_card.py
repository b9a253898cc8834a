"""One drawing of the results: its title, what to know about it, and the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from lstmviz.core.scenarios.sheets import Form, Sheet
from lstmviz.core.scenes.plots.scale import BLANK, Scale
from lstmviz.core.scenes.results.tables import table_of_sheet
from lstmviz.core.taken import NumberTable
from lstmviz.core.words.rounding import share
from lstmviz.gui.controls.heading import small, small_rich
from lstmviz.gui.plots.colorbar import ColorBar
from lstmviz.gui.plots.rowlabel import PoolingMark
from lstmviz.gui.richtext import Label
from lstmviz.gui.scenarios.bars import BarChart
from lstmviz.gui.scenarios.curves import CurvePlot, legend_of
from lstmviz.gui.scenarios.maps import MapChart
from lstmviz.gui.scenarios.packed import PackedPicture

if TYPE_CHECKING:
    from lstmviz.core.scenarios.results import PackedData
    from lstmviz.core.scenes.colors import Theme
    from lstmviz.gui.document import Document


class ResultCard(QFrame):
    """A title, a note and room for a picture."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.setObjectName("leaf")
        self._document = document
        self._is_off = False
        self._color = ""
        self._title = Label()
        self._title.setProperty("role", "title")
        self._note = small_rich(wraps=True)
        self._head = QHBoxLayout()
        self._head.setSpacing(14)
        self._head.addWidget(self._title)
        self._head.addWidget(self._note, 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(9, 7, 9, 7)
        self._layout.setSpacing(5)
        self._layout.addLayout(self._head)

    @property
    def is_set_off(self) -> bool:
        """Whether a tour points at it."""
        return self._is_off

    def shows(self, _name: str) -> bool:
        """Return whether the result of that name is drawn here."""
        return False

    def set_off(self, *, on: bool) -> None:
        """Stand out, as what a tour points at."""
        if on != self._is_off:
            self._is_off = on
            self._dress()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._color = theme.layers
        self._dress()

    @property
    def numbers(self) -> NumberTable | None:
        """What it is drawn from; None where that is no table."""
        return None

    def show_view(self) -> None:
        """Follow where the user looks."""

    def zoom_out(self) -> None:
        """Show all steps."""

    def finish(self) -> None:
        """Finish drawing now."""

    def _dress(self) -> None:
        color = self._color if self._is_off else "transparent"
        self.setStyleSheet(f"#leaf {{ border: 2px solid {color}; border-radius: 8px; }}")


class PackedCard(ResultCard):
    """The picture of packed data, with the indices that sort and unsort it."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._title.setText("Packed data")
        self.picture = PackedPicture()
        self._order = small("", wraps=True)
        self._layout.addWidget(self.picture)
        self._layout.addWidget(self._order)
        self.picture.place_picked.connect(lambda step, item: document.look_at(step=step, item=item))

    def show_theme(self, theme: Theme) -> None:
        super().show_theme(theme)
        self.picture.show_theme(theme)

    def show_packed(self, packed: PackedData) -> None:
        """Draw `packed`."""
        rows = len(packed.data)
        self._note.setText(
            f"{rows:,} of {packed.padded_steps:,} steps run,"
            f" {share(packed.padded_steps - rows, packed.padded_steps)} saved"
        )
        self._order.setText(
            f"sorted_indices {_listed(packed.sorted_indices.tolist())}"
            f"   unsorted_indices {_listed(packed.unsorted_indices.tolist())}"
        )
        self.picture.show_packed(packed)
        self.show_view()

    def show_view(self) -> None:
        self.picture.show_step(self._document.view.step)


class SheetCard(ResultCard):
    """Curves, bars or a map."""

    def __init__(self, document: Document, sheet: Sheet) -> None:
        super().__init__(document)
        self._sheet = sheet
        self._scale = BLANK
        self.chart: CurvePlot | BarChart | MapChart
        if sheet.form is Form.CURVES:
            self.chart = CurvePlot()
            self.chart.step_picked.connect(self._pick)
        elif sheet.form is Form.BARS:
            self.chart = BarChart()
        else:
            self.chart = MapChart()
        self.chart.drawn.connect(self._show_mark)
        self._mark = PoolingMark()
        self._head.addWidget(self._mark)
        self._colors = ColorBar()
        self._colors.setVisible(sheet.form is Form.MAP)
        self._head.addWidget(self._colors)
        self._layout.addWidget(self.chart)

    def shows(self, name: str) -> bool:
        return self._sheet.shows(name)

    @property
    def numbers(self) -> NumberTable | None:
        return table_of_sheet(self._sheet, self._document.view.item)

    def show_theme(self, theme: Theme) -> None:
        super().show_theme(theme)
        self.chart.show_theme(theme)
        self._colors.show_theme(theme)

    def show_sheet(self, sheet: Sheet, scale: Scale = BLANK) -> None:
        """Draw `sheet`; of the form this leaf was made for, a map on `scale`."""
        self._sheet, self._scale = sheet, scale
        self._title.setText(sheet.title)
        if isinstance(self.chart, CurvePlot):
            self._note.setText(legend_of(sheet.names))
            self.chart.setAccessibleName(", ".join(r.title for r in sheet.results))
            self.chart.show_results(sheet.results)
        elif isinstance(self.chart, BarChart):
            self.chart.show_result(sheet.results[0])
        self.show_view()

    def show_view(self) -> None:
        view, result = self._document.view, self._sheet.results[0]
        if isinstance(self.chart, CurvePlot):
            self.chart.show_step(view.step if self._is_of_trace() else None)
        elif isinstance(self.chart, MapChart):
            is_of_item = result.values.ndim > 2
            self._note.setText(f"batch item {view.item}" if is_of_item else "")
            self.chart.show_result(result, view.item, self._scale)
            self._colors.show_scale(self._scale)

    def zoom_out(self) -> None:
        if isinstance(self.chart, CurvePlot):
            self.chart.time.autoRangeTime()

    def finish(self) -> None:
        if isinstance(self.chart, MapChart):
            self.chart.finish()

    def _show_mark(self) -> None:
        self._mark.show_pooling(self.chart.pooling, self.chart.pooling_in_words)

    def _is_of_trace(self) -> bool:
        """Return whether its steps are those of the LSTM call shown."""
        result, trace = self._sheet.results[0], self._document.trace
        return trace is not None and (result.axes, len(result.values)) == (("L",), trace.seq_len)

    def _pick(self, step: int) -> None:
        if self._is_of_trace():
            self._document.look_at(step=step)


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:24]))
    return f"[{shown}, …]" if len(numbers) > 24 else f"[{shown}]"
