"""What Linux's control groups, by which containers are bounded, leave this process of memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

_NO_LIMIT: Final = 1 << 60
"""The first version says "none" by a number near 2**63."""


class _Names(NamedTuple):
    """Files of a group's folder: its limits, what is used, and which of that is mere cache."""

    limits: tuple[str, ...]
    used: str
    cache: str


_FIRST: Final = _Names(("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file")
_SECOND: Final = _Names(("memory.max", "memory.high"), "memory.current", "inactive_file")


def memory_left(process: Path = Path("/proc/self")) -> int:
    """Return the bytes that the tightest group over this process leaves; very many without one.

    Both versions, mounted where they may be, from the process's own group up to the mount's root:
    each bounds all below it. File cache that the kernel would drop counts as free.

    Parameters
    ----------
    process : Path
        Folder of the process in ``/proc``.
    """
    left = sys.maxsize
    for mount, group, names in _memory_groups(process):
        folder = mount / group.lstrip("/")
        if not folder.is_dir():  # The group's name is the host's, the mount a container's.
            folder = mount
        for place in (folder, *folder.parents):
            if not place.is_relative_to(mount):
                break
            left = min(left, _left_in(place, names))
    return left


def _memory_groups(process: Path) -> Iterator[tuple[Path, str, _Names]]:
    """Yield each version's mount, the process's group in it, and how its files are called."""
    groups: dict[str, str] = {}
    for line in _lines(process / "cgroup"):
        _, controllers, group = line.split(":", 2)
        for controller in controllers.split(","):
            groups[controller] = group
    for line in _lines(process / "mountinfo"):
        before, _, after = line.partition(" - ")
        root, mount = before.split()[3:5]
        kind, _, options = after.split(" ", 2)
        if kind == "cgroup2" and "" in groups:
            yield _place(mount), _below(groups[""], root), _SECOND
        elif kind == "cgroup" and "memory" in options.split(",") and "memory" in groups:
            yield _place(mount), _below(groups["memory"], root), _FIRST


def _below(group: str, root: str) -> str:
    """Return `group` as seen from a mount that shows what lies below `root`."""
    return group[len(root) :] if root != "/" and f"{group}/".startswith(f"{root}/") else group


def _place(escaped: str) -> Path:
    """Return a path of ``mountinfo``, where spaces are written as octal numbers."""
    return Path(escaped.replace("\\040", " "))


def _left_in(folder: Path, names: _Names) -> int:
    stated = dict(line.split(" ", 1) for line in _lines(folder / "memory.stat") if " " in line)
    found = [_number(folder / name) for name in names.limits]
    # Of the first version: a limit of a group above, which a container may not see itself.
    found.append(_whole(stated.get("hierarchical_memory_limit", "")))
    limit = min((n for n in found if n is not None and n < _NO_LIMIT), default=None)
    used = _number(folder / names.used)
    if limit is None or used is None:
        return sys.maxsize
    return max(0, limit - max(0, used - (_whole(stated.get(names.cache, "")) or 0)))


def _whole(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def _number(file: Path) -> int | None:
    """Return the number in a file; None where there is none, or the word "max"."""
    return _whole("".join(_lines(file)))


def _lines(file: Path) -> list[str]:
    with suppress(OSError):
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    return []
