"""Codecs: JSON encoders and decoders made once for the module instead of in every call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.module_source import OWN
from ..reading.syntax import is_constant, same
from ..reading.words import words
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, Replace
from .patterns import define

_OPTIONS = {
    "json.dumps": words(
        "skipkeys ensure_ascii check_circular allow_nan indent separators default sort_keys"
    ),
    "json.loads": words("object_hook parse_float parse_int parse_constant object_pairs_hook"),
}
_METHODS = {
    "json.dumps": ("JSONEncoder", "encode", "ENCODER"),
    "json.loads": ("JSONDecoder", "decode", "DECODER"),
}


class JsonCodec:
    """Makes the encoder or decoder that options ask for once."""

    name = "json-codec"
    summary = (
        "`json.dumps(x, sort_keys=True)` and `json.loads(s, object_hook=f)` use an encoder or "
        "decoder made once for the module."
    )
    why_right = (
        "With options, both make a JSONEncoder or JSONDecoder of just these options, use it and "
        "throw it away; the options are constants, and the objects keep nothing between calls."
    )
    risk: Risk = "low"
    promise = 0.4
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each set of options the function uses."""
        done: set[ast.AST] = set()
        for call in site.scope.of_type(ast.Call):
            name = site.module.qualified(call.func) or ""
            if call in done or not _is_understood(site, call, name):
                continue
            together = [
                each
                for each in site.scope.of_type(ast.Call)
                if site.module.qualified(each.func) == name
                and _is_understood(site, each, name)
                and _same_options(call, each)
            ]
            done.update(together)
            edits = _edits(site, call, name, together)
            if edits is not None:
                yield Change(
                    line=call.lineno,
                    last_line=call.end_lineno,
                    hypothesis=f"{name} makes a {_METHODS[name][0]} for its options in every call; "
                    "one made with the module serves them all",
                    edits=tuple(edits),
                    risk=self.risk,
                )


def _is_understood(site: Site, call: ast.Call, name: str) -> bool:
    """Return whether a call has one argument, and constant options that are known here."""
    if name not in _OPTIONS or len(call.args) != 1 or not call.keywords:
        return False
    if isinstance(call.args[0], ast.Starred) or not isinstance(call.func, ast.Attribute):
        return False
    if name == "json.loads" and not site.kinds.is_a(call.args[0], "str"):
        # Bytes are decoded first.
        return False
    return all(
        each.arg in _OPTIONS[name] and _is_option(site, each.value) for each in call.keywords
    )


def _is_option(site: Site, node: ast.expr) -> bool:
    """Return whether an option has the same value when the module is imported."""
    if is_constant(node):
        return True
    name = site.module.qualified(node)
    if name is None or not isinstance(node, ast.Name):
        return False
    if name == node.id and node.id not in site.module.bindings:
        return True
    bound = site.module.bindings.get(node.id, [])
    known = ast.FunctionDef | ast.ClassDef if name == OWN + node.id else ast.Import | ast.ImportFrom
    if len(bound) != 1 or not isinstance(bound[0].node, known):
        return False
    place = site.module.top_level(site.function)
    above = (getattr(bound[0].node, "end_lineno", None) or place.lineno) < place.lineno
    return above and bound[0].node in site.module.tree.body and not site.module.is_local(node)


def _same_options(first: ast.Call, second: ast.Call) -> bool:
    pairs = zip(first.keywords, second.keywords, strict=False)
    return len(first.keywords) == len(second.keywords) and all(same(*pair) for pair in pairs)


def _edits(site: Site, call: ast.Call, name: str, together: list[ast.Call]) -> list[Edit] | None:
    assert isinstance(call.func, ast.Attribute)
    maker, method, suffix = _METHODS[name]
    module = call.func.value
    if not isinstance(module, ast.Name):
        return None
    options = ", ".join(
        f"{each.arg}={site.module.segment(each.value, in_brackets=True)}" for each in call.keywords
    )
    wanted = f"_{site.function.name.strip('_').upper()}_{suffix}"
    found = define(site, wanted, f"{module.id}.{maker}({options})", module.id, None)
    if found is None:
        return None
    codec, constant = found
    texts: dict[ast.expr, str] = {}
    # Inner calls come later in source order, and outer ones are made of their new text.
    for each in reversed(together):
        texts[each] = f"{codec}.{method}({site.module.segment_with(each.args[0], texts)})"
    outermost = [
        each for each in together if not any(x in texts for x in site.module.ancestors(each))
    ]
    return [constant, *(Replace(each, texts[each]) for each in outermost)]
