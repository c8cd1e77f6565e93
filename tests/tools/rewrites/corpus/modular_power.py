"""Fixtures of `modular-power`."""

WINS = '''"""Numbers that may be prime, as Fermat's theorem tells (»kleiner Satz«)."""


def may_be_prime(number: int, base: int) -> bool:
    """Return whether a power of the base leaves the remainder that a prime would."""
    # all digits of it
    return base ** (number - 1) % number == 1   # or not


def workload():
    return sum( may_be_prime(number, 2) for number in range(3, 2000, 2) )
'''

TRAP = '''"""Wheels that turn by powers of a step."""


def place(step: int, turns: int, size: int):
    """Return where a wheel stands after some turns."""
    return step ** turns % size


def workload():
    return place(3, 4, 7), place(2, 0, 9), place(2, -1, 7)
'''

TRAP_WHY = "a turn back: the power is a fraction, for which pow() gives an inverse"
TRAP_STAGE = "same answer"

NEVER = '''"""Powers of fractions, small ones, and remainders of something else."""


def grown(amount: float, years: int, most: float):
    return amount ** years % most


def square(number: int, modulus: int):
    return number ** 2 % modulus


def of_remainder(base: int, exponent: int, modulus: int):
    return base ** (exponent % modulus)


def anything(base, exponent, modulus):
    return base ** exponent % modulus


def workload():
    return grown(1.5, 2, 2.0), square(5, 7), of_remainder(2, 5, 3), anything(0.5, 2, 1)
'''
