"""What ships beside the code, and what the README promises."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import lstmviz
from lstmviz.core import resources
from lstmviz.core.recipe import sunspots

CHECKOUT = Path(__file__).parents[1]
README = CHECKOUT / "README.md"


def test_the_folder_is_found_from_anywhere(tmp_path):
    program = "from lstmviz.core.resources import root; print(root())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert Path(done.stdout.strip()) == resources.root()


def test_an_incomplete_installation_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(lstmviz, "__file__", str(tmp_path / "lstmviz" / "__init__.py"))
    resources.root.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match="installed without its resources"):
            resources.root()
    finally:
        monkeypatch.undo()
        resources.root.cache_clear()


def test_every_icon_is_a_drawing_that_the_theme_can_tint():
    icons = sorted((resources.root() / "icons").glob("*.svg"))
    assert len(icons) > 8
    for icon in icons:
        root = ET.parse(icon).getroot()  # noqa: S314 - our own files
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.get("viewBox")
    untinted = {"lstmviz", "chevron-dark", "chevron-light"}
    for icon in icons:
        assert icon.stem in untinted or "currentColor" in icon.read_text(encoding="utf-8")


def test_the_style_sheet_is_filled_in_whole():
    from lstmviz.core.scenes.colors import DARK, LIGHT
    from lstmviz.gui.theme import style_sheet

    for theme in (LIGHT, DARK):
        sheet = style_sheet(theme)
        assert not re.search(r"\$[a-z{]", sheet)
        assert theme.accent in sheet
        for path in re.findall(r"url\(([^)]+)\)", sheet):
            assert Path(path.strip("\"'")).is_file()


def test_the_sunspot_numbers_are_the_published_ones():
    numbers = sunspots()
    assert len(numbers) == 309
    # 1700, 1957 (the highest) and 2008 of the series that ends in 2008.
    assert (numbers[0], numbers[257], numbers[-1]) == (5.0, 190.2, 2.9)
    assert max(numbers) == 190.2
    assert min(numbers) == 0.0


@pytest.mark.skipif(not README.is_file(), reason="only in a checkout")
def test_the_readme_s_picture_and_links_are_there():
    for link in re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8")):
        assert (CHECKOUT / link).is_file(), link


@pytest.mark.skipif(not README.is_file(), reason="only in a checkout")
def test_the_readme_s_python_runs_and_means_what_it_says():
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(block, names)  # noqa: S102 - our own example
    trace, output = names["t"], names["t"].output
    assert trace.forget_gate[1, 0, :, 2].shape == (24, 16)
    assert trace.proof.ok
    assert output.shape == (24, 4, 32)
    assert abs(trace.h_n[1] - trace.hidden[0, 1, 0]).max() < 1e-6
    assert abs(trace.c_n[1] - trace.cell[0, 1, 0]).max() < 1e-6


@pytest.mark.skipif(not README.is_file(), reason="only in a checkout")
def test_the_wheel_takes_the_resources_along():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"resources": "lstmviz/_resources"}
    assert project["project"]["scripts"]["lstmviz"] == "lstmviz.__main__:main"


@pytest.mark.skipif(not README.is_file(), reason="only in a checkout")
def test_the_readme_s_commands_are_taken(capsys, tmp_path, monkeypatch):
    import shlex

    from lstmviz.cli import run

    monkeypatch.chdir(tmp_path)
    text = README.read_text(encoding="utf-8")
    lines = [
        line for line in text.splitlines() if re.match(r"lstmviz (trace|shapes|facts|code) ", line)
    ]
    assert len(lines) >= 2
    for line in lines:
        assert run(shlex.split(line, comments=True)[1:]) == 0, line
    assert capsys.readouterr().err == ""
