"""An on/off switch: a check box with another face."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QCheckBox


class Switch(QCheckBox):
    """A check box drawn as a switch; accessible and operated as the check box it is."""

    def sizeHint(self) -> QSize:
        return QSize(32, 20)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self.palette()
        on = self.isChecked() and self.isEnabled()
        track = palette.color(QPalette.ColorRole.Highlight if on else QPalette.ColorRole.Mid)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(1, self.height() / 2 - 8, 30, 16)
        if self.hasFocus():
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1))
            painter.drawRoundedRect(body.adjusted(-0.5, -1.5, 0.5, 1.5), 9.5, 9.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(track)
        painter.drawRoundedRect(body, 8, 8)
        painter.setBrush(QColor("#ffffff"))
        left = body.right() - 14 if self.isChecked() else body.left() + 2
        painter.drawEllipse(QRectF(left, body.top() + 2, 12, 12))
