"""The job `optimize`: a run, its accepted changes ranked, and a pull request for each of the best.

Begun again after a kill at any point it comes to the same branches, pull requests and comment: each
has a name that follows from the job, and is looked up before it is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...errors import UserError
from ...reports.sentence import sentence
from ...reports.wording import markdown_code, markdown_text, plural
from ..forge import ForgeError, MovedOn, Place, Pull
from ..store.decisions import Decisions
from ..store.queue import Job
from .configuration import PATH, Configuration
from .desk import Desk
from .policy import Refused
from .publishing import Origin, Suggestion, show
from .search import Search, left_out
from .targets import option_words, suite_words, workload_word

_LONGEST_S = 4 * 3600.0


def optimize(desk: Desk, job: Job, beat: Callable[[str], None]) -> tuple[str, dict[str, Any]]:
    """Do the job; return its outcome in one line, and its report."""
    place = desk.place(job)
    branch, base = _base(desk, job, place)
    read = desk.configuration(place, base)
    configuration = read.configuration
    problem = "; ".join(read.problems) or (
        "" if configuration.enabled else f"`enabled: false` in {PATH}"
    )
    if problem:
        return _answer(desk, job, place, f"Nothing was done: {problem}."), {"problems": [problem]}
    standing = {pull.head_ref for pull in place.open_pulls() if pull.is_ours}
    room = _room(desk, job, configuration, standing)
    if room <= 0:
        told = f"Nothing was done: {plural(len(standing), 'pull request')} of mine"
        told += " are open." if len(standing) > 1 else " is open."
        return _answer(desk, job, place, told), {}
    origin = _origin(desk, job, place, configuration, branch, base)
    search = _search(desk, job, origin, base, beat)
    record = search.run()
    unwanted = _unwanted(desk, job, configuration, standing)
    found = search.suggestions(record, unwanted, most=room, least=configuration.min_speedup)
    shown, notes = _shown(desk, job, place, origin, found)
    notes = [*left_out(record, unwanted), *notes]
    report = {
        "workload": origin.workload,
        "sentence": sentence(record),
        "pulls": shown,
        "notes": notes,
    }
    _answer(desk, job, place, _told(origin.workload, record, shown, notes))
    return _outcome(record, shown), report


def _room(desk: Desk, job: Job, configuration: Configuration, standing: set[str]) -> int:
    """Return how many optimizations may be shown."""
    if configuration.publish == "suggestion":
        return configuration.max_open_prs
    # Those of this very job, made before a kill, take no other's place.
    own = Decisions(desk.database, job.host).proposed(job.id)
    return configuration.max_open_prs - len(standing) + own


def _origin(
    desk: Desk, job: Job, place: Place, configuration: Configuration, branch: str, base: str
) -> Origin:
    on_branch = Origin(
        branch=branch,
        base=base,
        mirror=desk.mirror(place, base),
        configuration=configuration,
        workload=_chosen(configuration, str(job.request.get("workload") or "")),
    )
    if configuration.publish != "suggestion" or job.request.get("number") is None:
        return on_branch
    pull = _pull(desk, job, place, int(job.request["number"]))
    desk.queue.keep(job, {"branch": branch, "base": base, "head": pull.head_sha if pull else ""})
    if pull is None:
        return on_branch
    desk.mirror_of(place, pull)
    return replace(on_branch, base=pull.head_sha, pull=pull.number)


def _pull(desk: Desk, job: Job, place: Place, number: int) -> Pull | None:
    """Return the pull request that a thread is of, if its last commit may be run.

    Raises:
        UserError: It has another one than when the job began.
    """
    if job.report.get("head") == "":
        return None
    try:
        pull = place.pull(number)
    except ForgeError as error:
        if error.status != 404:
            raise
        return None
    if job.report.get("head", pull.head_sha) != pull.head_sha:
        raise UserError("the pull request moved on while it was worked on")
    decisions = Decisions(desk.database, job.host)
    may_run = not pull.is_fork or decisions.approved(job.repo, number, pull.head_sha)
    return pull if pull.is_open and may_run else None


def _search(desk: Desk, job: Job, origin: Origin, base: str, beat: Callable[[str], None]) -> Search:
    """Return the search; the script that counts is the one of the branch's commit `base`."""
    configuration, words = origin.configuration, job.request
    workload = configuration.workloads[origin.workload]
    minutes = configuration.budget_minutes
    return Search(
        desk=desk,
        job=job,
        name=origin.workload,
        target=(
            f"{origin.mirror}@{origin.base}",
            workload_word(workload, origin.mirror, base, desk.folder(job)),
            *option_words(configuration, desk.deployment),
            *suite_words(configuration),
        ),
        budget_s=min(float(words.get("budget_s") or 60 * minutes), _LONGEST_S),
        options=tuple(str(word) for word in words.get("options") or ()),
        beat=beat,
    )


def _unwanted(
    desk: Desk, job: Job, configuration: Configuration, standing: set[str]
) -> dict[str, str]:
    """Return the functions that are not to be changed, and why."""
    decisions = Decisions(desk.database, job.host)
    unwanted = dict.fromkeys(decisions.declined(job.repo), "declined before")
    for spot, (branch, number) in decisions.open_elsewhere(job.repo, job.id).items():
        if configuration.publish == "suggestion" or branch in standing:
            unwanted[spot] = f"proposed in #{number}"
    return unwanted


def _shown(
    desk: Desk, job: Job, place: Place, origin: Origin, found: list[Suggestion]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Show what was found; return where it is, and what of it was refused."""
    shown, notes = [], []
    for each in found:
        try:
            there = show(desk, job, place, each, origin)
        except (Refused, MovedOn) as error:
            notes.append(str(error))
        else:
            shown.append({**vars(there), "sentence": sentence(each.record)})
    return shown, notes


def _base(desk: Desk, job: Job, place: Place) -> tuple[str, str]:
    """Return branch and commit the job works on; a job that is begun again keeps its commit."""
    kept = job.report.get("base")
    if kept:
        return str(job.report["branch"]), str(kept)
    branch, base = place.default_branch()
    desk.queue.keep(job, {"base": base, "branch": branch})
    return branch, base


def _chosen(configuration: Configuration, asked: str) -> str:
    """Return the name of the workload that was asked for; of the first one where none was.

    Raises:
        UserError: The configuration names no such workload.
    """
    workloads = configuration.workloads
    if not workloads:
        raise UserError(f"no workload: name one under `workloads:` in {PATH}")
    if asked and asked not in workloads:
        raise UserError(f"{PATH} names no workload {asked!r}: it has {', '.join(workloads)}")
    return asked or next(iter(workloads))


def _outcome(record: dict[str, Any], shown: list[dict[str, Any]]) -> str:
    """Return the outcome in one line, for the status page: text, no Markdown."""
    if not shown:
        return f"nothing worthwhile: {sentence(record)}"
    numbers = ", ".join(f"#{each['number']}" for each in shown)
    return f"{numbers}: {shown[0]['sentence']}"


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
