"""What a workload script defines, and the script without the part that times itself.

Scripts in the style of SWE-fficiency time themselves at the bottom (`runtimes = timeit.repeat(
workload, …)`, then prints). perfagent does its own timing, so those statements are taken out and
everything that defines something stays, on its own line numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError

WORKLOAD = "workload"
SETUP = "setup"

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, kw_only=True)
class Script:
    """A workload script, ready to run.

    Attributes:
        text: Python source. Line numbers are those of the file the user wrote.
        has_workload: The script defines `workload()`; otherwise the script as a whole is timed.
        has_setup: The script defines `setup()`, to run before each call of `workload()`.
    """

    text: str
    has_workload: bool
    has_setup: bool


def read_script(path: Path) -> str:
    """Return the source in `path`, decoded as Python would (PEP 263 cookie, else UTF-8).

    Raises:
        UserError: The file cannot be read or decoded.
    """
    import tokenize

    try:
        with tokenize.open(path) as stream:
            return stream.read()
    except OSError as error:
        raise UserError(f"cannot read the workload {path}: {error.strerror or error}") from error
    except (SyntaxError, ValueError, LookupError) as error:  # also of codecs that decode no text
        raise UserError(f"the workload {path} is not Python source: {error}") from error


def parse_script(source: str, origin: str) -> Script:
    """Return `source` without its timing part, and what it defines.

    Args:
        source: Python source of the script.
        origin: How messages call the script, for example its path.

    Raises:
        UserError: The script is empty or runs nothing, does not parse (the message names the
            line), defines a `setup()` nobody calls but no `workload()`, or its `workload()` would
            run nothing when called (a coroutine or a generator).
    """
    try:
        return _parsed(ast.parse(source, filename=origin), source, origin)
    except (RecursionError, MemoryError):
        raise UserError(f"the workload {origin} is nested too deeply to be read") from None
    except (SyntaxError, ValueError) as error:
        line = f" line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        what = error.msg if isinstance(error, SyntaxError) else str(error)
        raise UserError(f"the workload {origin}{line} does not parse: {what}") from error


def _parsed(module: ast.Module, source: str, origin: str) -> Script:
    if not any(not _is_docstring(statement) for statement in module.body):
        raise UserError(f"the workload {origin} is empty: write a script, or define workload()")
    defined = {name for statement in module.body for name in _bound_names(statement)}
    if WORKLOAD not in defined:
        if SETUP in defined and not _mentions(module, {SETUP}):
            raise UserError(
                f"the workload {origin} defines setup() but no workload(): put what is to be "
                "timed into a function called workload"
            )
        _check_runs_something(module, origin)
        return Script(text=source, has_workload=False, has_setup=False)
    _check_callable(module, origin)
    return Script(text=strip_timing(source, module), has_workload=True, has_setup=SETUP in defined)


def strip_timing(source: str, module: ast.Module | None = None) -> str:
    """Return `source` without the top-level statements that time or run `workload()`.

    Dropped are statements outside functions and classes that mention `workload`, the `timeit`
    module or a function that uses one of them, and then whatever only reads what those produced
    (`print(statistics.mean(runtimes))`). A statement that binds a name which a function of the
    script reads always stays, unless it runs the workload itself. Kept statements keep their lines.

    Args:
        source: Python source that defines `workload()`.
        module: `source` as parsed, when the caller has it.
    """
    module = module or ast.parse(source)
    dropped = _timing_statements(module)
    kept = [statement for statement in module.body if statement not in dropped]
    lines = source.splitlines(keepends=True)
    gone = {number for statement in dropped for number in _line_numbers(statement)}
    if any(gone & _line_numbers(statement) for statement in kept):
        # Two statements share a line (`a = 1; workload()`): line numbers are given up.
        return ast.unparse(ast.Module(body=kept, type_ignores=[])) + "\n"
    return "".join("\n" if number in gone else line for number, line in enumerate(lines, start=1))


def _timing_statements(module: ast.Module) -> list[ast.stmt]:
    work = _reachable(module, WORKLOAD) | _reachable(module, SETUP)
    read_by_work = {
        name
        for statement in module.body
        if isinstance(statement, _Definition) and statement.name in work
        for name in _loaded_names(statement)
    }
    runners = _grown(module, {WORKLOAD}, work)
    timers = _grown(module, set(_timeit_names(module)), work)
    produced: set[str] = set()
    dropped: list[ast.stmt] = []
    for statement in module.body:
        if isinstance(statement, _Definition | ast.Import | ast.ImportFrom):
            continue
        bound = set(_bound_names(statement))
        if WORKLOAD in bound:  # workload = functools.partial(…) defines it
            continue
        needed = bool(bound & read_by_work)
        if _mentions(statement, runners) or (
            not needed and _mentions(statement, timers | produced)
        ):
            dropped.append(statement)
            produced |= bound | set(_filled_names(statement))
    return dropped


def _timeit_names(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.Import):
            yield from (a.asname or a.name for a in node.names if a.name == "timeit")
        elif isinstance(node, ast.ImportFrom) and node.module == "timeit":
            yield from (a.asname or a.name for a in node.names)


def _grown(module: ast.Module, names: set[str], work: set[str]) -> set[str]:
    """Return `names` and the functions that mention them, through any number of functions.

    What `workload()` itself calls (`work`) never counts: it is the work, even when it times.
    """
    names = set(names)
    functions = [n for n in module.body if isinstance(n, _Definition) and n.name not in work]
    while True:
        found = {f.name for f in functions if _mentions(f, names)} - names
        if not found:
            return names
        names |= found


def _reachable(module: ast.Module, start: str) -> set[str]:
    definitions = {node.name: node for node in module.body if isinstance(node, _Definition)}
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in seen:
            seen.add(name)
            waiting.extend(_loaded_names(definitions[name]))
    return seen


def _check_callable(module: ast.Module, origin: str) -> None:
    for node in module.body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name == WORKLOAD:
            raise UserError(
                f"the workload {origin} line {node.lineno}: workload() is async; call the "
                "coroutine in a plain workload() with asyncio.run(…)"
            )
        if isinstance(node, ast.FunctionDef) and node.name == WORKLOAD and _yields(node):
            raise UserError(
                f"the workload {origin} line {node.lineno}: workload() is a generator, calling it "
                "runs nothing; consume it in a plain workload()"
            )


def _check_runs_something(module: ast.Module, origin: str) -> None:
    """Refuse a script that only defines; one that only imports may be timed for its imports."""
    defined = [node.name for node in module.body if isinstance(node, _Definition)]
    idle = _Definition | ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign
    if defined and all(isinstance(node, idle) or _is_docstring(node) for node in module.body):
        raise UserError(
            f"the workload {origin} defines {defined[-1]} but runs nothing: call what is to be "
            "timed from a function called workload"
        )


def _yields(function: ast.FunctionDef) -> bool:
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, _Definition | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _loaded_names(node: ast.AST) -> set[str]:
    return {
        child.id
        for child in ast.walk(node)
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load)
    }


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return bool(_loaded_names(node) & names)


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    """Names that the statement binds in its own scope."""
    if isinstance(statement, _Definition):
        yield statement.name
        return
    if isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            yield (alias.asname or alias.name).partition(".")[0]
        return
    for child in ast.walk(statement):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child, _Definition):
            yield child.name


def _filled_names(statement: ast.stmt) -> Iterator[str]:
    """Names whose object the statement changes in place: `runtimes.append(…)`, `times[i] = …`."""
    for child in ast.walk(statement):
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
            if isinstance(child.func.value, ast.Name):
                yield child.func.value.id
        elif (
            isinstance(child, ast.Subscript)
            and isinstance(child.ctx, ast.Store)
            and isinstance(child.value, ast.Name)
        ):
            yield child.value.id


def _line_numbers(statement: ast.stmt) -> set[int]:
    first = min(
        [statement.lineno]
        + [decorator.lineno for decorator in getattr(statement, "decorator_list", [])]
    )
    return set(range(first, (statement.end_lineno or statement.lineno) + 1))
