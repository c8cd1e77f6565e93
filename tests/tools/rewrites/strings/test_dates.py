"""Dates: a timestamp is the same moment, or the same error, whichever way it is read."""

from __future__ import annotations

import itertools

import pytest

FORMATS = {
    "day": ("%Y-%m-%d", "2024-02-29"),
    "moment": ("%Y-%m-%d %H:%M:%S", "2024-02-29 23:59:58"),
    "moment with a letter": ("%Y-%m-%dT%H:%M:%SZ", "2024-02-29T23:59:58Z"),
    "minutes": ("%Y-%m-%dT%H:%M", "2024-02-29T23:59"),
    "fraction": ("%Y-%m-%d %H:%M:%S.%f", "2024-02-29 23:59:58.123456"),
    "comma": ("%Y-%m-%d %H:%M:%S,%f", "2024-02-29 23:59:58,123"),
    "day first": ("%d/%m/%Y", "29/02/2024"),
    "no signs": ("%Y%m%d", "20240229"),
    "log": ("[%d.%m.%Y %H:%M:%S]", "[29.02.2024 23:59:58]"),
    "time first": ("%H:%M %m/%d/%Y", "23:59 02/29/2024"),
}

SOURCE = """
from datetime import datetime

# about f
def f(text):
    return datetime.strptime(text, "{}")  # read
"""


def variants(text: str) -> list[str]:
    """Return texts near a timestamp: other dates, other shapes, other signs."""
    found = [text, "", text + "0", text[:-1], text.replace("0", "\u0660"), " " + text[1:]]
    found += [text.replace("24", "23", 1), text.replace("29", "31"), text.replace("02", "00")]
    found += [text.replace("2024", "0000"), text.replace("2024", "0999")]
    found += [text.replace("23:", "24:").replace("59", "00").replace("58", "00")]
    found += [text.replace("58", "60"), text.replace("58", "61"), text.replace("-02-", "-2-")]
    found += [text.replace(",123", ",1"), text.replace("123456", "+05:00"), text[:-3] + "+05"]
    found += [text.replace("T", "t"), text.replace("-", "/"), text.replace("02-29", "W09-4")]
    for at, sign in itertools.product(range(len(text)), "+-Z:W. 9"):
        found.append(text[:at] + sign + text[at + 1 :])
    return found


@pytest.mark.parametrize("case", FORMATS.values(), ids=FORMATS)
def test_every_text_is_read_alike(propose, case):
    written, example = case
    source = SOURCE.format(written)
    found = propose(source, "f", "iso-for-strptime")
    assert len(found) == 1
    assert "fromisoformat" in found[0].new_source
    before: dict = {}
    after: dict = {}
    exec(source, before)
    exec(found[0].new_source, after)
    read = 0
    for text in variants(example):
        outcomes = []
        for module in (before, after):
            try:
                outcomes.append(repr(module["f"](text)))
            except ValueError as error:
                outcomes.append(str(error))
        assert outcomes[0] == outcomes[1], text
        read += outcomes[0].startswith("datetime")
    assert read > 1


APPLIES = {
    "in a method": (
        """
        import datetime as dt

        class A:
            # one
            def f(self, texts):
                return [dt.datetime.strptime(text, "%Y-%m-%d").date() for text in texts]
        """,
        "A.f",
        ("A().f(['2024-01-02', '2024-1-2'])",),
    ),
    "a named format": (
        """
        from datetime import datetime

        DAY = "%d.%m.%Y"

        def f(first: str, last: str):
            return datetime.strptime(last, DAY) - datetime.strptime(first, DAY)
        """,
        "f",
        ("f('01.02.2024', '3.4.2024')",),
    ),
}

REFUSES = {
    "names of months": "%d %b %Y",
    "years of two digits": "%d.%m.%y",
    "no whole date": "%H:%M:%S",
    "seconds without minutes": "%Y-%m-%d %H %S",
    "a time zone": "%Y-%m-%d %H:%M:%S%z",
    "a part twice": "%Y-%m-%d %Y",
    "percent": "%Y-%m-%d%%",
    "a fraction in the middle": "%Y-%m-%d %H:%M:%S.%fZ",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_dates_are_the_same(applies, case):
    source, function, expressions = case
    applies("iso-for-strptime", source, function, *expressions)


@pytest.mark.parametrize("written", REFUSES.values(), ids=REFUSES)
def test_a_format_without_a_fixed_shape_stays(refuses, written):
    refuses("iso-for-strptime", SOURCE.format(written), "f")


def test_a_format_known_later_and_a_local_datetime_stay(refuses):
    refuses(
        "iso-for-strptime",
        "from datetime import datetime\ndef f(t, w):\n    return datetime.strptime(t, w)\n",
        "f",
    )
    refuses(
        "iso-for-strptime",
        "def f(t):\n    from datetime import datetime\n"
        "    return datetime.strptime(t, '%Y-%m-%d')\n",
        "f",
    )


def test_what_is_no_text_raises_as_before(propose):
    source = SOURCE.format("%Y-%m-%d")
    after: dict = {}
    exec(propose(source, "f", "iso-for-strptime")[0].new_source, after)
    with pytest.raises(TypeError, match="must be str"):
        after["f"](None)
