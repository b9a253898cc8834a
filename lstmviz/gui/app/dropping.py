"""A file dropped anywhere on the window, and what is said while it hangs over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from lstmviz.core.words.amounts import shown
from lstmviz.gui.theme import Appearance

_LONGEST_NAME: Final = 60
_DIM: Final = 215


class Dropping(QObject):
    """Take files that are dropped on a window, before the fields under the pointer see them.

    Text that is dragged is left to the fields.

    Parameters
    ----------
    window : QWidget
        Already shown.
    appearance : Appearance
    open_file : callable
        Opens the file.
    refuse : callable
        Says why what was dropped is not opened.
    """

    def __init__(
        self,
        window: QWidget,
        appearance: Appearance,
        open_file: Callable[[Path], None],
        refuse: Callable[[str], None],
    ) -> None:
        super().__init__(window)
        self._open_file = open_file
        self._refuse = refuse
        self.hint = DropHint(window, appearance)
        window.setAcceptDrops(True)
        # What the system says comes here first, and to the fields only afterwards.
        window.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            self.hint.hide()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
            assert isinstance(event, QDropEvent)  # noqa: S101 - each of them is one
            if event.mimeData().hasUrls():
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self._take(event.mimeData(), is_dropped=kind == QEvent.Type.Drop)
                return True
        return super().eventFilter(watched, event)

    def _take(self, dragged: QMimeData, *, is_dropped: bool) -> None:
        path, why_not = file_in(dragged)
        if not is_dropped:
            self.hint.say(f"Drop to open {shown(path.name, _LONGEST_NAME)}" if path else why_not)
            return
        self.hint.hide()
        if path:
            self._open_file(path)
        else:
            self._refuse(f"Nothing was opened: {why_not}")


def file_in(dragged: QMimeData) -> tuple[Path | None, str]:
    """Return the one file that is dragged, or None and a sentence that says why there is none."""
    urls = dragged.urls()
    if len(urls) != 1:
        return None, f"one file opens at a time, and these are {len(urls)}."
    if not urls[0].isLocalFile() or not urls[0].toLocalFile():
        return None, "only a file on this computer can be dropped, and this is a link."
    return Path(urls[0].toLocalFile()), ""


class DropHint(QWidget):
    """Dim the window within a frame, and say what a drop would do."""

    def __init__(self, window: QWidget, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        self._appearance = appearance
        self.sentence = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show `sentence` over the whole window."""
        self.sentence = sentence[:1].upper() + sentence[1:]
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dim = QColor(theme.window)
        dim.setAlpha(_DIM)
        painter.fillRect(self.rect(), dim)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(9, 9, -9, -9), 10, 10)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        painter.drawText(
            self.rect().adjusted(40, 40, -40, -40),
            Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
            self.sentence,
        )
