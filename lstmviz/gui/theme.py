"""Colours, faces and the style sheet, light and dark."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from string import Template
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from lstmviz.core import resources
from lstmviz.core.contract import AxisKind


class Scheme(StrEnum):
    """Which theme to show."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Every colour of the window, as ``#rrggbb``.

    The four axis colours mean the same everywhere. `negative`, `zero` and `positive` are the ends
    and the middle of the diverging map; blue and orange stay apart for colour-blind eyes. `least`,
    `half` and `most` are the sequential map, which rests on lightness: all eyes see that.
    """

    is_dark: bool
    window: str
    panel: str
    card: str
    field: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    bad: str
    time: str
    batch: str
    features: str
    layers: str
    negative: str
    zero: str
    positive: str
    least: str
    half: str
    most: str
    absent: str
    box_front: str
    box_side: str
    box_top: str

    def axis(self, kind: AxisKind) -> str:
        """Return the colour of an axis kind."""
        return str(getattr(self, kind.value))


LIGHT: Final = Theme(
    is_dark=False,
    window="#f2f4f8",
    panel="#fbfcfe",
    card="#ffffff",
    field="#ffffff",
    line="#dde1e9",
    text="#161a22",
    muted="#5d6675",
    accent="#2563eb",
    on_accent="#ffffff",
    accent_soft="#e4ecfd",
    good="#0b7a4b",
    bad="#c32b2b",
    time="#1a5fd0",
    batch="#b45309",
    features="#0a7d5a",
    layers="#7c3aed",
    negative="#2b6be0",
    zero="#f7f8fb",
    positive="#e0662b",
    least="#f3f6f7",
    half="#5f9ea0",
    most="#1d2f52",
    absent="#e3e6ec",
    box_front="#e9ecf2",
    box_side="#d9dee8",
    box_top="#f3f5f9",
)

DARK: Final = Theme(
    is_dark=True,
    window="#16191f",
    panel="#1b1f26",
    card="#21262e",
    field="#1b1f26",
    line="#343b47",
    text="#edf0f5",
    muted="#98a2b3",
    accent="#5b9dff",
    on_accent="#0b1220",
    accent_soft="#24344f",
    good="#4cc38a",
    bad="#ff7b7b",
    time="#6cabff",
    batch="#f5a552",
    features="#53d3a6",
    layers="#c59bff",
    negative="#4a8df6",
    zero="#272c35",
    positive="#f08a4b",
    least="#272c35",
    half="#4f8f93",
    most="#e3f4e6",
    absent="#1a1d23",
    box_front="#333a45",
    box_side="#2a303a",
    box_top="#3d4551",
)

CURVES: Final = ("#d97706", "#2b6be0", "#0f9f76", "#a855f7", "#db2777", "#64748b")
"""Colours of single units over time; distinct in lightness too."""


def mono(size: float = 0.0) -> QFont:
    """Return the system's monospaced face, for shapes and numbers; `size` in points."""
    return QFont(_mono(size or QApplication.font().pointSizeF() * 0.94))


@lru_cache(maxsize=32)
def _mono(size: float) -> QFont:
    # Asked for by every cell of a table at every painting; the system takes its time to answer.
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSizeF(size)
    return font


class Appearance(QObject):
    """The theme in force; follows the system unless told otherwise."""

    changed = Signal()

    def __init__(self, scheme: Scheme = Scheme.SYSTEM, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scheme = scheme
        self._theme = self._resolve()
        self._is_dressed = False
        self._window: QWidget | None = None
        self._painting = QTimer(self, interval=0, singleShot=True)
        self._painting.timeout.connect(self.finish)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return self._theme

    @property
    def scheme(self) -> Scheme:
        """What was asked for."""
        return self._scheme

    def dress(self, window: QWidget | None = None) -> None:
        """Put the theme on `window` and whatever belongs to it, or on the whole application.

        Once all widgets are there, and before they are shown: each widget made under a style
        sheet is styled on its own, which takes longer than all of them together.

        A window of 430 widgets is styled in 59 ms of processor time, the application around it
        in 280 ms (Qt 6.11, Linux): it styles every widget several times.
        """
        self._is_dressed = True
        self._window = window
        if window is not None:
            window.destroyed.connect(self._undress)
        self._apply()

    def _undress(self) -> None:
        self._is_dressed = False
        self._window = None

    def set_scheme(self, scheme: Scheme) -> None:
        """Switch to `scheme` now."""
        self._scheme = scheme
        self._follow_system()

    def finish(self) -> None:
        """Let the window be painted now in the colours that it has been given."""
        self._painting.stop()
        if self._window is not None:
            self._window.setUpdatesEnabled(True)

    def _follow_system(self) -> None:
        theme = self._resolve()
        if theme is not self._theme:
            self._theme = theme
            if self._is_dressed:
                self._apply()
            self.changed.emit()

    def _resolve(self) -> Theme:
        if self._scheme is Scheme.SYSTEM:
            dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
            return DARK if dark else LIGHT
        return DARK if self._scheme is Scheme.DARK else LIGHT

    def _apply(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            if self._window is not None and self._window.isVisible():
                # Styling a window and painting all of it take 90 ms each: what is typed meanwhile
                # is heard in between.
                self._window.setUpdatesEnabled(False)
                self._painting.start()
            app.setPalette(_palette(self._theme))
            (self._window or app).setStyleSheet(style_sheet(self._theme))


def style_sheet(theme: Theme) -> str:
    """Return the application's style sheet in the colours of `theme`."""
    text = (resources.root() / "themes" / "style.qss").read_text(encoding="utf-8")
    icons = (resources.root() / "icons").as_posix()
    kind = "dark" if theme.is_dark else "light"
    return Template(text).substitute(asdict(theme), icons=icons, kind=kind)


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, color in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.field),
        (role.AlternateBase, theme.panel),
        (role.Text, theme.text),
        (role.Button, theme.card),
        (role.ButtonText, theme.text),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.ToolTipBase, theme.card),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Link, theme.accent),
        (role.Mid, theme.line),
    ):
        palette.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.muted))
    return palette
