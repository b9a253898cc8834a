"""What messages mean: one room a station, one file a kind, one function a message."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.around import (
    layers_after,
    loading,
    losses,
    products,
    results,
    shaping,
    sums,
    training,
    unpacking,
)
from lstmviz.core.mistakes.readings.call import (
    cells,
    devices,
    dtype_kernels,
    dtypes,
    inputs,
    kernels,
    packing,
    state,
    state_form,
)
from lstmviz.core.mistakes.readings.checkpoint import (
    checkpoint_sizes,
    checkpoints,
)
from lstmviz.core.mistakes.readings.module import (
    building,
    options,
    pickled,
)
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure
from lstmviz.core.mistakes.readings.tools import (
    compiling,
    exporting,
    parallel,
    quantizing,
    scripting,
)

READINGS: Final[tuple[Reading, ...]] = (
    *checkpoints.READINGS,
    *checkpoint_sizes.READINGS,
    *state.READINGS,
    *state_form.READINGS,
    *inputs.READINGS,
    *dtypes.READINGS,
    *dtype_kernels.READINGS,
    *devices.READINGS,
    *cells.READINGS,
    *kernels.READINGS,
    *pickled.READINGS,
    *options.READINGS,
    *building.READINGS,
    *packing.READINGS,
    *results.READINGS,
    *unpacking.READINGS,
    *losses.READINGS,
    *products.READINGS,
    *sums.READINGS,
    *shaping.READINGS,
    *layers_after.READINGS,
    *loading.READINGS,
    *parallel.READINGS,
    *training.READINGS,
    *compiling.READINGS,
    *scripting.READINGS,
    *quantizing.READINGS,
    *exporting.READINGS,
)
"""Every kind of message; where two agree on a place, the first speaks."""

__all__ = ["READINGS", "Finding", "Reading", "Said", "Sure"]
