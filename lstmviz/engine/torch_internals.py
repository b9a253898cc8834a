"""Every private name of PyTorch's that this program touches: no other file does.

Such names come and go between versions. Each is looked for when the engine is imported; where one
is gone, the quick way that needs it is not taken, and another one computes the same numbers again.

==============  ==========================================  =======================================
way             needs                                       without it
==============  ==========================================  =======================================
meets_kernels   a dispatch mode; oneDNN's LSTM operator     inner layers are run once more
lends_memory    an operator run by its dispatch key         gates are computed, not read
reads_graph     what the backward node of a kernel saved,   inner layers are run once more, gates
                and whether hooks would be told of it       are computed
calls_aside     whether autocast or a mode is on, which     a call runs on the caller's own thread,
                belongs to the caller's thread              and is not cancelled before it ends
tells_inside    the dispatch keys of a thread               a caller is told of the progress within
                                                            whatever mode PyTorch is in
==============  ==========================================  =======================================
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from torch import Tensor

_NODE: Final = "MkldnnRnnLayerBackward0"
_SAVED: Final = (
    *("input", "weight0", "weight1", "weight2", "weight3", "hx_", "cx_"),
    *("reverse", "has_biases", "result0", "result1", "result2", "result3"),
)
"""What the node keeps of its kernel's arguments and results, in their order."""

FUSED_LAYER: Final[Any] = getattr(
    getattr(torch.ops.aten, "mkldnn_rnn_layer", None), "default", None
)
"""oneDNN's kernel, one direction of one layer; None where PyTorch has none."""
EMPTY: Final[Any] = torch.ops.aten.empty.memory_format
DRAW_MASK: Final[Any] = torch.ops.aten.bernoulli_.float
"""How dropout between the layers draws its mask on the CPU."""


def _mode() -> Any:
    """Return the class of what sees operators as they run; of what sees none where it is gone."""
    try:
        from torch.utils._python_dispatch import TorchDispatchMode
    except ImportError:
        return nullcontext
    return TorchDispatchMode


_MODE: Any = _mode()


class Ways(NamedTuple):
    """Which quick ways are open; see the table above."""

    meets_kernels: bool
    lends_memory: bool
    reads_graph: bool
    calls_aside: bool
    tells_inside: bool


def probe() -> Ways:
    """Look which ways are open in this PyTorch."""
    inside = torch._C  # noqa: SLF001
    node = getattr(getattr(inside, "_functions", None), _NODE, None)
    autograd = getattr(inside, "_autograd", None)
    meets = _MODE is not nullcontext and FUSED_LAYER is not None
    return Ways(
        meets_kernels=meets,
        lends_memory=meets and hasattr(FUSED_LAYER, "_op_dk") and hasattr(inside, "DispatchKey"),
        reads_graph=all(hasattr(node, f"_saved_{name}") for name in _SAVED)
        and hasattr(autograd, "_top_saved_tensors_default_hooks"),
        calls_aside=hasattr(inside, "_is_any_autocast_enabled")
        and hasattr(inside, "_len_torch_dispatch_stack"),
        tells_inside=hasattr(inside, "_dispatch_tls_local_include_set")
        and hasattr(inside, "_dispatch_tls_local_exclude_set")
        and hasattr(inside, "_ForceDispatchKeyGuard"),
    )


WAYS: Ways = probe()
"""The ways that are open."""


# Operators as they run ----------------------------------------------------------------------------


class Watch(_MODE):  # type: ignore[misc]  # which class it is, is seen when this is imported
    """See PyTorch's own operators while they run.

    It is ordinary Python: switching it off for Dynamo would import Dynamo.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False


def run_by_key(args: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """Run the fused layer's kernel itself, so that a mode sees only what it calls."""
    key = torch._C.DispatchKey.CPU  # noqa: SLF001
    result: tuple[Tensor, ...] = FUSED_LAYER._op_dk(key, *args)  # noqa: SLF001
    return result


def has_fused_layer() -> bool:
    """Return whether oneDNN is there, and neither is switched off."""
    return (
        FUSED_LAYER is not None
        and bool(torch.backends.mkldnn.enabled)
        and bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]
    )


# What backward would use --------------------------------------------------------------------------


class Saved(NamedTuple):
    """What the backward pass of one fused layer keeps.

    Attributes
    ----------
    args : tuple
        Input, four weights, h_0, c_0, whether reversed, whether there are biases.
    result : tuple of Tensor
        h of all steps, h_n, c_n.
    workspace : Tensor of uint8
    """

    args: tuple[Any, ...]
    result: tuple[Tensor, ...]
    workspace: Tensor


def saved_kernels(node: Any, count: int) -> tuple[list[Saved], Any]:
    """Return what the `count` fused kernels nearest below `node` saved, and the node below them.

    Parameters
    ----------
    node : object
        Of autograd's graph; None for none.
    count : int
        D, whose directions stand side by side.

    Returns
    -------
    list of Saved
        Empty where others than so many kernels come first.
    object
        From where to look for the layer before.
    """
    above = [node]
    # Between two layers stand but a few nodes, one behind the other.
    while len(above) == 1 and above[0] is not None and above[0].name() != _NODE:
        above = [following for following, _ in above[0].next_functions]
    nodes = [node for node in above if node is not None and node.name() == _NODE]
    if len(nodes) != count:
        return [], None
    return [_saved(node) for node in nodes], nodes[0].next_functions[0][0]


def _saved(node: Any) -> Saved:
    values = tuple(getattr(node, f"_saved_{name}") for name in _SAVED)
    return Saved(values[:9], values[9:12], values[12])


def is_hooked() -> bool:
    """Return whether hooks of the user's would change, or count, what is looked up as saved."""
    return torch._C._autograd._top_saved_tensors_default_hooks(True) is not None  # noqa: SLF001


# The caller's thread ------------------------------------------------------------------------------


def thread_matters() -> bool:
    """Return whether this thread has settings that another would not share."""
    if not WAYS.calls_aside:
        return True
    inside = torch._C  # noqa: SLF001
    return bool(inside._is_any_autocast_enabled()) or inside._len_torch_dispatch_stack() > 0  # noqa: SLF001


def dispatch_keys() -> tuple[Any, ...]:
    """Return what decides on this thread how PyTorch takes a call, for `under`."""
    if not WAYS.tells_inside:
        return ()
    inside = torch._C  # noqa: SLF001
    return inside._dispatch_tls_local_include_set(), inside._dispatch_tls_local_exclude_set()  # noqa: SLF001


def under(keys: tuple[Any, ...]) -> AbstractContextManager[Any]:
    """Have PyTorch take the block's calls as where `keys` were asked for."""
    return torch._C._ForceDispatchKeyGuard(*keys) if keys else nullcontext()  # noqa: SLF001


# Modules ------------------------------------------------------------------------------------------


def flat_weights(module: nn.Module) -> list[Any]:
    """Return the very list from which ``nn.LSTM.forward`` takes its weights; empty for a cell."""
    flat: list[Any] = getattr(module, "_flat_weights", [])
    return flat


def flat_names(module: nn.LSTM) -> list[str]:
    """Return what the flat weights are called."""
    names: list[str] = module._flat_weights_names  # noqa: SLF001
    return names


def pre_hooks(module: nn.Module) -> Iterable[Any]:
    """Return what runs before ``forward``."""
    return tuple(module._forward_pre_hooks.values())  # noqa: SLF001


def may_have_buffers(module: nn.Module) -> bool:
    """Return whether there is any need to look for buffers, which takes longer than this."""
    return bool(module._modules or module._buffers)  # noqa: SLF001


def unwrapped(module: nn.Module) -> nn.Module:
    """Return the module inside a ``torch.compile`` wrapper, else the module itself."""
    if type(module).__name__ != "OptimizedModule":  # By name: importing the class takes a second.
        return module
    inner: nn.Module = module._orig_mod  # type: ignore[assignment]  # noqa: SLF001
    return inner
