"""Groups: the dict ends up with the same entries, in the same order, and as a dict."""

from __future__ import annotations

import pytest

APPLIES = {
    "tested": (
        """
        def f(rows):
            groups: dict[str, list] = {}
            # group
            for key, value in rows:
                if key not in groups:  # new
                    groups[key] = []
                groups[key].append(value)  # in order
            return groups
        """,
        ("f([('a', 1), ('b', 2), ('a', 3)])", "f([])"),
    ),
    "set by default": (
        """
        def f(rows):
            groups = {}
            for row in rows:
                groups.setdefault(row[0], set()).add(row[1])
            return sorted((key, sorted(groups[key])) for key in groups), groups.get("x")
        """,
        ("f([('a', 1), ('b', 2), ('a', 1)])",),
    ),
    "in both branches": (
        """
        import collections

        def f(rows):
            groups = dict()
            with open("/dev/null") as lines:
                for row in rows:
                    if row[0] in groups:
                        groups[row[0]].append(row)
                    else:
                        groups[row[0]] = [row]
            return [(k, v) for k, v in groups.items()]
        """,
        ("f(['ab', 'b', 'ac'])",),
    ),
    "totals": (
        """
        def f(rows: list[tuple[str, int]]):
            totals = {}
            counts = {}
            for name, amount in rows:
                totals[name] = totals.get(name, 0) + amount
                if name not in counts:
                    counts[name] = 0
                counts[name] += amount
                if len(counts) > 5 or "z" in counts:
                    break
            return totals, counts, counts == {}
        """,
        ("f([('a', 1), ('b', 2), ('a', 3), ('z', 1), ('y', 1)])",),
    ),
    "tables of tables": (
        """
        def f(rows):
            table = {}
            for x, y in rows:
                if x not in table:
                    table[x] = {}
                table[x][y] = x + y
            return table
        """,
        ("f([(1, 2), (1, 3), (2, 1)])",),
    ),
}

REFUSES = {
    "an entry that may stay empty": """
    def f(rows):
        groups = {}
        for key, value in rows:
            if key not in groups:
                groups[key] = []
            if value:
                groups[key].append(value)
        return groups
    """,
    "looked up elsewhere": """
    def f(rows):
        groups = {}
        for key, value in rows:
            if value:
                print(groups[value])
            groups.setdefault(key, []).append(value)
        return groups
    """,
    "given away while it grows": """
    def f(rows, show):
        groups = {}
        for key, value in rows:
            groups.setdefault(key, []).append(value)
            show(groups)
        return groups
    """,
    "returned while it grows": """
    def f(rows):
        groups = {}
        for key, value in rows:
            groups.setdefault(key, []).append(value)
            if value:
                return groups
        return groups
    """,
    "different entries": """
    def f(rows):
        groups = {}
        for key, value in rows:
            groups.setdefault(key, []).append(value)
            groups.setdefault(value, set()).add(key)
        return groups
    """,
    "the key changes in between": """
    def f(rows):
        groups = {}
        for key in rows:
            if key not in groups:
                groups[key] = []
            (key := 1, groups[key].append(1))
        return groups
    """,
    "not its own dict": """
    def f(rows, groups):
        for key, value in rows:
            groups.setdefault(key, []).append(value)
        return groups
    """,
    "not empty": """
    def f(rows):
        groups = {"a": []}
        for key, value in rows:
            groups.setdefault(key, []).append(value)
        return groups
    """,
    "perhaps": """
    def f(rows):
        groups = {}
        for key, value in rows:
            if key not in groups:
                groups[key] = []
            value and groups[key].append(value)
        return groups
    """,
    "an exception before anything is put in": """
    def f(rows):
        totals = {}
        for name, amount in rows:
            try:
                totals[name] = totals.get(name, 0) + int(amount)
            except ValueError:
                continue
        return totals
    """,
    "an exception that something swallows": """
    from contextlib import suppress
    def f(rows):
        groups = {}
        for key, value in rows:
            with suppress(ValueError):
                if key in groups:
                    groups[key].append(int(value))
                else:
                    groups[key] = [int(value)]
        return groups
    """,
    "something else is added": """
    def f(rows):
        groups = {}
        for key, value in rows:
            if key in groups:
                groups[key].append(value)
            else:
                groups[key] = [value, value]
        return groups
    """,
    "texts are added up": """
    def f(rows):
        totals = {}
        for name, text in rows:
            totals[name] = totals.get(name, 0) + text
        return totals
    """,
    "seen by a handler": """
    def f(rows):
        try:
            groups = {}
            for key, value in rows:
                groups.setdefault(key, []).append(value)
        except ValueError:
            return groups
    """,
    "in no loop": """
    def f(key, value):
        groups = {}
        groups.setdefault(key, []).append(value)
        return groups
    """,
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_entries_are_the_same(applies, case):
    source, expressions = case
    applies("defaulted-groups", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_dict_whose_missing_keys_matter_stays(refuses, source):
    refuses("defaulted-groups", source, "f")


def test_a_dict_that_is_only_gone_through_needs_not_become_one_again(propose):
    source = (
        "def f(rows):\n    groups = {}\n    for key, value in rows:\n"
        "        groups.setdefault(key, []).append(value)\n    return list(groups.values())\n"
    )
    new = propose(source, "f", "defaulted-groups")[0].new_source
    assert "groups = dict(groups)" not in new
    assert "        groups[key].append(value)\n    return list(groups.values())\n" in new
