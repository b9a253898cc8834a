"""What takes long is done beside the window's thread, which hears what came of it."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

_LOG = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 0.03
"""Most files are small, and done within it."""


@dataclass(eq=False)
class _Errand:
    act: Callable[[], Any]
    then: Callable[[Any], None]
    failed: Callable[[Exception], None]
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: Exception | None = None
    is_told: bool = False


class _Voice(QObject):
    """Carries errands back to the window's thread; it outlives every window.

    A signal of the window's own could be sent while another thread takes the window down, which
    ends the program.
    """

    came_back = Signal(object)


@lru_cache(maxsize=1)
def _voice() -> _Voice:
    return _Voice()


class Background(QObject):
    """Do errands, each on a thread of its own; nothing in an errand may touch a widget.

    Python collects garbage on whichever thread makes the next object, and a widget must not die
    on another thread than its own, so there is no collection while an errand is under way.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._voice = _voice()
        self._voice.came_back.connect(self._tell)
        self._under_way: set[_Errand] = set()
        under_way = self._under_way
        self.destroyed.connect(lambda: _leave(under_way))

    @property
    def is_busy(self) -> bool:
        """Whether an errand is under way."""
        return bool(self._under_way)

    def do(
        self,
        act: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[Exception], None],
        *,
        outlives: bool,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        """Call `act` on a thread, and `then` with its result or `failed` with its error on ours.

        Parameters
        ----------
        act : callable
        then : callable
        failed : callable
            Gets an ``OSError``, ``ValueError`` or ``MemoryError``; others are our own faults.
        outlives : bool
            Whether the program waits for it at its end, as for a file that is being written.
        patience : float
            Seconds that are waited here, for what is mostly done before anybody sees.
        """
        errand = _Errand(act, then, failed)
        if not self._under_way:
            gc.disable()
        self._under_way.add(errand)
        threading.Thread(
            target=self._run, args=(errand,), name="lstmviz errand", daemon=not outlives
        ).start()
        if errand.done.wait(patience):
            self._tell(errand)

    def _run(self, errand: _Errand) -> None:
        try:
            errand.result = errand.act()
        except Exception as error:  # noqa: BLE001 - told on the window's thread
            errand.error = error
        errand.done.set()
        if errand in self._under_way:
            self._voice.came_back.emit(errand)
        elif errand.error is not None and not errand.is_told:
            # The window is gone.
            _LOG.error("%s", errand.error)

    def _tell(self, errand: _Errand) -> None:
        if errand.is_told or errand not in self._under_way:
            # Told already, or of another window.
            return
        errand.is_told = True
        self._forget(errand)
        if errand.error is None:
            errand.then(errand.result)
        elif isinstance(errand.error, OSError | ValueError | MemoryError):
            errand.failed(errand.error)
        else:
            raise errand.error

    def _forget(self, errand: _Errand) -> None:
        self._under_way.discard(errand)
        if not self._under_way:
            gc.enable()


def _leave(under_way: set[_Errand]) -> None:
    """Let nobody wait for the errands of a window that is gone."""
    if under_way:
        under_way.clear()
        gc.enable()
