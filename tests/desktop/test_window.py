"""The real program on a real screen, with real clicks and keys."""

from __future__ import annotations

import json
import time

import numpy as np
import psutil
import pytest
from PIL import Image

from lstmviz.core.asking.session import Session
from lstmviz.core.files.pngtext import read_text

pytestmark = pytest.mark.desktop


def brightness(image):
    return np.asarray(image, int).mean(axis=2)


def test_clicks_and_keys_change_settings_and_picture(start):
    program = start()
    state = program.until_shown()
    assert state["title"].startswith("lstmviz")
    assert state["output"] == [4, 24, 32]
    before = program.photograph()
    assert len(np.unique(np.asarray(before).reshape(-1, 3), axis=0)) > 300

    program.click("bidirectional")
    program.until(lambda s: s["output"] == [4, 24, 16])
    program.click("batch_first")
    program.until(lambda s: s["output"] == [24, 4, 16])

    program.click("seq_len")
    program.press("ctrl+a")
    program.write("40")
    program.press("Return")
    program.until(lambda s: s["output"] == [40, 4, 16])
    # The field has the focus still: undo is the window's all the same.
    program.press("ctrl+z")
    program.until(lambda s: s["output"] == [24, 4, 16] and s["settings"]["seq_len"] == 24)
    program.press("ctrl+z", "ctrl+z")
    program.until(lambda s: s["output"] == [4, 24, 32])
    program.press("ctrl+shift+z")
    program.until(lambda s: s["output"] == [4, 24, 16])
    program.press("alt+End")
    program.until(lambda s: s["step"] == 23)

    program.click("proj_size")
    program.press("ctrl+a")
    program.write("99")
    program.press("Tab")
    state = program.until(lambda s: s["refusals"])
    assert "proj_size must be smaller" in state["refusals"]["proj_size"]
    assert state["settings"]["proj_size"] == 0
    program.until_shown()
    time.sleep(0.3)
    after = program.photograph()
    changed = np.asarray(before, int) != np.asarray(after, int)
    assert 0.01 < changed.any(axis=2).mean() < 0.9
    assert "Traceback" not in program.printed()


def test_dragging_a_slider_by_hand_is_followed_and_undone_at_once(start):
    program = start()
    state = program.until_shown()
    x, y = state["places"]["hidden_size, slider"]
    left = x - 20
    program.do("mousemove", left, y, "mousedown", 1)
    for k in range(1, 16):
        program.do("mousemove", left + 3 * k, y)
    program.do("mouseup", 1)
    state = program.until(lambda s: s["settings"]["hidden_size"] != 16)
    state = program.until_shown()
    assert state["output"][2] == 2 * state["settings"]["hidden_size"]
    program.press("ctrl+z")
    program.until(lambda s: s["settings"]["hidden_size"] == 16)


def test_a_picture_is_saved_by_keys_alone(start, tmp_path):
    program = start("--hidden-size", 10)
    state = program.until_shown()
    program.press("ctrl+s")
    program.do("search", "--sync", "--onlyvisible", "--name", "^Save picture$")
    time.sleep(0.4)
    target = tmp_path / "slide.png"
    program.press("ctrl+a")
    program.write(str(target))
    program.press("Return")
    program.until(lambda s: s["status"] == f"Saved slide.png in {tmp_path}")
    with Image.open(target) as image:
        assert image.size[0] == 2 * state["size"][0]
        # All but the menu bar and the status line.
        assert 0.9 < image.size[1] / (2 * state["size"][1]) < 1
        assert brightness(image.convert("RGB")).std() > 10
    assert Session.from_json(read_text(target, "lstmviz")).spec.lstm.hidden_size == 10


def test_the_theme_is_switched_in_the_menu_and_the_next_start_is_as_this_one_ended(start):
    program = start()
    program.until_shown()
    light = brightness(program.photograph())
    program.press("alt+v")
    time.sleep(0.3)
    program.press("d")
    program.until(lambda s: s["dark"])
    time.sleep(0.4)
    dark = brightness(program.photograph())
    assert np.median(light) > 200
    assert np.median(dark) < 70
    program.click("bias")
    program.until(lambda s: s["settings"]["bias"] is False)
    program.until_shown()
    window = program.do("getactivewindow").strip()
    program.do("windowsize", "--sync", window, 1234, 789)
    state = program.until(lambda s: abs(s["size"][0] - 1234) < 20)
    engine = state["engine"]
    program.press("alt+F4")
    assert program.ended() == 0
    assert not psutil.pid_exists(engine)
    assert program.printed() == ""

    again = start()
    state = again.until_shown()
    assert state["dark"]
    assert state["settings"]["bias"] is False
    assert abs(state["size"][0] - 1234) < 20
    assert abs(state["size"][1] - 789) < 20


def test_closing_while_it_starts_or_runs_leaves_nothing(start):
    for wait in (lambda p: p.until(lambda _: True), lambda p: p.until_shown()):
        program = start("--seq-len", 20_000, "--hidden-size", 64)
        state = wait(program)
        program.do("search", "--sync", "--onlyvisible", "--name", "^lstmviz")
        program.press("ctrl+q")
        assert program.ended() == 0
        assert not psutil.pid_exists(state["engine"])


def test_a_killed_window_takes_its_engine_along(start):
    program = start()
    engine = program.until_shown()["engine"]
    program.process.kill()
    program.ended()
    end = time.monotonic() + 60
    while psutil.pid_exists(engine) and time.monotonic() < end:
        time.sleep(0.02)
    assert not psutil.pid_exists(engine)


def test_timings_of_a_real_start(start, tmp_path):
    path = tmp_path / "timings.jsonl"
    program = start("--timings", path)
    program.until_shown()
    program.click("unbatched")
    program.until(lambda s: s["output"] == [24, 32])
    time.sleep(0.3)
    program.press("ctrl+q")
    assert program.ended() == 0
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    at = {event["event"]: event.get("at") for event in events}
    assert 0 < at["window_shown"] < at["first_plots"] < 60
    assert at["engine_ready"] < at["first_plots"]
    assert events[-1]["event"] == "exit"
    assert any(event["event"] == "change" for event in events)
