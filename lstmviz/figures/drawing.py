"""A figure from its spec: which parts it is made of, and how they are written to a file."""

from __future__ import annotations

import io
import math
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lstmviz.core.files.carried import session_token
from lstmviz.core.scenes.colors import DARK, LIGHT
from lstmviz.core.scenes.plots.quantities import GATES, STATES
from lstmviz.figures.captions import Caption
from lstmviz.figures.contract import ContractPart
from lstmviz.figures.diagram import DiagramPart
from lstmviz.figures.faces import BASE, CODE_FAMILIES, TEXT_FAMILIES
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Part, Tick, stacked
from lstmviz.figures.pictured import Pictured
from lstmviz.figures.pipeline import PipelinePart
from lstmviz.figures.results.claims import ClaimsPart
from lstmviz.figures.results.part import ResultsPart, drawings_of
from lstmviz.figures.spec import (
    POINTS_PER_MM,
    POINTS_PER_PIXEL,
    FigureError,
    FigureFormat,
    FigureSpec,
    FigureView,
)
from lstmviz.figures.timeplots import TimePlots
from lstmviz.figures.unrolled import UnrolledPart

MARGIN: Final = 10.0
GAP: Final = 16.0
"""Pixels of the design around a figure, and between its parts."""

LARGEST_SIDE: Final = 32_767
"""Pixels that a PNG can be wide or high."""

_DOTS: Final = 96
_ALMOST: Final = 1e-6

_WRITING: Final = threading.RLock()
"""matplotlib's settings are of the whole process."""

_SETTINGS: Final = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lstmviz",
    "svg.image_inline": True,
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "image.composite_image": False,
    "path.simplify": False,
    "text.hinting": "none",
    "text.antialiased": True,
    "font.sans-serif": list(TEXT_FAMILIES),
    "font.monospace": list(CODE_FAMILIES),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure that is laid out and drawn; written in any format it is the same.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    width, height : float
        Points.
    """

    figure: Figure
    width: float
    height: float

    def pixels(self, scale: float = 1.0) -> tuple[int, int]:
        """Return width and height of a PNG at `scale`."""
        dots = _DOTS * scale / 72
        # As matplotlib does it: what is no whole pixel is left out.
        return int(self.width * dots + _ALMOST), int(self.height * dots + _ALMOST)

    def dots(self, scale: float = 1.0) -> npt.NDArray[np.uint8]:
        """Return the pixels of a PNG at `scale`: RGBA, shape (height, width, 4)."""
        with _WRITING, mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]
            self.figure.set_dpi(_DOTS * scale)
            canvas: Any = FigureCanvasAgg(self.figure)
            canvas.draw()
            found: npt.NDArray[np.uint8] = np.array(canvas.buffer_rgba())
            return found

    def encoded(self, kind: FigureFormat, scale: float = 1.0, session: str = "") -> bytes:
        """Return the file's bytes: the same for the same figure.

        Parameters
        ----------
        kind : FigureFormat
        scale : float
            Pixels of a PNG for each at 1x.
        session : str
            JSON that the file opens as; empty for none.

        Raises
        ------
        FigureError
            A PNG would be larger than one can be.
        """
        if kind is FigureFormat.PNG and max(self.pixels(scale)) > LARGEST_SIDE:
            raise FigureError(f"A picture can be at most {LARGEST_SIDE:,} pixels wide and high.")
        held = io.BytesIO()
        with _WRITING, mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]
            self.figure.savefig(
                held,
                format=kind.value,
                dpi=_DOTS * scale if kind is FigureFormat.PNG else 72,
                facecolor=self.figure.get_facecolor(),
                metadata=_metadata(kind, session),
            )
        data = held.getvalue()
        return _in_pixels(data) if kind is FigureFormat.SVG else data


def drawn(pictured: Pictured, spec: FigureSpec, tick: Tick = lambda: None) -> Drawn:
    """Lay out and draw the figure that `spec` asks for.

    Parameters
    ----------
    pictured : Pictured
    spec : FigureSpec
    tick : callable
        Called between small pieces of work; what it raises gives the figure up.

    Raises
    ------
    FigureError
        This run has nothing to draw there.
    """
    with _WRITING, mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]
        pixel = spec.font / BASE
        width = spec.width / pixel
        height = None if spec.height is None else spec.height / pixel
        placed, total = stacked(parts_of(pictured, spec), width, height, MARGIN, GAP)
        if height is not None and total > height + 0.5:
            raise FigureError(
                f"This figure needs to be at least {_lengths(total * pixel)} high at that width and"
                " with letters of that size."
            )
        # A whole number of pixels, so that those of a PNG stand where the lines of an SVG do.
        total = math.ceil(total * pixel / POINTS_PER_PIXEL - 0.01) * POINTS_PER_PIXEL / pixel
        theme = DARK if spec.is_dark else LIGHT
        paper = Paper(width, total, spec.font, theme, is_transparent=spec.is_transparent)
        for one in placed:
            one.part.paint(paper, one.rect, tick)
        return Drawn(paper.figure, width * pixel, total * pixel)


def parts_of(pictured: Pictured, spec: FigureSpec) -> list[Part]:
    """Return the parts that `spec` asks for, top to bottom.

    Raises
    ------
    FigureError
        This run has nothing to draw there.
    """
    view = spec.view
    if view.needs_scenario and pictured.findings is None:
        raise FigureError(f"Only a scenario has {view.value}; this is a single LSTM.")
    parts = _MAKERS.get(view, _row)(pictured, spec)
    if spec.has_caption:
        is_of_steps = view not in (FigureView.DIAGRAM, FigureView.CONTRACT, FigureView.PIPELINE)
        parts.append(
            Caption(
                pictured,
                has_view=is_of_steps,
                has_step=spec.has_step,
                has_times=spec.has_times,
            )
        )
    return parts


def _pixels(spec: FigureSpec) -> float:
    """Return how many pixels at 1x one of the design is."""
    return spec.font / BASE / POINTS_PER_PIXEL


def _plots(pictured: Pictured, spec: FigureSpec, **what: Any) -> TimePlots:
    return TimePlots(pictured=pictured, has_legend=spec.has_legend, pixels=_pixels(spec), **what)


def _diagram(pictured: Pictured) -> DiagramPart:
    return DiagramPart(pictured.geometry)


def _figure(pictured: Pictured, spec: FigureSpec) -> list[Part]:
    before: list[Part] = [PipelinePart(pictured)] if pictured.findings is not None else []
    return [*before, _diagram(pictured), _plots(pictured, spec, quantities=STATES)]


def _results(pictured: Pictured, spec: FigureSpec) -> list[Part]:
    assert pictured.findings is not None  # noqa: S101 - parts_of has looked
    drawings = drawings_of(pictured, _pixels(spec))
    return [ClaimsPart(pictured.findings), ResultsPart(drawings)]


def _row(pictured: Pictured, spec: FigureSpec) -> list[Part]:
    quantity = next(q for q in (*STATES, *GATES) if q.tensor == spec.view.value)
    return [_plots(pictured, spec, quantities=(quantity,), has_curves=False)]


def _unrolled(pictured: Pictured, spec: FigureSpec) -> list[Part]:
    return [
        UnrolledPart(
            pictured=pictured,
            measure=spec.measure,
            has_legend=spec.has_legend,
            pixels=_pixels(spec),
        )
    ]


_MAKERS: Final[dict[FigureView, Callable[[Pictured, FigureSpec], list[Part]]]] = {
    FigureView.FIGURE: _figure,
    FigureView.DIAGRAM: lambda pictured, _: [_diagram(pictured)],
    FigureView.CONTRACT: lambda pictured, _: [ContractPart(pictured.geometry)],
    FigureView.STEPS: lambda p, spec: [_plots(p, spec, quantities=STATES)],
    FigureView.GATES: lambda p, spec: [_plots(p, spec, quantities=GATES, has_curves=False)],
    FigureView.UNITS: lambda p, spec: [_plots(p, spec, quantities=())],
    FigureView.UNROLLED: _unrolled,
    FigureView.PIPELINE: lambda pictured, _: [PipelinePart(pictured)],
    FigureView.RESULTS: _results,
}


def _in_pixels(data: bytes) -> bytes:
    """Return an SVG whose size is in pixels of CSS: some programs know no points."""

    def pixels(found: re.Match[bytes]) -> bytes:
        return b'%s="%.6g"' % (found[1], float(found[2]) / POINTS_PER_PIXEL)

    head, tag, rest = data.partition(b"viewBox=")
    return re.sub(rb'\b(width|height)="([0-9.]+)pt"', pixels, head) + tag + rest


def _lengths(size: float) -> str:
    """Return `size` in points as words."""
    return f"{math.ceil(size / POINTS_PER_MM)} mm ({math.ceil(size / POINTS_PER_PIXEL):,} pixels)"


def _metadata(kind: FigureFormat, session: str) -> dict[str, Any]:
    """Return what the file says of itself: no dates, so that the same figure is the same file."""
    if kind is FigureFormat.PNG:
        return {"Software": "lstmviz", **({"lstmviz": session} if session else {})}
    token = session_token(session) if session else None
    if kind is FigureFormat.SVG:
        return {"Date": None, "Creator": "lstmviz", "Keywords": [token] if token else None}
    return {"CreationDate": None, "ModDate": None, "Creator": "lstmviz", "Keywords": token}
