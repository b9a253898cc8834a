"""What this machine offers: devices, the types an LSTM runs in on each, and memory."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any, Final

import torch

from lstmviz.core.cost.memory import MEMORY_LIMIT
from lstmviz.core.spec import DType, SpecError
from lstmviz.core.words.amounts import bytes_from_words
from lstmviz.engine.control_groups import memory_left

_SHARE_OF_MEMORY: Final = 0.7
"""Part of the free memory that one run may take; the rest is for the window and the system."""

_FALLBACK_MEMORY: Final = 4 * 2**30


def devices() -> list[dict[str, Any]]:
    """Return every device torch reports.

    Returns
    -------
    list of dict
        ``name`` as torch takes it, ``title`` for people, ``dtypes`` that ``nn.LSTM`` runs in there.
    """
    found = [("cpu", _processor_title())]
    if torch.cuda.is_available():
        found += [
            (f"cuda:{index}", torch.cuda.get_device_name(index))
            for index in range(torch.cuda.device_count())
        ]
    if torch.backends.mps.is_available():
        found.append(("mps", "Apple GPU"))
    return [
        {"name": name, "title": title, "dtypes": [str(dtype) for dtype in dtypes(name)]}
        for name, title in found
    ]


def dtypes(device: str) -> list[DType]:
    """Return the types in which a one-unit LSTM really runs on `device`; tried, not looked up."""
    return [dtype for dtype in DType if _runs(device, dtype)]


def memory_limit() -> int:
    """Return the bytes one run may take now: what the user says, or a share of what is free.

    Raises
    ------
    SpecError
        What the user says is no size.
    """
    said = os.environ.get(MEMORY_LIMIT, "").strip()
    if said:
        try:
            return bytes_from_words(said)
        except ValueError as error:
            raise SpecError("seq_len", f"{MEMORY_LIMIT} is not understood: {error}.") from error
    return int(_SHARE_OF_MEMORY * min(_free_memory(), memory_left(), _address_space_left()))


def _runs(device: str, dtype: DType) -> bool:
    kind = getattr(torch, dtype.value)
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            lstm = torch.nn.LSTM(1, 1).to(device, kind)
            lstm(torch.zeros(1, 1, 1, device=device, dtype=kind))
    except (RuntimeError, TypeError, NotImplementedError):
        return False
    return True


def _processor_title() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _free_memory() -> int:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    if sys.platform == "win32":
        return _free_memory_on_windows()
    return _FALLBACK_MEMORY


def _address_space_left() -> int:
    """Return what a limit of the process itself (``ulimit -v``) leaves; many without one."""
    if sys.platform != "linux":
        return sys.maxsize
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return sys.maxsize
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    return max(0, limit - pages * resource.getpagesize())


def _free_memory_on_windows() -> int:
    import ctypes

    class MemoryStatus(ctypes.Structure):
        """The system's ``MEMORYSTATUSEX``."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *(
                (name, ctypes.c_ulonglong)
                for name in (
                    "total",
                    "available",
                    "total_page",
                    "available_page",
                    "total_virtual",
                    "available_virtual",
                    "available_extended",
                )
            ),
        )

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):  # type: ignore[attr-defined]
        return int(status.available)
    return _FALLBACK_MEMORY
