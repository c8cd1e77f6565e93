"""The terminal's view of a run while it runs.

On a terminal: one quiet block, redrawn four times a second, gone at the end. Elsewhere (a pipe, CI,
NO_COLOR): one plain line for each event that matters. Everything goes to stderr, so that stdout
holds nothing but the result.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..wording import change_text, duration_text, one_line, shorten
from .pace import Pace

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.text import Text

REFRESH_HZ = 4
_MOST_SHOWN = 12
_LONGEST_LINE = 240
_FATES = frozenset({"accepted", "rejected", "inconclusive", "infrastructure"})
_MARKS = {
    "accepted": "+",
    "rejected": "-",
    "inconclusive": "?",
    "infrastructure": "!",
    "validating": ">",
}
_STYLES = {"accepted": "green", "rejected": "dim", "inconclusive": "yellow", "validating": "cyan"}


@dataclass(kw_only=True)
class _Row:
    """What is known of one candidate; later events fill in what earlier ones left out."""

    candidate_id: str
    origin: str = ""
    hotspot: str = ""
    hypothesis: str = ""
    state: str = "proposed"
    stage: str = ""
    reason: str = ""
    speedup: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None

    def update(self, event: Mapping[str, Any]) -> None:
        for name, value in event.items():
            if value is not None and name in _ROW_FIELDS:
                setattr(self, name, value)

    def fate(self) -> str:
        """Return how it stands: `accepted 1.30x faster (…)`, `rejected at same answer: …`."""
        gain = ""
        if self.speedup is not None and self.state in _FATES:
            gain = f" {change_text(self.speedup, self.ci_low, self.ci_high, None)}"
        if self.state == "accepted":
            return f"accepted{gain}"
        at = f" at {self.stage}" if self.stage else ""
        reason = f": {one_line(self.reason)}" if self.reason else ""
        return f"{self.state}{at}{gain if not reason else ''}{reason}"


_ROW_FIELDS = frozenset(_Row.__dataclass_fields__) - {"candidate_id"}


class LiveView:
    """Shows the stage, the time, the budget and each candidate's fate; a context manager.

    Args:
        console: where a terminal's view goes; None makes one on stderr when it is needed. Plain
            lines go to its file.
        quiet: show nothing at all.
        verbose: plain lines, also for each stage that a candidate comes to, and nothing shortened.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        console: Console | None = None,
        *,
        quiet: bool = False,
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._quiet = quiet
        self._verbose = verbose
        self._pace = Pace()
        self._clock = clock
        self._started = clock()
        self._live: Live | None = None
        self._lock = threading.Lock()
        self._stage = ""
        self._stage_text = ""
        self._rows: dict[str, _Row] = {}
        self._spend: Mapping[str, Any] = {}

    def __enter__(self) -> Self:
        self._started = self._clock()
        if not self._quiet and not self._is_plain():
            self._live = self._start_live()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def on_event(self, event: Mapping[str, Any]) -> None:
        """Take in one event of the run's trajectory; kinds it does not know are passed over.

        May be called from any thread.
        """
        with self._lock:
            self._pace.take(event, self._clock())
            line = self._take(event)
        if self._quiet or not line:
            return
        if self._live is None:
            self._print_plain(line)
        elif event.get("event") == "note":
            self._live.console.print(line, markup=False, highlight=False)

    def _take(self, event: Mapping[str, Any]) -> str:
        """Remember the event and return the plain line that tells it, empty for none."""
        kind = event.get("event")
        if kind == "stage":
            self._stage = str(event.get("stage") or "")
            self._stage_text = one_line(str(event.get("text") or ""))
            if not self._stage_text:
                return self._stage
            about = self._pace.text(self._clock()).removesuffix(" left")
            told = self._stage_text if self._verbose else shorten(self._stage_text, _LONGEST_LINE)
            return f"{self._stage}: {told}{f' ({about})' if about else ''}"
        if kind == "candidate":
            return self._take_candidate(event)
        if kind == "spend":
            self._spend = event
            return ""
        return one_line(str(event.get("text") or "")) if kind == "note" else ""

    def _take_candidate(self, event: Mapping[str, Any]) -> str:
        name = str(event.get("candidate_id") or "?")
        row = self._rows.setdefault(name, _Row(candidate_id=name))
        told = row.state in _FATES
        row.update(event)
        what = " ".join(part for part in (row.origin, row.hotspot) if part)
        head = f"candidate {name}{f' ({what})' if what else ''}: "
        if row.state in _FATES:
            fate = row.fate()
            return "" if told else head + (fate if self._verbose else shorten(fate, _LONGEST_LINE))
        if not self._verbose:
            return ""
        return head + (row.hypothesis if row.state == "proposed" else f"{row.state} {row.stage}")

    def _is_plain(self) -> bool:
        if (
            self._verbose
            or os.environ.get("CI")
            or os.environ.get("NO_COLOR")
            or os.environ.get("TERM") == "dumb"
        ):
            return True
        if self._console is not None:
            return not self._console.is_terminal
        return not sys.stderr.isatty()

    def _print_plain(self, line: str) -> None:
        stream = sys.stderr if self._console is None else self._console.file
        stream.write(f"[{duration_text(round(self._clock() - self._started))}] {line}\n")
        stream.flush()

    def _start_live(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        console = self._console or Console(stderr=True)
        live = Live(
            get_renderable=self._render,
            console=console,
            refresh_per_second=REFRESH_HZ,
            transient=True,
            redirect_stdout=False,
        )
        live.start()
        return live

    def _render(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        with self._lock:
            elapsed = duration_text(round(self._clock() - self._started))
            head = Text(no_wrap=True, overflow="ellipsis")
            head.append(self._stage or "starting", style="bold")
            head.append(f"  {self._stage_text}" if self._stage_text else "")
            left = self._pace.text(self._clock())
            parts = [elapsed, *([left] if left else []), *budget_parts(self._spend)]
            lines = [head, Text("  ".join(parts), style="dim", no_wrap=True, overflow="ellipsis")]
            return Group(*lines, *self._row_texts())

    def _row_texts(self) -> list[Text]:
        from rich.text import Text

        rows = list(self._rows.values())
        hidden = len(rows) - _MOST_SHOWN
        texts = [Text(f"  … {hidden} earlier", style="dim")] if hidden > 0 else []
        for row in rows[-_MOST_SHOWN:]:
            text = Text(no_wrap=True, overflow="ellipsis")
            text.append(
                f"  {_MARKS.get(row.state, ' ')} {row.candidate_id}  ",
                style=_STYLES.get(row.state, ""),
            )
            text.append(f"{row.hotspot or row.origin}  ")
            shown = row.fate() if row.state != "proposed" else shorten(row.hypothesis, 80)
            text.append(shown, style=_STYLES.get(row.state, ""))
            texts.append(text)
        return texts


def budget_parts(spend: Mapping[str, Any]) -> list[str]:
    """Return what was spent, of how much: `["round 2/6", "$0.12 of $1.00", "12,000 tokens"]`.

    Args:
        spend: rounds, usd, tokens, and the same names with `max_` in front under "limits"; what is
            missing or None is left out.
    """
    limits = spend.get("limits") or {}

    def limit(name: str) -> Any:
        return limits.get(f"max_{name}", limits.get(name))

    parts: list[str] = []
    if spend.get("rounds") is not None:
        most = limit("rounds")
        parts.append(f"round {spend['rounds']}" + (f"/{most}" if most else ""))
    if spend.get("usd"):
        most = limit("usd")
        parts.append(f"${spend['usd']:.2f}" + (f" of ${most:.2f}" if most else ""))
    if spend.get("tokens"):
        most = limit("tokens")
        parts.append(f"{spend['tokens']:,}" + (f" of {most:,}" if most else "") + " tokens")
    wall = limit("wall") or limit("wall_s")
    if wall:
        parts.append(f"of {duration_text(wall)} at most")
    return parts
