"""What the error lab says, as rich text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from lstmviz.core.mistakes import Explanation, Mistake, MistakeKind
from lstmviz.core.mistakes.experiment import Difference, Experiment, Numbers, ended
from lstmviz.core.mistakes.readings import Sure
from lstmviz.core.scenes.colors import Theme
from lstmviz.core.spec import RunSpec
from lstmviz.gui.richtext import escape

_SHOWN_NUMBERS = 4
OUTCOME: Final = "outcome"
"""The anchor at the programs and what came of them."""


def explanation_html(explanation: Explanation, theme: Theme) -> str:
    """Return what a pasted message means."""
    if not explanation.title:
        search = escape(explanation.search)
        phrase = f"<p>To search for: <code>{search}</code></p>" if search else ""
        warned = "".join(f"<p>{_WARNED} {escape(other)}</p>" for other in explanation.also)
        return f"<p>{escape(explanation.sentence)}</p>{phrase}{warned}"
    muted = f'<p style="color:{theme.muted}">'
    parts = [f"<p><b>{escape(explanation.title)}</b></p>"]
    if doubt := _DOUBTS.get(explanation.sure):
        parts.append(f"{muted}{doubt}</p>")
    parts.append(f"<p>{escape(explanation.sentence)}</p>")
    if explanation.why and explanation.why not in explanation.sentence:
        parts.append(f"<p>{escape(explanation.why)}</p>")
    if explanation.place:
        parts.append(f"{muted}{escape(explanation.place)}</p>")
    if explanation.fix:
        parts.append(_program("What to write", explanation.fix, theme.good, theme))
    parts += [f"{muted}It may also be: {escape(other)}</p>" for other in explanation.also]
    return "".join(parts)


_WARNED: Final = "The text also holds a warning that is known."
_DOUBTS: Final = {
    Sure.POSSIBLE: "Other operations give this message too; look at the line that raised it.",
    Sure.LIKELY: "Most likely; the message itself leaves the cause open.",
}


def mistake_html(
    mistake: Mistake,
    spec: RunSpec,
    experiment: Experiment | None,
    theme: Theme,
    *,
    wide: bool = False,
) -> str:
    """Return a mistake with its wrong and right lines, and what came of running them.

    Parameters
    ----------
    mistake : Mistake
    spec : RunSpec
    experiment : Experiment or None
    theme : Theme
    wide : bool
        Whether there is room for the two programs side by side.
    """
    if not mistake.applies(spec):
        return (
            f"<p><b>{escape(mistake.title)}</b></p><p>{escape(mistake.why)}</p>"
            f'<p style="color:{theme.muted}">It needs {escape(mistake.needs)}.</p>'
        )
    wrong, right = (experiment["code"], experiment["fix"]) if experiment else (None, None)
    silent = mistake.kind is MistakeKind.SILENT
    apart = experiment["wrong_right"] if experiment else None
    where = apart["index"] if apart else []
    bad = [
        _program("✕ wrong", mistake.code(spec), theme.bad, theme),
        _outcome(ended(wrong), theme.bad, theme) if wrong and not silent else "",
        _numbers(wrong["numbers"], where, theme.bad, theme) if wrong and silent else "",
    ]
    good = [
        _program("✓ right", mistake.fix(spec), theme.good, theme),
        _outcome(ended(right), theme.good, theme) if right and not silent else "",
        _numbers(right["numbers"], where, theme.good, theme) if right and silent else "",
    ]
    return "".join(
        (
            f"<p><b>{escape(mistake.title)}</b></p><p>{escape(mistake.why)}</p>",
            _program("Both begin with", mistake.setup(spec), theme.muted, theme),
            f'<a name="{OUTCOME}"></a>',
            _side_by_side("".join(bad), "".join(good)) if wide else "".join((*bad, *good)),
            _verdict(experiment, theme) if experiment is not None else "",
        )
    )


def setup_sentence(
    changes: Mapping[str, object] | None, told: Mapping[str, object], held: Mapping[str, object]
) -> str:
    """Return what setting the window up would change, or has changed; empty if neither.

    Parameters
    ----------
    changes : mapping or None
        Settings still to be changed; None where the window cannot be set up.
    told : mapping
        Settings that the message gives.
    held : mapping
        Settings that were set from here and still stand.
    """
    if changes:
        own = {name: value for name, value in changes.items() if name in told}
        rest = {name: value for name, value in changes.items() if name not in told}
        parts = [f"from your message: {_settings(own)}"] if own else []
        if rest:
            parts.append(f"so that it can happen: {_settings(rest)}")
        return f"Will set, {'; '.join(parts)}."
    if held:
        return f"Set {_settings(held)}. Undo takes it back in one step."
    if told and changes is not None:
        return "The window is set up like this."
    return ""


def _settings(settings: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in settings.items())


def _value(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "on" if value else "off"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _side_by_side(left: str, right: str) -> str:
    cell = '<td width="50%" style="padding-right:8px">'
    return f'<table width="100%"><tr>{cell}{left}</td>{cell}{right}</td></tr></table>'


def _program(title: str, lines: Iterable[str], color: str, theme: Theme) -> str:
    code = escape("\n".join(lines))
    return (
        f'<p style="color:{color};margin-bottom:2px">{title}</p>'
        f'<pre style="background:{theme.panel};white-space:pre-wrap">{code}</pre>'
    )


def _outcome(sentence: str, color: str, theme: Theme) -> str:
    return (
        f'<pre style="color:{color};background:{theme.panel};white-space:pre-wrap">'
        f"{escape(sentence)}</pre>"
    )


def _numbers(numbers: Numbers | None, where: list[int], color: str, theme: Theme) -> str:
    """Return the numbers from `where` on, which is where wrong and right are farthest apart."""
    if numbers is None:
        return ""
    shape, values = tuple(numbers["shape"]), numbers["values"]
    start = 0
    if len(where) == len(shape):
        for index, size in zip(where, shape, strict=True):
            start = start * size + index
    if start >= len(values):
        start, where = 0, []
    shown = ", ".join(f"{value:.4f}" for value in values[start : start + _SHOWN_NUMBERS])
    place = f" from {where}" if start else ""
    return _outcome(f"shape {shape}{place}: {shown}, …", color, theme)


def _verdict(experiment: Experiment, theme: Theme) -> str:
    lines = [f"On torch {experiment['torch']}: {experiment['verdict']}."]
    if experiment["wrong_right"] is not None:
        lines.append(f"Wrong against right: {_far(experiment['wrong_right'])}.")
    if experiment["right_truth"] is not None:
        lines.append(f"Right against a plainer way: {_far(experiment['right_truth'])}.")
    return f'<p style="color:{theme.muted}">{escape(" ".join(lines))}</p>'


def _far(difference: Difference) -> str:
    if difference["max_abs"] is None:
        return "the shapes differ"
    return f"max |difference| {difference['max_abs']:.2g}"
