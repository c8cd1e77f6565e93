"""Fixtures of `running-value`."""

WINS = '''"""Prices of shares."""


def drawdowns(prices: list[float]) -> list[float]:
    """Return, for each day, how far the price is below the highest one until then."""
    below = []
    for day in range(len(prices)):
        peak=max(prices[:day + 1])   # »Höchststand«
        below.append(peak - prices[day])
    return below


def workload():
    return sum(drawdowns([float(day * 37 % 101) for day in range(1500)]))
'''

TRAP = '''"""Checks of a build."""


def passed_before(checks: list[bool]) -> list[int]:
    """Return, for each check, how many of those until then have passed."""
    counts = []
    for number in range(len(checks)):
        counts.append(sum(checks[: number + 1]))
    return counts


def workload():
    return max(passed_before([True, False, True, True]))
'''

TRAP_WHY = "the sum of one bool is a number, the first of running sums is the bool itself"
TRAP_STAGE = "same calls"

NEVER = '''"""Sums of slices that do not only grow, or of what changes."""


def windows(prices: list[int], width: int) -> list[int]:
    return [sum(prices[day : day + width]) for day in range(len(prices))]


def settled(prices: list[int]) -> list[int]:
    totals = []
    for day in range(len(prices)):
        totals.append(sum(prices[:day]))
        prices[day] = 0
    return totals


def workload():
    return windows([1, 2, 3, 4], 2), settled([1, 2, 3])
'''
