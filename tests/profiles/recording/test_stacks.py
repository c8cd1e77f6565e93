"""py-spy's and pyinstrument's text, as they really write it."""

from __future__ import annotations

import pytest

from perfagent.profiles.recording.stacks import (
    RawFrame,
    RawStack,
    inside_region,
    parse_pyinstrument,
    parse_pyspy,
)


def functions(stack: RawStack) -> list[str]:
    return [frame.function for frame in stack.frames]


def test_a_stack_keeps_its_functions_files_lines_and_count() -> None:
    (stack,) = parse_pyspy("<module> (/a/run.py:3);Work.spin (/a/lib.py:12) 57\n")
    assert stack.samples == 57
    assert stack.processes == ()
    assert stack.frames == (
        RawFrame(function="<module>", file="/a/run.py", line=3),
        RawFrame(function="Work.spin", file="/a/lib.py", line=12),
    )


@pytest.mark.parametrize(
    ("text", "function", "file", "line"),
    [
        ("A.f.<locals>.<lambda> (/a/b.py:12)", "A.f.<locals>.<lambda>", "/a/b.py", 12),
        ("<genexpr> (/a/b.py:9)", "<genexpr>", "/a/b.py", 9),
        (
            "_load (<frozen importlib._bootstrap>:690)",
            "_load",
            "<frozen importlib._bootstrap>",
            690,
        ),
        ("spin (hot.py:5)", "spin", "hot.py", 5),
        ("quicksort (/usr/lib/libc.so.6)", "quicksort", "/usr/lib/libc.so.6", 0),
        ("0x7fcb37e4524a (/usr/lib/libc.so.6)", "0x7fcb37e4524a", "/usr/lib/libc.so.6", 0),
        ("np::sort(int) const (/a/np.so)", "np::sort(int) const", "/a/np.so", 0),
        ("PyObject_Call", "PyObject_Call", "", 0),
        ("f (/tmp/my work (2)/ü/a.py:7)", "f", "/tmp/my work (2)/ü/a.py", 7),
        ("f (/tmp/a;b/c.py:7)", "f", "/tmp/a;b/c.py", 7),
    ],
)
def test_odd_names_and_paths_survive(text: str, function: str, file: str, line: int) -> None:
    (stack,) = parse_pyspy(f"<module> (/x.py:1);{text};g (/y.py:2) 3\n")
    assert stack.frames[1] == RawFrame(function=function, file=file, line=line)
    assert functions(stack) == ["<module>", function, "g"]


def test_subprocesses_are_told_apart_from_their_parent() -> None:
    text = (
        'process 10:"python main.py";<module> (/m.py:1) 4\n'
        'process 10:"python main.py";process 12:"python child.py";work (/c.py:2) 9\n'
        'process 10:"python main.py" 2\n'
    )
    parent, child, starting = parse_pyspy(text)
    assert (parent.processes, functions(parent), parent.samples) == ((10,), ["<module>"], 4)
    assert (child.processes, functions(child), child.samples) == ((10, 12), ["work"], 9)
    assert (starting.frames, starting.samples) == ((), 2)


def test_a_command_line_with_quotes_semicolons_and_newlines_does_not_break_a_stack() -> None:
    command = 'python -c import os; print("a;b")\nx = "c";y = 5\nsleep 7'
    text = (
        f'process 10:"sh";process 11:"{command}";<module> (<string>:2);f (/a.py:3) 6\n'
        f'process 10:"sh";process 11:"{command}" 1\n'
    )
    first, second = parse_pyspy(text)
    assert (first.processes, functions(first), first.samples) == ((10, 11), ["<module>", "f"], 6)
    assert (second.processes, second.frames, second.samples) == ((10, 11), (), 1)


def test_lines_that_are_no_stacks_are_left_out() -> None:
    assert parse_pyspy("") == []
    assert parse_pyspy("py-spy> hello\n") == []


def test_only_what_ran_inside_the_timed_region_counts() -> None:
    text = (
        "<module> (/driver.py:9);region (/driver.py:5);workload (/w.py:2);f (/lib.py:1) 8\n"
        "<module> (/driver.py:4);setup (/w.py:1);f (/lib.py:1) 50\n"
        "<module> (/driver.py:9);region (/driver.py:5) 3\n"
    )
    kept = inside_region(parse_pyspy(text), "region")
    assert [(functions(stack), stack.samples) for stack in kept] == [
        (["workload", "f"], 8),
        (["region"], 3),
    ]


def test_threads_and_subprocesses_of_the_workload_count() -> None:
    thread = "Thread._bootstrap (/usr/lib/python3.11/threading.py:1002);work (/w.py:4)"
    text = (
        f'process 1:"d";{thread} 5\n'
        f'process 1:"d";clone (/libc.so.6);{thread} 2\n'
        'process 1:"d";_find_and_load (<frozen importlib._bootstrap>:1);work (/w.py:4) 7\n'
        'process 1:"d";process 2:"child";work (/w.py:4) 6\n'
        'process 1:"d";process 3:"forked";main (/d.py:1);region (/d.py:5);task (/w.py:8) 4\n'
        'process 1:"d";process 2:"child" 1\n'
    )
    kept = inside_region(parse_pyspy(text), "region")
    assert [stack.samples for stack in kept] == [5, 2, 6, 4]
    assert functions(kept[-1]) == ["task"]


def test_a_pyinstrument_session_becomes_samples_of_the_same_kind() -> None:
    main, module = "MainThread\x00<thread>\x00139746389", "<module>\x00/d.py\x001\x01l5"
    spin = "spin\x00/lib.py\x003\x01cWork\x01l7"
    session = {
        "frame_records": [
            [[main, module, spin], 0.010],
            [[main, module, spin], 0.030],
            [[main, module, "sorted\x00<built-in>\x000"], 0.020],
            [[main, module], 0.001],
        ]
    }
    first, second = parse_pyinstrument(session, rate_hz=250)
    assert first.samples == 10
    assert first.frames[2] == RawFrame(function="Work.spin", file="/lib.py", line=7)
    assert second.samples == 5
    assert second.frames[2] == RawFrame(function="sorted", file="", line=0)
