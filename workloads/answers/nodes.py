"""Two recorded values, as tables of nodes, walked side by side.

The forms are those that `inside/perfagent_answer.py` writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .loosening import Loosening
from .packed import compare_packed, unpacked

_SHOWN_CHARACTERS = 80
_NUMERIC = re.compile(r"(\w+\.)?(u?int|float|complex|bool|bfloat)[\d_]*\Z", re.IGNORECASE)
_TEXTS = frozenset({"args", "message"})
_DEEPEST_KEY = 20


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place at which two answers differ: its path, and what stands on either side."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


class NodeTables:
    """One part of an answer, as both sides recorded it.

    Args:
        base: The part as the base recorded it.
        candidate: The part of the version on trial.
        loosening: What is not, or not exactly, compared.
        masked: Paths that are passed over, with all that lies below them.
    """

    def __init__(
        self,
        base: Mapping[str, Any],
        candidate: Mapping[str, Any],
        loosening: Loosening,
        masked: frozenset[str],
    ) -> None:
        self.base = base
        self.candidate = candidate
        self.loosening = loosening
        self.masked = masked
        self.seen: set[tuple[int, int]] = set()
        self.partner: dict[int, tuple[int, str]] = {}
        self.partner_back: dict[int, tuple[int, str]] = {}
        self.waiting: list[tuple[str, Any, Any, bool]] = []
        self.inside_object = False

    def differences(self, name: str) -> Iterator[Difference]:
        """Yield the differences in order; paths begin with `name`."""
        self.waiting = [(name, self.base["root"], self.candidate["root"], False)]
        while self.waiting:
            path, one, other, self.inside_object = self.waiting.pop()
            if path in self.masked:
                continue
            what = self._compare(path, one, other)
            if what is not None:
                yield Difference(path=path, what=what)
        if self.base.get("rest") != self.candidate.get("rest") and name not in self.masked:
            yield Difference(path=name, what="the part beyond what is kept differs")

    def _compare(self, path: str, one: Any, other: Any) -> str | None:
        """Compare two values; what they hold is put on the waiting list."""
        if _is_reference(one) and _is_reference(other):
            return self._compare_nodes(path, one[1], other[1])
        if isinstance(one, list) and isinstance(other, list) and one[0] == other[0]:
            if one[0] in ("float", "complex"):
                pairs = zip(one[1:], other[1:], strict=True)
                if all(self.loosening.same(float(a), float(b)) for a, b in pairs):
                    return None
            elif one[0] == "scalar" and one[1] == other[1]:
                return self._compare(path, one[2], other[2])
            elif one[0] == "dtype" and self._numeric_alike(one[1], other[1]):
                return None
        # Types differ as well as values do: 1, 1.0 and True are three answers.
        if type(one) is type(other) and one == other:
            return None
        return f"base {self._show(one, self.base)}, candidate {self._show(other, self.candidate)}"

    def _compare_nodes(self, path: str, number: int, other_number: int) -> str | None:
        nodes, other_nodes = self.base["nodes"], self.candidate["nodes"]
        if number >= len(nodes) or other_number >= len(other_nodes):
            return None  # beyond what is kept; the digest of the rest covers it
        node, other = _alike(nodes[number], other_nodes[other_number])
        if node[:2] != other[:2] and not (
            node[0] == other[0] == "packed" and self._numeric_alike(node[1], other[1])
        ):
            one, two = (self._show(["#", n], t) for n, t in self._both(number, other_number))
            return f"base {one}, candidate {two}"
        if _is_mutable(node) and not self.inside_object:
            what = self._compare_identity(path, number, other_number)
            if what is not None:
                return what
        if (number, other_number) in self.seen:
            return None
        self.seen.add((number, other_number))
        self.inside_object = self.inside_object or node[0] == "object"
        compare = {
            "mapping": self._compare_mapping,
            "object": self._compare_object,
            "exception": self._compare_exception,
            "opaque": self._compare_opaque,
            "packed": self._compare_packed,
        }.get(node[0], self._compare_sequence)
        return compare(path, node, other)

    def _compare_identity(self, path: str, number: int, other_number: int) -> str | None:
        """Tell lists that are one object on one side and two on the other."""
        if self.loosening.aliasing:
            return None
        known = self.partner.setdefault(number, (other_number, path))
        if known[0] != other_number:
            return f"in the base this is the same object as {known[1]}, in the candidate another"
        known = self.partner_back.setdefault(other_number, (number, path))
        if known[0] != number:
            return f"in the candidate this is the same object as {known[1]}, in the base another"
        return None

    def _compare_sequence(self, path: str, node: list[Any], other: list[Any]) -> str | None:
        items, others = node[2], other[2]
        if len(items) != len(others):
            return f"base has {len(items)} items, candidate {len(others)}" + self._parting(
                items, others
            )
        pairs = enumerate(zip(items, others, strict=True))
        self._wait([(f"{path}[{i}]", one, two) for i, (one, two) in pairs])
        return self._compare_attributes(path, node[3], other[3])

    def _parting(self, items: list[Any], others: list[Any]) -> str:
        """Say from which item on two sequences of plain values differ."""
        for at, (one, two) in enumerate(zip(items, others, strict=False)):
            if one != two and not _is_reference(one):
                ours, theirs = self._show(one, self.base), self._show(two, self.candidate)
                return f"; from [{at}] on: base {ours}, candidate {theirs}"
        return ""

    def _compare_mapping(self, path: str, node: list[Any], other: list[Any]) -> str | None:
        keys, other_keys = self._keys(node, self.base), self._keys(other, self.candidate)
        what = self._compare_keys(keys, other_keys)
        if what is not None:
            return what
        pairs, others = node[2], other[2]
        if self.loosening.key_order:
            pairs, others = _in_order(keys, pairs), _in_order(other_keys, others)
        waiting = []
        for (key, value), (other_key, other_value) in zip(pairs, others, strict=True):
            shown = f"{path}[{self._show(key, self.base)}]"
            if _is_reference(key):
                waiting.append((f"{shown} (key)", key, other_key))
            waiting.append((shown, value, other_value))
        self._wait(waiting)
        return self._compare_attributes(path, node[3], other[3])

    def _compare_keys(self, keys: list[str], other_keys: list[str]) -> str | None:
        if keys == other_keys:
            return None
        for holder, mine, theirs in (
            ("base", keys, set(other_keys)),
            ("candidate", other_keys, set(keys)),
        ):
            only = next((key for key in mine if key not in theirs and _is_plain(key)), None)
            if only is not None:
                return f"only the {holder} has the key {self._show(json.loads(only), {})}"
        if len(keys) != len(other_keys):
            return f"base has {len(keys)} keys, candidate {len(other_keys)}"
        if sorted(keys) != sorted(other_keys) or self.loosening.key_order:
            return None  # keys that are objects: compared one by one, in order
        return "the order of the keys differs"

    def _keys(self, node: list[Any], table: Mapping[str, Any]) -> list[str]:
        """Return each key of a mapping as text that is the same on both sides."""
        return [json.dumps(_spelled(key, table, _DEEPEST_KEY)) for key, _ in node[2]]

    def _compare_object(self, path: str, node: list[Any], other: list[Any]) -> str | None:
        # A private attribute that one side lacks is how it is made, not what it is.
        both = set() if self.loosening.private else node[3].keys() & other[3].keys()
        self._wait([(f"{path}.{name}", node[3][name], other[3][name]) for name in sorted(both)])
        return self._compare_attributes(path, node[2], other[2])

    def _compare_opaque(self, _path: str, node: list[Any], other: list[Any]) -> str | None:
        if node[2] == other[2]:
            return None
        return f"base {_short(str(node[2]))}, candidate {_short(str(other[2]))}"

    def _compare_exception(self, path: str, node: list[Any], other: list[Any]) -> str | None:
        left_out = _TEXTS if self.loosening.messages else frozenset[str]()
        ours, theirs = (
            {name: value for name, value in side[2].items() if name not in left_out}
            for side in (node, other)
        )
        return self._compare_attributes(path, ours, theirs)

    def _compare_packed(self, _path: str, node: list[Any], other: list[Any]) -> str | None:
        return compare_packed(node, other, self.loosening)

    def _numeric_alike(self, one: str, other: str) -> bool:
        """Tell whether two numeric types may stand for each other."""
        return self.loosening.dtype and all(_NUMERIC.match(name) for name in (one, other))

    def _compare_attributes(
        self, path: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]
    ) -> str | None:
        if ours.keys() != theirs.keys():
            name = sorted(ours.keys() ^ theirs.keys())[0]
            holder = "base" if name in ours else "candidate"
            return f"only the {holder} has the attribute {name}"
        self._wait([(f"{path}.{name}", ours[name], theirs[name]) for name in sorted(ours)])
        return None

    def _wait(self, pairs: list[tuple[str, Any, Any]]) -> None:
        self.waiting.extend((*pair, self.inside_object) for pair in reversed(pairs))

    def _show(self, value: Any, table: Mapping[str, Any]) -> str:
        if _is_reference(value):
            node = table["nodes"][value[1]] if value[1] < len(table["nodes"]) else ["", "value"]
            return f"a {node[1]}"
        if isinstance(value, list):
            if value[0] in ("int", "float"):
                return _short(value[1])
            if value[0] == "dtype":
                return str(value[1])
            if value[0] == "scalar":
                return f"{value[1]}({self._show(value[2], table)})"
            return _short(f"{value[0]} {' '.join(str(part) for part in value[1:])}")
        return _short(repr(value))

    def _both(self, number: int, other: int) -> list[tuple[int, Mapping[str, Any]]]:
        return [(number, self.base), (other, self.candidate)]


def _is_mutable(node: list[Any]) -> bool:
    """Tell whether it matters that two places hold one and the same object.

    Objects of classes are left out, with all they hold: sharing equal ones is a common and mostly
    harmless gain.
    """
    if node[0] == "packed":
        return node[1] != "tuple" and node[3] != []
    return node[0] in ("sequence", "mapping", "set")


def _alike(node: list[Any], other: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return two nodes, a list of numbers written out when the other side's holds more kinds."""
    if node[1:2] == other[1:2] and node[0] != other[0]:
        return unpacked(node), unpacked(other)
    return node, other


def _is_reference(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and value[0] == "#"


def _is_plain(key: str) -> bool:
    """Tell whether a key's text is that of a value without parts."""
    return not key.startswith('["tuple"') and not key.startswith('["?"')


def _spelled(value: Any, table: Mapping[str, Any], depth: int) -> Any:
    """Return a key with the tuples it refers to written out; other objects by their type alone."""
    if not _is_reference(value):
        return value
    if value[1] >= len(table["nodes"]):
        return ["?"]
    node = table["nodes"][value[1]]
    if depth and node[0] in ("tuple", "frozenset"):
        return ["tuple", node[1], [_spelled(item, table, depth - 1) for item in node[2]]]
    return ["?", node[1]]


def _in_order(keys: list[str], pairs: list[Any]) -> list[Any]:
    return [pair for _, pair in sorted(zip(keys, pairs, strict=True), key=lambda both: both[0])]


def _short(text: str) -> str:
    text = " ".join(text.split("\n"))
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
