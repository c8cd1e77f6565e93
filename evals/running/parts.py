"""What is timed of an instance, as workloads."""

from __future__ import annotations

from dataclasses import replace

from ...errors import UserError
from ...workloads.script import parse_script
from ...workloads.workload import Workload, parse_workload
from ..dataset.instance import Instance

_AS_WORKLOAD = """

_perfagent_make = setup


def setup():
    global _perfagent_given
    _perfagent_given = _perfagent_make()


def workload():
    return experiment(_perfagent_given)
"""
"""What makes a workload of a script with `setup()` that returns what `experiment()` takes."""


def workloads_of(instance: Instance, *, timeout_s: float) -> tuple[Workload, ...]:
    """Return what is timed: a script, each of several scripts, or each of several tests.

    Args:
        instance: The instance.
        timeout_s: Longest time of one launch, in seconds.

    Raises:
        UserError: A script does not parse, or there is nothing to time.
    """
    name = instance.instance_id
    if instance.workload:
        return (_script(name, instance.workload, timeout_s),)
    if instance.perf_tests:
        return tuple(
            _script(f"{name} test {number}", text + _AS_WORKLOAD, timeout_s)
            for number, text in enumerate(instance.perf_tests)
        )
    if instance.efficiency_tests:
        return tuple(
            replace(parse_workload(f"pytest:{test}"), timeout_s=timeout_s)
            for test in instance.efficiency_tests
        )
    raise UserError(f"{name} has neither a workload nor tests to time")


def _script(name: str, text: str, timeout_s: float) -> Workload:
    script = parse_script(text, f"the workload of {name}")
    return Workload(
        name=name,
        kind="script",
        text=script.text,
        origin=None,
        timeout_s=timeout_s,
        has_workload=script.has_workload,
    )
