"""Fixtures of `prepare-once`."""

WINS = '''"""A filter for letters that nobody asked for."""


def is_wanted(sender: str, blocked, least=3):
    """Return whether a letter may come in."""
    unwanted = set(blocked)  # »gesperrt«
    # Short names are made up.
    if len(sender) < least:
        return False
    return sender not in unwanted


def accepted(senders, blocked):
    """Return the senders whose letters come in."""
    kept = []
    for sender in senders:
        if is_wanted(sender, blocked, least=4):   # each one
            kept.append(sender)
    return kept


def workload():
    senders = [f"s{number * 37 % 4001}" for number in range(1500)]
    return accepted(senders, [f"s{number}" for number in range(2000)])[::20]
'''

TRAP = '''"""Guests of a party."""


def is_invited(name, invited):
    """Return whether somebody is on the list."""
    known = set(invited)
    return name in known


def let_in(names, invited):
    """Return who may come in."""
    return [name for name in names if is_invited(name, invited)]


def workload():
    at_the_door = ["Ida", "Jo", "Max"]
    printed = ["Jo", "Max", "Ida"]
    return let_in(at_the_door, printed), let_in(at_the_door, iter(printed))
'''

TRAP_WHY = "an iterator, of which the first call leaves nothing to those after it"
TRAP_STAGE = "same answer"

NEVER = '''"""Preparations that differ from call to call, or that the function changes."""


def take(name, names):
    left = set(names)
    left.discard(name)
    return left


def find(name, names):
    known = set(names)
    return name in known


def rests(names):
    return [sorted(take(name, names)) for name in names]


def met_before(stream):
    met, told = [], []
    for name in stream:
        told.append(find(name, met))
        met.append(name)
    return told


def in_each(name, groups):
    return [find(name, group) for group in groups]


def workload():
    return rests(["a", "b"]), met_before("abca"), in_each("a", ["ab", "cd"])
'''
