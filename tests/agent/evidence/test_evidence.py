"""Evidence holds as it was written, and no longer when any of it was changed."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfagent.agent.evidence.assemble import SETTINGS, scrubbed
from perfagent.agent.evidence.evidence import (
    EVIDENCE,
    PARTS,
    Claim,
    Evidence,
    Fingerprint,
    Measurement,
    PatchText,
    SuiteOutcome,
    Target,
    WorkloadText,
    finding,
    read_sealed,
    sealed,
)
from perfagent.agent.evidence.rerun import Agreement, agreement, question
from perfagent.agent.evidence.verify import verify
from perfagent.agent.runs.plain import to_plain
from perfagent.errors import UserError
from perfagent.repos.patch import Patch
from perfagent.repos.source.provenance import Provenance
from perfagent.settings import Settings
from perfagent.tests.workloads.timing.made import samples_of, timings
from perfagent.workloads.timing.judge import judge
from perfagent.workloads.timing.samples import Samples

COMMIT = "1" * 40
DIFF = """diff --git a/shop.py b/shop.py
--- a/shop.py
+++ b/shop.py
@@ -1,2 +1,2 @@
 def known(codes):
-    return list(codes)
+    return set(codes)
"""
TEXT = "import shop\n\n\ndef workload():\n    return shop.known(range(9))\n"
NODE_IDS = hashlib.sha256(b"tests/test_shop.py::test_known").hexdigest()

Plain = dict[str, Any]
Change = Callable[[Plain], object]


def cold(value_s: float, seed: int) -> Any:
    made = timings(value_s, regime="cold", seed=seed)
    return replace(made, first=made.values, mean=made.values, cold_s=made.values)


def make(samples: Samples | None = None, **changes: Any) -> Evidence:
    """Return the evidence of a patch that makes a call of 0.2 s twice as fast."""
    samples = samples or samples_of(cold(0.2, 1), cold(0.1, 2))
    compared = judge(samples)
    recorded = Settings().model_dump(mode="json", include=set(SETTINGS))
    made = Evidence(
        target=Target(
            base=Provenance(name="shop", source=None, commit=COMMIT, tree="2" * 40, subdir=""),
            expert=None,
        ),
        patch=PatchText(diff=DIFF, sha256=Patch(diff=DIFF, base_commit=COMMIT).sha256),
        workload=WorkloadText(
            kind="script",
            name="compare",
            text=TEXT,
            sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
        ),
        suite=SuiteOutcome(
            passed=1, passed_sha256=NODE_IDS, failed=(), flaky=(), failing_before=()
        ),
        settings={**recorded, "python": None},
        environment=Fingerprint(
            perfagent="0.1.0",
            python="3.11.7",
            implementation="CPython",
            platform="linux-x86_64",
            machine={"processor": "made up", "cores": "2"},
            packages=("numpy==1.26.4", "pytest==8.0.0"),
        ),
        samples=(Measurement(name="final", origin="measure", samples=samples),),
        claim=Claim(
            outcome="accepted" if compared.decision == "faster" else "rejected",
            reason=compared.reason,
            measurement="final",
            findings={"final": finding(compared)},
        ),
    )
    return replace(made, **changes)


def write(folder: Path, evidence: Evidence | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / EVIDENCE
    path.write_text(json.dumps(sealed(to_plain(evidence or make())), indent=1))
    return path


def failed(path: Path) -> list[str]:
    return [check.what for check in verify(path).checks if not check.ok]


def test_evidence_as_it_was_written_holds_and_gives_its_claim_again(tmp_path: Path):
    evidence = make()
    verified = verify(write(tmp_path, evidence))

    assert verified.holds, verified.checks
    assert verified.derived == dict(evidence.claim.findings)
    assert verified.derived["final"].decision == "faster"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("samples", '"load": 0.5', '"load": 0.7'),
        ("samples", '"repeated": 0', '"repeated": 1'),
        ("patch", "set(codes)", "sat(codes)"),
        ("workload", "range(9)", "range(8)"),
        ("claim", '"pairs": 10', '"pairs": 11'),
        ("settings", '"seed": 0', '"seed": 2'),
        ("environment", "numpy==1.26.4", "numpy==1.26.5"),
        ("suite", '"passed": 1', '"passed": 3'),
        ("target", '"name": "shop"', '"name": "shot"'),
    ],
)
def test_a_flipped_byte_is_found_and_its_part_is_named(
    tmp_path: Path, part: str, old: str, new: str
):
    path = write(tmp_path)
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))

    assert part in failed(path)
    assert not verify(path).holds


def test_no_byte_can_be_flipped_without_being_noticed(tmp_path: Path):
    path = write(tmp_path)
    whole, content = path.read_bytes(), read_sealed(path)
    chosen = random.Random(7)
    for position in chosen.sample(range(len(whole)), 400):
        flipped = bytearray(whole)
        flipped[position] ^= 1 << chosen.randrange(8)
        path.write_bytes(flipped)
        try:
            unnoticed = verify(path).holds
        except UserError:
            continue
        # A blank for another blank, or 1E-05 for 1e-05, changes nothing that it says.
        assert not unnoticed or read_sealed(path) == content, (position, whole[position])


def arm(name: str, key: str, value: Any) -> Change:
    def change(plain: Plain) -> None:
        plain["samples"][0]["samples"][name][key] = value

    return change


def times_less(plain: Plain) -> None:
    timed = plain["samples"][0]["samples"]["candidate"]
    for key in ("values", "first", "mean", "wall_s", "cold_s", "cpu_s"):
        timed[key] = [value / 2 for value in timed[key]]


def extremes(plain: Plain) -> None:
    """Give every pair a ratio that no float can hold."""
    for name, value in (("baseline", 5e-324), ("candidate", 1e308)):
        timed = plain["samples"][0]["samples"][name]
        timed.update({key: [value] * 10 for key in ("values", "first", "mean", "wall_s", "cold_s")})


def found(key: str, value: Any) -> Change:
    def change(plain: Plain) -> None:
        plain["claim"]["findings"]["final"][key] = value

    return change


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (times_less, "verdict of final"),
        (arm("baseline", "values", [0.3] * 10), "samples of final"),
        (arm("baseline", "wall_s", [0.3] * 9), "samples of final"),
        (arm("candidate", "duration_s", [-1.0] * 10), "samples of final"),
        (arm("candidate", "machine", {"processor": "a faster one"}), "samples of final"),
        (arm("plan", "min_effect", 0.001), "samples of final"),
        (arm("plan", "max_pairs", 5), "samples of final"),
        (extremes, "verdict of final"),
        (found("ci_low", 1.9), "verdict of final"),
        (found("speedup", 2.5), "verdict of final"),
        (found("decision", "inconclusive"), "verdict of final"),
        (found("doubts", ["none whatever"]), "verdict of final"),
        (lambda plain: plain["claim"]["findings"].clear(), "claim"),
        (lambda plain: plain["patch"].update(diff=DIFF.replace("set", "sat")), "patch"),
        (lambda plain: plain["patch"].update(diff="", sha256="0" * 64), "patch"),
        (lambda plain: plain["workload"].update(text="pass\n"), "workload"),
        (lambda plain: plain["suite"].update(failed=["tests/test_shop.py::test_b"]), "outcome"),
        (lambda plain: plain.update(suite=None), "outcome"),
        (lambda plain: plain.update(claim=None), "claim"),
        (lambda plain: plain["samples"].append(plain["samples"][0]), "samples"),
    ],
)
def test_digests_made_anew_hide_no_change_that_the_claim_does_not_follow_from(
    tmp_path: Path, change: Change, what: str
):
    path = write(tmp_path)
    plain = json.loads(path.read_text())
    del plain["digests"]
    change(plain)
    path.write_text(json.dumps(sealed(plain)))

    assert what in failed(path)


def test_acceptance_of_what_was_not_faster_is_refused(tmp_path: Path):
    slower = make(samples_of(cold(0.1, 1), cold(0.2, 2)))
    assert verify(write(tmp_path / "honest", slower)).holds

    boasting = replace(slower, claim=replace(slower.claim, outcome="accepted"))
    assert failed(write(tmp_path / "boasting", boasting)) == ["outcome"]


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (lambda text: text[: len(text) // 2], "not JSON"),
        (lambda text: "speedup 2.0\n", "not JSON"),
        (lambda text: "[" * 100_000, "not JSON"),
        (lambda text: "{}", "no evidence of perfagent"),
        (lambda text: '["perfagent evidence"]', "no evidence of perfagent"),
        (lambda text: text.replace('"schema_version": 1', '"schema_version": 9'), "version 9"),
        (lambda text: text.replace('"claim"', '"cleim"'), "claim"),
        (lambda text: text.replace('"seed": 0', '"seed": NaN'), "NaN"),
        (lambda text: text.replace('"seed": 0', '"seed": 1e999'), "1e999"),
        (lambda text: text.replace('"seed": 0', '"seed": 0, "seed": 0'), "twice"),
    ],
    ids=["cut", "text", "deep", "empty", "list", "version", "part", "nan", "huge", "twice"],
)
def test_what_is_no_evidence_is_one_line_that_says_why(
    tmp_path: Path, damage: Callable[[str], str], part: str
):
    path = write(tmp_path)
    path.write_text(damage(path.read_text()))

    with pytest.raises(UserError, match=part) as raised:
        verify(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


def test_report_beside_the_evidence_may_not_say_something_else(tmp_path: Path):
    evidence = make()
    path = write(tmp_path, evidence)
    claimed = evidence.claim.findings["final"]
    record = {
        "outcome": "accepted",
        "patch": {"sha256": evidence.patch.sha256},
        "speedup": {name: getattr(claimed, name) for name in ("speedup", "ci_low", "ci_high")},
    }
    (tmp_path / "report.json").write_text(json.dumps(record))
    (tmp_path / "patch.diff").write_text(DIFF)
    assert failed(path) == []

    record["speedup"]["speedup"] = 3.0
    (tmp_path / "report.json").write_text(json.dumps(record))
    (tmp_path / "patch.diff").write_text(DIFF.replace("set", "frozenset"))
    assert failed(path) == ["report.json", "patch.diff"]


def test_every_setting_is_recorded_or_left_out_on_purpose():
    """What is left out names this machine, asks a model, steers the search or follows it."""
    left_out = {"rev", "expert", "subdir", "python", "cache_dir", "state_dir", "base_url"}
    left_out |= {"proposer", "model", "command", "command_timeout_s", "pass_env", "prices"}
    left_out |= {"max_prompt_tokens", "max_output_tokens", "min_share", "max_candidates", "native"}
    left_out |= {"max_usd", "max_tokens", "max_wall_s", "max_rounds", "jobs", "facts", "learn"}
    left_out |= {"search", "width", "plan_model", "repair_model", "replay", "judge", "judge_votes"}
    left_out |= {"max_turns", "max_context_tokens", "max_conversation_tokens", "tool_protocol"}
    # What the code may reach is for whoever runs it to say, never for the evidence.
    left_out |= {"sandbox", "image", "allow_network", "allow_read", "sealed"}
    left_out |= {"guard", "sweep"}

    assert set(SETTINGS) | left_out == set(Settings.model_fields)
    assert not set(SETTINGS) & left_out


def test_no_key_and_no_folder_of_this_machine_goes_into_evidence():
    private = {"/home/ann/runs/1": "RUN", "/home/ann": "~", "/": "ROOT"}
    said = {
        "install": ["pip install -i https://ann:s3cret@pypi.example.org/simple /home/ann/lib"],
        "doubts": ["no such file: /home/ann/runs/1/work/x", "/home/anna is somebody else's"],
        "seed": 1,
    }

    assert scrubbed(said, private) == {
        "install": ["pip install -i https://pypi.example.org/simple ~/lib"],
        "doubts": ["no such file: RUN/work/x", "/home/anna is somebody else's"],
        "seed": 1,
    }


def again(folder: Path, evidence: Evidence) -> Agreement:
    """Return how evidence agrees with that of another run, which is the middle one of `make`."""
    write(folder / "again", make())
    return agreement(evidence, {"run_id": "again"}, folder / "again")


def test_measuring_again_agrees_when_the_intervals_meet_and_the_decisions_are_the_same(
    tmp_path: Path,
):
    agreed = again(tmp_path, make(samples_of(cold(0.2, 3), cold(0.1, 4))))

    assert agreed.agrees, agreed.details
    assert agreed.environment == ()


@pytest.mark.parametrize("candidate_s", [0.05, 0.12, 0.2], ids=["more", "less", "none"])
def test_measuring_again_does_not_agree_with_another_speedup(tmp_path: Path, candidate_s: float):
    agreed = again(tmp_path, make(samples_of(cold(0.2, 3), cold(candidate_s, 4))))

    assert not agreed.agrees
    assert "does not agree" in agreed.details[0]


def test_what_differs_between_the_machines_is_listed(tmp_path: Path):
    evidence = make()
    there = replace(
        evidence.environment,
        python="3.9.1",
        machine={"processor": "another", "cores": "2"},
        packages=("numpy==1.0", "scipy==1.1", "pytest==8.0.0"),
    )

    assert again(tmp_path, replace(evidence, environment=there)).environment == (
        "python: 3.9.1 there, 3.11.7 here",
        "processor: another there, made up here",
        "package numpy: 1.0 there, 1.26.4 here",
        "package scipy: 1.1 there, none here",
    )


def test_a_patch_that_the_gate_refuses_now_does_not_agree(tmp_path: Path):
    judged = {"outcome": "rejected", "stage": "covering tests", "reason": "test_known fails"}

    agreed = agreement(make(), {"run_id": "again", "candidates": [judged]}, tmp_path)

    assert not agreed.agrees
    assert "test_known fails" in agreed.details[0]
    assert agreed.environment is None


def test_measuring_again_asks_for_what_was_recorded(tmp_path: Path):
    evidence = make()
    evidence = replace(evidence, workload=replace(evidence.workload, name="../../comp\0re"))
    folder = tmp_path / "asked"
    folder.mkdir()

    asked = question(evidence, tmp_path / EVIDENCE, folder, repo="owner/shop", python=None)

    assert asked.repo == "owner/shop"
    assert asked.patch.read_text() == DIFF
    assert Path(asked.workload) == folder / "______comp_re.py"
    assert Path(asked.workload).read_text() == TEXT
    assert asked.settings["rev"] == COMMIT
    assert asked.settings["python"] == "3.11"
    assert asked.settings["min_effect"] == 0.02


def test_without_a_repository_the_user_is_told_which_commit_is_wanted(tmp_path: Path):
    with pytest.raises(UserError, match=r"--repo.*111111111111"):
        question(make(), tmp_path / EVIDENCE, tmp_path, repo=None, python=None)


def test_in_the_directory_of_a_run_its_own_repository_is_known(tmp_path: Path):
    request = {"repo": {"source": "/srv/shop"}, "settings": {"python": "/srv/venv"}}
    (tmp_path / "run.json").write_text(json.dumps(request))

    asked = question(make(), tmp_path / EVIDENCE, tmp_path, repo=None, python=None)

    assert asked.repo == "/srv/shop"
    assert asked.settings["python"] == "/srv/venv"


def test_each_part_has_a_digest_of_its_own():
    assert set(sealed(to_plain(make()))["digests"]) == {*PARTS, "all"}
