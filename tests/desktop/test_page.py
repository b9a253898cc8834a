"""The HTML page in a real browser: pointed at, clicked and scrubbed, held to Python's own rules."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from lstmviz.core.files.htmlpage import write_page
from lstmviz.core.places import Place, expressions, is_in, steps_of_item, value_at
from lstmviz.engine.opening.trace import trace
from tests.desktop.browser import CHROMIUM, DRIVER, Browser

torch.set_num_threads(1)

pytestmark = pytest.mark.slow

PAST = "past the end of this sequence, not computed"

# (options of the module, and dtype, lengths, unbatched)
CASES = {
    "one way": {},
    "two layers, both ways": {"num_layers": 2, "bidirectional": True},
    "batch first": {"batch_first": True, "bidirectional": True},
    "unbatched": {"unbatched": True, "num_layers": 2},
    "packed": {"lengths": [4, 7, 1], "num_layers": 2, "bidirectional": True},
    "packed, batch first": {"lengths": [7, 2, 5], "batch_first": True},
    "projected": {"proj_size": 2, "bidirectional": True, "num_layers": 2},
    "float64": {"dtype": torch.float64, "num_layers": 2},
    "output of other bits": {"other": True, "batch_first": True, "bidirectional": True},
    "packed, other bits": {"other": True, "lengths": [3, 7, 5], "bidirectional": True},
}


def traced(*, dtype=torch.float32, lengths=None, unbatched=False, other=False, **options):
    torch.manual_seed(5)
    lstm = torch.nn.LSTM(3, 5, dtype=dtype, **options)
    x = torch.randn(*((7, 3) if unbatched else (7, 3, 3)), dtype=dtype)
    if lengths:
        seen = trace(lstm, pack_padded_sequence(x, lengths, enforce_sorted=False))
    else:
        seen = trace(lstm, x.transpose(0, 1) if options.get("batch_first") else x)
    if other:
        object.__setattr__(seen, "output", np.nextafter(seen.output, np.float32(2)))
    return seen


@pytest.fixture
def browser(tmp_path):
    if not (CHROMIUM and DRIVER):
        pytest.skip("needs chromium and chromedriver")
    browser = Browser(tmp_path)
    yield browser
    browser.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page of calls, which by the end must have asked for nothing and logged nothing."""

    def act(*calls, width=1280, height=900, dark=False, **options):
        write_page(tmp_path / "run.html", calls, **options)
        browser.size(width, height, dark=dark)
        browser.logged("performance")
        browser.open(tmp_path / "run.html")
        return browser

    yield act
    time.sleep(0.1)
    assert browser.logged("browser") == []
    asked = [
        line["message"]
        for line in browser.logged("performance")
        if '"Network.requestWillBeSent"' in line["message"]
    ]
    assert all('"url":"file:' in line or '"url":"data:' in line for line in asked)
    assert not any('"url":"http' in line for line in asked)


LOOK = """
const [places] = arguments, seen = [];
const set = (id, value) => {
  const field = document.getElementById(id);
  if (field.value === String(value)) return;
  field.value = value;
  field.dispatchEvent(new Event('change'));
};
for (const { tensor, layer, direction, step, item, unit, steps, units } of places) {
  set('layer', layer); set('direction', direction); set('item', item);
  const map = document.querySelector(`[data-tensor=${tensor}]`);
  const box = map.getBoundingClientRect();
  map.dispatchEvent(new PointerEvent('pointermove', {
    clientX: box.left + box.width * (step + 0.5) / steps,
    clientY: box.top + box.height * (unit + 0.5) / units,
  }));
  seen.push(['names', 'value', 'remark'].map((id) => document.getElementById(id).textContent));
}
return seen;
"""

READ = (
    "return ['names', 'value', 'remark', 'now'].map((i) => document.getElementById(i).textContent)"
)


def places(seen):
    """Return places of every tensor of `seen`, at random and at every corner."""
    random = np.random.default_rng(0)
    tensors = ("input", "output", *seen.states, *seen.gates)
    found = []
    for tensor in tensors:
        width = width_of(seen, tensor)
        sizes = (seen.num_layers, seen.num_directions, seen.seq_len, seen.batch_size, width)
        corners = [[0] * 5, [size - 1 for size in sizes]]
        for layer, direction, step, item, unit in [
            *corners,
            *(random.integers(sizes) for _ in range(24)),
        ]:
            outer = {"input": 0, "output": seen.num_layers - 1}
            place = Place(
                tensor=tensor,
                layer=int(outer.get(tensor, layer)),
                direction=0 if tensor in outer else int(direction),
                step=int(step),
                item=int(item),
                unit=int(unit),
            )
            assert is_in(seen, place)
            found.append(place)
    # Every change of layer, direction or item draws the whole page.
    return sorted(found, key=lambda place: (place.item, place.layer, place.direction))


def width_of(seen, tensor):
    joined = seen.num_directions * seen.output_size
    widths = {"input": seen.input.shape[-1], "output": joined, "hidden": seen.output_size}
    return widths.get(tensor, seen.hidden_size)


def as_told(seen, place):
    """Return a place for the page's script, with the sizes of the heatmap it is in."""
    names = ("tensor", "layer", "direction", "step", "item", "unit")
    told = {name: getattr(place, name) for name in names}
    return told | {"steps": seen.seq_len, "units": width_of(seen, place.tensor)}


@pytest.mark.parametrize("options", CASES.values(), ids=CASES)
def test_values_and_indices_are_those_that_python_gives(opened, options):
    seen = traced(**options)
    asked = places(seen)
    told = opened(("", seen)).run(LOOK, [as_told(seen, place) for place in asked])
    kind = seen.hidden.dtype.type
    for place, (names, value, remark) in zip(asked, told, strict=True):
        assert names == " = ".join(expressions(seen, place)), place
        if place.step >= steps_of_item(seen, place.item):
            assert (value, remark) == ("", PAST)
            continue
        number = kind(value_at(seen, place))
        assert kind(value) == number, (place, value)
        assert len(value.strip("-")) <= len(np.format_float_positional(number, unique=True)) + 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_kind_of_number_is_written_so_that_it_can_be_told(opened, dtype):
    seen = traced(dtype=torch.float32 if dtype is np.float32 else torch.float64)
    info = np.finfo(dtype)
    odd = [0.1, 1 / 3, 16777216, 2**-44, 1e21, info.max, info.tiny, info.smallest_subnormal]
    numbers = np.array([*odd, -0.0, np.nan, np.inf, -np.inf, *(-np.array(odd))], dtype)
    table = np.zeros(seen.input.shape, dtype)
    table.reshape(-1)[: len(numbers)] = numbers
    object.__setattr__(seen, "input", table)
    asked = [
        Place(tensor="input", layer=0, direction=0, step=t, item=n, unit=u)
        for t, n, u in list(np.ndindex(*table.shape))[: len(numbers)]
    ]
    told = opened(("", seen)).run(LOOK, [as_told(seen, place) for place in asked])
    values = np.array([dtype(value) for _, value, _ in told])
    np.testing.assert_array_equal(values, numbers)
    assert np.signbit(values[8])
    assert [told[0][1], told[9][1], told[10][1]] == ["0.1", "NaN", "inf"]


def middle(browser, tensor, step, steps, unit, units):
    script = """
const box = document.querySelector(`[data-tensor=${arguments[0]}]`).getBoundingClientRect();
return [box.left, box.top, box.width, box.height]"""
    left, top, width, height = browser.run(script, tensor)
    return left + width * (step + 0.5) / steps, top + height * (unit + 0.5) / units


def test_a_click_goes_to_the_step_and_keys_go_on_from_there(opened):
    seen = traced(num_layers=2, bidirectional=True)
    browser = opened(("", seen), height=1600)
    # Unit 7 of the output is the reverse direction's unit 2.
    browser.click(*middle(browser, "output", 6, 7, 7, 10))
    names, value, _, now = browser.run(READ)
    assert (names, now) == ("output[6, 0, 7]", "t = 6 of 0…6")
    assert np.float32(value) == seen.output[6, 0, 7]
    assert browser.run("return document.getElementById('direction').value") == "1"
    browser.press("Home")
    names, value, *_ = browser.run(READ)
    assert names == "output[0, 0, 7] = h_n[3, 0, 2]"
    assert np.float32(value) == seen.h_n[3, 0, 2]
    browser.press("Right", "Right", "Left", "Down")
    assert browser.run(READ)[0] == "output[1, 0, 8]"
    cell = browser.run("return document.getElementById('cell-values').innerText").split()
    assert np.float32(cell[3]) == seen.hidden[1, 1, 1, 0, 3]
    assert browser.run("return document.getElementById('spoken').textContent") == (
        f"output[1, 0, 8] = {browser.run(READ)[1]}"
    )
    # Keys in a field are the field's own.
    browser.run("document.getElementById('unit').focus()")
    browser.press("Left")
    assert browser.run(READ)[3] == "t = 1 of 0…6"


def test_playing_goes_through_the_steps_and_ends(opened):
    browser = opened(("", traced()))
    browser.press("Home", " ")
    end = time.monotonic() + 10
    while browser.run(READ)[3] != "t = 6 of 0…6":
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(0.2)
    assert browser.run("return document.getElementById('play').getAttribute('aria-label')") == (
        "Play"
    )


def test_another_call_brings_its_own_sizes_and_foreign_names_stay_text(opened):
    name = "</script><img src=x onerror=alert(1)>"
    browser = opened(("a", traced()), (name, traced(lengths=[4, 7, 1])), title=name)
    browser.run("""
const call = document.getElementById('call');
call.value = '1';
call.dispatchEvent(new Event('change'));""")
    assert browser.run("return document.querySelectorAll('img').length") == 0
    assert browser.run("return [document.title, call.selectedOptions[0].text]") == [name, name]
    shown = browser.run("return document.querySelector('.summary:not([hidden])').innerText")
    assert "packed" in shown
    absent = "return [...document.querySelectorAll('.map .absent')].map((a) => a.style.left)"
    assert len(browser.run(absent)) == 8
    assert [float(left.strip("%")) for left in browser.run(absent)] == [pytest.approx(400 / 7)] * 8


PIXEL = """
const map = document.querySelector('[data-tensor=hidden] canvas');
const [x, y] = [...arguments].map((share, i) => Math.floor(share * (i ? map.height : map.width)));
const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
copy.drawImage(map, -x, -y);
return [...copy.getImageData(0, 0, 1, 1).data]"""


def test_colours_are_the_window_s_in_both_themes(opened):
    from lstmviz.core.scenes.colors import DARK, LIGHT
    from lstmviz.core.scenes.plots.colormap import color_table
    from lstmviz.core.scenes.plots.scale import Scale

    seen = traced()
    browser = opened(("", seen), dark=True)
    table = seen.hidden[0, 0, :, 0]
    row = Scale(largest=float(np.abs(table).max())).indices(table)[3, 2]
    for theme in (DARK, LIGHT):
        assert browser.run(PIXEL, 3.5 / 7, 2.5 / 5) == list(color_table(theme)[row])
        browser.run("document.getElementById('theme').click()")


@pytest.mark.parametrize("width", [360, 760, 1280, 3840])
def test_nothing_is_cut_off_or_too_small_to_read(opened, width):
    browser = opened(("", traced(lengths=[4, 7, 1], num_layers=2, proj_size=2)), width=width)
    script = """
const small = [...document.querySelectorAll('body *')].filter((part) =>
  parseFloat(getComputedStyle(part).fontSize) < 11).map((part) => part.outerHTML.slice(0, 80));
return [document.documentElement.scrollWidth, small]"""
    assert browser.run(script) == [width, []]


def test_every_control_has_a_name_and_is_reached_by_the_keyboard(opened):
    browser = opened(("", traced(num_layers=2)))
    nodes = browser.command("Accessibility.getFullAXTree", {})["nodes"]
    controls = {"button", "combobox", "spinbutton", "slider", "application"}
    found = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if node.get("role", {}).get("value") in controls
    ]
    assert len(found) == 6 + 2 + 2 + 1 + 8
    assert all(name for _, name in found)
    reached = set()
    for _ in range(len(found) + 4):
        browser.press("Tab")
        reached.add(
            browser.run("return document.activeElement.id || document.activeElement.dataset.tensor")
        )
    assert {"theme", "layer", "unit", "step", "play", "input", "output_gate"} <= reached


def test_a_long_run_says_what_a_pixel_stands_for(opened):
    torch.manual_seed(1)
    lstm = torch.nn.LSTM(3, 5)
    seen = trace(lstm, torch.randn(5000, 1, 3))
    browser = opened(("", seen))
    note = browser.run("""
const map = document.querySelector('[data-tensor=hidden]');
return [map.parentNode.querySelector('.note:last-child').textContent, map.clientWidth]""")
    assert note[0] == f"pixel = extreme of {5000 / note[1]:.0f} steps" or "." in note[0]
    place = Place(tensor="hidden", layer=0, direction=0, step=2500, item=0, unit=3)
    ((names, value, remark),) = browser.run(LOOK, [as_told(seen, place)])
    step = int(names.split("[")[1].split(",")[0])
    assert abs(step - 2500) <= 5000 / note[1]
    assert np.float32(value) == seen.hidden[0, 0, step, 0, 3]
    low, high = map(int, remark.rpartition(" t ")[2].split(" to "))
    block = seen.hidden[0, 0, low : high + 1, 0, 3]
    assert low <= step <= high
    shown = float(remark.split(" shows ")[1].split(",")[0])
    assert shown == pytest.approx(float(block[np.abs(block).argmax()]), rel=1e-5)
