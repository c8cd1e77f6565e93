"""Fixtures of `copy-for-comprehension`."""

WINS = '''"""Hands of cards."""


def shuffled(cards, turns):
    """Return cards after some turns (»abheben«); those that are given stay as they are."""
    deck = cards
    for turn in turns:
        # a new deck each time
        deck = [ card for card in deck ]   # not the old one
        deck[0], deck[turn] = deck[turn], deck[0]
    return deck


def workload():
    return shuffled(range(5000), range(1, 200))[:5]
'''

TRAP = '''"""Settings of a program."""


def snapshot(settings: dict) -> dict:
    """Return the settings as they are now."""
    return {name: value for name, value in settings.items()}


def workload():
    from . import copy_for_comprehension_beside as layers

    layered = layers.Layered({"colour": "green", "size": None}, usual={"size": 12})
    return [snapshot({"colour": "red"}), snapshot(layered)]
'''

TRAP_WHY = "a subclass of dict of another module, whose items are not what it stores"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Settings over others."""


class Layered(dict):
    def __init__(self, own, usual):
        super().__init__(own)
        self._usual = usual

    def items(self):
        """Yield each name with its value; the usual one when there is no other."""
        for name, value in super().items():
            yield name, self._usual[name] if value is None else value
'''

NEVER = '''"""Comprehensions that choose, change or swap, or whose pairs may be a mapping's keys."""


def larger(numbers):
    return [number + 1 for number in numbers]


def chosen(numbers):
    return [number for number in numbers if number]


def swapped(table):
    return {value: key for key, value in table.items()}


def pairs(rows):
    return {key: value for key, value in rows}


def firsts(rows):
    return [first for first, in rows]


def workload():
    return larger([1]), chosen([0, 1]), swapped({"a": 1}), pairs({"ab": 1}), firsts([(1,)])
'''
