"""Fixtures of `items-for-keys`."""

WINS = '''"""What a warehouse is worth."""


def worth(stock: dict[str, int], least: int):
    """Return how many things there are of all that there is enough of, and which those are."""
    total = 0
    names = []
    for article in stock:   # »Artikel«
        if stock[ article ] >= least:
            total += stock[article]
            names.append(article)  # kept in order
    return total, names


def workload():
    stock = {f"no. {number}": number * 37 % 101 for number in range(4000)}
    return [worth(stock, least)[0] for least in range(0, 100, 10)]
'''

TRAP = '''"""Settings as a command line."""


def flags(settings: dict[str, str]):
    """Return each setting as an option."""
    found = []
    for name in settings:
        found.append(f"--{name}={settings[name]}")
    return found


def workload():
    from . import items_for_keys_beside as config

    settings = config.Settings(home="/srv", logs="$home/logs", level="3")
    return flags(settings), flags({"level": "$home"})
'''

TRAP_WHY = (
    "a subclass of dict works a value out when it is looked up, and not when it is gone through"
)
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Settings that mention each other."""


class Settings(dict):
    def __getitem__(self, name):
        value = super().__getitem__(name)
        for other in self:
            if f"${other}" in value:
                value = value.replace(f"${other}", self[other])
        return value
'''

NEVER = '''"""Dicts that change on the way, or that are not those gone through."""


def doubled(counts: dict[str, int]):
    for name in counts:
        counts[name] = counts[name] * 2
    return counts


def priced(stock: dict[str, int], prices: dict[str, int]):
    return [prices[name] for name in stock]


def given(things):
    return [things[each] for each in things]


def workload():
    return doubled({"a": 1}), priced({"a": 1}, {"a": 5}), given([0, 1])
'''
