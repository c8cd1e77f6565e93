"""The corpus: for each rewrite a module it makes faster, one it gets wrong, and one it leaves.

The fixtures of the rewrite `some-name` are the constants of `corpus/some_name.py`:

    WINS        a module that the rewrite makes clearly faster
    TRAP        one that it changes for the worse, in a corner that the source does not show
    TRAP_WHY    what that corner is, in a few words
    TRAP_STAGE  the stage of the gate that sees it
    TRAP_NAME   the name of its module, where the fixture's own is one that tests have
    TRAP_BESIDE another module of the trap's package, imported as `<trap's name>_beside`
    TRAP_TEST   a test file; traps are the modules of the package `traps`
    NEVER       a module that it must leave alone, though it looks much like the others
    SEEN        what a run saw of the parameters of functions: `{"f": {"x": {"str": 0.9}}}` for a
                rewrite that goes by it; it holds for all modules

Each module has a function `workload()`. The three in the middle and the last may be left out. A
rewrite that is right whatever happens has `TRAP = None`, and `WHY_NO_TRAP` in place of the other
constants.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from perfagent.profiles.facts.facts import CallFacts, ValueFacts
from perfagent.tools.rewrites.catalogue import ALL
from perfagent.tools.rewrites.places import reading_of
from perfagent.tools.rewrites.reading.elsewhere import Elsewhere
from perfagent.tools.rewrites.registry import changes_of
from perfagent.tools.rewrites.rewrite import Change, Rewrite, Site

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, kw_only=True)
class Trap:
    """A module that a rewrite changes for the worse.

    Attributes:
        rewrite: Name of the rewrite that it is for.
        name: Of the module, in the package `traps`.
        text: The module.
        why: What the rewrite cannot see.
        stage: The gate's stage that must refuse it.
        beside: The text of the module `<name>_beside`; None when there is none.
        test: The text of its test file; None when no test is about it.
    """

    rewrite: str
    name: str
    text: str
    why: str
    stage: str
    beside: str | None
    test: str | None

    @property
    def files(self) -> dict[str, str]:
        """Its files in a repository, by path."""
        found = {
            f"traps/{self.name}.py": self.text,
            f"traps/{self.name}_beside.py": self.beside,
            f"tests/test_{self.name}.py": self.test,
        }
        return {path: text for path, text in found.items() if text is not None}


@dataclass(frozen=True, kw_only=True)
class Specimens:
    """The fixtures of one rewrite.

    Attributes:
        rewrite: Its name.
        wins: A module that it makes faster.
        trap: One that it gets wrong; None when there can be none.
        why_no_trap: Why there can be none; None when there is one.
        never: A module that it must leave alone.
    """

    rewrite: str
    wins: str
    trap: Trap | None
    why_no_trap: str | None
    never: str


def specimens(rewrite: str) -> Specimens:
    """Return the fixtures of a rewrite.

    Raises:
        FileNotFoundError: It has none.
        AttributeError: One of them is missing; the message names it.
    """
    path = CORPUS / f"{rewrite.replace('-', '_')}.py"
    module = _loaded(path)
    trap = _trap_in(module, path.stem)
    return Specimens(
        rewrite=rewrite,
        wins=module.WINS,
        trap=trap,
        why_no_trap=None if trap else module.WHY_NO_TRAP,
        never=module.NEVER,
    )


def traps() -> list[Trap]:
    """Return all traps there are, by name."""
    paths = sorted(CORPUS.glob("*.py"))
    found = [_trap_in(_loaded(path), path.stem) for path in paths]
    return [trap for trap in found if trap is not None]


def rewrite_named(name: str) -> Rewrite:
    """Return the rewrite of that name."""
    return next(each for each in ALL if each.name == name)


def changes(text: str, rewrite: str, *, beside: str | None = None) -> Iterator[tuple[Change, str]]:
    """Yield what a rewrite would change in any function of a module, with the text that it makes.

    Args:
        text: the module.
        rewrite: its name.
        beside: the repository's other module; None for a repository of one module.

    Raises:
        UnrenderableError: The change does not fit the text.
    """
    reading = reading_of("module.py", text)
    assert reading is not None, text
    seen = _seen(rewrite)
    with tempfile.TemporaryDirectory() as tree:
        if beside is not None:
            (Path(tree) / "beside.py").write_text(beside, encoding="utf-8")
        for qualname, function in reading.module.functions:
            site = Site(
                module=reading.module,
                kinds=reading.kinds,
                effects=reading.effects,
                function=function,
                qualname=qualname,
                facts=seen.get(qualname),
                elsewhere=Elsewhere(Path(tree)),
            )
            for change in changes_of(rewrite_named(rewrite), site):
                yield change, reading.renderer.render(change.edits)


def rewritten(text: str, rewrite: str, *, beside: str | None = None) -> str:
    """Return a module after the one change that a rewrite makes to it."""
    made = [new for _, new in changes(text, rewrite, beside=beside)]
    assert len(made) == 1, f"{rewrite} makes {len(made)} changes, not one, to\n{text}"
    return made[0]


def _seen(rewrite: str) -> dict[str, CallFacts]:
    """Return what a run saw of the functions in a rewrite's fixtures, by their names."""
    module = _loaded(CORPUS / f"{rewrite.replace('-', '_')}.py")
    found: dict[str, CallFacts] = {}
    for function, parameters in vars(module).get("SEEN", {}).items():
        values = [
            ValueFacts(name=name, types=tuple(shares.items()))
            for name, shares in parameters.items()
        ]
        found[function] = CallFacts(
            path="module.py", function=function, calls=1000, parameters=tuple(values)
        )
    return found


def _trap_in(module: ModuleType, stem: str) -> Trap | None:
    constants = vars(module)
    if constants.get("TRAP") is None:
        return None
    return Trap(
        rewrite=stem.replace("_", "-"),
        name=constants.get("TRAP_NAME", stem),
        text=constants["TRAP"],
        why=constants.get("TRAP_WHY", ""),
        stage=constants.get("TRAP_STAGE", ""),
        beside=constants.get("TRAP_BESIDE"),
        test=constants.get("TRAP_TEST"),
    )


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"corpus_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
