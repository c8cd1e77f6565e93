"""How often `perfagent check` calls a pull request slower that changes nothing, and one that does.

    python -m benchmarks.regressions [--runs 20]

Writes benchmarks/regressions.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from perfagent.tests.shop import PAIRS, REPO_FILES, WORKLOAD, git, write_repo

SLOW = PAIRS.replace(
    "    return [number for number in first if number in known]",
    "    return [number for number in first if sorted(known).count(number)]",
)
THRESHOLD = "0.1"


def lay_out(folder: Path) -> Path:
    """Make a repository with a base, a branch that changes nothing, and one that is slower."""
    repo = folder / "shop"
    write_repo(repo, {**REPO_FILES, "bench.py": WORKLOAD})
    for name, text in (("same", f"{PAIRS}\n# a remark\n"), ("slower", SLOW)):
        git(repo, "checkout", "-q", "-b", name, "main")
        (repo / "deliveries" / "pairs.py").write_text(text)
        git(repo, "commit", "-q", "-a", "-m", name)
    git(repo, "checkout", "-q", "main")
    return repo


def checked(repo: Path, branch: str, seed: int) -> dict:
    """Return what `perfagent check` says of a branch."""
    words = ["check", str(repo), str(repo / "bench.py"), "--rev", "main", "--candidate", branch]
    more = ["--threshold", THRESHOLD, "--python", sys.prefix, "--seed", str(seed)]
    done = subprocess.run(
        [sys.executable, "-m", "perfagent", *words, *more, "--json", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout)


def main() -> None:
    """Run the study and write its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    rows = ["| branch | runs | slower | not slower | cannot tell | on the planted line |"]
    rows.append("|---|---|---|---|---|---|")
    line = SLOW.splitlines().index(SLOW.split("known = list(second)\n")[1].splitlines()[0]) + 1
    with tempfile.TemporaryDirectory() as folder:
        repo = lay_out(Path(folder))
        for branch, count in (("same", runs), ("slower", max(1, runs // 4))):
            found = [checked(repo, branch, seed) for seed in range(count)]
            said = Counter(each["decision"] for each in found)
            placed = sum(bool(each["spot"]) and each["spot"]["line"] == line for each in found)
            names = ("slower", "not_slower", "inconclusive")
            cells = [branch, count, *(said[name] for name in names), placed]
            rows.append(f"| {' | '.join(str(cell) for cell in cells)} |")
            sys.stderr.write(f"{rows[-1]}\n")
    text = (
        "# Checks of pull requests that change nothing, and of one that is slower\n\n"
        f"`make study-regressions`: threshold {float(THRESHOLD):.0%}, otherwise the defaults. A red"
        " check on `same` is a false alarm.\n\n" + "\n".join(rows) + "\n"
    )
    Path(__file__).with_name("regressions.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
