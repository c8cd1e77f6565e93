"""GSO's procedure: each test so many times in processes of its own, version by version.

Each test appends the seconds it measured to a file; those numbers are the test's own, as the
benchmark has it. The base's answer is what the patched version's is checked against.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..running.ground import Ground
from .commands import BlockFailed, run, why

ITERATIONS = 5
FEW_ITERATIONS = frozenset(
    {"abetlen/llama-cpp-python", "microsoft/onnxruntime", "huggingface/tokenizers"}
)
"""Repositories whose tests run once."""

LIMIT_S = 300.0
_TIME = re.compile(r"Execution time: (\d+\.\d+)s")
_MAIN = """

if __name__ == "__main__":
    import argparse

    _parser = argparse.ArgumentParser()
    _parser.add_argument("output_file")
    _parser.add_argument("--eqcheck", action="store_true")
    _parser.add_argument("--reference", action="store_true")
    _parser.add_argument("--file_prefix", default="")
    _given = _parser.parse_args()
    _seconds = run_test(
        eqcheck=_given.eqcheck, reference=_given.reference, prefix=_given.file_prefix
    )
    with open(_given.output_file, "a") as _stream:
        _stream.write("Execution time: %.6fs\\n" % _seconds)
"""


def iterations_of(repo: str) -> int:
    """Return how often each test runs for a repository."""
    return 1 if repo.lower() in FEW_ITERATIONS else ITERATIONS


def block(
    ground: Ground, tree: Path, references: Path, *, role: str, iterations: int
) -> dict[str, tuple[float, ...]]:
    """Return the seconds of each test of one version, by its number.

    Args:
        ground: The instance.
        tree: The version's tree.
        references: The folder with the base's answers; written to for `role` "reference" alone.
        role: "reference" stores the answers, "eqcheck" checks against them.
        iterations: How often each test runs.

    Raises:
        BlockFailed: A test failed, or said no time.
    """
    found: dict[str, tuple[float, ...]] = {}
    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        scratch = Path(folder).resolve()
        for number, text in enumerate(ground.instance.perf_tests):
            script, out = scratch / f"test_{number}.py", scratch / f"times_{number}.txt"
            script.write_text(text + _MAIN, encoding="utf-8")
            words = [str(script), str(out), f"--{role}"]
            words += ["--file_prefix", str(references / str(number))]
            writes = role == "reference"
            for _ in range(iterations):
                result = run(
                    ground,
                    tree,
                    words,
                    timeout_s=LIMIT_S,
                    readable=[] if writes else [references],
                    writable=[scratch, references] if writes else [scratch],
                )
                if not result.ok:
                    raise BlockFailed(f"test {number}: {why(result, LIMIT_S)}")
            found[str(number)] = _times(out, number)
    return found


def _times(out: Path, number: int) -> tuple[float, ...]:
    text = out.read_text(encoding="utf-8") if out.exists() else ""
    times = tuple(float(each) for each in _TIME.findall(text))
    if not times:
        raise BlockFailed(f"test {number} said no time")
    return times


def blocks(
    ground: Ground, candidate: Path, expert: Path | None
) -> Mapping[str, dict[str, tuple[float, ...]] | str]:
    """Return "base", "candidate" and "expert": the seconds by test, or why there are none.

    The order is the benchmark's; the caller has the lane.

    Raises:
        BlockFailed: The base fails.
    """
    count = iterations_of(ground.instance.repo)
    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        references = Path(folder).resolve()
        found: dict[str, dict[str, tuple[float, ...]] | str] = {
            "base": block(ground, ground.base, references, role="reference", iterations=count)
        }
        for name, tree, role in (
            ("candidate", candidate, "eqcheck"),
            ("expert", expert, "reference"),
        ):
            if tree is None:
                continue
            try:
                found[name] = block(ground, tree, references, role=role, iterations=count)
            except BlockFailed as error:
                found[name] = str(error)
    return found


def unequal(ground: Ground, candidate: Path) -> str | None:
    """Return why a version's answers are not the base's by the tests' own check, or None."""
    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        references = Path(folder).resolve()
        block(ground, ground.base, references, role="reference", iterations=1)
        try:
            block(ground, candidate, references, role="eqcheck", iterations=1)
        except BlockFailed as error:
            return str(error)
    return None
