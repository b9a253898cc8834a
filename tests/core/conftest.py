"""Random runs for the tests of shapes, facts and programs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from lstmviz.core.spec import DType, InitialState, RunSpec, Values


@st.composite
def _random_specs(draw: st.DrawFn, dtypes: tuple[DType, ...] = tuple(DType)) -> RunSpec:
    settings: dict[str, Any] = {
        "input_size": draw(st.integers(1, 7)),
        "hidden_size": draw(st.integers(1, 7)),
        "num_layers": draw(st.integers(1, 3)),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
        "dropout": draw(st.sampled_from([0.0, 0.0, 0.5, 1.0])),
        "seq_len": draw(st.integers(1, 9)),
        "batch_size": draw(st.integers(1, 5)),
        "values": draw(st.sampled_from(Values)),
        "initial_state": draw(st.sampled_from(InitialState)),
        "dtype": draw(st.sampled_from(dtypes)),
        "seed": draw(st.integers(0, 2**32 - 1)),
    }
    settings["proj_size"] = draw(st.integers(0, settings["hidden_size"] - 1))
    shape = draw(st.sampled_from(["padded", "packed", "unbatched"]))
    settings["unbatched"] = shape == "unbatched"
    if shape == "packed":
        one = st.integers(1, settings["seq_len"])
        n = settings["batch_size"]
        settings["lengths"] = tuple(draw(st.lists(one, min_size=n, max_size=n)))
    return RunSpec().changed(**settings)


@pytest.fixture(scope="session")
def random_specs() -> Any:
    """Return the strategy of small specs of every kind; called with the dtypes to draw from."""
    return _random_specs
