"""Reading the ledger.

One movement a line, with blank lines and ``#`` comments between them::

    2024-03-05T09:12:44 RECEIVE BOLT-M6-20 x120 bay=A-07 cost=3.14 ref=PO-10042
    2024-03-05T11:40:02 ISSUE   BOLT-M6-20 x12  bay=A-07 ref=SO-2231
    2024-03-06T08:02:10 MOVE    BOLT-M6-20 x20  bay=A-07 to=C-02
    2024-03-07T17:30:00 COUNT   BOLT-M6-20 x85  bay=A-07
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Dict, List, Optional

from .errors import ParseError

KINDS = frozenset(["RECEIVE", "ISSUE", "MOVE", "COUNT"])
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_PAIR = re.compile(r"([a-z]+)=(\S+)", re.IGNORECASE | re.ASCII)
_LINE = re.compile(
    r"""
    (?P<when>\S+) \s+
    (?P<kind>[a-z]+) \s+
    (?P<sku>[a-z0-9][a-z0-9.-]*) \s+
    x(?P<quantity>\d+)
    (?P<fields>(?:\s+[a-z]+=\S+)*)
    \s*$
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Movement:
    """Something that happened to the stock of one product in one bay."""

    when: datetime
    kind: str
    sku: str
    quantity: int
    bay: str
    to_bay: Optional[str] = None
    unit_cost: Optional[int] = None
    reference: str = ""


def parse_fields(text: str) -> Dict[str, str]:
    """Return the ``name=value`` pairs at the end of a ledger line."""
    return {name.lower(): value for name, value in _PAIR.findall(text)}


def parse_time(text: str) -> datetime:
    """Return the time that a text in ``TIME_FORMAT`` means; ValueError if it means none."""
    # strptime takes ten times as long, and is needed only for digits left out.
    if _TIME.fullmatch(text):
        return datetime.fromisoformat(text)
    return datetime.strptime(text, TIME_FORMAT)


def parse_money(text: str, line: int) -> int:
    """Return an amount such as ``3.14`` in pence."""
    pounds, point, pence = text.partition(".")
    if not pounds.isdigit() or (point and not (pence.isdigit() and len(pence) <= 2)):
        raise ParseError(line, f"{text!r} is not an amount of money")
    return int(pounds) * 100 + int(pence.ljust(2, "0"))


def parse_line(text: str, line: int = 1) -> Movement:
    """Return the movement that one ledger line describes."""
    match = _LINE.match(text)
    if match is None:
        raise ParseError(line, f"{text.strip()!r} is not a movement")
    kind = match["kind"].upper()
    if kind not in KINDS:
        raise ParseError(line, f"there is no movement called {match['kind']}")
    try:
        when = parse_time(match["when"])
    except ValueError:
        raise ParseError(line, f"{match['when']!r} is not a time") from None
    fields = parse_fields(match["fields"])
    if "bay" not in fields:
        raise ParseError(line, "no bay is given")
    if kind == "MOVE" and "to" not in fields:
        raise ParseError(line, "a move needs the bay that it goes to")
    if kind == "RECEIVE" and "cost" not in fields:
        raise ParseError(line, "a receipt needs a cost")
    return Movement(
        when=when,
        kind=kind,
        sku=match["sku"].upper(),
        quantity=int(match["quantity"]),
        bay=fields["bay"],
        to_bay=fields.get("to"),
        unit_cost=parse_money(fields["cost"], line) if "cost" in fields else None,
        reference=fields.get("ref", ""),
    )


def parse_log(text: str) -> List[Movement]:
    """Return the movements of a whole ledger, oldest first.

    Movements of the same second stay in the order of the ledger.
    """
    movements = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            movements.append(parse_line(stripped, number))
    return sorted(movements, key=lambda movement: movement.when)
