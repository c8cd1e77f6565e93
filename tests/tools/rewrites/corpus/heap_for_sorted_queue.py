"""Fixtures of `heap-for-sorted-queue`."""

WINS = '''"""The shortest ways through a town."""


def distances(streets, start):
    """Return how far each crossing is from a start (Dijkstra's way)."""
    waiting = [(0, start)]
    known = {}
    while waiting:
        waiting.sort()
        metres,  crossing = waiting.pop(0)   # the nearest one
        if crossing in known:
            continue
        known[crossing] = metres
        for other, length in streets[crossing]:
            if other not in known:
                waiting.append((metres + length, other))
    return known


def workload():
    streets = {
        f"Straße {number}": [
            (f"Straße {(number * step + 7) % 300}", number * step % 90 + 1)
            for step in range(2, 12)
        ]
        for number in range(300)
    }
    return max(distances(streets, "Straße 0").values())
'''

TRAP = '''"""Patients in a waiting room."""


class Patient:
    """A patient; the more urgent one goes first."""

    def __init__(self, name, urgency):
        self.name = name
        self.urgency = urgency

    def __lt__(self, other):
        return self.urgency > other.urgency


def called(arrivals, most):
    """Return the names in the order in which they are called: of equals, who was noted first."""
    waiting = []
    names = []
    for patient in arrivals:
        waiting.append(patient)
    while waiting and len(names) < most:
        waiting.sort()
        patient = waiting.pop(0)
        names.append(patient.name)
    return names


def workload():
    together = {("Mia", 1), ("Gus", 2), ("Ben", 1)}  # in no order, as they came by one bus
    return called([Patient(name, urgency) for name, urgency in together], 3)
'''

TRAP_WHY = "elements that compare equal and differ: a sort keeps their order, a heap at times"
TRAP_STAGE = "perturbed input"

NEVER = '''"""Queues that are looked at in other ways, or sorted by a key."""


def served(jobs):
    waiting = []
    order = []
    for job in jobs:
        waiting.append(job)
        if len(waiting) > 2:
            waiting.sort(key=len)
            order.append(waiting.pop(0))
    return order + waiting


def peeked(jobs):
    waiting = []
    shown = []
    for job in jobs:
        waiting.append(job)
        waiting.sort()
        shown.append(waiting[-1])
        if len(waiting) > 2:
            waiting.sort()
            shown.append(waiting.pop(0))
    return shown


def workload():
    return served(["ccc", "a", "bb", "dddd"]), peeked([3, 1, 2])
'''
