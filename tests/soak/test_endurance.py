"""Long use leaves nothing behind: memory, handles, threads, timers and shared blocks stay.

Twenty thousand changes, an hour of play:
``python -m pytest tests/soak/test_endurance.py --soak 220``.
"""

from __future__ import annotations

import random

import pytest
from PySide6.QtTest import QTest

from tests.soak.measures import Clock, Growth, in_words

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

_CHANGES = 90
_PLAYED_SECONDS = 16
_LOOKS = 6
_ENOUGH = 500
"""Acts between two looks from which memory tells: over fewer, an allocator's next block does."""
_MIB_PER_THOUSAND = 5.0


def check(gained, acts):
    """Fail where anything grows with use."""
    for name, by_kind in gained.items():
        for kind in ("handles", "threads", "timers", "blocks"):
            assert by_kind[kind] <= 0, (name, kind, by_kind[kind])
        if acts >= _ENOUGH:
            assert by_kind["memory"] < _MIB_PER_THOUSAND, (name, by_kind["memory"])


def test_changes_leave_nothing_behind(studio, settle, soak, tally):
    rng = random.Random(11)  # noqa: S311 - repeatable
    growth = Growth(studio)
    per_look = max(1, soak(_CHANGES) // _LOOKS)
    with tally("changes of a setting, each until its run is shown") as changes:
        for _ in range(_LOOKS):
            for _ in range(per_look):
                with changes.attempt():
                    studio.document.change(
                        seq_len=rng.randint(1, 120),
                        hidden_size=rng.randint(1, 32),
                        seed=rng.randint(0, 99),
                    )
                    studio.document.look_at(step=rng.randint(0, 119))
                    settle(studio)
            growth.look()
        gained = growth.per_thousand(per_look)
        changes.memory = in_words(gained)
    check(gained, per_look)
    assert studio.document.trace.proof.ok


def test_playing_leaves_nothing_behind(studio, settle, soak, tally):
    studio.document.change(seq_len=300)
    settle(studio)
    growth, clock, steps = Growth(studio), Clock(), []
    studio.document.view_changed.connect(lambda: steps.append(1))
    studio.views.player.speed = 60
    try:
        with tally("a sixth of the time that is played") as stretches:
            for place in range(_LOOKS):
                # Whatever is shown meanwhile moves along.
                studio.views.steps.setCurrentIndex(place % studio.views.steps.count())
                with stretches.attempt():
                    studio.views.player.play(on=True)
                    QTest.qWait(round(soak(_PLAYED_SECONDS) * 1000 / _LOOKS))
                    studio.views.player.play(on=False)
                growth.look()
            shown = len(steps) / _LOOKS
            assert shown > 1
            gained = growth.per_thousand(shown)
            stretches.memory = (
                f"{len(steps):,} steps, longest block {clock.longest} ms; {in_words(gained)}"
            )
    finally:
        clock.stop()
    check(gained, shown)
