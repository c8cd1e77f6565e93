"""A hotspot of which only its place matters."""

from __future__ import annotations

from perfagent.profiles.hotspot import Hotspot


def hotspot(
    path: str, function: str, first_line: int, last_line: int, *, source: str = ""
) -> Hotspot:
    """Return a function as a hotspot that is worth a candidate and has half of the time."""
    return Hotspot(
        function=function,
        path=path,
        first_line=first_line,
        last_line=last_line,
        self_share=0.5,
        own_share=0.5,
        total_share=0.5,
        max_speedup=2.0,
        owner="repository",
        callers=(),
        lines=(),
        source=source,
        covering_tests=(),
        worthwhile=True,
        note=None,
    )
