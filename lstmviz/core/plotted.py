"""What is plotted: whose numbers, where in them, and the words for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from lstmviz.core.asking.session import View
from lstmviz.core.places import Place, expressions, steps_of_item, value_at
from lstmviz.core.trace import Array, Trace


class Whose(StrEnum):
    """Whose numbers are asked for when a run is pinned."""

    THIS = "this"
    PINNED = "pinned"
    DIFFERENCE = "difference"

    @property
    def words(self) -> str:
        """What the plots show then, as a noun."""
        return _WORDS[self]

    @property
    def mark(self) -> str:
        """The same in front of a number; empty for this run's own."""
        return _MARKS[self]


_WORDS: Final = {
    Whose.THIS: "this run",
    Whose.PINNED: "the pinned run",
    Whose.DIFFERENCE: "this run − the pinned run",
}
_MARKS: Final = {Whose.THIS: "", Whose.PINNED: "pinned", Whose.DIFFERENCE: "this − pinned"}


class Table(Protocol):
    """Numbers that are looked at a part at a time: an array, or how far two are apart."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of each axis."""

    def __len__(self) -> int: ...

    def __getitem__(self, key: Any) -> npt.NDArray[Any]: ...


class LazyDifference:
    """``left - right``, worked out only for the part that is asked for.

    A plot pools a long sequence a slice at a time; the whole difference at once would hold the
    window up, and take as much memory as the numbers themselves.

    Parameters
    ----------
    left, right : array
        Of one shape.
    """

    def __init__(self, left: Array, right: Array) -> None:
        self._left, self._right = left, right

    @property
    def shape(self) -> tuple[int, ...]:
        """That of either side."""
        return self._left.shape

    def __len__(self) -> int:
        return len(self._left)

    def __getitem__(self, key: Any) -> npt.NDArray[Any]:
        # Two infinities have no difference; NaN says so, and a warning would say it again.
        with np.errstate(invalid="ignore"):
            found: npt.NDArray[Any] = np.subtract(self._left[key], self._right[key])
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plotted:
    """Whose numbers every view shows, and where in them.

    Attributes
    ----------
    trace : Trace
        The LSTM call shown, or that of the pinned run where its numbers are plotted.
    less : Trace or None
        The pinned run's, taken away from `trace`; None where nothing is.
    view : View
    seq_len : int
        L of the LSTM call shown, along which time runs in every plot.
    whose : Whose
        What the plots show.
    asked : Whose
        What was asked for; another than `whose` only where that cannot be.
    refusal : str
        Why it cannot be, as a sentence; empty where it can.
    is_pinned : bool
        Whether there is a pinned run at all.
    """

    trace: Trace = field(repr=False)
    less: Trace | None = field(default=None, repr=False)
    view: View
    seq_len: int
    whose: Whose = Whose.THIS
    asked: Whose = Whose.THIS
    refusal: str = ""
    is_pinned: bool = False

    @property
    def is_difference(self) -> bool:
        """Whether every number is a difference, and has a sign whatever it is of."""
        return self.less is not None

    @property
    def steps(self) -> int:
        """Steps that there are numbers for; the sequence of the batch item shown."""
        return steps_of_item(self.trace, self.view.item)

    @property
    def sentence(self) -> str:
        """Whose numbers stand below, and why not others; empty where no run is pinned."""
        if not self.is_pinned:
            return ""
        return f"Shown: {self.whose.words}. {self.refusal}".rstrip()

    @property
    def sources(self) -> tuple[tuple[str, Trace], ...]:
        """Each run whose numbers are in the plots: its words and its LSTM call."""
        if self.less is not None:
            return ((_WORDS[Whose.THIS], self.trace), (_WORDS[Whose.PINNED], self.less))
        return ((self.whose.words, self.trace),)

    def table(self, cut: Callable[[Trace, View], Array]) -> Table:
        """Return the numbers that `cut` takes out of a trace at the view.

        Parameters
        ----------
        cut : callable
            (trace, view) to array; called once for each of `sources`.
        """
        table = cut(self.trace, self.view)
        return table if self.less is None else LazyDifference(table, cut(self.less, self.view))

    def value(self, place: Place) -> float:
        """Return the number at `place`; NaN past a sequence's length."""
        value = value_at(self.trace, place)
        return value if self.less is None else value - value_at(self.less, place)

    def names(self, place: Place) -> tuple[str, ...]:
        """Return how PyTorch's own tensors hold the number at `place`, with whose it is in front.

        ``output[2, 0, 21]``, ``pinned: output[2, 0, 21]``, ``this − pinned: output[2, 0, 21]``;
        where the two runs have it in different places, ``this output[0, 2] − pinned output[2, 0]``.
        """
        names = expressions(self.trace, place)
        if self.less is None:
            return (_marked(names[0], self.whose), *names[1:])
        others = expressions(self.less, place)
        if names == others:
            return (_marked(names[0], self.whose), *names[1:])
        return (f"this {names[0]} − pinned {others[0]}",)


def resolve(
    trace: Trace, view: View, pinned: Trace | None = None, asked: Whose = Whose.THIS
) -> Plotted:
    """Say what is plotted; what cannot be is refused with its reason, and this run's is shown.

    Parameters
    ----------
    trace : Trace
        The LSTM call shown.
    view : View
        Fits `trace`.
    pinned : Trace or None
        The LSTM call to compare with.
    asked : Whose
    """
    if pinned is None:
        return Plotted(trace=trace, view=view, seq_len=trace.seq_len)
    refusal = "" if asked is Whose.THIS else _refusal(trace, pinned, view, asked)
    whose = Whose.THIS if refusal else asked
    return Plotted(
        trace=pinned if whose is Whose.PINNED else trace,
        less=pinned if whose is Whose.DIFFERENCE else None,
        view=view,
        seq_len=trace.seq_len,
        whose=whose,
        asked=asked,
        refusal=refusal,
        is_pinned=True,
    )


def _marked(name: str, whose: Whose) -> str:
    return f"{whose.mark}: {name}" if whose.mark else name


def _refusal(trace: Trace, pinned: Trace, view: View, asked: Whose) -> str:
    """Return why the two runs cannot share their axes; empty where they can."""
    apart = _apart(trace, pinned, view.item)
    if not apart:
        return ""
    if asked is Whose.DIFFERENCE:
        return f"There is no difference from the pinned run: {', '.join(apart)}."
    return f"The pinned run does not fit these axes: {', '.join(apart)}."


def _apart(trace: Trace, pinned: Trace, item: int) -> list[str]:
    if item >= pinned.batch_size:
        return [f"batch_size is {pinned.batch_size:,} there, so that it has no batch item {item:,}"]
    here, there = _sizes(trace), _sizes(pinned)
    is_ragged = trace.lengths is not None or pinned.lengths is not None
    steps = f"the length of batch item {item:,}" if is_ragged else "seq_len"
    here[steps], there[steps] = steps_of_item(trace, item), steps_of_item(pinned, item)
    return [
        f"{name} is {there[name]:,} there and {size:,} here"
        for name, size in here.items()
        if size != there[name]
    ]


def _sizes(trace: Trace) -> dict[str, int]:
    """Return every size that two runs must share, by its name on the ``nn.LSTM`` page."""
    is_projected = trace.output_size != trace.hidden_size
    return {
        "input_size": int(trace.input.shape[-1]),
        "hidden_size": trace.hidden_size,
        "num_layers": trace.num_layers,
        "D": trace.num_directions,
        "proj_size": trace.output_size if is_projected else 0,
    }
