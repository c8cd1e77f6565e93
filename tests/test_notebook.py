"""`%%perfagent` in IPython, in this process: the cell is the workload."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from perfagent.notebook import Result
from perfagent.tests.reports.records import make_record
from perfagent.tests.shop import WORKLOAD, Shop, lay_out_shop


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    quiet = Config({"HistoryManager": {"enabled": False}})
    made = InteractiveShell(config=quiet)
    assert made.run_cell("%load_ext perfagent").success
    yield made
    made.run_line_magic("unload_ext", "perfagent")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = lay_out_shop(tmp_path, tmp_path / "cache")
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(made.folder)
    return made


def test_a_cell_is_profiled(
    shell: InteractiveShell, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    line = f"%%perfagent profile {quote(str(shop.repo))} --python {sys.prefix} --no-facts"
    done = shell.run_cell(f"{line}\n{WORKLOAD}", store_history=False)
    assert done.success, done.error_in_exec
    found: Any = done.result
    assert found.record["hotspots"][0]["function"] == "shared"
    assert "deliveries/pairs.py:4 shared" in found._repr_markdown_()
    assert "prepare:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("profile /no/such/place", "/no/such/place"),
        ("measure . --no-such-option", "No such option"),
        ("optimise .", "unexpected extra argument"),
    ],
)
def test_what_cannot_be_run_is_an_error_of_one_line(
    shell: InteractiveShell, line: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = shell.run_cell(f"%%perfagent {line}\nx = 1", store_history=False)
    assert type(done.error_in_exec).__name__ == "UsageError"
    assert why in str(done.error_in_exec) + capsys.readouterr().err


def interrupt_when(is_time: Callable[[], bool]) -> threading.Thread:
    """Interrupt this process once, as Ctrl-C or a notebook's button does."""

    def wait() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if is_time():
                os.kill(os.getpid(), signal.SIGINT)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Take interrupts as IPython does; workers of the tests ignore them, and so would commands."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_cell_is_one_line_that_says_how_to_go_on(
    shell: InteractiveShell, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    runs = Path(shop.environ["PERFAGENT_STATE_DIR"]) / "runs"
    interrupting = interrupt_when(lambda: any(runs.glob("*/trajectory.jsonl")))
    line = f"%%perfagent optimize {quote(str(shop.repo))} --python {sys.prefix} --no-facts"
    done = shell.run_cell(f"{line}\n{WORKLOAD}", store_history=False)
    interrupting.join()
    (run,) = runs.iterdir()
    assert type(done.error_in_exec).__name__ == "UsageError"
    assert str(done.error_in_exec) == f"perfagent: interrupted; go on with: perfagent resume {run}"
    assert list(scratch.iterdir()) == []
    assert processes_of(tmp_path) == []
    assert shell.run_cell("1 + 1").result == 2


def processes_of(folder: Path) -> list[bytes]:
    """Return the command lines that name a folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(file.read_bytes())
    return [command for command in found if os.fsencode(folder) in command]


def test_a_run_shows_as_its_report(tmp_path: Path) -> None:
    (tmp_path / "patch.diff").write_text("--- a/x\n+++ b/x\n")
    shown = Result(make_record(2) | {"directory": str(tmp_path)})
    assert "1.74x faster" in shown._repr_markdown_()
    assert "+++ b/x" in repr(shown)
