"""Datasets in every form that is about become instances; what is none is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from perfagent.errors import UserError
from perfagent.evals.dataset.instance import Instance
from perfagent.evals.dataset.load import chosen, load_instances
from perfagent.evals.dataset.rows import read_rows
from perfagent.evals.dataset.swefficiency import to_instance

TESTS = ["/testbed/shop/tests/test_a.py", "shop/tests/test_b.py"]
SWEFFICIENCY: dict[str, Any] = {
    "repo": "o/r",
    "instance_id": "o__r-1",
    "base_commit": "a" * 40,
    "patch": "diff",
    "workload": "def workload(): pass\n",
    "created_at": "2020-01-02T00:00:00Z",
    "version": "1.3",
    "PASS_TO_PASS": ["shop/tests/test_a.py::test_x"],
    "covering_tests": TESTS,
    "single_thread_tests": [],
    "speedup": 12.5,
    "image_name": "ghcr.io/x:y",
    "notes": "aside",
}
SIMPLE: dict[str, Any] = {
    "instance_id": "o__r-2",
    "repo": "o/r",
    "base_commit": "a" * 40,
    "expert_commit": "b" * 40,
    "source_files": ["shop/a.py"],
    "covering_tests": TESTS,
    "python": "3.11",
    "install": ["mpmath==1.3.0"],
    "workload": "def workload(): pass\n",
    "published": {"expert_speedup": 3.5, "baseline_s": 1.0},
}
GSO: dict[str, Any] = {
    "instance_id": "Own__Repo-ABC",
    "repo": "Own/Repo",
    "base_commit": "c" * 40 + "^",
    "opt_commit": "c" * 40,
    "api": "merge",
    "tests": ["def experiment(x): ..."],
    "install_commands": ["pip install -e ."],
    "some_new_column": 1,
}
SWEPERF: dict[str, Any] = {
    "instance_id": "o__r-3",
    "repo": "o/r",
    "base_commit": "a" * 40,
    "head_commit": "b" * 40,
    "patch": "diff",
    "efficiency_test": ["t/test_a.py::test_x", "t/test_a.py::test_y"],
    "duration_changes": json.dumps([{"t/test_a.py::test_x": {"base": 2.0, "head": 1.0}}]),
    "patch_functions": "{}",
}


def one(folder: Path, row: dict[str, Any]) -> Instance:
    file = folder / "rows.jsonl"
    file.write_text(json.dumps(row))  # no last newline
    (instance,) = load_instances(str(file))
    return instance


def as_parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def as_saved_directory(path: Path, rows: list[dict[str, Any]]) -> Path:
    import pyarrow
    import pyarrow.ipc

    table = pyarrow.Table.from_pylist(rows)
    path.mkdir(parents=True)
    with pyarrow.ipc.new_stream(path / "data-00000-of-00001.arrow", table.schema) as stream:
        stream.write_table(table)
    (path / "dataset_info.json").write_text("{}")
    return path


def test_the_benchmark_is_told_by_the_columns(tmp_path: Path):
    found = [one(tmp_path, row).suite for row in (SWEFFICIENCY, SIMPLE, GSO, SWEPERF)]
    assert found == ["swefficiency", "swefficiency", "gso", "sweperf"]


def test_rows_of_every_container_are_the_same(tmp_path: Path):
    rows = [SWEFFICIENCY, {**SWEFFICIENCY, "instance_id": "o__r-7"}]
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps(rows))
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n\n".join(map(json.dumps, rows)))
    folder = tmp_path / "hub"
    folder.mkdir()
    as_parquet(folder / "test-00000-of-00001.parquet", rows)
    as_parquet(folder / "train-00000-of-00001.parquet", [SIMPLE])
    sources = [
        listed,
        lines,
        as_parquet(tmp_path / "rows.parquet", rows),
        folder,
        as_saved_directory(tmp_path / "saved", rows),
        as_saved_directory(tmp_path / "splits" / "test", rows).parent,
    ]
    expected = load_instances(str(listed))
    assert [each.instance_id for each in expected] == ["o__r-1", "o__r-7"]
    for source in sources:
        assert load_instances(str(source)) == expected, source


def test_columns_that_hold_lists_as_text_are_read(tmp_path: Path):
    as_text = {
        **SWEFFICIENCY,
        "PASS_TO_PASS": json.dumps(SWEFFICIENCY["PASS_TO_PASS"]),
        "covering_tests": json.dumps(TESTS),
        "single_thread_tests": "",
    }
    assert one(tmp_path, as_text) == one(tmp_path, SWEFFICIENCY)
    covering = ("shop/tests/test_a.py", "shop/tests/test_b.py")
    assert one(tmp_path, as_text).covering_tests == covering


def test_times_in_milliseconds_are_read(tmp_path: Path):
    found = one(tmp_path, {**SWEFFICIENCY, "created_at": 1_577_923_200_000})
    assert found.created_at == "2020-01-02T00:00:00+00:00"


def test_the_simpler_form_names_commits_and_requirements(tmp_path: Path):
    found = one(tmp_path, SIMPLE)
    assert found.expert_commit == "b" * 40
    assert found.expert_files == ("shop/a.py",)
    assert (found.python, found.requirements, found.expert_speedup) == (
        "3.11",
        ("mpmath==1.3.0",),
        3.5,
    )


def test_gso_keeps_a_revision_that_is_no_hash_and_the_case_of_ids(tmp_path: Path):
    found = one(tmp_path, GSO)
    assert found.base.endswith("^")
    assert (found.key, found.image) == (
        "Own__Repo-ABC",
        "slimshetty/gso:gso.eval.x86_64.own__repo-abc",
    )
    assert found.expert_patch == ""
    assert found.folder != found.instance_id  # two ids may differ by case alone


def test_swe_perf_keeps_the_authors_sessions(tmp_path: Path):
    found = one(tmp_path, SWEPERF)
    assert found.expert_sessions == ({"t/test_a.py::test_x": {"base": 2.0, "head": 1.0}},)
    assert found.covering_tests == ("t/test_a.py",)


BAD = [
    ({**SWEFFICIENCY, "workload": None}, "row 1: workload"),
    ({"instance_id": "x", "repo": "o/r"}, "columns of no benchmark"),
    ({**SWEFFICIENCY, "PASS_TO_PASS": "[broken"}, "PASS_TO_PASS"),
]


@pytest.mark.parametrize(("row", "said"), BAD)
def test_what_is_wrong_with_a_row_is_named(tmp_path: Path, row: dict[str, Any], said: str):
    with pytest.raises(UserError, match=r"rows\.jsonl, row 1") as caught:
        one(tmp_path, row)
    assert said in str(caught.value)


def test_an_id_that_is_there_twice_is_named(tmp_path: Path):
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([SWEFFICIENCY, {**SWEFFICIENCY, "instance_id": "O__R-1"}]))
    with pytest.raises(UserError, match="rows 1 and 2"):
        load_instances(str(file))


def test_what_is_no_dataset_is_named(tmp_path: Path):
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    (tmp_path / "folder").mkdir()
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"a": 1}\n{"a": \n')
    for source, said in (
        (str(tmp_path / "none.jsonl"), "no instances at"),
        (str(empty), "holds no instances"),
        (str(tmp_path / "folder"), "neither .arrow nor .parquet"),
        (str(broken), "line 2 is not JSON"),
    ):
        with pytest.raises(UserError, match=said):
            read_rows(source)


def test_a_hub_name_needs_the_extra(monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UserError, match=r"pip install 'perfagent\[datasets\]'"):
        read_rows("swefficiency/swefficiency")


def test_the_other_name_of_the_small_dataset_is_understood(monkeypatch: pytest.MonkeyPatch):
    import sys
    from types import SimpleNamespace

    asked: list[tuple[str, str]] = []

    def load_dataset(name: str, split: str) -> list[dict[str, Any]]:
        asked.append((name, split))
        return [SWEFFICIENCY]

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    assert load_instances("swefficiency/swefficiency-lite")[0].instance_id == "o__r-1"
    assert asked == [("swefficiency/swefficiency_lite", "test")]


def many(count: int) -> list[Instance]:
    return [
        Instance(instance_id=f"o__r-{n}", suite="swefficiency", repo="o/r", base="a" * 40)
        for n in range(count)
    ]


def test_shards_share_out_all_instances_once():
    shares = [chosen(many(10), shard=f"{k}/3") for k in (1, 2, 3)]
    assert sorted(len(share) for share in shares) == [3, 3, 4]
    assert {each.instance_id for share in shares for each in share} == {
        each.instance_id for each in many(10)
    }


def test_filter_and_limit_choose():
    assert [each.instance_id for each in chosen(many(12), only="-1", limit=2)] == [
        "o__r-1",
        "o__r-10",
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"only": "["}, "no regular expression"),
        ({"only": "nothing"}, "none of the 3"),
        ({"shard": "4/3"}, "K/N"),
        ({"limit": 0}, "at least 1"),
    ],
)
def test_options_that_do_not_fit_are_named(options: dict[str, Any], said: str):
    with pytest.raises(UserError, match=said):
        chosen(many(3), **options)


def test_a_mined_instance_says_how_it_is_installed():
    row = {
        "instance_id": "o__r-1",
        "repo": "o/r",
        "base_commit": "a" * 40,
        "workload": "def workload(): ...\n",
        "patch": "",
        "python": "3.11",
        "install_commands": ["python -m pip install -e ."],
    }
    found = to_instance(row)
    assert (found.python, found.install) == ("3.11", ("python -m pip install -e .",))
