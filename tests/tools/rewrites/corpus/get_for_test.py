"""Fixtures of `get-for-test`."""

WINS = '''"""Heights of a map of which only a part was measured."""


def heights(measured: dict[tuple, int], places: list[tuple], otherwise: int):
    """Return the height of each place."""
    found = []
    for place in places:
        # »Höhe« or not
        height = ( measured[place] if place in measured else otherwise )   # each
        found.append(height)
    return found


def workload():
    places = [("Köln", (x, 2.5 * y), (x * y, x - y)) for x in range(80) for y in range(80)]
    measured = {place: at for at, place in enumerate(places) if at % 10}
    return sum(sum(heights(measured, places, otherwise)) for otherwise in range(10))
'''

TRAP = '''"""Pages that are kept for a while."""


def shown(cache: dict[str, str], name: str):
    """Return a page when it is at hand."""
    if name in cache:
        return cache[name]
    return None


def workload():
    from . import get_for_kept_beside as memory

    cache = memory.Recent(2)
    cache["home"] = "<h1>Home</h1>"
    cache["news"] = "<h1>News</h1>"
    first = shown(cache, "home")
    cache["about"] = "<h1>About</h1>"
    return first, shown(cache, "home"), shown(cache, "news")
'''

TRAP_NAME = "get_for_kept"
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
    found = by_place([1, 0], 1), of_parent({"a": "b"}, "a", "a")
    return found, made({}, "ab", list), raised({}, "a")
'''
