"""What an evaluation leaves on disk: its request, and one record an instance.

run.json              what was asked; a resumed run must ask the same
records/ID.json       what came of an instance, written whole
records/ID~2.json …   what came of its further samples
lock                  held by the driver
report.json …         made from the records, whenever it is asked for
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...agent.runs.directory import RunDirectory
from ...agent.runs.plain import from_plain, to_plain
from ...errors import UserError
from ..dataset.instance import Instance
from ..running.outcome import InstanceResult

REQUEST = "run.json"
_RECORDS = "records"
_MUST_AGREE = ("instances", "rows", "what", "protocol")


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """An evaluation as it lies on disk.

    Attributes:
        name: Its run id.
        directory: Its folder.
        request: What was asked.
        samples: By instance id, what is known so far of each of its samples, in their order.
    """

    name: str
    directory: Path
    request: Mapping[str, Any]
    samples: Mapping[str, tuple[InstanceResult, ...]]

    @property
    def results(self) -> Mapping[str, InstanceResult]:
        """By instance id, what is known of its first sample."""
        every = (each for samples in self.samples.values() for each in samples)
        return {each.instance_id: each for each in every if each.sample == 1}

    @property
    def model(self) -> str:
        """Who made the patches."""
        return str(self.request.get("model") or self.name)

    @property
    def total(self) -> int:
        """How many instances were asked for."""
        return len(self.request["instances"])


def open_records(path: Path, request: Mapping[str, Any], *, force: bool) -> RunDirectory:
    """Return the folder of an evaluation: a new one, or one that asked for the same.

    Args:
        path: The folder.
        request: What is asked, JSON-plain.
        force: Whether what is there of another request may be dropped.

    Raises:
        UserError: The folder holds something else.
    """
    directory = RunDirectory(path)
    if directory.has(REQUEST):
        before = directory.read_json(REQUEST)
        other = [name for name in _MUST_AGREE if before.get(name) != request[name]]
        if other and not force:
            raise UserError(
                f"run {path.name} was asked for other {' and '.join(other)}: give another "
                "--run-id, or --force to begin it anew"
            )
        if force:
            for record in (path / _RECORDS).glob("*.json"):
                record.unlink()
    elif path.exists() and any(path.iterdir()):
        raise UserError(f"{path} is not empty and no evaluation: name another folder")
    directory.write_json(REQUEST, dict(request))
    return directory


@contextmanager
def one_driver(directory: RunDirectory) -> Iterator[None]:
    """Hold the evaluation's lock.

    Raises:
        UserError: Another process has it.
    """
    with (directory.path / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"{directory.path} is being worked on already") from None
        yield


def record_of(
    directory: RunDirectory, instance: Instance, sample: int = 1
) -> InstanceResult | None:
    """Return what is known of an instance's sample; None when nothing is."""
    name = _name(instance, sample)
    return from_plain(InstanceResult, directory.read_json(name)) if directory.has(name) else None


def keep(directory: RunDirectory, instance: Instance, found: InstanceResult) -> None:
    """Write what came of an instance, whole."""
    directory.write_json(_name(instance, found.sample), to_plain(found))


def is_evaluation(path: Path) -> bool:
    """Return whether a folder holds an evaluation."""
    return (path / REQUEST).is_file()


def read_evaluation(path: Path) -> Evaluation:
    """Return an evaluation from its folder, also one that is under way.

    Raises:
        UserError: There is none.
    """
    directory = RunDirectory(path)
    if not directory.has(REQUEST):
        raise UserError(f"no evaluation in {path}: `perfagent eval run` makes one")
    found = [from_plain(InstanceResult, each) for each in directory.read_all(_RECORDS)]
    request = directory.read_json(REQUEST)
    order = {name: place for place, name in enumerate(request["instances"])}
    kept = sorted(
        (each for each in found if each.instance_id in order),
        key=lambda each: (order[each.instance_id], each.sample),
    )
    samples: dict[str, tuple[InstanceResult, ...]] = {}
    for each in kept:
        samples[each.instance_id] = (*samples.get(each.instance_id, ()), each)
    return Evaluation(
        name=request["run_id"],
        directory=path,
        request=request,
        samples=samples,
    )


def sample_name(instance: Instance, sample: int) -> str:
    """Return a name for the files of an instance's sample; no instance's folder has a tilde."""
    return instance.folder if sample == 1 else f"{instance.folder}~{sample}"


def _name(instance: Instance, sample: int) -> str:
    return f"{_RECORDS}/{sample_name(instance, sample)}.json"
