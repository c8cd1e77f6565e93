"""A model provider on loopback that answers by script: the real SDKs talk to it over real HTTP.

It speaks OpenAI's chat completions (POST .../chat/completions) and Anthropic's messages (POST
.../v1/messages). The script is a list, one step for each request in the order of arrival, or a
function of the request; a step is the text to answer with, or one of the classes below. Requests
beyond the script get status 400.

    with ModelServer(["hello", Status(429, headers={"retry-after": "2"}), Cut()]) as server:
        model = server.open("openai:gpt-5")
        ...
    assert [request.last_user for request in server.requests] == [...]
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from perfagent.agent.chat.models import ChatModel

KEY = "sk-planted-0123456789abcdef"
Wire = Literal["openai", "anthropic"]


@dataclass(frozen=True)
class Use:
    """A call of a tool in an answer. Arguments that are a text go out as they are (OpenAI only)."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    call_id: str | None = None


@dataclass(frozen=True)
class Text:
    """A well-formed answer. Token numbers that are None are counted as a quarter of the letters."""

    text: str
    uses: Sequence[Use] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    written_tokens: int = 0
    stop: Literal["end", "length", "refusal"] = "end"
    with_usage: bool = True


@dataclass(frozen=True)
class Status:
    """An answer with an error status, its body as the provider words it."""

    status: int
    message: str = "scripted failure"
    kind: str = "scripted_error"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Body:
    """An answer with exactly this body."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200


@dataclass(frozen=True)
class Cut:
    """The connection closes: at once, or after the headers and `promised` of a longer body."""

    sent: bytes | None = None


@dataclass(frozen=True)
class Hang:
    """Nothing comes; after `seconds`, or when the server closes, the connection closes."""

    seconds: float = 60.0


@dataclass(frozen=True)
class Trickle:
    """Headers at once, then a blank every `every_s` seconds until the server closes."""

    every_s: float = 0.05


Step = str | Text | Status | Body | Cut | Hang | Trickle


@dataclass(frozen=True)
class Received:
    """One request as it arrived; header names are in lower case."""

    wire: Wire
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def messages(self) -> list[tuple[str, str]]:
        """(role, text) of each message, the system's first, parts joined by blank lines."""
        found = [(m["role"], _flat(m["content"])) for m in self.body["messages"]]
        if self.body.get("system"):
            found.insert(0, ("system", _flat(self.body["system"])))
        return found

    @property
    def text(self) -> str:
        """The whole conversation."""
        return "\n\n".join(text for _, text in self.messages)

    @property
    def last_user(self) -> str:
        """The text of the last message."""
        return self.messages[-1][1]

    @property
    def max_output_tokens(self) -> int:
        """The limit that was asked for; 4096 where none was."""
        names = ("max_tokens", "max_completion_tokens")
        return next((self.body[name] for name in names if name in self.body), 4096)

    @property
    def tools(self) -> list[str]:
        """The names of the tools that were offered."""
        return [str((tool.get("function") or tool)["name"]) for tool in self.body.get("tools", [])]

    @property
    def tool_results(self) -> list[tuple[str, str]]:
        """(call id, text) of everything that tools answered so far."""
        found: list[tuple[str, str]] = []
        for message in self.body["messages"]:
            if message["role"] == "tool":
                found.append((message["tool_call_id"], message["content"]))
            elif isinstance(message["content"], list):
                found += [
                    (part["tool_use_id"], part["content"])
                    for part in message["content"]
                    if part.get("type") == "tool_result"
                ]
        return found


Script = Sequence[Step] | Callable[[Received], Step]


class ModelServer:
    """The server; a context manager. `requests` is what arrived, in order."""

    def __init__(self, script: Script = ()) -> None:
        self._script = script
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self.requests: list[Received] = []
        self.unscripted = 0
        self._http = _Listener(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> ModelServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def base_url(self, spec: str) -> str:
        """What to give as --base-url for a model of this provider."""
        root = f"http://127.0.0.1:{self._http.server_address[1]}"
        return root if spec.startswith("anthropic") else f"{root}/v1"

    def open(self, spec: str) -> ChatModel:
        """Return perfagent's adapter for `spec`, talking to this server with the planted key."""
        from perfagent.agent.chat.models import open_model

        keys = {"OPENAI_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY}
        return open_model(spec, base_url=self.base_url(spec), environ=keys)

    def add(self, *steps: Step) -> None:
        """Lengthen a script that is a list."""
        with self._lock:
            assert not callable(self._script)
            self._script = [*self._script, *steps]

    def step_for(self, request: Received) -> Step:
        """Record a request and return what to do about it."""
        with self._lock:
            self.requests.append(request)
            if callable(self._script):
                return self._script(request)
            if len(self.requests) <= len(self._script):
                return self._script[len(self.requests) - 1]
            self.unscripted += 1
            return Status(400, "the script has no step for this request")

    def wait(self, seconds: float) -> bool:
        """Sleep; return whether the server is closing."""
        return self._closing.wait(seconds)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True

    def __init__(self, address: tuple[str, int], owner: ModelServer) -> None:
        super().__init__(address, _Handler)
        self.owner = owner

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: _Listener  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        request = Received(
            wire="openai" if self.path.endswith("/chat/completions") else "anthropic",
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        step = self.server.owner.step_for(request)
        if isinstance(step, str):
            step = Text(step)
        if isinstance(step, Text):
            answer = _openai_answer if request.wire == "openai" else _anthropic_answer
            self._send(200, json.dumps(answer(request, step)).encode())
        elif isinstance(step, Status):
            self._send(step.status, json.dumps(_error(request.wire, step)).encode(), step.headers)
        elif isinstance(step, Body):
            self._send(step.status, step.body, {"content-type": step.content_type})
        elif isinstance(step, Cut):
            self._cut(step)
        elif isinstance(step, Hang):
            self.server.owner.wait(step.seconds)
        else:
            self._trickle(step)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _cut(self, step: Cut) -> None:
        if step.sent is not None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(step.sent) + 1000))
            self.end_headers()
            self.wfile.write(step.sent)
        self.close_connection = True

    def _trickle(self, step: Trickle) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "1000000")
        self.end_headers()
        end = time.monotonic() + 60
        while time.monotonic() < end and not self.server.owner.wait(step.every_s):
            self.wfile.write(b" ")
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


def _flat(content: str | Sequence[Mapping[str, Any]] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "\n\n".join(str(part.get("text") or part.get("content") or "") for part in content)


def _counts(request: Received, step: Text) -> tuple[int, int]:
    asked = step.input_tokens if step.input_tokens is not None else 1 + len(request.text) // 4
    wrote = step.output_tokens if step.output_tokens is not None else 1 + len(step.text) // 4
    return asked, min(wrote, request.max_output_tokens)


def _use_id(request: Received, number: int) -> str:
    return f"use-{len(request.body['messages'])}-{number}"


def _openai_answer(request: Received, step: Text) -> dict[str, Any]:
    asked, wrote = _counts(request, step)
    finish = {"end": "stop", "length": "length", "refusal": "content_filter"}[step.stop]
    message: dict[str, Any] = {"role": "assistant", "content": step.text or None}
    if step.uses:
        finish = "tool_calls" if step.stop == "end" else finish
        message["tool_calls"] = [
            {
                "id": use.call_id if use.call_id is not None else _use_id(request, number),
                "type": "function",
                "function": {
                    "name": use.name,
                    "arguments": use.arguments
                    if isinstance(use.arguments, str)
                    else json.dumps(use.arguments),
                },
            }
            for number, use in enumerate(step.uses)
        ]
    answer: dict[str, Any] = {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 1,
        "model": request.body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": message,
            }
        ],
    }
    if step.with_usage:
        answer["usage"] = {
            "prompt_tokens": asked,
            "completion_tokens": wrote,
            "total_tokens": asked + wrote,
            "prompt_tokens_details": {
                "cached_tokens": step.cached_tokens,
                "cache_write_tokens": step.written_tokens,
            },
        }
    return answer


def _anthropic_answer(request: Received, step: Text) -> dict[str, Any]:
    asked, wrote = _counts(request, step)
    answer: dict[str, Any] = {
        "id": "msg_scripted",
        "type": "message",
        "role": "assistant",
        "model": request.body["model"],
        "content": [
            {"type": "thinking", "thinking": "let me see", "signature": "x"},
            *([{"type": "text", "text": step.text}] if step.text or not step.uses else []),
            *(
                {
                    "type": "tool_use",
                    "id": use.call_id or _use_id(request, number),
                    "name": use.name,
                    "input": use.arguments,
                }
                for number, use in enumerate(step.uses)
            ),
        ],
        "stop_reason": {
            "end": "tool_use" if step.uses else "end_turn",
            "length": "max_tokens",
            "refusal": "refusal",
        }[step.stop],
        "stop_sequence": None,
    }
    if step.with_usage:
        answer["usage"] = {
            "input_tokens": asked - step.cached_tokens - step.written_tokens,
            "output_tokens": wrote,
            "cache_read_input_tokens": step.cached_tokens,
            "cache_creation_input_tokens": step.written_tokens,
        }
    return answer


def _error(wire: Wire, step: Status) -> dict[str, Any]:
    if wire == "anthropic":
        return {"type": "error", "error": {"type": step.kind, "message": step.message}}
    return {"error": {"message": step.message, "type": step.kind, "param": None, "code": step.kind}}
