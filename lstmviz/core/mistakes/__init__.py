"""The classic mistakes with ``nn.LSTM``: how they look, why, and what to change."""

from lstmviz.core.mistakes.catalogue import CATALOGUE, GROUPS, mistake
from lstmviz.core.mistakes.explanation import Explanation, explain, format_explanation
from lstmviz.core.mistakes.mistake import Kind, Mistake, Part

__all__ = [
    "CATALOGUE",
    "GROUPS",
    "Explanation",
    "Kind",
    "Mistake",
    "Part",
    "explain",
    "format_explanation",
    "mistake",
]
