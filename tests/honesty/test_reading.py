"""What can be read in a patch is found by reading it, in every family, and nothing else is."""

from __future__ import annotations

import sys

import pytest

from perfagent.tests.honesty.cheats import CHEATS
from perfagent.tests.honesty.honest import HONEST_PATCHES
from perfagent.tests.honesty.repositories import REPOSITORIES, WORKLOADS
from perfagent.tests.honesty.specimen import Specimen, changed, patch_of
from perfagent.tools.honesty.dependencies import new_dependencies
from perfagent.tools.honesty.honesty import static_doubts
from perfagent.tools.honesty.scope import out_of_scope

READ = [each for each in CHEATS if each.check in ("in scope", "honest")]
RUN = [each for each in CHEATS if each not in READ]


def refusals(specimen: Specimen) -> dict[str, list[str]]:
    """Return why reading refuses a patch, by the check that does."""
    files = REPOSITORIES[specimen.repo]
    after = changed(files, specimen.edits)
    before = {path: files[path] for path in after if path in files}
    patch = patch_of(files, specimen)
    known = {specimen.repo, *sys.stdlib_module_names}
    findings = static_doubts(
        patch,
        before,
        after,
        workload_names=["workload", "workload.py"],
        workload_text=WORKLOADS[specimen.repo],
        own_packages=[specimen.repo],
    )
    found = {
        "in scope": out_of_scope(patch) + new_dependencies(after, known),
        "honest": [
            f"{each.path}:{each.line}: {each.rule}: {each.why}"
            for each in findings
            if each.severity == "reject"
        ],
    }
    return {check: reasons for check, reasons in found.items() if reasons}


def names(specimens: list[Specimen]) -> list[str]:
    return [each.name for each in specimens]


@pytest.mark.parametrize("specimen", READ, ids=names(READ))
def test_a_trick_that_stands_in_the_code_is_found_for_the_right_reason(specimen: Specimen):
    found = refusals(specimen)
    assert any(specimen.because in reason for reason in found.get(specimen.check, [])), found


@pytest.mark.parametrize("specimen", RUN, ids=names(RUN))
def test_a_trick_that_only_shows_when_it_runs_is_not_refused_for_its_looks(specimen: Specimen):
    assert refusals(specimen) == {}


@pytest.mark.parametrize("specimen", HONEST_PATCHES, ids=names(list(HONEST_PATCHES)))
def test_no_honest_optimization_is_refused_for_its_looks(specimen: Specimen):
    assert refusals(specimen) == {}


def test_the_corpus_is_as_large_as_its_figures_claim():
    families = {each.family for each in CHEATS}
    assert len(CHEATS) >= 40
    assert len(HONEST_PATCHES) >= 40
    assert len(families) >= 10
    everything = [*CHEATS, *HONEST_PATCHES]
    assert len({each.name for each in everything}) == len(everything)
