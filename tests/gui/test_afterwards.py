"""While changes keep coming the plots are painted first, and nothing else is starved."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from lstmviz.gui.app.deferred_paint import DeferredPaint


class Painted(QWidget):
    def __init__(self, parent, name):
        super().__init__(parent)
        self.window_kept, self.times = parent, 0
        self.setAccessibleName(name)
        self.setFixedSize(20, 20)
        self.move(0, 30 * int(name))

    def event(self, event):
        self.times += event.type() is QEvent.Type.Paint
        return super().event(event)


@pytest.fixture
def painted(qtbot):
    window = QWidget()
    window.setAccessibleName("Window")
    qtbot.addWidget(window)
    window.resize(60, 120)
    made = [Painted(window, str(k)) for k in range(3)]
    window.show()
    qtbot.waitUntil(lambda: all(widget.times for widget in made))
    return made


def test_held_widgets_are_painted_once_the_others_were(qtbot, painted):
    first, *others = painted
    later = DeferredPaint(others, first)
    before = [widget.times for widget in painted]
    later.hold()
    for widget in painted:
        widget.update()
    qtbot.waitUntil(lambda: first.times > before[0])
    assert [widget.times for widget in others] == before[1:]
    qtbot.waitUntil(lambda: all(w.times > n for w, n in zip(painted, before, strict=True)))


def test_no_widget_is_starved_while_changes_keep_coming(qtbot, painted):
    later = DeferredPaint(painted[1:], painted[0])
    before = [widget.times for widget in painted[1:]]
    for _ in range(60):
        later.hold()
        for widget in painted:
            widget.update()
        qtbot.wait(10)
    counts = [w.times - n for w, n in zip(painted[1:], before, strict=True)]
    assert min(counts) >= 2
    assert max(counts) <= 20
    assert painted[0].times > max(counts)


def test_finish_lets_all_paint_now(qtbot, painted):
    later = DeferredPaint(painted[1:], painted[0])
    later.hold()
    assert not painted[1].updatesEnabled()
    later.finish()
    assert all(widget.updatesEnabled() for widget in painted)
    later.hold()
    qtbot.waitUntil(lambda: all(widget.updatesEnabled() for widget in painted))
