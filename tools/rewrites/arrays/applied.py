"""Applied functions: what `apply` calls for each row or value, without an object for each."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import NUMBERS
from ..reading.syntax import is_constant
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Import, Replace
from .elementwise import Elementwise
from .evidence import is_fallback, is_place, is_series_place, package, uses_arrays
from .guards import guarded_expression, of_all
from .row_reads import RowRead, row_reads
from .values import Element, Value

_SCALARS = NUMBERS | {"str", "bytes", "NoneType"}
_PLAIN_ROWS = '("object", "int64", "float64", "bool", "str")'
_TEXT_METHODS = ("lower", "upper", "strip", "title", "replace", "startswith", "endswith")


class AppliedToRows:
    """Calls a function with a frame's values instead of with a Series of each row."""

    name = "apply-to-rows"
    summary = "`df.apply(lambda row: f(row['a']), axis=1)` goes over the rows of `df.to_numpy()`."
    why_right = (
        "apply fills a Series with a row of the same values before each call, and makes its answer "
        "from a list of the results. The new code asks at run time for rows of plain types and "
        "else calls apply. The columns are taken to have distinct names; a function that answered "
        "with a Series would be another matter."
    )
    risk: Risk = "medium"
    promise = 0.9
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such call."""
        found = package(site, "pandas") if uses_arrays(site) else None
        for call in site.scope.of_type(ast.Call):
            if found is None or is_fallback(site, call):
                continue
            applied = _applied_to_rows(site, call)
            text = None if applied is None else _listed(site, call, *applied)
            if applied is None or text is None:
                continue
            frame = site.module.segment(applied[0])
            conditions = [f"{frame}.size and str({frame}.iloc[0].dtype) in {_PLAIN_ROWS}"]
            made = f"{found[0]}.Series({text}, index={frame}.index)"
            yield Change(
                line=call.lineno,
                last_line=call.end_lineno,
                hypothesis="apply along the rows makes a Series of each row to read columns of it "
                "by name; the rows of the frame's values give them at once",
                edits=(
                    Replace(
                        call, guarded_expression(site, conditions, made, site.module.segment(call))
                    ),
                    *found[1],
                ),
                risk=self.risk,
            )


def _applied_to_rows(site: Site, call: ast.Call) -> tuple[ast.expr, ast.Lambda] | None:
    """Return the frame and the function when a call applies a lambda along the rows."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=frame, attr="apply"),
            args=[ast.Lambda() as function],
            keywords=[ast.keyword(arg="axis", value=ast.Constant(value=1 | "columns" as axis))],
        ):
            plain = len(function.args.args) == 1 and not function.args.defaults
            return (frame, function) if is_place(frame) and plain and axis is not True else None
    return None


def _listed(site: Site, call: ast.Call, frame: ast.expr, function: ast.Lambda) -> str | None:
    """Return the list of a function's answers for the rows of a frame's values."""
    row = function.args.args[0].arg
    reads = row_reads(site, row, [function.body])
    if not reads or not _answers_scalar(site, function.body, reads) or _nests(function.body):
        return None
    text = site.module.segment(frame)
    columns = site.fresh_name("columns")
    inner: dict[ast.expr, str] = {}
    for read in reads:
        column = f'"{read.column}"'
        if isinstance(read.node, ast.Subscript):
            column = site.module.segment(read.node.slice)
        inner[read.node] = f"{row}[{columns}[{column}]]"
    element = site.module.segment_with(function.body, inner, in_brackets=True)
    clause = f"for {columns} in [{{name: at for at, name in enumerate({text}.columns)}}]"
    lines = [element, clause, f"for {row} in {text}.to_numpy()"]
    return f"[\n{textwrap.indent(chr(10).join(lines), site.module.indent)}\n]"


def _nests(body: ast.expr) -> bool:
    """Return whether an expression has scopes, or keeps values, of its own."""
    own = (ast.Lambda, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
    return any(isinstance(each, own) for each in walk(body))


def _answers_scalar(site: Site, body: ast.expr, reads: list[RowRead]) -> bool:
    """Return whether an expression gives a number, a text or the like, whatever its parts are."""
    if any(each.node is body for each in reads):
        return True
    match body:
        case ast.Compare() | ast.JoinedStr() | ast.UnaryOp():
            return True
        case ast.BinOp(left=left, right=right):
            return _answers_scalar(site, left, reads) or _answers_scalar(site, right, reads)
        case ast.IfExp(body=left, orelse=right):
            return _answers_scalar(site, left, reads) and _answers_scalar(site, right, reads)
        case ast.BoolOp(values=values):
            return all(_answers_scalar(site, each, reads) for each in values)
        case ast.Call(func=ast.Attribute(attr=name)) if name in _TEXT_METHODS:
            return True
    kind = site.kinds.of(body)
    return is_constant(body) or (kind is not None and kind.name in _SCALARS)


class AppliedToNumbers:
    """Computes an expression over whole columns instead of calling a function for each value."""

    name = "apply-to-numbers"
    summary = "`s.apply(lambda x: x * 2 + 1)` and its like along rows compute whole columns."
    why_right = (
        "Columns of 64-bit floats, or of integers far from overflow, give with numpy's operators "
        "what Python's numbers give one by one, and the answer has the index and name that apply "
        "gives it. The new code asks at run time whether the columns are such and else calls "
        "apply. Powers of floats may differ in the last bit."
    )
    risk: Risk = "high"
    promise = 0.97
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such call."""
        numpy, pandas = package(site, "numpy"), package(site, "pandas")
        if numpy is None or pandas is None or not uses_arrays(site):
            return
        for call in site.scope.of_type(ast.Call):
            if is_fallback(site, call):
                continue
            change = _of_rows(site, numpy[0], pandas[0], call) or _of_values(
                site, numpy[0], pandas[0], call
            )
            if change is not None:
                text, exact = change
                yield Change(
                    line=call.lineno,
                    last_line=call.end_lineno,
                    hypothesis="apply calls a Python function for each value; the same expression "
                    "over whole columns runs in compiled code",
                    edits=(Replace(call, text), *_imports(text, numpy, pandas)),
                    risk="medium" if exact else self.risk,
                )


def _imports(text: str, *packages: tuple[str, tuple[Import, ...]]) -> Iterator[Import]:
    for name, imports in packages:
        if f"{name}." in text:
            yield from imports


def _of_rows(site: Site, np: str, pd: str, call: ast.Call) -> tuple[str, bool] | None:
    """Return the columns' expression for a call that applies a lambda along the rows."""
    applied = _applied_to_rows(site, call)
    if applied is None:
        return None
    frame, function = applied
    reads = row_reads(site, function.args.args[0].arg, [function.body])
    if not reads:
        return None
    text = site.module.segment(frame)
    columns: dict[ast.expr, str] = {read.node: f'{text}["{read.column}"]' for read in reads}
    values = list(dict.fromkeys(columns.values()))
    kinds = ", ".join(f"{each}.dtype" for each in values)
    # Rows of one type convert every column to it; of more types they keep each value's own.
    rows = f"{text}.iloc[0].dtype in ({np}.object_, {np}.result_type({kinds}))"
    return _computed(site, np, pd, call, function.body, columns, [rows], f"index={text}.index")


def _of_values(site: Site, np: str, pd: str, call: ast.Call) -> tuple[str, bool] | None:
    """Return the expression over a whole series for a call that applies a lambda to its values."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=series, attr="apply" | "map"),
            args=[ast.Lambda() as function],
            keywords=[],
        ):
            pass
        case _:
            return None
    if len(function.args.args) != 1 or not is_series_place(site, series):
        return None
    text, name = site.module.segment(series), function.args.args[0].arg
    elements: dict[ast.expr, str] = {
        each: text for each in walk(function.body) if isinstance(each, ast.Name) and each.id == name
    }
    whole = f"index={text}.index, name={text}.name"
    return _computed(site, np, pd, call, function.body, elements, [], whole)


def _computed(
    site: Site,
    np: str,
    pd: str,
    call: ast.Call,
    body: ast.expr,
    texts: dict[ast.expr, str],
    rows: list[str],
    labels: str,
) -> tuple[str, bool] | None:
    """Return a Series made of an expression over columns, and whether it is exact."""

    def element(node: ast.expr) -> Element | None:
        if node not in texts:
            return None
        return Element(f"{texts[node]}.to_numpy()", Value("element", native=True))

    function = site.module.parents[body]
    assert isinstance(function, ast.Lambda)
    parameter = function.args.args[0].arg
    reader = Elementwise(
        site, np, element, lambda node: parameter not in _names(node), may_ask=True
    )
    value = reader.read(body)
    if value is None or not value.varies or body in texts:
        return None
    # Chosen from integers and elements, all are integers only where the elements are.
    whole = not value.settled and value.kind == "element" and reader.integral
    if not value.settled and not whole:
        return None
    each, values = site.fresh_name("each"), list(dict.fromkeys(texts.values()))
    limit = reader.limit or "2**53"
    fits = f"{each}.dtype == {np}.int64 and -({limit}) < {each}.min() <= {each}.max() < {limit}"
    if not whole:
        fits = f"({each}.dtype == {np}.float64 or ({fits}))"
    asked = of_all(site, each, f"{each}.size and {fits}", values)
    if reader.chooses and len(values) > 1:
        asked.append(" == ".join(f"{text}.dtype" for text in values))
    asked += rows
    asked += of_all(site, each, f"isinstance({each}, (int, float, {np}.int64))", reader.scalars)
    if reader.limit:
        asked += of_all(site, each, f"abs({each}) < {reader.limit}", reader.scalars)
    asked += [f"{np}.all({text})" for text in reader.divisors]
    made = f"{pd}.Series({reader.text(body)}, {labels})"
    return guarded_expression(site, asked, made, site.module.segment(call)), reader.exact


def _names(node: ast.expr) -> set[str]:
    return {each.id for each in walk(node) if isinstance(each, ast.Name)}
