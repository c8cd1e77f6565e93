"""Writes cost.md from the records alone."""

from __future__ import annotations

from ..study.records import Record
from ..study.tables import table

MOST = 3.0
"""What recording facts may cost, as a multiple of the workload's own time."""


def report_text(found: Record) -> str:
    """Return the report of what was measured in one run."""
    machine, matching, facts = found["machine"], found["matching"], found["facts"]
    worst = max(facts, key=lambda each: each["ratio"])
    beyond = [each for each in facts if each["ratio"] > MOST]
    return "\n".join(
        [
            "# What perfagent's looking costs",
            "",
            f"Written by `make study-cost` on {found['at'][:10]}: {machine['processor']},"
            f" {machine['cores']} cores, {machine['system']}.",
            "",
            "## Matching the rewrites",
            "",
            f"All built-in rewrites over {matching['lines']:,} lines of the standard library, each"
            f" of its {matching['functions']:,} functions\ntaken for a hotspot:"
            f" {matching['seconds']:.1f} s ({matching['cpu_s']:.1f} s of CPU),"
            f" {matching['proposals']} proposals.",
            "",
            "## Recording call facts",
            "",
            "Times of the first call while its functions are looked into, as multiples of the CPU"
            " time of the same call when nobody\nlooks: medians of 5 launches, in turns. The"
            " start of the process and the import are not in it.\n"
            'Where calls are not counted exactly, the facts say "at least".\n'
            f"The largest is {worst['ratio']:.2f}; {len(beyond)} of {len(facts)} lie above"
            f" {MOST:g}.",
            "",
            table(
                ["workload", "Python", "alone", "looked into", "calls counted exactly"],
                [
                    [
                        each["shape"],
                        each["python"],
                        f"{1000 * each['plain_s']:.1f} ms",
                        f"{each['ratio']:.2f}x",
                        "yes" if each["exact"] else "no",
                    ]
                    for each in facts
                ],
            ),
        ]
    )
