"""Fixtures of `exact-type-first`."""

WINS = '''"""Settings as paths: »farbe.rand« for what is in a table within a table."""

from collections.abc import Mapping


def flat(node, prefix=""):
    """Return all settings with their paths, in order."""
    if isinstance( node, Mapping ):   # a table
        found = []
        for name, value in node.items():
            found += flat(value, f"{prefix}.{name}" if prefix else name)
        return found
    return [(prefix, node)]


def workload():
    node = {"blau": 1}
    for depth in range(60):
        node = {f"{depth}-{number}": {"rand": number} for number in range(12)} | {"weiter": node}
    return len(flat(node)), flat(node)[-1]
'''

TRAP = '''"""Reports that are shown as a table or as a line."""

from collections.abc import Mapping


def shown(report):
    """Return a report as text."""
    if isinstance(report, Mapping):
        return "; ".join(f"{name}: {value}" for name, value in report.items())
    return str(sorted(report))


def workload():
    from . import exact_type_first_beside as strict

    report = {"wind": 3, "rain": 12}
    with strict.ordered_only():
        return shown(report)
'''

TRAP_WHY = "another module puts a stricter class in the place of the abstract one, for a while"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""For the archive only tables whose order was meant count as tables."""

from collections import OrderedDict
from contextlib import contextmanager

from . import exact_type_first as reports


@contextmanager
def ordered_only():
    usual = vars(reports)["Mapping"]
    reports.Mapping = OrderedDict
    try:
        yield
    finally:
        reports.Mapping = usual
'''

NEVER = '''"""Tests that are quick, or that ask for the exact type already."""

from collections.abc import Mapping, Sequence


def size(node):
    if isinstance(node, (dict, Mapping)):
        return len(node)
    return 1 if isinstance(node, (str, bytes)) else 2


def is_table(node):
    return type(node) is dict or isinstance(node, Mapping)


def is_row(rows):
    return isinstance(rows[0], Sequence)


def workload():
    return size({"a": 1}), size("a"), is_table({}), is_row([()])
'''
