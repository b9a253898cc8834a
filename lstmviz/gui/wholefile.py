"""Write a file whole or not at all."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QIODevice, QSaveFile


def write_whole(path: Path, data: bytes | QByteArray) -> None:
    """Write `data` to `path`; what stood there before stays where that fails.

    Raises
    ------
    OSError
        With the system's reason.
    """
    file = QSaveFile(str(path))
    is_open = file.open(QIODevice.OpenModeFlag.WriteOnly)
    if not (is_open and file.write(QByteArray(data)) >= 0 and file.commit()):
        raise OSError(file.errorString())
