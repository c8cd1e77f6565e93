"""Fixtures of `membership-for-any`."""

WINS = '''"""Guests and a list of those who are invited."""


def is_invited(guests: list[str], name: str) -> bool:
    """Return whether somebody is on the list (»geladen«)."""
    # as it is spelled there
    return any( name == guest for guest in guests )   # one is enough


def workload():
    guests = [f"Gäste {number}" for number in range(1500)]
    return sum(is_invited(guests, f"Gäste {number}") for number in range(0, 3000, 10))
'''

TRAP = '''"""Readings of an instrument."""


def has(readings: list[int], wanted: int) -> bool:
    """Return whether something was read."""
    for reading in readings:
        if reading == wanted:
            return True
    return False


def workload():
    from .membership_for_any_beside import MISSING

    return has([3, 5, 3], 5), has([3, MISSING], MISSING), has([], 1)
'''

TRAP_WHY = "a NaN among the numbers: it does not equal itself, but is found by `in`"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""What an instrument tells when it cannot read."""

MISSING = float("nan")
'''

NEVER = '''"""Searches by something else, or in what may hold more than it yields."""


def like(readings: list[float], wanted: float):
    return any(reading == wanted for reading in readings)


def parts(text: str, wanted: str):
    return any(letter == wanted for letter in text)


def some(numbers: list[int], wanted: int):
    return any(number == wanted for number in numbers if number > 2)


def found(numbers: list[int], wanted: int):
    for number in numbers:
        if number == wanted:
            return number
    return False


def workload():
    nan = float("nan")
    return like([nan], nan), parts("abc", "ab"), some([1, 3], 1), found([1, 2], 2)
'''
