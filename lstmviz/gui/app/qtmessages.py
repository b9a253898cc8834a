"""What Qt says of itself: what concerns the machine only stays off the user's screen."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from lstmviz.core.words.amounts import visible

_OF_THE_MACHINE: Final = re.compile(
    # A locale that is not UTF-8: Qt has taken one that is, and we write with our own care.
    r"Detected locale .* with character encoding"
    r"|^Qt depends on a UTF-8 locale"
    r"|^If this causes problems, reconfigure your locale"
    # No window manager, no session bus, no folder for the running user.
    r"|^This plugin does not support"
    r"|QDBus"
    r"|^QStandardPaths: (?:XDG_RUNTIME_DIR not set|wrong permissions|runtime directory)"
)


def keep_to_ourselves() -> None:
    """Print what Qt has to say from now on, but for what is no fault of this program."""
    qInstallMessageHandler(_take)


def _take(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    if not _OF_THE_MACHINE.search(message) and sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(visible(message), file=sys.stderr)
