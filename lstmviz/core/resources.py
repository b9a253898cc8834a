"""Where the files that ship beside the code are: in the wheel, or in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import lstmviz


@cache
def root() -> Path:
    """Return the folder of icons, samples and help pages.

    Raises
    ------
    FileNotFoundError
        The installation is incomplete.
    """
    package = Path(lstmviz.__file__).parent
    for folder in (package / "_resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"lstmviz is installed without its resources beside {package}.")
