from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from perfagent.agent.chat.exchange import Endpoint, retry_after_s


def test_a_date_to_wait_for_is_understood() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after_s({"retry-after": later}) == pytest.approx(90, abs=5)
    assert retry_after_s({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}) == 0


def test_a_wait_that_makes_no_sense_is_none() -> None:
    for nonsense in ("soon", "nan", "inf", ""):
        assert retry_after_s({"retry-after": nonsense}) is None
    assert retry_after_s({}) is None


def test_a_wait_is_never_longer_than_an_hour() -> None:
    assert retry_after_s({"retry-after": "1e9"}) == 3600
    assert retry_after_s({"retry-after": "-5"}) == 0


def test_a_provider_cannot_smuggle_lines_or_a_novel_into_a_message() -> None:
    endpoint = Endpoint(
        model="openai:x", price=None, address=None, key="secret-key", key_variable="K"
    )
    assert endpoint.cleaned("a\n\x1b[31mb\tsecret-key") == "a [31mb [secret]"
    assert len(endpoint.cleaned("x" * 9000)) == 300
