"""What every built-in rewrite is: its contract, what it is shown, and what it proposes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ...profiles.facts.facts import CallFacts, Need
from .kinds.kinds import Kinds
from .reading.effects import EffectsReader
from .reading.elsewhere import Elsewhere
from .reading.module_source import ModuleSource
from .reading.scopes import FunctionScope
from .writing.edit import Edit, FunctionNode

Risk = Literal["low", "medium", "high"]
RISKS: tuple[Risk, ...] = ("low", "medium", "high")


@dataclass(frozen=True, kw_only=True)
class Rewriting:
    """One proposed patch, as the whole new text of one file."""

    rewrite: str
    """Name of the rewrite; `combined` for several at once."""
    path: str
    """Repository-relative."""
    function: str
    """Qualified name of the function that changes."""
    line: int
    """1-based line of the old text where the slow code stands."""
    hypothesis: str
    """One sentence: what is slow and why this helps."""
    new_source: str
    risk: Risk
    gain_share: float = 0.0
    """A guess at the share of the workload's time this could save, 0 to 1; it orders proposals."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A function worth rewriting, with what is known about its module."""

    module: ModuleSource
    kinds: Kinds
    effects: EffectsReader
    function: FunctionNode
    qualname: str
    facts: CallFacts | None = None
    """What was seen of the function's calls; None when nobody looked."""
    elsewhere: Elsewhere | None = None
    """What the repository's other files say; None when there is no looking."""
    answers: dict[object, object] = field(default_factory=dict, repr=False, compare=False)
    """What was worked out about the function already, by whatever it is about."""

    @property
    def scope(self) -> FunctionScope:
        """The function's own code and names."""
        return self.module.scope(self.function)

    def is_replaced_elsewhere(self, name: str) -> bool:
        """Return whether another file may give a name of the module, or a method, another meaning.

        True also when there is no telling.
        """
        return self.elsewhere is None or self.elsewhere.replaces(name, besides=self.module.path)

    def is_mentioned_elsewhere(self, name: str) -> bool:
        """Return whether another file speaks of a name; True also when there is no telling."""
        return self.elsewhere is None or self.elsewhere.mentions(name, besides=self.module.path)

    def fresh_name(self, wanted: str) -> str:
        """Return a name nobody mentions, different for every call since `forget_names`."""
        given = self.answers.setdefault("fresh names", set())
        assert isinstance(given, set)
        name = self.module.fresh_name(wanted, given)
        given.add(name)
        return name

    def forget_names(self) -> None:
        """Let names be given again; for another rewrite, whose changes stand for themselves."""
        self.answers.pop("fresh names", None)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a rewrite found: edits, and the reason to make them."""

    line: int
    """1-based line of the slow code."""
    hypothesis: str
    edits: tuple[Edit, ...]
    risk: Risk
    last_line: int | None = None
    """The slow code's last line when it is more than `line`; its time is what may be saved."""
    whole_function: bool = False
    """True when the time of the whole function may be saved, wherever its lines are."""
    promise: float | None = None
    """As `Rewrite.promise`, when this one differs."""


class Rewrite(Protocol):
    """One rule. It holds no state: `propose` may be called for many sites."""

    name: str
    """Unique, as it appears in reports."""
    summary: str
    """One sentence: what it looks for and what it puts in its place."""
    why_right: str
    """Why the answer stays the same, and under which assumption it would not."""
    risk: Risk
    """The highest risk it usually takes; a `Change` says its own."""
    promise: float
    """The share of the slow code's time that it typically saves, 0 to 1."""
    needs: tuple[Need, ...]
    """Which facts decide whether it is tried and what it promises; it must do without them."""

    def propose(self, site: Site) -> Iterable[Change]:
        """Yield every change that would help the site's function.

        A change proposed on a site never applies again to its own outcome.
        """
        ...
