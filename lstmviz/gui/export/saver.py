"""Draws and writes pictures beside the window, with progress and a way to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QProgressDialog

from lstmviz.core.asking.session import Session
from lstmviz.core.files.atomic_file import check_place, write_whole
from lstmviz.core.words.amounts import shown
from lstmviz.figures.pictured import Pictured
from lstmviz.figures.spec import FigureError, PictureKind
from lstmviz.gui.export import picture
from lstmviz.gui.export.wish import Wish

if TYPE_CHECKING:
    from lstmviz.gui.app.background import Background
    from lstmviz.gui.app.window import MainWindow
    from lstmviz.gui.document import Document

_SHOWN_AFTER_MS = 500


class StoppedError(FigureError):
    """The user has stopped what was being saved."""


class PictureSaver(QObject):
    """Draw and write what is wished for.

    Parameters
    ----------
    document : Document
    background : Background
    window : MainWindow
        What a picture of the window shows, and what the progress stands on.
    finish : callable
        Draws now all that is still to come in the window.
    session : callable
        Returns the session of the run shown.
    """

    said = Signal(str)
    """A sentence for the status line."""
    failed = Signal(str)
    """Why a picture was not saved."""
    _told = Signal(float)

    def __init__(
        self,
        document: Document,
        background: Background,
        window: MainWindow,
        finish: Callable[[], None],
        session: Callable[[], Session],
    ) -> None:
        super().__init__(window)
        self._document, self._background, self._window = document, background, window
        self._finish, self._session = finish, session
        self._progress: QProgressDialog | None = None
        self._is_stopped = threading.Event()
        self._told.connect(self._show_share)

    def pictured(self) -> Pictured | None:
        """Return what figures are drawn from: the run shown; None before the first."""
        document = self._document
        run, plotted = document.run, document.plotted
        if run is None or plotted is None:
            return None
        return Pictured(
            run=run,
            findings=document.scenario_run,
            shown=document.shown,
            geometry=document.shown_geometry,
            plotted=plotted,
            session=self._session(),
            timing=document.forward_timing,
        )

    def window_image(self, scale: float, session: str = "") -> QImage:
        """Return the window as it shows its run.

        Raises
        ------
        PictureError
            It would be larger than an image can be.
        """
        with self._document.rewound():
            self._finish()
            return picture.picture(self._window, scale, session, self._window.picture_area)

    def save(self, wish: Wish) -> None:
        """Draw and write `wish`; what comes of it is said or failed."""
        session = self._session().to_json() if wish.has_session else ""
        if wish.spec is None and wish.kind is PictureKind.PNG:
            try:
                image = self.window_image(wish.scale, session)
            except picture.PictureError as error:
                self.failed.emit(f"Not saved: {error}")
                return
            self._write(wish.path, lambda: picture.encoded(image))
            return
        seen = self.pictured()
        if seen is None:
            self.failed.emit("Not saved: there is nothing to draw before the first run.")
            return
        self._write(wish.path, lambda: self._drawn(seen, wish, session))

    def _write(self, path: Path, make: Callable[[], bytes]) -> None:
        name = shown(path.name)
        self.said.emit(f"Saving {name}…")
        self._is_stopped.clear()
        self._show_progress(name)

        def act() -> None:
            check_place(path)
            data = make()
            self._tick()
            write_whole(path, data)

        self._background.do(
            act,
            lambda _: self._end(f"Saved {name} in {shown(path.absolute().parent)}"),
            self._fail,
            outlives=True,
        )

    def _drawn(self, seen: Pictured, wish: Wish, session: str) -> bytes:
        from lstmviz.figures.files import file_bytes

        assert wish.spec is not None  # noqa: S101 - only the window has none, and it is a PNG
        return file_bytes(
            seen,
            wish.spec,
            wish.kind,
            scale=wish.scale,
            session=session,
            tick=self._tick,
            told=self._told.emit,
        )

    def _tick(self) -> None:
        if self._is_stopped.is_set():
            raise StoppedError

    def _show_progress(self, name: str) -> None:
        self._progress = progress = QProgressDialog(f"Saving {name}…", "Stop", 0, 0, self._window)
        progress.setWindowTitle("Save picture")
        progress.setWindowModality(Qt.WindowModality.NonModal)
        progress.setMinimumDuration(_SHOWN_AFTER_MS)
        progress.setAutoReset(False)
        progress.canceled.connect(self._is_stopped.set)
        # Only from now on does its clock run.
        progress.setValue(0)

    def _show_share(self, share: float) -> None:
        if self._progress is not None:
            self._progress.setMaximum(100)
            self._progress.setValue(round(100 * share))

    def _end(self, sentence: str) -> None:
        if self._progress is not None:
            self._progress.canceled.disconnect()
            self._progress.close()
            self._progress.deleteLater()
            self._progress = None
        self.said.emit(sentence)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, StoppedError):
            self._end("Stopped: nothing was saved")
            return
        self._end("Not saved")
        self.failed.emit(f"Not saved: {error or 'there is not enough memory.'}")


def figure_image(seen: Pictured, wish: Wish) -> QImage:
    """Return the figure of `wish` as an image.

    Raises
    ------
    FigureError
        This run has nothing to draw there.
    """
    from lstmviz.figures.drawing import drawn

    assert wish.spec is not None  # noqa: S101 - asked for figures only
    dots = drawn(seen, wish.spec).dots(wish.scale)
    height, width, _ = dots.shape
    size = QSize(width, height)
    image = QImage(dots.tobytes(), size.width(), size.height(), QImage.Format.Format_RGBA8888)
    return image.copy()
