"""All the mistakes, in the order a learner meets them; where messages agree, likelier first."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.building import BUILDING
from lstmviz.core.mistakes.cells import CELL_MISTAKES
from lstmviz.core.mistakes.inputs import INPUTS
from lstmviz.core.mistakes.mistake import Mistake
from lstmviz.core.mistakes.packing import PACKING
from lstmviz.core.mistakes.results import RESULTS
from lstmviz.core.mistakes.silent_last import SILENT_LAST
from lstmviz.core.mistakes.silent_mix import SILENT_MIX
from lstmviz.core.mistakes.state import STATE
from lstmviz.core.mistakes.state_form import STATE_FORM
from lstmviz.core.mistakes.tokens import TOKENS

GROUPS: Final[tuple[tuple[str, tuple[Mistake, ...]], ...]] = (
    ("What is fed", (*TOKENS, *INPUTS)),
    ("The initial state", (*STATE, *STATE_FORM)),
    ("Cells", CELL_MISTAKES),
    ("Packing", PACKING),
    ("What comes back", RESULTS),
    ("Building, loading, training", BUILDING),
    ("Silent: the wrong summary", SILENT_LAST),
    ("Silent: numbers mixed up", SILENT_MIX),
)
"""The mistakes by where they happen, in the order a learner meets them."""

CATALOGUE: Final[tuple[Mistake, ...]] = tuple(one for _, group in GROUPS for one in group)

_BY_NAME: Final = {mistake.name: mistake for mistake in CATALOGUE}


def mistake(name: str) -> Mistake:
    """Return the mistake called `name`.

    Raises
    ------
    KeyError
        There is none.
    """
    return _BY_NAME[name]
