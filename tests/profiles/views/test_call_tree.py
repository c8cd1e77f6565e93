from __future__ import annotations

from perfagent.profiles.profile import Frame, Owner, Profile
from perfagent.profiles.views.call_tree import hot_path


def frame(function: str, path: str = "shop/a.py", owner: Owner = "repository") -> Frame:
    return Frame(function=function, path=path, line=1, owner=owner)


WORKLOAD = frame("workload", "work.py", "workload")


def profile(*stacks: tuple[tuple[Frame, ...], int]) -> Profile:
    return Profile(
        stacks=stacks,
        samples=sum(count for _, count in stacks),
        rate_hz=100,
        recorder="py-spy",
        native=False,
        errors=0,
        duration_s=1.0,
        note=None,
    )


def test_the_path_to_the_hot_function_is_read_from_top_to_bottom():
    foreign = frame("loads", "/usr/lib/python3/json/__init__.py", "standard library")
    inner = frame("decode", "/usr/lib/python3/json/decoder.py", "standard library")
    recorded = profile(
        ((WORKLOAD, frame("report"), frame("read"), foreign, inner), 60),
        ((WORKLOAD, frame("report"), frame("total")), 37),
        ((WORKLOAD, frame("rare")), 3),
    )
    assert hot_path(recorded) == [
        "100% workload (workload)",
        "  97% report in shop/a.py",
        "    60% read in shop/a.py",
        "      60% loads in json/__init__.py (standard library)",
        "    37% total in shop/a.py",
    ]


def test_recursion_and_code_of_others_in_between_do_not_hide_it():
    through = frame("map_all", "/site/tool.py", "dependency")
    recorded = profile(((WORKLOAD, frame("walk"), frame("walk"), through, frame("leaf")), 10))
    assert hot_path(recorded) == [
        "100% workload (workload)",
        "  100% walk in shop/a.py",
        "    100% leaf in shop/a.py",
    ]


def test_a_wide_tree_is_cut_and_says_so():
    recorded = profile(*(((WORKLOAD, frame(f"f{n}")), 10) for n in range(10)))
    lines = hot_path(recorded, most_lines=5)
    assert len(lines) == 5
    assert lines[-1] == "... (7 more lines are left out)"
    assert hot_path(profile()) == []
