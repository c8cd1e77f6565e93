"""Other inputs are close to the workload's own, so that an honest gain is there too."""

from __future__ import annotations

from pathlib import Path

from perfagent.workloads.variants import variants
from perfagent.workloads.workload import Workload, parse_workload

SCRIPT = '''"""Compare 3000 numbers."""
import random

from shapes import area

NAMES = ["the quick brown fox", "short"]


def setup():
    global numbers
    chance = random.Random(7)
    numbers = [chance.randint(100, 2000) for _ in range(3000)]


def workload():
    return [area(number, 2.5, mode="a long mode name", label=f"{number:>12}")
            for number in numbers if number != 640]
'''


def script(folder: Path, text: str) -> Workload:
    path = folder / "job.py"
    path.write_text(text)
    return parse_workload(str(path))


def test_seeds_numbers_and_texts_are_changed_and_what_steers_the_script_is_not(tmp_path: Path):
    first = variants(script(tmp_path, SCRIPT))[0].workload.text
    assert "random.Random(1016)" in first
    assert "chance.randint(103, 2062)" in first
    assert "range(3093)" in first
    assert "2.578125" in first
    assert "thi qaock bruwn fux" in first
    for kept in ("Compare 3000 numbers.", "'short'", "a long mode name", ">12", "640"):
        assert kept in first, kept
    compile(first, "job.py", "exec")


def test_where_all_changes_at_once_fail_fewer_are_offered_and_told_in_words(tmp_path: Path):
    offered = variants(script(tmp_path, SCRIPT))
    assert "in line 6" in offered[0].change
    assert "and 3 more" in offered[0].change
    seeds = next(each for each in offered if each.change == "7 becomes 1016 in line 11")
    assert "range(3000)" in seeds.workload.text
    assert len({each.workload.text for each in offered}) == len(offered)


def test_a_script_may_say_itself_how_its_inputs_vary(tmp_path: Path):
    text = SCRIPT + "\n\ndef vary(number):\n    global NAMES\n    NAMES = [str(number)]\n"
    offered = variants(script(tmp_path, text))
    assert [each.change for each in offered] == ["vary(1)", "vary(2)"]
    assert offered[0].workload.text == text + "\nvary(1)\n"


def test_what_has_no_inputs_to_change_has_no_variants(tmp_path: Path):
    assert variants(parse_workload("python:shapes:main")) == ()
    assert variants(parse_workload("cmd:python -m shapes")) == ()
    assert variants(script(tmp_path, "import shapes\nshapes.area(3000)\n")) == ()
    plain = "import shapes\n\n\ndef workload():\n    return shapes.area(3)\n"
    assert variants(script(tmp_path, plain)) == ()
