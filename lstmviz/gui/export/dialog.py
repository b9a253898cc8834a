"""Ask what to take away as a picture, and show it as it will be."""

from __future__ import annotations

import contextlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.words.amounts import shown
from lstmviz.figures.spec import (
    FigureError,
    FigureView,
    PictureKind,
)
from lstmviz.gui.controls.wheel import ChoiceBox
from lstmviz.gui.export.figureform import FigureForm, beside
from lstmviz.gui.export.preview import Preview
from lstmviz.gui.export.wish import WINDOW, Wish
from lstmviz.gui.richtext import Label

if TYPE_CHECKING:
    from lstmviz.gui.app.background import Background
    from lstmviz.gui.export.saver import PictureSaver

_SCALES: Final = (1, 2, 3, 4)


class PictureDialog(QDialog):
    """What, as which file, how large and how it looks; `wish` holds the answer.

    Parameters
    ----------
    saver : PictureSaver
    background : Background
    window : QWidget
    view : str
        What is chosen at first: `WINDOW` or a `FigureView`.
    folder : Path
        Where the file is to be, at first.
    is_dark : bool
        Whether the window is.
    measure : str
        What colours the unrolled network.

    Attributes
    ----------
    figure : FigureForm
        The fields that say how a figure looks.
    """

    def __init__(
        self,
        saver: PictureSaver,
        background: Background,
        window: QWidget,
        *,
        view: str = WINDOW,
        folder: Path | None = None,
        is_dark: bool = False,
        measure: str = "hidden",
    ) -> None:
        super().__init__(window)
        self.setWindowTitle("Save picture")
        self._saver = saver
        self._agreed: Path | None = None
        self._size_said: tuple[int, int] | None = None
        seen = saver.pictured()
        self._has_scenario = seen is not None and seen.findings is not None
        self.figure = FigureForm(self, is_dark=is_dark, measure=measure)
        self._make_fields()
        self._path.setText(str((folder or Path.home()) / "lstmviz.png"))
        self._preview = Preview(background, saver.pictured)
        self._make_words()
        self._arrange()
        self._view.setCurrentIndex(max(0, self._view.findData(view)))
        self._connect()
        self._show_kind()
        self._follow()
        # Most want what is preselected under a name of their own: it is typed at once.
        self._path.setFocus()
        self._path.selectAll()

    # What is chosen -------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """Where to save; ends as the chosen format does where no ending was typed."""
        path = Path(self._path.text().strip())
        # Of somebody who is not there, the name stays as it was typed.
        with contextlib.suppress(RuntimeError):
            path = path.expanduser()
        return path if path.suffix or not path.name else path.with_suffix(f".{self.kind}")

    @property
    def kind(self) -> PictureKind:
        """The format."""
        return PictureKind(self._kind.currentData())

    @property
    def is_of_window(self) -> bool:
        """Whether the window itself is wanted."""
        return bool(self._view.currentData() == WINDOW)

    @property
    def wish(self) -> Wish:
        """What is asked for.

        Raises
        ------
        FigureError
            There can be no such figure.
        """
        return Wish(
            path=self.path,
            kind=self.kind,
            spec=None if self.is_of_window else self.figure.spec(self._view.currentData()),
            scale=float(self._scale.currentData()),
            has_session=self._session.isChecked(),
        )

    # The parts ------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self._view, self._kind = ChoiceBox(), ChoiceBox()
        self._view.addItem("the whole window", WINDOW)
        for view in FigureView:
            if self._has_scenario or not view.needs_scenario:
                self._view.addItem(view.words, view.value)
        for kind in PictureKind:
            self._kind.addItem(kind.words, kind.value)
        self._scale = ChoiceBox()
        for scale in _SCALES:
            self._scale.addItem(f"{scale}×", scale)
        self._scale.setCurrentIndex(1)
        self._session = QCheckBox("opens again as this session")
        self._session.setChecked(True)
        self._path = QLineEdit()
        self._path.setMinimumWidth(230)

    def _arrange(self) -> None:
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._choose)
        form = QFormLayout()
        form.addRow("S&how", self._view)
        form.addRow("&Format", self._kind)
        self.figure.add_size_rows(form)
        form.addRow("S&cale", self._scale)
        self.figure.add_switch_rows(form)
        form.addRow("", self._session)
        form.addRow("&Save as", beside(self._path, choose))
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addWidget(self._refusal)
        left.addStretch(1)
        right = QVBoxLayout()
        right.addWidget(self._preview, 1)
        right.addWidget(self._hint)
        both = QHBoxLayout()
        both.setSpacing(18)
        both.addLayout(left)
        both.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(both, 1)
        layout.addWidget(self._buttons)
        self.resize(920, 560)
        self._name_fields()

    def _make_words(self) -> None:
        self._hint = Label(wordWrap=True)
        self._hint.setProperty("role", "muted")
        self._hint.setMinimumHeight(3 * self._hint.fontMetrics().lineSpacing())
        self._refusal = Label(wordWrap=True)
        self._refusal.setProperty("role", "refusal")
        # Two lines of room from the start: Save is pressed again where it was.
        self._refusal.setMinimumHeight(2 * self._refusal.fontMetrics().lineSpacing())
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        for button in self._buttons.buttons():
            button.setIcon(QIcon())
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setProperty("primary", True)

    def _name_fields(self) -> None:
        for field, name in (
            (self._view, "what is shown"),
            (self._kind, "format"),
            (self._scale, "scale"),
            (self._path, "name of the file"),
        ):
            field.setAccessibleName(name)

    def _connect(self) -> None:
        self._buttons.accepted.connect(self._accept_if_possible)
        self._buttons.rejected.connect(self.reject)
        self.finished.connect(lambda _: self._preview.give_up())
        self._preview.drawn.connect(self._show_drawn)
        self._kind.currentIndexChanged.connect(self._take_kind)
        self._path.textChanged.connect(self._show_kind)
        self.figure.changed.connect(self._follow)
        for box in (self._view, self._kind, self._scale):
            box.currentIndexChanged.connect(self._follow)

    # What happens ---------------------------------------------------------------------------------

    def _take_kind(self) -> None:
        """Let the name end as the chosen format does."""
        path = Path(self._path.text().strip())
        if path.name and path.suffix.lower().lstrip(".") in (*PictureKind, ""):
            self._path.setText(str(path.with_suffix(f".{self.kind}")))

    def _show_kind(self) -> None:
        """Let the format follow what was typed."""
        ending = Path(self._path.text().strip()).suffix.lower().lstrip(".")
        if ending in list(PictureKind):
            self._kind.setCurrentIndex(self._kind.findData(ending))

    def _follow(self) -> None:
        """Show what would be saved, and what of the form has a say in it."""
        is_window, kind = self.is_of_window, self.kind
        is_page = kind is PictureKind.HTML and not is_window
        self.figure.set_enabled(on=not is_window and not is_page)
        self._scale.setEnabled(kind.is_scaled)
        self._refuse("")
        self._size_said = None
        if is_window:
            self._preview.show_image(self._window_image)
            self._size_said = (self._window_image.width(), self._window_image.height())
            self._show_size()
            return
        try:
            self._preview.show_figure(self.figure.spec(self._view.currentData()))
        except FigureError as error:
            self._refuse(str(error))

    @cached_property
    def _window_image(self) -> QImage:
        """The window as it stands behind the dialog, which does not change meanwhile."""
        return self._saver.window_image(1.0)

    def _show_drawn(self, size: tuple[int, int] | None, sentence: str) -> None:
        self._size_said = size
        self._refuse(sentence)
        self._show_size()

    def _show_size(self) -> None:
        self._hint.setText(self._size_in_words())

    def _size_in_words(self) -> str:
        if self._size_said is None:
            return ""
        width, height = self._size_said
        if self.is_of_window and self.kind is not PictureKind.PNG:
            return (
                "The window is pixels, so its picture is a PNG; “shapes above time steps” is what"
                " it shows, in every format."
            )
        if self.kind is PictureKind.HTML:
            return "One file with every number, to scrub through in any browser, without a network."
        inches = f"{width / 96 * 25.4:.0f} × {height / 96 * 25.4:.0f} mm"
        if not self.kind.is_scaled:
            return f"{width:,} × {height:,} px, {inches}: lines, letters and lossless cells."
        scale = int(self._scale.currentData())
        said = f"{width * scale:,} × {height * scale:,} pixels"
        if self.kind.is_moving:
            return f"{said}, one step after the other, 8 a second."
        return f"{said}; {inches} at 96 per inch" if not self.is_of_window else said

    def _choose(self) -> None:
        endings = " ".join(f"*.{kind}" for kind in PictureKind)
        name, _ = QFileDialog.getSaveFileName(
            self, "Save picture", str(self.path), f"Pictures ({endings})"
        )
        if name:
            self._path.setText(name)
            self._agreed = self.path  # the system's dialog has asked

    def _accept_if_possible(self) -> None:
        sentence = self._why_not()
        if sentence:
            self._refuse(sentence)
        else:
            self.accept()

    def _why_not(self) -> str:
        """Return why this cannot be saved so; empty where it can."""
        kind = self.path.suffix.lower().lstrip(".")
        if not (self._path.text().strip() and self.path.name):
            return "Type a file name."
        if kind not in list(PictureKind):
            endings = ", ".join(f".{known}" for known in PictureKind)
            return f"The name must end in one of {endings}."
        if self.is_of_window and kind != PictureKind.PNG:
            return self._size_in_words()
        if not self.path.parent.is_dir():
            return f"There is no folder {shown(self.path.parent)}."
        try:
            _ = self.wish
        except FigureError as error:
            return str(error)
        if self.path.exists() and self.path != self._agreed:
            self._agreed = self.path
            return f"{shown(self.path.name)} is there already; press Save again to replace it."
        return ""

    def _refuse(self, sentence: str) -> None:
        self._refusal.setText(sentence)
