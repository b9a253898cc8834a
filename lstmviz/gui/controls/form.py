"""The settings form: every setting of a run, in the order one thinks of them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstmviz.core.contract import contract
from lstmviz.core.settings import SETTING_GROUPS, TABLE, SettingEntry, SettingKind
from lstmviz.core.spec import DType, InitialState, RunSpec, Values
from lstmviz.core.words.amounts import bytes_in_words
from lstmviz.gui.controls.fields import ChoiceRow, NumberRow, PlainNumberRow, Row, SwitchRow
from lstmviz.gui.controls.formarea import FormArea
from lstmviz.gui.controls.packing import PackingRows
from lstmviz.gui.document import Document
from lstmviz.gui.help.pages import PROPERTY
from lstmviz.gui.richtext import Label, plain_tip


def _row(setting: SettingEntry) -> Row:
    label = setting.label or setting.name
    if setting.kind is SettingKind.SWITCH:
        return SwitchRow(setting.name, label, setting.tip)
    if setting.kind is SettingKind.CHOICE:
        choices = [(choice.value, choice.title) for choice in setting.choices]
        row = ChoiceRow(setting.name, label, setting.tip, choices)
        for index, choice in enumerate(setting.choices):
            if choice.tip:
                tip = plain_tip(choice.tip)
                row.box.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
        return row
    number = NumberRow if setting.kind is SettingKind.NUMBER else PlainNumberRow
    return number(setting.name, label, setting.tip)


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
        for group in SETTING_GROUPS:
            self._add_group(group)
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

    def _add_group(self, title: str) -> None:
        self._add_heading(title)
        for setting in TABLE:
            if setting.group == title:
                widget = (
                    self._packing if setting.kind is SettingKind.LENGTHS else self._add_row(setting)
                )
                widget.setProperty(PROPERTY, setting.page)
                self._layout.addWidget(widget)

    def _add_row(self, setting: SettingEntry) -> Row:
        row = self.rows[setting.name] = _row(setting)
        row.change_requested.connect(self._request)
        return row

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
