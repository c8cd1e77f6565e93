"""What kind of change a patch is, by the syntax trees before and after it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping

from ...tools.sources.names import parsed

KINDS = ("cache", "algorithm", "batch", "avoid", "lower", "other")
_CACHES = frozenset({"lru_cache", "cache", "cached_property"})
_CACHE_WORDS = ("cache", "memo")
_STRUCTURES = frozenset(
    {"set", "frozenset", "dict", "defaultdict", "Counter", "OrderedDict", "deque"}
    | {"heappush", "heappop", "heapify", "nlargest", "nsmallest"}
    | {"bisect", "bisect_left", "bisect_right", "insort", "sorted", "sort", "accumulate"}
)
_BULK = frozenset(
    {"join", "translate", "update", "extend", "map", "sum", "fromkeys", "chain", "writelines"}
    | {"from_iterable", "findall", "sub", "executemany", "vectorize", "concatenate", "where"}
    | {"bincount", "searchsorted", "cumsum", "unique", "isin", "einsum", "take", "any", "all"}
)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def kind_of_change(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return one of `KINDS`: what a change adds to the code decides, most telling first.

    `cache`: something is remembered. `algorithm`: another data structure or order. `batch`: fewer
    loops and more bulk operations. `avoid`: fewer calls in loops, or fewer statements. `lower`: the
    rest. `other`: no file of Python was understood.

    Args:
        before: Text by path, of the files that differ; a new file is not there.
        after: Likewise; a file that was deleted is not there.
    """
    old, new = _counted(before), _counted(after)
    if not old and not new:
        return "other"
    added, removed = new - old, old - new
    if added["cache"]:
        return "cache"
    if added["structure"]:
        return "algorithm"
    if added["bulk"] and (removed["loop"] or removed["call in a loop"]):
        return "batch"
    if removed["call in a loop"] or removed["statement"]:
        return "avoid"
    return "lower"


def _counted(sources: Mapping[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for path, text in sources.items():
        tree = parsed(text) if path.endswith(".py") else None
        if tree is not None:
            _Count(found).visit(tree)
    return found


class _Count(ast.NodeVisitor):
    """Counts what tells kinds of code apart."""

    def __init__(self, found: Counter[str]) -> None:
        self._found = found
        self._loops = 0

    def visit(self, node: ast.AST) -> None:
        self._found["statement"] += isinstance(node, ast.stmt)
        self._found["call in a loop"] += bool(self._loops) and isinstance(node, ast.Call)
        for word in _words(node):
            self._found[word] += 1
        inside = isinstance(node, _LOOPS + _COMPREHENSIONS)
        self._loops += inside
        self.generic_visit(node)
        self._loops -= inside


def _words(node: ast.AST) -> list[str]:
    if isinstance(node, _LOOPS):
        return ["loop"]
    if isinstance(node, ast.SetComp | ast.DictComp | ast.Set | ast.Dict):
        return ["structure"]
    name = _name(node)
    if name is None:
        return []
    words = []
    is_written = isinstance(getattr(node, "ctx", None), ast.Store)
    if name in _CACHES or (is_written and any(word in name.lower() for word in _CACHE_WORDS)):
        words.append("cache")
    if name in _STRUCTURES:
        words.append("structure")
    if name in _BULK:
        words.append("bulk")
    return words


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None
