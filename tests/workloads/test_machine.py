"""What the machine did to a launch, read from folders laid out like the kernel's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perfagent.workloads.machine import (
    MachineReading,
    held_back_s,
    load,
    quotas,
    steal_share,
    stolen_s,
    throttled_s,
)

TICKS = os.sysconf("SC_CLK_TCK")


def stat(proc: Path, *stolen: int) -> None:
    rows = [f"cpu{number} 5 0 5 90 0 0 0 {ticks} 0 0" for number, ticks in enumerate(stolen)]
    proc.mkdir(exist_ok=True)
    total = f"cpu  9 0 9 90 0 0 0 {sum(stolen)} 0 0"
    (proc / "stat").write_text("\n".join([total, *rows, "intr 1 2 3", "ctxt 7"]))


def reading(stolen: float | None = None, throttled: float | None = None) -> MachineReading:
    return MachineReading(stolen_s=stolen, throttled_s=throttled)


def test_only_the_pinned_cores_steal_counts(tmp_path: Path):
    stat(tmp_path, 0, 3 * TICKS)
    assert stolen_s(frozenset({0}), tmp_path) == 0
    assert stolen_s(frozenset({1}), tmp_path) == 3
    assert stolen_s(None, tmp_path) == 1.5
    assert stolen_s(frozenset({7}), tmp_path) is None
    assert stolen_s(None, tmp_path / "nowhere") is None


def test_steal_is_a_share_of_the_launch():
    assert steal_share(reading(1.0), reading(1.5), 2.0) == 0.25
    assert steal_share(reading(1.0), reading(9.0), 2.0) == 1
    assert steal_share(reading(None), reading(1.0), 2.0) is None


def cgroup(root: Path, path: str, text: str) -> None:
    folder = root / path
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.stat").write_text(text)


def ours(proc: Path, text: str) -> Path:
    (proc / "self").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text(text)
    return proc


def test_quotas_of_our_cgroup_and_those_above_it_hold_us_back(tmp_path: Path):
    root = tmp_path / "v2"
    cgroup(root, "", "usage_usec 9\n")
    cgroup(root, "app", "usage_usec 9\nnr_throttled 2\nthrottled_usec 250000\n")
    cgroup(root, "app/inner", "throttled_usec 500000\n")
    cgroup(root, "other", "throttled_usec 900000\n")
    proc = ours(tmp_path / "proc", "0::/app/inner\n")
    assert throttled_s(quotas(proc, root)) == pytest.approx(0.75)


def test_quotas_of_the_first_version_are_in_nanoseconds(tmp_path: Path):
    root = tmp_path / "v1"
    cgroup(root, "cpu,cpuacct/docker/abc", "nr_throttled 1\nthrottled_time 2000000000\n")
    proc = ours(tmp_path / "proc", "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n")
    assert throttled_s(quotas(proc, root)) == pytest.approx(2.0)


def test_a_container_that_is_told_the_hosts_path_finds_its_own(tmp_path: Path):
    root = tmp_path / "v1"
    cgroup(root, "cpu", "throttled_time 1000000000\n")
    proc = ours(tmp_path / "proc", "3:cpu,cpuacct:/docker/abc\n")
    assert throttled_s(quotas(proc, root)) == pytest.approx(1.0)


def test_without_quotas_nothing_is_claimed(tmp_path: Path):
    assert quotas(tmp_path / "none", tmp_path) == ()
    assert throttled_s(()) is None
    assert held_back_s(reading(), reading(throttled=1.0)) is None
    assert held_back_s(reading(throttled=1.0), reading(throttled=1.5)) == 0.5


def test_load_is_known_here():
    found = load()
    assert found is None or found >= 0
