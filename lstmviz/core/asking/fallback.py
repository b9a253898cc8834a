"""What to ask for in place of what the engine has refused."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from lstmviz.core.asking.asked import Asked
from lstmviz.core.spec import RunSpec, SpecError


def fallback(refused: Asked, field: str, ran: Asked | None) -> Asked | None:
    """Return `refused` with the setting at fault as it last ran, or all as it last ran.

    Parameters
    ----------
    refused : Asked
    field : str
        The setting at fault; empty where nobody can tell.
    ran : Asked or None
        What the numbers shown are of; None before the first. The setting at fault takes its
        default then, as it does where another scenario is shown.

    Returns
    -------
    Asked or None
        Never `refused`; None where nothing better is known.
    """
    base = ran if ran is not None and ran.name == refused.name else _defaults(refused)
    if field in refused.differences(base):
        # Where the other settings do not go with it, all of them go back.
        with suppress(SpecError):
            mended = refused.changed(**{field: base.settings()[field]})
            if mended != refused:
                return mended
    return ran if ran != refused else None


def _defaults(asked: Asked) -> Asked:
    """Return the default settings of what is shown."""
    if asked.choice is None:
        return replace(asked, spec=RunSpec())
    return replace(asked, choice=type(asked.choice)(asked.choice.name))
