"""Fixtures of `uncopied-iterable`."""

WINS = '''"""Free places of a car park."""


def first_free(taken: list[bool]) -> int:
    """Return the number of the first free place, -1 when the park is full."""
    for number, is_taken in enumerate(taken):
        if not is_taken:
            return number
    return -1


def first_above(levels: list[int], limit: int) -> int:
    """Return the first level that is too high (»Pegel«), 0 for none."""
    for level in list( levels ):   # in order of time
        if level > limit:
            return level
    return 0


def workload():
    levels = [number % 500 for number in range(9000)]
    return first_free([True, False]) + sum(first_above(levels, limit) for limit in range(480))
'''

TRAP = '''"""Sessions of a server."""


def ended(sessions: list) -> int:
    """Return how many sessions are over."""
    count = 0
    for session in list(sessions):
        if session.is_over:
            count += 1
    return count


def workload():
    from .uncopied_iterable_beside import Session

    sessions = []
    for seconds in (50, 900, 950, 20, 999):
        Session(seconds, sessions)
    return ended(sessions), [session.seconds for session in sessions]
'''

TRAP_WHY = "a property of another module's class that takes the object off the list"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Sessions that clear up after themselves."""


class Session:
    def __init__(self, seconds, sessions):
        self.seconds = seconds
        self._sessions = sessions
        sessions.append(self)

    @property
    def is_over(self):
        """Whether it has lasted too long; then it leaves the list of sessions."""
        if self.seconds > 600:
            self._sessions.remove(self)
            return True
        return False
'''

NEVER = '''"""Loops that change what they go over."""


def without(words: list[str], short: int) -> list[str]:
    for word in list(words):
        if len(word) <= short:
            words.remove(word)
    return words


def announced(hooks: list, event: str) -> list[str]:
    told = []
    for hook in list(hooks):
        told.append(hook(event))
    return told


def workload():
    return without(["a", "b", "abc"], 1), announced([str.upper], "go")
'''
