"""What perfagent is trusted with shows nowhere: planted everywhere, and looked for after a run."""

from __future__ import annotations

import base64
import functools
import http.server
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perfagent.tests.end_to_end.test_models import GOOD
from perfagent.tests.fakes.model_server import KEY, ModelServer, Received, Status, Step, Text
from perfagent.tests.shop import QUICK, TESTS, Answer, Shop, git

PLANTED = {
    "PERFAGENT_API_KEY": KEY,
    "GITHUB_TOKEN": "ghs_123_planted.token-0123456789",
    "DATABASE_URL": "postgres://me:planted-database-1@db.example/x",
    "SOME_INDEX_URL": "https://me:planted-index-1@index.example/simple",
    "AGENT_WORD": "planted-agent-word-1",
}
REPO_LOGIN, MODEL_LOGIN = "planted-repo-login-1", "planted-model-login-1"
SECRETS = (
    *("planted.token", "planted-database", "planted-index", "planted-agent", KEY),
    *("planted-repo", "planted-model", base64.b64encode(f"me:{REPO_LOGIN}".encode()).decode()),
)


class PrivateRepository(http.server.SimpleHTTPRequestHandler):
    """Serves a folder to who has the password."""

    def do_GET(self) -> None:
        login = base64.b64encode(f"me:{REPO_LOGIN}".encode()).decode()
        if self.headers["Authorization"] == f"Basic {login}":
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Basic realm=x")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    handler = functools.partial(PrivateRepository, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://me:{REPO_LOGIN}@127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def run_and_watch(shop: Shop, *words: str) -> tuple[Answer, set[str]]:
    """Run perfagent; return its answer and the command lines of its children that show a secret."""
    process = subprocess.Popen(
        shop.argv(*words),
        cwd=shop.folder,
        env={**shop.environ, **PLANTED},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    own = "\0".join(shop.argv(*words)).encode()
    told: set[str] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = place.read_bytes()
                except OSError:
                    continue  # it ended meanwhile
                if line.rstrip(b"\0") != own and any(s.encode() in line for s in SECRETS):
                    told.add(line.decode(errors="replace"))
            time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        out, err = process.communicate(timeout=240)
    finally:
        process.kill()
        ended.set()
        thread.join()
    return Answer(process.returncode, out, err), told


def test_no_secret_shows_in_arguments_output_files_or_the_targets_environment(shop: Shop) -> None:
    seen = shop.folder / "seen"
    seen.mkdir()
    # The target tells all that it is given; outside of a sandbox it can.
    spy = (
        "import os, pathlib\n"
        f"pathlib.Path({str(seen)!r}, str(os.getpid())).write_text(str(os.environ))\n"
    )
    (shop.repo / "tests" / "test_pairs.py").write_text(spy + TESTS)
    (shop.repo / "deliveries" / "__init__.py").write_text(spy)
    git(shop.repo, "commit", "--quiet", "--all", "--message", "spies")
    git(shop.repo, "update-server-info")
    asked: list[Received] = []

    def careless(request: Received) -> Step:
        """Answer once well, and otherwise with what a model or its server must not tell."""
        asked.append(request)
        if len(asked) == 1:
            return Text(f"The key is {KEY}.\n{GOOD.replace('search constant', KEY)}")
        if len(asked) == 2:
            return Status(400, message=f"bad key {KEY}, bearer {PLANTED['GITHUB_TOKEN']}")
        return Text(GOOD.replace("set(second)", f"set(second)  # {PLANTED['GITHUB_TOKEN']}"))

    agent = (
        "echo HYPOTHESIS: $AGENT_WORD; echo $AGENT_WORD >&2; "
        'echo "# $AGENT_WORD" >> deliveries/pairs.py; exit 1'
    )
    with served(shop.folder) as url, ModelServer(careless) as server:
        base_url = server.base_url("openai").replace("//", f"//me:{MODEL_LOGIN}@")
        answer, told = run_and_watch(
            shop,
            *("optimize", f"{url}/{shop.repo.name}/.git".replace(" ", "%20"), str(shop.workload)),
            *("--json", *QUICK, "--sandbox", "none", "--proposer", "llm,command"),
            *("--model", "openai-compatible:m"),
            *("--base-url", base_url, "--command", agent, "--pass-env", "AGENT_WORD"),
        )

    assert answer.status == 0, answer.err
    reasons = str(answer.record["candidates"])
    assert "holds a secret of this machine's environment" in reasons
    assert "[secret]" in reasons
    assert asked[0].headers["authorization"]
    assert list(seen.iterdir())
    assert told == set()
    places = [shop.folder / "state", Path(shop.environ["PERFAGENT_CACHE_DIR"]), seen]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    texts = {str(path): path.read_bytes() for path in files}
    texts |= {"stdout": answer.out.encode(), "stderr": answer.err.encode()}
    shown = {
        (name, word) for name, text in texts.items() for word in SECRETS if word.encode() in text
    }
    assert shown == set()

    (run,) = (shop.folder / "state" / "runs").iterdir()
    again = shop.perfagent("resume", run.name)
    assert again.status == 2
    assert "'base_url' held a secret, which is not kept: set PERFAGENT_BASE_URL" in again.err
