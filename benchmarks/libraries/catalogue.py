"""The catalogue of the built-in rewrites, made of what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence

from perfagent.tools.rewrites.catalogue import ALL
from perfagent.tools.rewrites.rewrite import Rewrite


def catalogue_section(rewrites: Sequence[Rewrite] = ALL) -> str:
    """Return one entry for each rewrite, by name."""
    ordered = sorted(rewrites, key=lambda each: each.name)
    return f"{len(ordered)} rewrites.\n\n" + "\n".join(map(_entry, ordered))


def _entry(rewrite: Rewrite) -> str:
    needs = ", ".join(rewrite.needs) if rewrite.needs else "none"
    return (
        f"### {rewrite.name}\n\n"
        f"{rewrite.summary}\n\n"
        f"- Right because: {rewrite.why_right}\n"
        f"- Risk: {rewrite.risk}; typically saves {rewrite.promise:.0%} of the slow code's time;"
        f" facts that decide: {needs}\n"
    )
