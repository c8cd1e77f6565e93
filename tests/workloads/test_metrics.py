"""Metrics: the number that is compared, and an honest reason where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perfagent.workloads import metrics
from perfagent.workloads.counting import count_of_command, counts_of_calls, rapl_problem
from perfagent.workloads.inside.perfagent_counters import Rapl, Stretches, perf_reader
from perfagent.workloads.launch import Launch
from perfagent.workloads.metrics import METRICS, counter_of, reading_of, unavailable

MADE = Launch(
    cold_s=9.0,
    warm_s=(4.0, 1.0, 2.0, 3.0, 8.0),
    cold_cpu_s=5.0,
    warm_cpu_s=0.5,
    cold_instructions=70.0,
    warm_instructions=60.0,
    peak_rss_bytes=1000,
)


@pytest.mark.parametrize(
    ("metric", "cold", "warm"),
    [
        ("wall", 9.0, 2.0),
        ("cpu", 5.0, 0.5),
        ("instructions", 70.0, 60.0),
        ("rss", 1000, 1000),
        ("energy", None, None),
    ],
)
def test_each_metric_compares_its_own_number(metric, cold, warm):
    assert reading_of(MADE, "cold", metric) == cold
    assert reading_of(MADE, "warm", metric) == warm


def test_a_launch_without_warm_calls_is_compared_by_its_first():
    made = Launch(cold_s=2.0, cold_cpu_s=1.0)
    assert reading_of(made, "warm", "wall") == 2.0
    assert reading_of(made, "warm", "cpu") == 1.0


def test_less_is_better_and_each_metric_is_explained():
    assert list(METRICS) == ["wall", "cpu", "instructions", "rss", "energy"]
    assert all(kind.unit and kind.meaning.endswith(".") for kind in METRICS.values())


def test_clocks_are_always_there():
    for metric in ("wall", "cpu", "rss"):
        assert unavailable(metric) is None
        assert counter_of(metric, "auto") is None


@pytest.mark.parametrize(
    ("perf", "valgrind", "by", "words"),
    [
        ("no event", "not installed", "auto", ("no event", "not installed")),
        ("no event", None, "auto", ()),
        ("no event", None, "perf", ("no event", "try callgrind")),
        (None, "not installed", "auto", ()),
        (None, "not installed", "callgrind", ("not installed",)),
    ],
)
def test_a_machine_without_counters_says_which_and_why(
    monkeypatch: pytest.MonkeyPatch, perf, valgrind, by, words
):
    monkeypatch.setattr(metrics, "perf_problem", lambda **_: perf)
    monkeypatch.setattr(metrics, "callgrind_problem", lambda: valgrind)
    reason = unavailable("instructions", instructions_by=by)
    assert (reason is None) == (not words)
    assert all(word in (reason or "") for word in words)


def test_the_energy_of_a_command_is_not_made_up():
    assert "command" in (unavailable("energy", is_command=True) or "")


def package(folder: Path, name: str, kind: str, energy_uj: int, range_uj: int = 999) -> Path:
    made = folder / name
    made.mkdir(parents=True, exist_ok=True)
    (made / "name").write_text(f"{kind}\n")
    (made / "energy_uj").write_text(f"{energy_uj}\n")
    (made / "max_energy_range_uj").write_text(f"{range_uj}\n")
    return made


def test_energy_adds_packages_once_and_survives_a_counter_that_begins_again(tmp_path: Path):
    first = package(tmp_path, "intel-rapl:0", "package-0", 900)
    second = package(tmp_path, "intel-rapl:1", "package-1", 100)
    package(tmp_path, "intel-rapl:0:0", "core", 500)
    package(tmp_path, "intel-rapl:2", "psys", 500)
    package(tmp_path, "intel-rapl-mmio:0", "package-0", 900)
    (tmp_path / "intel-rapl").mkdir()
    counter = Rapl(str(tmp_path))
    assert counter.read() == 0

    (second / "energy_uj").write_text("150\n")
    package(tmp_path, "intel-rapl:0:0", "core", 900)
    assert counter.read() == pytest.approx(50e-6)

    (first / "energy_uj").write_text("30\n")  # 900 to 999, one step to 0, and 30 more
    assert counter.read() == pytest.approx((50 + 130) * 1e-6)
    assert counter.read() == pytest.approx((50 + 130) * 1e-6)


def test_energy_says_why_there_is_none(tmp_path: Path):
    assert "no RAPL counters" in (rapl_problem(tmp_path / "powercap") or "")
    package(tmp_path, "intel-rapl:2", "psys", 500)
    assert "no RAPL counters" in (rapl_problem(tmp_path) or "")
    made = package(tmp_path, "intel-rapl:0", "package-0", 500)
    assert rapl_problem(tmp_path) is None
    if os.geteuid() != 0:  # root may read everything
        (made / "energy_uj").chmod(0)
        assert "they need root" in (rapl_problem(tmp_path) or "")


def test_counts_add_up_stretch_by_stretch_without_what_an_empty_one_costs():
    ticks = iter([0, 7, 10, 15, 20, 26, 100, 205, 300, 405, 500, 506])
    counter = Stretches(lambda: next(ticks))
    for regime in ("cold", "warm", "warm"):
        counter.start()
        counter.stop(regime)
    assert counter.report() == {"cold": 100, "warm": 101}


def test_the_kernels_counter_moves_in_threads_and_children():
    try:
        read = perf_reader(kind=1, config=1)  # the task clock, which every machine has
    except OSError as error:
        pytest.skip(f"perf_event_open: {error}")
    before = read()
    child = os.fork()
    if not child:
        started = os.times().user
        while os.times().user - started < 0.05:
            pass
        os._exit(0)
    os.waitpid(child, 0)
    assert read() - before > 30_000_000


def test_parts_of_callgrind_are_told_apart(tmp_path: Path):
    parts = {
        "callgrind.7": "totals: 5\n",
        "callgrind.7.1": "desc: Trigger: Client Request: before\ntotals: 9000\n",
        "callgrind.7.2": "desc: Trigger: Client Request: empty\ntotals: 100\n",
        "callgrind.7.3": "desc: Trigger: Client Request: cold\nsummary: 1\ntotals: 1100\n",
        "callgrind.7.4": "desc: Trigger: Client Request: warm\ntotals: 600\n",
        "callgrind.7.5": "desc: Trigger: Client Request: warm\ntotals: 50\n",
        "callgrind.8": "desc: Trigger: Program termination\ntotals: 4000\n",
    }
    for name, text in parts.items():
        (tmp_path / name).write_text(text)
    said = {"process": 7, "children": {"cold": ["callgrind.8"]}}
    assert counts_of_calls("callgrind", said, tmp_path) == {"cold": 5000, "warm": 500}
    assert counts_of_calls("perf", {"cold": 3, "warm": 2}, tmp_path) == {"cold": 3, "warm": 2}


def test_what_perf_counted_of_a_command_is_read_and_what_it_did_not_is_none(tmp_path: Path):
    assert count_of_command("perf", tmp_path) is None
    out = tmp_path / "perf-stat"
    out.write_text("# started on Monday\n\n<not supported>,,instructions:u,0,100.00,,\n")
    assert count_of_command("perf", tmp_path) is None
    out.write_text("# started on Monday\n\n123456,,instructions:u,101,100.00,,\n")
    assert count_of_command("perf", tmp_path) == 123456
