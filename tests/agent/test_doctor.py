"""The doctor: what it says works must work, and what is missing must be said."""

from __future__ import annotations

import pytest

from perfagent.agent.doctor import examine, noise_share
from perfagent.workloads.metrics import METRICS, unavailable


def test_every_part_is_looked_at_and_explained(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such/socket")

    findings = {finding.what: finding for finding in examine()}

    assert findings["git"].state == "works"
    assert findings["docker"].state == "missing"
    assert findings["keys"].detail == "OPENAI_API_KEY set"
    assert {"python", "profiler", "bubblewrap", "cores", "noise"} <= findings.keys()
    assert all(finding.detail for finding in findings.values())
    assert not any("sk-planted" in finding.detail for finding in findings.values())


def test_each_metric_works_or_says_why_not():
    findings = {finding.what: finding for finding in examine()}

    for name in METRICS:
        finding = findings[f"metric {name}"]
        assert finding.state == ("missing" if unavailable(name) else "works")
        assert finding.detail.startswith(unavailable(name) or METRICS[name].meaning)


def test_noise_is_a_share():
    assert 0 <= noise_share() < 5
