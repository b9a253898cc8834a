"""The faces of figures: what they lack is a box, and nothing is printed of it."""

from __future__ import annotations

import warnings

import pytest

from lstmviz.core.scenes.diagram.scene import Face
from lstmviz.figures.faces import MISSING, drawable, fitted, measure, wrapped

OURS = (
    "D·num_layers",
    "|Δh| 1.2e-07 ≤ 1.3e-05",
    "→ forward ← reverse",
    "−0.33 × ≈ ≠ ✓",
    "Σ lengths …",
)


@pytest.mark.parametrize("face", list(Face))
def test_a_sign_that_no_face_has_is_a_box_and_no_warning(face):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawable("h_t 中文 ⋮", face) == f"h_t {MISSING}{MISSING} ⋮"
        assert measure("中", face) == measure(MISSING, face) > 0


def test_our_own_words_have_every_sign_they_use():
    for face in (Face.NOTE, Face.CODE, Face.SYMBOL, Face.NAME):
        for text in (
            "D·num_layers",
            "|Δh| 1.2e-07 ≤ 1.3e-05",
            "→ forward ← reverse",
            "−0.33 × ≈ ≠ ✓",
            "Σ lengths …",
        ):
            assert drawable(text, face) == text


def test_a_text_is_cut_to_its_room_and_wrapped_without_loss():
    text = "what the module returns, in its own layout"
    for width in (20, 60, 120, 400):
        assert measure(fitted(text, Face.NOTE, width), Face.NOTE) <= width
        assert " ".join(wrapped(text, Face.NOTE, width)) == text
