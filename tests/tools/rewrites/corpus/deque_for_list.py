"""Fixtures of `deque-for-list`."""

WINS = '''"""Which pages of a site can be reached."""


def reachable(links, start):
    """Return the pages in the order in which a reader comes to them, level by level."""
    waiting = [start]   # first in, first out
    met = {start}
    order = []
    while waiting:
        page = waiting.pop( 0 )
        order.append(page)
        for other in links(page):
            if other not in met:
                met.add(other)
                waiting.append(other)
    return order


def workload():
    # From »Übersicht« one comes to everything at once.
    def links(page):
        return range(1, 20000) if page == 0 else ()

    return sum(reachable(links, 0))
'''

TRAP = '''"""Tickets at a counter."""


def handed_out(tickets, people):
    """Return who gets which ticket."""
    left = list(tickets)
    given = {}
    for person in people:
        given[person] = left.pop(0)
    return given


def workload():
    told = []
    for tickets in (["a1", "a2", "a3"], ["b1"]):
        try:
            told.append(handed_out(tickets, ["Ida", "Jo"]))
        except IndexError as error:
            told.append(f"tickets: {error}")
    return told
'''

TRAP_WHY = "an empty queue: the exception's message names the type, and is shown"
TRAP_STAGE = "same answer"

NEVER = '''"""Queues that others get hold of, or that are cut."""


def halves(jobs):
    waiting = list(jobs)
    done = []
    while len(waiting) > 1:
        done.append(waiting.pop(0))
        done.extend(waiting[:1])
    return done


def rest(jobs, most):
    waiting = list(jobs)
    for _ in range(most):
        waiting.pop(0)
    return waiting


def workload():
    return halves("abc"), rest("abc", 2)
'''
