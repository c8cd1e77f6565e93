"""`pytest -p perfagent.pytest_plugin --perfagent`: offers the slowest tests as workloads.

A door. It has no entry point: a plugin that pytest loads by itself would be loaded into every suite
of an environment, and with an editable install pytest then warns of modules it cannot rewrite.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHORTEST_S = 0.02
"""Of a shorter test the start of a process would be most of what is timed."""
MOST_SHOWN = 10
_INTERVAL_S = 0.001
_FOREIGN = frozenset({"site-packages", "dist-packages"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--perfagent`."""
    parser.getgroup("perfagent").addoption(
        "--perfagent",
        action="store_true",
        help="profile the tests, and offer the slowest as workloads of perfagent",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch the tests when asked to."""
    if config.getoption("perfagent"):
        config.pluginmanager.register(SlowTests(config.rootpath), "perfagent-slow-tests")


class SlowTests:
    """Watches tests: how long each took, and which function of the repository took most of it."""

    def __init__(self, root: Path) -> None:
        from pyinstrument import Profiler  # here, so that no test pays for the import

        self._profiler = Profiler
        self._root = root
        self._hottest: dict[str, tuple[str, float]] = {}
        self._seconds: dict[str, float] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Sample a test while it runs, its fixtures apart."""
        profiler = self._profiler(interval=_INTERVAL_S, async_mode="disabled")
        try:
            profiler.start()
        except RuntimeError:  # the test, or another plugin, profiles itself
            yield
            return
        yield
        session = profiler.stop()
        root = session.root_frame(trim_stem=False)
        if root is not None and session.duration >= SHORTEST_S:
            shares: dict[str, float] = {}
            self._share_out(root, None, shares)
            if shares:
                name = max(shares, key=lambda key: shares[key])
                self._hottest[item.nodeid] = (name, shares[name] / (sum(shares.values()) or 1))

    def _share_out(self, frame: Any, owner: str | None, shares: dict[str, float]) -> None:
        """Give a frame's own time to the deepest function of the repository above it."""
        owner = self._own_name(frame) or owner
        own = frame.time - sum(callee.time for callee in frame.children)
        if owner is not None and own > 0:
            shares[owner] = shares.get(owner, 0.0) + own
        for callee in frame.children:
            self._share_out(callee, owner, shares)

    def _own_name(self, frame: Any) -> str | None:
        if not frame.file_path:
            return None
        path = Path(frame.file_path)
        if not path.is_relative_to(self._root) or _FOREIGN & set(path.parts):
            return None
        return f"{path.relative_to(self._root).as_posix()}:{frame.function}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how long a test took that passed."""
        if report.when == "call" and report.passed and report.duration >= SHORTEST_S:
            self._seconds[report.nodeid] = report.duration

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Offer the slowest tests."""
        terminalreporter.section("perfagent")
        if not self._seconds:
            terminalreporter.line(f"no test that passed took {SHORTEST_S * 1000:.0f} ms or more")
            return
        ranked = sorted(self._seconds.items(), key=lambda pair: -pair[1])
        for node, seconds in ranked[:MOST_SHOWN]:
            hot, share = self._hottest.get(node, ("", 0.0))
            where = f"  {share:.0%} in {hot}" if hot else ""
            terminalreporter.line(f"{seconds:8.2f} s  {node}{where}")
        best = shlex.join(["perfagent", "optimize", ".", f"pytest:{ranked[0][0]}"])
        terminalreporter.line(f"a test is a workload: {best}")
