"""Call trees for flame graphs: functions under their callers, what is too narrow left out."""

from __future__ import annotations

from perfagent.profiles.views.flame import flame_tree
from perfagent.tests.profiles.views.test_call_tree import WORKLOAD, frame, profile


def test_lines_of_a_function_are_one_box_and_callers_keep_their_callees():
    again = frame("report")
    recorded = profile(
        ((WORKLOAD, frame("report"), frame("read")), 60),
        ((WORKLOAD, again), 30),
        ((WORKLOAD, frame("read")), 10),
    )
    found = flame_tree(recorded)
    names = [name for name, _, _ in found["frames"]]
    (workload,) = found["tree"]
    assert (names[workload[0]], workload[1]) == ("workload", 100)
    report, read = workload[2]
    assert (names[report[0]], report[1]) == ("report", 90)
    assert [(names[box[0]], box[1]) for box in report[2]] == [("read", 60)]
    assert (names[read[0]], read[1], read[2]) == ("read", 10, [])
    assert report[2][0][0] == read[0], "a function is in the table once"


def test_what_is_narrower_than_a_hair_is_left_out_and_its_caller_keeps_the_samples():
    recorded = profile(((WORKLOAD, frame("big")), 999), ((WORKLOAD, frame("tiny")), 1))
    found = flame_tree(recorded, least_share=0.01)
    (workload,) = found["tree"]
    assert workload[1] == 1000
    assert [found["frames"][box[0]][0] for box in workload[2]] == ["big"]
    assert not any(name == "tiny" for name, _, _ in found["frames"])


def test_a_profile_without_samples_has_no_boxes():
    assert flame_tree(profile())["tree"] == []
