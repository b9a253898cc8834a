"""One classic mistake, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from re import Match, Pattern
from typing import Any, Final

from lstmviz.core.mistakes.setting import Lines, Setting, ordinary
from lstmviz.core.spec import RunSpec, SpecError


class MistakeKind(StrEnum):
    """How a mistake shows."""

    ERROR = "error"
    SILENT = "silent"
    CRASH = "crash"


class SetupPart(StrEnum):
    """Which of a mistake's programs."""

    CODE = "code"
    FIX = "fix"
    TRUTH = "truth"


def _always(*_ignored: object) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A way to go wrong with ``nn.LSTM``: how it looks, why, and what to change.

    Attributes
    ----------
    name : str
        Unique, lower case with hyphens.
    title : str
        What was done, in a few words.
    kind : MistakeKind
    why : str
        One sentence.
    wrong, right : callable
        From a setting to the lines that go wrong and the lines that go right.
    begin : callable
        From a setting to the lines that both start with; they make ``lstm`` and ``x``.
    when : callable
        Whether a setting can show the mistake.
    needs : str
        What `when` asks for, in words; empty if any setting will do.
    example : mapping
        Settings under which `when` holds, whatever the others are.
    messages : tuple of Pattern
        What PyTorch says, over its versions; what it means, `readings` tell.
    result : str
        For a silent mistake, the variable whose numbers differ.
    proof : callable or None
        Lines to run after the right ones that compute `result` in another, plainer way.
    """

    name: str
    title: str
    kind: MistakeKind
    why: str
    wrong: Callable[[Setting], Lines]
    right: Callable[[Setting], Lines]
    begin: Callable[[Setting], Lines] = ordinary
    when: Callable[[Setting], bool] = _always
    needs: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[Pattern[str], ...] = ()
    result: str = ""
    proof: Callable[[Setting], Lines] | None = None

    def applies(self, spec: RunSpec) -> bool:
        """Return whether `spec` can show the mistake."""
        return self.when(Setting(spec))

    def setup(self, spec: RunSpec) -> Lines:
        """Return the lines that the wrong and the right program start with."""
        return self.begin(Setting(spec))

    def code(self, spec: RunSpec) -> Lines:
        """Return the wrong lines, with the sizes of `spec`."""
        return self.wrong(Setting(spec))

    def fix(self, spec: RunSpec) -> Lines:
        """Return the right lines, with the sizes of `spec`."""
        return self.right(Setting(spec))

    def truth(self, spec: RunSpec) -> Lines:
        """Return the lines that check the right ones; empty where an error is its own proof."""
        return self.proof(Setting(spec)) if self.proof else ()

    def program(self, spec: RunSpec, part: SetupPart = SetupPart.CODE) -> Lines:
        """Return a whole program, imports included, that runs as it stands."""
        body = self.setup(spec)
        body += self.code(spec) if part is SetupPart.CODE else self.fix(spec)
        body += self.truth(spec) if part is SetupPart.TRUTH else ()
        return (*_imports(body), *body)

    def matches(self, text: str, start: int = 0) -> list[Match[str]]:
        """Return the places at or after `start` where `text` holds one of the messages."""
        found = [m for pattern in self.messages for m in pattern.finditer(text, start)]
        return sorted(found, key=lambda match: match.start())

    def match(self, text: str) -> Match[str] | None:
        """Return the first place where `text` holds one of the messages."""
        return next(iter(self.matches(text)), None)

    def nearest(self, told: Mapping[str, Any], spec: RunSpec) -> dict[str, Any] | None:
        """Return the settings to change in `spec` to reproduce the mistake.

        Parameters
        ----------
        told : mapping
            Settings that a message tells of; empty for any that show the mistake.
        spec : RunSpec

        Returns
        -------
        dict or None
            Only what differs, for `RunSpec.changed`; empty if nothing need change, None if no
            valid setting was found.
        """
        free = {"lengths": None, **told}
        for wanted in (dict(told), free, {**self.example, **free}, {**free, **self.example}):
            try:
                changed = spec.changed(**wanted)
            except SpecError:
                continue
            if self.applies(changed):
                return {k: v for k, v in wanted.items() if spec.value(k) != v}
        return None


_RNN_FUNCTIONS: Final = ("pack_padded_sequence", "pad_packed_sequence")


def _imports(body: Lines) -> Lines:
    source = "\n".join(body)
    numpy = ("import numpy as np",) if "np." in source else ()
    packing = ", ".join(name for name in _RNN_FUNCTIONS if name in source)
    rnn = (f"from torch.nn.utils.rnn import {packing}",) if packing else ()
    return (*numpy, "import torch", "from torch import nn", *rnn, "")
