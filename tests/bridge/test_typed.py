from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

import pytest

from lstmviz.bridge.typed import typed


class Color(StrEnum):
    RED = "red"


class Entry(TypedDict):
    name: str
    size: int | None


@dataclass(frozen=True)
class Inner:
    pair: tuple[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    color: Color
    inner: tuple[Inner, ...]
    entries: list[Entry]
    named: dict[str, bool]
    note: str = ""


def plain(**changes):
    return {
        "color": "red",
        "inner": [{"pair": [1, 2]}],
        "entries": [{"name": "a", "size": None}],
        "named": {"x": True},
        **changes,
    }


def test_typed_makes_what_the_annotations_say():
    assert typed(Outer, plain()) == Outer(
        color=Color.RED,
        inner=(Inner((1, 2.0)),),
        entries=[{"name": "a", "size": None}],
        named={"x": True},
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"color": "blue"},
        {"color": 1},
        {"inner": {}},
        {"inner": [{"pair": [True, 2.0]}]},
        {"inner": [{"pair": [1.0, 2.0]}]},
        {"inner": [{"pair": [1]}]},
        {"inner": [{"pair": [1, 10**400]}]},
        {"inner": [None]},
        {"entries": [{"name": "a"}]},
        {"entries": [{"name": "a", "size": 1, "more": 2}]},
        {"named": {"x": 1}},
        {"named": []},
        {"note": None},
        {"note": "\ud800"},
        {"note": "x" * (2**20 + 1)},
        {"unknown": 1},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_typed_refuses_all_else(changes):
    with pytest.raises(ValueError, match=r"."):
        typed(Outer, plain(**changes))


def test_typed_refuses_what_lacks_a_field():
    with pytest.raises(ValueError, match="no Outer"):
        typed(Outer, {"color": "red"})
