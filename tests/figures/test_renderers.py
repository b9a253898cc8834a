"""Figures as other programs show them: three draw the SVG, two the PDF, all like the PNG."""

from __future__ import annotations

import base64
import io
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lstmviz.core.asking.session import Session, View
from lstmviz.core.scenes.colors import DARK, LIGHT
from lstmviz.core.scenes.plots.colormap import color_table
from lstmviz.core.scenes.plots.quantities import HIDDEN
from lstmviz.core.scenes.plots.scale import Scale
from lstmviz.core.spec import RunSpec
from lstmviz.engine.run import run
from lstmviz.figures.drawing import Drawn, drawn
from lstmviz.figures.pictured import Pictured, pictured
from lstmviz.figures.spec import FigureFormat, FigureSpec, FigureView

SCALE = 2
VIEWS = (FigureView.FIGURE, FigureView.UNROLLED, FigureView.GATES, FigureView.CONTRACT)

MOST_APART = 4.0
"""Mean difference of a pixel's channels, 0 to 255; 0.6 to 2.3 were seen, from antialiased edges."""

MOST_OTHER = 2.5
"""Per cent of pixels that differ by more than 64; 0.3 to 1.1 were seen."""

CHROMIUM = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Written:
    """One figure in every format."""

    made: Drawn
    folder: Path

    def path(self, kind: FigureFormat) -> Path:
        return self.folder / f"figure.{kind.value}"

    @property
    def picture(self) -> np.ndarray:
        return pixels(self.path(FigureFormat.PNG).read_bytes())


def subject() -> Pictured:
    settings = RunSpec().settings() | {"bidirectional": True, "num_layers": 2}
    session = Session(spec=RunSpec.from_settings(settings), view=View(layer=1, step=9))
    return pictured(run(session.spec), session)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return what writes a view in a theme, each once."""
    done: dict[tuple[FigureView, bool], Written] = {}
    seen = subject()

    def write(view: FigureView, *, is_dark: bool = False) -> Written:
        if (view, is_dark) not in done:
            folder = tmp_path_factory.mktemp(view.value)
            made = drawn(seen, FigureSpec(view=view, is_dark=is_dark))
            for kind in FigureFormat:
                data = made.encoded(kind, SCALE, seen.session.to_json())
                (folder / f"figure.{kind.value}").write_bytes(data)
            done[view, is_dark] = Written(made, folder)
        return done[view, is_dark]

    return write


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=float)


def by_chromium(figure: Written) -> np.ndarray:
    width, height = figure.made.pixels()
    svg, page, out = (figure.folder / name for name in ("figure.svg", "page.html", "shot.png"))
    image = f"<img src={svg.name} width={width} height={height} style=display:block>"
    page.write_text(f"<!doctype html><body style=margin:0>{image}")
    command = [
        need("chromium"),
        *CHROMIUM,
        f"--force-device-scale-factor={SCALE}",
        f"--user-data-dir={figure.folder / 'profile'}",
        # The window's frame takes some of its height.
        f"--window-size={width},{height + 200}",
        f"--screenshot={out}",
        page.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return pixels(out.read_bytes())[: height * SCALE]


def by_librsvg(figure: Written) -> np.ndarray:
    width = figure.made.pixels(SCALE)[0]
    command = [need("rsvg-convert"), "-w", str(width), str(figure.path(FigureFormat.SVG))]
    return pixels(subprocess.run(command, check=True, capture_output=True).stdout)


def by_resvg(figure: Written) -> np.ndarray:
    resvg = pytest.importorskip("resvg_py")
    width = figure.made.pixels(SCALE)[0]
    return pixels(
        bytes(resvg.svg_to_bytes(svg_path=str(figure.path(FigureFormat.SVG)), width=width))
    )


def by_poppler(figure: Written) -> np.ndarray:
    out = figure.folder / "poppler"
    options = ["-r", str(96 * SCALE), "-png", "-singlefile"]
    command = [need("pdftoppm"), *options, str(figure.path(FigureFormat.PDF)), str(out)]
    subprocess.run(command, check=True)
    return pixels(out.with_suffix(".png").read_bytes())


def by_mupdf(figure: Written) -> np.ndarray:
    out = figure.folder / "mupdf.png"
    options = ["draw", "-r", str(96 * SCALE), "-o", str(out)]
    command = [need("mutool"), *options, str(figure.path(FigureFormat.PDF))]
    subprocess.run(command, check=True, capture_output=True)
    return pixels(out.read_bytes())


def printed(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


RENDERERS = {
    "chromium": by_chromium,
    "librsvg": by_librsvg,
    "resvg": by_resvg,
    "poppler": by_poppler,
    "mupdf": by_mupdf,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("view", "is_dark"),
    [
        (FigureView.FIGURE, False),
        (FigureView.FIGURE, True),
        (FigureView.UNROLLED, False),
        (FigureView.GATES, True),
        (FigureView.CONTRACT, False),
    ],
)
@pytest.mark.parametrize("name", RENDERERS)
def test_another_program_shows_the_same_picture(written, name, view, is_dark):
    figure = written(view, is_dark=is_dark)
    mine, theirs = figure.picture, RENDERERS[name](figure)
    assert theirs.shape == mine.shape
    apart = np.abs(mine - theirs).max(axis=2)
    assert apart.mean() < MOST_APART
    assert 100 * (apart > 64).mean() < MOST_OTHER


@pytest.mark.slow
@pytest.mark.parametrize("name", RENDERERS)
def test_cells_are_sharp_and_of_their_own_colour_everywhere(written, name):
    figure = written(FigureView.HIDDEN)
    shown = RENDERERS[name](figure)
    expected = cells_of(subject())
    # Where the map stands: the one place with its first colours from left to right.
    left, top, width, height = map_place(figure)
    rows, columns = expected.shape[:2]
    for row in range(rows):
        for column in range(columns):
            x = left + (column + 0.5) * width / columns
            y = top + (row + 0.5) * height / rows
            if column == subject().view.step:
                continue  # the cursor's frame stands there
            # Sharp: a whole cell but for its outermost dots has its one colour.
            reach = 0.3 * width / columns
            cell = shown[round(y) - 1 : round(y) + 1, round(x - reach) : round(x + reach)]
            assert np.abs(cell - expected[row, column]).max() <= 1


def cells_of(seen: Pictured) -> np.ndarray:
    table = seen.plotted.table(HIDDEN.table)[:]
    scale = Scale(HIDDEN.kind, float(np.abs(table).max()))
    return color_table(LIGHT, scale.ramp)[scale.indices(table.T)][..., :3].astype(float)


def root_of(figure: Written) -> ET.Element:
    return ET.parse(figure.path(FigureFormat.SVG)).getroot()  # noqa: S314 - our own file


def map_place(figure: Written) -> tuple[float, float, float, float]:
    """Return where the SVG puts its largest image, in dots at `SCALE`."""
    root = root_of(figure)
    found = []
    for image in root.iter("{http://www.w3.org/2000/svg}image"):
        a, b, c, d, e, f = map(float, re.findall(r"-?[\d.]+", image.attrib["transform"]))
        assert b == c == 0
        size = float(image.attrib["width"]), float(image.attrib["height"])
        wide, tall = a * size[0], d * size[1]
        found.append((abs(wide * tall), (e, f + min(tall, 0), wide, abs(tall))))
    return tuple(SCALE * side / 0.75 for side in max(found)[1])


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.value)
def test_every_label_of_an_svg_is_one_run_of_text(written, view):
    root = root_of(written(view))
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    labels = [text.get_text() for text in written(view).made.figure.axes[0].texts]
    assert texts == labels
    assert not list(root.iter("{http://www.w3.org/2000/svg}use"))


def test_the_pictures_in_an_svg_are_lossless_and_of_the_theme(written):
    for theme, is_dark in ((LIGHT, False), (DARK, True)):
        svg = written(FigureView.GATES, is_dark=is_dark).path(FigureFormat.SVG).read_text()
        assert "image/jpeg" not in svg
        held = re.findall(r'href="data:image/png;base64,\s*([^"]+)"', svg)
        assert len(held) >= 12
        known = {tuple(row[:3]) for ramp in ("diverging", "sequential")
                 for row in color_table(theme, ramp)}  # fmt: skip
        for data in held:
            colors = pixels(base64.b64decode(data)).reshape(-1, 3).astype(int)
            assert {tuple(color) for color in np.unique(colors, axis=0)} <= known


def test_a_pdf_has_text_that_can_be_copied_in_embedded_faces(written):
    pdf = str(written(FigureView.FIGURE).path(FigureFormat.PDF))
    text = printed(need("pdftotext"), "-layout", pdf, "-")
    for said in ("D·num_layers", "output", "h_n", "t, the step along axis L", "nn.LSTM(8, 16,"):
        assert said in text
    fonts = printed(need("pdffonts"), pdf)
    rows = fonts.splitlines()[2:]
    assert rows
    assert all(re.search(r"TrueType\s.*\syes\s+yes\s+yes", row) for row in rows)


def test_no_picture_in_a_pdf_is_a_jpeg(written):
    pdf = str(written(FigureView.FIGURE).path(FigureFormat.PDF))
    listed = printed(need("pdfimages"), "-list", pdf)
    rows = [row.split() for row in listed.splitlines()[2:]]
    assert rows
    assert {row[8] for row in rows} == {"image"}


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_png_at_any_scale_has_the_layout_of_the_smallest(written, scale):
    made = written(FigureView.FIGURE).made
    small = pixels(made.encoded(FigureFormat.PNG, 1))
    large = pixels(made.encoded(FigureFormat.PNG, scale))
    height, width, _ = small.shape
    assert large.shape == (scale * height, scale * width, 3)
    reduced = large.reshape(height, scale, width, scale, 3).mean(axis=(1, 3))
    apart = np.abs(small - reduced).max(axis=2)
    assert apart.mean() < MOST_APART
    assert 100 * (apart > 64).mean() < MOST_OTHER
