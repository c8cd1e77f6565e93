"""Fixtures of `compiled-pattern`."""

WINS = '''"""Plates of cars."""

import re


def towns(plates):
    """Return the letters of the town on each plate that is one."""
    found = []
    for plate in plates:
        match=re.match(r"([A-ZÄÖÜ]{1,3})-[A-Z]{1,2} \\d{1,4}", plate)   # »KÖ-AB 12«
        if match:
            found.append(match.group(1))
    return found


def workload():
    return len(towns([f"MÜ-AB {number}" for number in range(30000)]))
'''

TRAP = '''"""Numbers of parts."""

import re

PART = r"[A-Z]{2}-[0-9]{4}"


def is_part(text):
    """Return whether a text is the number of a part, as this works writes them."""
    return re.fullmatch(PART, text) is not None


def workload():
    return [is_part(text) for text in ("AB-1234", "1234/AB", "AB1234")]
'''

TRAP_WHY = "a test gives the constant of the module another value"
TRAP_STAGE = "covering tests"

TRAP_TEST = """from traps import compiled_pattern


def test_a_works_abroad_writes_numbers_in_its_own_way(monkeypatch):
    monkeypatch.setattr(compiled_pattern, "PART", r"[0-9]{4}/[A-Z]{2}")
    assert compiled_pattern.is_part("1234/AB")
    assert not compiled_pattern.is_part("AB-1234")
"""

NEVER = '''"""Patterns that are known only when the call is made."""

import re


def occurrences(word, text):
    return re.findall(rf"\\b{re.escape(word)}\\b", text)


def replaced(pattern, text, flags):
    return re.sub(pattern, "x", text, flags=flags)


def workload():
    return occurrences("an", "an ant and an ape"), replaced("A", "banana", re.IGNORECASE)
'''
