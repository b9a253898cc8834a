from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence

from lstmviz.core import resources
from lstmviz.gui.app.actions import ACTIONS, MENUS
from lstmviz.gui.app.commands import Commands

README = Path(__file__).parents[2] / "README.md"


def plain(text):
    return text.replace("&", "").rstrip("…")


def test_names_are_unique_and_each_does_something(appearance):
    names = [spec.name for spec in ACTIONS]
    assert len(set(names)) == len(names)
    assert set(Commands(appearance).by_name()) == set(names)


def test_keys_are_real_and_mean_one_thing(app):  # noqa: ARG001 - key names need it
    keys = [QKeySequence(key).toString() for spec in ACTIONS for key in spec.keys]
    assert all(keys)
    assert len(set(keys)) == len(keys)


def test_no_key_is_one_that_typing_needs():
    editing = {"Ctrl+A", "Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+E", "Ctrl+K", "Ctrl+U", "Ctrl+Left"}
    editing |= {"Ctrl+Right", "Left", "Right", "Home", "End", "Space", "Backspace", "Tab"}
    assert not editing & {key for spec in ACTIONS for key in spec.keys}


@pytest.mark.parametrize("menu", MENUS)
def test_letters_in_a_menu_are_unique(menu):
    texts = [spec.text for spec in ACTIONS if spec.menu == menu]
    letters = [text[text.index("&") + 1].lower() for text in texts]
    assert len(set(letters)) == len(letters)


def test_letters_of_the_menus_are_unique():
    letters = [text[text.index("&") + 1].lower() for text in MENUS]
    assert len(set(letters)) == len(letters)
    assert {spec.menu for spec in ACTIONS} == set(MENUS)


def test_every_icon_is_there():
    for spec in ACTIONS:
        assert not spec.icon or (resources.root() / "icons" / f"{spec.icon}.svg").is_file()


@pytest.mark.skipif(not README.is_file(), reason="only in a checkout")
def test_the_readme_s_keyboard_table_is_the_program_s():
    table = {
        keys: does
        for keys, does in re.findall(
            r"^\| ([^|]+) \| ([^|]+) \|$", README.read_text("utf-8"), re.MULTILINE
        )
        if keys not in ("Key", "---")
    }
    ours = {", ".join(spec.keys): plain(spec.text) for spec in ACTIONS if spec.keys}
    assert table == ours
