"""The text formats of the two profilers, parsed once, here.

py-spy's raw format is one line a distinct stack, `outer (file:line);…;inner (file:line) COUNT`, led
by one `process PID:"COMMAND LINE"` a process when subprocesses are followed. pyinstrument's session
JSON is a list of `[[frame, …], seconds]` whose frames are NUL- and SOH-separated strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

_PROCESS = re.compile(r'(?:^|";)process (\d+):"')
_RECORD_START = re.compile(r'^process \d+:"', re.MULTILINE)
_FRAME = re.compile(r"(?P<function>.*?) \((?P<file>[/<].*?|[^()]*?)(?::(?P<line>\d+))?\)")


@dataclass(frozen=True, kw_only=True)
class RawFrame:
    """A frame as a profiler reported it, before anybody asks whose it is.

    Attributes:
        file: As the interpreter knows it: absolute or relative path, `<frozen …>`, or empty.
        line: 0 when unknown.
    """

    function: str
    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class RawStack:
    """One distinct stack of one process.

    Attributes:
        frames: Outermost first; empty when the process ran no Python code yet or any more.
        processes: Process ids from the profiled root process down to the one that ran this; empty
            when the profiler does not follow processes.
    """

    frames: tuple[RawFrame, ...]
    samples: int
    processes: tuple[int, ...] = ()


def parse_pyspy(text: str) -> list[RawStack]:
    """Return the stacks of a py-spy raw file.

    A command line may hold newlines, quotes and semicolons; frames hold no quotes, so the last
    quote ends the processes. Lines that are not in the format are left out.
    """
    starts = [match.start() for match in _RECORD_START.finditer(text)]
    if starts:
        ends = [*starts[1:], len(text)]
        records = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    else:
        records = text.splitlines()
    parsed = (_parse_record(record.rstrip("\n")) for record in records)
    return [stack for stack in parsed if stack is not None]


def _parse_record(record: str) -> RawStack | None:
    body, _, count = record.rpartition(" ")
    if not count.isdecimal():
        return None
    processes: tuple[int, ...] = ()
    if _PROCESS.match(body):
        head, _, body = body.rpartition('"')
        processes = tuple(int(pid) for pid in _PROCESS.findall(head))
        body = body.removeprefix(";")
    frames = tuple(_parse_frame(part) for part in _split_frames(body))
    return RawStack(frames=frames, samples=int(count), processes=processes)


def _split_frames(body: str) -> list[str]:
    """Split at semicolons, except those inside a file's name."""
    parts: list[str] = []
    for part in body.split(";") if body else ():
        if parts and " (/" in parts[-1] and not parts[-1].endswith(")"):
            parts[-1] += ";" + part
        else:
            parts.append(part)
    return parts


def _parse_frame(text: str) -> RawFrame:
    match = _FRAME.fullmatch(text)
    if match is None:
        return RawFrame(function=text, file="", line=0)
    return RawFrame(function=match["function"], file=match["file"], line=int(match["line"] or 0))


def parse_pyinstrument(session: Mapping[str, Any], rate_hz: int) -> list[RawStack]:
    """Return the stacks of a pyinstrument session, its seconds turned into samples of `rate_hz`.

    A stack that took less than half a sample's time altogether is left out.
    """
    seconds: dict[tuple[str, ...], float] = {}
    for frames, time_s in session["frame_records"]:
        seconds[tuple(frames)] = seconds.get(tuple(frames), 0.0) + time_s
    stacks = [
        RawStack(
            frames=tuple(_parse_session_frame(text) for text in frames),
            samples=round(time_s * rate_hz),
        )
        for frames, time_s in seconds.items()
    ]
    return [stack for stack in stacks if stack.samples]


def _parse_session_frame(text: str) -> RawFrame:
    identifier, *attributes = text.split("\x01")
    function, file, first_line = (*identifier.split("\x00"), "", "")[:3]
    line = int(first_line) if first_line.isdecimal() and file != "<thread>" else 0
    for attribute in attributes:
        if attribute.startswith("l") and attribute[1:].isdecimal():
            line = int(attribute[1:])
        elif attribute.startswith("c") and attribute[1:]:
            function = f"{attribute[1:]}.{function}"
    return RawFrame(function=function, file="" if file == "<built-in>" else file, line=line)


def inside_region(
    stacks: Iterable[RawStack], region: str, *, others: bool = True
) -> list[RawStack]:
    """Return what ran inside the timed region, without the frames around it.

    Args:
        stacks: what was seen.
        region: the name of the function below which every timed call runs. A stack that ends
            there keeps that one frame: compiled code called from it has none of its own.
        others: keep whole the stacks of other threads (they start in `threading.py`) and of
            processes that the profiled one started: both work for the workload, unless they wait.
    """
    kept: list[RawStack] = []
    for stack in stacks:
        depth = _last_index(stack.frames, region)
        if depth is not None:
            inner = stack.frames[depth + 1 :] or stack.frames[depth:]
            kept.append(replace(stack, frames=inner))
        elif others and stack.frames and (len(stack.processes) > 1 or _is_thread(stack.frames)):
            kept.append(stack)
    return kept


def below_root(stacks: Iterable[RawStack]) -> list[RawStack]:
    """Return what the children of the profiled process did.

    One that ran no Python code yet, or any more, stands as a frame `<interpreter>`.
    """
    interpreter = (RawFrame(function="<interpreter>", file="", line=0),)
    return [
        replace(stack, frames=stack.frames or interpreter)
        for stack in stacks
        if len(stack.processes) > 1
    ]


def _last_index(frames: Sequence[RawFrame], function: str) -> int | None:
    for index in range(len(frames) - 1, -1, -1):
        if frames[index].function == function:
            return index
    return None


def _is_thread(frames: Sequence[RawFrame]) -> bool:
    """Whether the stack is that of a thread started with `threading`, native callers aside."""
    for frame in frames:
        if frame.line:
            return frame.function.endswith("_bootstrap") and frame.file.endswith("threading.py")
    return False
