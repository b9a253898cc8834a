"""A field for pasted text that takes a dropped or pasted file as well."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QPlainTextEdit

from lstmviz.core.mistakes.explanation import LONGEST


class LogEdit(QPlainTextEdit):
    """Plain text; a log file dropped on it is read from its end, where errors stand."""

    file_refused = Signal(str)
    """The sentence that says why a file was not read."""

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(_file_of(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        path = _file_of(source)
        if path is None:
            super().insertFromMimeData(source)
            return
        try:
            self.setPlainText(end_of(path))
        except OSError as error:
            self.file_refused.emit(f"{path.name} could not be read: {error.strerror or error}.")


def end_of(path: Path, most: int = LONGEST) -> str:
    """Return the last characters of a text file, whatever its bytes.

    Parameters
    ----------
    path : Path
    most : int
        Bytes read from its end.

    Raises
    ------
    OSError
        It is no regular file, or cannot be read.
    """
    if not path.is_file():
        raise OSError(_NOT_A_FILE)
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - most))
        return file.read(most).decode("utf-8", "replace")


_NOT_A_FILE: Final = "it is no regular file"


def _file_of(source: QMimeData) -> Path | None:
    urls = source.urls() if source.hasUrls() else []
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
