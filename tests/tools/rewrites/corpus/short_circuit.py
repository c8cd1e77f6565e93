"""Fixtures of `short-circuit`."""

WINS = '''"""Orders that need a signature."""


def needs_signature(cents: list[int], limit: int) -> bool:
    """Return whether one of the amounts is above a limit."""
    return any([ amount > limit for amount in cents ])   # »eine reicht«


def workload():
    cents = [number * 37 % 9001 for number in range(1200)]
    return sum(needs_signature(cents, limit) for limit in range(0, 9600, 20))
'''

TRAP = '''"""Devices that are asked for their state."""


def is_any_busy(devices):
    """Return whether one of the devices is at work."""
    return any([device.busy for device in devices])


def workload():
    from . import short_circuit_beside as hardware

    devices = [hardware.Device([True, False]), hardware.Device([False, True, False])]
    busy = [is_any_busy(devices), is_any_busy(devices)]
    return busy, [device.asked for device in devices]
'''

TRAP_WHY = "a property of another module's class that counts how often it is looked at"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Devices that tell what they do."""


class Device:
    def __init__(self, states):
        self._states = list(states)
        self.asked = 0

    @property
    def busy(self):
        """Whether it is at work; each question takes a moment, in which it goes on."""
        self.asked += 1
        return self._states.pop(0)
'''

NEVER = '''"""Lists whose elements are made by code that does something."""

LOG = []


def sent(letter):
    LOG.append(letter)
    return len(letter) > 1


def deliver(letters):
    return any([sent(letter) for letter in letters])


def count(letters):
    return len([letter for letter in letters if letter > "b"]) > 2


def workload():
    LOG.clear()
    return deliver(["ab", "c", "d"]), LOG, count("abcd")
'''
