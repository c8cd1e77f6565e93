"""The files that a workload writes are part of its answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perfagent.errors import UserError
from perfagent.workloads.answers.answer import Answer, compare_answers, doubts_of, stable_answer
from perfagent.workloads.answers.capture import capture_answer

from ..conftest import MakeTarget, MakeTree


def _captured(make_target: MakeTarget, tree: Path, command: str) -> Answer:
    return capture_answer(make_target(f"cmd:{command}"), tree)


def _two(make_tree: MakeTree, make_target: MakeTarget, base: str, candidate: str) -> str | None:
    """Return the difference between what two versions of a program leave behind."""
    answers = []
    for name, code in (("base", base), ("candidate-of-longer-name", candidate)):
        tree = make_tree(name, program=code)
        (tree / "kept.txt").write_text("kept\n")
        answers.append(_captured(make_target, tree, "python program.py"))
    assert compare_answers(answers[0], answers[0]) is None
    return compare_answers(*answers)


@pytest.mark.parametrize(
    ("base", "candidate", "difference"),
    [
        (
            "open('out.txt', 'w').write('one\\ntwo\\nthree\\n')",
            "open('out.txt', 'w').write('one\\n2\\nthree\\n')",
            "file out.txt line 2: base 'two', candidate '2'",
        ),
        (
            "open('out.txt', 'w').write('one\\ntwo\\n')",
            "open('out.txt', 'w').write('one\\n')",
            "file out.txt: from line 2 on: base 'two', candidate ends",
        ),
        ("open('out.txt', 'w').write('x')", "pass", "file out.txt: only the base writes it"),
        ("pass", "open('more.txt', 'w')", "file more.txt: only the candidate writes it"),
        (
            "pass",
            "import os; os.remove('kept.txt')",
            "file kept.txt: only the candidate deletes it",
        ),
        (
            "open('kept.txt', 'w').write('a')",
            "import os; os.remove('kept.txt')",
            "file kept.txt: base writes 1 bytes",
        ),
        (
            "open('b.bin', 'wb').write(bytes(9))",
            "open('b.bin', 'wb').write(bytes(8) + b'1')",
            "file b.bin: base writes 9 bytes with digest",
        ),
        (
            "import os; os.symlink('kept.txt', 'to')",
            "import os; os.symlink('other.txt', 'to')",
            "file to: base links it to kept.txt, candidate links it to other.txt",
        ),
        ("print('a')", "print('b')", "output[0]: base 'a', candidate 'b'"),
    ],
)
def test_a_command_that_writes_something_else_is_told_with_the_first_line(
    make_tree: MakeTree, make_target: MakeTarget, base: str, candidate: str, difference: str
) -> None:
    found = _two(make_tree, make_target, base, candidate)
    assert found is not None
    assert found.startswith(difference)


@pytest.mark.parametrize(
    "code",
    [
        "import os; open('out.txt', 'w').write(os.getcwd() + '\\n')",
        "import os; open('.coverage', 'w').write(os.getcwd()); os.makedirs('__pycache__')",
        "import os; os.makedirs('.git/x'); open('.git/x/y', 'w').write(os.getcwd())",
        "open('kept.txt', 'w').write('kept\\n')",
    ],
    ids=["path of the tree", "litter", "version control", "same content"],
)
def test_what_says_nothing_of_the_answer_is_no_difference(
    make_tree: MakeTree, make_target: MakeTarget, code: str
) -> None:
    assert _two(make_tree, make_target, code, code + "\n") is None


def test_a_file_written_again_with_the_same_content_is_not_lost_in_later_launches(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree(program="open('out.txt', 'w').write('1')")
    for _ in range(2):
        answer = _captured(make_target, tree, "python program.py")
        assert list(answer["files"]) == ["out.txt"]


def test_what_the_base_writes_differently_each_time_is_set_aside_line_by_line(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    code = "import time\nopen('out.txt', 'w').write(f'sum 3\\n{time.time_ns()}\\n')"
    tree = make_tree(program=code)
    first, second = (_captured(make_target, tree, "python program.py") for _ in range(2))
    reference = stable_answer(first, second)
    assert "file out.txt line 2 differs from run to run and is not compared" in doubts_of(reference)
    assert compare_answers(reference, _captured(make_target, tree, "python program.py")) is None
    wrong = make_tree("wrong", program=code.replace("sum 3", "sum 4"))
    difference = compare_answers(reference, _captured(make_target, wrong, "python program.py"))
    assert difference == "file out.txt line 1: base 'sum 3', candidate 'sum 4'"


def test_a_large_file_is_compared_by_its_digest(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    write = "open('big.txt', 'w').write('a' * 2_000_000 + {!r})"
    found = _two(make_tree, make_target, write.format("b"), write.format("c"))
    assert found is not None
    assert found.startswith("file big.txt: base writes 2000001 bytes with digest")


def test_declared_outputs_of_a_script_are_part_of_its_answer(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = (
        "from shapes import squares\n"
        "def workload():\n    open('out.txt', 'w').write(repr(squares(3)))\n"
    )
    base, wrong = (
        capture_answer(make_target(script=script), tree, outputs=["*.txt", "none/*.csv"])
        for tree in (
            make_tree(),
            make_tree("wrong", "def squares(n): return [0, 1, 5]\nfail = 0\n"),
        )
    )
    difference = compare_answers(base, wrong)
    assert difference == "file out.txt line 1: base '[0, 1, 4]', candidate '[0, 1, 5]'"
    assert "no file matches the output 'none/*.csv'" in doubts_of(base)
    undeclared = capture_answer(make_target(script=script), make_tree("again"))
    assert undeclared["files"] == {}


@pytest.mark.parametrize("glob", ["../secret", "/etc/*", ""])
def test_an_output_outside_the_tree_is_refused(
    make_tree: MakeTree, make_target: MakeTarget, glob: str
) -> None:
    with pytest.raises(UserError, match="relative to the repository"):
        capture_answer(make_target("cmd:true"), make_tree(), outputs=[glob])


def test_a_folder_that_cannot_be_read_does_not_end_the_run(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree()
    (tree / "closed").mkdir()
    (tree / "loop").symlink_to(tree)
    os.mkfifo(tree / "pipe")
    (tree / "closed").chmod(0)
    try:
        assert _captured(make_target, tree, "true")["files"] == {}
    finally:
        (tree / "closed").chmod(0o700)
