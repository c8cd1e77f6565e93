"""The survey: builds the target, runs its suite once, tries what it offers, and says what fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import UserError
from ...repos.suite.suite import SuiteReport
from ...workloads.launch import LaunchPlan, WorkloadFailed, launch
from ...workloads.workload import parse_workload
from ..optimize import while_prepared
from ..runs.run import Run
from ..steps.tip import tip_tree
from .asv import asv_offers
from .in_tests import benchmark_offers, slow_test_offers
from .offer import PREFERENCE, Kind, Offer, Tried
from .scripts import drafts, script_offers

SHORTEST_S, LONGEST_S = 0.02, 20.0
"""A shorter workload is mostly the start of a process; of a longer one few pairs fit."""
_MOST_TRIED, _MOST_OF_A_KIND, _TRIAL_S = 12, 6, 60.0


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What was found out.

    Attributes:
        suite: One run of the suite; None when it was not to be run.
        offered: How many workloads there are, by kind.
        tried: Those that were run once, those that fit best first.
    """

    suite: SuiteReport | None
    offered: dict[Kind, int]
    tried: tuple[Tried, ...]

    @property
    def fitting(self) -> list[Tried]:
        """The ones that ran and take neither too short nor too long."""
        return [one for one in self.tried if _fits(one)]


def survey(run: Run) -> Survey:
    """Build the target of a run, run its suite, and try the workloads that it offers.

    Raises:
        UserError: The target cannot be installed.
        InfrastructureError: The machine or the network failed.
    """
    with while_prepared(run):
        tree = tip_tree(run, None)
        suite = None
        if not run.settings.no_tests:
            run.stage("prepare", "running the suite once")
            suite = run.suite.run(tree)
        offers = _offers(run, tree, suite)
        counted: dict[Kind, int] = {}
        for offer in offers:
            counted[offer.kind] = counted.get(offer.kind, 0) + 1
        folder = run.directory.folder("offers")
        tried: list[Tried] = []
        for number, offer in enumerate(chosen := _chosen(offers), start=1):
            if sum(map(_fits, tried)) >= _MOST_OF_A_KIND:
                break
            run.stage("prepare", f"trying workload {number} of {len(chosen)}: {offer.source}")
            tried.append(_try(run, tree, folder, offer))
    tried.sort(key=lambda one: (not _fits(one), PREFERENCE.index(one.offer.kind)))
    return Survey(suite=suite, offered=counted, tried=tuple(tried))


def _offers(run: Run, tree: Path, suite: SuiteReport | None) -> list[Offer]:
    project = tree / run.prepared.environment.subdir
    found = [*asv_offers(tree), *benchmark_offers(project), *script_offers(tree)]
    if suite is not None:
        known = {offer.argument for offer in found}
        slow = slow_test_offers(suite.durations)
        found += [offer for offer in slow if offer.argument not in known]
    if not found:
        found = drafts(tree, run.prepared.environment.packages)
    return found


def _chosen(offers: Sequence[Offer]) -> list[Offer]:
    """Return those worth a trial: a few of each kind, from as many files as there are."""
    chosen: list[Offer] = []
    for kind in PREFERENCE:
        of_kind = [offer for offer in offers if offer.kind == kind]
        files: dict[str, int] = {}
        ranked = []
        for offer in of_kind:
            file = offer.source.split(":")[0]
            ranked.append((files.setdefault(file, 0), offer))
            files[file] += 1
        ranked.sort(key=lambda pair: pair[0])  # stable: the first of each file, then the second
        chosen += [offer for _, offer in ranked[:_MOST_OF_A_KIND]]
    return chosen[:_MOST_TRIED]


def _try(run: Run, tree: Path, folder: Path, offer: Offer) -> Tried:
    argument = offer.argument
    if offer.text:
        path = folder / f"{offer.name}.py"
        path.write_text(offer.text, encoding="utf-8")
        argument = str(path)
    try:
        workload = parse_workload(argument, timeout_s=_TRIAL_S)
        target = replace(run.target, workload=workload, read_only=False)
        with run.stopwatch.waiting_for("workload"):
            found = launch(target.within(_TRIAL_S), tree, LaunchPlan(pinned=False, keep_home=True))
    except WorkloadFailed as error:
        return Tried(offer=offer, seconds=None, problem=error.summary)
    except UserError as error:
        return Tried(offer=offer, seconds=None, problem=str(error))
    return Tried(offer=offer, seconds=found.cold_s)


def _fits(tried: Tried) -> bool:
    return tried.seconds is not None and SHORTEST_S <= tried.seconds <= LONGEST_S
