"""What messages mean: one file a station, one function a kind of message."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings import (
    arithmetic,
    building,
    cells,
    checkpoint_sizes,
    checkpoints,
    compiling,
    devices,
    dtype_kernels,
    dtypes,
    exporting,
    inputs,
    kernels,
    layers_after,
    loading,
    losses,
    modules,
    packing,
    parallel,
    quantizing,
    results,
    scripting,
    shaping,
    state,
    state_form,
    training,
    unpacking,
)
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure

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
    *modules.READINGS,
    *packing.READINGS,
    *results.READINGS,
    *unpacking.READINGS,
    *losses.READINGS,
    *arithmetic.READINGS,
    *shaping.READINGS,
    *layers_after.READINGS,
    *loading.READINGS,
    *parallel.READINGS,
    *training.READINGS,
    *compiling.READINGS,
    *scripting.READINGS,
    *quantizing.READINGS,
    *exporting.READINGS,
    *building.READINGS,
)
"""Every kind of message; where two agree on a place, the first speaks."""

__all__ = ["READINGS", "Finding", "Reading", "Said", "Sure"]
