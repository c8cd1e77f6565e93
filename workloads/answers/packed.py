"""Two arrays as their elements' bytes, compared element by element."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from .loosening import Loosening

if TYPE_CHECKING:
    import numpy as np

_CONTENTS_DIFFER = "the contents differ"
_NUMERIC_KINDS = frozenset("biufc")
# The kind of a float by the bytes of one real number.
_FLOATS = {2: "float16", 4: "float32"}


def compare_packed(node: list[Any], other: list[Any], loosening: Loosening) -> str | None:
    """Return how two arrays differ, None when they are the same.

    Args:
        node: The base's node: ["packed", type, dtype, shape, base64 text or digest].
        other: The candidate's.
        loosening: The tolerance for floats, and whether the numeric type matters.
    """
    if node[2:] == other[2:]:
        return None
    one, two = _elements(node), _elements(other)
    if one is None or two is None:
        same_kind = node[2:4] == other[2:4]
        return _CONTENTS_DIFFER if same_kind else _forms(node, other)
    numeric = {one.dtype.kind, two.dtype.kind} <= _NUMERIC_KINDS
    if node[3] != other[3] or (node[2] != other[2] and not (loosening.dtype and numeric)):
        return _forms(node, other)
    rel = max(loosening.rel(_float_kind(side[2], e)) for side, e in ((node, one), (other, two)))
    same = _same(one, two, rel, loosening.float_abs)
    if bool(same.all()):
        return None
    at = int(same.argmin())
    count = int(same.size - same.sum())
    return f"{count} of {same.size} elements differ; [{at}]: base {one[at]}, candidate {two[at]}"


def unpacked(node: list[Any]) -> list[Any]:
    """Return the node of a list of numbers as one of a list of any values, others as they are."""
    if node[0] != "packed" or node[1] not in ("list", "tuple") or not isinstance(node[4], str):
        return node
    elements = _elements(node)
    values = [] if elements is None else elements.tolist()
    items = [[type(value).__name__, repr(value)] for value in values]
    return ["tuple" if node[1] == "tuple" else "sequence", node[1], items, {}]


def _forms(node: list[Any], other: list[Any]) -> str:
    one, two = (f"{side[2]} of shape {tuple(side[3])}" for side in (node, other))
    return f"base {one}, candidate {two}"


def _elements(node: list[Any]) -> np.ndarray | None:
    """Return an array flat; None when only its digest is kept."""
    import numpy as np

    if not isinstance(node[4], str):
        return None
    dtype = np.dtype("<f4" if node[2] == "bfloat16" else node[2])
    content = base64.b64decode(node[4])
    return np.frombuffer(content, dtype) if dtype.itemsize else np.zeros(0, dtype)


def _float_kind(code: str, elements: np.ndarray) -> str:
    if code == "bfloat16" or elements.dtype.kind not in "fc":
        return code
    halves = 2 if elements.dtype.kind == "c" else 1
    return _FLOATS.get(elements.dtype.itemsize // halves, "float64")


def _same(one: np.ndarray, two: np.ndarray, rel: float, least: float) -> np.ndarray:
    """Return element by element whether two arrays of one shape count as the same."""
    import numpy as np

    if not {one.dtype.kind, two.dtype.kind} & set("fc"):
        if one.dtype.kind in "mM":
            one, two = one.view("<i8"), two.view("<i8")  # NaT is no equal of itself
        return np.asarray(one == two)
    wide = np.result_type(one, two, "f8")
    one, two = one.astype(wide), two.astype(wide)
    with np.errstate(all="ignore"):
        allowed = np.maximum(rel * np.maximum(np.abs(one), np.abs(two)), least)
        close = (one == two) | (np.abs(one - two) <= allowed)
        # An infinite difference is within an infinite tolerance, but not the same.
        finite = np.isfinite(one) & np.isfinite(two)
        return np.where(finite, close, one == two) | (np.isnan(one) & np.isnan(two))
