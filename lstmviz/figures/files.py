"""The file that a picture leaves as: a still or moving figure, or a page to scrub through."""

from __future__ import annotations

from collections.abc import Callable

from lstmviz.figures.part import Tick
from lstmviz.figures.pictured import Pictured
from lstmviz.figures.spec import Clip, ClipFormat, FigureFormat, FigureSpec, PictureKind


def file_bytes(
    pictured: Pictured,
    spec: FigureSpec,
    kind: PictureKind,
    *,
    scale: float = 1.0,
    session: str = "",
    clip: Clip | None = None,
    theme: str = "system",
    only_shown: bool = False,
    tick: Tick = lambda: None,
    told: Callable[[float], None] = lambda _share: None,
) -> bytes:
    """Return what a file of `kind` holds.

    Parameters
    ----------
    pictured : Pictured
    spec : FigureSpec
        A page shows all of a run, whatever is asked for here.
    kind : PictureKind
    scale : float
        Pixels for each at 1x, where it has pixels.
    session : str
        JSON that the file opens as; empty for none.
    clip : Clip or None
        Which steps a moving picture shows; None for all.
    theme : str
        How a page begins: ``"system"``, ``"light"`` or ``"dark"``.
    only_shown : bool
        Leave out of a page the calls that are not shown.
    tick, told : callable
        As `figures.moving.moving` takes them.

    Raises
    ------
    FigureError
        There can be no such figure.
    PageTooLargeError
        There are more numbers than a page holds.
    """
    if kind is PictureKind.HTML:
        return _page(pictured, session, theme, only_shown=only_shown)
    if kind.is_moving:
        from lstmviz.figures.moving import moving

        return moving(
            pictured,
            spec,
            clip or Clip(),
            ClipFormat(kind.value),
            scale=scale,
            session=session,
            tick=tick,
            told=told,
        )
    from lstmviz.figures.drawing import drawn

    return drawn(pictured, spec, tick).encoded(FigureFormat(kind.value), scale, session)


def _page(pictured: Pictured, session: str, theme: str, *, only_shown: bool) -> bytes:
    from lstmviz.core.files.htmlpage import page_bytes

    choice, run = pictured.session.choice, pictured.run
    names = run.call_names if choice else ("",)
    title = choice.scenario.title if choice else ""
    calls = list(zip(names, run.traces, strict=True))
    if only_shown:
        calls = [calls[pictured.shown]]
    return page_bytes(calls, session=session, theme=theme, title=title)
