"""Fixtures of `compare-on-the-spot`."""

WINS = '''"""How much two sounds differ."""


def warped(first: list[float], second: list[float]) -> float:
    """Return the distance of two sounds, one of which may be »gedehnt«."""
    before = [0.0] + [1e9] * len(second)
    for tone in first:
        here = [1e9]
        for column, other in enumerate(second, 1):
            # from the left, from above, or both
            step = min( before[column], here[-1], before[column - 1] )   # the cheapest
            here.append(step + abs(tone - other))
        before = here
    return before[-1]


def workload():
    first = [float(number * 37 % 101) for number in range(150)]
    second = [float(number * 41 % 97) for number in range(150)]
    return warped(first, second)
'''

TRAP = '''"""Prices that shops tell."""


def best_prices(offers):
    """Return the lowest of the three prices of each offer, or why there is none."""
    found = []
    for offer in offers:
        try:
            best = min(offer["north"], offer["south"], offer["west"])
        except KeyError as error:
            best = f"{error} tells nothing"
        except TypeError:
            best = "not all are numbers"
        found.append(best)
    return found


def workload():
    return best_prices(
        [
            {"north": 5, "south": 4, "west": 7},
            {"north": 5, "south": "sold out"},
            {"north": 5, "south": 4, "west": "closed"},
        ]
    )
'''

TRAP_WHY = "values that cannot be compared beside one that cannot be worked out: which error comes"
TRAP_STAGE = "same answer"

NEVER = '''"""Extremes of a key, of a container, of what does something, or taken once."""

ASKED = []


def asked(number):
    ASKED.append(number)
    return number


def once(first, second):
    return min(first, second)


def shortest(rows):
    found = []
    for first, second in rows:
        found.append(min(first, second, key=len))
    return found


def least_of_each(rows):
    found = []
    for row in rows:
        found.append(min(row))
    return found


def limited(numbers):
    found = []
    for number in numbers:
        found.append(max(asked(number), 2))
    return found


def workload():
    ASKED.clear()
    rows = [("ab", "c"), ("d", "ef")]
    return once(2, 1), shortest(rows), least_of_each(rows), limited([1, 3]), list(ASKED)
'''
