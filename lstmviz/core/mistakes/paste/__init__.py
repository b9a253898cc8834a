"""What people paste: cleaned of what terminals, mails and web pages add, and read into parts."""

from lstmviz.core.mistakes.paste.cleaning import cleaned
from lstmviz.core.mistakes.paste.evidence import Evidence, evidence_in
from lstmviz.core.mistakes.paste.frames import Frame, frames
from lstmviz.core.mistakes.paste.raised import Raised, Weight
from lstmviz.core.mistakes.paste.source import (
    MethodCall,
    arguments_of,
    assigned,
    method_call,
)
from lstmviz.core.mistakes.paste.subject import Subject
from lstmviz.core.mistakes.paste.telling import telling
from lstmviz.core.mistakes.paste.wrapping import joined_lines, variants

__all__ = [
    "Evidence",
    "Frame",
    "MethodCall",
    "Raised",
    "Subject",
    "Weight",
    "arguments_of",
    "assigned",
    "cleaned",
    "evidence_in",
    "frames",
    "joined_lines",
    "method_call",
    "telling",
    "variants",
]
