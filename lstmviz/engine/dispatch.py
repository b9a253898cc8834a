"""What PyTorch's own operators are seen through while they run."""

from __future__ import annotations

from torch.utils._python_dispatch import TorchDispatchMode


class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A dispatch mode that is ordinary Python: switching it off for Dynamo would import Dynamo."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False
