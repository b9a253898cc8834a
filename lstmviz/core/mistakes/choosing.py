"""Which message of a text counts, and what may be concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lstmviz.core.mistakes.paste import (
    Evidence,
    Raised,
    Weight,
    cleaned,
    evidence_in,
    telling,
    variants,
)
from lstmviz.core.mistakes.readings import READINGS, Finding, Said, Sure
from lstmviz.core.mistakes.setting import Setting

_CAUSED: Final = "direct cause of the following exception"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message and what is concluded from it."""

    said: Said
    finding: Finding
    order: int

    @property
    def weight(self) -> Weight:
        """How far the message itself counts; outside of any exception, little."""
        return self.said.raised.weight if self.said.raised else Weight.ASIDE


@dataclass(frozen=True, slots=True)
class ChosenReading:
    """What a text comes to.

    Attributes
    ----------
    evidence : Evidence
        The reading of the text that was used.
    chosen : Candidate or None
    others : tuple of Candidate
        What else the text may be taken for, best first, each of another title.
    """

    evidence: Evidence
    chosen: Candidate | None
    others: tuple[Candidate, ...] = ()


def choose(text: str, setting: Setting | None) -> ChosenReading:
    """Read `text` in each way that it can have been broken, and take the one that says most."""
    ways = [evidence_in(variant) for variant in variants(cleaned(telling(text)))]
    found = [_candidates(evidence, setting) for evidence in ways]
    # A text put together wrongly loses messages; of equally good ways the likelier stands first.
    best = max(range(len(ways)), key=lambda n: (len(found[n]), len(ways[n].frames), -n))
    if not found[best]:
        return ChosenReading(evidence_in(cleaned(telling(text))), None)
    chosen, *others = _ranked(ways[best], found[best])
    if _stopped_by_another(ways[best], chosen):
        return ChosenReading(ways[best], None, (chosen, *_distinct(chosen, others)))
    return ChosenReading(ways[best], chosen, _distinct(chosen, others))


def _stopped_by_another(evidence: Evidence, chosen: Candidate) -> bool:
    """Tell whether only a warning is known, and an exception after it ended the program."""
    warning = chosen.said.raised
    if warning is None or warning.weight is not Weight.WARNING:
        return False
    later = [one for one in evidence.raised if one.start >= warning.end]
    return any(one.weight is Weight.EXCEPTION and one.type for one in later)


def _candidates(evidence: Evidence, setting: Setting | None) -> list[Candidate]:
    found: list[Candidate] = []
    lowered = evidence.text.lower()
    for order, reading in enumerate(READINGS):
        for match in reading.matches(evidence.text, lowered):
            said = Said(match, evidence, _holder(evidence, match.start()), setting)
            if said.raised is None and _is_source(evidence.text, match.start()):
                continue
            concluded = reading.conclude(said)
            finding = concluded and concluded.fitting(evidence.subject)
            if finding is not None:
                found.append(Candidate(said, finding, order))
    return found


def _holder(evidence: Evidence, place: int) -> Raised | None:
    holders = [one for one in evidence.raised if one.start <= place < one.end]
    return holders[-1] if holders else None


def _is_source(text: str, place: int) -> bool:
    """Tell whether a place is inside a line of source that would raise a message."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    above = text[:place].rstrip().rsplit("\n", 2)[-2:]
    return "raise " in line or (bool(above) and above[0].rstrip().endswith(("Error(", "warn(")))


def _ranked(evidence: Evidence, found: list[Candidate]) -> list[Candidate]:
    chains = _chains(evidence)

    def rank(one: Candidate) -> tuple[int, int, int, int, int]:
        start = one.said.raised.start if one.said.raised else one.said.match.start()
        chain = chains.get(start, start)
        # The last of several tracebacks, and in a chain of causes the first.
        return (-one.weight, -chain, start, -one.finding.sure, one.order)

    return sorted(found, key=rank)


def _chains(evidence: Evidence) -> dict[int, int]:
    """Return, for what was raised, where its chain of causes ends."""
    last: dict[int, int] = {}
    for later, earlier in zip(evidence.raised[::-1], evidence.raised[-2::-1], strict=False):
        if _CAUSED in evidence.text[earlier.start : later.start]:
            last[earlier.start] = last.get(later.start, later.start)
    return last


def _distinct(chosen: Candidate, others: list[Candidate]) -> tuple[Candidate, ...]:
    titles = {chosen.finding.title}
    kept = []
    for other in others:
        same_place = other.said.raised == chosen.said.raised
        doubtful = same_place and other.finding.sure < Sure.LIKELY
        if other.finding.title not in titles and not doubtful:
            titles.add(other.finding.title)
            kept.append(other)
    return tuple(kept[:3])
