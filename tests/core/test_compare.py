"""Two runs side by side: what moved, what changed shape and what kept every number."""

from __future__ import annotations

import math

import pytest

from lstmviz.core.compare import Called, compare, reshaped
from lstmviz.core.spec import RunSpec
from lstmviz.engine.run import run


def called(spec, trace=None):
    return Called(
        trace=trace or run(spec).traces[0], geometry=spec.geometry, settings=spec.settings()
    )


def compared(**changes):
    before = RunSpec()
    after = before.changed(**changes)
    found = compare(called(before), called(after))
    return found, {change.name: change for change in found.tensors}


def test_batch_first_moves_input_and_output_and_changes_no_number():
    found, tensors = compared(batch_first=False)
    assert found.settings == (("batch_first", True, False),)
    for name in ("input", "output"):
        assert tensors[name].is_reshaped
        assert tensors[name].is_swapped
    for name in ("h_0", "c_0", "h_n", "c_n"):
        assert not tensors[name].is_reshaped
        assert not tensors[name].is_swapped
    assert all(t.max_abs_difference == pytest.approx(0, abs=1e-6) for t in tensors.values())
    assert reshaped(RunSpec().geometry, RunSpec().changed(batch_first=False).geometry) == {
        "input",
        "output",
    }


def test_equal_sizes_do_not_hide_that_batch_first_moved_the_axes():
    before = RunSpec().changed(seq_len=4, batch_size=4)
    after = before.changed(batch_first=False)
    found = compare(called(before), called(after))
    output = next(change for change in found.tensors if change.name == "output")
    assert not output.is_reshaped
    assert output.is_swapped
    assert output.max_abs_difference == pytest.approx(0, abs=1e-6)


def test_another_seed_changes_numbers_and_no_shape():
    found, tensors = compared(seed=4)
    assert not any(change.is_reshaped for change in found.tensors)
    assert tensors["h_n"].max_abs_difference > 1e-3
    assert tensors["h_0"].max_abs_difference == 0


def test_shapes_that_do_not_fit_are_not_compared():
    _, tensors = compared(hidden_size=8)
    assert tensors["output"].max_abs_difference is None
    assert tensors["output"].before == (4, 24, 32)
    assert tensors["output"].after == (4, 24, 16)
    assert tensors["weight_hh_l0"].is_reshaped
    assert tensors["input"].max_abs_difference is not None


def test_tensors_that_only_one_run_has_are_named():
    _, tensors = compared(lengths=(24, 9, 8, 7))
    assert tensors["packed.data"].before is None
    assert tensors["packed.data"].after == (48, 8)
    assert reshaped(RunSpec().geometry, RunSpec().changed(bias=False).geometry) >= {
        "bias_ih_l0",
        "bias_hh_l1",
    }


def test_a_nan_on_one_side_is_no_agreement():
    import dataclasses

    spec = RunSpec()
    trace = run(spec).traces[0]
    broken = trace.h_n.copy()
    broken[0, 0, 0] = math.nan
    found = compare(
        called(spec), called(spec, dataclasses.replace(trace, final={**trace.final, "h_n": broken}))
    )
    change = next(change for change in found.tensors if change.name == "h_n")
    assert math.isnan(change.max_abs_difference)


def test_another_call_of_one_run_is_not_taken_for_the_same():
    from lstmviz.engine.scenarios import run_scenario

    found = run_scenario("encoder-decoder")
    encoder, decoder = (
        Called(trace=trace, geometry=trace.geometry(), settings=found.settings)
        for trace in found.run.traces[:2]
    )
    assert compare(encoder, encoder).is_same
    other = compare(encoder, decoder)
    assert other.settings == ()
    assert not other.is_same


def test_the_same_settings_run_again_are_the_same():
    assert compare(called(RunSpec()), called(RunSpec())).is_same
    assert not compared(seed=4)[0].is_same
