"""OpenEvolve's side of a target: the files its evolution starts from, and what its scores mean.

OpenEvolve evolves one file, between marks, by the number that an evaluator of the user's gives.
Here that number comes from the gate. OpenEvolve runs in an environment of its own, so the evaluator
is a few lines that call perfagent as a command.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InfrastructureError, UserError
from ..profiles.hotspot import Hotspot

START, END = "# EVOLVE-BLOCK-START", "# EVOLVE-BLOCK-END"
TARGET = "target.json"
BASE = "base.py"
PROGRAM = "initial_program.py"
EVALUATOR = "evaluator.py"
CONFIG = "config.yaml"

ROUGH_PAIRS = 7
"""Pairs of a score. Few, because a score only steers the search."""

_TIMED = ("quick timing", "full timing")

_EVALUATOR = '''"""Scores a program with the gate. Written by `perfagent openevolve export`."""

import json
import subprocess

PERFAGENT = {perfagent}
FOLDER = {folder}


def evaluate(program_path):
    command = [*PERFAGENT, "openevolve", "score", FOLDER, program_path]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise RuntimeError(f"perfagent could not score the program: {{said[-1]}}")
    found = json.loads(done.stdout)
    try:
        from openevolve.evaluation_result import EvaluationResult
    except ImportError:
        return found["metrics"]
    return EvaluationResult(metrics=found["metrics"], artifacts=found["artifacts"])
'''

_CONFIG = """# Written by `perfagent openevolve export`; `llm` is yours to fill in.
max_iterations: 50
diff_based_evolution: true
enforce_evolve_blocks: false
max_code_length: {max_code_length}
llm:
  primary_model: "gpt-5"
  # api_base: "http://127.0.0.1:8000/v1"
prompt:
  system_message: {system_message}
  include_artifacts: true
evaluator:
  timeout: {timeout_s}
  cascade_evaluation: false
  parallel_evaluations: 1
"""


def export_target(
    folder: Path,
    *,
    target: Mapping[str, Any],
    source: str,
    hotspot: Hotspot,
    rules: str,
    timeout_s: float,
) -> list[Path]:
    """Write what OpenEvolve needs into a folder, and return the files.

    Args:
        folder: Made when it is not there.
        target: What `score` and `check` are to measure: `repo`, `workload`, `file`, `settings`.
        source: The text of the file that is evolved, at the base.
        hotspot: The function in it that gets the marks.
        rules: What the model is told about what counts.
        timeout_s: Seconds that one score may take.

    Raises:
        UserError: There are such files already, or they cannot be written.
    """
    texts = {
        TARGET: json.dumps(target, indent=1) + "\n",
        BASE: source,
        PROGRAM: marked(source, hotspot),
        EVALUATOR: _EVALUATOR.format(
            perfagent=json.dumps([sys.executable, "-m", "perfagent"]),
            folder=json.dumps(str(folder.resolve())),
        ),
        CONFIG: _CONFIG.format(
            max_code_length=10_000 + 3 * len(source),
            system_message=json.dumps(rules),
            timeout_s=int(timeout_s),
        ),
    }
    there = [name for name in texts if (folder / name).exists()]
    if there:
        raise UserError(f"{folder} holds {', '.join(there)} already: choose another --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UserError(f"cannot write into {folder}: {error.strerror}; choose --out") from None
    return [folder / name for name in texts]


def marked(source: str, hotspot: Hotspot) -> str:
    """Return the source with marks around the hotspot's function; one that has marks keeps them."""
    if START in source:
        return source
    lines = source.splitlines(keepends=True)
    first, last = hotspot.first_line - 1, hotspot.last_line
    newline = "\r\n" if lines[first].endswith("\r\n") else "\n"
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    if not lines[last - 1].endswith("\n"):
        lines[last - 1] += newline
    start, end = f"{indent}{START}{newline}", f"{indent}{END}{newline}"
    return "".join([*lines[:first], start, *lines[first:last], end, *lines[last:]])


def champion_diff(base: str, program: str, file: str) -> str:
    """Return the diff from the base's file to a program; marks that the base lacks are left out.

    Args:
        base: The file's text at the base.
        program: The text that OpenEvolve made of it.
        file: Its path in the repository.

    Returns:
        A unified diff; empty when nothing changed.
    """
    kept = program.splitlines(keepends=True)
    if START not in base:
        kept = [line for line in kept if line.strip() not in (START, END)]
    old = base.splitlines(keepends=True)
    lines = difflib.unified_diff(old, kept, f"a/{file}", f"b/{file}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def read_export(folder: Path) -> tuple[dict[str, Any], str]:
    """Return the target of an exported folder, and the evolved file's text at the base.

    Raises:
        UserError: It is no such folder.
    """
    try:
        target = json.loads((folder / TARGET).read_text(encoding="utf-8"))
        with (folder / BASE).open(encoding="utf-8", newline="") as stream:
            return target, stream.read()
    except (OSError, ValueError):
        raise UserError(
            f"{folder} was not made by `perfagent openevolve export`: it has no readable {TARGET}"
        ) from None


def score(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record of `perfagent measure` is to the evolution: metrics and artifacts.

    `combined_score` is the lower bound of the interval of an accepted program's speedup, so that a
    lucky measurement does not lead; at most 1 of one that is right but not faster; 0 of a wrong
    one. `right` is 1 or 0.

    Raises:
        InfrastructureError: The machine failed, which says nothing about the program.
    """
    judged = record["candidates"][-1]
    if judged["outcome"] == "infrastructure":
        raise InfrastructureError(judged["reason"])
    if record["outcome"] == "accepted":
        value, right = record["speedup"]["ci_low"], 1.0
    elif judged["stage"] in _TIMED:  # the stages before it found nothing wrong
        value, right = min(1.0, judged["speedup"] or 1.0), 1.0
    else:
        value, right = 0.0, 0.0
    told = f"{judged['outcome']} at {judged['stage']}: {judged['reason']}"
    return {
        "metrics": {"combined_score": value, "right": right},
        "artifacts": {"verdict": told, "evidence": "\n".join(judged["evidence"])},
    }


UNCHANGED = {
    "metrics": {"combined_score": 1.0, "right": 1.0},
    "artifacts": {"verdict": "the program is the base", "evidence": ""},
}
"""The score of a program that changes nothing."""
