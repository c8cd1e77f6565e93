"""Dates: timestamps of one fixed shape, read by `fromisoformat` instead of `strptime`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..reading.literals import text_of
from ..reading.syntax import is_plain_call, same, string_literal
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Definition, Replace

_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_DAY, _TIME = "Ymd", "HMSf"


@dataclass(frozen=True)
class _Shape:
    """Where in a timestamp of the usual length each part stands."""

    parts: dict[str, tuple[int, int]]
    """Start and end by directive; that of `%f` is its start with three digits."""
    literals: dict[int, str]
    """What stands between the parts, by index."""
    length: int
    """With three digits of `%f`, where there is one."""


class IsoForStrptime:
    """Reads timestamps of the usual shape with `datetime.fromisoformat`."""

    name = "iso-for-strptime"
    summary = (
        "`datetime.strptime(s, constant)` tries `datetime.fromisoformat` first where `s` has "
        "exactly the shape of the format with all its zeros."
    )
    why_right = (
        "On text of exactly that shape both give the same moment; whatever has another shape, or "
        "is no date, still goes to strptime, which raises as before."
    )
    risk: Risk = "low"
    promise = 0.85
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each format the function reads."""
        if any(each.attr == "fromisoformat" for each in site.scope.of_type(ast.Attribute)):
            # It is such a function already.
            return
        calls = [call for call in site.scope.of_type(ast.Call) if _is_strptime(site, call)]
        done: set[ast.AST] = set()
        for call in calls:
            written = text_of(site, call.args[1])
            shape = None if written is None else _shape_of(written)
            if shape is None or call in done:
                continue
            together = [
                each
                for each in calls
                if same(each.args[1], call.args[1]) and same(each.func, call.func)
            ]
            done.update(each for one in together for each in walk(one))
            yield _change(site, call, shape, together)


def _is_strptime(site: Site, call: ast.Call) -> bool:
    if site.module.qualified(call.func) != "datetime.datetime.strptime":
        return False
    root = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    is_global = isinstance(root, ast.Name) and not site.module.is_local(root)
    return is_global and is_plain_call(call, arguments=2)


def _shape_of(written: str) -> _Shape | None:
    """Return the shape of a format's timestamps, None when it is not fixed or no whole date."""
    parts: dict[str, tuple[int, int]] = {}
    literals: dict[int, str] = {}
    at = 0
    for piece in re.findall(r"%.|[^%]", written, re.DOTALL):
        directive = piece[1:]
        if not directive:
            literals[at] = piece
            at += 1
        elif directive in parts or "f" in parts or directive not in (*_WIDTHS, "f"):
            return None
        else:
            width = _WIDTHS.get(directive, 3)
            parts[directive] = (at, at + width)
            at += width
    time = "".join(each for each in _TIME if each in parts)
    is_date = all(each in parts for each in _DAY) and written.count("%") == len(parts)
    is_time = time in ("", "HM", "HMS", "HMSf")
    if not (is_date and is_time) or ("f" in parts and parts["f"][1] != at):
        return None
    return _Shape(parts, literals, at)


def _change(site: Site, call: ast.Call, shape: _Shape, together: list[ast.Call]) -> Change:
    name = site.fresh_name(f"_{site.function.name.strip('_')}_time")
    read = site.module.segment(call.func)
    assert isinstance(call.func, ast.Attribute)
    owner, margin = site.module.segment(call.func.value), site.module.indent
    text = (
        f"def {name}(text):\n"
        f'{margin}"""Return what strptime returns; text of the usual shape is read faster."""\n'
        f"{margin}if {_test(shape, margin)}:\n"
        f"{margin * 2}try:\n"
        f"{margin * 3}return {owner}.fromisoformat({_iso(shape)})\n"
        f"{margin * 2}except ValueError:\n"
        f"{margin * 3}pass\n"
        f"{margin}return {read}(text, {site.module.segment(call.args[1])})\n"
    )
    calls = [Replace(each, f"{name}({site.module.segment(each.args[0])})") for each in together]
    return Change(
        line=call.lineno,
        last_line=call.end_lineno,
        hypothesis="strptime looks its format up and matches a regular expression for every "
        "timestamp; fromisoformat reads the usual shape in compiled code",
        edits=(Definition(name, text, site.module.top_level(site.function)), *calls),
        risk="low",
    )


def _test(shape: _Shape, margin: str) -> str:
    """Return the test for text that both readers understand alike, for a line inside a block."""
    fraction = "f" in shape.parts
    length = f"in ({shape.length}, {shape.length + 3})" if fraction else f"== {shape.length}"
    tests = ["type(text) is str", f"len(text) {length}"]
    tests += [f"text[{at}] == {string_literal(each)}" for at, each in shape.literals.items()]
    if fraction:
        # A time zone where digits should be is one to fromisoformat alone.
        tests.append(f"text[{shape.parts['f'][0]}:].isdigit()")
    if "H" in shape.parts:
        # The end of a day is a time to newer versions of fromisoformat.
        start, end = shape.parts["H"]
        tests.append(f'text[{start}:{end}] != "24"')
    if len(" and ".join(tests)) < 80:
        return " and ".join(tests)
    return f"(\n{margin * 2}" + f"\n{margin * 2}and ".join(tests) + f"\n{margin})"


def _iso(shape: _Shape) -> str:
    """Return the expression that puts the parts in the order of ISO 8601."""
    wanted = {0: "Y", 4: "-", 5: "m", 7: "-", 8: "d"}
    if "H" in shape.parts:
        wanted |= {11: "H", 13: ":", 14: "M", 16: ":", 17: "S", 19: ".", 20: "f"}
    in_order = all(wanted.get(start) == directive for directive, (start, _) in shape.parts.items())
    last = max(end for _, end in shape.parts.values())
    between = {at: each for at, each in shape.literals.items() if at < last}
    plain = all(
        each == wanted.get(at) or (at == 10 and each in " T") for at, each in between.items()
    )
    if in_order and plain:
        return "text" if last == shape.length else f"text[:{last}]"
    return 'f"' + "".join(_slices(shape)) + '"'


def _slices(shape: _Shape) -> Iterator[str]:
    for before, directive in zip(("", "-", "-", "T", ":", ":", "."), _DAY + _TIME, strict=True):
        if directive in shape.parts:
            start, end = shape.parts[directive]
            yield f"{before}{{text[{start}:{'' if directive == 'f' else end}]}}"
