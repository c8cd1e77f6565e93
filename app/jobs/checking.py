"""The jobs about pull requests: announcing a check, measuring, and buttons on checks."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

from ...errors import InfrastructureError, UserError
from ...reports.regression import regression_summary, regression_title
from ...reports.wording import plural
from ...repos.git import git
from ..forge import Check, Conclusion, Note, Place, Pull
from ..store.decisions import Decisions
from ..store.orders import Order
from ..store.queue import MOST_ATTEMPTS, Job
from .configuration import PATH, Configuration, Read
from .desk import Desk
from .engine import TookTooLong
from .targets import option_words, workload_word

NAME = "perfagent"
_MOST_S = 3600.0
APPROVE = ("Measure it", "Run this commit of the fork in a sandbox", "approve")
AGAIN = ("Measure again", "Take fresh samples of this commit", "rerun")
_STANDS = {
    "failure": "**Slower** than its base:",
    "success": "**Not slower** any more:",
    "neutral": "This machine **cannot tell** any more whether it is slower:",
}


def announce(desk: Desk, job: Job) -> str:
    """Show that a pull request's commit will be measured, and queue it; or why it will not be."""
    place, number = desk.place(job), int(job.request["number"])
    pull = place.pull(number)
    if not pull.is_open:
        return "closed meanwhile"
    # A redelivered announcement finds the branch moved on; the newer one has its own delivery.
    read = desk.configuration(place, pull.base_sha)
    configuration = read.configuration
    if configuration.skip_label in pull.labels:
        return f"labelled {configuration.skip_label}"
    if read.problems:
        place.check(_check(desk, job, pull, "neutral", "its configuration is wrong", read))
        return read.problems[0]
    if not read.is_there or not configuration.enabled or not configuration.workloads:
        return f"no workload in {PATH} of the base branch"
    decisions = Decisions(desk.database, job.host)
    if pull.is_fork and not decisions.approved(job.repo, number, pull.head_sha):
        return _fork(desk, job, place, pull, configuration)
    if desk.over_quota(job, 10):
        return "over the day's limit of measurements"
    order = check_order(job, pull, delay_s=float(job.request.get("quiet_s") or 0.0))
    waits = "Waits until the pull request is quiet, then for its turn."
    place.check(_check(desk, job, pull, None, "queued", read, waits))
    queued = desk.queue.put(job.host, order)
    return "queued" if queued else "queued before"


def check_order(job: Job, pull: Pull, *, delay_s: float = 0.0, again: str = "") -> Order:
    """Return the measurement of a pull request's commit.

    Args:
        job: Who asks for it.
        pull: The pull request.
        delay_s: Seconds to wait first.
        again: What tells it from an earlier one of the same commit: it gets a check of its own.
    """
    return Order(
        kind="check",
        lane="bench",
        key=f"check:{job.repo}#{pull.number}:{pull.head_sha}:{pull.base_sha}:{again}",
        repo=job.repo,
        installation=job.installation,
        subject=f"{job.repo}#{pull.number}",
        requester=job.requester,
        request={"number": pull.number, "sha": pull.head_sha, "again": again},
        delay_s=delay_s,
    )


def check(desk: Desk, job: Job, beat: Callable[[str], None]) -> tuple[str, dict[str, Any]]:
    """Measure a pull request against its base, and say so in its check and one comment."""
    place, number, sha = desk.place(job), int(job.request["number"]), str(job.request["sha"])
    pull = place.pull(number)
    if pull.head_sha != sha or not pull.is_open:
        return "the pull request moved on", {}
    decisions = Decisions(desk.database, job.host)
    if pull.is_fork and not decisions.approved(job.repo, number, sha):
        raise UserError("a fork's commit that nobody approved")
    read = desk.configuration(place, pull.base_sha)
    workloads = read.configuration.workloads
    if read.configuration.skip_label in pull.labels:
        told = f"labelled {read.configuration.skip_label}"
        place.check(_check(desk, job, pull, "skipped", told, read))
        return told, {}
    if not workloads or not read.configuration.enabled:
        told = "its configuration is wrong" if read.problems else f"no workload in {PATH}"
        place.check(_check(desk, job, pull, "neutral", told, read))
        return told, {}
    place.check(
        _check(desk, job, pull, None, "measuring", read, plural(len(workloads), "workload"))
    )
    try:
        results = _measure(desk, job, place, pull, read.configuration, beat)
    except TookTooLong as error:
        place.check(_check(desk, job, pull, "timed_out", str(error), read))
        return f"timed out: {error}", {}
    except (UserError, InfrastructureError) as error:
        if isinstance(error, InfrastructureError) and job.attempts < MOST_ATTEMPTS:
            raise
        place.check(_check(desk, job, pull, "neutral", "could not be measured", read, str(error)))
        return f"could not be measured: {error}", {}
    return _show(desk, job, place, pull, read, results)


def _show(
    desk: Desk, job: Job, place: Place, pull: Pull, read: Read, results: list[dict[str, Any]]
) -> tuple[str, dict[str, Any]]:
    """Say what was measured, in the check and in one comment; return outcome and report."""
    conclusion, title = conclusion_of(results), regression_title(results)
    summary = regression_summary(
        results,
        base=results[0]["base"],
        head=pull.head_sha,
        threshold=read.configuration.regression_threshold,
    )
    problems = "\n".join(f"- {line}" for line in read.unknown)
    place.check(
        Check(
            name=NAME,
            sha=pull.head_sha,
            mark=_mark(job, pull),
            title=title,
            summary=f"{summary}\n\n{problems}" if problems else summary,
            conclusion=conclusion,
            url=desk.details(job),
            notes=tuple(_notes(results)),
            buttons=(AGAIN,),
        )
    )
    # A pull request that was never slower gets no comment; one that was is told that it is mended.
    told = f"{_STANDS[conclusion]} {pull.head_sha[:12]}\n\n{summary}\n"
    mark = f"check:{job.repo}#{pull.number}"
    place.comment(pull.number, mark, told, begin=conclusion == "failure")
    return f"{conclusion}: {title}", {"results": results}


def conclusion_of(results: list[dict[str, Any]]) -> Conclusion:
    """Return what the check says: red only where a slowdown is sure, grey where nobody can tell."""
    decisions = {each["decision"] for each in results}
    if "slower" in decisions:
        return "failure"
    return "success" if decisions == {"not_slower"} else "neutral"


def button(desk: Desk, job: Job) -> str:
    """Do what a button on a check of ours asks for, if who pressed it may."""
    place, request = desk.place(job), job.request
    if place.permission(str(request["login"])) not in ("admin", "maintain", "write"):
        return f"{request['login']} may not"
    # Who has all checks made again names none of them.
    marks = [str(request["external_id"])] if request["external_id"] else place.marks(request["sha"])
    number = next(filter(None, map(_number, marks)), None)
    if number is None:
        return "not a check of a pull request"
    pull = place.pull(number)
    if pull.head_sha != request["sha"] or not pull.is_open:
        return "the pull request moved on"
    if desk.over_quota(job, 10):
        return "over the day's limit of measurements"
    if request["pressed"] == "approve":
        Decisions(desk.database, job.host).approve(
            job.repo, number, pull.head_sha, str(request["login"])
        )
    desk.queue.put(job.host, check_order(job, pull, again=job.id))
    return f"{request['pressed']} by {request['login']}"


def end_check(desk: Desk, job: Job, conclusion: Conclusion, why: str) -> None:
    """Bring the check of a job that ended otherwise to an end."""
    number, sha = job.request.get("number"), job.request.get("sha")
    if job.kind != "check" or number is None or not sha:
        return
    place = desk.forge.place(job.installation, job.repo, lambda: None)
    place.check(
        Check(
            name=NAME,
            sha=str(sha),
            mark=_mark_of(job, int(number), str(sha)),
            title=why[:200],
            summary=why,
            conclusion=conclusion,
            url=desk.details(job),
            buttons=(AGAIN,),
        )
    )


def _measure(
    desk: Desk,
    job: Job,
    place: Place,
    pull: Pull,
    configuration: Configuration,
    beat: Callable[[str], None],
) -> list[dict[str, Any]]:
    mirror = desk.mirror_of(place, pull)
    # What the base branch got since the pull request left it is not the pull request's doing.
    base = git(mirror, "merge-base", pull.base_sha, pull.head_sha).strip()
    folder, results = desk.folder(job), []
    for number, (name, workload) in enumerate(configuration.workloads.items()):
        word = workload_word(workload, mirror, pull.base_sha, folder)
        found = desk.engine(job).run(
            [
                *("check", f"{mirror}@{base}", word, "--candidate", pull.head_sha),
                *("--threshold", f"{configuration.regression_threshold:g}"),
                *option_words(configuration, desk.deployment),
                *(str(option) for option in job.request.get("options") or ()),
            ],
            out=folder / f"check-{number}",
            beat=lambda text, name=name: beat(f"{name}: {text}"),
            most_s=_MOST_S,
        )
        again = (
            f"perfagent check . {shlex.quote(workload)} --rev {base[:12]}"
            f" --candidate {pull.head_sha[:12]}"
        )
        results.append({**found, "name": name, "command": again, "base": base})
    return results


def _fork(desk: Desk, job: Job, place: Place, pull: Pull, configuration: Configuration) -> str:
    """Ask somebody with write access before a stranger's code is run, for this commit alone."""
    if configuration.forks == "never":
        return "from a fork, which the configuration leaves out"
    place.check(
        Check(
            name=NAME,
            sha=pull.head_sha,
            mark=_mark(job, pull),
            title="waits for approval",
            summary=(
                "This change comes from a fork. Somebody with write access can have this commit"
                f" measured by the button, or by `/perfagent check {pull.head_sha}`. A later commit"
                " needs an approval of its own."
            ),
            conclusion="action_required",
            url=desk.details(job),
            buttons=(APPROVE,),
        )
    )
    return "waits for approval"


def _check(
    desk: Desk,
    job: Job,
    pull: Pull,
    conclusion: Conclusion | None,
    title: str,
    read: Read,
    more: str = "",
) -> Check:
    """Return a check that tells of no measurement: it begins, or there was none."""
    lines = [*([more] if more else []), *read.problems, *read.unknown]
    return Check(
        name=NAME,
        sha=pull.head_sha,
        mark=_mark(job, pull),
        title=title,
        summary="\n".join(f"- {line}" for line in lines) or title,
        conclusion=conclusion,
        url=desk.details(job),
        buttons=(AGAIN,) if conclusion else (),
    )


def _notes(results: list[dict[str, Any]]) -> list[Note]:
    notes = []
    for each in results:
        spot = each.get("spot")
        if each["decision"] == "slower" and spot:
            notes.append(
                Note(
                    path=spot["path"],
                    line=int(spot["line"]),
                    title=f"{each['name']} is slower",
                    message=regression_title([each]),
                    level="failure",
                )
            )
    return notes


def _mark(job: Job, pull: Pull) -> str:
    return _mark_of(job, pull.number, pull.head_sha)


def _mark_of(job: Job, number: int, sha: str) -> str:
    """Return the mark of a measurement's check: each one asked for anew has its own."""
    again = str(job.request.get("again") or "")[:32]
    return f"check:{number}:{sha}:{again}" if again else f"check:{number}:{sha}"


def _number(mark: str) -> int | None:
    kind, _, rest = mark.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind == "check" and number.isdecimal() else None
