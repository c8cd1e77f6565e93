"""Fixtures of `seen-set`."""

WINS = '''"""Logs: each message once."""


def once(lines: list[str]) -> list[str]:
    """Return the messages in the order in which they came first, without times."""
    messages = []  # in order
    for line in lines:
        _, _, message = line.partition(" · ")
        if message not in messages:
            messages.append(message)
    return messages


def workload():
    return once([f"{second} · Prüfung {second * 31 % 1100}" for second in range(1800)])
'''

TRAP = '''"""Places on a map."""


class Place:
    """A place in metres; places less than a metre apart are one and the same."""

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __eq__(self, other):
        return abs(self.x - other.x) < 1 and abs(self.y - other.y) < 1

    def __hash__(self):
        return hash((self.x, self.y))


def distinct(places):
    """Return the places without those that were met before."""
    kept = []
    for place in places:
        if place not in kept:
            kept.append(place)
    return kept


def workload():
    walked = [Place(step / 2, 0.25) for step in range(8)]
    return [(place.x, place.y) for place in distinct(walked)]
'''

TRAP_WHY = "objects that are equal within a tolerance, with a hash of the exact values"
TRAP_STAGE = "same answer"

NEVER = '''"""The last few messages, each once."""


def recent(messages: list[str], most: int) -> list[str]:
    """Return the messages that were not among the last few when they came."""
    window = []
    shown = []
    for message in messages:
        if message not in window:
            shown.append(message)
        window.append(message)
        if len(window) > most:
            window.pop(0)
    return shown


def workload():
    return recent(["a", "b", "a", "c", "a"], 2)
'''
