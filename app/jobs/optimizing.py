"""The job `optimize`: a run, its accepted changes ranked, and a pull request for each of the best.

Begun again after a kill at any point it comes to the same branches, pull requests and comment: each
has a name that follows from the job, and is looked up before it is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import UserError
from ...reports.sentence import sentence
from ...reports.wording import markdown_code, markdown_text
from ..forge import MovedOn, Place
from ..store.decisions import Decisions
from ..store.queue import Job
from .configuration import PATH, Configuration
from .desk import Desk
from .policy import Refused
from .publishing import Origin, Suggestion, publish, suggest
from .targets import option_words, suite_words, workload_word

_SLACK_S = 1800.0
"""What a run may take beyond its budget: the environment, the suite, the last measurement."""


def optimize(desk: Desk, job: Job, beat: Callable[[str], None]) -> tuple[str, dict[str, Any]]:
    """Do the job; return its outcome in one line, and its report."""
    place, words = desk.place(job), job.request
    branch, base = _base(desk, job, place)
    read = desk.configuration(place, base)
    configuration = read.configuration
    problem = "; ".join(read.problems) or (
        None if configuration.enabled else f"`enabled: false` in {PATH}"
    )
    if problem:
        return _answer(desk, job, place, f"Nothing was done: {problem}."), {"problems": [problem]}
    decisions = Decisions(desk.database, job.host)
    by_diff = configuration.publish == "suggestion"
    standing = {pull.head_ref: pull.number for pull in place.open_pulls() if pull.is_ours}
    # Those of this very job, begun before a kill, take no other's place.
    room = configuration.max_open_prs - len(standing) + decisions.proposed(job.id)
    if by_diff:
        room = configuration.max_open_prs
    if room <= 0:
        told = f"Nothing was done: {configuration.max_open_prs} pull requests of mine are open."
        return _answer(desk, job, place, told), {}
    name, workload = _chosen(configuration, str(words.get("workload") or ""))
    mirror = desk.mirror(place, base)
    folder = desk.folder(job)
    target = [
        f"{mirror}@{base}",
        workload_word(workload, mirror, base, folder),
        *option_words(configuration, desk.deployment),
        *suite_words(configuration),
    ]
    budget_s = min(
        float(words.get("budget_s") or 60 * configuration.budget_minutes),
        240 * 60.0,
    )
    extra = [str(word) for word in words.get("options") or ()]
    record = desk.engine(job).run(
        ["optimize", *target, "--max-wall", f"{budget_s:g}", *extra],
        out=folder / "run",
        beat=beat,
        most_s=budget_s + _SLACK_S,
    )
    unwanted = dict.fromkeys(decisions.declined(job.repo), "declined before")
    for spot, (branch, number) in decisions.open_elsewhere(job.repo, job.id).items():
        if by_diff or branch in standing:
            unwanted[spot] = f"proposed in #{number}"
    found = _suggestions(desk, job, record, target, unwanted, room, beat, extra)
    worthwhile = [each for each in found if _lower_bound(each.record) >= configuration.min_speedup]
    origin = Origin(
        branch=branch, base=base, mirror=mirror, configuration=configuration, workload=name
    )
    show = suggest if by_diff else publish
    opened, notes = [], _left_out(record, unwanted)
    for each in worthwhile:
        try:
            shown = show(desk, job, place, each, origin)
        except (Refused, MovedOn) as error:
            notes.append(str(error))
            continue
        opened.append({**vars(shown), "sentence": sentence(each.record)})
    report = {"workload": name, "sentence": sentence(record), "pulls": opened, "notes": notes}
    return _answer(desk, job, place, _told(name, record, opened, notes)), report


def _base(desk: Desk, job: Job, place: Place) -> tuple[str, str]:
    """Return branch and commit the job works on; a job that is begun again keeps its commit."""
    kept = job.report.get("base")
    if kept:
        return str(job.report["branch"]), str(kept)
    branch, base = place.default_branch()
    desk.queue.keep(job, {"base": base, "branch": branch})
    return branch, base


def _chosen(configuration: Configuration, asked: str) -> tuple[str, str]:
    """Return name and WORKLOAD of what was asked for; the first one where nothing was.

    Raises:
        UserError: The configuration names no such workload.
    """
    workloads = configuration.workloads
    if not workloads:
        raise UserError(f"no workload: name one under `workloads:` in {PATH}")
    if not asked:
        return next(iter(workloads.items()))
    if asked not in workloads:
        raise UserError(f"{PATH} names no workload {asked!r}: it has {', '.join(workloads)}")
    return asked, workloads[asked]


def _suggestions(
    desk: Desk,
    job: Job,
    record: dict[str, Any],
    target: list[str],
    unwanted: Mapping[str, str],
    most: int,
    beat: Callable[[str], None],
    extra: list[str],
) -> list[Suggestion]:
    """Return the accepted changes, one function each, the one that saves most time first.

    Where the run accepted several, each is measured again by itself, on fresh samples.
    """
    run = desk.folder(job) / "run"
    if record["outcome"] != "accepted":
        return []
    accepted = [
        line
        for line in record["candidates"]
        if line["outcome"] == "accepted" and line["parent_id"] is None and line.get("speedup")
    ]
    best: dict[str, dict[str, Any]] = {}
    for line in sorted(accepted, key=lambda line: -line["speedup"]):
        best.setdefault(line["hotspot"] or line["candidate_id"], line)
    wanted = [line for spot, line in best.items() if not _why_not(spot, unwanted)]
    stacked = record["patch"]["stacked"]
    found = []
    if len(stacked) == 1 and len(best) <= 1:
        spots = tuple(_spots(record))
        if any(_why_not(spot, unwanted) for spot in spots):
            return []
        diff = (run / "patch.diff").read_text(encoding="utf-8", errors="surrogateescape")
        found.append(_suggestion(stacked[0]["candidate_id"], spots, record, diff))
    else:
        for line in wanted[:most]:
            alone = _alone(desk, job, line["candidate_id"], target, beat, extra)
            if alone is not None:
                measured, diff = alone
                spots = (line["hotspot"],) if line["hotspot"] else ()
                found.append(_suggestion(line["candidate_id"], spots, measured, diff))
    return sorted(found, key=lambda each: -each.saved_s)[: max(0, most)]


def _alone(
    desk: Desk,
    job: Job,
    candidate: str,
    target: list[str],
    beat: Callable[[str], None],
    extra: list[str],
) -> tuple[dict[str, Any], str] | None:
    """Measure one accepted change by itself; None when it does not stand alone."""
    folder = desk.folder(job)
    kept = json.loads((folder / "run" / "candidates" / f"{candidate}.json").read_text())
    diff = kept["patch"]["diff"]
    file = folder / f"{candidate}.diff"
    file.write_text(diff, encoding="utf-8", errors="surrogateescape")
    out = folder / f"alone-{candidate}"
    record_file = out / "report.json"
    if record_file.is_file():
        record = json.loads(record_file.read_text(encoding="utf-8"))
    else:
        pairs = [word for word in extra if word.isdecimal()][:1]
        options = ["--max-pairs", *pairs] if pairs else []
        record = desk.engine(job).run(
            ["measure", *target, "--patch", str(file), *options],
            out=out,
            beat=beat,
            most_s=_SLACK_S,
        )
    if record["outcome"] != "accepted":
        return None
    described = json.loads((folder / "run" / "report.json").read_text(encoding="utf-8"))
    lines = [line for line in described["candidates"] if line["candidate_id"] == candidate]
    stacked = [
        {key: line[key] for key in ("candidate_id", "origin", "hypothesis")} for line in lines
    ]
    patch = {**record["patch"], "stacked": stacked}
    others = [line for line in described["candidates"] if line["candidate_id"] != candidate]
    shown = {"hotspots": described["hotspots"], "candidates": [*lines, *others], "patch": patch}
    return {**record, **shown}, diff


def _suggestion(
    candidate: str, spots: tuple[str, ...], record: dict[str, Any], diff: str
) -> Suggestion:
    speedup = record["speedup"]
    saved = speedup["baseline"] - speedup["candidate"] if speedup["unit"] == "s" else 0.0
    return Suggestion(candidate=candidate, spots=spots, saved_s=saved, record=record, diff=diff)


def _spots(record: dict[str, Any]) -> list[str]:
    chosen = {line["candidate_id"] for line in record["patch"]["stacked"]}
    return [
        line["hotspot"]
        for line in record["candidates"]
        if line["candidate_id"] in chosen and line["hotspot"]
    ]


def _why_not(spot: str, unwanted: Mapping[str, str]) -> str:
    """Return why a function is not to be changed; "" when it may be."""
    return unwanted.get(spot) or unwanted.get(spot.rpartition(":")[2]) or ""


def _left_out(record: dict[str, Any], unwanted: Mapping[str, str]) -> list[str]:
    """Say which accepted changes were left out because people decided about their function."""
    spots = {
        line["hotspot"]
        for line in record["candidates"]
        if line["outcome"] == "accepted" and line["hotspot"]
    }
    return [f"{spot}: {why}" for spot in sorted(spots) if (why := _why_not(spot, unwanted))]


def _lower_bound(record: dict[str, Any]) -> float:
    return float((record["speedup"] or {}).get("ci_low") or 0.0)


def _told(name: str, record: dict[str, Any], opened: list[dict[str, Any]], notes: list[str]) -> str:
    if opened:
        lines = [f"- {pull['name']}: {markdown_text(pull['sentence'])}" for pull in opened]
        return "\n".join([f"{markdown_code(name)}:", "", *lines, *_noted(notes)])
    ending = markdown_text(sentence(record))
    told = f"Nothing worthwhile was found for {markdown_code(name)}: {ending}."
    return "\n".join([told, *_noted(notes)])


def _noted(notes: list[str]) -> list[str]:
    return ["", *(f"- not published: {markdown_text(note)}" for note in notes)] if notes else []


def _answer(desk: Desk, job: Job, place: Place, text: str) -> str:
    """Answer where the command was given; return the first line for the status page."""
    number = job.request.get("number")
    if number is not None:
        body = f"{text}\n\n<sub>[details]({desk.details(job)})</sub>"
        place.comment(int(number), f"answer:{job.request['answers']}", body)
    return text.splitlines()[0][:300]
