"""The settings form: every setting of a run, in the order one thinks of them."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstmviz.core.contract import contract
from lstmviz.core.recipe import VALUES_SUMMARY
from lstmviz.core.spec import DType, InitialState, RunSpec, Values
from lstmviz.core.words.amounts import bytes_in_words
from lstmviz.gui.controls.fields import ChoiceRow, NumberRow, PlainNumberRow, Row, SwitchRow
from lstmviz.gui.controls.formarea import FormArea
from lstmviz.gui.controls.packing import PackingRows
from lstmviz.gui.document import Document
from lstmviz.gui.help.pages import OF_SETTING, PROPERTY
from lstmviz.gui.richtext import Label, plain_tip

_VALUE_TITLES: Final = {
    Values.NORMAL: "Normal noise",
    Values.UNIFORM: "Uniform noise",
    Values.ONES: "Ones",
    Values.IMPULSE: "Impulse",
    Values.RAMP: "Ramp",
    Values.SINE: "Sine + noise",
    Values.SUNSPOTS: "Sunspots",
}
_STATE_TITLES: Final = {InitialState.ZEROS: "Zeros", InitialState.RANDOM: "Random"}


def _model_rows() -> list[Row]:
    return [
        NumberRow("input_size", "input_size", "H_in: features of the input at each time step."),
        NumberRow("hidden_size", "hidden_size", "H_cell: units, the width of the cell state."),
        NumberRow(
            "num_layers", "num_layers", "Layers stacked; each reads the h_t of the one below."
        ),
        SwitchRow("bidirectional", "bidirectional", "A second LSTM reads each layer backwards."),
        NumberRow("proj_size", "proj_size", "H_out: project h_t to this width; 0 for none."),
        NumberRow(
            "dropout",
            "dropout",
            "Between layers, in training only; runs here are in eval mode: no number changes.",
        ),
        SwitchRow("bias", "bias", "Whether bias_ih and bias_hh are there."),
    ]


def _input_rows() -> list[Row]:
    values = ChoiceRow(
        "values",
        "values",
        "Where the input's numbers come from.",
        [(value.value, _VALUE_TITLES[value]) for value in Values],
    )
    for index, value in enumerate(Values):
        values.box.setItemData(index, plain_tip(VALUES_SUMMARY[value]), Qt.ItemDataRole.ToolTipRole)
    return [
        NumberRow("seq_len", "seq_len", "L: time steps of the input."),
        NumberRow("batch_size", "batch_size", "N: sequences that run side by side."),
        SwitchRow("batch_first", "batch_first", "Input and output as (N, L, H); h_n and c_n stay."),
        SwitchRow("unbatched", "unbatched", "One sequence, without the batch axis."),
        values,
    ]


def _state_rows() -> list[Row]:
    return [
        ChoiceRow(
            "initial_state",
            "h_0, c_0",
            "The state before the first step; zeros are PyTorch's default.",
            [(state.value, _STATE_TITLES[state]) for state in InitialState],
        )
    ]


def _place_rows() -> list[Row]:
    return [
        ChoiceRow("device", "device", "Where the LSTM runs.", [("cpu", "CPU")]),
        ChoiceRow("dtype", "dtype", "Type of every number.", [(d.value, d.value) for d in DType]),
        PlainNumberRow("seed", "seed", "Seeds parameters, input and initial state."),
    ]


class SettingsForm(FormArea):
    """Show the document's settings and ask it to change them."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._devices: list[dict[str, Any]] = []
        self.rows: dict[str, Row] = {}
        body = QWidget()
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(14, 12, 14, 12)
        self._layout.setSpacing(1)
        self._packing = PackingRows(document)
        self._packing.setProperty(PROPERTY, "packed")
        self._add_group("Model", _model_rows())
        self._add_group("Input", _input_rows())
        self._layout.insertWidget(self._layout.count() - 1, self._packing)
        self._add_group("Initial state", _state_rows())
        self._add_group("Run on", _place_rows())
        self._size = Label(wordWrap=True)
        self._size.setProperty("role", "muted")
        self._add_heading("Size")
        self._layout.addWidget(self._size)
        self._layout.addStretch(1)
        self.setWidget(body)
        document.spec_changed.connect(self._show)
        document.refusals_changed.connect(self._show)
        document.memory_limit_changed.connect(self._show_size)
        self._show()

    def set_devices(self, devices: list[dict[str, Any]]) -> None:
        """Offer the devices the engine found, and on each the types it runs."""
        self._devices = devices
        choices = [
            (d["name"], d["name"].upper() if d["name"] == "cpu" else d["name"]) for d in devices
        ]
        row = self.rows["device"]
        if isinstance(row, ChoiceRow):
            row.set_choices(choices, tips=[d["title"] for d in devices])
        self._show_dtypes()

    def _add_heading(self, title: str) -> None:
        heading = Label(title.upper())
        heading.setProperty("role", "heading")
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        heading.setFont(font)
        if self._layout.count():
            self._layout.addSpacing(10)
        self._layout.addWidget(heading)
        self._layout.addSpacing(2)

    def _add_group(self, title: str, rows: list[Row]) -> None:
        self._add_heading(title)
        for row in rows:
            self.rows[row.name] = row
            row.setProperty(PROPERTY, OF_SETTING[row.name])
            row.change_requested.connect(self._request)
            self._layout.addWidget(row)

    def _request(self, name: str, value: Any) -> None:
        self._document.change(**{name: _typed(name, value)})

    def _show(self) -> None:
        if self._document.choice is not None:
            # A scenario has a form of its own, and this one is out of sight.
            return
        spec, drafts, refusals = (
            self._document.spec,
            self._document.drafts,
            self._document.refusals,
        )
        for name, row in self.rows.items():
            row.show_refusal(refusals.get(name, ""))
            row.show_value(drafts.get(name, spec.value(name)))
        self.rows["batch_size"].setEnabled(not spec.input.unbatched)
        self.rows["batch_first"].setEnabled(not spec.input.unbatched)
        self._show_dtypes()
        self._show_size()

    def _show_dtypes(self) -> None:
        row = self.rows["dtype"]
        names = next(
            (d["dtypes"] for d in self._devices if d["name"] == self._document.spec.device), None
        )
        if names is not None and isinstance(row, ChoiceRow):
            offered = [row.box.itemData(index) for index in range(row.box.count())]
            if offered != names:
                row.set_choices([(name, name) for name in names])

    def _show_size(self) -> None:
        self._size.setText(_size_in_words(self._document.spec, self._document.memory_limit))


def _typed(name: str, value: Any) -> Any:
    """Return `value` as the spec wants it; a choice comes as its text."""
    kinds = {"values": Values, "initial_state": InitialState, "dtype": DType}
    return kinds[name](value) if name in kinds else value


def _size_in_words(spec: RunSpec, limit: int | None) -> str:
    shapes = contract(spec.geometry)
    allowed = f" of {bytes_in_words(limit)} allowed" if limit else ""
    return (
        f"{shapes.parameters:,} parameters · {bytes_in_words(shapes.parameter_bytes)}\n"
        f"trace {bytes_in_words(shapes.trace_bytes)}{allowed}"
    )
