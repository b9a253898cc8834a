"""Groups as both versions, containers and nesting show them, in folders that look like them."""

from __future__ import annotations

import sys

import pytest

from lstmviz.engine.control_groups import memory_left

MIB = 2**20
NONE = 2**63 - 4096


@pytest.fixture
def process(tmp_path):
    """Make a process's folder in /proc, and the groups it is in: path below the mount, files."""

    def make(version, groups, *, own="/a/b", root="/", space=False):
        mount = tmp_path / ("mem ory" if space else "memory")
        for place, files in groups.items():
            folder = mount / place.lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                (folder / name).write_text(f"{text}\n")
        proc = tmp_path / "proc"
        proc.mkdir()
        shown = str(mount).replace(" ", "\\040")
        if version == 1:
            (proc / "cgroup").write_text(f"5:cpu,cpuacct:/x\n4:memory:{own}\n0::/\n")
            kind = f"cgroup {shown} rw,memory"
        else:
            (proc / "cgroup").write_text(f"0::{own}\n")
            kind = "cgroup2 cgroup2 rw,nsdelegate"
        (proc / "mountinfo").write_text(
            "22 1 0:5 / /proc rw - proc proc rw\n"
            f"31 23 0:28 {root} {shown} rw,relatime shared:9 - {kind}\n"
        )
        return proc

    return make


def first(limit, used, stat=""):
    return {"memory.limit_in_bytes": limit, "memory.usage_in_bytes": used, "memory.stat": stat}


def second(most, used, high="max", stat=""):
    return {"memory.max": most, "memory.high": high, "memory.current": used, "memory.stat": stat}


@pytest.mark.parametrize(
    ("version", "groups", "left"),
    [
        (1, {"/a/b": first(100 * MIB, 30 * MIB)}, 70),
        (1, {"/a/b": first(NONE, 30 * MIB)}, None),
        (1, {"/a/b": first(NONE, 1), "/a": first(50 * MIB, 10 * MIB)}, 40),
        (1, {"/a/b": first(NONE, 0, f"hierarchical_memory_limit {9 * MIB}")}, 9),
        (1, {"/a/b": first(NONE, 0, f"hierarchical_memory_limit {NONE}")}, None),
        (1, {"/a/b": first(100 * MIB, 90 * MIB, f"cache 3\ntotal_inactive_file {60 * MIB}")}, 70),
        (1, {"/a/b": first(10 * MIB, 30 * MIB)}, 0),
        (2, {"/a/b": second(100 * MIB, 30 * MIB)}, 70),
        (2, {"/a/b": second("max", 30 * MIB)}, None),
        (2, {"/a/b": second("max", 30 * MIB, high=40 * MIB)}, 10),
        (2, {"/a/b": second("max", 1), "/a": second(50 * MIB, 20 * MIB)}, 30),
        (2, {"/a/b": second(100 * MIB, 90 * MIB, stat=f"inactive_file {60 * MIB}")}, 70),
        (2, {"/a/b": second("nonsense", "more of it")}, None),
    ],
)
def test_the_tightest_group_counts_and_cache_does_not(process, version, groups, left):
    wanted = sys.maxsize if left is None else left * MIB
    assert memory_left(process(version, groups)) == wanted


def test_a_container_sees_its_own_group_as_the_mounts_root(process):
    inside = process(1, {"/": first(60 * MIB, 20 * MIB)}, own="/docker/7f", root="/docker/7f")
    assert memory_left(inside) == 40 * MIB


def test_a_group_whose_name_is_the_hosts_is_looked_for_at_the_mount(process):
    inside = process(2, {"/": second(60 * MIB, 20 * MIB)}, own="/../host/slice")
    assert memory_left(inside) == 40 * MIB


def test_a_mount_with_a_space_in_its_name(process):
    assert memory_left(process(1, {"/a/b": first(9 * MIB, 0)}, space=True)) == 9 * MIB


def test_no_groups_at_all_bound_nothing(tmp_path):
    assert memory_left(tmp_path) == sys.maxsize
