"""The scan of c_t: in blocks, step after step, and backwards, against a loop over scalars."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstmviz.engine.opening.scan import scan_cells


def looped(a, f, carry, *, reverse):
    c = np.empty_like(a)
    for t in reversed(range(len(a))) if reverse else range(len(a)):
        carry = f[t] * carry + a[t]
        c[t] = carry
    return c, carry


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("in_blocks", [False, True])
@pytest.mark.parametrize(
    ("steps", "width"), [(1, 3), (15, 3), (16, 1), (17, 3), (5000, 2), (40, 9000)]
)
def test_scan_is_the_loop(steps, width, in_blocks, reverse):
    rng = np.random.default_rng(0)
    a, f = rng.normal(size=(steps, width)), rng.uniform(size=(steps, width))
    f[:, 0] = 1.0
    carry = rng.normal(size=width)
    expected, last = looped(a, f, carry, reverse=reverse)
    c = torch.from_numpy(a.copy())
    reached = scan_cells(
        c, torch.from_numpy(f), torch.from_numpy(carry), reverse=reverse, in_blocks=in_blocks
    )
    np.testing.assert_allclose(c, expected, rtol=0, atol=1e-11)
    np.testing.assert_allclose(reached, last, rtol=0, atol=1e-11)
    if not in_blocks:
        np.testing.assert_array_equal(c, expected)
