"""From a pasted message or traceback to what it means and what to write."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from typing import Any, Final

from lstmviz.core.mistakes.catalogue import mistake as named
from lstmviz.core.mistakes.choosing import Candidate, ChosenReading, choose
from lstmviz.core.mistakes.mistake import Mistake
from lstmviz.core.mistakes.paste import Evidence, Raised, Subject, Weight
from lstmviz.core.mistakes.readings import Sure
from lstmviz.core.mistakes.setting import Lines, Setting
from lstmviz.core.spec import RunSpec, SpecError

LONGEST: Final = 200_000
"""Characters read of a pasted text, counted from its end."""
_MESSAGE: Final = 400
"""Characters of a message that are said back."""
_SIZES: Final = re.compile(r"[\[(]\d{1,9}(?:, ?\d{1,9})+,?[\])]|\b\d{1,9}(?:x\d{1,9})+\b")
_DTYPES: Final = re.compile(
    r"\btorch\.(?:float|int|bfloat|bool|uint|complex)\w*|\b(?:Float|Double|Half|BFloat16|Long)\b"
)

_ERROR_WORDS: Final = re.compile(r"error|fail|must |expected|invalid|warn", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a pasted text means.

    Attributes
    ----------
    exception : str
        The exception's type, e.g. ``"RuntimeError"``; empty if the text names none.
    message : str
        The line that was read.
    title : str
        What was done, in a few words; empty when the text is not one we know.
    mistake : Mistake or None
        The mistake of the catalogue that shows it, if there is one.
    sentence : str
        What the message means, with its own sizes; for an unknown text, that it is unknown and what
        is certain all the same.
    why : str
        The rule behind it; may be empty.
    sure : Sure
    place : str
        The reader's own line, where the text shows it.
    also : tuple of str
        What else it may be.
    sizes : dict of str to str
        What was pulled out of the message.
    fix : tuple of str
        What to write; what is not known is a letter.
    told : dict
        Settings that the message itself gives: the reader's own sizes.
    spec_change : dict or None
        What to change in the spec to have those, and to reproduce the mistake if the catalogue has
        it, for `RunSpec.changed`; empty if nothing need change, None if that cannot be.
    search : str
        A phrase to search for; empty when the message is known.
    """

    exception: str
    message: str
    title: str = ""
    mistake: Mistake | None = None
    sentence: str
    why: str = ""
    sure: Sure = Sure.POSSIBLE
    place: str = ""
    also: tuple[str, ...] = ()
    sizes: dict[str, str]
    fix: Lines = ()
    told: dict[str, Any] = field(default_factory=dict)
    spec_change: dict[str, Any] | None = None
    search: str = ""

    @property
    def certain(self) -> bool:
        """Whether the message says so itself."""
        return self.sure is Sure.CERTAIN

    def __str__(self) -> str:
        return format_explanation(self)


def explain(text: str, spec: RunSpec | None = None) -> Explanation:
    """Find out what a message or a whole traceback means.

    Parameters
    ----------
    text : str
        As pasted, with whatever terminals, mails and logs have put around it.
    spec : RunSpec, optional
        The setting to speak of; without one the sentence keeps to the message's own sizes.
    """
    choice = choose(text[-LONGEST:], Setting(spec) if spec else None)
    if choice.chosen is None:
        return _unknown(choice.evidence, choice.others)
    return _explained(choice, choice.chosen, spec or RunSpec())


def format_explanation(explanation: Explanation) -> str:
    """Return an explanation as plain text, for a terminal."""
    e = explanation
    said = f"{e.exception}: {e.message}" if e.exception else e.message
    blocks = [_wrapped(said)] if said else []
    if not e.title:
        blocks.append(_wrapped(e.sentence))
        blocks += [f"Search for:  {e.search}"] if e.search else []
        blocks += (
            [_listed("The text also holds a warning that is known:", e.also)] if e.also else []
        )
        return "\n\n".join(blocks) + "\n"
    name = f"{e.title}  [{e.mistake.name}]" if e.mistake else e.title
    doubt = {Sure.POSSIBLE: f"{SHARED}\n", Sure.LIKELY: "Most likely:\n"}.get(e.sure, "")
    blocks.append(f"{doubt}{name}")
    blocks.append(_wrapped(e.sentence))
    if e.why and e.why not in e.sentence:
        blocks.append(_wrapped(e.why))
    if e.place:
        blocks.append(_wrapped(e.place))
    if e.fix:
        blocks.append("\n".join(("What to write:", *(f"    {line}" for line in e.fix))))
    if e.spec_change:
        changes = ", ".join(f"{name}={value}" for name, value in e.spec_change.items())
        end = "To see it happen, set" if e.mistake else "To see it with your own sizes, set"
        blocks.append(_wrapped(f"{end} {changes}."))
    if e.also:
        blocks.append(_listed("Also possible:", e.also))
    return "\n\n".join(blocks) + "\n"


SHARED: Final = "Other operations say this too. Around an LSTM it usually means:"


def _listed(head: str, items: tuple[str, ...]) -> str:
    return "\n".join((head, *(_wrapped(f"- {one}") for one in items)))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 88, break_long_words=False, break_on_hyphens=False)


def _explained(choice: ChosenReading, chosen: Candidate, base: RunSpec) -> Explanation:
    said, finding = chosen.said, chosen.finding
    mistake = named(finding.mistake) if finding.mistake else None
    told = dict(finding.told)
    change = mistake.nearest(told, base) if mistake else _own_sizes(told, base)
    own = said.own
    place = f"At {own.place()}: {own.code}" if own and own.code else ""
    others = tuple(f"{o.finding.title}: {o.finding.sentence}" for o in choice.others)
    return Explanation(
        exception=said.raised.type if said.raised else "",
        message=_short(said.raised.message or said.match[0]) if said.raised else said.match[0],
        title=finding.title,
        mistake=mistake,
        sentence=finding.sentence,
        why=finding.why,
        sure=finding.sure,
        place=_short(place or (f"At {own.place()}." if own else "")),
        also=(*finding.also, *others, *_after(choice.evidence, said.raised)),
        sizes={n: value for n, value in said.match.groupdict().items() if value is not None},
        fix=finding.code,
        told=told,
        spec_change=change,
    )


def _own_sizes(told: dict[str, Any], base: RunSpec) -> dict[str, Any] | None:
    """Return what to change in `base` to have the settings told; None where that cannot be."""
    if not told:
        return None
    try:
        base.changed(**told)
    except SpecError:
        return None
    return {name: value for name, value in told.items() if base.value(name) != value}


def _after(evidence: Evidence, read: Raised | None) -> tuple[str, ...]:
    """Name an exception that came after the one explained, and is another."""
    later = [
        one
        for one in evidence.raised
        if one.weight is Weight.EXCEPTION and one.type and (read is None or one.start >= read.end)
    ]
    if not later or (read and later[-1].message == read.message):
        return ()
    last = later[-1]
    said = f"{last.type}: {_short(last.message)}" if last.message else last.type
    return (f"The text goes on with {said}, which this does not explain.",)


def _unknown(evidence: Evidence, others: tuple[Candidate, ...] = ()) -> Explanation:
    told = sorted(evidence.raised, key=lambda one: (one.weight, one.start))
    one = told[-1] if told else None
    said = _whole_message(evidence, one) if one else _telling_line(evidence.text)
    kind = one.type if one else ""
    if not said and not kind:
        sentence = "There is nothing to explain. Paste an error message or a whole traceback."
        return Explanation(exception="", message="", sentence=sentence, sizes={})
    sentence = (
        "This is not a mistake that lstmviz knows, so it does not guess."
        if one or _ERROR_WORDS.search(said)
        else "No error message was found in this text. Paste a traceback down to its last line."
    )
    certain = _certain(evidence, one)
    return Explanation(
        exception=kind,
        message=_short(said),
        sentence=f"{sentence} {certain}".strip(),
        also=tuple(f"{o.finding.title}: {o.finding.sentence}" for o in others),
        sizes={},
        search=_search_phrase(evidence, kind, said),
    )


def _whole_message(evidence: Evidence, one: Raised) -> str:
    """Return an exception's first line, and the second paragraph where that goes on telling."""
    paragraphs = re.split(r"\n\s*\n", evidence.whole(one))
    second = " ".join(paragraphs[1].split()) if len(paragraphs) > 1 else ""
    return f"{one.message} {second}" if _ERROR_WORDS.search(second) else one.message


def _search_phrase(evidence: Evidence, kind: str, said: str) -> str:
    """Return what to search for: the message without its numbers, and whose it is."""
    phrase = re.sub(r"0x[0-9a-fA-F]+|\d+", " ", said)
    phrase = " ".join(re.sub(r"[^\w\s.'-]", " ", phrase).split()[:14])
    is_torch = evidence.subject is not Subject.OTHER or evidence.mentions(r"torch|\bnn\.")
    library = "keras" if evidence.mentions("keras|tensorflow") else "pytorch" if is_torch else ""
    lstm = "LSTM" if evidence.mentions("lstm") and "lstm" not in phrase.lower() else ""
    return " ".join(part for part in (library, lstm, kind, phrase) if part)


def _certain(evidence: Evidence, one: Raised | None) -> str:
    """Return what an unknown message says for certain: the place, the sizes, the dtypes."""
    whole = evidence.whole(one) if one else evidence.text
    parts = []
    stack = evidence.stack(one)
    own = next((frame for frame in reversed(stack) if not frame.is_library), None)
    if own:
        parts.append(f"It was raised from {own.place()}")
    if stack and own is not stack[-1]:
        parts.append(f"the innermost call is {stack[-1].function} in {stack[-1].name}")
    sizes = list(dict.fromkeys(_SIZES.findall(whole)))[:4]
    if sizes:
        parts.append(f"the message names the sizes {', '.join(sizes)}")
    dtypes = list(dict.fromkeys(_DTYPES.findall(whole)))[:4]
    if dtypes:
        parts.append(f"it names the dtypes {', '.join(dtypes)}")
    if not parts:
        return ""
    told = "; ".join(parts)
    return f"What is certain: {told[0].lower()}{told[1:]}."


def _short(text: str) -> str:
    text = text.strip().rstrip("`*")
    return text if len(text) <= _MESSAGE else f"{text[:_MESSAGE].rstrip()}…"


def _telling_line(text: str) -> str:
    """Return the last line that speaks of an error, else the last that is none of the log's own."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if _ERROR_WORDS.search(line)]
    return (telling or lines or [""])[-1][:300]
