"""Reading workload scripts: what is kept, what is dropped, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.errors import UserError
from perfagent.workloads.script import parse_script, read_script

HEAD = "import timeit\nimport statistics\nfrom shapes import squares\n"
TAIL = 'print("Mean:", statistics.mean(runtimes))\nprint("Std Dev:", statistics.stdev(runtimes))\n'


def _kept(source: str) -> list[str]:
    return [line for line in parse_script(source, "job.py").text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    "timing",
    [
        "runtimes = timeit.repeat(workload, number=1, repeat=100, setup=setup)\n",
        "runtimes = timeit.repeat(workload, number=5, repeat=1000)\n",
        "# as before\nruntimes = timeit.repeat(\n    workload,\n    setup=setup,\n)\n",
        "runtimes = []\nfor _ in '12':\n    runtimes.append(timeit.timeit(workload, setup))\n",
        "timer = timeit.Timer(workload, setup)\nruntimes = timer.repeat(5, 1)\n",
    ],
)
def test_published_scripts_are_not_timed_twice(timing: str) -> None:
    body = "def setup():\n    global n\n    n = 10\n\ndef workload():\n    _ = squares(n)\n"
    script = parse_script(HEAD + body + timing + TAIL, "job.py")
    assert script.has_workload
    assert script.has_setup
    names: dict[str, object] = {}
    exec(script.text.replace("from shapes import squares", "squares = list"), names)
    assert callable(names["workload"])
    assert not names.get("runtimes")
    assert "print" not in script.text
    assert "timeit.repeat" not in script.text


def test_timing_behind_a_main_block_or_a_function_is_not_run() -> None:
    source = (
        HEAD
        + "def workload():\n    squares(3)\n"
        + "def measure():\n    return timeit.repeat(workload, number=1)\n"
        + "def main():\n    print(measure())\n"
        + 'if __name__ == "__main__":\n    main()\n'
    )
    assert "main()" not in [line.strip() for line in _kept(source)]
    assert "def main():" in _kept(source)


def test_a_variable_that_the_workload_needs_is_kept_whatever_it_comes_from() -> None:
    source = (
        "from timeit import default_timer as now\n"
        "START = now()\n"
        "SIZE = 7\n"
        "def workload():\n    return SIZE, START\n"
        "before = now()\n"
        "result = workload()\n"
        "assert result\n"
        "print(now() - before)\n"
    )
    kept = _kept(source)
    assert "START = now()" in kept
    assert "SIZE = 7" in kept
    assert not any("result" in line or "print" in line for line in kept)


def test_line_numbers_of_a_traceback_are_those_of_the_file_the_user_wrote() -> None:
    source = (
        "runs = []\nimport timeit\ndef workload():\n    raise KeyError\ntimeit.timeit(workload)\n"
    )
    text = parse_script(source, "job.py").text
    assert text.splitlines()[3] == "    raise KeyError"
    shared = "x = 1; y = 2\ndef workload():\n    pass\nz = 3; workload()\n"
    assert "z = 3" in parse_script(shared, "job.py").text


def test_a_plain_script_is_left_as_it_is() -> None:
    source = "import timeit\nprint(timeit.timeit('1+1', number=10))\n"
    script = parse_script(source, "job.py")
    assert script.text == source
    assert not script.has_workload


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "is empty"),
        ('"""Only words."""\n', "is empty"),
        ("def workload(:\n", r"job.py line 1 does not parse"),
        ("x = 1\ny = = 2\n", r"job.py line 2 does not parse"),
        ("a = '\0'", "does not parse"),
        ("def setup():\n    pass\n", r"no workload\(\)"),
        ("import os\nN = 3\ndef experiment():\n    pass\n", "defines experiment but runs nothing"),
        ("async def workload():\n    pass\n", "is async"),
        ("x = 1\ndef workload():\n    yield 1\n", "line 2: workload.. is a generator"),
    ],
)
def test_a_script_that_cannot_be_timed_is_refused_with_the_place(source: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_script(source, "job.py")


def test_a_nested_generator_or_a_setup_that_is_called_is_no_mistake() -> None:
    parse_script("def workload():\n    return sum((lambda: (yield))() is None for _ in 'a')\n", "a")
    parse_script(
        "def workload():\n    def inner():\n        yield 1\n    return list(inner())\n", "a"
    )
    assert not parse_script("import json\n", "a").has_workload
    assert not parse_script("def setup():\n    return 1\nsetup()\n", "a").has_workload


def test_a_script_in_another_encoding_is_read_and_a_binary_one_refused(tmp_path: Path) -> None:
    latin = tmp_path / "latin.py"
    latin.write_bytes("# -*- coding: latin-1 -*-\nname = 'Zoë'\n".encode("latin-1"))
    assert "Zoë" in read_script(latin)
    (tmp_path / "binary.py").write_bytes(b"\x80\x81\x82")
    with pytest.raises(UserError, match="is not Python source"):
        read_script(tmp_path / "binary.py")
