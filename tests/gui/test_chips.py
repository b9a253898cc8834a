"""The signs in the tool bar say no more than was proven."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from lstmviz.core.asking.source import Answer, LstmSource
from lstmviz.core.plotted import Whose
from lstmviz.core.proof import Proof
from lstmviz.core.timing import Timing
from lstmviz.core.trace import NonFinite, Run
from lstmviz.gui.panels.badges import Badges, proof_text


def proof(**changed):
    plain = {"output": 0.0, "h_n": 0.0, "c_n": 0.0, "tolerance_h": 1e-5, "tolerance_c": 0.2}
    return Proof(**{**plain, "reason": "Because.", "exact": False, **changed})


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (proof(exact=True), "✓ trace = nn.LSTM, exact"),
        (proof(output=2e-7, c_n=1e-6), "✓ trace ≈ nn.LSTM, |Δh| 2.0e-07 ≤ 1.0e-05"),
        (proof(output=2e-7, c_n=0.1), "✓ trace ≈ nn.LSTM, |Δc| 1.0e-01 ≤ 2.0e-01"),
        (proof(output=6e-3, c_n=0.1), "✕ trace ≠ nn.LSTM, |Δh| 6.0e-03 > 1.0e-05"),
        (proof(output=np.nan), "✕ trace ≠ nn.LSTM, |Δh| NaN > 1.0e-05"),
        (proof(unproven="Dropout."), "? trace of nn.LSTM, not proven"),
    ],
)
def test_equal_is_said_only_of_what_agrees_in_every_bit(given, text):
    assert proof_text(given) == text


@pytest.fixture
def chips(document, qtbot):
    chips = Badges(document)
    qtbot.addWidget(chips)
    chips.show()
    return chips


def shown(document, trace):
    run = document.run
    made = Run(generation=99, stages=run.stages, traces=(trace,))
    document.accept(Answer(source=LstmSource(document.spec), run=made))


def test_a_time_says_whether_it_is_the_forwards_or_a_first_calls(chips, document, run_it):
    trace = run_it()
    shown(document, replace(trace, forward_timing=Timing(seconds=0.04)))
    assert chips.time.text() == "first call 40.0 ms"
    document.accept_timing(99, Timing(seconds=0.0008, calls=5, warm=True))
    assert chips.time.text() == "forward 0.80 ms"
    assert "median of 5 warm calls" in chips.time.toolTip()


def test_half_precision_says_in_which_type_it_is_shown(chips, run_it):
    run_it()
    assert chips.place.text() == "cpu · float32"
    run_it(dtype="bfloat16")
    assert chips.place.text() == "cpu · bfloat16 as float32"
    assert "bfloat16" in chips.place.toolTip()


def test_the_first_nan_has_a_sign_that_leads_to_it(chips, document, run_it):
    trace = run_it()
    assert not chips.nonfinite.isVisible()
    place = (1, 1, 4, 2, 7)
    found = NonFinite(where="input", index=(4, 2, 0), value="nan", reached=place)
    shown(document, replace(trace, first_nonfinite=found))
    assert chips.nonfinite.isVisible()
    assert "input[4, 2, 0]" in chips.nonfinite.toolTip()
    QTest.mouseClick(chips.nonfinite, Qt.MouseButton.LeftButton)
    view = document.view
    assert (view.layer, view.direction, view.step, view.item, view.unit) == place
    run_it()
    assert not chips.nonfinite.isVisible()


def test_the_proof_is_of_the_run_that_the_plots_show(chips, document, run_it):
    trace = run_it()
    doubtful = replace(trace, proof=proof(output=6e-3))
    shown(document, doubtful)
    document.pin()
    run_it(seed=9)
    assert chips.proof.text().startswith("✓ trace")
    document.plot(Whose.PINNED)
    assert chips.proof.text().startswith("the pinned run: ✕ trace ≠ nn.LSTM")
    assert chips.proof.property("state") == "bad"
    document.plot(Whose.DIFFERENCE)
    assert chips.proof.text().startswith("the pinned run: ✕"), "the one of two that is worth less"
    assert "this run: The trace is what nn.LSTM returned" in chips.proof.toolTip()
    document.unpin()
    assert chips.proof.property("state") == "good"
