"""What README and docs tell to type works: each block is run, or read as its program reads it.

`documented.NOT_RUN` lists what is only read, and why.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from perfagent.tests.documented import (
    NOT_RUN,
    OURS,
    PAGES,
    ROOT,
    Block,
    blocks,
    commands,
    read_by_the_program,
    why_not_run,
)
from perfagent.tests.shop import PAIRS, WORKLOAD, Answer, Shop, lay_out_shop, write_repo


def test_every_other_command_is_known_to_be_anothers() -> None:
    """Of make's there is such a target; what is not ours and not make's is named in NOT_RUN."""
    others = [command for command in commands() if command not in OURS]
    for command in others:
        assert why_not_run(command), f"not run, and no reason given: {command}"
        if command.startswith("make "):
            words = shlex.split(command, comments=True)
            subprocess.run([words[0], "-n", *words[1:]], cwd=ROOT, check=True, capture_output=True)


def test_each_reason_is_needed() -> None:
    unused = [start for start in NOT_RUN if not any(re.match(start, c) for c in commands())]
    assert unused == []


def place(block: Block) -> str:
    return f"{block.page.name}-{block.language}"


@pytest.mark.parametrize("block", blocks("python", "json", "yaml", "toml"), ids=place)
def test_other_blocks_are_what_they_say(block: Block) -> None:
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "yaml":
        told = json.dumps(yaml.safe_load(block.text))
        for command in re.findall(r"perfagent (?:measure|optimize|check)[^\"\\]*", told):
            assert read_by_the_program(re.sub(r"\$\{\{.*?\}\}", "X", command)) is None
    else:
        assert block.language == "python"
        ast.parse(re.sub(r"^%.*$", "", block.text, flags=re.MULTILINE))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A checkout with the script that the commands name, and one that `init` finds."""
    made = lay_out_shop(tmp_path, tmp_path / "cache")
    text = WORKLOAD.replace("3000", "6000")
    write_repo(made.repo, {"benchmarks/compare.py": text}, "something to time")
    (made.repo / "benchmark.py").write_text(WORKLOAD)
    quick = {"PYTHON": sys.prefix, "MAX_ROUNDS": "1", "MAX_PAIRS": "5", "PROPOSER": "rewrites"}
    environ = made.environ | {f"PERFAGENT_{name}": value for name, value in quick.items()}
    return replace(made, folder=made.repo, environ=environ)


@pytest.mark.timeout(600)
def test_what_is_told_to_type_runs(shop: Shop) -> None:
    """In the order of the pages, in one checkout; each with the status that it should have."""
    told = [command for command in OURS if why_not_run(command) is None]
    told.sort(key=lambda command: not command.startswith("perfagent optimize"))
    run_id, done = "", set[str]()
    for command in told:
        words = [
            {"WORKLOAD": "benchmark.py", "RUN": run_id}.get(word, word)
            for word in shlex.split(command, comments=True)[1:]
        ]
        if shlex.join(words) in done:
            continue
        done.add(shlex.join(words))
        answer: Answer = shop.perfagent(*words)
        assert answer.status == 0, f"{command}\n{answer.out}{answer.err}"
        if words[0] == "optimize":
            assert "faster (95% CI" in answer.out
            (run,) = json.loads(shop.perfagent("runs", "--json").out)
            run_id = run["run_id"]
    assert {words.split()[0] for words in done} >= {"optimize", "why", "apply", "resume", "init"}
    assert (shop.repo / "deliveries" / "pairs.py").read_text() != PAIRS, "the patch was applied"


def anchors(page: Path) -> set[str]:
    """Return what a link to a part of a page may name, as GitHub and the site make it."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", head.lower()) for head in heads)
    return {head.strip().replace(" ", "-") for head in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, part = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        if part and target.suffix == ".md":
            assert part in anchors(target), f"{page.name} links to {link}: no such part"


def test_the_site_has_every_page_once() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r": ([\w-]+\.md)$", text, re.MULTILINE)
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))


def test_the_first_five_minutes_are_those_of_readme() -> None:
    """Every line typed there is README's, and every line that README shows was seen there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (session,) = [block for block in blocks("console") if block.page.stem == "first-five-minutes"]
    typed = list(session.commands())
    assert len(typed) > 4
    told = [command.split(" #")[0].strip() for block in blocks("sh") for command in block.commands()
            if block.page.stem == "README"]  # fmt: skip
    assert [command for command in typed if command not in told] == []
    (shown,) = re.findall(r"^```text\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    seen = session.text.splitlines()
    assert [line for line in shown.splitlines() if line not in [*seen, "…"]] == []
