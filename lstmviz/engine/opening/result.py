"""From a forward pass to a Trace: every layer and direction opened, compared and stored."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import torch

from lstmviz.core.cells import LSTM
from lstmviz.core.files.tracefile import INDICES
from lstmviz.core.trace import Timing, Trace
from lstmviz.core.words.of_traces import half_in_words
from lstmviz.engine.opening.compared import Compared
from lstmviz.engine.opening.destinations import as_array
from lstmviz.engine.opening.direction import Direction
from lstmviz.engine.opening.equations import Destination, open_direction, round_to
from lstmviz.engine.opening.forward import data_of
from lstmviz.engine.opening.nonfinite import first_nonfinite, is_finite
from lstmviz.engine.opening.proof import DirectionFound, prove, tolerance
from lstmviz.engine.opening.rounding import judged
from lstmviz.engine.opening.small import is_small, open_small
from lstmviz.engine.progress import FORWARD_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torch import Tensor

    from lstmviz.core.trace import Array, NonFinite
    from lstmviz.engine.opening.call import Call, LayerWeights, State
    from lstmviz.engine.opening.destinations import Arrays, Destinations
    from lstmviz.engine.opening.forward import Forward
    from lstmviz.engine.progress import Pace


class Opening:
    """Fills the arrays of one trace.

    Parameters
    ----------
    call : Call
    ran : Forward
    arrays : Arrays
        Where results go.
    destinations : Destinations
        Those of them that h_t, c_t and the gates go to.
    pace : Pace
    stepwise : bool
        PyTorch ran the call unfused, step by step, so round as it does.
    few : int
        As of a `Plan`.
    """

    def __init__(
        self,
        call: Call,
        ran: Forward,
        arrays: Arrays,
        destinations: Destinations,
        pace: Pace,
        *,
        stepwise: bool,
        few: int,
    ) -> None:
        self._call, self._ran, self._arrays, self._pace = call, ran, arrays, pace
        self._destinations, self._stepwise, self._few = destinations, stepwise, few
        self._dtype, self._device = ran.output.dtype, ran.output.device
        self._final = call.stacked(ran.h_n), call.stacked(ran.c_n)
        self.initial = self._store_initial()
        self._limit = self._tolerance()
        self._parts: list[DirectionFound] = []

    def _store_initial(self) -> State:
        """Store h_0 and c_0 and return them, (num_layers·D, N, H), as the module had them."""
        call, states = self._call, []
        given = (None, None) if call.hx is None else call.hx
        for name, state, like in zip(("h_0", "c_0"), given, self._final, strict=True):
            shape = (call.sizes.num_layers, call.directions, *like.shape[1:])
            if state is None:
                self._arrays.new(name, shape, self._dtype)[...] = 0
                states.append(torch.zeros_like(like))
            else:
                states.append(call.stacked(data_of(state)).to(self._dtype))
                self._arrays.copy(name, states[-1].reshape(shape))
        return states[0], states[1]

    def open_fused(self) -> bool:
        """Open the layers that were seen; return whether they are what the module returned."""
        seen = self._ran.layers
        if not seen or not self._is_the_call([layer.direction for layer in seen]):
            return False
        share = (1 - FORWARD_SHARE) / len(seen)
        for k, layer in enumerate(seen):
            destinations, direction, opened = (
                self._destinations.of(k),
                layer.direction.widened(),
                layer.opened,
            )
            is_whole = direction is layer.direction
            if is_whole and opened is None and not is_small(direction, self._few):
                opened = layer.open(destinations, self._pace, share)
            self._keep(
                direction, destinations, opened or self._open(direction, destinations, share)
            )
        return True

    def _is_the_call(self, seen: list[Direction]) -> bool:
        """Return whether the layers seen began with what was passed and end in what was returned.

        A module's own ``forward`` may run them on something else, or several times.
        """
        call, each = self._call, self._call.directions
        x, output = call.time_major(data_of(call.input)), call.time_major(self._ran.output)
        ways = (output,) if each == 1 else output.chunk(each, 2)
        return (
            all(_same(x, d.x) for d in seen[:each])
            and all(_same(way, d.h) for way, d in zip(ways, seen[-each:], strict=True))
            and all(map(_same, self._final[0].unbind(), (d.h_n for d in seen)))
            and all(map(_same, self._final[1].unbind(), (d.c_n for d in seen)))
        )

    def open(self, layers: Iterable[tuple[Tensor, list[Tensor]]]) -> None:
        """Fill hidden, cell and gates of every layer and direction; none where N is 0."""
        if not self._call.batch_size:
            return
        if self._destinations.lent:  # What was returned may lie where h_t is about to be written.
            self._ran.output = self._ran.output.clone()
        each = self._call.directions
        share = (1 - FORWARD_SHARE) / len(self._final[0])
        states = (*self.initial, *self._final)
        for layer, (entry, known) in enumerate(layers):
            for way, h in enumerate(known):
                k = layer * each + way
                weights = self._ran.weights[layer][way].to(self._device, self._dtype)
                direction = self._direction(weights, entry, h, [s[k] for s in states], way)
                destinations = self._destinations.of(k)
                self._keep(direction, destinations, self._open(direction, destinations, share))

    def _keep(self, direction: Direction, destinations: list[Array], found: Compared) -> None:
        """Keep what was found; look into it once more where it exceeds ordinary rounding."""
        if not found.is_within(self._limit[0]):
            found = judged(direction, destinations, (self._dtype, self._limit[0]), self._pace)
        layer, way = divmod(len(self._parts), self._call.directions)
        self._parts.append(DirectionFound(layer, way, found))

    def _open(self, direction: Direction, destinations: list[Array], share: float) -> Compared:
        dtype = direction.weights.w_ih.dtype
        if is_small(direction, self._few):
            self._pace.advance(share)
            found = open_small(direction, destinations)
        else:
            into = Destination.of(destinations, dtype, self._device)
            found = open_direction(direction, into, self._pace, share)
        if dtype != self._dtype:
            for place in destinations:
                round_to(self._dtype, place)
        return found

    def _direction(
        self, weights: LayerWeights, entry: Tensor, h: Tensor, ends: list[Tensor], way: int
    ) -> Direction:
        packing = self._call.packing
        past = None if packing is None else packing.past
        lengths = None if packing is None or past is None else packing.lengths.to(past.device)
        h_0, c_0, h_n, c_n = ends
        return Direction(
            weights, entry, h, h_0, c_0, h_n, c_n, way == 1, past, lengths, self._stepwise
        )

    def finish(self, started: float) -> Trace:
        """Store what went in and came out, and put the trace together."""
        call, ran, arrays, packing = self._call, self._ran, self._arrays, self._call.packing
        data = data_of(call.input)
        arrays.copy("input", data if packing is None else packing.pad(data), self._pace)
        store = arrays.copy if self._destinations.lent else arrays.keep
        store("output", ran.output, self._pace)
        arrays.keep("h_n", ran.h_n, self._pace)
        arrays.keep("c_n", ran.c_n, self._pace)
        for name in INDICES if packing is not None else ():
            if (values := getattr(packing, name)) is not None:
                arrays.copy(name, values)
        place, dtype = self._first_nonfinite(), str(self._dtype).removeprefix("torch.")
        return Trace.of(
            arrays.by_name,
            kind=LSTM,
            proof=prove(self._parts, self._limit, finite=place is None),
            batch_first=call.sizes.batch_first,
            batched=call.batched,
            dtype=dtype,
            device=str(self._device),
            forward_timing=Timing(seconds=ran.seconds),
            trace_seconds=time.perf_counter() - started,
            notes=(*ran.notes, *filter(None, [half_in_words(dtype)])),
            first_nonfinite=place,
        )

    def _tolerance(self) -> tuple[float, str]:
        weights = self._ran.weights
        terms = max(pack[0].w_ih.shape[1] for pack in weights) + self._call.output_size
        tf32 = self._device.type == "cuda" and (
            torch.backends.cudnn.allow_tf32 or torch.backends.cuda.matmul.allow_tf32
        )
        return tolerance(self._computed_in(), self._device.type, terms, tf32=tf32)

    def _computed_in(self) -> torch.dtype:
        """Return the type that products were rounded to, which autocast makes a coarser one."""
        kind = self._device.type
        if self._dtype == torch.float32 and torch.is_autocast_enabled(kind):
            return torch.get_autocast_dtype(kind)
        return self._dtype

    def _first_nonfinite(self) -> NonFinite | None:
        given = () if self._call.hx is None else self.initial
        if all(part.found.finite for part in self._parts) and all(map(is_finite, given)):
            return None
        named, packing = self._arrays.by_name, self._call.packing
        past = None
        if packing is not None and packing.past is not None:
            past = packing.past.cpu().numpy()
        return first_nonfinite(self._sources(), named["hidden"], named["cell"], past)

    def _sources(self) -> Iterator[tuple[str, Array]]:
        for name in ("input", "h_0", "c_0"):
            yield name, self._arrays.by_name[name]
        names = self._call.sizes.parameter_names
        flat = [
            weight for layer in self._ran.weights for pack in layer for weight in pack.present()
        ]
        for name, weight in zip(names, flat, strict=True):
            yield name, as_array(weight)


def _same(a: Tensor, b: Tensor) -> bool:
    """Return whether two tensors hold the same numbers; NaN is none, unless they are one."""
    if a.data_ptr() == b.data_ptr() and a.shape == b.shape and a.stride() == b.stride():
        return True
    return a.dtype == b.dtype and torch.equal(a, b)
