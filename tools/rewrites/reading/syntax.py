"""Small questions about the shape of code, and names for new variables."""

from __future__ import annotations

import ast
import re

from ..writing.edit import FunctionNode
from .module_source import ModuleSource

_LONGEST_NAME = 32
_LONGEST_LINE = 100
_ODD_PLURALS = ("ss", "ses", "xes", "ches", "shes", "ies")


def same(first: ast.AST, second: ast.AST) -> bool:
    """Return whether two pieces of code are the same but for where they stand."""
    return ast.dump(first) == ast.dump(second)


def is_name(node: ast.AST | None, name: str) -> bool:
    """Return whether a node is exactly this name."""
    return isinstance(node, ast.Name) and node.id == name


def int_value(node: ast.AST | None) -> int | None:
    """Return the value of an integer literal (with a minus too), None for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = int_value(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def is_empty_container(module: ModuleSource, node: ast.AST | None, kind: str) -> bool:
    """Return whether an expression makes a new empty `list`, `set` or `dict`."""
    if isinstance(node, ast.List):
        return kind == "list" and not node.elts
    if isinstance(node, ast.Dict):
        return kind == "dict" and not node.keys
    return (
        isinstance(node, ast.Call)
        and not node.args
        and not node.keywords
        and module.qualified(node.func) == kind
    )


def method_statement(statement: ast.stmt, method: str) -> ast.Call | None:
    """Return the call when a statement is just `something.method(…)`."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return None
    call = statement.value
    is_method = isinstance(call.func, ast.Attribute) and call.func.attr == method
    return call if is_method else None


def assigned_name(statement: ast.stmt | ast.AST) -> str | None:
    """Return the name when a statement assigns to exactly one plain name, else None."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target = statement.target
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def is_plain_call(call: ast.Call, *, arguments: int) -> bool:
    """Return whether a call has just this many positional arguments."""
    return (
        len(call.args) == arguments
        and not call.keywords
        and not any(isinstance(each, ast.Starred) for each in call.args)
    )


def is_constant(node: ast.AST) -> bool:
    """Return whether an expression is a literal that can never change (tuples of such included)."""
    if isinstance(node, ast.Tuple):
        return all(map(is_constant, node.elts))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return is_constant(node.operand)
    return isinstance(node, ast.Constant)


def is_simple(node: ast.expr) -> bool:
    """Return whether an expression can be written several times at no cost."""
    if isinstance(node, ast.Subscript):
        return is_simple(node.value) and is_simple(node.slice)
    if isinstance(node, ast.Attribute):
        return is_simple(node.value)
    return isinstance(node, ast.Name | ast.Constant)


def string_literal(text: str) -> str:
    """Return a string as a literal, in double quotes where they need no escape."""
    shown = repr(text)
    return f'"{shown[1:-1]}"' if shown.startswith("'") and '"' not in shown else shown


def in_parentheses(text: str, node: ast.expr) -> str:
    """Return an expression's text, in parentheses where an attribute of it is to be looked up."""
    holds = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
    return text if holds or text.startswith("(") else f"({text})"


def operand_text(module: ModuleSource, node: ast.expr) -> str:
    """Return an expression's text as it may stand between `and`s or `or`s."""
    if isinstance(node, ast.BoolOp | ast.IfExp | ast.Lambda | ast.NamedExpr):
        return f"({module.segment(node, in_brackets=True)})"
    return module.segment(node)


def body_without_docstring(function: FunctionNode) -> list[ast.stmt]:
    """Return a function's statements without its docstring."""
    return function.body[1:] if ast.get_docstring(function, clean=False) else function.body


def describe(node: ast.AST) -> str:
    """Return words for an expression's value, fit for a variable's name."""
    words = re.sub(r"_+", "_", _words(node)).strip("_").lower()
    return words[:_LONGEST_NAME].strip("_") or "value"


def singular(name: str, part: str = "item") -> str:
    """Return a name for one of several: `row` for `rows`, else the name and what it is a part."""
    is_plural = name.endswith("s") and len(name) > 2 and not name.endswith(_ODD_PLURALS)
    return name[:-1] if is_plural else f"{name}_{part}"


def _words(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func, args=args):
            first = f"_{_words(args[0])}" if args else ""
            if isinstance(func, ast.Attribute):
                owner = _words(func.value)
                is_module = owner in ("self", "re", "math", "itertools", "operator")
                return f"{func.attr}{first}" if is_module else f"{owner}_{func.attr}"
            return f"{_words(func)}{first}"
        case ast.Subscript(value=value):
            return f"{_words(value)}_item"
        case ast.BinOp(left=left):
            return _words(left)
        case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
            return _words(element)
    return "value"


def laid_out(brackets: str, parts: list[str], *, column: int, indent: str) -> str:
    """Return the parts of a comprehension on one line where they fit, else on one line each.

    Args:
        brackets: the opening and the closing one.
        parts: the element and the clauses.
        column: where the opening bracket stands.
        indent: by what a line inside brackets stands further right.
    """
    text = " ".join(parts)
    if column + len(text) + 2 <= _LONGEST_LINE and "\n" not in text:
        return f"{brackets[0]}{text}{brackets[1]}"
    indented = "".join(indent + each.replace("\n", "\n" + indent) + "\n" for each in parts)
    return f"{brackets[0]}\n{indented}{brackets[1]}"
