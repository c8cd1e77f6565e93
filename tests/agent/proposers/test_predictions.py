"""Predictions of every form that is about are read, and none that is not for this instance."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perfagent.agent.proposers.predictions import (
    absolute_spec,
    propose_predictions,
    read_predictions,
    read_spec,
)
from perfagent.errors import UserError

DIFF = """diff --git a/shop/a.py b/shop/a.py
--- a/shop/a.py
+++ b/shop/a.py
@@ -1,2 +1,2 @@
-x = 1
+x = 2
 y = 3"""
BASE = "a" * 40
ROW = {"instance_id": "o__r-1", "model_patch": DIFF, "model_name_or_path": "some/model"}
FORMS = {
    "JSON Lines": json.dumps(ROW) + "\n\n" + json.dumps({**ROW, "status": "error"}),
    "one row": json.dumps(ROW),
    "list": json.dumps([ROW]),
    "rows by id": json.dumps({"o__r-1": {"model_patch": DIFF, "model_name_or_path": "m"}}),
    "patches by id": json.dumps({"o__r-1": DIFF}),
    "OpenHands": json.dumps(
        {
            "instance_id": "o__r-1",
            "test_result": {"git_patch": DIFF, "exit": 0},
            "metadata": {"eval_output_dir": "/runs/oh/some-model"},
        }
    ),
}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_each_form_gives_the_patch(form: str) -> None:
    found = read_predictions(FORMS[form], "file")
    assert {row.instance_id for row in found} == {"o__r-1"}
    assert {row.patch for row in found} == {DIFF}


def test_the_model_is_named(tmp_path: Path) -> None:
    assert read_predictions(FORMS["OpenHands"], "file")[0].model == "some-model"
    file = tmp_path / "p.jsonl"
    file.write_text(FORMS["one row"])
    (proposal,) = propose_predictions(f"predictions:{file}", BASE)
    assert proposal.origin == "predictions/some/model"
    assert proposal.patch is not None
    assert proposal.patch.diff.endswith("\n"), "a missing last newline is no reason to fail"


@pytest.mark.parametrize("patch", ["", None, "  \n", "not a diff", "diff --git a/2024-01 b/x\n"])
def test_an_empty_or_broken_patch_is_a_reason_and_not_a_crash(tmp_path: Path, patch) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text(json.dumps({**ROW, "model_patch": patch}))
    (proposal,) = propose_predictions(f"predictions:{file}", BASE)
    assert proposal.patch is None
    assert "prediction" in (proposal.problem or "")


def test_of_several_instances_one_has_to_be_named(tmp_path: Path) -> None:
    file = tmp_path / "p#1.jsonl"
    rows = [ROW, {**ROW, "instance_id": "o__r-2"}, {**ROW, "model_name_or_path": "other"}]
    file.write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(UserError, match=r"2 instances; name one: predictions:FILE#o__r-1"):
        read_spec(f"predictions:{file}")
    assert [row.model for row in read_spec(f"predictions:{file}#O__r-1")] == ["some/model", "other"]
    with pytest.raises(UserError, match="nearest is 'o__r-2'"):
        read_spec(f"predictions:{file}#o__r-22")


@pytest.mark.parametrize("text", ["", "[]", "3", "{bad", '[{"model_patch": 3}]', "[1]"])
def test_what_is_no_predictions_file_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text(text)
    with pytest.raises(UserError) as told:
        read_spec(f"predictions:{file}")
    assert str(file) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_resume_from_elsewhere_finds_the_file(tmp_path: Path) -> None:
    assert (
        absolute_spec("predictions:p.jsonl#a-1", tmp_path) == f"predictions:{tmp_path}/p.jsonl#a-1"
    )
    assert absolute_spec("predictions:/x/p.jsonl", tmp_path) == "predictions:/x/p.jsonl"
    with pytest.raises(UserError, match="cannot read the predictions"):
        read_spec(f"predictions:{tmp_path}/none.jsonl")
