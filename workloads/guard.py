"""A test that fails when a speedup is lost, because it counts work: the guard test of a patch.

Counts are of a workload's first call in a fresh process: lines of Python that run in each module of
the repository, and calls made from it. Where a patch lets C code do less (a set in place of a list,
`popleft` in place of `pop(0)`), lines and calls stay what they were; then the instructions of the
whole process are counted, below valgrind.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ..repos.commands.process import CommandResult, run_command
from ..repos.sandbox.containment import not_a_home
from .failure import WorkloadFailed
from .target import Target
from .workload import Workload

Counts = Mapping[str, Mapping[str, int]]
"""By module and "lines" or "calls"; of PROCESS, "instructions"."""

LEAST_RATIO = 1.25
"""How many times the patched version's work the base has to do before a limit goes between them."""
LEAST_WORK = 200
"""Less than so many lines or calls on the base are no work worth a limit."""

_BODY = Path(__file__).parent / "inside" / "perfagent_guard.py"
_MARK = "# perfagent: below is the same in every guard test.\n"
_SLOWER = 60
"""How many times longer a launch may take while it counts."""

PROCESS = "the whole process"
What = Literal["lines", "calls", "instructions"]
WHATS: tuple[What, ...] = ("lines", "calls", "instructions")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How much of one kind of work one module may do.

    Attributes:
        module: Its import name; PROCESS for instructions.
        what: "lines" (that run in it), "calls" (made from it) or "instructions".
        patched: The count with the patch; the larger one where launches differed.
        base: The count without it; the smaller one where launches differed.
        allowed: The most that passes: as far, by factors, from the one as from the other.
    """

    module: str
    what: What
    patched: int
    base: int
    allowed: int


def limits_between(base: Sequence[Counts], patched: Sequence[Counts]) -> tuple[Limit, ...]:
    """Return a limit for each module that does clearly less with the patch, the clearest first.

    Args:
        base: What launches without the patch counted.
        patched: What launches with it counted.
    """
    found = []
    for module in sorted(set().union(*base)):
        of_module = [
            limit for what in WHATS if (limit := _limit(module, what, base, patched)) is not None
        ]
        if of_module:
            found.append(max(of_module, key=_ratio))
    return tuple(sorted(found, key=_ratio, reverse=True))


def _limit(
    module: str, what: What, base: Sequence[Counts], patched: Sequence[Counts]
) -> Limit | None:
    least = min(counts.get(module, {}).get(what, 0) for counts in base)
    most = max(counts.get(module, {}).get(what, 0) for counts in patched)
    if least < LEAST_WORK or least < LEAST_RATIO * most:
        return None
    allowed = math.isqrt(max(most, 1) * least)
    return Limit(module=module, what=what, patched=most, base=least, allowed=allowed)


def _ratio(limit: Limit) -> float:
    return limit.base / max(limit.patched, 1)


def guard_text(
    workload: Workload, packages: Sequence[str], limits: Sequence[Limit], about: str
) -> str:
    """Return the text of a guard test: one file that pytest runs, or Python by itself.

    Args:
        workload: What it runs; no command.
        packages: Top-level import names whose modules it counts.
        limits: What it checks.
        about: Sentences on the speedup, for its first lines.
    """
    _, _, body = _BODY.read_text(encoding="utf-8").partition(_MARK)
    main, functions = "\n\nif __name__ ==", "".join(_test(limit) for limit in limits)
    before, _, after = body.partition(main)
    listed = "".join(
        f"    ({each.module!r}, {each.what!r}, {each.patched}, {each.base}, {each.allowed}),\n"
        for each in limits
    )
    head = (
        f'"""{_safe(about)}"""\n\n# ruff: noqa\n\n'
        f"KIND = {workload.kind!r}\n"
        f"FILE = {workload.in_repo or Path(workload.origin or 'workload').name!r}\n"
        f"HAS_WORKLOAD = {workload.has_workload}\n"
        f"WORKLOAD = {_literal(workload.text)}\n"
        f"PACKAGES = {tuple(packages)!r}\n\n"
        "# Module, what is counted, with the speedup, without it, and the most that is allowed.\n"
        f"LIMITS = (\n{listed})\n"
    )
    return f"{head}{before}{functions}{main}{after}"


def _test(limit: Limit) -> str:
    name = f"test_{limit.what}_of_{re.sub(r'[^A-Za-z0-9]', '_', limit.module)}"
    return f"\n\ndef {name}():\n    check({limit.module!r}, {limit.what!r})\n"


def _safe(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', "'''")


def _literal(text: str) -> str:
    """Return a text as Python source that can be read."""
    escaped = text.replace("\\", "\\\\").replace("'''", "\\'\\'\\'")
    plain = all(mark.isprintable() or mark in "\n\t" for mark in text)
    return f"'''\\\n{escaped}'''" if plain and not text.endswith("'") else repr(text)


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """Runs a guard test on trees of the target."""

    target: Target
    text: str

    def count(self, tree: Path) -> Counts:
        """Return what the workload does in a tree, by module.

        Raises:
            WorkloadFailed: It does not run there.
        """
        with tempfile.TemporaryDirectory(prefix="perfagent-guard-") as folder:
            out = Path(folder) / "counts.json"
            result = self._run(tree, Path(folder), ("--count", str(out)))
            if not out.exists():
                raise WorkloadFailed(
                    "the workload does not run while its work is counted",
                    detail=result.tail(),
                    command=result,
                )
            return json.loads(out.read_text(encoding="utf-8"))

    def instructions(self, tree: Path) -> Counts:
        """Return the instructions of the process that runs the workload in a tree.

        Raises:
            WorkloadFailed: It does not run there, or valgrind does not.
        """
        with tempfile.TemporaryDirectory(prefix="perfagent-guard-") as folder:
            out = Path(folder) / "callgrind.out"
            valgrind = shutil.which("valgrind") or "valgrind"
            before = (valgrind, "-q", "--tool=callgrind", f"--callgrind-out-file={out}")
            result = self._run(tree, Path(folder), ("--run",), before)
            text = out.read_text(encoding="utf-8") if result.ok and out.exists() else ""
        found = re.search(r"^totals: (\d+)", text, re.MULTILINE)
        if found is None:
            raise WorkloadFailed(
                "the workload does not run below valgrind", detail=result.tail(), command=result
            )
        return {PROCESS: {"instructions": int(found[1])}}

    def passes(self, tree: Path) -> tuple[bool, str]:
        """Return whether the test passes in a tree, and what it said.

        Raises:
            WorkloadFailed: It did not come to an end.
        """
        with tempfile.TemporaryDirectory(prefix="perfagent-guard-") as folder:
            result = self._run(tree, Path(folder), ())
        if result.returncode not in (0, 1):
            raise WorkloadFailed("the guard test broke", detail=result.tail(), command=result)
        return result.ok, result.stdout.strip()

    def _run(
        self,
        tree: Path,
        folder: Path,
        arguments: tuple[str, ...],
        before: tuple[str, ...] = (),
    ) -> CommandResult:
        target = self.target
        file = folder / "test_guard.py"
        file.write_text(self.text, encoding="utf-8")
        origin = target.workload.origin
        wall_s = _SLOWER * min(target.limits.wall_s, target.workload.timeout_s)
        in_project = target.workload.kind == "pytest"
        return run_command(
            [*before, str(target.environment.python), str(file), *arguments],
            cwd=tree / target.environment.subdir if in_project else tree,
            env=target.environment.variables(tree),
            limits=replace(target.limits, wall_s=wall_s),
            cpus=target.other_cpus,
            enclosure=target.containment.around(
                target.environment,
                tree,
                readable=[not_a_home(Path(origin).parent, Path(origin)) if origin else None],
                writable=[folder],
            ),
        )
