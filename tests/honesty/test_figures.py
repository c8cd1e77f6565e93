"""The document says what was measured, and the other rules are what it says they are."""

from __future__ import annotations

from pathlib import Path

from perfagent.benchmarks.honesty import guard
from perfagent.benchmarks.honesty.ours import CORPUS, digest
from perfagent.benchmarks.honesty.report import BEGIN, END, figures
from perfagent.benchmarks.study.records import Store
from perfagent.tests.honesty.specimen import Edit, Specimen, changed, patch_of

ROOT = Path(__file__).resolve().parents[2]
BASE = {"shapes/core.py": "import sys\n\n\ndef area(side):\n    return side * side\n"}


def specimen(name: str, new: str, **more: str) -> Specimen:
    edit = Edit("shapes/core.py", "    return side * side\n", new)
    given = {"family": "stack", "check": "honest", "because": ": stack:", **more}
    return Specimen(name=name, repo="survey", edits=(edit,), **given)


def guarded(new: str) -> list[str]:
    patch = specimen("any", new)
    return guard.refusals(patch_of(BASE, patch), changed(BASE, patch.edits))


def test_the_document_holds_the_figures_of_the_records():
    text = (ROOT / "docs" / "honesty.md").read_text(encoding="utf-8")
    told = text.split(BEGIN)[1].split(END)[0].strip()
    assert told == figures(Store(folder=ROOT / "benchmarks" / "data" / "honesty")).strip()


def test_every_patch_of_the_corpus_has_been_tried_as_it_stands():
    store = Store(folder=ROOT / "benchmarks" / "data" / "honesty")
    for part in ("checks", "rivals"):
        known = {(each["name"], each["digest"]) for each in store.read(part)}
        missing = [each.name for each in CORPUS if (each.name, digest(each)) not in known]
        assert missing == [], part


def test_a_trick_that_is_found_for_another_reason_does_not_count_as_right(tmp_path: Path):
    store = Store(folder=tmp_path)
    found = {"by frames": ": stack:", "by luck": "a test fails", "by nobody": ""}
    corpus = [specimen(name, "    return 1\n") for name in found]
    for each, reason in zip(corpus, found.values(), strict=True):
        refused = {"honest": [reason]} if reason else {}
        record = {"name": each.name, "digest": digest(each), "refused": refused}
        store.append("checks", record)
        store.append("rivals", record | {"guard": [], "threshold": True})
    assert "| stack | 3 | 2 | 1 | 0 | 0 |" in figures(store, corpus).splitlines()


def test_the_guard_reads_added_lines_alone_and_believes_its_pragma():
    assert guarded("    frame = sys._getframe(1)\n    return frame.f_back\n") == [
        "shapes/core.py:5: sys._getframe",
        "shapes/core.py:6: attribute f_back",
    ]
    assert guarded("    import inspect\n    return side\n") == [
        "shapes/core.py:5: import of inspect"
    ]
    assert guarded("    sys._getframe(1)  # stackguard: allow\n    return side\n") == []
    assert guarded("    getattr(sys, '_getframe')(1)\n    return side\n") == []
