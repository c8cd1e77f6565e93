"""Fixtures of `position-index`."""

WINS = '''"""A race: who overtook whom."""


def gains(results: list[str], grid: list[str]) -> list[tuple[str, int]]:
    """Return how many places each runner won since the start."""
    won = []
    for place, runner in enumerate(results):
        started = grid.index( runner )  # everybody who arrives has started
        won.append((runner, started - place))
    return won


def workload():
    grid = [f"Läufer {number}" for number in range(1400)]
    return gains(grid[::-1], grid)
'''

TRAP = '''"""A jukebox."""


def places(wishes: list[str], songs: list[str]):
    """Yield the place of each song that is asked for, when it is its turn."""
    for wish in wishes:
        yield songs.index(wish)


def played(wishes, songs):
    """Return the songs in the order of play; what was played goes to the front of the list."""
    order = []
    for place in places(wishes, songs):
        order.append(songs[place])
        songs.insert(0, songs.pop(place))
    return order


def workload():
    songs = ["Agua", "Blue in Green", "Corcovado"]
    return played(["Corcovado", "Blue in Green", "Corcovado"], songs)
'''

TRAP_WHY = "a generator: between two elements its consumer changes the list"
TRAP_STAGE = "same answer"

NEVER = '''"""Names that move to the front when they are asked for."""


def places(asked: list[str], names: list[str]) -> list[int]:
    found = []
    for name in asked:
        place = names.index(name)
        found.append(place)
        names.insert(0, names.pop(place))
    return found


def workload():
    return places(["c", "a", "c"], ["a", "b", "c"])
'''
