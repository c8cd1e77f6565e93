"""Fixtures of `counted-loop`."""

WINS = '''"""Water levels: where they are highest."""


def peaks(levels: list[int]):
    """Return the places that are higher than both their neighbours."""
    found = []
    # the ends have one neighbour only (»Rand«)
    place = 1
    while place < len( levels ) - 1:   # up to the last but one
        if levels[place - 1] < levels[place] > levels[place + 1]:
            found.append(place)
        # further
        place += 1
    return found


def workload():
    return len(peaks([number * 37 % 101 for number in range(40000)]))
'''

TRAP = '''"""Pages that are fetched one after the other."""


def sizes(pages: list[str], fetch):
    """Return how long each page of a list is."""
    found = []
    at = 0
    while at < len(pages):
        found.append(fetch(at))
        at += 1
    return found


def workload():
    from . import counted_loop_beside as web

    site = web.Site({"/": ["/about", "/news"], "/about": [], "/news": ["/news/1"], "/news/1": []})
    return sizes(site.pages, site.fetch)
'''

TRAP_WHY = "what is called knows the same list, and adds to it while the loop goes through it"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""A site that tells which pages are still to be fetched."""


class Site:
    def __init__(self, links):
        self._links = links
        self.pages = ["/"]

    def fetch(self, at):
        """Fetch a page; those that it links to are the next ones."""
        others = self._links[self.pages[at]]
        self.pages += [each for each in others if each not in self.pages]
        return len(others)
'''

NEVER = '''"""Counters that do more than count, or that are needed later."""


def first_gap(numbers: list[int]):
    at = 0
    while at < len(numbers):
        if numbers[at] != at:
            break
        at += 1
    return at


def shrunk(numbers: list[int]):
    at = 0
    while at < len(numbers):
        if numbers[at] < 0:
            numbers.pop(at)
            continue
        at += 1
    return numbers


def every_second(numbers: list[int]):
    found = []
    at = 0
    while at < len(numbers):
        found.append(numbers[at])
        at += 2
    return found


def workload():
    return first_gap([0, 1, 3]), shrunk([1, -1, 2]), every_second([1, 2, 3])
'''
