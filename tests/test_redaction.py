"""What of a message is taken for a secret, and what is left alone."""

from __future__ import annotations

import json

import pytest

from perfagent import redaction
from perfagent.errors import InfrastructureError, UserError
from perfagent.redaction import holds_secret, is_secret_name, redacted, remember, without_known


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_remembered", set())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fetch https://me:sesame@host/x failed", "fetch https://[secret]@host/x failed"),
        ("https://ghtoken@host/x", "https://[secret]@host/x"),
        ("index http://u:p%40w@h:1/simple/, again", "index http://[secret]@h:1/simple/, again"),
        ("postgresql+asyncpg://u:p@h/db", "postgresql+asyncpg://[secret]@h/db"),
        ("MY_API_KEY=abc agent --fast", "MY_API_KEY=[secret] agent --fast"),
        ("MY_KEY='ab 'c\"d\"e agent", "MY_KEY=[secret] agent"),
        ("A_TOKEN='a b' B=1", "A_TOKEN=[secret] B=1"),
        ("agent --api-key abc --token=x -q", "agent --api-key [secret] --token=[secret] -q"),
        ("Authorization: Bearer abcdefghijklmnop1", "Authorization: Bearer [secret]"),
        ("got sk-proj-abcdefghij0123456789.", "got [secret]"),
        ("ghs_123_abcdefghijklmnop.abc-def rest", "[secret] rest"),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_goes(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert redacted(shown) == shown
    for error in (UserError(text), InfrastructureError(text)):
        assert str(error) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://host/@o/n and ssh://git@host/x and git@host:o/n and me@example.com",
        "max_tokens=500, TOKENIZERS_PARALLELISM=false, primary_key=id, sort(key=len)",
        "a token is missing; the password of the sk-learn-contrib-packages project",
        "d[key]==value and MAX_TOKENS=16000",
        "--token --quiet",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redacted(text) == text


def test_a_secret_of_the_environment_goes_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOME_API_KEY", 'k3y"with-quotes')
    monkeypatch.setenv("INDEX", "https://u:passw0rd-of-index@h/")
    monkeypatch.setenv("DB_PASSWORD", "postgres")  # a word, which stands in innocent texts
    monkeypatch.setenv("SSH_KEY_PATH", "/home/me/.ssh/id_ed25519")
    text = 'k3y"with-quotes passw0rd-of-index postgres /home/me/.ssh/id_ed25519'
    shown = "[secret] [secret] postgres /home/me/.ssh/id_ed25519"
    assert redacted(text) == without_known(text) == shown
    assert json.loads(without_known(json.dumps({"a": text}))) == {"a": shown}
    assert holds_secret(text)
    assert not holds_secret(shown)


def test_what_was_given_is_kept_out_from_then_on_also_as_a_url_has_it() -> None:
    assert redacted("open/sesame") == "open/sesame"
    remember("open%2Fsesame")
    remember("short")
    assert redacted("open/sesame open%2Fsesame short") == "[secret] [secret] short"


def test_names_of_secrets_are_told_from_others() -> None:
    secret = "OPENAI_API_KEY GITHUB_TOKEN aws_secret_access_key PGPASSWORD GH_PAT NPM_AUTH X_PASSWD"
    other = (
        "PATH HOME MAX_TOKENS KEYBOARD SSH_AUTH_SOCK AUTHOR MONKEY COMPASS TOKENIZERS_PARALLELISM"
    )
    assert all(map(is_secret_name, secret.split()))
    assert not any(map(is_secret_name, other.split()))


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece",
    ["-", "--a-", "A", "a+", "A=", "sk-", "http://", "a:", "x ", "bearer ", "--token ", "'", "@"],
)
def test_a_long_log_is_read_in_no_time(piece: str) -> None:
    assert redacted(piece * (300_000 // len(piece)))
