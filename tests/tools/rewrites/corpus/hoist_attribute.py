"""Fixtures of `hoist-attribute`."""

WINS = '''"""Pictures seen through a lens."""

from dataclasses import dataclass


@dataclass
class Lens:
    stops: tuple[float, ...]

    @property
    def gain(self):
        """How much light comes through: one stop halves it."""
        light = 1.0
        for stop in self.stops:
            light *= 0.5 ** stop
        return light


@dataclass
class Camera:
    lens: Lens
    noise: float


def exposed(camera, rows):
    """Return the brightness of each row of a picture, as it comes out (»Belichtung«)."""
    sums = []
    for row in rows:
        total = 0.0
        for value in row:
            total += value * camera.lens.gain   # the same for every point
        sums.append(total)
    return sums


def workload():
    camera = Camera(Lens((0.5, 0.25, 0.125)), noise=0.01)
    return exposed(camera, [[float(x * y % 255) for x in range(260)] for y in range(200)])
'''

TRAP = '''"""Readings of a scale."""


def weights(scale, trays):
    """Return the weight of each part of each tray, as the scale shows it."""
    found = []
    for tray in trays:
        for part in tray:
            found.append((part, scale.port.reading))
    return found


def workload():
    from . import hoist_attribute_beside as hardware

    return weights(hardware.Scale([12, 15, 9, 30]), [["a", "b"], ["c", "d"]])
'''

TRAP_WHY = "a property of another module's class that gives the next value at each look"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""The scale in the workshop."""


class Port:
    def __init__(self, grams):
        self._grams = iter(grams)

    @property
    def reading(self):
        """What the scale shows now; each look takes the next weighing."""
        return next(self._grams)


class Scale:
    def __init__(self, grams):
        self.port = Port(grams)
'''

NEVER = '''"""Attributes that the loop itself changes."""


class Gauge:
    def __init__(self):
        self.level = 0


class Tank:
    def __init__(self):
        self.gauge = Gauge()


def filled(tank, buckets):
    levels = []
    for row in buckets:
        for litres in row:
            tank.gauge.level += litres
            levels.append(tank.gauge.level)
            levels.append(-tank.gauge.level)
    return levels


def workload():
    return filled(Tank(), [[1, 2], [3]])
'''
