"""What `perfagent verify` prints on stdout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..wording import change_text, one_line, plural
from .tables import console

_SHOWN_DIFFERENCES = 12


def print_verification(verified: Mapping[str, Any], *, rerun_asked: bool) -> None:
    """Print a line a check, the verdict, and what measuring again gave.

    Args:
        verified: What `perfagent.verify` returned.
        rerun_asked: Whether it was to be measured again.
    """
    out = console()
    lines = [_check_line(check) for check in verified["checks"]]
    lines.append(_verdict(verified))
    if verified["rerun"] is not None:
        lines += _rerun_lines(verified["rerun"])
    elif rerun_asked:
        lines.append("not measured again: the evidence does not hold")
    for line in lines:
        # What a stranger's file says must not steer the terminal.
        out.print(one_line(line), markup=False, soft_wrap=True)


def _check_line(check: Mapping[str, Any]) -> str:
    return f"{'ok' if check['ok'] else 'FAIL'}: {check['what']}: {check['detail']}"


def _verdict(verified: Mapping[str, Any]) -> str:
    failed = sum(not check["ok"] for check in verified["checks"])
    if failed:
        return f"the evidence does not hold: {plural(failed, 'check')} failed"
    claim = verified["claim"]
    found = verified["findings"][claim["measurement"]]
    parts = [f"the evidence holds: {claim['outcome']}", *_gain(found, verified["metric"])]
    ratio = verified["findings"].get("against expert")
    if ratio is not None and ratio["speedup"] is not None:
        parts.append(f"SR {ratio['speedup']:.2f} of the expert")
    return ", ".join(parts)


def _gain(found: Mapping[str, Any], metric: str) -> list[str]:
    if found["speedup"] is None:
        return []
    bounds = found["ci_low"], found["ci_high"], found["confidence"]
    return [change_text(found["speedup"], *bounds, metric), plural(found["pairs"], "pair")]


def _rerun_lines(again: Mapping[str, Any]) -> list[str]:
    lines = [f"measured again: {detail}" for detail in again["details"]]
    differences = again["environment"]
    if differences is not None:
        shown = differences[:_SHOWN_DIFFERENCES]
        more = len(differences) - len(shown)
        lines += [f"differs: {difference}" for difference in shown]
        if more:
            lines.append(f"and {plural(more, 'difference')} more: --json lists all")
        if not differences:
            lines.append("machine, interpreter and packages are the same")
    return [*lines, f"report: {again['directory']}/report.md"]
