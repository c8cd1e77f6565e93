"""The job `optimize`: a run, its accepted changes ranked, and a pull request for each of the best.

Begun again after a kill at any point it comes to the same branches, pull requests and comment: each
has a name that follows from the job, and is looked up before it is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UserError
from ...reports.pull_request import commit_message, pull_request_body, pull_request_title
from ...reports.sentence import sentence
from ...reports.wording import markdown_code, markdown_text
from ..forge import MovedOn, Place, Pull
from ..store.decisions import Decisions
from ..store.queue import Job
from .configuration import PATH, Configuration
from .desk import Desk
from .policy import Refused, apply, require_no_secret
from .targets import option_words, suite_words, workload_word

_SLACK_S = 1800.0
"""What a run may take beyond its budget: the environment, the suite, the last measurement."""

FOOT = (
    "Comment `/perfagent help` for commands. Closing this pull request tells perfagent not to"
    " propose a change of the same function again."
)


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One optimization that is worth a pull request.

    Attributes:
        candidate: Its id.
        spots: The functions it changes, `path:function`.
        saved_s: Seconds of the workload that it saves.
        record: Of the run that measured it.
        diff: Its patch against the base.
    """

    candidate: str
    spots: tuple[str, ...]
    saved_s: float
    record: dict[str, Any]
    diff: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a job's suggestions are made on.

    Attributes:
        branch: The repository's default branch.
        base: Its commit.
        mirror: The bare mirror that has it.
        configuration: Of the repository, at that commit.
        workload: The workload's name in it.
    """

    branch: str
    base: str
    mirror: Path
    configuration: Configuration
    workload: str


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
    room = configuration.max_open_prs - sum(pull.is_ours for pull in place.open_pulls())
    # Those of this very job, begun before a kill, take no other's place.
    room += Decisions(desk.database, job.host).proposed(job.id)
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
    record = desk.engine.run(
        ["optimize", *target, "--max-wall", f"{budget_s:g}", *extra],
        out=folder / "run",
        beat=beat,
        most_s=budget_s + _SLACK_S,
    )
    declined = Decisions(desk.database, job.host).declined(job.repo)
    found = _suggestions(desk, job, record, target, declined, room, beat, extra)
    worthwhile = [each for each in found if _lower_bound(each.record) >= configuration.min_speedup]
    origin = Origin(
        branch=branch, base=base, mirror=mirror, configuration=configuration, workload=name
    )
    opened, notes = [], []
    for each in worthwhile:
        try:
            pull = publish(desk, job, place, each, origin)
        except (Refused, MovedOn) as error:
            notes.append(str(error))
            continue
        opened.append({"number": pull.number, "url": pull.url, "sentence": sentence(each.record)})
    report = {"workload": name, "sentence": sentence(record), "pulls": opened, "notes": notes}
    return _answer(desk, job, place, _told(name, record, opened, notes)), report


def publish(
    desk: Desk,
    job: Job,
    place: Place,
    suggestion: Suggestion,
    origin: Origin,
) -> Pull:
    """Make the branch and the pull request of a suggestion, once.

    Raises:
        Refused: The patch, or what is said of it, may not leave.
        MovedOn: Its branch has commits of somebody else.
    """
    configuration = origin.configuration
    change = apply(
        origin.mirror,
        origin.base,
        suggestion.diff,
        folder=desk.folder(job) / "publish",
        allows=configuration.allows,
    )
    title = pull_request_title(suggestion.record)
    branch = branch_name(job, suggestion)
    body = pull_request_body(
        suggestion.record,
        branch=branch,
        workload_word=configuration.workloads[origin.workload],
        more={"asked": _asked(job), "foot": FOOT},
    )
    message = commit_message(suggestion.record, _trailers(job))
    require_no_secret(f"{title}\n{body}\n{message}", (), "the description")
    commit = place.commit(branch, origin.base, change.files, change.tree, message)
    decisions = Decisions(desk.database, job.host)
    decisions.propose(job.repo, branch, job.id, list(suggestion.spots), commit, None)
    pull = place.open_pull(branch, origin.branch, title, body, draft=configuration.draft)
    decisions.propose(job.repo, branch, job.id, list(suggestion.spots), commit, pull.number)
    missing = [label for label in configuration.labels if label not in pull.labels]
    place.label(pull.number, missing)
    return pull


def branch_name(job: Job, suggestion: Suggestion) -> str:
    """Return the branch of a suggestion: a function of the job and the candidate."""
    name = suggestion.spots[0].rpartition(":")[2] if suggestion.spots else "workload"
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "workload"
    return f"perfagent/optimize/{slug}-{job.id[:8]}-{suggestion.candidate[:6]}"


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
    declined: set[str],
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
    wanted = [line for spot, line in best.items() if not _is_declined(spot, declined)]
    stacked = record["patch"]["stacked"]
    found = []
    if len(stacked) == 1 and len(best) <= 1:
        spots = tuple(_spots(record))
        if any(_is_declined(spot, declined) for spot in spots):
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
        record = desk.engine.run(
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


def _is_declined(spot: str, declined: set[str]) -> bool:
    return spot in declined or spot.rpartition(":")[2] in declined


def _lower_bound(record: dict[str, Any]) -> float:
    return float((record["speedup"] or {}).get("ci_low") or 0.0)


def _told(name: str, record: dict[str, Any], opened: list[dict[str, Any]], notes: list[str]) -> str:
    if opened:
        lines = [f"- #{pull['number']}: {markdown_text(pull['sentence'])}" for pull in opened]
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


def _asked(job: Job) -> str:
    if not job.requester:
        return "Found on perfagent's schedule."
    return f"Asked for by {markdown_code(job.requester)} in #{job.request['number']}."


def _trailers(job: Job) -> tuple[str, ...]:
    """Return who else gets credit: from the forge's number and login alone."""
    user, login = job.request.get("user_id"), job.requester
    if not user or not re.fullmatch(r"[A-Za-z0-9-]{1,39}", login):
        return ()
    return (f"Co-authored-by: {login} <{int(user)}+{login}@users.noreply.github.com>",)
