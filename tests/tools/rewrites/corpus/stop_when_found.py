"""Fixtures of `stop-when-found`."""

WINS = '''"""Deliveries that came too late."""


def was_late(days: list[int], limit: int) -> bool:
    """Return whether a delivery took longer than agreed."""
    late = False
    for day in days:
        if day > limit:
            late = True   # »verspätet«
    return late


def workload():
    days = [number * 7 % 97 for number in range(16000)]
    return sum(was_late(days, limit) for limit in range(100))
'''

TRAP = '''"""Files that begin with a head."""


def has_title(lines: list[str]) -> bool:
    """Return whether there is a title in the head of a file."""
    found = False
    for line in lines:
        if line.startswith("title:"):
            found = True
    return found


def read(lines, head):
    """Return whether a file has a title, and how many lines are below its head."""
    numbered = iter(lines)
    titled = has_title(next(numbered) for _ in range(head))
    return titled, len(list(numbered))


def workload():
    return read(["title: Tea", "author: Ana", "", "Water boils.", "Pour it."], 3)
'''

TRAP_WHY = "a generator in the place of a list, of which the rest is not consumed"
TRAP_STAGE = "same answer"

NEVER = '''"""Loops that do more than set a flag."""


def last_long(words: list[str]) -> str:
    found = ""
    for word in words:
        if len(word) > 2:
            found = word
    return found


def any_long(words):
    """Words may be an iterator that the caller goes on with."""
    found = False
    for word in words:
        if len(word) > 2:
            found = True
    return found


def workload():
    return last_long(["abc", "a", "abcd"]), any_long(iter(["a", "abc"]))
'''
