"""What each action does: small acts on a document, its views and its window."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QDockWidget, QFileDialog, QMessageBox

from lstmviz import __version__
from lstmviz.core.asking.run_state import RunState
from lstmviz.core.asking.session import Session, read_session
from lstmviz.core.files.atomic_file import check_place, write_whole
from lstmviz.core.spec import MAX_SEED
from lstmviz.core.words.amounts import shown
from lstmviz.gui.app.actions import SCENARIO_TITLES
from lstmviz.gui.app.background import Background
from lstmviz.gui.help.pages import page_of
from lstmviz.gui.theme import Appearance, Scheme

if TYPE_CHECKING:
    from lstmviz.bridge.client import EngineClient
    from lstmviz.gui.app.views import Views
    from lstmviz.gui.app.window import MainWindow
    from lstmviz.gui.app.windowlooks import WindowLooks
    from lstmviz.gui.document import Document
    from lstmviz.gui.export.saver import PictureSaver
    from lstmviz.gui.help.window import HelpWindow


_OPENED: Final = (
    "Sessions and pictures (*.json *.png *.apng *.svg *.pdf *.html *.gif);;All files (*)"
)


class Commands:
    """The acts behind the menus.

    The parts are given once they exist: actions must be there before the views that show them,
    which is why the acts below look their parts up only when called.
    """

    document: Document
    client: EngineClient
    views: Views
    window: MainWindow
    actions: dict[str, QAction]
    background: Background
    looks: WindowLooks
    finish: Callable[[], None]
    """Makes and draws now all that is still to come, as a picture needs."""

    def __init__(self, appearance: Appearance) -> None:
        self._appearance = appearance
        self._help: HelpWindow | None = None
        self._saver: PictureSaver | None = None
        self._folder = Path.home()

    def by_name(self) -> dict[str, Callable[[], object]]:
        """Return the act for each of `gui.actions.ACTIONS`."""
        return {
            "open": self.open,
            "save": self.save_as,
            "reset": lambda: self.document.reset(Session(), "default settings"),
            "quit": lambda: self.window.close(),
            "undo": lambda: self.document.undo_stack.undo(),
            "redo": lambda: self.document.undo_stack.redo(),
            "reseed": self.reseed,
            "run": self.run,
            "cancel": self.cancel,
            "start_engine": lambda: self.client.start_again(),
            "show_settings": lambda: _toggle(self.window.settings_dock),
            "show_panels": lambda: _toggle(self.window.panels_dock),
            "zoom_out": lambda: self.views.shown_plots.zoom_out(),
            "scheme_system": lambda: self._appearance.set_scheme(Scheme.SYSTEM),
            "scheme_light": lambda: self._appearance.set_scheme(Scheme.LIGHT),
            "scheme_dark": lambda: self._appearance.set_scheme(Scheme.DARK),
            "play": lambda: self.views.player.play(on=self.actions["play"].isChecked()),
            "previous_step": lambda: self.step(-1),
            "next_step": lambda: self.step(1),
            "first_step": lambda: self.document.look_at(step=0),
            "last_step": self.go_to_last_step,
            "gallery": self.open_gallery,
            **{
                f"show_{name or 'single'}": partial(self.show_scenario, name)
                for name in SCENARIO_TITLES
            },
            "save_picture": self.save_picture,
            "copy_picture": self.copy_picture,
            "save_trace": self.save_trace,
            "help": lambda: self.help(page_of(QApplication.focusWidget())),
            "about": self.about,
        }

    def run(self) -> None:
        """Run once more what is asked, whatever is shown."""
        self.document.ask_again()
        if not self.client.is_busy:
            self.client.request(self.document.asked.source)

    def cancel(self) -> None:
        """Give up the run under way; the picture stays, and so do the settings."""
        if self.client.is_busy:
            self.client.cancel()
            self.document.freshness.halt(RunState.STOPPED)
            self.views.status.show_engine("Stopped")

    def reseed(self) -> None:
        """Draw other numbers; a scenario with trained parameters and real data has no seed."""
        if "seed" in self.document.asked.settings():
            self.document.change(seed=random.randint(0, MAX_SEED))  # noqa: S311 - a picture, not a secret

    def step(self, count: int) -> None:
        """Move the time cursor by `count`."""
        self.document.look_at(step=max(0, self.document.view.step + count))

    def go_to_last_step(self) -> None:
        """Move the time cursor to the end."""
        if self.document.trace is not None:
            self.document.look_at(step=self.document.trace.seq_len - 1)

    def show_scenario(self, name: str) -> None:
        """Show a scenario with its own settings; an empty name shows the single LSTM."""
        from lstmviz.core.scenarios.choice import Choice

        shown = self.document.choice
        if name != (shown.name if shown else ""):
            self.document.enter(Choice(name) if name else None)

    def open_gallery(self) -> None:
        """Show every scenario in pictures, and open the one that is chosen."""
        from lstmviz.gui.scenarios.gallery import Gallery

        gallery = Gallery(self._appearance, self.document.choice, self.window)
        if gallery.exec():
            self.show_scenario(gallery.chosen)
        # The window owns it, and would keep every one that was ever opened.
        gallery.deleteLater()

    def open(self) -> None:
        """Ask for a session or a picture of ours, and open it."""
        name, _ = QFileDialog.getOpenFileName(self.window, "Open session", "", _OPENED)
        if name:
            self.open_file(Path(name))

    def open_file(self, path: Path) -> None:
        """Open a session; what is wrong with the file is said above the picture."""
        name = shown(path.name)
        self.background.do(
            lambda: read_session(path),
            lambda session: self._take(session, f"open {name}"),
            lambda error: self.document.set_fault(f"{name} was not opened: {error}"),
            outlives=False,
        )

    def _take(self, session: Session, text: str) -> None:
        self.document.reset(session, text)
        self.looks.apply(session.looks, in_scenario=session.choice is not None)

    def session_to_save(self) -> Session:
        """Return the session of the run shown and how the window stands, as pictures carry it."""
        return replace(self.document.session_of_run, looks=self.looks.collected())

    def session_to_keep(self) -> Session:
        """Return the session as it is asked for now, and how the window stands."""
        return replace(self.document.session, looks=self.looks.collected())

    def save_as(self) -> None:
        """Ask where, and save the session."""
        name, _ = QFileDialog.getSaveFileName(
            self.window, "Save session", "lstmviz.json", "Sessions (*.json)"
        )
        if name:
            text = self.session_to_keep().to_json()
            self._save(name, lambda: write_whole(name, text.encode()))

    def save_data(self, path: Path, make: Callable[[], bytes]) -> None:
        """Write what `make` returns to `path`; a failure is said above the picture."""
        self._save(path, lambda: write_whole(path, make()))

    def save_text(self, path: Path, text: str) -> None:
        """Write `text` to `path`; a failure is said above the picture."""
        self._save(path, lambda: write_whole(path, text.encode()))

    @property
    def saver(self) -> PictureSaver:
        """What draws and writes pictures; made when the first is wanted."""
        if self._saver is None:
            from lstmviz.gui.export.saver import PictureSaver

            self._saver = PictureSaver(
                self.document, self.background, self.window, self.finish, self.session_to_save
            )
            self._saver.said.connect(self.views.status.show_engine)
            self._saver.failed.connect(self.document.set_fault)
        return self._saver

    def save_picture(self) -> None:
        """Ask what, where and how large, and save the picture."""
        self.save_picture_of("window")

    def save_picture_of(self, view: str) -> None:
        """Ask for a picture with `view` chosen: ``"window"`` or a `figures.spec.FigureView`."""
        from lstmviz.gui.export.dialog import PictureDialog

        dialog = PictureDialog(
            self.saver,
            self.background,
            self.window,
            view=view,
            folder=self._folder,
            is_dark=self._appearance.theme.is_dark,
            measure=self.looks.collected().measure or "hidden",
        )
        if dialog.exec():
            self._folder = dialog.path.parent
            self.saver.save(dialog.wish)
        dialog.deleteLater()

    def copy_picture(self) -> None:
        """Put the window on the clipboard, at twice its size."""
        QGuiApplication.clipboard().setImage(self.saver.window_image(2.0))
        self.views.status.show_engine("Picture copied")

    def copy_picture_of(self, view: str) -> None:
        """Put the figure of `view` on the clipboard, at twice its size."""
        from lstmviz.figures.spec import FigureSpec, FigureView, PictureKind
        from lstmviz.gui.export.saver import figure_image
        from lstmviz.gui.export.wish import Wish

        seen = self.saver.pictured()
        if seen is None:
            return
        spec = FigureSpec(
            view=FigureView(view),
            is_dark=self._appearance.theme.is_dark,
            measure=self.looks.collected().measure or "hidden",
        )
        wish = Wish(path=Path(), kind=PictureKind.PNG, spec=spec, scale=2.0)
        self.background.do(
            lambda: figure_image(seen, wish),
            self._take_figure,
            lambda error: self.document.set_fault(f"Not copied: {error}"),
            outlives=False,
        )

    def _take_figure(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self.views.status.show_engine("Picture copied")

    def save_trace(self) -> None:
        """Ask where, and save every array of the run shown."""
        trace, timing = self.document.trace, self.document.forward_timing
        if trace is None or timing is None:
            self.document.set_fault("There are no numbers yet: the first run is still under way.")
            return
        name, _ = QFileDialog.getSaveFileName(
            self.window, "Save numbers", "lstmviz.npz", "NumPy arrays (*.npz)"
        )
        if name:
            timed = replace(trace, forward_timing=timing)
            self._save(name, lambda: timed.save(name))

    def help(self, page: str) -> None:
        """Open a help page."""
        if self._help is None:
            from lstmviz.gui.help.window import HelpWindow

            subject = self.views.shapes
            self._help = HelpWindow(self.document, self._appearance, subject, self.window)
        self._help.open_page(page)

    def about(self) -> None:
        """Say what this is."""
        QMessageBox.about(
            self.window,
            "About lstmviz",
            f"<b>lstmviz {__version__}</b><p>See inside <code>torch.nn.LSTM</code>: every shape"
            " named, every step, state and gate opened and proven.</p>",
        )

    def _save(self, path: str | Path, act: Callable[[], None]) -> None:
        """Do `act`, which writes `path`; say when that is done, or above the picture why not."""
        name = shown(Path(path).name)
        self.views.status.show_engine(f"Saving {name}…")

        def save() -> None:
            check_place(path)
            act()

        def fail(error: Exception) -> None:
            self.views.status.show_engine("Not saved")
            self.document.set_fault(f"Not saved: {error or 'there is not enough memory.'}")

        self.background.do(
            save,
            lambda _: self.views.status.show_engine(
                f"Saved {name} in {shown(Path(path).absolute().parent)}"
            ),
            fail,
            outlives=True,
        )


def _toggle(dock: QDockWidget) -> None:
    dock.setVisible(not dock.isVisible())
