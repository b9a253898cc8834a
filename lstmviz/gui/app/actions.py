"""Every action as data: its name, where it stands, its key and its icon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from lstmviz.gui.icons import icon
from lstmviz.gui.richtext import plain_tip
from lstmviz.gui.theme import Appearance


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One thing the user can do.

    Attributes
    ----------
    name : str
        What the composition root knows it by.
    menu : str
        Menu it stands in.
    text : str
        With ``&`` before the letter that reaches it by keyboard.
    keys : tuple of str
        Shortcuts, the first shown.
    icon : str
        File in ``resources/icons`` without its ending, or empty.
    is_switch : bool
        Whether it is on or off.
    separated : bool
        Whether a line stands above it.
    """

    name: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    is_switch: bool = False
    separated: bool = False


MENUS: Final = ("&File", "&Edit", "&View", "&Time", "&Scenarios", "E&xport", "&Help")

SCENARIO_TITLES: Final = {
    "": "Single &LSTM",
    "sentence-classifier": "&Sentence classifier",
    "encoder-decoder": "&Encoder and decoder",
    "variable-lengths": "&Variable lengths",
    "chunks": "Long sequences in &chunks",
    "counter": "&A cell that counts",
    "forecaster": "A &forecaster",
}
"""Written out here: a start need not load the scenarios to have their menu."""

ACTIONS: Final[tuple[ActionSpec, ...]] = (
    ActionSpec(name="open", menu="&File", text="&Open session…", keys=("Ctrl+O",)),
    ActionSpec(name="save", menu="&File", text="&Save session as…", keys=("Ctrl+Shift+S",)),
    ActionSpec(
        name="reset", menu="&File", text="&Default settings", keys=("Ctrl+N",), separated=True
    ),
    ActionSpec(name="quit", menu="&File", text="&Quit", keys=("Ctrl+Q",), separated=True),
    ActionSpec(name="undo", menu="&Edit", text="&Undo", keys=("Ctrl+Z",), icon="undo"),
    ActionSpec(
        name="redo", menu="&Edit", text="&Redo", keys=("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo"
    ),
    ActionSpec(
        name="reseed",
        menu="&Edit",
        text="R&eseed",
        keys=("Ctrl+R",),
        icon="reseed",
        separated=True,
    ),
    ActionSpec(name="run", menu="&Edit", text="Run a&gain", keys=("F5",)),
    ActionSpec(name="cancel", menu="&Edit", text="&Stop the run", keys=("Esc",)),
    ActionSpec(name="start_engine", menu="&Edit", text="Start the engine &again"),
    ActionSpec(
        name="show_settings", menu="&View", text="&Settings", keys=("Ctrl+1",), is_switch=True
    ),
    ActionSpec(name="show_panels", menu="&View", text="&Panels", keys=("Ctrl+2",), is_switch=True),
    ActionSpec(name="zoom_out", menu="&View", text="Show &all steps", keys=("Ctrl+0",)),
    ActionSpec(
        name="scheme_system",
        menu="&View",
        text="Theme of the s&ystem",
        is_switch=True,
        separated=True,
    ),
    ActionSpec(name="scheme_light", menu="&View", text="&Light theme", is_switch=True),
    ActionSpec(name="scheme_dark", menu="&View", text="&Dark theme", is_switch=True),
    ActionSpec(
        name="play", menu="&Time", text="&Play", keys=("Ctrl+Space",), icon="play", is_switch=True
    ),
    ActionSpec(
        name="previous_step",
        menu="&Time",
        text="Step &back",
        keys=("Alt+Left",),
        icon="previous",
        separated=True,
    ),
    ActionSpec(
        name="next_step", menu="&Time", text="Step &forward", keys=("Alt+Right",), icon="next"
    ),
    ActionSpec(
        name="first_step", menu="&Time", text="F&irst step", keys=("Alt+Home",), icon="first"
    ),
    ActionSpec(name="last_step", menu="&Time", text="&Last step", keys=("Alt+End",), icon="last"),
    ActionSpec(name="gallery", menu="&Scenarios", text="&Gallery…", keys=("Ctrl+G",)),
    *(
        ActionSpec(
            name=f"show_{name or 'single'}",
            menu="&Scenarios",
            text=title,
            is_switch=True,
            separated=place < 2,
        )
        for place, (name, title) in enumerate(SCENARIO_TITLES.items())
    ),
    ActionSpec(name="save_picture", menu="E&xport", text="&Save picture…", keys=("Ctrl+S",)),
    ActionSpec(name="copy_picture", menu="E&xport", text="&Copy picture", keys=("Ctrl+Shift+C",)),
    ActionSpec(name="save_trace", menu="E&xport", text="Save &numbers (.npz)…", separated=True),
    ActionSpec(name="help", menu="&Help", text="&Help on this", keys=("F1",)),
    ActionSpec(name="about", menu="&Help", text="&About lstmviz"),
)


def make_actions(
    calls: Mapping[str, Callable[[], object]], appearance: Appearance, parent: QObject
) -> dict[str, QAction]:
    """Return a QAction for every entry of `ACTIONS`, by name.

    Parameters
    ----------
    calls : mapping
        What each does, by name; a switch's new state is read from the action.
    appearance : Appearance
        Tints the icons.
    parent : QObject
        Owns the actions.

    Raises
    ------
    KeyError
        An action has nothing to call.
    """
    made: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = QAction(spec.text, parent)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.is_switch)
        plain = spec.text.replace("&", "").rstrip("…")
        action.setToolTip(plain_tip(f"{plain} ({spec.keys[0]})" if spec.keys else plain))
        call = calls[spec.name]
        action.triggered.connect(lambda _checked=False, call=call: call())
        made[spec.name] = action
    tint_icons(made, appearance)
    appearance.changed.connect(lambda: tint_icons(made, appearance))
    return made


def tint_icons(actions: Mapping[str, QAction], appearance: Appearance) -> None:
    """Give every action its icon in the theme's colours."""
    theme = appearance.theme
    for spec in ACTIONS:
        if spec.icon:
            color = theme.on_accent if spec.name == "play" else theme.text
            actions[spec.name].setIcon(icon(spec.icon, color))
