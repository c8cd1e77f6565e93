"""Commands that take groups of options, and the settings that were said with them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from .options import Group

Settings = dict[str, Any]

# Options are short, and those given several times are singular; settings say their unit.
_WITH_UNIT = {
    "max_compare": "max_compare_s",
    "workload_timeout": "workload_timeout_s",
    "suite_timeout": "suite_timeout_s",
    "max_wall": "max_wall_s",
    "output": "outputs",
}


def takes(*groups: Group) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of the groups, in place of its parameter `settings`.

    The command receives there what was said of them, as `load_settings` takes it.
    """
    options = {name: kind for group in groups for name, kind in group.items()}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(command, include_extras=True)
        parameters = []
        for name, parameter in inspect.signature(command).parameters.items():
            if name == "settings":
                parameters += [_parameter(*each) for each in options.items()]
            else:
                kind = inspect.Parameter.KEYWORD_ONLY
                parameters.append(parameter.replace(kind=kind, annotation=hints[name]))

        def run(**given: Any) -> None:
            said = {name: given.pop(name) for name in options}
            command(**given, settings=settings_said(said))

        run.__name__, run.__doc__ = command.__name__, command.__doc__
        # What typer reads.
        run.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorate


def _parameter(name: str, kind: Any) -> inspect.Parameter:
    is_flag = get_origin(kind) is Annotated and get_args(kind)[0] is bool
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=False if is_flag else None,
        annotation=kind,
    )


def settings_said(options: Mapping[str, Any]) -> Settings:
    """Return the settings that options stand for, less those that nobody said."""
    said = {
        _WITH_UNIT.get(name, name): value
        for name, value in options.items()
        if not (value is None or value is False or value == [])
    }
    for switch in ("facts", "learn"):
        if said.pop(f"no_{switch}", False):
            said[switch] = False
    if isinstance(said.get("proposer"), str):
        said["proposer"] = [part.strip() for part in said["proposer"].split(",") if part.strip()]
    return said
