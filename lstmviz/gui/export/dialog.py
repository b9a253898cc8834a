"""Ask where to save a picture, what it shows and how large."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtWidgets import (
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

from lstmviz.gui.controls.wheel import ChoiceBox
from lstmviz.gui.export.picture import PictureFormat
from lstmviz.gui.richtext import Label

_SCALES = (1, 2, 3, 4)


class PictureDialog(QDialog):
    """Path, part and scale of a picture; `path`, `scale` and `is_whole_window` hold the answer."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Save picture")
        self._window = window
        self._agreed: Path | None = None
        self._path = QLineEdit(str(Path.home() / "lstmviz.png"))
        self._path.setMinimumWidth(320)
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._choose)
        line = QHBoxLayout()
        line.addWidget(self._path, 1)
        line.addWidget(choose)
        self._part = ChoiceBox()
        self._part.addItem("the whole window", True)
        self._part.addItem("shapes and time steps only", False)
        self._scale = ChoiceBox()
        for scale in _SCALES:
            self._scale.addItem(f"{scale}×", scale)
        self._scale.setCurrentIndex(1)
        self._size = Label()
        self._size.setProperty("role", "muted")
        self._refusal = Label(wordWrap=True)
        self._refusal.setProperty("role", "refusal")
        policy = self._refusal.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._refusal.setSizePolicy(policy)
        # Two lines of room from the start: Save is pressed again where it was.
        self._refusal.setMinimumHeight(2 * self._refusal.fontMetrics().lineSpacing())
        self._refusal.hide()
        form = QFormLayout()
        form.addRow("&File", line)
        form.addRow("&Show", self._part)
        form.addRow("S&cale", self._scale)
        form.addRow("", self._size)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self._accept_if_possible)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._refusal)
        layout.addWidget(buttons)
        self._scale.currentIndexChanged.connect(self._show_size)
        self._part.currentIndexChanged.connect(self._show_size)
        self._show_size()

    @property
    def path(self) -> Path:
        """Where to save; ends in ``.png`` where no ending was typed."""
        path = Path(self._path.text().strip())
        # Of somebody who is not there, the name stays as it was typed.
        with contextlib.suppress(RuntimeError):
            path = path.expanduser()
        return path if path.suffix or not path.name else path.with_suffix(".png")

    @property
    def scale(self) -> int:
        """1 to 4."""
        return int(self._scale.currentData())

    @property
    def is_whole_window(self) -> bool:
        """Whether the settings and panels are in the picture."""
        return bool(self._part.currentData())

    def _choose(self) -> None:
        endings = " ".join(f"*.{kind}" for kind in PictureFormat)
        name, _ = QFileDialog.getSaveFileName(
            self, "Save picture", str(self.path), f"Pictures ({endings})"
        )
        if name:
            self._path.setText(name)
            self._agreed = self.path  # the system's dialog has asked

    def _show_size(self) -> None:
        size = self._window.size() * self.scale
        what = f"{size.width():,} × {size.height():,} pixels"
        self._size.setText(f"PNG: {what}; PDF and SVG: vectors" if self.is_whole_window else "")

    def _accept_if_possible(self) -> None:
        kind = self.path.suffix.lower().lstrip(".")
        if not (self._path.text().strip() and self.path.name):
            self._refuse("Type a file name.")
        elif kind not in list(PictureFormat):
            self._refuse("The name must end in .png, .svg or .pdf.")
        elif not self.path.parent.is_dir():
            self._refuse(f"There is no folder {self.path.parent}.")
        elif self.path.exists() and self.path != self._agreed:
            self._agreed = self.path
            self._refuse(f"{self.path.name} is there already; press Save again to replace it.")
        else:
            self.accept()

    def _refuse(self, sentence: str) -> None:
        self._refusal.setText(sentence)
        self._refusal.show()
