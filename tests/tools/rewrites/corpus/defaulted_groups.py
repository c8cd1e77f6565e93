"""Fixtures of `defaulted-groups`."""

WINS = '''"""Words by their first letters."""


def index(words: list[str]):
    """Return the words that begin with the same two letters (»Anfang«)."""
    groups = {}
    for word in words:
        start = word[:2]
        # a new one
        groups.setdefault( start, [] ).append(word)   # in order
    return groups


def workload():
    words = [f"{number * 37 % 101:02} {number}" for number in range(100)] * 400
    return {start: len(found) for start, found in index(words).items()}
'''

TRAP = '''"""Hours that people worked."""


def worked(entries: list[tuple[str, int]]):
    """Return the hours of each person."""
    hours = {}
    for name, more in entries:
        hours[name] = hours.get(name, 0) + more
    return hours


def workload():
    from .defaulted_groups_beside import Time

    entries = [("Ida", Time(1, 30)), ("Jo", Time(2, 0)), ("Ida", Time(0, 45))]
    totals = worked(entries)
    return {name: str(time) for name, time in totals.items()}, [str(time) for _, time in entries]
'''

TRAP_WHY = (
    "what is added up is no number: `+=` changes the first entry itself, where `+` made another"
)
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Hours and minutes."""


class Time:
    def __init__(self, hours, minutes):
        self.minutes = hours * 60 + minutes

    def __str__(self):
        return f"{self.minutes // 60}:{self.minutes % 60:02}"

    def __add__(self, other):
        return Time(0, self.minutes + other.minutes)

    def __radd__(self, zero):
        """Let sum() begin at 0."""
        return self

    def __iadd__(self, other):
        self.minutes += other.minutes
        return self
'''

NEVER = '''"""Dicts whose missing keys matter, or that were not made here."""


def only_some(rows):
    groups = {}
    for key, value in rows:
        if key not in groups:
            groups[key] = []
        if value:
            groups[key].append(value)
    return groups


def added_to(groups, rows):
    for key, value in rows:
        groups.setdefault(key, []).append(value)
    return groups


def joined(rows):
    texts = {}
    for key, text in rows:
        texts[key] = texts.get(key, "") + text
    return texts


def workload():
    return only_some([("a", 0), ("a", 1)]), added_to({}, [(1, 2)]), joined([(1, "a"), (1, "b")])
'''
