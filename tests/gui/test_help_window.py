"""The help window: whole pages, every key, and nothing that stays behind a page that was left."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from lstmviz.gui.app.actions import ACTIONS, MENUS, make_actions
from lstmviz.gui.app.commands import Commands
from lstmviz.gui.help.keyboard import KEYBOARD, keyboard_table
from lstmviz.gui.help.pages import pages
from lstmviz.gui.help.window import HelpWindow
from lstmviz.gui.theme import Scheme

HEADING = re.compile(r"^#+ .*$", re.MULTILINE)


@pytest.fixture
def window(qtbot, document, appearance):
    subject = QWidget()
    qtbot.addWidget(subject)
    window = HelpWindow(document, appearance, subject)
    qtbot.addWidget(window)
    return window


@pytest.mark.usefixtures("app")
def test_no_page_has_a_heading_with_nothing_under_it():
    for page in pages():
        prose = re.sub(r"^```.*?^```$", "code", page.text, flags=re.MULTILINE | re.DOTALL)
        sections = HEADING.split(prose)[1:]
        assert len(sections) == len(HEADING.findall(prose)) >= 1
        assert all(re.sub(r"<!--.*?-->", "", text).strip() for text in sections), page.name
        assert KEYBOARD not in page.text


def test_the_keyboard_table_lists_every_action_as_it_is_called(app, appearance, window):
    actions = make_actions(Commands(appearance).by_name(), appearance, app)
    window.open_page("getting-around")
    shown = window.text.toPlainText()
    lines = keyboard_table().splitlines()[2:]
    assert len(lines) == len(ACTIONS) == len(actions)
    for spec, line in zip(ACTIONS, lines, strict=True):
        menu, text, keys = (cell.strip() for cell in line.strip("|").split("|"))
        assert (menu, text) == (spec.menu.replace("&", ""), spec.text.replace("&", "").rstrip("…"))
        assert f"{text}\n{keys}" in shown
        for shortcut in actions[spec.name].shortcuts():
            assert shortcut.toString(QKeySequence.SequenceFormat.NativeText) in keys.split(" or ")
        actions[spec.name].deleteLater()


def test_the_letters_of_a_menu_lead_to_one_action_each():
    assert len({menu[menu.index("&") + 1].upper() for menu in MENUS}) == len(MENUS)
    for menu in MENUS:
        texts = [spec.text for spec in ACTIONS if spec.menu == menu]
        letters = [text[text.index("&") + 1].upper() for text in texts]
        assert len(set(letters)) == len(letters), menu


def test_two_hundred_pages_leave_nothing_behind(window, appearance):
    def alive():
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return Counter(type(child).__name__ for child in window.findChildren(QObject))

    names = [page.name for page in pages()]
    for name in names:
        window.open_page(name)
    before = alive()
    for count in range(200):
        window.open_page(names[count % len(names)])
        if count % 50 == 0:
            appearance.set_scheme(Scheme.DARK if count % 100 else Scheme.LIGHT)
    window.open_page(names[-1])
    assert alive() == before


def test_a_page_starts_at_its_top(window):
    window.resize(500, 300)
    window.open_page("gates")
    window.text.verticalScrollBar().setValue(10_000)
    assert window.text.verticalScrollBar().value() > 0
    window.open_page("packed")
    assert window.text.verticalScrollBar().value() == 0
