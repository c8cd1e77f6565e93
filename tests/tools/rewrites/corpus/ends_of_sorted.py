"""Fixtures of `ends-of-sorted`."""

WINS = '''"""Results of a marathon."""


def podium(times):
    """Return the three fastest runners with their seconds."""
    return sorted(times.items(), key=lambda entry: entry[1])[:3]   # »Siegerehrung«


def slowest(times):
    return max(times.values())


def workload():
    times = {f"Läufer {number}": number * 7919 % 20011 + 7200 for number in range(20000)}
    return podium(times), slowest(times)
'''

TRAP = '''"""Offers of several shops."""


def cheapest(offers):
    """Return the lowest price."""
    return sorted(offers)[0]


def workload():
    found = []
    for offers in ([320, 290, 450], [], [99]):
        try:
            found.append(cheapest(offers))
        except (IndexError, ValueError):
            found.append(None)
    return found
'''

TRAP_WHY = "no elements: the exception is of another type; the workload swallows either"
TRAP_STAGE = "same calls"

NEVER = '''"""Sorted lists of which more is used than an end."""


def second(values):
    return sorted(values)[1]


def both_ends(values):
    ranked = sorted(values)
    return ranked[0], ranked[-1]


def last_of_equals(rows):
    return sorted(rows, key=len)[-1]


def workload():
    return second([3, 1, 2]), both_ends([3, 1, 2]), last_of_equals(iter(["ab", "cd", "e"]))
'''
