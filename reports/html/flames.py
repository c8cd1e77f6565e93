"""Call trees of a record as flame graphs, and what changed between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

MOST_DIFFERENCES = 15
_SMALLEST_DIFFERENCE = 0.002


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What one function itself took before and after, as shares of the base's whole amount.

    Both are in the base's terms, so that what a patch saves shows as less.
    """

    function: str
    path: str
    before_share: float
    after_share: float

    @property
    def change(self) -> float:
        """After less before; negative is saved."""
        return self.after_share - self.before_share


def flame(flames: Mapping[str, Any], after: Mapping[str, Any] | None = None, scale: float = 1.0):
    """Return a call tree as the flame graph draws it.

    Args:
        flames: One version's part of the record's `profiles`.
        after: The other version's; adds to each box how its share changed.
        scale: What the other version takes of this one's whole amount (1 / speedup).

    Returns:
        `name`, `path`, `owner`, `value` (samples), `children`; with `after` also `change`, the
        difference of shares of the base's whole amount.
    """
    other = after or {}
    unit = scale / (other.get("samples") or 1)
    children = _boxes(flames, flames["tree"], other, other.get("tree") or (), unit)
    whole = {"name": "the workload", "path": "", "owner": "", "value": flames["samples"]}
    if after is not None:
        whole["change"] = scale - 1.0
    return {**whole, "children": children}


def _boxes(
    flames: Mapping[str, Any],
    tree: Sequence[Sequence[Any]],
    after: Mapping[str, Any],
    after_tree: Sequence[Sequence[Any]],
    unit: float,
) -> list[dict[str, Any]]:
    same = {tuple(after["frames"][box[0]]): box for box in after_tree}
    boxes = []
    for index, samples, callees in tree:
        function, path, owner = flames["frames"][index]
        match = same.get((function, path, owner))
        box: dict[str, Any] = {
            "name": function,
            "path": short_path(path),
            "owner": owner,
            "value": samples,
        }
        if after:
            later = match[1] * unit if match else 0.0
            box["change"] = round(later - samples / flames["samples"], 5)
        box["children"] = _boxes(flames, callees, after, match[2] if match else (), unit)
        boxes.append(box)
    return boxes


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], scale: float
) -> list[Difference]:
    """Return the functions whose own part changed most, the largest change first.

    Args:
        before: The base's part of the record's `profiles`.
        after: The patched version's.
        scale: What the patched version takes of the base's whole amount (1 / speedup).
    """
    was = _own_shares(before, 1.0)
    now = _own_shares(after, scale)
    found = [
        Difference(
            function=function,
            path=short_path(path),
            before_share=was.get((function, path), 0.0),
            after_share=now.get((function, path), 0.0),
        )
        for function, path in dict.fromkeys([*was, *now])
    ]
    found = [each for each in found if abs(each.change) >= _SMALLEST_DIFFERENCE]
    return sorted(found, key=lambda each: -abs(each.change))[:MOST_DIFFERENCES]


def _own_shares(flames: Mapping[str, Any], scale: float) -> dict[tuple[str, str], float]:
    shares: dict[tuple[str, str], float] = {}
    for index, own in _own(flames["tree"]):
        function, path, _ = flames["frames"][index]
        shares[function, path] = shares.get((function, path), 0.0) + own
    samples = flames["samples"] or 1
    return {key: own / samples * scale for key, own in shares.items()}


def _own(tree: Sequence[Sequence[Any]]) -> Iterator[tuple[int, int]]:
    for index, samples, callees in tree:
        yield index, samples - sum(callee[1] for callee in callees)
        yield from _own(callees)


def short_path(path: str) -> str:
    """Return a path without where libraries are installed: their last three parts."""
    if not path.startswith("/"):
        return path
    return "/".join(PurePosixPath(path).parts[-3:])
