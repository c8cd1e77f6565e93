"""Fixtures of `append-then-reverse`."""

WINS = '''"""Ways back to where one came from."""


def way(came_from, goal):
    """Return the places from the start to a goal."""
    path = []
    place = goal
    while place is not None:
        path.insert(0,place)   # in front of those that come later
        place = came_from[place]
    return path


def workload():
    came_from = {place: place - 1 for place in range(1, 12000)}
    came_from[0] = None
    return way(came_from, 11999)[:10]    # »zurück«
'''

TRAP = '''"""The folders above a file, told as they are found."""

TOLD = "{depth}: {trail}"


def trail_of(parents, folder, tell):
    """Return the folders from the root to a folder."""
    trail = []
    depth = 0
    while folder is not None:
        trail.insert(0, folder)
        depth += 1
        tell(TOLD.format(**locals()))
        folder = parents[folder]
    return trail


def workload():
    told = []
    parents = {"usr": None, "share": "usr", "doc": "share"}
    return trail_of(parents, "doc", told.append), told
'''

TRAP_WHY = "a message made of locals(), which shows the list half built"
TRAP_STAGE = "same answer"

NEVER = '''"""Lists that are looked at while they are built, or begin with something."""


def ranks(scores):
    order = []
    for score in scores:
        if order and order[0] > score:
            order.append(score)
        else:
            order.insert(0, score)
    return order


def stacked(plates):
    pile = ["table"]
    for plate in plates:
        pile.insert(0, plate)
    return pile


def workload():
    return ranks([1, 3, 2]), stacked(["a", "b"])
'''
