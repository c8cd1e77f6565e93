"""Fixtures of `needless-copy`."""

WINS = '''"""Rooms of a hotel."""


def free(wanted: list[str], booked: dict[str, str]) -> list[str]:
    """Return the rooms that nobody has booked."""
    rooms = []
    for room in wanted:
        if room not in list(booked.keys()):   # by »Zimmernummer«
            rooms.append(room)
    return rooms


def workload():
    booked = {f"Zimmer {number}": "Ana" for number in range(0, 2400, 2)}
    return len(free([f"Zimmer {number}" for number in range(1500)], booked))
'''

TRAP = '''"""Notes in a box."""


class Box(dict):
    """Notes by name, which are shown in alphabetical order."""

    def keys(self):
        return sorted(super().keys())


def contents(notes: dict[str, int]) -> list[str]:
    """Return a line for each note."""
    lines = []
    for name in notes.keys():
        lines.append(f"{name}: {notes[name]}")
    return lines


def workload():
    return contents(Box(plums=3, apples=7, nuts=1))
'''

TRAP_WHY = "a subclass of dict whose keys() come in another order"
TRAP_STAGE = "same answer"

NEVER = '''"""Copies that are needed."""


def expired(sessions: dict[str, int], now: int) -> dict[str, int]:
    for name in list(sessions):
        if sessions[name] < now:
            del sessions[name]
    return sessions


def places(rows):
    """Return how many rows there are; an iterator of them has no length."""
    return len(list(rows))


def workload():
    return expired({"a": 1, "b": 5}, 3), places(iter([2, 1]))
'''
