"""Codecs: the module's encoder and decoder write and read what the options asked for."""

from __future__ import annotations

import pytest

APPLIES = {
    "encoder": (
        """
        import json

        # about f
        def f(rows):
            out = [json.dumps(row, sort_keys=True, separators=(",", ":")) for row in rows]
            return out, json.dumps(rows, sort_keys=True, separators=(",", ":")), json.dumps(rows)
        """,
        ("f([{'b': 1, 'a': [None, 'é']}])", "f([])"),
    ),
    "a default": (
        """
        import json

        def plain(value):
            return sorted(value)

        class A:
            def f(self, row):
                return json.dumps(row, default=plain, indent=2)

        def f(row):
            return A().f(row), A().f([row])
        """,
        ("f({2, 1})",),
    ),
    "decoder": (
        """
        import json
        from decimal import Decimal

        def f(text: str):
            return json.loads(text, parse_float=Decimal)
        """,
        ("f('{\"a\": 1.50}')", "f(' [1] ')"),
    ),
}

REFUSES = {
    "no options": "import json\ndef f(x):\n    return json.dumps(x)\n",
    "options known later": "import json\ndef f(x, n):\n    return json.dumps(x, indent=n)\n",
    "another class": (
        "import json\nclass E(json.JSONEncoder): pass\ndef f(x):\n    return json.dumps(x, cls=E)\n"
    ),
    "perhaps bytes": "import json\ndef f(x):\n    return json.loads(x, parse_int=float)\n",
    "stars": "import json\ndef f(x, kw):\n    return json.dumps(x, **kw)\n",
    "defined below": (
        """
        import json
        def f(x):
            return json.dumps(x, default=plain)
        def plain(value):
            return str(value)
        """
    ),
    "a name bound twice": (
        """
        import json
        def plain(value):
            return str(value)
        if json:
            plain = repr
        def f(x):
            return json.dumps(x, default=plain)
        """
    ),
    "the function's own": (
        """
        import json
        def f(x):
            def plain(value):
                return str(value)
            return json.dumps(x, default=plain)
        """
    ),
    "not the module": "json = None\ndef f(x):\n    return json.dumps(x, indent=1)\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_text_and_values_are_the_same(applies, case):
    source, expressions = case
    function = "A.f" if "class A" in source else "f"
    applies("json-codec", source, function, *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_options_that_are_not_surely_constant_stay(refuses, source):
    refuses("json-codec", source, "f")


def test_calls_with_the_same_options_share_one_encoder(propose):
    source = (
        "import json\n\n\ndef f(x):\n"
        "    return json.dumps([json.dumps(x, indent=1)], indent=1), json.dumps(x, indent=2)\n"
    )
    first, second = propose(source, "f", "json-codec")
    assert "return _F_ENCODER.encode([_F_ENCODER.encode(x)]), json.dumps(x, indent=2)" in (
        first.new_source
    )
    assert "_F_ENCODER_2.encode(x)\n" in second.new_source
