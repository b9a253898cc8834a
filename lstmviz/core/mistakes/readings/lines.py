"""Lines to write that several readings share."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.setting import Lines

PROJECTION: Final = r"proj_size|\bprojections?\b"
PARALLEL: Final = r"data_?parallel|parallel_apply|DataParallel|replica \d"


def fresh_state(
    rows: int | str, width: int | str, *, pair: bool = True, cell_width: str = ""
) -> Lines:
    """Return the call with a zero state made for the very batch that is fed.

    Parameters
    ----------
    rows, width : int or str
        D·num_layers and H, or letters for them.
    pair : bool
        Whether the module takes (h_0, c_0), as nn.LSTM does, or h_0 alone.
    cell_width : str
        Of c_0, where it may be another than `width`, as with a projection.
    """
    made = (
        "n = x.size(0)  # x.size(1) without batch_first",
        f"h_0 = torch.zeros({rows}, n, {width}, device=x.device, dtype=x.dtype)",
    )
    if pair:
        call = "output, (h_n, c_n) = lstm(x, (h_0, c_0))"
        like = "device=x.device, dtype=x.dtype"
        cell = f"c_0 = torch.zeros({rows}, n, {cell_width}, {like})"
        return (*made, cell if cell_width else "c_0 = torch.zeros_like(h_0)", call)
    return (*made, "output, h_n = rnn(x, h_0)")
