"""Fixtures of `first-of-sorted`."""

WINS = '''"""Rooms for meetings."""


def smallest_room(seats: dict[str, int], people):
    """Return the smallest room that is large enough; None when there is none."""
    # the »kleinste« first
    for room, places in sorted( seats.items(), key=lambda item: item[1] ):
        if places >= people:
            # taken
            return room  # of equal ones the first
    return None


def workload():
    seats = {f"room {number}": number * 7919 % 3001 for number in range(3000)}
    return [smallest_room(seats, people) for people in range(0, 3300, 150)]
'''

TRAP = '''"""Rooms for meetings."""


def first_free(seats, people):
    """Return the first room, by name, that is large enough."""
    for room, places in sorted(seats.items()):
        if places >= people:
            return room
    return None


def workload():
    told = []
    for people in (4, 9):
        try:
            told.append(first_free({"A1": 6, "A2": 2, "Z9": None}, people))
        except TypeError:
            told.append("a room without a number of seats")
    return told
'''

TRAP_WHY = "an element behind the first find that the test cannot stand"
TRAP_STAGE = "same answer"

NEVER = '''"""Rooms that are asked for, or gone through to the end."""

ASKED = []


def is_free(room):
    ASKED.append(room)
    return len(room) > 1


def first_free(rooms):
    for room in sorted(rooms):
        if is_free(room):
            return room
    return None


def large(rooms):
    found = []
    for room in sorted(rooms):
        if len(room) > 1:
            found.append(room)
    return found


def last_tried(rooms):
    room = None
    for room in sorted(rooms):
        if len(room) > 1:
            break
    return room


def workload():
    ASKED.clear()
    rooms = ["c", "bb", "a", "dd"]
    return first_free(rooms), list(ASKED), large(rooms), last_tried(rooms)
'''
