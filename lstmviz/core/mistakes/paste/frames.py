"""The frames of tracebacks, as Python, Jupyter, pytest and TorchScript write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PYTHON: Final = re.compile(
    r'File "(?P<file>[^"\n]{1,400}|[^"]{1,400}?)",\s+line\s+(?P<line>\d{1,7})'
    r"(?:,?\s+in\s+(?P<function>[\w.<>]+))?"
)
_JUPYTER: Final = re.compile(
    r"^(?:File )?(?P<file><ipython-input-[^>\n]+>|(?:[~/\\.]|[A-Za-z]:)[^\n:]*?\.(?:py|pyx|ipynb)"
    r"|(?:Cell|Input) In ?\[\d+\])(?::(?P<line>\d{1,7}))?(?:,\s+line\s+(?P<cell>\d{1,7}))?"
    r",?\s+in\s+(?P<function>[\w.<>]+)(?:\(|\s|$)|"
    r"^(?P<other>(?:Cell|Input) In ?\[\d+\]), line (?P<other_line>\d{1,7})",
    re.MULTILINE,
)
_PYTEST: Final = re.compile(
    r"^(?P<file>[\w./\\~-]+\.py):(?P<line>\d{1,7}): (?:in )?(?P<function>[\w.<>]+)", re.MULTILINE
)
_ARROW: Final = re.compile(
    r"^-+> ?(?P<line>\d{1,7}|\[\d+\]\([^)\n]*\)) ?(?P<code>.*)$", re.MULTILINE
)
_MARKED: Final = re.compile(r"^>\s{2,}(?P<code>\S.*)$", re.MULTILINE)
_LIBRARY: Final = re.compile(
    r"site-packages|dist-packages|[/\\]lib[/\\]python\d|[/\\]torch[/\\](?:nn|utils|autograd|_)"
    r"|[/\\]lstmviz[/\\]engine|importlib|<frozen|runpy\.py|pytest|pluggy",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One call in a traceback.

    Attributes
    ----------
    file : str
        As written, with ``/`` between folders.
    line : int or None
    function : str
        Without its class.
    code : str
        The line of source; empty if it is not shown.
    start : int
        Where it stands in the text.
    """

    file: str
    line: int | None
    function: str
    code: str
    start: int

    @property
    def name(self) -> str:
        """The file's last part, e.g. ``rnn.py``."""
        return self.file.rsplit("/", 1)[-1]

    @property
    def is_library(self) -> bool:
        """Whether the file belongs to Python or to an installed package."""
        return bool(_LIBRARY.search(self.file))

    def place(self) -> str:
        """Return where it is, in words, e.g. ``line 88 of model.py, in forward``."""
        where = f"line {self.line} of {self.name}" if self.line else self.name
        return f"{where}, in {self.function}" if self.function.isidentifier() else where


def frames(text: str) -> tuple[Frame, ...]:
    """Return the frames in `text`, in the order in which they stand."""
    found: dict[int, Frame] = {}
    for pattern in (_PYTHON, _JUPYTER, _PYTEST):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            file = groups.get("file") or groups.get("other") or ""
            number = groups.get("line") or groups.get("cell") or groups.get("other_line")
            function = (groups.get("function") or "").rsplit(".", 1)[-1]
            code, line = _code(text, match, pattern is _PYTHON)
            file = re.sub(r"\s*\n\s*", "", file).replace("\\", "/")
            at = int(number) if number else line
            found.setdefault(match.start(), Frame(file, at, function, code, match.start()))
    return tuple(found[start] for start in sorted(found))


def _code(text: str, match: re.Match[str], is_python: bool) -> tuple[str, int | None]:
    """Return the line of source below a frame, and its number where Jupyter gives one."""
    if is_python:
        following = text[match.end() : match.end() + 600].split("\n")[1:3]
        code = next((line.strip() for line in following if line.strip()), "")
        is_code = bool(code) and not re.match(r'File "|\w+(?:\.\w+)*(?:Error|Exception)\b', code)
        return (code if is_code else "", None)
    region = text[match.end() : match.end() + 3000]
    end = re.search(r"\n\s*\n", region)
    region = region[: end.start()] if end else region
    if arrow := _ARROW.search(region):
        number = re.match(r"\[?(\d+)", arrow["line"])
        return arrow["code"].strip(), int(number[1]) if number else None
    marked = _MARKED.findall(text[max(0, match.start() - 3000) : match.start()])
    return (marked[-1].strip() if marked else "", None)
