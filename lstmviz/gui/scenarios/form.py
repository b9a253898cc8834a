"""The form of a scenario: its sizes and its other settings."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.scenarios.parts import SEED, Option, Scenario, Size
from lstmviz.gui.controls.fields import NumberRow, PlainNumberRow, Row, SwitchRow
from lstmviz.gui.controls.formarea import FormArea
from lstmviz.gui.controls.heading import heading, small
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.richtext import Label
from lstmviz.gui.scenarios.rows import WideChoiceRow, WritingRow

if TYPE_CHECKING:
    from lstmviz.gui.document import Document


class ScenarioForm(FormArea):
    """Show the settings of the document's scenario and ask it to change them."""

    leaving_requested = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._name = ""
        self.rows: dict[str, Row] = {}
        self._building: Slices[None] = Slices(lambda _: self._show(), self)
        document.asked_changed.connect(self._show)
        document.spec_changed.connect(self._show)
        document.refusals_changed.connect(self._show)
        self._show()

    def finish(self) -> None:
        """Make now what is still to come."""
        self._building.finish()

    def _show(self) -> None:
        choice = self._document.choice
        if choice is None:
            return
        if choice.name != self._name:
            self._name = choice.name
            self._building.start(self._build(choice.scenario))
        if self._building.is_busy:
            return
        drafts, refusals = self._document.drafts, self._document.refusals
        for name, row in self.rows.items():
            row.show_refusal(refusals.get(name, ""))
            row.show_value(drafts.get(name, choice.settings[name]))
        self._defaults.setEnabled(dict(choice.settings) != choice.scenario.defaults())

    def _build(self, scenario: Scenario) -> Generator[None, None, None]:
        """Make the form of another scenario, a row between two yields."""
        self.rows = {}
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(1)
        title = Label(scenario.title, wordWrap=True)
        title.setProperty("role", "title")
        layout.addWidget(title)
        layout.addSpacing(3)
        layout.addWidget(small(scenario.summary, wraps=True))
        yield
        for title_of_group, settings in (("Options", scenario.options), ("Sizes", scenario.sizes)):
            if settings:
                layout.addSpacing(12)
                layout.addWidget(heading(title_of_group))
                layout.addSpacing(2)
            for setting in settings:
                self._add_row(layout, _row_of(setting))
                yield
        self._add_buttons(layout)
        layout.addStretch(1)
        yield
        self.setWidget(body)
        self.updateGeometry()

    def _add_row(self, layout: QVBoxLayout, row: Row) -> None:
        self.rows[row.name] = row
        row.change_requested.connect(self._request)
        layout.addWidget(row)

    def _add_buttons(self, layout: QVBoxLayout) -> None:
        self._defaults = QPushButton("Default settings")
        self._defaults.clicked.connect(self._restore)
        leave = QPushButton("Back to a single LSTM")
        leave.clicked.connect(self.leaving_requested)
        layout.addSpacing(16)
        layout.addWidget(self._defaults)
        layout.addSpacing(6)
        layout.addWidget(leave)

    def _restore(self) -> None:
        self._document.enter(Choice(self._name), "default settings")

    def _request(self, name: str, value: Any) -> None:
        self._document.change(**{name: value})


def _row_of(setting: Size | Option) -> Row:
    return _size_row(setting) if isinstance(setting, Size) else _option_row(setting)


def _size_row(size: Size) -> Row:
    if size == SEED:
        return PlainNumberRow("seed", "seed", "Parameters and inputs are drawn from it.")
    bound = size.bound
    tip = f"{size.title}, {bound.in_words(size.low)} to {bound.in_words(size.high)}."
    return NumberRow(size.name, size.name, tip, bound=bound)


def _option_row(option: Option) -> Row:
    if isinstance(option.default, bool):
        return SwitchRow(option.name, option.name, f"{option.title}.")
    if option.choices:
        return WideChoiceRow(option.name, option.title, option.choices)
    return WritingRow(option.name, option.title, option.longest)
