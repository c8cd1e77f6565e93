"""What a patch may change at the forge, and what may be said there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from perfagent.app.jobs.policy import Refused, apply, require_no_secret
from perfagent.redaction import remember
from perfagent.reports.pull_request import commit_message, pull_request_body, pull_request_title
from perfagent.tests.app.records import DIFF, record
from perfagent.tests.shop import REPO_FILES, git, write_repo


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("policy")
    files = {
        **REPO_FILES,
        ".github/workflows/ci.yml": "on: push\n",
        "setup.py": "pass\n",
        "conftest.py": "pass\n",
        ".gitattributes": "* text\n",
        "data.txt": "one\n",
        ".hidden/code.py": "one = 1\n",
        "generated/code.py": "one = 1\n",
        "poetry.lock": "one\n",
    }
    write_repo(folder / "repo", files)
    (folder / "repo" / "link.py").symlink_to("deliveries/pairs.py")
    git(folder / "repo", "add", "--all")
    git(folder / "repo", "commit", "-q", "-m", "link")
    subprocess.run(
        ["git", "clone", "-q", "--mirror", folder / "repo", folder / "m.git"], check=True
    )
    return folder / "m.git", git(folder / "repo", "rev-parse", "HEAD").strip()


def changed(path: str, old: str, new: str) -> str:
    return (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-{old}\n+{new}\n"
    )


def added(path: str, mode: str = "100644") -> str:
    return (
        f"diff --git a/{path} b/{path}\nnew file mode {mode}\n--- /dev/null\n+++ b/{path}\n"
        "@@ -0,0 +1 @@\n+import os\n"
    )


LINE = 'Comparing two deliveries."""'
HOSTILE = {
    "a workflow": changed(".github/workflows/ci.yml", "on: push", "on: pull_request_target"),
    "a new workflow": added(".github/workflows/evil.yml"),
    "setup.py": changed("setup.py", "pass", "import os"),
    "conftest.py": changed("conftest.py", "pass", "import os"),
    "attributes": changed(".gitattributes", "* text", "* filter=evil"),
    "a test": changed("tests/test_pairs.py", "from deliveries.pairs import shared, total", "x = 1"),
    "a lock file": changed("poetry.lock", "one", "two"),
    "no source": changed("data.txt", "one", "two"),
    "a hidden folder": changed(".hidden/code.py", "one = 1", "one = 2"),
    "what the configuration leaves out": changed("generated/code.py", "one = 1", "one = 2"),
    "a new file": added("deliveries/new.py"),
    "an executable": "diff --git a/deliveries/pairs.py b/deliveries/pairs.py\nold mode 100644\n"
    "new mode 100755\n",
    "a symbolic link": added("deliveries/new.py", "120000"),
    "through a link": changed("link.py", "deliveries/pairs.py", "../../etc/passwd"),
    "a submodule": added("deliveries/new", "160000"),
    "outside": added("../outside.py"),
    "absolute": added("/tmp/outside.py"),
    "git's folder": added(".git/hooks/pre-commit", "100755"),
    "git's folder, spelled": added(".GIT/config"),
    "git's folder, short": added("git~1/config"),
    "a deletion": "diff --git a/setup.py b/setup.py\ndeleted file mode 100644\n--- a/setup.py\n"
    "+++ /dev/null\n@@ -1 +0,0 @@\n-pass\n",
    "reversed text": changed("deliveries/pairs.py", f'"""{LINE}', f'"""\u202e{LINE}'),
    "control characters": changed("deliveries/pairs.py", f'"""{LINE}', f'"""\x1b[2J{LINE}'),
    "a secret": changed("deliveries/pairs.py", f'"""{LINE}', f'"""tok-8f7e6d5c4b3a {LINE}'),
    "nothing": "",
}


def applied(mirror: tuple[Path, str], tmp_path: Path, diff: str):
    return apply(
        mirror[0],
        mirror[1],
        diff,
        folder=tmp_path / "scratch",
        allows=lambda path: not path.startswith("generated/"),
    )


@pytest.mark.parametrize("what", HOSTILE)
def test_a_patch_of_anything_but_source_is_refused(
    mirror: tuple[Path, str], tmp_path: Path, what: str
):
    remember("tok-8f7e6d5c4b3a")
    with pytest.raises(Refused):
        applied(mirror, tmp_path, HOSTILE[what])
    assert not Path("/tmp/outside.py").exists()
    assert not (tmp_path / "outside.py").exists()


def test_a_patch_of_source_is_let_through_as_it_is(mirror: tuple[Path, str], tmp_path: Path):
    change = applied(
        mirror, tmp_path, f"diff --git a/deliveries/pairs.py b/deliveries/pairs.py\n{DIFF}"
    )
    assert list(change.files) == ["deliveries/pairs.py"]
    assert b"known = set(second)" in change.files["deliveries/pairs.py"]
    assert len(change.tree) == 40


SLY = (
    "@acme/owners see ![x](http://evil.example/b.png) <img src=x onerror=a> <script>1</script> "
    "Fixes #1 closes https://github.com/acme/shop/issues/2 [link](https://evil.example) "
    "<!-- perfagent:answer:1 --> | bar | \n\n# Heading\n- [ ] box"
)


def test_words_of_a_model_stay_words():
    body = pull_request_body(record(SLY), branch="perfagent/x", workload_word="bench/compare.py")
    message = commit_message(record(SLY))
    shown = body.replace("<details>", "").replace("</details>", "").replace("<summary>", "")
    shown = shown.replace("</summary>", "")
    for bad in ("<", "![", "Fixes #1", "https://", "http://", "@acme", "\n# Heading"):
        assert bad not in shown, bad
    assert not re.search(r"(?<!\\)\]\(", shown), "a link"
    for bad in ("@acme", "Fixes #1", "https://"):
        assert bad not in message, bad
    assert "\n" not in pull_request_title(record(SLY))


def test_the_description_says_the_number_first_and_folds_the_rest():
    body = pull_request_body(record(), branch="perfagent/x", workload_word="bench/compare.py")
    lines = body.splitlines()
    assert lines[0] == (
        "`compare` is **3.10x faster (95% CI 3.00-3.20)**, 31 ms -> 10 ms. "
        "`deliveries/pairs.py:shared` was 95 % of it."
    )
    open_part = body.partition("<details>")[0]
    assert len(open_part.splitlines()) < 40, "nothing to scroll past"
    for part in (
        "peak memory | 40 MB -> 41 MB",
        "import time | 2.1 ms -> 2.2 ms",
        "3 passed",
        "14 interleaved pairs",
        "a processor",
    ):
        assert part in open_part
    assert "the answer differs" in body.partition("<details>")[2]
    assert pull_request_title(record()) == "Speed up shared(): compare is 3.10x faster"


def test_a_secret_of_this_machine_does_not_leave():
    remember("canary-3f9a8b7c6d5e")
    with pytest.raises(Refused):
        require_no_secret("because canary-3f9a8b7c6d5e", (), "the description")
    with pytest.raises(Refused):
        require_no_secret("because of CANARY", ("CANARY",), "the description")
