from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from lstmviz.core.asking.asked import Asked
from lstmviz.core.region import Region
from lstmviz.core.scenario import (
    SCENARIOS,
    Claim,
    PackedData,
    Pointer,
    Result,
    ScenarioComparison,
    ScenarioRun,
    scenario,
    scenario_listing,
)
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import SpecError
from lstmviz.core.trace import Run

ALL = pytest.mark.parametrize("chosen", SCENARIOS.values(), ids=list(SCENARIOS))


def test_listing_has_a_line_each_and_needs_no_torch():
    code = (
        "import sys; from lstmviz.core.scenario import scenario_listing; print(scenario_listing());"
        "assert not {'torch', 'PySide6'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(SCENARIOS)
    assert all(line.endswith(".") for line in lines)
    assert done.stdout.strip() == scenario_listing()


def test_a_file_is_a_scenario_and_has_a_model_and_a_drawing():
    from lstmviz.core.scenarios import catalogue
    from lstmviz.engine.scenarios import models
    from lstmviz.gui.scenarios.thumbnail import DRAWINGS

    def files(package):
        return {path.stem for path in Path(package.__file__).parent.glob("*.py")} - {"__init__"}

    assert {one.module for one in SCENARIOS.values()} == files(catalogue) == files(models)
    assert set(DRAWINGS) == {"", *SCENARIOS}
    lessons = [one.lesson for one in SCENARIOS.values()]
    assert lessons == sorted(set(lessons))


def test_the_six_of_them_start_with_the_sizes_named():
    wanted = {
        "sentence-classifier": {
            "seq_len": 20, "input_size": 100, "batch_size": 32, "hidden_size": 128, "classes": 2,
        },
        "encoder-decoder": {
            "input_size": 50, "hidden_size": 64, "batch_size": 16, "seq_len": 30,
        },
        "variable-lengths": {
            "input_size": 30, "hidden_size": 100, "outputs": 2, "seq_len": 50,
            "lengths": "40, 30, 25, 50, 15, 45, 35, 20",
        },
        "chunks": {}, "counter": {}, "forecaster": {},
    }  # fmt: skip
    assert list(SCENARIOS) == list(wanted)
    for name, sizes in wanted.items():
        assert sizes.items() <= scenario(name).defaults().items()


@ALL
def test_names_are_unique_and_defaults_are_valid(chosen):
    for things in (chosen.claims, (*chosen.sizes, *chosen.options)):
        names = [thing.name for thing in things]
        assert len(names) == len(set(names))
    assert chosen.settled({}) == chosen.defaults()
    for claim in chosen.claims:
        assert {name for name, _ in claim.needs} <= chosen.defaults().keys()


@ALL
def test_each_tour_step_keeps_to_what_the_scenario_has(chosen):
    changes = {}
    for step in chosen.tour:
        changes |= step.changes
        settings = chosen.settled(changes)
        if step.claim:
            assert chosen.claim(step.claim).applies(settings), step.text


@ALL
def test_each_size_is_refused_outside_its_bounds(chosen):
    for size in chosen.sizes:
        for wrong in (size.low - 1, size.high + 1, True, 2.5, "3"):
            with pytest.raises(SpecError) as caught:
                chosen.settled({size.name: wrong})
            assert caught.value.field == size.name


def test_options_and_names_are_checked():
    with pytest.raises(SpecError, match="no setting called width"):
        scenario("chunks").settled({"width": 3})
    with pytest.raises(SpecError, match="must be one of"):
        scenario("chunks").settled({"state": "kept"})
    with pytest.raises(SpecError, match="true or false"):
        scenario("sentence-classifier").settled({"padded": "yes"})
    with pytest.raises(SpecError, match="between 1 and 2,000"):
        scenario("counter").settled({"text": ""})
    with pytest.raises(SpecError, match="no scenario called 'sentence'; there are sentence-"):
        scenario("sentence")


def test_a_run_that_would_be_too_large_is_refused():
    huge = {"batch_size": 512, "seq_len": 500, "hidden_size": 1024}
    with pytest.raises(SpecError, match="at most 20,000,000"):
        scenario("sentence-classifier").settled(huge)


def test_pointer_becomes_a_region_of_the_tensor_as_it_is():
    last_reverse = Pointer(tensor="output", index=((None, None), -1, ("hidden_size", None)))
    region = last_reverse.region((4, 20, 6), {"hidden_size": 3})
    assert region == Region("output", ((0, 4), (19, 20), (3, 6)))
    # A direction less, as after switching the scenario back: nothing of it is left.
    assert last_reverse.region((4, 20, 3), {"hidden_size": 3}).ranges[2] == (3, 3)


def test_a_run_survives_being_taken_apart():
    packed = PackedData(
        data=np.ones((3, 2)), batch_sizes=np.array([2, 1]), sorted_indices=np.array([1, 0]),
        unsorted_indices=np.array([1, 0]), lengths=np.array([1, 2]),
        row_item=np.array([1, 0, 1]), row_step=np.array([0, 0, 1]), padded_steps=8,
    )  # fmt: skip
    assert packed.saved == pytest.approx(5 / 8)
    run = ScenarioRun(
        scenario="x", settings={"seed": 3, "text": "a"},
        run=Run(generation=4, stages=(), traces=()),
        results=(
            Result(name="r", title="R", axes=("L",), values=np.arange(2.0), labels=("a", "b")),
        ),
        comparisons=(
            ScenarioComparison(name="c", title="C", left="a", right="b", max_abs_difference=0.5,
                       tolerance=1e-5, exact=False),
        ),
        claims=(
            Claim(name="k", sentence="K.", expressions=("a",), holds=True,
                  max_abs_difference=None, measured="m"),
        ),
        packed=packed,
    )  # fmt: skip
    plain = json.loads(json.dumps(run.plain()))
    again = ScenarioRun.from_parts(run.run, run.arrays(), plain)
    assert again.plain() == run.plain()
    assert again.claims == run.claims
    assert again.comparisons == run.comparisons
    assert not again.comparison("c").agrees
    np.testing.assert_array_equal(again.result("r"), [0.0, 1.0])
    np.testing.assert_array_equal(again.packed.row_step, packed.row_step)


@pytest.mark.parametrize(
    ("name", "settings", "field"),
    [
        ("variable-lengths", {"lengths": "9, 9, 999"}, "lengths"),
        ("variable-lengths", {"lengths": "000000005123"}, "lengths"),
        ("variable-lengths", {"lengths": "20, 20", "seq_len": 10}, "lengths"),
        ("variable-lengths", {"lengths": ", ,"}, "lengths"),
        ("chunks", {"seq_len": 2}, "chunk"),
        ("chunks", {"seq_len": 5000, "chunk": 1}, "chunk"),
    ],
)
def test_settings_that_do_not_go_together_are_refused_without_an_engine(name, settings, field):
    with pytest.raises(SpecError) as caught:
        Choice(name, settings)
    assert caught.value.field == field


# Sentences and numbers ----------------------------------------------------------------------------

NUMERAL = re.compile(
    r"\b(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|fifty|hundreds?|thousands?"
    r"|thirds?|quarters?|tenths?|centur(?:y|ies)|\d[\d.,]*)\b",
    re.IGNORECASE,
)

CODE = re.compile(r"[\w.]+[(\[][^)\]]*[)\]]")


def sentences(one):
    yield from (one.title, one.summary)
    yield from (claim.sentence for claim in one.claims)
    yield from (step.text for step in one.tour)
    yield from (setting.title for setting in (*one.sizes, *one.options))


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_number_in_a_sentence_is_the_one_that_is_computed_with(name):
    module = import_module(f"lstmviz.core.scenarios.catalogue.{SCENARIOS[name].module}")
    constants = {
        f"{value}": constant
        for constant, value in vars(module).items()
        if constant.isupper() and isinstance(value, int | float)
    }
    prose = [CODE.sub("", text) for text in sentences(SCENARIOS[name])]
    said = {found for text in prose for found in NUMERAL.findall(text)}
    assert {number.rstrip(".,") for number in said} <= constants.keys()
    # Not once more in the engine, where it could be another.
    model = import_module(f"lstmviz.engine.scenarios.models.{SCENARIOS[name].module}")
    engine = Path(model.__file__)
    source = engine.read_text(encoding="utf-8")
    for number in said:
        constant = constants[number.rstrip(".,")]
        assert constant.startswith("_") or constant in source


def test_years_are_never_grouped_and_counts_always():
    before = Asked(choice=Choice("forecaster"))
    after = before.changed(alone_from=1990)
    assert after.change_in_words(before) == "alone_from 1985 → 1990"
    assert after.kept_in_words(before) == "alone_from 1990"
    with pytest.raises(SpecError, match="between 1921 and 2008, not 3"):
        before.changed(alone_from=3)
    assert Asked().changed(seq_len=100_000).change_in_words(Asked()) == "seq_len 24 → 100,000"
    with pytest.raises(SpecError, match="between 1 and 100,000, not 1,000,000"):
        Asked().changed(seq_len=10**6)
