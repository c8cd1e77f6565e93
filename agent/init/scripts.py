"""Scripts that a repository keeps for timing, and a first draft where it has nothing."""

from __future__ import annotations

import re
from pathlib import Path

from .offer import Offer

_FOLDERS = ("benchmarks", "benchmark", "bench", "perf", "performance")
_BLOCK = re.compile(r"^```\s*(?:python|py|pycon)\s*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MOST_BLOCKS = 4
_REPEATS = 200


def script_offers(tree: Path) -> list[Offer]:
    """Return scripts in folders for benchmarks that define `workload()`, or run by themselves."""
    offers = []
    for folder in _FOLDERS:
        for path in sorted((tree / folder).glob("*.py")):
            text = path.read_text(encoding="utf-8", errors="replace")
            runs = re.search(r"^def workload\(|^if __name__ ==", text, re.MULTILINE)
            if runs and "argparse" not in text and "sys.argv" not in text:
                where = path.relative_to(tree).as_posix()
                offers.append(
                    Offer(name=path.stem, kind="script", argument=where, source=where, text=text)
                )
    return offers


def drafts(tree: Path, modules: tuple[str, ...]) -> list[Offer]:
    """Return scripts drafted from the examples in README, each example repeated many times.

    They show that everything works; what they time is what README shows, not what matters.
    """
    offers = []
    readmes = sorted(path for path in tree.glob("README*") if path.is_file())
    blocks = [
        block
        for path in readmes
        for block in _BLOCK.findall(path.read_text(encoding="utf-8", errors="replace"))
    ]
    for number, block in enumerate(blocks, start=1):
        code = _code(block)
        if not any(re.search(rf"\b{re.escape(name)}\b", code) for name in modules):
            continue
        body = "\n".join(f"        {line}" if line else "" for line in code.splitlines())
        text = (
            f'"""Drafted from example {number} of README: replace it by what matters."""\n\n\n'
            f"def workload():\n    for _ in range({_REPEATS}):\n{body}\n"
        )
        try:
            compile(text, "README", "exec")
        except (SyntaxError, ValueError):
            continue
        name = f"readme_{number}"
        offers.append(
            Offer(
                name=name,
                kind="drafted",
                argument=f"{name}.py",
                source=f"example {number} of README",
                text=text,
            )
        )
    return offers[:_MOST_BLOCKS]


def _code(block: str) -> str:
    """Return an example without prompts and what the interpreter answered."""
    if ">>>" not in block:
        return block
    lines = [line.strip() for line in block.splitlines()]
    return "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")))
