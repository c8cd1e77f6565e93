"""Fixtures of `cheap-test-first`."""

WINS = '''"""Numbers that are looked at in one of several ways."""


def is_prime(number: int) -> bool:
    """Return whether a number has no divisor (»Teiler«) but itself and 1."""
    return number > 1 and all(number % other for other in range(2, number))


def chosen(numbers: list[int], mode: str):
    """Return the primes when they are asked for."""
    found = []
    for number in numbers:
        if is_prime( number ) and mode == "primes":   # both
            found.append(number)
        elif mode == "all":
            found.append(number)
    return found


def workload():
    numbers = list(range(600))
    return [len(chosen(numbers, mode)) for mode in ("all", "none", "primes", "some")]
'''

TRAP = '''"""Codes of members, as they are typed in."""


def is_valid(code: str) -> bool:
    """Return whether the digits of a code add up to a multiple of ten."""
    return sum(int(digit) for digit in code) % 10 == 0


def admitted(codes: list[str], day: str):
    """Return the codes that let somebody in."""
    found = []
    for code in codes:
        if is_valid(code) and day == "Sunday":
            found.append(code)
    return found


def workload():
    told = []
    for codes, day in ((["19", "46"], "Sunday"), (["19", "4b"], "Monday")):
        try:
            told.append(admitted(codes, day))
        except ValueError as error:
            told.append(str(error))
    return told
'''

TRAP_WHY = "a code that is none makes the first test fail, on a day on which the second says no"
TRAP_STAGE = "same answer"

NEVER = '''"""Conditions whose order matters, or whose value does."""


def is_full(places: list[int]) -> bool:
    return all(place > 0 for place in places)


def is_put(places: list[int]) -> bool:
    places.append(1)
    return sum(places) > 3


def larger(places: list[int], limit):
    return "yes" if is_full(places) and places[0] > limit else "no"


def changed(places: list[int], mode: str):
    return "yes" if is_put(places) and mode == "a" else "no"


def kept(places: list[int], mode: str):
    return sum(place for place in places) and mode == "a"


def workload():
    return larger([0], "a"), changed([1, 2], "a"), kept([], "b")
'''
