"""The classic mistakes with ``nn.LSTM``: how they look, why, and what to change."""

from lstmviz.core.mistakes.catalogue import CATALOGUE, GROUPS, mistake
from lstmviz.core.mistakes.explanation import Explanation, explain, format_explanation
from lstmviz.core.mistakes.mistake import Mistake, MistakeKind, SetupPart

__all__ = [
    "CATALOGUE",
    "GROUPS",
    "Explanation",
    "Mistake",
    "MistakeKind",
    "SetupPart",
    "explain",
    "format_explanation",
    "mistake",
]
