"""What people paste: cleaned of what terminals, mails and web pages add, and read into parts."""

from lstmviz.core.mistakes.paste.cleaning import cleaned
from lstmviz.core.mistakes.paste.evidence import Evidence, gathered
from lstmviz.core.mistakes.paste.frames import Frame, frames
from lstmviz.core.mistakes.paste.raised import Raised, Weight
from lstmviz.core.mistakes.paste.telling import telling
from lstmviz.core.mistakes.paste.wrapping import unwrapped, variants

__all__ = [
    "Evidence",
    "Frame",
    "Raised",
    "Weight",
    "cleaned",
    "frames",
    "gathered",
    "telling",
    "unwrapped",
    "variants",
]
