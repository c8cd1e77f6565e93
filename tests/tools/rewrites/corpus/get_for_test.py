"""Fixtures of `get-for-test`."""

WINS = '''"""Words and what they count in a game."""


def points(words: list[str], weights: dict[str, int], otherwise: int):
    """Return what all words count together."""
    total = 0
    for word in words:
        # »Wort« or not
        worth = ( weights[word] if word in weights else otherwise )   # each
        total += worth
    return total


def workload():
    weights = {f"word {number}": number for number in range(0, 3000, 2)}
    words = [f"word {number}" for number in range(3000)]
    return sum(points(words, weights, otherwise) for otherwise in range(10))
'''

TRAP = '''"""Pages that are kept for a while."""


def shown(cache: dict[str, str], name: str):
    """Return a page when it is at hand."""
    if name in cache:
        return cache[name]
    return None


def workload():
    from . import get_for_test_beside as memory

    cache = memory.Recent(2)
    cache["home"] = "<h1>Home</h1>"
    cache["news"] = "<h1>News</h1>"
    first = shown(cache, "home")
    cache["about"] = "<h1>About</h1>"
    return first, shown(cache, "home"), shown(cache, "news")
'''

TRAP_WHY = "a subclass of dict notes what was looked up last, which `get` goes round"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""A memory that forgets what nobody asked for."""


class Recent(dict):
    def __init__(self, most):
        super().__init__()
        self._most = most

    def __getitem__(self, name):
        """Return a value, which is the most recent one now."""
        value = self.pop(name)
        super().__setitem__(name, value)
        return value

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        while len(self) > self._most:
            del self[next(iter(self))]
'''

NEVER = '''"""Lookups of another key, in what may be no dict, or whose default costs something."""


def by_place(names, at):
    return names[at] if at in names else "?"


def of_parent(parents: dict[str, str], name: str, child: str):
    return parents[child] if name in parents else ""


def made(known: dict[str, list], name: str, make):
    return known[name] if name in known else make(name)


def raised(prices: dict[str, int], name: str):
    return prices[name] + 1 if name in prices else 0


def workload():
    return by_place([1, 0], 1), of_parent({"a": "b"}, "a", "a"), made({}, "ab", list), raised({}, "a")
'''
