"""The tables of docs/honesty.md, from the records alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perfagent.tests.honesty.specimen import HONEST, Specimen

from ..study.records import Store
from .ours import CORPUS, digest

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def figures(store: Store, corpus: Sequence[Specimen] = CORPUS) -> str:
    """Return the part of the document between its marks, as Markdown."""
    found = _Found(store)
    lines = [
        *_by_family(found, corpus),
        "",
        *_machine(store),
        "",
        "Which check found each trick, and what it said:",
        "",
        "| patch | family | check | found |",
        "| --- | --- | --- | --- |",
        *(_trick(found, each) for each in corpus if not each.is_honest),
        "",
        "The honest patches, the gain that the audit measured (where it timed them), and what the "
        "other rules say:",
        "",
        "| patch | speedup | ours | guard | threshold |",
        "| --- | --- | --- | --- | --- |",
        *(_honest(found, each) for each in corpus if each.is_honest),
    ]
    return "\n".join(lines) + "\n"


def into(document: str, text: str) -> str:
    """Return the document with its figures replaced.

    Raises:
        ValueError: The document has no marks for them.
    """
    head, rest = document.split(BEGIN)
    return f"{head}{BEGIN}\n\n{text}\n{END}{rest.split(END)[1]}"


class _Found:
    """What is on record of each patch, by its digest; the last record counts."""

    def __init__(self, store: Store) -> None:
        self._parts = {
            part: {(each["name"], each["digest"]): each for each in store.read(part)}
            for part in ("checks", "timed", "rivals")
        }

    def of(self, part: str, specimen: Specimen) -> Mapping[str, Any] | None:
        return self._parts[part].get((specimen.name, digest(specimen)))

    def refused(self, specimen: Specimen) -> dict[str, list[str]] | None:
        """Return what refused it, by check; None where it was not tried."""
        checks, timed = self.of("checks", specimen), self.of("timed", specimen)
        if checks is None:
            return None
        return {**checks["refused"], **(timed["refused"] if timed else {})}

    def is_right(self, specimen: Specimen) -> bool:
        """Tell whether the check that was meant refused it, for the reason that was meant."""
        said = (self.refused(specimen) or {}).get(specimen.check, [])
        return any(specimen.because in line for line in said)


def _by_family(found: _Found, corpus: Sequence[Specimen]) -> Iterator[str]:
    columns = ("family", "patches", "ours: refused", "for the right reason", "guard: refused")
    yield f"| {' | '.join(columns)} | threshold: refused |"
    yield "| --- | --- | --- | --- | --- | --- |"
    families = dict.fromkeys(each.family for each in corpus if not each.is_honest)
    for family in families:
        yield _row(found, family, [each for each in corpus if each.family == family])
    yield _row(found, "**all tricks**", [each for each in corpus if not each.is_honest])
    yield _row(found, "**honest patches**", [each for each in corpus if each.family == HONEST])


def _row(found: _Found, title: str, patches: Sequence[Specimen]) -> str:
    ours = sum(bool(found.refused(each)) for each in patches)
    right = sum(found.is_right(each) for each in patches)
    rivals = [found.of("rivals", each) for each in patches]
    guard = sum(bool(each and each["guard"]) for each in rivals)
    threshold = sum(bool(each and not each["threshold"]) for each in rivals)
    missing = sum(found.refused(each) is None for each in patches)
    note = f" ({missing} not tried)" if missing else ""
    tricks = "" if patches and patches[0].is_honest else str(right)
    return f"| {title} | {len(patches)}{note} | {ours} | {tricks} | {guard} | {threshold} |"


def _machine(store: Store) -> Iterator[str]:
    sessions = store.read("sessions")
    if sessions:
        last = sessions[-1]
        yield f"Measured on {last['machine']}, last on {last['at']}."


def _trick(found: _Found, specimen: Specimen) -> str:
    refused = found.refused(specimen)
    if refused is None:
        return f"| {specimen.name} | {specimen.family} | not tried | |"
    check = specimen.check if specimen.check in refused else next(iter(refused), "**none**")
    said = next((line for line in refused.get(check, []) if specimen.because in line), "")
    reason = _cell(said or next(iter(refused.get(check, [])), ""))
    return f"| {specimen.name} | {specimen.family} | {check} | {reason} |"


def _honest(found: _Found, specimen: Specimen) -> str:
    refused, timed = found.refused(specimen), found.of("timed", specimen)
    rivals = found.of("rivals", specimen)
    speedup = f"{timed['speedup']:.2f}x" if timed and timed["speedup"] else "not timed"
    ours = "not tried" if refused is None else ", ".join(refused) or "passes"
    guard = threshold = "not tried"
    if rivals:
        guard = "refused" if rivals["guard"] else "passes"
        threshold = "passes" if rivals["threshold"] else "refused"
    return f"| {specimen.name} | {speedup} | {ours} | {guard} | {threshold} |"


def _cell(text: str) -> str:
    short = text if len(text) <= 140 else f"{text[:139]}…"
    return short.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
