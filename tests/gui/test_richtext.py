"""Text that is not ours is shown as it is, wherever it comes from and wherever it goes."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtGui import Qt as QtGuiNames
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QTabWidget, QTextBrowser

import lstmviz.gui
from lstmviz.bridge.launch import launch
from lstmviz.core.asking.session import Session
from lstmviz.core.asking.source import Answer, LstmSource
from lstmviz.core.scenarios.choice import Choice
from lstmviz.gui.app.studio import Studio, make_application
from lstmviz.gui.panels.lab import LabPanel
from lstmviz.gui.richtext import Label, RichBrowser, RichLabel, escape, plain_tip
from lstmviz.gui.theme import Appearance, Scheme

GUI = Path(lstmviz.gui.__file__).parent
FILES = sorted(GUI.rglob("*.py"))
EVIL = "<img src='/dev/zero'><b>bold</b>\x1b[31m"


# The rules, read from the source ------------------------------------------------------------------


def calls(tree, name):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            found = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if found == name:
                yield node


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GUI)))
def test_only_one_file_makes_labels_pages_and_rich_text(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    if path.name == "richtext.py":
        return
    assert ("PySide6.QtWidgets", "QLabel") not in imported
    assert not any(module == "html" for module, _name in imported)
    if path.relative_to(GUI) != Path("help/window.py"):  # pages of our own, which have links
        assert ("PySide6.QtWidgets", "QTextBrowser") not in imported
    for call in calls(tree, "setToolTip"):
        (tip,) = call.args
        is_ours = isinstance(tip, ast.Constant)
        made = isinstance(tip, ast.Call) and getattr(tip.func, "id", "") == "plain_tip"
        assert is_ours or made, f"line {call.lineno}: a tooltip that Qt may take for HTML"
    for call in calls(tree, "showText"):
        assert "plain_tip" in ast.dump(call), f"line {call.lineno}"
    for call in calls(tree, "addRow"):
        assert not isinstance(call.args[0], ast.JoinedStr | ast.Name), f"line {call.lineno}"


# The parts ----------------------------------------------------------------------------------------


def test_a_label_shows_html_as_it_is(qtbot):
    label = Label(EVIL, wordWrap=True)
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == "<img src='/dev/zero'><b>bold</b>\\x1b[31m"
    label.setText("x" * 10_000_000)
    assert len(label.text()) < 30_000


@pytest.mark.parametrize("text", [EVIL, "plain", "a < b", "<b>", "a\nb", "<p>a\nb", "<script>"])
def test_a_tooltip_and_a_page_show_text_as_it_is(qtbot, text):
    page = RichBrowser()
    qtbot.addWidget(page)
    shown = text.replace("\x1b", "\\x1b")
    tip = plain_tip(text)
    page.setHtml(f"<pre>{escape(text)}</pre>")
    assert page.toPlainText() == shown
    if QtGuiNames.mightBeRichText(tip):
        page.setHtml(tip)
        assert page.toPlainText() == shown
    else:
        assert tip == shown


def test_a_page_loads_nothing(qtbot, tmp_path):
    from PySide6.QtGui import QImage, QTextDocument

    image = QImage(2, 2, QImage.Format.Format_RGB32)
    image.fill(0)
    image.save(str(tmp_path / "x.png"))
    page = RichBrowser()
    qtbot.addWidget(page)
    page.setHtml(f"<img src='{tmp_path}/x.png'>")
    kind = QTextDocument.ResourceType.ImageResource.value
    assert page.document().resource(kind, f"{tmp_path}/x.png") == b" "


# The whole window ---------------------------------------------------------------------------------


@pytest.fixture
def studio(qapp):
    app = make_application() or qapp
    before = app.palette(), app.styleSheet()
    studio = Studio(launch(), Session(), Appearance(Scheme.LIGHT))
    studio.show()
    settle(studio, lambda: studio.document.run is not None)
    yield studio
    studio.window.close()
    studio.window.deleteLater()
    studio.deleteLater()
    studio.document._run = studio.document._called = None
    app.setStyleSheet(before[1])
    app.setPalette(before[0])


def settle(studio, condition):
    for _ in range(12_000):
        if condition():
            break
        QTest.qWait(5)
    assert condition()
    studio.finish()
    QTest.qWait(20)


def check_every_widget():
    """Assert that no text in sight can be taken for HTML; return all that is shown."""
    shown = []
    for widget in QApplication.allWidgets():
        assert is_harmless(widget.toolTip()), widget
        assert all(is_harmless(action.toolTip()) for action in widget.actions()), widget
        if isinstance(widget, QLabel):
            check_label(widget)
            shown.append(widget.text())
        elif isinstance(widget, QTextBrowser):
            assert "<img" not in widget.toHtml(), widget
            shown.append(widget.toPlainText())
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            check_cells(widget.model())
    return "\n".join(shown)


def is_harmless(tip):
    return not (QtGuiNames.mightBeRichText(tip) and "<img" in tip)


def check_label(label):
    where = f"{type(label).__name__} {label.objectName()!r} {label.text()[:60]!r}"
    if isinstance(label, RichLabel):
        assert "<img" not in label.text(), where
    elif isinstance(label, Label):
        assert label.textFormat() is Qt.TextFormat.PlainText, where
    else:
        # Qt's own, and those that a form layout makes for a text of ours.
        assert not QtGuiNames.mightBeRichText(label.text()), where


def check_cells(model):
    for row in range(model.rowCount()):
        for column in range(model.columnCount() if isinstance(model, QAbstractTableModel) else 1):
            tip = model.index(row, column).data(Qt.ItemDataRole.ToolTipRole)
            assert is_harmless(tip or "")


def show_all(studio):
    """Show every tab of the middle and of the side, so that all views are made."""
    for tabs in studio.window.findChildren(QTabWidget):
        for tab in range(tabs.count()):
            tabs.setCurrentIndex(tab)
            QTest.qWait(20)
            check_every_widget()


def test_nothing_that_a_file_or_the_engine_says_is_taken_for_html(studio, tmp_path):
    document = studio.document
    show_all(studio)

    settings = {**document.spec.settings(), EVIL: 1}
    for number, text in enumerate(
        (
            session_with(settings=settings),
            session_with(settings={"device": EVIL}),
            session_with(settings={"dtype": EVIL}),
            session_with(lstmviz=EVIL),
            session_with(scenario={"name": EVIL, "settings": {}}),
            session_with(scenario={"name": "counter", "settings": {EVIL: EVIL}}),
        )
    ):
        path = tmp_path / f"<img src='x'>{number}.json"
        path.write_text(text, encoding="utf-8")
        document.set_fault("")
        studio.commands.open_file(path)
        settle(studio, lambda: document.fault)
        assert f"<img src='x'>{number}.json was not opened" in check_every_widget()

    good = tmp_path / "<img src='x'>.json"
    good.write_text(Session(choice=Choice("counter", {"text": "<img>(a)"})).to_json())
    studio.commands.open_file(good)
    settle(studio, lambda: document.choice is not None and document.scenario_run is not None)
    assert "<img src='x'>.json" in check_every_widget()  # as what undo takes back
    show_all(studio)
    document.enter(None)
    settle(studio, lambda: document.scenario_run is None and document.trace.batch_size == 4)

    document.refuse_run("", EVIL)
    assert "\\x1b[31m" in check_every_widget()
    document.refuse_run("hidden_size", EVIL)
    noted = replace(document.trace, notes=(EVIL,), device=EVIL)
    source = LstmSource(document.spec)
    document.accept(Answer(source=source, run=replace(document.run, traces=(noted,))))
    studio.finish()
    studio.views.status.show_engine(EVIL)
    show_all(studio)
    studio.client.engine_refused.emit(EVIL)
    check_every_widget()


def session_with(**parts):
    import json

    return json.dumps({**json.loads(Session().to_json()), **parts})


def test_rich_text_of_ours_is_in_labels_made_for_it(studio):
    show_all(studio)
    for label in studio.window.findChildren(Label):
        assert "</" not in label.text(), label.text()


def test_what_is_pasted_into_the_lab_is_shown_as_it_is(studio):
    show_all(studio)
    lab = studio.window.findChild(LabPanel)
    lab.message.setPlainText(f"RuntimeError: {EVIL}")
    settle(studio, lambda: lab._explanation is not None)
    check_every_widget()


def test_the_dialogs_show_text_as_it_is(studio, tmp_path):
    from lstmviz.gui.export.dialog import PictureDialog
    from lstmviz.gui.scenarios.gallery import Gallery

    commands = studio.commands
    dialog = PictureDialog(commands.saver, commands.background, studio.window)
    dialog._path.setText(f"{tmp_path}/<img src='x'>/a.png")
    dialog._accept_if_possible()
    assert "<img src='x'>" in check_every_widget()
    gallery = Gallery(studio.appearance, None, studio.window)
    check_every_widget()
    studio.commands.help("index")
    check_every_widget()
    for made in (dialog, gallery):
        made.deleteLater()
