"""Fixtures of `local-name`."""

WINS = '''"""A field of heights."""

import math


class Field:
    """Heights in metres, and how they are drawn."""

    def __init__(self, base, scale):
        self.base = base
        self.scale = scale

    def drawn(self, heights):
        """Return how far up each height is drawn."""
        found = []
        # from left to right
        for height in heights:
            up = math.sqrt(height) * self.scale   +  math.log1p(self.scale)  # »gestaucht«
            up += self.base + self.base * self.scale
            found.append(up if up < 900 else 900 + math.sqrt(up - 900) + math.log1p(self.base))
        return found


def workload():
    field = Field(3.5, 1.25)
    return sum(field.drawn([number * 13 % 4001 for number in range(80000)]))
'''

TRAP = '''"""Draughts of water from a barrel."""


def drawn(barrel, jugs):
    """Return what is in each jug after one went round with all of them."""
    found = []
    for jug in jugs:
        most = barrel.level // 2
        found.append(jug + most + barrel.level % 2 + min(barrel.level, 3))
    return found


def workload():
    from .local_name_beside import Barrel

    return drawn(Barrel(100), [0, 1, 0, 2])
'''

TRAP_WHY = "an attribute of another module's class is a property that changes by being read"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Barrels that leak."""


class Barrel:
    def __init__(self, litres):
        self._litres = litres

    @property
    def level(self):
        """What is left; a litre is lost with each look under the lid."""
        self._litres -= 1
        return self._litres
'''

NEVER = '''"""Attributes that change while one looks, and methods of lists."""


class Meter:
    def __init__(self):
        self.level = 0

    def rise(self):
        self.level += 1

    def read(self, times):
        found = []
        for _ in range(times):
            self.rise()
            found.append(self.level + self.level * self.level)
        return found


def doubled(names):
    found = []
    for name in names:
        found.append(name)
        found.append(name)
        found.append(name)
    return found


def workload():
    return Meter().read(3), doubled("ab")
'''
