"""What this machine offers: devices, the types an LSTM runs in on each, and memory."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any, Final

import torch

from lstmviz.core.spec import DType

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
    """Return the bytes one run may take now: a share of the memory that is free."""
    return int(_SHARE_OF_MEMORY * min(_free_memory(), _container_memory()))


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


def _container_memory() -> int:
    """Return what a control group leaves us; a very large number without one."""
    group = Path("/sys/fs/cgroup")
    try:
        limit = (group / "memory.max").read_text(encoding="utf-8").strip()
        used = int((group / "memory.current").read_text(encoding="utf-8"))
        return sys.maxsize if limit == "max" else max(0, int(limit) - used)
    except (OSError, ValueError):
        return sys.maxsize


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
