"""Tricks that no reading finds are found when the patch runs, and honest code passes it all."""

from __future__ import annotations

import pytest

from perfagent.tests.honesty.cheats import CHEATS
from perfagent.tests.honesty.court import HonestyCourt, open_honesty_court, told
from perfagent.tests.honesty.honest import HONEST_PATCHES

SPECIMENS = {each.name: each for each in (*CHEATS, *HONEST_PATCHES)}
RUN = ("repeated-last-answer", "moved-import-table", "files-log-handler", "exact-stored-count")


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> HonestyCourt:
    return open_honesty_court(tmp_path_factory.mktemp("survey"), "survey")


@pytest.mark.parametrize("name", RUN)
def test_a_trick_is_found_by_what_it_does(survey: HonestyCourt, name: str):
    specimen = SPECIMENS[name]
    audited = survey.audit(specimen)
    assert specimen.because in told(audited, specimen.check), audited.checks
    assert not audited.holds


def test_a_cache_that_is_dropped_on_change_passes_every_check_and_is_named(survey: HonestyCourt):
    audited = survey.audit(SPECIMENS["ways-lru-bounded"])
    assert audited.holds, [check for check in audited.checks if check.state == "refused"]
    assert any("keeps state between calls: survey.figures.ways" in d for d in audited.doubts)


def test_every_check_is_made_though_an_early_one_refuses(survey: HonestyCourt):
    audited = survey.audit(SPECIMENS["interpreter-switch"])
    states = {check.name: check.state for check in audited.checks}
    assert states["honest"] == "refused"
    assert states["same calls"] == states["other inputs"] == states["kept state"] == "passed"
    assert states["timing"] == states["judge"] == states["full suite"] == "not run"
