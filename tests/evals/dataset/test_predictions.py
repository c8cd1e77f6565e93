"""A predictions file is brought together with the dataset, and what is odd about it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from perfagent.cli import app
from perfagent.errors import UserError
from perfagent.evals.dataset.instance import Instance
from perfagent.evals.dataset.predictions import load_predictions, normalized

DIFF = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"
JUNK = "diff --git a/2024-01-02 b/2024-01-02\nindex e69de29..d95f3ad 100644\n"
INSTANCES = [
    Instance(instance_id=name, suite="swefficiency", repo="o/r", base="a" * 40)
    for name in ("o__r-1", "o__r-2", "o__r-3")
]


def row(name: str, patch: str | None, model: str = "m") -> dict[str, Any]:
    return {"instance_id": name, "model_patch": patch, "model_name_or_path": model}


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "preds.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_the_last_of_several_counts_and_ids_ignore_case(tmp_path: Path):
    path = written(tmp_path, row("o__r-1", ""), row("O__R-1", DIFF))
    found = load_predictions([path], INSTANCES)
    assert [each.patch for each in found.by_instance["o__r-1"]] == [DIFF]
    assert any("more than once" in note for note in found.notes)


def test_what_is_odd_is_told(tmp_path: Path):
    path = written(
        tmp_path,
        row("o__r-1", JUNK + DIFF, "one"),
        row("o__r-2", None, "two"),
        row("somewhere__else-9", DIFF, "two"),
    )
    found = load_predictions([path], INSTANCES)
    told = "\n".join(found.notes)
    assert "1 predictions are of no instance that was asked for: somewhere__else-9" in told
    assert "a/2024-01-02 b/2024-01-02" in told
    assert "1 predictions are empty: o__r-2" in told
    assert "1 instances have no prediction and count as empty: o__r-3" in told
    assert "2 models made them: one, two" in told
    assert [each.patch for each in found.by_instance["o__r-1"]] == [DIFF]


def test_samples_are_the_rows_of_all_files_in_their_order(tmp_path: Path):
    (tmp_path / "more").mkdir()
    other = DIFF.replace("+b", "+c")
    one = written(tmp_path, row("o__r-1", DIFF), row("o__r-2", DIFF), row("o__r-1", ""))
    two = written(tmp_path / "more", row("o__r-1", other))

    def patches(samples: int | None) -> dict[str, list[str]]:
        found = load_predictions([one, two], INSTANCES, samples=samples)
        return {name: [each.patch for each in rows] for name, rows in found.by_instance.items()}

    assert patches(None) == {"o__r-1": ["", other], "o__r-2": [DIFF]}
    assert patches(9) == {"o__r-1": [DIFF, "", other], "o__r-2": [DIFF]}
    assert patches(2) == {"o__r-1": [DIFF, ""], "o__r-2": [DIFF]}
    told = load_predictions([one, two], INSTANCES, samples=2).notes
    assert "1 instances have more than 2 samples, the first count: o__r-1" in told


def test_ids_of_gso_keep_their_case(tmp_path: Path):
    instance = Instance(instance_id="O__R-a", suite="gso", repo="O/R", base="a" * 40)
    with pytest.raises(UserError, match=r"no prediction .* nearest is 'O__R-a'"):
        load_predictions([written(tmp_path, row("x__y-b", DIFF))], [instance])
    assert load_predictions([written(tmp_path, row("O__R-a", DIFF))], [instance]).model == "m"


PATCHES = [
    (DIFF, DIFF, 0),
    (DIFF.rstrip("\n"), DIFF, 0),
    (DIFF.replace("\n", "\r\n"), DIFF, 0),
    (JUNK + DIFF, DIFF, 1),
    (DIFF + JUNK, DIFF, 1),
    ("  \n", "", 0),
    (JUNK, "", 1),
]


@pytest.mark.parametrize(("given", "kept", "dropped"), PATCHES)
def test_patches_are_normalized(given: str, kept: str, dropped: int):
    assert normalized(given) == (kept, normalized(given)[1])
    assert len(normalized(given)[1]) == dropped


def test_a_carriage_return_that_belongs_to_a_line_stays():
    mixed = DIFF.replace("-a\n", "-a\r\n")
    assert normalized(mixed)[0] == mixed


def test_a_new_empty_file_is_no_junk():
    block = "diff --git a/e.py b/e.py\nnew file mode 100644\nindex 0000000..e69de29\n"
    assert normalized(block) == (block, ())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["gold"], "asked for expert of []"),
        (["--predictions", "gold"], "asked for expert of []"),
        (["--predictions", "empty"], "asked for empty of []"),
        (["--predictions", "expert.jsonl"], "asked for predictions of ['expert.jsonl']"),
        (["--predictions", "gold", "expert"], "say once whose patches"),
        (["golden"], "after INSTANCES stands"),
    ],
)
def test_the_benchmarks_words_for_patches_without_a_file_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
):
    def evaluate(instances: str, what: str, *, file: list[Path], **_: Any) -> None:
        raise UserError(f"asked for {what} of {[str(each) for each in file]}")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("perfagent.api.evaluate", evaluate)
    printed = CliRunner().invoke(app, ["eval", "run", "none.jsonl", *words])
    assert printed.exit_code == 2
    assert told in " ".join(printed.output.split())
